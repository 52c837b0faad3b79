/*
 * Endpoint identities of Lync ([MS-SIPRE]): the +sip.instance that belongs to
 * an epid, and the opaque value of the GRUU that belongs to an instance.
 */
#ifndef DISSECTORS_SIP_IDENTITY_H
#define DISSECTORS_SIP_IDENTITY_H

#include "core/slice.h"

#define SIP_UUID_TEXT 36u
#define SIP_EPID_OPAQUE_TEXT 24u

/* The UUID of version 5 that is made of the epid, in lower case. */
void sip_instance_of_epid(struct slice epid, char out[SIP_UUID_TEXT + 1]);

/* The value behind "user:epid:" in a GRUU; STATUS_BAD: that is no UUID. */
MUST_CHECK enum status
sip_opaque_of_instance(struct slice uuid, char out[SIP_EPID_OPAQUE_TEXT + 1]);

/* "urn:uuid:34d8..." in brackets or quotes, or the bare UUID: the UUID. */
struct slice sip_instance_uuid(struct slice value);

#endif /* DISSECTORS_SIP_IDENTITY_H */
