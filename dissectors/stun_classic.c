/*
 * Telling classic STUN (RFC 3489) from everything else that begins with two
 * zero bits: TFTP, uTP, DNS, RADIUS, games.
 *
 * Without a cookie, the type, a length that is exact and attributes that end
 * exactly are the evidence; addresses and ports add to it.
 */
#include "config.h"

#include "dissectors/stun_parts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Longest attributes of a message that fits the smallest IPv4 path. */
#define CLASSIC_MAX 548

static const uint16_t classic_types[] = {0x0001, 0x0002, 0x0101,
					 0x0102, 0x0111, 0x0112};

/* RFC 3489, the drafts that followed, Vovida's server. */
static const uint16_t known[] = {
	0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0007, 0x0008, 0x0009,
	0x000A, 0x000B, 0x000E, 0x000F, 0x0010, 0x0011, 0x0012, 0x0013, 0x0014,
	0x0015, 0x0020, 0x0021, 0x8020, 0x8022, 0x8028, 0x8050,
};

/* What private probes carry, Zoom's for one; no RFC has such numbers. */
#define PRIVATE_FIRST 0x0100u
#define PRIVATE_LAST 0x7FFFu

struct port_row {
	uint16_t port;
	int points;
};

/* Where STUN servers listen, and where old clients asked. */
static const struct port_row ports[] = {
	{1863, 2}, {3478, 3}, {3479, 3}, {7001, 2}, {19302, 2},
};

static bool is_known(uint16_t type)
{
	for (size_t i = 0; i < COUNT(known); i++)
		if (known[i] == type)
			return true;
	return false;
}

static bool is_private(uint16_t type)
{
	return type >= PRIVATE_FIRST && type <= PRIVATE_LAST;
}

static bool is_classic_type(uint16_t type)
{
	for (size_t i = 0; i < COUNT(classic_types); i++)
		if (classic_types[i] == type)
			return true;
	return false;
}

/* Zero, family, port, as many bytes as the family has. */
static bool address_fits(struct slice value)
{
	return value.n >= 2 && value.p[0] == 0 &&
	       ((value.p[1] == 1 && value.n == 8) ||
		(value.p[1] == 2 && value.n == 20));
}

static bool error_fits(struct slice value)
{
	struct cursor c = cursor_over(value);
	uint16_t zero = cursor_u16(&c);
	uint8_t class = cursor_u8(&c);
	uint8_t number = cursor_u8(&c);

	return !c.bad && zero == 0 && class >= 2 && class <= 6 && number < 100;
}

static bool change_request_fits(struct slice value)
{
	struct cursor c = cursor_over(value);
	uint32_t flags = cursor_u32(&c);

	return !c.bad && (flags & ~UINT32_C(6)) == 0;
}

/* May a classic message have this value under this type? */
static bool value_fits(uint16_t type, struct slice value)
{
	const struct stun_attribute_row *row;

	if (!is_known(type))
		return is_private(type);
	/* TURN-08's are not in the table under this dialect. */
	row = stun_attribute_row(type, STUN_CLASSIC);
	if (!row)
		return true;
	if (value.n < row->min || value.n > row->max)
		return false;
	if (row->value == STUN_VALUE_ADDRESS ||
	    row->value == STUN_VALUE_XOR_ADDRESS)
		return address_fits(value);
	if (row->value == STUN_VALUE_ERROR)
		return error_fits(value);
	return type != 0x0003 || change_request_fits(value);
}

/* Every value fits, the end is exact, nothing stands behind the integrity. */
static bool attributes_fit(struct slice body)
{
	struct cursor c = cursor_over(body);

	while (c.left) {
		uint16_t type = cursor_u16(&c);
		struct slice value = cursor_take(&c, cursor_u16(&c));

		if (c.bad || value.n % 4 || !value_fits(type, value))
			return false;
		if (type == 0x0008 && c.left)
			return false;
	}
	return true;
}

bool stun_may_be_classic(struct slice datagram)
{
	static const uint8_t zero[16] = {0};
	struct cursor c = cursor_over(datagram);
	uint16_t type = cursor_u16(&c);
	uint16_t length = cursor_u16(&c);
	struct slice id = cursor_take(&c, sizeof(zero));

	if (c.bad || c.left != length || length % 4 || length > CLASSIC_MAX)
		return false;
	if (!is_classic_type(type) || memcmp(id.p, zero, sizeof(zero)) == 0)
		return false;
	return attributes_fit(cursor_rest(&c));
}

static int port_points(const struct endpoint *src, const struct endpoint *dst)
{
	int points = 0;

	for (size_t i = 0; i < COUNT(ports); i++)
		if ((ports[i].port == src->port ||
		     ports[i].port == dst->port) &&
		    ports[i].points > points)
			points = ports[i].points;
	return points;
}

bool stun_is_private(const struct stun_message *m)
{
	if (m->dialect != STUN_CLASSIC)
		return false;
	for (size_t i = 0; i < m->attribute_count; i++)
		if (is_private(m->attributes[i].type))
			return true;
	return false;
}

/* Known attributes, well made, are some sixty bits of evidence; what only has
 * their form is believed where STUN is spoken. */
static int attribute_points(const struct stun_message *m)
{
	if (m->attribute_count == 0 || stun_is_private(m))
		return 0;
	return stun_may_be_classic(m->whole) ? 3 : 1;
}

int stun_classic_score(const struct stun_message *m,
		       const struct endpoint *src, const struct endpoint *dst)
{
	int port = port_points(src, dst);
	int points = port + attribute_points(m);

	if (m->cookie || stun_has_ms_cookie(slice_from(m->whole, STUN_HEADER)))
		points += 3;
	if (m->mapped.family != FAMILY_NONE &&
	    endpoint_equal(&m->mapped, dst))
		points += 2;
	if (m->attribute_count == 0 && port == 0 && !m->cookie)
		points -= 2;
	return points;
}
