/*
 * A small streaming JSON writer (RFC 8259): what is written goes straight to
 * the text, nothing is kept but the commas.
 *
 * Captured strings come out as valid UTF-8: bytes that are none become U+FFFD,
 * control characters \u00XX.
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "core/clock.h"
#include "core/endpoint.h"
#include "core/text.h"

#define JSON_DEPTH_MAX 32u

/* jansson, which reads JSON elsewhere, has functions of these names: for the
 * linker ours have others. */
#define json_object json_put_object
#define json_array json_put_array
#define json_string json_put_string
#define json_null json_put_null

struct json {
	struct text *to;
	uint32_t filled; /* bit per level: something stands there already */
	unsigned depth;
	bool after_key;
	int64_t second;  /* of `prefix`, plus 1; 0: none */
	char prefix[20]; /* "2026-11-24T12:00:00." */
	bool breaks;     /* the next value begins a line */
};

struct json json_to(struct text *to);

void json_object(struct json *j);
void json_object_end(struct json *j);
void json_array(struct json *j);
void json_array_end(struct json *j);
/* The next key or value begins a line, for those who read with their eyes. */
void json_break(struct json *j);
/* The key of the next value; a plain word that needs no escapes. */
void json_key_slice(struct json *j, struct slice key);

static inline void json_key(struct json *j, const char *key)
{
	json_key_slice(j, slice_of_text(key));
}

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
/* A string that is put together elsewhere: what `to` gets between these two
 * must need no escapes. */
void json_open_string(struct json *j);
void json_close_string(struct json *j);
void json_hex(struct json *j, struct slice bytes); /* lower case digits */
void json_code(struct json *j, unsigned code);     /* "0x0001" */

#endif /* REPORT_JSON_H */
