/*
 * What chrome://webrtc-internals hands out (and Edge and Opera under their
 * names): JSON with a line for each value, in it for each peer connection what
 * the page asked for and what became of it, and the course of its figures:
 *
 *    "PeerConnections": {
 *     "8-2": {
 *      "stats": {...},
 *      "updateLog": [
 *       {
 *        "type": "setRemoteDescription",
 *        "value": "{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n...\"}",
 *        "timestamp": 1796077893842.062
 *       },
 *
 * Older ones have "time" in the words of the browser's language, and values as
 * "type: offer, sdp: v=0...".  Each connection has its own log: what they hold
 * is put in the order of time.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "capture/log_internals.h"
#include "capture/log_internals_stats.h"
#include "capture/log_json.h"

/* All that is kept of a file. */
#define KEPT_MAX ((size_t)256 << 20)
#define TYPE_MAX 48u
#define NAME_MAX 17u /* of an end, with NUL */
/* 2100-01-01 in milliseconds: no clock is later. */
#define MILLISECONDS_MAX UINT64_C(4102444800000)

enum step {
	STEP_NONE,
	STEP_OWN,   /* what this side describes */
	STEP_PEER,  /* what the other side is said to have described */
	STEP_STATE, /* of ICE or of all */
	STEP_TROUBLE,
};

static const struct step_row {
	const char *name; /* without "on" in front */
	enum step step;
	const char *words;
} step_rows[] = {
	{"setLocalDescription", STEP_OWN, ""},
	/* Of a description that the browser was left to make. */
	{"setLocalDescriptionOnSuccess", STEP_OWN, ""},
	{"setRemoteDescription", STEP_PEER, ""},
	{"icecandidate", STEP_OWN, ""},
	{"addIceCandidate", STEP_PEER, ""},
	{"iceconnectionstatechange", STEP_STATE, "ICE"},
	{"connectionstatechange", STEP_STATE, "connection"},
	{"icegatheringstatechange", STEP_STATE, "candidates"},
	{"close", STEP_STATE, "connection closed"},
	{"icecandidateerror", STEP_TROUBLE, "no candidate"},
	{"createOfferOnFailure", STEP_TROUBLE, "no offer"},
	{"createAnswerOnFailure", STEP_TROUBLE, "no answer"},
	{"setLocalDescriptionOnFailure", STEP_TROUBLE,
	 "own description refused"},
	{"setRemoteDescriptionOnFailure", STEP_TROUBLE,
	 "description of the other side refused"},
	{"addIceCandidateFailed", STEP_TROUBLE,
	 "candidate of the other side refused"},
	{"addIceCandidateOnFailure", STEP_TROUBLE,
	 "candidate of the other side refused"},
};

/* What the page allowed it, told behind its first description. */
static const struct step_row configured = {"rtcConfiguration", STEP_STATE,
					   "configured"};

/* What was in use when the dump was made. */
static const struct step_row in_use = {"selectedCandidatePairId", STEP_STATE,
				       "pair in use"};

/* One line of a connection's log. */
struct entry {
	nanoseconds time;
	bool has_time, zoned;
	size_t order; /* as they were read */
	uint64_t offset;
	size_t at, n; /* the text */
	char connection[NAME_MAX];
	const struct step_row *row;
};

struct internals {
	struct entry *entries;
	size_t count, room;
	struct text texts;
	size_t next;
	enum status ended; /* how the file did */
	/* What is being read: */
	enum { OUTSIDE, IN_LOG, IN_ENTRY } within;
	struct entry entry;
	struct text value;
	struct text configuration; /* that was not told yet */
	struct internals_stats stats;
};

void internals_free(struct internals *x)
{
	if (!x)
		return;
	free(x->entries);
	text_free(&x->texts);
	text_free(&x->value);
	text_free(&x->configuration);
	internals_stats_free(&x->stats);
	free(x);
}

/* ---- what an entry says ---- */

static const struct step_row *row_of(struct slice type)
{
	if (slice_starts(type, SLICE("on")))
		type = slice_from(type, 2);
	for (size_t i = 0; i < sizeof(step_rows) / sizeof(step_rows[0]); i++)
		if (slice_is_nocase(type, step_rows[i].name))
			return &step_rows[i];
	return NULL;
}

