/*
 * A small streaming JSON writer (RFC 8259): what is written goes straight to
 * the text.
 *
 * Captured strings come out as valid UTF-8: bytes that are none become U+FFFD,
 * control characters, and marks that turn text around, \uXXXX: it may be read
 * on a terminal.
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "core/clock.h"
#include "core/endpoint.h"
#include "core/text.h"

/* jansson, which reads JSON elsewhere, has functions of these names: for the
 * linker ours have others. */
#define json_object json_put_object
#define json_array json_put_array
#define json_string json_put_string
#define json_null json_put_null

/* A key, with what stands around a value, fits in here. */
#define JSON_SLACK 160u
#define JSON_KEY_MAX 64u

/*
 * While a document is open its bytes are counted in `at`, and there is always
 * room for JSON_SLACK of them; the text learns of them when the document ends
 * (the last bracket closes), or by one of the functions below.
 *
 * Each value brings the comma behind it, which the bracket that closes takes
 * back: so nobody has to remember whether something stands before.
 */
struct json {
	struct text *to;
	char *at;
	char *limit; /* what ends behind it makes room for the next */
	unsigned depth;
	int64_t day, minute; /* of `prefix`, when that is not empty */
	char prefix[17];     /* "2026-11-24T12:00:" */
	/* Takes what is written after the text has failed. */
	char sink[2 * JSON_SLACK];
};

/* A writer of documents, each an object or an array. */
struct json json_to(struct text *to);

/* A writer of values that are to stand in an array elsewhere, between
 * json_open_raw and json_close_raw; json_part_end must follow them. */
void json_part(struct json *j, struct text *to);
/* Behind a value: no comma stands there, and the text has all. */
void json_part_end(struct json *j);
/* After json_part_end: goes on, whatever became of the text. */
void json_part_again(struct json *j);

/* Bytes in the text; 0 when it has failed. */
static inline size_t json_size(const struct json *j)
{
	return j->to->failed == STATUS_OK ? (size_t)(j->at - j->to->p) : 0;
}

/* A value that begins, and ends after its members or values. */
void json_object(struct json *j);
void json_object_end(struct json *j);
void json_array(struct json *j);
void json_array_end(struct json *j);
/* The next key or value begins a line, for those who read with their eyes. */
void json_break(struct json *j);

/* The key of the next value: a plain word of at most JSON_KEY_MAX characters
 * that needs no escapes.  Inline, since then the length is known. */
static inline void json_key(struct json *j, const char *key)
{
	size_t n = strlen(key);
	char *at = j->at;

	*at++ = '"';
	memcpy(at, key, n);
	at[n] = '"';
	at[n + 1] = ':';
	j->at = at + n + 2;
}

/* Room for `n` more and the slack; false when the text has failed. */
bool json_make_room(struct json *j, size_t n);

/* For those who write a value themselves: it begins at `at` and is shorter
 * than JSON_SLACK - JSON_KEY_MAX; this is told where it ends. */
static inline void json_wrote(struct json *j, char *end)
{
	*end++ = ',';
	j->at = end;
	if (end > j->limit)
		json_make_room(j, 0);
}

/* A value: text from the wire, escaped, and made UTF-8 where it is none. */
void json_string(struct json *j, struct slice s);
void json_text(struct json *j, const char *s); /* NULL: null */
void json_number(struct json *j, uint64_t n);
/* Null when it is none (RFC 8259 6). */
void json_double(struct json *j, double value, int decimals);
/* A thousandth of it, with three decimals. */
void json_thousandths(struct json *j, int64_t value);
void json_bool(struct json *j, bool value);
void json_null(struct json *j);
void json_time(struct json *j, nanoseconds time);
/* "ip:port", or null for FAMILY_NONE. */
void json_endpoint(struct json *j, const struct endpoint *e);
/* A value that is put together elsewhere: what the text gets between these two
 * is taken as it is. */
struct text *json_open_raw(struct json *j);
void json_close_raw(struct json *j);
void json_hex(struct json *j, struct slice bytes); /* lower case digits */
void json_code(struct json *j, unsigned code);     /* "0x0001" */

#endif /* REPORT_JSON_H */
