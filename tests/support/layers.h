/*
 * Frames made by hand, from the inside out: begin with the payload and put
 * one header after the other in front of it.
 */
#ifndef TESTS_SUPPORT_LAYERS_H
#define TESTS_SUPPORT_LAYERS_H

#include "net/packet.h"

#define T_LAYERS_MAX 70000u

struct t_layers {
	uint8_t p[T_LAYERS_MAX];
	size_t at; /* the bytes begin here and end where the array does */
};

void t_begin(struct t_layers *l, struct slice payload);
struct slice t_layers(const struct t_layers *l);

/* Bytes in front, or behind. */
void t_front(struct t_layers *l, struct slice s);
void t_behind(struct t_layers *l, struct slice s);

/*
 * A header as hex digits.  A sign stands for two bytes of length, of all that
 * is behind them: '@' as it is, '-' less 4, '+' and 4 more; '%' and 2 more,
 * little-endian.
 */
void t_header(struct t_layers *l, const char *digits);

void t_udp(struct t_layers *l, unsigned src, unsigned dst);
/* With a header of 20 bytes. */
void t_tcp(struct t_layers *l, unsigned src, unsigned dst, unsigned flags);

/* From 192.0.2.`src` to 192.0.2.`dst`, with a right checksum. */
void t_ipv4(struct t_layers *l, unsigned protocol, unsigned src, unsigned dst);
/* `offset` is the field with its flags, as on the wire. */
void t_ipv4_fragment(struct t_layers *l, unsigned protocol, unsigned id,
		     unsigned offset);
/* From 2001:db8::`src` to 2001:db8::`dst`. */
void t_ipv6(struct t_layers *l, unsigned next, unsigned src, unsigned dst);

/* "192.0.2.1:5060 > [2001:db8::1]:5062", good until the next call. */
const char *t_ends(const struct packet *packet, char text[128]);

/* A frame of all bytes, nothing cut. */
struct frame t_frame(uint32_t link_type, struct slice bytes);

#endif /* TESTS_SUPPORT_LAYERS_H */
