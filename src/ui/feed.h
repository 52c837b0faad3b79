/*
 * The feed: where screens get what they show, and whom they ask for more.
 *
 * The program behind it reads captures or interfaces, a slice at a time, and
 * keeps the model; screens only look.  Something is new after each slice in
 * which `generation` has changed; rows of the model may be other ones where
 * `numbering` has, too: what a screen remembers longer it remembers by key
 * (view_key).
 */
#ifndef UI_FEED_H
#define UI_FEED_H

#include "core/fields.h"
#include "model/journal.h"
#include "model/model.h"

enum feed_state {
	FEED_READING, /* a file, and its end is not reached */
	FEED_LIVE,
	FEED_DONE,
};

enum save_format {
	SAVE_PCAPNG,
	SAVE_PCAP,
	SAVE_TEXT,
	SAVE_JSON,
};

/* What to write, and where. */
struct save {
	const char *path;
	enum save_format format;
	bool media;            /* RTP too */
	bool replace;          /* a file that is there */
	const uint32_t *calls; /* numbers in the model; NULL: all */
	size_t call_count;
	size_t message; /* row of the journal to write alone; or LIST_NONE */
};

struct feed {
	void *context;
	const struct model *model;
	const struct journal *journal;
	uint64_t generation;
	uint64_t numbering; /* rows of the model have other numbers since */
	enum feed_state state;
	bool joined; /* there are calls; before, only dialogs */
	/* Dialogs are listed first, and shown until all else was read, too. */
	bool listing, listed;
	bool show_secrets;
	bool paused;      /* by the screens: the model stays as it is */
	int percent;      /* of the files that was read; -1: unknown */
	const char *name; /* of what is read, for the title */
	const char *const *transports; /* names, by entry.transport */
	char status[80];               /* live: packets, drops; else empty */
	char brief[32];                /* the same where there is no room */
	/* Of files, when all is read: what could not be; else empty. */
	char trouble[160];

	/* Works for so long and not much longer; false: nothing to do. */
	bool (*work)(struct feed *feed, nanoseconds budget);
	/* The bytes of a message; false: they cannot be had any more. */
	bool (*bytes)(struct feed *feed, const struct entry *entry,
		      struct text *to);
	/* The fields that these bytes of it hold, in order. */
	bool (*fields)(struct feed *feed, const struct entry *entry,
		       struct slice bytes, struct field_sink *to);
	/* In one line: "INVITE (SDP)", "Binding success". */
	void (*label)(struct feed *feed, const struct entry *entry,
		      struct text *to);
	/* "INVITE", by the code of an ENTRY_SIP_REQUEST. */
	const char *(*method)(unsigned code);
	/* Writes; *why says what became of it, in any case. */
	bool (*save)(struct feed *feed, const struct save *what,
		     struct text *why);
	/* Live, before anything came: keeps so many calls.  NULL likewise. */
	void (*limit)(struct feed *feed, unsigned calls);
	/* Live: forgets all calls.  NULL where that makes no sense. */
	void (*clear)(struct feed *feed);
	/* Writes the configuration that settings make; NULL: cannot. */
	bool (*keep)(struct feed *feed, struct slice lines, struct text *why);
};

#endif /* UI_FEED_H */
