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

enum status endpoint_parse(struct slice ip, uint16_t port,
			   struct endpoint *out)
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

static void name_text(const struct endpoint *e, struct text *to)
{
	size_t n = 0;

	while (n < sizeof(e->ip) && e->ip[n])
		n++;
	text_put(to, slice_of(e->ip, n));
}

static void ipv4_text(const uint8_t *ip, struct text *to)
{
	for (size_t i = 0; i < 4; i++) {
		if (i)
			text_putc(to, '.');
		text_number(to, ip[i]);
	}
}

void endpoint_ip_text(const struct endpoint *e, struct text *to)
{
	char name[INET6_ADDRSTRLEN];

	if (e->family == FAMILY_IPV4)
		ipv4_text(e->ip, to);
	else if (e->family == FAMILY_IPV6 &&
		 inet_ntop(AF_INET6, e->ip, name, sizeof(name)))
		text_puts(to, name);
	else if (e->family == FAMILY_NAME)
		name_text(e, to);
	else
		text_putc(to, '-');
}

void endpoint_text(const struct endpoint *e, struct text *to)
{
	if (e->family == FAMILY_IPV6)
		text_putc(to, '[');
	endpoint_ip_text(e, to);
	if (e->family == FAMILY_IPV6)
		text_putc(to, ']');
	if (e->family == FAMILY_NONE)
		return;
	text_putc(to, ':');
	text_number(to, e->port);
}

const char *endpoint_string(const struct endpoint *e,
			    char buffer[ENDPOINT_TEXT_MAX])
{
	struct text text = text_new(ENDPOINT_TEXT_MAX - 1);

	endpoint_text(e, &text);
	if (text.n)
		memcpy(buffer, text.p, text.n);
	buffer[text.n] = '\0';
	text_free(&text);
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
		{FAMILY_IPV4, 8, {10, 0}},	{FAMILY_IPV4, 12, {172, 16}},
		{FAMILY_IPV4, 16, {192, 168}},	{FAMILY_IPV4, 8, {127, 0}},
		{FAMILY_IPV4, 16, {169, 254}},	{FAMILY_IPV4, 10, {100, 64}},
		{FAMILY_IPV6, 7, {0xFC, 0}},	{FAMILY_IPV6, 10, {0xFE, 0x80}},
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
