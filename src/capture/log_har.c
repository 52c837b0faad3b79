/* SIP out of HTTP archives. */
#include "config.h"

#include <stdlib.h>

#include "capture/log_har.h"
#include "capture/log_json.h"
#include "capture/log_scan.h"

struct har {
	struct log_maker maker;
	bool sent, has_type;
	nanoseconds time; /* 0: not told */
};

/* A message of SIP in one string. */
static bool is_sip(struct slice value, struct slice *text)
{
	size_t at;

	return json_take_written(&value, text) &&
	       slice_search(*text, SLICE("\\r\\n"), &at) &&
	       (slice_starts(*text, SLICE("SIP/2.0 ")) ||
		slice_ends(slice_first(*text, at), SLICE(" SIP/2.0")));
}

/* Seconds since 1970 with a fraction; 0: it is something else. */
static nanoseconds time_of(struct slice value)
{
	struct log_time time;

	return find_time(value, &time) && time.zoned && time.time > 0 &&
			       time.time < CLOCK_LAST
		       ? time.time
		       : 0;
}

static void put_message(struct har *h, struct slice text)
{
	struct text *out = &h->maker.out;

	if (h->time) {
		clock_rfc3339(h->time, out);
		text_putc(out, ' ');
	}
	if (h->has_type)
		text_puts(out, h->sent ? "sending WebSocket message:"
				       : "received WebSocket text message:");
	text_putc(out, '\n');
	json_put_written(out, text);
	text_puts(out, "\n\n");
}

static void take_line(struct log_maker *maker, struct slice line)
{
	struct har *h = (struct har *)maker;
	struct slice name, value, text;

	if (!json_take_member(line, &name, &value))
		return;
	if (slice_is(name, "type")) {
		h->sent = slice_is(value, "\"send\"");
		h->has_type = h->sent || slice_is(value, "\"receive\"");
		h->time = 0;
	} else if (slice_is(name, "time")) {
		h->time = time_of(value);
	} else if (slice_is(name, "data") && is_sip(value, &text)) {
		put_message(h, text);
	}
}

static void end(struct log_maker *maker)
{
	(void)maker;
}

static void har_close(struct log_maker *maker)
{
	text_free(&maker->out);
	free(maker);
}

struct log_maker *har_maker(void)
{
	struct har *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->maker.line = take_line;
	h->maker.end = end;
	h->maker.close = har_close;
	h->maker.out = text_new(SIZE_MAX / 2);
	return &h->maker;
}

bool har_claims(struct slice part)
{
	bool framed = false;

	while (part.n) {
		struct slice name, value, text;

		if (!json_take_member(slice_split(&part, '\n'), &name, &value))
			continue;
		framed |= slice_is(name, "opcode");
		if (framed && slice_is(name, "data") && is_sip(value, &text))
			return true;
	}
	return false;
}
