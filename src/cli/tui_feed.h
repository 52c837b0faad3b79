/*
 * The feed of the screens, on captures: an analysis in slices, and its journal.
 */
#ifndef CLI_TUI_FEED_H
#define CLI_TUI_FEED_H

#include "cli/hep_send.h"
#include "cli/journal_write.h"
#include "cli/pipeline.h"
#include "flow/stages.h"
#include "ui/feed.h"
#include "validate/verdict.h"

struct tui_feed {
	struct feed feed;
	const struct options *options;
	struct pipeline pipeline;         /* of captures */
	const struct pipeline *source;    /* that, or the one of interfaces */
	struct model *shown;              /* the model that screens look at */
	struct journal_writer *looked_up; /* and the journal */
	struct model model;
	struct stages *stages;
	struct message_sink sink;
	struct journal_writer journal;
	/* What skimming told, while feed.listed. */
	struct model list;
	struct journal_writer list_journal;
	struct arena scratch; /* of a message that is looked at */
	int descriptor;       /* of the capture that was looked at last */
	uint32_t opened;      /* which it is */
	uint64_t size;        /* of all captures; UINT64_MAX: not known */
	/* All was read; logs beside it were told, too; what is left then are
	 * joins, and verdicts. */
	bool is_read, is_told, is_joined;
	struct verdict_progress judged;
	nanoseconds told; /* when screens were told of something new */
	bool anew;        /* all is told again: they must not look at the old */
	char name[64];
	char *config; /* where settings are kept, or NULL */
	/* Live: what is written may have been renamed; or NULL. */
	void (*reopen)(struct tui_feed *f);
	/* Live: nothing more is read, and all that came is shown; or NULL. */
	void (*finish)(struct tui_feed *f);
};

/* Opens the captures of the options; false after a message, with *status. */
bool tui_feed_open(struct tui_feed *f, const struct options *options,
		   int *status);
void tui_feed_close(struct tui_feed *f);

/* What is the same live: a feed that reads the journal and nothing else. */
void tui_feed_prepare(struct tui_feed *f, const struct options *options);
void tui_feed_release(struct tui_feed *f);

/* tui_labels.c */
void tui_label(struct feed *feed, const struct entry *e, struct text *to);
const char *tui_method(unsigned code);
bool tui_fields(struct feed *feed, const struct entry *e, struct slice bytes,
		struct field_sink *to);

/* tui_save.c */
bool tui_save(struct feed *feed, const struct save *what, struct text *why);
/* The SIP messages of its calls to a collector; *why says how many. */
bool tui_send(struct feed *feed, const struct save *what, struct hep_sender *to,
	      struct text *why);

static inline struct tui_feed *tui_feed_of(struct feed *feed)
{
	return feed->context;
}

#endif /* CLI_TUI_FEED_H */
