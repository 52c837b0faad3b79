/*
 * What every dissector is to the rest of the house: bytes in, struct out.
 *
 * A dissector does no I/O, keeps no state and knows neither captures nor
 * flows.  It goes on after a broken item where framing allows and says so as
 * a finding.
 */
#ifndef CORE_DISSECTOR_H
#define CORE_DISSECTOR_H

#include "core/arena.h"
#include "core/fields.h"
#include "core/finding.h"

/* How deep messages may nest (STUN in DATA in STUN ..., MIME in MIME ...). */
#define NESTING_MAX 8

/* What a decoder is given beside the bytes. */
struct decoding {
	struct arena *arena;       /* for lists; lives until the next message */
	struct findings *findings; /* may be NULL */
	unsigned depth;            /* 0 outermost; at most NESTING_MAX */
	bool stream;               /* more bytes may follow in time */
	bool cut;                  /* the capture cut these bytes (snaplen) */
	bool logged; /* a copy from a log, whose lengths prove nothing */
	bool shown;  /* by a program, perhaps before its stack added a Via, or
		      * a tag */
};

static inline void decoding_find(struct decoding *d, const struct rule *rule,
				 struct slice where)
{
	findings_add(d->findings, rule, where);
}

enum claim {
	CLAIM_NO,
	CLAIM_MAYBE, /* looks like it; wants evidence from the flow */
	CLAIM_SURE,
};

/* One row of dissectors/dissectors.def. */
struct dissector {
	const char *name; /* "stun": also its captures, tests, fuzz target */
	size_t size;      /* of the struct that decode fills */
	const struct rule *rules; /* what decode may find; ends with id NULL */

	/* Could the first bytes be this protocol's? */
	enum claim (*claims)(struct slice first, bool stream);

	/*
	 * Reads one message from the front of `in` into *out (`size` bytes),
	 * *used is the number of bytes it took.
	 * On a stream STATUS_SHORT asks for more bytes; on a datagram a length
	 * past the end is STATUS_BAD, or SHORT if d->cut.  *out and *used are
	 * written on STATUS_OK only.  Slices in *out borrow from `in` and from
	 * d->arena.  STATUS_NOMEM, STATUS_LIMIT as they come.
	 */
	enum status (*decode)(struct decoding *d, struct slice in, void *out,
			      size_t *used);

	/* Sends the fields of a decoded message. */
	void (*walk)(const void *message, struct field_sink *to);
};

#endif /* CORE_DISSECTOR_H */
