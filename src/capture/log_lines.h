/*
 * The lines of a text file, whatever its encoding: UTF-8 with or without a
 * byte order mark, UTF-16 in both orders, with the references of HTML; without
 * the colours of a terminal, and whatever was put around them.
 *
 * For the readers of logs only.  Bytes that are no UTF-8 stay as they are:
 * logs hold what came from the wire.
 */
#ifndef CAPTURE_LOG_LINES_H
#define CAPTURE_LOG_LINES_H

#include "capture/block.h"
#include "capture/log_dress.h"
#include "core/text.h"

/* Longer lines come in several parts. */
#define LOG_LINE_MAX 262144u

struct log_line {
	struct slice text; /* without its end; until the line is taken */
	uint64_t offset;   /* in the text as UTF-8 */
	bool crlf;         /* it ended in CR LF */
};

struct log_lines {
	struct block block;
	struct log_dress dress;
	struct log_line line; /* the one that was looked at */
	struct text plain;    /* of a line with colours */
	size_t size;          /* with its end; 0: none was */
	bool behind; /* a line of a doubled text: its empty one is next */
};

/* Room for what a probe of FORMAT_PROBE_SIZE bytes is in UTF-8. */
#define LOG_PROBE_SIZE 8192u

/*
 * The front of a file as UTF-8 without byte order mark: `first` itself, or in
 * the buffer.
 */
struct slice log_probe(struct slice first, uint8_t buffer[LOG_PROBE_SIZE]);

struct log_bare_probe {
	uint8_t text[LOG_PROBE_SIZE];
	uint8_t bare[LOG_PROBE_SIZE + 1];
};

/* The same without the dress that lines have with which `begins` knows records
 * to begin; in `room`.  False: it is no text. */
bool log_probe_bare(struct slice first, log_begins *begins,
		    struct log_bare_probe *room, struct slice *out);

/* Is it written as in HTML (capture/log_html.h)?  Its lines come as text. */
bool log_is_html(struct slice first);

/* Takes the byte source over, also on failure: STATUS_NOMEM.  The lines come
 * without the dress. */
MUST_CHECK enum status log_lines_open(struct log_lines *lines,
				      struct byte_source *bytes,
				      struct slice first,
				      const struct log_dress *dress);
void log_lines_close(struct log_lines *lines);

/* The next line, which stays the next until it is taken.  STATUS_END, or how
 * the file failed. */
MUST_CHECK enum status log_line_peek(struct log_lines *lines,
				     struct log_line *out);
void log_line_take(struct log_lines *lines);

#endif /* CAPTURE_LOG_LINES_H */
