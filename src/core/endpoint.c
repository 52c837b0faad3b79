/* Addresses and endpoints as text and as bytes (RFC 4291, RFC 5952). */
#include "config.h"

#include <arpa/inet.h>

#include "core/endpoint.h"
#include "core/hash.h"

static struct slice without_brackets(struct slice s)
{
	size_t at;

	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		s = slice_cut(s, 1, s.n - 2);
	if (slice_find(s, '%', &at))
		s = slice_first(s, at);
	return s;
}

/* "192.0.2.1", the form that nearly all are; false: it is another, or none. */
static bool read_ipv4(struct slice s, uint8_t ip[4])
{
	unsigned part = 0, digits = 0, parts = 0;

	for (size_t i = 0; i < s.n; i++) {
		const unsigned digit = (unsigned)s.p[i] - '0';

		if (digit <= 9) {
			if (digits++ && part == 0) /* no zero in front */
				return false;
			part = part * 10 + digit;
			if (part > 255)
				return false;
		} else if (s.p[i] == '.' && digits && parts < 3) {
			ip[parts++] = (uint8_t)part;
			part = digits = 0;
		} else {
			return false;
		}
	}
	ip[3] = (uint8_t)part;
	return parts == 3 && digits;
}

enum status endpoint_parse(struct slice ip, uint16_t port, struct endpoint *out)
{
	char name[INET6_ADDRSTRLEN];
	uint8_t bytes[16];
	size_t at;
	bool six;

	if (read_ipv4(ip, bytes)) {
		*out = endpoint_of(slice_of(bytes, 4), port);
		return STATUS_OK;
	}
	ip = without_brackets(ip);
	if (ip.n == 0 || ip.n >= sizeof(name) || slice_find(ip, 0, &at))
		return STATUS_BAD;
	memcpy(name, ip.p, ip.n);
	name[ip.n] = '\0';
	six = slice_find(ip, ':', &at);
	if (inet_pton(six ? AF_INET6 : AF_INET, name, bytes) != 1)
		return STATUS_BAD;
	*out = endpoint_of(slice_of(bytes, six ? 16 : 4), port);
	return STATUS_OK;
}

enum status endpoint_parse_with_port(struct slice text, struct endpoint *out)
{
	size_t colon = text.n;
	uint64_t port;

	while (colon && text.p[colon - 1] != ':')
		colon--;
	if (colon == 0 || slice_number(slice_from(text, colon), UINT16_MAX,
				       &port) != STATUS_OK)
		return STATUS_BAD;
	return endpoint_parse(slice_first(text, colon - 1), (uint16_t)port,
			      out);
}

/* What a name that is too long keeps of itself. */
#define NAME_FRONT 11u
#define NAME_KEY UINT64_C(0x6e616d65)

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

/* Only what may stand in a report as it is. */
static uint8_t name_byte(uint8_t c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
			       c == '-' || c == '_'
		       ? c
		       : '?';
}

struct endpoint endpoint_of_name(struct slice name, uint16_t port)
{
	static const char digits[] = "0123456789abcdef";
	struct endpoint e = {.port = port, .family = FAMILY_NAME};
	bool whole = name.n <= sizeof(e.ip);
	size_t n = whole ? name.n : NAME_FRONT;
	uint64_t hash = NAME_KEY;

	if (name.n == 0)
		return (struct endpoint){0};
	for (size_t i = 0; i < n; i++)
		e.ip[i] = name_byte(name.p[i]);
	for (size_t i = 0; i < name.n; i++)
		hash = hash_mix(hash + lower(name.p[i]));
	if (whole)
		return e;
	e.ip[n++] = '~';
	for (unsigned shift = 0; n < sizeof(e.ip); shift += 4)
		e.ip[n++] = (uint8_t)digits[hash >> shift & 15];
	return e;
}

/* ---- as text ---- */

static char *put_name(const uint8_t *name, char *to)
{
	for (size_t i = 0; i < sizeof(((struct endpoint *)0)->ip); i++) {
		if (!name[i])
			break;
		*to++ = (char)name[i];
	}
	return to;
}

static inline char *put_byte(unsigned n, char *to)
{
	if (n >= 100)
		*to++ = (char)('0' + n / 100);
	if (n >= 10)
		*to++ = (char)('0' + n / 10 % 10);
	*to++ = (char)('0' + n % 10);
	return to;
}

static char *put_ipv4(const uint8_t *ip, char *to)
{
	for (size_t i = 0; i < 3; i++) {
		to = put_byte(ip[i], to);
		*to++ = '.';
	}
	return put_byte(ip[3], to);
}

static unsigned group(const uint8_t *ip, unsigned i)
{
	return (unsigned)ip[2 * i] << 8 | ip[2 * i + 1];
}

/* Groups of zero that "::" stands for: the first of the longest runs, unless
 * it is one alone (RFC 5952 4.2). */
