/*
 * Any dissector on bytes in a block of just their size: once, at every length,
 * and with every allocation failing; and its fields as text.
 */
#ifndef TESTS_SUPPORT_DISSECTING_H
#define TESTS_SUPPORT_DISSECTING_H

#include "core/dissector.h"
#include "core/text.h"

#define T_ARENA_MAX ((size_t)64 << 20)

/* One decoding; give it back with t_decode_done. */
struct t_decoding {
	struct arena arena;
	struct findings findings;
	struct slice bytes; /* the block */
	size_t used;	    /* SIZE_MAX while nothing wrote it */
	enum status status;
};

enum t_input {
	T_DATAGRAM,
	T_CUT, /* a datagram that the capture cut */
	T_STREAM,
};

/* Decodes into `out`, which has room for the dissector's struct. */
void t_decode(struct t_decoding *r, const struct dissector *dissector,
	      struct slice bytes, enum t_input input, void *out);
void t_decode_done(struct t_decoding *r);

/*
 * The prefix test: each length from 0 to all, claimed, decoded and walked in
 * all three ways.  Nothing is used past the end, nothing is written but on
 * OK; all of it is OK.  With `framed` (the message says its own length) a
 * stream is SHORT before the end and a datagram is not OK.
 */
void t_prefixes(const struct dissector *dissector, struct slice whole,
		bool framed);

/* The failing walk: NOMEM until it goes through, and then it is OK. */
void t_decode_failing(const struct dissector *dissector, struct slice whole);

/* "name=value " of each field: groups in braces, secrets starred. */
void t_fields(const struct dissector *dissector, const void *message,
	      struct text *to);

/* The same of bytes that decode; compares. */
void t_fields_equal(const struct dissector *dissector, struct slice bytes,
		    const char *want);

#endif /* TESTS_SUPPORT_DISSECTING_H */
