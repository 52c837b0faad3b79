/*
 * How a function speaks about its own work.  What is wrong with the *traffic*
 * is not an error but a finding (core/finding.h).
 */
#ifndef CORE_STATUS_H
#define CORE_STATUS_H

#if defined(__GNUC__)
#define MUST_CHECK __attribute__((__warn_unused_result__))
#define PRINTF_LIKE(format, first) \
	__attribute__((__format__(__printf__, format, first)))
#else
#define MUST_CHECK
#define PRINTF_LIKE(format, first)
#endif

enum status {
	STATUS_OK,
	STATUS_END,	 /* nothing more will come, and that is right */
	STATUS_SHORT,	 /* the bytes at hand end too early; more may come */
	STATUS_NOT_MINE, /* these bytes belong to another protocol or format */
	STATUS_BAD,	 /* the sender or writer was wrong */
	STATUS_LIMIT,	 /* a documented limit was reached */
	STATUS_NOMEM,
	STATUS_IO,
};

/* A word for messages: "short", "bad", ... */
const char *status_name(enum status status);

#endif /* CORE_STATUS_H */