struct zeros {
	unsigned first, end;
};

static struct zeros zeros_of(const uint8_t *ip)
{
	struct zeros best = {0, 0};

	for (unsigned i = 0; i < 8; i++) {
		unsigned end = i;

		while (end < 8 && group(ip, end) == 0)
			end++;
		if (end - i > best.end - best.first)
			best = (struct zeros){i, end};
		i = end;
	}
	return best.end - best.first > 1 ? best : (struct zeros){8, 8};
}

static char *put_group(unsigned n, char *to)
{
	static const char digits[] = "0123456789abcdef";

	for (int shift = 12; shift >= 0; shift -= 4)
		if (n >> shift || shift == 0)
			*to++ = digits[n >> shift & 15];
	return to;
}

/* IPv4 addresses in the last 32 bits are shown as such (RFC 5952 5). */
static bool holds_ipv4(const uint8_t *ip, struct zeros zeros)
{
	return zeros.first == 0 &&
	       (zeros.end == 6 || (zeros.end == 5 && group(ip, 5) == 0xFFFF));
}

static char *put_ipv6(const uint8_t *ip, char *to)
{
	struct zeros zeros = zeros_of(ip);
	unsigned groups = holds_ipv4(ip, zeros) ? 6 : 8;

	for (unsigned i = 0; i < groups; i++) {
		if (i == zeros.first) {
			*to++ = ':';
			*to++ = ':';
			i = zeros.end - 1;
			continue;
		}
		if (i && i != zeros.end)
			*to++ = ':';
		to = put_group(group(ip, i), to);
	}
	if (groups == 8)
		return to;
	if (zeros.end < 6)
		*to++ = ':';
	return put_ipv4(ip + 12, to);
}

char *endpoint_put_ip(const struct endpoint *e, char *to)
{
	if (e->family == FAMILY_IPV4)
		return put_ipv4(e->ip, to);
	if (e->family == FAMILY_IPV6)
		return put_ipv6(e->ip, to);
	if (e->family == FAMILY_NAME)
		return put_name(e->ip, to);
	*to = '-';
	return to + 1;
}

char *endpoint_put(const struct endpoint *e, char *to)
{
	if (e->family == FAMILY_IPV6)
		*to++ = '[';
	to = endpoint_put_ip(e, to);
	if (e->family == FAMILY_IPV6)
		*to++ = ']';
	if (e->family == FAMILY_NONE || (e->family == FAMILY_NAME && !e->port))
		return to;
	*to++ = ':';
	return decimal_put(e->port, to);
}

void endpoint_ip_text(const struct endpoint *e, struct text *to)
{
	char at[ENDPOINT_TEXT_MAX];

	text_put(to, slice_of(at, (size_t)(endpoint_put_ip(e, at) - at)));
}

void endpoint_text(const struct endpoint *e, struct text *to)
{
	char at[ENDPOINT_TEXT_MAX];

	text_put(to, slice_of(at, (size_t)(endpoint_put(e, at) - at)));
}

const char *endpoint_string(const struct endpoint *e,
			    char buffer[ENDPOINT_TEXT_MAX])
{
	*endpoint_put(e, buffer) = '\0';
	return buffer;
}

/* One row of address ranges: the first `bits` bits of `ip`. */
struct range {
	uint8_t family;
	uint8_t bits;
	uint8_t ip[2];
};

static bool in_range(const struct endpoint *e, const struct range *r)
{
	unsigned high = (unsigned)e->ip[0] << 8 | e->ip[1];
	unsigned want = (unsigned)r->ip[0] << 8 | r->ip[1];
	unsigned shift = 16u - r->bits;

	return e->family == r->family && high >> shift == want >> shift;
}

bool endpoint_is_private(const struct endpoint *e)
{
	static const struct range ranges[] = {
		{FAMILY_IPV4, 8, {10, 0}},     {FAMILY_IPV4, 12, {172, 16}},
		{FAMILY_IPV4, 16, {192, 168}}, {FAMILY_IPV4, 8, {127, 0}},
		{FAMILY_IPV4, 16, {169, 254}}, {FAMILY_IPV4, 10, {100, 64}},
		{FAMILY_IPV6, 7, {0xFC, 0}},   {FAMILY_IPV6, 10, {0xFE, 0x80}},
	};
	static const uint8_t loopback6[16] = {[15] = 1};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (in_range(e, &ranges[i]))
			return true;
	return e->family == FAMILY_IPV6 && memcmp(e->ip, loopback6, 16) == 0;
}

bool endpoint_is_multicast(const struct endpoint *e)
{
	return (e->family == FAMILY_IPV4 && (e->ip[0] & 0xF0) == 0xE0) ||
	       (e->family == FAMILY_IPV6 && e->ip[0] == 0xFF);
}
