/*
 * MRAS: requests and responses of [MS-AVEDGEA], the XML that asks an A/V Edge
 * for a media relay token and brings it (spec mras-and-registration part 2).
 */
#ifndef DISSECTORS_MRAS_H
#define DISSECTORS_MRAS_H

#include "core/dissector.h"
#include "core/text.h"

#define MRASP_NAMESPACE "http://schemas.microsoft.com/2006/09/sip/mrasp"

#define MRAS_RELAYS_MAX 32u
#define MRAS_CREDENTIALS_MAX 100u /* [MS-AVEDGEA] 2.2.2.1.2 */

enum mras_kind {
	MRAS_REQUEST,
	MRAS_RESPONSE,
};

struct mras_relay {
	struct slice location; /* "internet", "intranet" */
	struct slice host;     /* hostName */
	struct slice direct_ip; /* directIPAddress, empty when absent */
	uint16_t udp_port, tcp_port; /* 0: absent */
};

/* One credentialsRequest, or one credentialsResponse. */
struct mras_credentials {
	struct slice id;	/* credentialsRequestID */
	struct slice identity, location, route; /* request */
	uint32_t duration_min;	/* asked or granted; 0: absent */
	struct slice username, password, realm; /* response: base64 text */
	struct mras_relay relays[MRAS_RELAYS_MAX];
	size_t relay_count;
	struct slice reason; /* reasonPhrase of this response */
};

struct mras {
	enum mras_kind kind;
	struct slice request_id, version, from, to, server_version;
	struct slice reason; /* reasonPhrase: "OK", "Request Malformed", ... */
	const struct mras_credentials *credentials; /* in the arena */
	size_t count;
};

extern const struct dissector mras_dissector;

/* The namespace of mrasp stands in it. */
enum claim mras_claims(struct slice in, bool stream);
/* STATUS_NOT_MINE: another document; BAD: not well formed; LIMIT, NOMEM. */
MUST_CHECK enum status mras_decode(struct decoding *d, struct slice in,
				   struct mras *out, size_t *used);
void mras_walk(const struct mras *m, struct field_sink *to);

/* Appends the document; element order as the schema wants it. */
void mras_write(const struct mras *m, struct text *to);

#endif /* DISSECTORS_MRAS_H */
