/*
 * SCTP (RFC 9260): the messages in the chunks of a packet; and SCTP in UDP
 * (RFC 6951).  Checksums are not looked at: many captures hold packets whose
 * network card has yet to fill them in.
 */
#include "config.h"

#include "net/ip.h"

#define SCTP_HEADER 12u
#define CHUNK_HEADER 4u

/* The bytes behind a chunk's header, as many as are there. */
static struct slice chunk_value(struct chunks *chunks, size_t length,
				struct packet *out, size_t *missing)
{
	size_t padded = (length + 3) & ~(size_t)3;
	struct slice value = slice_first(chunks->bytes, length);

	*missing = length - value.n;
	/* Longer than the packet: what is there is used all the same. */
	out->damaged |= *missing > chunks->missing;
	chunks->bytes = slice_from(chunks->bytes, padded);
	return slice_from(value, CHUNK_HEADER);
}

static unsigned seen_in(uint8_t type)
{
	static const struct {
		uint8_t type, seen;
	} rows[] = {
		{0, SCTP_SAW_DATA},     {64, SCTP_SAW_DATA},
		{1, SCTP_SAW_INIT},     {2, SCTP_SAW_INIT_ACK},
		{6, SCTP_SAW_ABORT},    {7, SCTP_SAW_SHUTDOWN},
		{8, SCTP_SAW_SHUTDOWN}, /* its ACK */
		{10, SCTP_SAW_COOKIE},  {11, SCTP_SAW_COOKIE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].type == type)
			return rows[i].seen;
	return 0;
}

/* The next chunk.  STATUS_OK: it completes a message, or is damaged;
 * STATUS_SHORT: it does not; STATUS_NOMEM. */
static enum status chunk(struct walk *w, struct chunks *chunks)
{
	struct packet *out = w->out;
	const struct endpoint ends[2] = {out->src, out->dst};
	struct slice s = chunks->bytes, value;
	size_t length = walk_u16(s, 2);
	struct sctp_message message;
	struct sctp_data data;
	enum status status;

	if (s.n < CHUNK_HEADER || length < CHUNK_HEADER) {
		chunks->bytes = (struct slice){0};
		out->damaged = s.n >= CHUNK_HEADER || !chunks->missing;
		return out->damaged ? STATUS_OK : STATUS_SHORT;
	}
	out->sctp |= (uint8_t)seen_in(s.p[0]);
	value = chunk_value(chunks, length, out, &w->missing);
	if (!sctp_is_data(s.p[0]))
		return out->damaged ? STATUS_OK : STATUS_SHORT;
	if (!sctp_data_read(s.p[0], s.p[1], value, &data)) {
		out->damaged |= !w->missing;
		return out->damaged ? STATUS_OK : STATUS_SHORT;
	}
	data.key.src_port = out->src.port;
	data.key.dst_port = out->dst.port;
	data.key.tag = chunks->tag;
	data.missing = w->missing;
	status = sctp_take(&w->net->sctp, &data, ends, &w->net->mark, &message);
	if (status != STATUS_OK)
		return out->damaged && status == STATUS_SHORT ? STATUS_OK
							      : status;
	out->reassembled |= !(data.begins && data.ends);
	out->pieces = message.pieces;
	out->piece_count = message.piece_count;
	w->missing = message.missing;
	return transport_other(w, IP_SCTP, message.bytes);
}

/* The chunks up to one that completes a message; STATUS_END: none does. */
enum status transport_more_sctp(struct walk *w)
{
	struct chunks *chunks = &w->net->chunks;
	enum status status = STATUS_SHORT;

	*w->out = chunks->around;
	while (status == STATUS_SHORT && chunks->bytes.n)
		status = chunk(w, chunks);
	chunks->around.continued = true;
	return status == STATUS_SHORT ? STATUS_END : status;
}

enum status transport_sctp(struct walk *w, struct slice s)
{
	struct chunks *chunks = &w->net->chunks;
	enum status status;

	if (s.n < SCTP_HEADER)
		return transport_ports(w, IP_SCTP, s, SCTP_HEADER);
	transport_take_ports(w->out, s);
	w->out->protocol = IP_SCTP;
	*chunks = (struct chunks){
		.bytes = slice_from(s, SCTP_HEADER),
		.missing = w->missing,
		.tag = (uint32_t)walk_u16(s, 4) << 16 | walk_u16(s, 6),
		.around = *w->out,
	};
	status = transport_more_sctp(w);
	if (status != STATUS_END)
		return status;
	/* Nothing is to be read in it: it counts as a packet. */
	w->missing = chunks->missing;
	return transport_other(w, IP_SCTP, (struct slice){0});
}

/* ---- in UDP ---- */

/* Those of RFC 9260 3.2, RFC 8260, RFC 4895, RFC 6525 and RFC 3758. */
static bool is_chunk_type(uint8_t type)
{
	return type <= 15 || type == 64 || (type >= 128 && type <= 132) ||
	       (type >= 192 && type <= 194);
}

/* Chunks that are known follow each other up to the end. */
static bool are_chunks(const struct walk *w, struct slice s)
{
	do {
		size_t length = walk_u16(s, 2);

		if (s.n < CHUNK_HEADER || length < CHUNK_HEADER ||
		    !is_chunk_type(s.p[0]) || length > s.n + w->missing)
			return false;
		s = slice_from(s, (length + 3) & ~(size_t)3);
	} while (s.n);
	return true;
}

enum status tunnel_sctp(struct walk *w, struct slice s)
{
	if (s.n < SCTP_HEADER || walk_u16(s, 0) == 0 || walk_u16(s, 2) == 0 ||
	    !are_chunks(w, slice_from(s, SCTP_HEADER)))
		return STATUS_NOT_MINE;
	return transport_sctp(w, s);
}
