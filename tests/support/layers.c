/* Frames made by hand, from the inside out. */
#include "config.h"

#include "tests/support/layers.h"
#include "tests/support/t.h"

void t_begin(struct t_layers *l, struct slice payload)
{
	l->at = T_LAYERS_MAX;
	t_front(l, payload);
}

struct slice t_layers(const struct t_layers *l)
{
	return slice_of(l->p + l->at, T_LAYERS_MAX - l->at);
}

void t_front(struct t_layers *l, struct slice s)
{
	assert_true(s.n <= l->at);
	l->at -= s.n;
	if (s.n)
		memcpy(l->p + l->at, s.p, s.n);
}

void t_behind(struct t_layers *l, struct slice s)
{
	assert_true(s.n <= l->at);
	memmove(l->p + l->at - s.n, l->p + l->at, T_LAYERS_MAX - l->at);
	memcpy(l->p + T_LAYERS_MAX - s.n, s.p, s.n);
	l->at -= s.n;
}

static void put16(uint8_t *p, size_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void front_length(struct t_layers *l, char sign)
{
	size_t n = T_LAYERS_MAX - l->at;
	uint8_t p[2];

	if (sign == '-')
		n -= 4;
	if (sign == '+')
		n += 4;
	if (sign == '%') {
		n += 2;
		n = (n >> 8 & 0xFF) | (n & 0xFF) << 8;
	}
	put16(p, n);
	t_front(l, slice_of(p, 2));
}

void t_header(struct t_layers *l, const char *digits)
{
	size_t n = strlen(digits);

	while (n) {
		char low = digits[--n];
		char two[3] = {0};
		struct slice byte;

		if (low == ' ')
			continue;
		if (low == '@' || low == '-' || low == '+' || low == '%') {
			front_length(l, low);
			continue;
		}
		two[0] = digits[--n];
		two[1] = low;
		byte = t_hex(two);
		t_front(l, byte);
		t_release(byte);
	}
}

void t_udp(struct t_layers *l, unsigned src, unsigned dst)
{
	uint8_t p[8] = {0};

	put16(p, src);
	put16(p + 2, dst);
	put16(p + 4, T_LAYERS_MAX - l->at + sizeof(p));
	t_front(l, slice_of(p, sizeof(p)));
}

void t_tcp(struct t_layers *l, unsigned src, unsigned dst, unsigned flags)
{
	uint8_t p[20] = {0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 200, 0x50};

	put16(p, src);
	put16(p + 2, dst);
	p[13] = (uint8_t)flags;
	put16(p + 14, 8192);
	t_front(l, slice_of(p, sizeof(p)));
}

static void front_ipv4(struct t_layers *l, uint8_t p[20])
{
	unsigned sum = 0;

	p[0] = 0x45;
	p[8] = 64;
	put16(p + 2, T_LAYERS_MAX - l->at + 20);
	for (size_t i = 0; i < 20; i += 2)
		sum += (unsigned)p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	put16(p + 10, ~sum & 0xFFFF);
	t_front(l, slice_of(p, 20));
}

void t_ipv4(struct t_layers *l, unsigned protocol, unsigned src, unsigned dst)
{
	uint8_t p[20] = {[12] = 192, [14] = 2, [16] = 192, [18] = 2};

	p[9] = (uint8_t)protocol;
	p[15] = (uint8_t)src;
	p[19] = (uint8_t)dst;
	front_ipv4(l, p);
}

void t_ipv4_fragment(struct t_layers *l, unsigned protocol, unsigned id,
		     unsigned offset)
{
	uint8_t p[20] = {[12] = 192, [14] = 2, [15] = 1,
			 [16] = 192, [18] = 2, [19] = 2};

	p[9] = (uint8_t)protocol;
	put16(p + 4, id);
	put16(p + 6, offset);
	front_ipv4(l, p);
}

void t_ipv6(struct t_layers *l, unsigned next, unsigned src, unsigned dst)
{
	uint8_t p[40] = {0x60, [7] = 64, [8] = 0x20, 1, 13, 0xB8,
			 [24] = 0x20, 1, 13, 0xB8};

	put16(p + 4, T_LAYERS_MAX - l->at);
	p[6] = (uint8_t)next;
	p[23] = (uint8_t)src;
	p[39] = (uint8_t)dst;
	t_front(l, slice_of(p, sizeof(p)));
}

const char *t_ends(const struct packet *packet, char text[128])
{
	char src[ENDPOINT_TEXT_MAX], dst[ENDPOINT_TEXT_MAX];

	snprintf(text, 128, "%s > %s", endpoint_string(&packet->src, src),
		 endpoint_string(&packet->dst, dst));
	return text;
}

struct frame t_frame(uint32_t link_type, struct slice bytes)
{
	return (struct frame){
		.number = 1,
		.has_time = true,
		.link_type = link_type,
		.wire_length = (uint32_t)bytes.n,
		.bytes = bytes,
	};
}
