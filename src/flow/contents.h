/*
 * The bodies of a SIP message, read, and what they teach.
 */
#ifndef FLOW_CONTENTS_H
#define FLOW_CONTENTS_H

#include "flow/keyring.h"
#include "flow/message.h"
#include "model/signalling.h"

/*
 * Reads the bodies of a message: SDP, MRAS, provisioning, QoE; all others stay
 * bytes.  At most SIP_BODIES_MAX; returns how many.  What was read lies in the
 * arena and borrows from the message.
 */
size_t contents_read(struct arena *arena, const struct sip_message *sip,
		     struct findings *findings, struct sip_content *out);

/* What the dialog of this message is for, where one of its bodies tells. */
enum dialog_control contents_control(const struct sip_content *contents,
				     size_t count);

/* body_encoding.c: the bytes of a body as they were before base64,
 * quoted-printable, gzip or deflate; in the arena, or as they are where they
 * cannot be that, which is a finding. */
struct slice body_decoded(struct arena *arena, const struct sip_body *body,
			  struct findings *findings);

/* Adds the keys that they hold: a=ice-pwd (RFC 8839 5.4) and tokens
 * ([MS-AVEDGEA]). */
void contents_learn(struct keyring *keys, const struct sip_content *contents,
		    size_t count);

/* The same of a description alone. */
void contents_learn_sdp(struct keyring *keys, const struct sdp *sdp);

#endif /* FLOW_CONTENTS_H */
