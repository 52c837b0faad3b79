/*
 * In-band provisioning of Lync and Skype for Business: where the client learns
 * the MRAS URI, port ranges and encryption policy ([MS-SIPREGE]; spec
 * mras-and-registration, both namespaces).
 */
#ifndef DISSECTORS_PROVISIONING_H
#define DISSECTORS_PROVISIONING_H

#include "core/dissector.h"
#include "core/text.h"

struct provisioning {
	bool has_mras_uri;
	struct slice mras_uri; /* empty although present: no Edge */
	bool has_port_range;
	uint16_t port_low, port_high; /* of audio, or of all media */
	struct slice encryption; /* "supportencryption", ... as written */
	struct slice pool; /* poolUri */
	size_t group_count;
};

extern const struct dissector provisioning_dissector;

enum claim provisioning_claims(struct slice in, bool stream);
MUST_CHECK enum status provisioning_decode(struct decoding *d, struct slice in,
					   struct provisioning *out,
					   size_t *used);
void provisioning_walk(const struct provisioning *m, struct field_sink *to);

/* Appends the notification with one group, ServerConfiguration. */
void provisioning_write(const struct provisioning *m, struct text *to);

#endif /* DISSECTORS_PROVISIONING_H */
