/*
 * TURN framing beside STUN: ChannelData (RFC 8656 12.4), the multiplexed
 * frame of MS-TURN ([MS-TURN] 2.2.3), its TCP frame (2.1.4), the pseudo-TLS
 * hello (2.1.1) and RFC 4571 framing of ICE-TCP (RFC 6544).
 */
#ifndef DISSECTORS_TURN_H
#define DISSECTORS_TURN_H

#include "core/dissector.h"

#define CHANNEL_MIN 0x4000u
#define CHANNEL_MAX 0x7FFFu /* RFC 5766; RFC 8656 ends at 0x4FFF */

struct channel_data {
	uint16_t channel;
	struct slice data;    /* borrows from the input */
	struct slice padding; /* what the transport added after data */
};

extern const struct dissector channel_data_dissector;

/*
 * First byte 64 to 127 and a length that fits: MAYBE, since much else looks
 * so; SURE when the data is STUN with a cookie.  (RFC 5766 11, RFC 7983.)
 */
enum claim channel_data_claims(struct slice in, bool stream);
/* A datagram may be padded to four (else bytes behind it are BAD), a stream
 * must be. */
MUST_CHECK enum status channel_data_decode(struct decoding *d, struct slice in,
					   struct channel_data *out,
					   size_t *used);
void channel_data_walk(const struct channel_data *m, struct field_sink *to);
/* Padded to four on a stream alone (RFC 8656 12.5); more than 64 KiB of data
 * fails `to` with STATUS_LIMIT. */
void channel_data_write(struct text *to, uint16_t channel, struct slice data,
			bool stream);

/* 0xFF10, length, 8-byte session id, data. */
struct multiplexed {
	uint8_t session[8];
	struct slice data;
};
/* SURE by the first two bytes and, in a datagram, a length that fits. */
enum claim multiplexed_claims(struct slice in, bool stream);
/* As channel_data_decode, and so the two below: slices borrow from `in`. */
MUST_CHECK enum status multiplexed_decode(struct decoding *d, struct slice in,
					  struct multiplexed *out,
					  size_t *used);

/* Type 2 (control) or 3 (data), zero, length. */
struct ms_tcp_frame {
	uint8_t type;
	struct slice data;
};
/* SURE when STUN with either cookie stands inside, MAYBE by the first bytes. */
enum claim ms_tcp_claims(struct slice in);
MUST_CHECK enum status ms_tcp_decode(struct decoding *d, struct slice in,
				     struct ms_tcp_frame *out, size_t *used);

/* RFC 4571: u16 length, packet. */
struct rfc4571_frame {
	struct slice data;
};
/* SURE when a STUN cookie stands at 6, MAYBE when the packet looks like RTP,
 * RTCP or DTLS. */
enum claim rfc4571_claims(struct slice in);
MUST_CHECK enum status rfc4571_decode(struct decoding *d, struct slice in,
				      struct rfc4571_frame *out, size_t *used);

/*
 * The fixed hellos of pseudo-TLS: SURE with *size of the hello (50 from the
 * client, 83 from the server; Google's look-alike 72 and 79), MAYBE while it
 * may still become one, NO.
 */
enum claim pseudo_tls_claims(struct slice in, bool from_server, size_t *size);

#endif /* DISSECTORS_TURN_H */