/* 1796077893842.062 */
static bool take_milliseconds(struct slice value, struct entry *to)
{
	struct slice whole = slice_split(&value, '.');
	uint64_t ms, part = 0;
	struct slice digits = slice_first(value, 3);

	if (slice_number(whole, MILLISECONDS_MAX, &ms) != STATUS_OK ||
	    (digits.n && slice_number(digits, 999, &part) != STATUS_OK))
		return false;
	for (size_t i = digits.n; i < 3; i++)
		part *= 10;
	to->time = (nanoseconds)ms * NS_PER_MS + (nanoseconds)part * NS_PER_US;
	to->has_time = to->zoned = true;
	return true;
}

/* In the words of some language: what looks like a date and time is one. */
static void take_words_of_time(struct slice value, struct entry *to)
{
	struct log_time time;

	if (!find_time(value, &time))
		return;
	to->time = time.time;
	to->has_time = true;
	to->zoned = time.zoned;
}

/* "type: offer, sdp: v=0..." is written as in JSON. */
static void put_older_description(struct text *to, struct slice value)
{
	struct slice type = slice_from(value, 6), sdp;
	size_t at;

	if (!slice_search(type, SLICE(", sdp: "), &at))
		return;
	sdp = slice_from(type, at + 7);
	text_puts(to, "{\"type\":\"");
	text_put(to, slice_first(type, at));
	text_puts(to, "\",\"sdp\":\"");
	for (size_t i = 0; i < sdp.n; i++) {
		if (sdp.p[i] == '\r')
			text_puts(to, "\\r");
		else if (sdp.p[i] == '\n')
			text_puts(to, "\\n");
		else if (sdp.p[i] != '"' && sdp.p[i] != '\\')
			text_putc(to, (char)sdp.p[i]);
	}
	text_puts(to, "\"}");
}

/* "sdpMid: 0, sdpMLineIndex: 0, candidate: candidate:1 ..., url: ..." */
static void put_older_candidate(struct text *to, struct slice value)
{
	struct slice mid = slice_from(value, 8), candidate;
	size_t at;

	if (!slice_search(mid, SLICE("candidate: "), &at))
		return;
	candidate = slice_from(mid, at + 11);
	text_puts(to, "{\"sdpMid\":\"");
	text_put(to, slice_split(&mid, ','));
	text_puts(to, "\",\"candidate\":\"");
	text_put(to, slice_split(&candidate, ','));
	text_puts(to, "\"}");
}

static void put_told(struct text *to, struct slice value)
{
	if (slice_starts(value, SLICE("type: ")))
		put_older_description(to, value);
	else if (slice_starts(value, SLICE("sdpMid: ")))
		put_older_candidate(to, value);
	else if (slice_starts(value, SLICE("{")))
		text_put(to, value);
}

/* "ICEConnectionStateConnected", and with a "k" in front, in old dumps. */
static struct slice state_of(struct slice value, uint8_t room[TYPE_MAX])
{
	struct slice state = value;
	size_t n;

	if (slice_starts(state, SLICE("k")))
		state = slice_from(state, 1);
	if (!slice_starts(state, SLICE("ICEConnectionState")))
		return value;
	state = slice_from(state, 18);
	n = state.n < TYPE_MAX ? state.n : TYPE_MAX;
	for (size_t i = 0; i < n; i++)
		room[i] = state.p[i] >= 'A' && state.p[i] <= 'Z'
				  ? (uint8_t)(state.p[i] - 'A' + 'a')
				  : state.p[i];
	return slice_of(room, n);
}

/* Without quotes and line ends around and in it. */
static void put_said(struct text *to, const struct step_row *row,
		     struct slice value)
{
	uint8_t room[TYPE_MAX];

	value = state_of(value, room);
	text_puts(to, row->words);
	if (value.n)
		text_puts(to, ": ");
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] == '\n' || value.p[i] == '\r')
			text_putc(to, ' ');
		else if (value.p[i] != '"')
			text_putc(to, (char)value.p[i]);
}

static bool is_told(const struct step_row *row)
{
	return row->step == STEP_OWN || row->step == STEP_PEER;
}

static struct entry *entry_add(struct internals *x)
{
	if (x->count == x->room) {
		size_t room = x->room ? x->room * 2 : 256;
		struct entry *entries =
			realloc(x->entries, room * sizeof(*entries));

		if (!entries)
			return NULL;
		x->entries = entries;
		x->room = room;
	}
	return &x->entries[x->count++];
}

