/*
 * What the readers of logs share: the lines, the record in the making, and
 * what is said of all that is no message.
 *
 * For capture/log*.c only.
 */
#ifndef CAPTURE_LOG_PARTS_H
#define CAPTURE_LOG_PARTS_H

#include "capture/log_announced.h"
#include "capture/log_clock.h"
#include "capture/log_ends.h"
#include "capture/log_front.h"
#include "capture/log_lines.h"
#include "capture/log_scan.h"
#include "capture/source.h"

struct log;
struct internals; /* log_internals.h */

/* A kind of log: one row each, in log.c. */
struct log_form {
	const char *name; /* as in source_info.format */
	bool zoneless;    /* as in source_info */
	/* Could a file with this front be one?  Text without a BOM. */
	bool (*claims)(struct slice first);
	/* The same of a part further on; NULL: by the same signs. */
	bool (*claims_inside)(struct slice part);
	/* With which lines do records begin? */
	log_begins *begins;
	/* Makes the next record; else how the lines ended. */
	enum status (*next)(struct log *log);
	/* Looks at the front of the text before the first record; or NULL. */
	void (*survey)(struct log *log, struct slice front);
};

extern const struct log_form log_uccapi, log_server, log_sipdump;
extern const struct log_form log_dissection, log_internals, log_text;

struct log {
	struct source source;
	struct log_lines lines;
	const struct log_form *form;

	struct record record; /* but its text */
	nanoseconds time;
	bool has_time;
	bool timeless;     /* the record itself tells none */
	bool ever_timed;   /* one before it did: `time` */
	bool swapped;      /* day and month of its dates (log_dates.h) */
	struct text text;  /* of the record */
	struct text raw;   /* for forms that take a record apart as a whole */
	struct text bytes; /* of the frame */

	/* The SIP message that is being put into `text`. */
	unsigned head_lines; /* put so far, with the first line */
	bool behind_head;    /* the empty line came */
	bool has_length;     /* Content-Length */
	uint64_t length;
	uint64_t body_bytes; /* put so far, lines ends as in the file */
	uint64_t body_bare;  /* lines of it that end in LF alone */
	bool crlf;           /* how the lines of `raw` ended */

	/* Of messages among other lines of a log (log_text.c). */
	struct announced said; /* of the message that follows */
	unsigned said_ago;     /* lines that say something, since then */
	unsigned ends_ago;     /* since one that named two ends */
	struct log_front front;
	struct log_ends ends;
	size_t pieces;     /* bytes of the line that were taken from it */
	bool mixed;        /* the file is a program's log */
	bool timed_before; /* a line with a time came since the last message */
	bool dumped;       /* tcpdump told the ends */
	bool quoted;  /* in an error of ICMP: the message was sent before */
	bool doubled; /* an empty line stands behind each of the message */
	bool dotted;  /* a dot stands for the CR of each */
	bool halved;  /* `raw` holds the half of a line, before a part ended */
	bool sdp;     /* the body is one */

	struct internals *internals; /* of log_internals.c; or NULL */
	nanoseconds modified;        /* of the file; 0: unknown */
	struct log_clock clock;      /* of logs that leave dates out */
};

/* A new record begins at this place; its time is not known yet. */
void log_begin(struct log *log, enum record_kind kind, uint64_t offset);
/* A message begins in the record, perhaps behind another one. */
void log_begin_message(struct log *log);
/* One line of a SIP message; heads get CR LF whatever the file has. */
void log_put_line(struct log *log, struct slice line, bool crlf);
/* The head ends here, if it has not yet. */
void log_end_head(struct log *log);
/* A line of another record; LF behind it. */
void log_put_text(struct log *log, struct slice line);
/* Text that is not cut by any line. */
void log_put(struct log *log, struct text *to, struct slice s);
void log_set_time(struct log *log, const struct log_time *time);

/* Is the body as long as Content-Length says?  It may have lost a CR with
 * each line. */
bool log_has_body(const struct log *log);

/* A line that is no message nor tells of one: counted, the first is kept. */
void log_pass(struct log *log, const struct log_line *line);

#endif /* CAPTURE_LOG_PARTS_H */
