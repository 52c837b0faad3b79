/*
 * Addresses and transport endpoints, IPv4 and IPv6 alike.
 *
 * IPv4 uses the first four bytes of `ip`, the rest is zero, so that endpoints
 * compare and hash as bytes.
 */
#ifndef CORE_ENDPOINT_H
#define CORE_ENDPOINT_H

#include "core/slice.h"
#include "core/text.h"

enum address_family {
	FAMILY_NONE = 0, /* no address: all bytes are zero */
	FAMILY_NAME = 1, /* logs know names only: up to 16 bytes of it */
	FAMILY_IPV4 = 4,
	FAMILY_IPV6 = 6,
};

struct endpoint {
	uint8_t ip[16];
	uint16_t port;  /* host order */
	uint8_t family; /* enum address_family */
	uint8_t spare;  /* zero */
};

/* Longest text of an endpoint with brackets, port and NUL. */
#define ENDPOINT_TEXT_MAX 56

static inline bool endpoint_equal(const struct endpoint *a,
				  const struct endpoint *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Same address, whatever the port? */
static inline bool endpoint_same_ip(const struct endpoint *a,
				    const struct endpoint *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, 16) == 0;
}

/* An endpoint from raw address bytes: 4 or 16 of them, else FAMILY_NONE. */
static inline struct endpoint endpoint_of(struct slice ip, uint16_t port)
{
	struct endpoint e = {.port = port};

	if (ip.n == 4) {
		e.family = FAMILY_IPV4;
		memcpy(e.ip, ip.p, 4);
	} else if (ip.n == 16) {
		e.family = FAMILY_IPV6;
		memcpy(e.ip, ip.p, 16);
	} else {
		e.port = 0;
	}
	return e;
}

/*
 * Reads an address as text: dotted quad, or IPv6 with or without brackets
 * (a zone after '%' is dropped).  STATUS_BAD when it is a name or nonsense.
 */
MUST_CHECK enum status endpoint_parse(struct slice ip, uint16_t port,
				      struct endpoint *out);

/* The same with its port: "192.0.2.1:3478", "[2001:db8::1]:3478". */
MUST_CHECK enum status endpoint_parse_with_port(struct slice text,
						struct endpoint *out);

/*
 * A host of which only the name is known, in lower case.  A name that is too
 * long keeps its front and gets a few digits that tell it from others.
 */
struct endpoint endpoint_of_name(struct slice name, uint16_t port);

/* "192.0.2.1:3478", "[2001:db8::1]:3478", "fe01.example:5061", "fe01" of a log
 * that tells no port; "-" for
 * FAMILY_NONE. */
void endpoint_text(const struct endpoint *e, struct text *to);
/* The address alone, without brackets or port. */
void endpoint_ip_text(const struct endpoint *e, struct text *to);
/* Both for those who have room: ENDPOINT_TEXT_MAX characters; they return what
 * is behind the text, and write no NUL. */
char *endpoint_put(const struct endpoint *e, char *to);
char *endpoint_put_ip(const struct endpoint *e, char *to);
/* The same as endpoint_text into a buffer; returns it. */
const char *endpoint_string(const struct endpoint *e,
			    char buffer[ENDPOINT_TEXT_MAX]);

/* Loopback, private (RFC 1918, RFC 4193), link-local or shared (RFC 6598)? */
bool endpoint_is_private(const struct endpoint *e);
bool endpoint_is_multicast(const struct endpoint *e);

/* Can it be reached from everywhere, as far as the address tells? */
static inline bool endpoint_is_public(const struct endpoint *e)
{
	return e->family > FAMILY_NAME && !endpoint_is_private(e) &&
	       !endpoint_is_multicast(e);
}

#endif /* CORE_ENDPOINT_H */