/* What it says is kept, if it says anything. */
static enum status keep_entry(struct internals *x, const struct entry *e,
			      struct slice value)
{
	const size_t at = x->texts.n;
	struct entry *to;

	if (is_told(e->row))
		put_told(&x->texts, value);
	else
		put_said(&x->texts, e->row, value);
	if (x->texts.failed != STATUS_OK || x->texts.n == at)
		return x->texts.failed;
	to = entry_add(x);
	if (!to)
		return STATUS_NOMEM;
	*to = *e;
	to->order = x->count;
	to->at = at;
	to->n = x->texts.n - at;
	return STATUS_OK;
}

static enum status end_entry(struct internals *x)
{
	const size_t before = x->count;
	struct entry e = x->entry;
	enum status status;

	if (x->value.failed == STATUS_NOMEM ||
	    x->configuration.failed == STATUS_NOMEM)
		return STATUS_NOMEM;
	if (!e.row)
		return STATUS_OK;
	status = keep_entry(x, &e, text_slice(&x->value));
	if (status != STATUS_OK || x->count == before ||
	    e.row->step != STEP_OWN || x->configuration.n == 0)
		return status;
	e.row = &configured;
	status = keep_entry(x, &e, text_slice(&x->configuration));
	text_clear(&x->configuration);
	return status;
}

/* ---- lines ---- */

/* "8-2": {  The page's process and a number. */
static bool begins_connection(struct slice line, struct slice *name)
{
	struct slice rest = line, number;
	uint64_t n;

	if (!json_take_written(&rest, name) ||
	    !slice_is(slice_trim(rest), ": {"))
		return false;
	number = *name;
	return slice_number(slice_split(&number, '-'), UINT32_MAX, &n) ==
		       STATUS_OK &&
	       slice_number(number, UINT32_MAX, &n) == STATUS_OK;
}

/* The figures may stand behind the log. */
static enum status end_connection(struct internals *x)
{
	enum status status = x->stats.needy ? STATUS_NOMEM : STATUS_OK;
	struct text pair = text_new(RECORD_TEXT_MAX);
	struct entry e = x->entry;

	e.row = &in_use;
	for (size_t i = 0;
	     status == STATUS_OK && internals_stats_pair(&x->stats, i, &pair);
	     i++) {
		status = pair.failed == STATUS_NOMEM
				 ? STATUS_NOMEM
				 : keep_entry(x, &e, text_slice(&pair));
		text_clear(&pair);
	}
	text_free(&pair);
	internals_stats_clear(&x->stats);
	return status;
}

static void begin_connection(struct internals *x, struct slice name)
{
	const size_t n = name.n < NAME_MAX - 1 ? name.n : NAME_MAX - 1;

	x->within = OUTSIDE;
	x->entry.time = 0;
	x->entry.zoned = false;
	text_clear(&x->configuration);
	memcpy(x->entry.connection, name.p, n);
	x->entry.connection[n] = 0;
}

/* One that tells no time has that of the one before it. */
static void begin_entry(struct internals *x, uint64_t offset)
{
	x->within = IN_ENTRY;
	x->entry.row = NULL;
	x->entry.has_time = false;
	x->entry.offset = offset;
	text_clear(&x->value);
}

static void take_member(struct internals *x, struct slice line)
{
	struct slice name, value, text;

	if (!json_take_member(line, &name, &value))
		return;
	if (slice_is(name, "timestamp")) {
		(void)take_milliseconds(value, &x->entry);
		return;
	}
	if (!json_take_written(&value, &text))
		return;
	if (slice_is(name, "type"))
		x->entry.row = row_of(text);
	else if (slice_is(name, "value"))
		json_put_written(&x->value, text);
	else if (slice_is(name, "time") && !x->entry.has_time)
		take_words_of_time(text, &x->entry);
}

/* Servers, or that relays alone may be used; else it says nothing. */
static bool says_something(struct slice configuration)
{
	size_t at;

	return slice_search(configuration, SLICE("turn"), &at) ||
	       slice_search(configuration, SLICE("stun"), &at) ||
	       slice_search(configuration, SLICE("relay"), &at);
}

static void take_configuration(struct internals *x, struct slice line)
{
	struct slice name, value, text;

	if (json_take_member(line, &name, &value) &&
	    slice_is(name, "rtcConfiguration") &&
	    json_take_written(&value, &text) && says_something(text))
		json_put_written(&x->configuration, text);
}

