/*
 * Pieces of user messages of SCTP in any order and as often as they like: a
 * message comes out when its last piece does and has the bytes that were sent,
 * and what is given up is the beginning of one.
 *
 * Input: a byte that says how (bit 0: without order, 1: I-DATA), then a byte
 * for each step: the upper half is the message, bits 0 to 2 its piece; bit 3:
 * patience has ended before.
 */
#include "config.h"

#include <stdlib.h>

#include "core/cursor.h"
#include "net/sctp.h"
#include "tests/fuzz/one.h"

#define MESSAGES 16u
#define PIECE 5u

struct world {
	struct sctp sctp;
	struct frame_mark mark;
	bool unordered, interleaved;
	unsigned sent[MESSAGES]; /* bits: pieces that wait */
	uint8_t bytes[MESSAGES][8 * PIECE];
};

/* One to eight pieces, so that all kinds are there. */
static unsigned pieces_of(unsigned message)
{
	return message % 8 + 1;
}

static struct slice whole(const struct world *w, unsigned message)
{
	return slice_of(w->bytes[message], pieces_of(message) * PIECE);
}

/* Sequence numbers wrap in the middle. */
static struct sctp_data piece_of(const struct world *w, unsigned message,
				 unsigned k)
{
	unsigned before = 0;

	for (unsigned i = 0; i < message; i++)
		before += pieces_of(i);
	return (struct sctp_data){
		.key = {.src_port = 5060,
			.dst_port = 5060,
			.tag = 7,
			.number = w->unordered && !w->interleaved ? 0 : message,
			.unordered = w->unordered,
			.interleaved = w->interleaved},
		.sequence = w->interleaved ? k : UINT32_MAX - 30 + before + k,
		.begins = k == 0,
		.ends = k + 1 == pieces_of(message),
		.bytes = slice_cut(whole(w, message), k * PIECE, PIECE),
	};
}

static bool same(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static bool is_beginning(const struct world *w, struct slice head)
{
	for (unsigned i = 0; i < MESSAGES; i++)
		if (head.n <= whole(w, i).n &&
		    same(head, slice_first(whole(w, i), head.n)))
			return true;
	return false;
}

static void take_rests(struct world *w)
{
	struct sctp_rest rest;

	while (sctp_next_rest(&w->sctp, &rest))
		if (!is_beginning(w, rest.head) || rest.mark.number == 0)
			abort();
}

static void wait_long(struct world *w)
{
	w->mark.time += 2 * SCTP_PATIENCE;
	sctp_expire(&w->sctp, w->mark.time);
	take_rests(w);
	memset(w->sent, 0, sizeof(w->sent));
	if (w->sctp.bytes)
		abort();
}

static void step(struct world *w, uint8_t what)
{
	static const struct endpoint ends[2];
	unsigned message = what >> 4, k = (what & 7) % pieces_of(message);
	unsigned all = (1u << pieces_of(message)) - 1;
	struct sctp_data data = piece_of(w, message, k);
	struct sctp_message out;
	enum status status;

	if (what & 8)
		wait_long(w);
	w->mark.number++;
	status = sctp_take(&w->sctp, &data, ends, &w->mark, &out);
	w->sent[message] |= 1u << k;
	if ((status == STATUS_OK) != (w->sent[message] == all))
		abort();
	if (status == STATUS_OK && !same(out.bytes, whole(w, message)))
		abort();
	if (status == STATUS_OK)
		w->sent[message] = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_over(slice_of(data, size));
	uint8_t how = cursor_u8(&c);
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		return 0;
	w->unordered = how & 1;
	w->interleaved = how & 2;
	for (unsigned i = 0; i < MESSAGES; i++)
		for (unsigned k = 0; k < 8 * PIECE; k++)
			w->bytes[i][k] = (uint8_t)(i * 40 + k);
	while (c.left)
		step(w, cursor_u8(&c));
	sctp_end(&w->sctp);
	take_rests(w);
	sctp_free(&w->sctp);
	free(w);
	return 0;
}