static enum status take_line(struct internals *x, const struct log_line *l)
{
	const struct slice line = slice_trim(l->text);
	struct slice name;

	if (begins_connection(line, &name)) {
		enum status status = end_connection(x);

		begin_connection(x, name);
		return status;
	} else if (slice_is(line, "\"updateLog\": [")) {
		x->within = IN_LOG;
	} else if (x->within == IN_LOG && slice_is(line, "{")) {
		begin_entry(x, l->offset);
	} else if (x->within == IN_LOG && slice_starts(line, SLICE("]"))) {
		x->within = OUTSIDE;
	} else if (x->within == IN_ENTRY && slice_starts(line, SLICE("}"))) {
		x->within = IN_LOG;
		return end_entry(x);
	} else if (x->within == IN_ENTRY) {
		take_member(x, line);
	} else if (x->within == OUTSIDE) {
		take_configuration(x, line);
		internals_stats_take(&x->stats, line);
	}
	return STATUS_OK;
}

static int by_time(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* STATUS_END, or how the file failed: what was read before is there. */
static void read_all(struct log *log, struct internals *x)
{
	struct log_line line;

	x->ended = log_line_peek(&log->lines, &line);
	while (x->ended == STATUS_OK) {
		x->ended = take_line(x, &line);
		log_line_take(&log->lines);
		if (x->ended == STATUS_OK)
			x->ended = log_line_peek(&log->lines, &line);
	}
	if (x->ended == STATUS_END && end_connection(x) != STATUS_OK)
		x->ended = STATUS_NOMEM;
	if (x->count)
		qsort(x->entries, x->count, sizeof(*x->entries), by_time);
}

/* ---- records ---- */

/* "browser-8-2" and "far-end-8-2" */
static struct endpoint end_named(const char *side, const char *connection)
{
	char name[2 * NAME_MAX];
	int n = snprintf(name, sizeof(name), "%s-%s", side, connection);

	return endpoint_of_name(slice_of(name, (size_t)n), 0);
}

static enum record_level level_of(const struct step_row *row, struct slice text)
{
	size_t at;

	if (slice_search(text, SLICE("failed"), &at))
		return RECORD_FAILS;
	return row->step == STEP_TROUBLE ||
			       slice_search(text, SLICE("disconnected"), &at)
		       ? RECORD_WARNS
		       : RECORD_PLAIN;
}

static void put_record(struct log *log, const struct internals *x,
		       const struct entry *e)
{
	const bool told = is_told(e->row);
	struct slice text = slice_cut(text_slice(&x->texts), e->at, e->n);
	struct endpoint own = end_named("browser", e->connection);
	struct endpoint peer = end_named("far-end", e->connection);
	const bool back = e->row->step == STEP_PEER;

	log_begin(log,
		  told                         ? RECORD_TOLD
		  : e->row->step == STEP_STATE ? RECORD_STATE
					       : RECORD_TRACE,
		  e->offset);
	log->record.src = back ? peer : own;
	log->record.dst = back ? own : peer;
	log->record.id = slice_of_text(e->connection);
	if (!told)
		log->record.level = (uint8_t)level_of(e->row, text);
	if (e->time)
		log_set_time(log, &(struct log_time){.time = e->time,
						     .zoned = e->zoned});
	log_put(log, &log->text, text);
}

static enum status next(struct log *log)
{
	struct internals *x = log->internals;

	if (!x) {
		x = log->internals = calloc(1, sizeof(*x));
		if (!x)
			return STATUS_NOMEM;
		x->texts = text_new(KEPT_MAX);
		x->value = text_new(RECORD_TEXT_MAX);
		x->configuration = text_new(RECORD_TEXT_MAX);
		read_all(log, x);
	}
	if (x->next == x->count)
		return x->ended;
	put_record(log, x, &x->entries[x->next++]);
	return STATUS_OK;
}

static bool begins(struct slice line)
{
	return slice_is(slice_trim(line), "\"updateLog\": [");
}

static bool claims(struct slice first)
{
	size_t at;

	return slice_search(first, SLICE("\"PeerConnections\": {"), &at) ||
	       slice_search(first, SLICE("\"rtcConfiguration\": \""), &at);
}

const struct log_form log_internals = {
	.name = "webrtc-internals",
	.zoneless = true,
	.claims = claims,
	.begins = begins,
	.next = next,
};
