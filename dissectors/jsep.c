/* Offers, answers and candidates in JSON. */
#include "config.h"

#include "core/cursor.h"
#include "core/hash.h"
#include "core/text.h"
#include "dissectors/jsep.h"

/* An object that is open: its members that matter, as written. */
struct object {
	struct slice type, sdp, candidate, mid, ufrag;
	enum jsep_kind kind; /* by the name of the member with SDP */
};

struct jsep_reader {
	struct arena *arena;
	struct jsep_item *out;
	size_t count;
	unsigned packed;
};

/* ---- strings (RFC 8259 7) ---- */

/* Behind the opening quote: what stands before the closing one. */
static bool take_string(struct cursor *c, struct slice *out)
{
	struct slice rest = cursor_rest(c);
	size_t n = 0;

	while (n < rest.n && rest.p[n] != '"')
		n += rest.p[n] == '\\' ? 2 : 1;
	if (n >= rest.n)
		return false;
	*out = cursor_take(c, n);
	cursor_skip(c, 1);
	return true;
}

/* Descriptions are ASCII: what is not has no meaning there. */
static uint8_t code_point(struct cursor *c)
{
	struct slice digits = cursor_take(c, 4);
	unsigned value = 0;

	for (size_t i = 0; i < digits.n; i++) {
		unsigned d = digits.p[i];

		value = value * 16 +
			(d <= '9' ? d - '0' : (d | 0x20u) - 'a' + 10u);
	}
	return value > 0 && value < 0x80 ? (uint8_t)value : '?';
}

static uint8_t escaped(struct cursor *c)
{
	uint8_t what = cursor_u8(c);

	switch (what) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'u':
		return code_point(c);
	default:
		return what;
	}
}

/* Unescaped, in the arena; empty when there is no room. */
static struct slice unescape(struct jsep_reader *r, struct slice raw)
{
	struct cursor c = cursor_over(raw);
	uint8_t *to = arena_alloc(r->arena, raw.n + 1);
	size_t n = 0;

	/* A short "\\u" is not consumed, and ends it. */
	while (to && c.left && !c.bad) {
		uint8_t byte = cursor_u8(&c);

		to[n++] = byte == '\\' ? escaped(&c) : byte;
	}
	return to ? slice_of(to, n) : (struct slice){0};
}

/* ---- what an object says ---- */

static bool says(struct slice s, const char *word)
{
	size_t at;

	return slice_search(s, slice_of_text(word), &at);
}

static enum jsep_kind kind_of(struct slice name)
{
	if (says(name, "ffer"))
		return JSEP_OFFER;
	return says(name, "nswer") ? JSEP_ANSWER : JSEP_UNKNOWN;
}

static void add(struct jsep_reader *r, enum jsep_kind kind, struct slice text)
{
	if (text.n && r->count < JSEP_ITEMS_MAX)
		r->out[r->count++] = (struct jsep_item){kind, text};
}

/* "ufrag xyz" at the end of the line, as browsers write it. */
static struct slice ufrag_in(struct slice line)
{
	size_t at;

	if (!slice_search(line, SLICE(" ufrag "), &at))
		return (struct slice){0};
	line = slice_from(line, at + 7);
	return slice_split(&line, ' ');
}

static void put_line(struct text *to, const char *name, struct slice value)
{
	if (value.n == 0)
		return;
	text_put(to, slice_of_text(name));
	text_put(to, value);
	text_put(to, SLICE("\r\n"));
}

/* RFC 8839 5.1; libdatachannel hands it out as a line of SDP. */
static bool is_candidate(struct slice value)
{
	return slice_starts(value, SLICE("candidate:")) ||
	       slice_starts(value, SLICE("a=candidate:"));
}

static void add_candidate(struct jsep_reader *r, const struct object *o)
{
	struct slice line = unescape(r, o->candidate);
	struct slice ufrag = o->ufrag.n ? o->ufrag : ufrag_in(line);
	struct text text = text_new(line.n + o->mid.n + ufrag.n + 64);
	struct slice kept;

	put_line(&text, "a=ice-ufrag:", ufrag);
	put_line(&text, "a=mid:", o->mid.n ? o->mid : SLICE("0"));
	put_line(&text, slice_starts(line, SLICE("a=")) ? "" : "a=", line);
	kept = arena_copy(r->arena, text_slice(&text));
	if (kept.n)
		add(r, JSEP_CANDIDATE, kept);
	text_free(&text);
}

static void end_object(struct jsep_reader *r, const struct object *o)
{
	enum jsep_kind kind = kind_of(o->type);

	if (o->sdp.n)
		add(r, kind ? kind : o->kind, unescape(r, o->sdp));
	else if (o->candidate.n)
		add_candidate(r, o);
}

static void read_all(struct jsep_reader *r, struct slice in);

static void member(struct jsep_reader *r, struct object *o, struct slice name,
		   struct slice value)
{
	if (slice_starts(value, SLICE("v=0\\"))) {
		o->sdp = value;
		o->kind = kind_of(name);
	} else if (is_candidate(value)) {
		o->candidate = value;
	} else if (slice_is(name, "type")) {
		o->type = value;
	} else if (slice_is(name, "sdpMid")) {
		o->mid = value;
	} else if (slice_is(name, "usernameFragment")) {
		o->ufrag = value;
	} else if (slice_starts(value, SLICE("{\\\"")) &&
		   r->packed < JSEP_PACKED_MAX) {
		r->packed++;
		read_all(r, unescape(r, value));
		r->packed--;
	}
}

static void skip_blanks(struct cursor *c)
{
	struct slice rest = cursor_rest(c);
	size_t n = 0;

	while (n < rest.n && (rest.p[n] == ' ' || rest.p[n] == '\t' ||
			      rest.p[n] == '\r' || rest.p[n] == '\n'))
		n++;
	cursor_skip(c, n);
}

/* ---- the text ---- */

/* Objects that are open; [0] is what stands outside of all. */
struct nesting {
	struct object objects[JSEP_DEPTH_MAX + 1];
	unsigned depth;
	struct slice name; /* of the member whose value comes */
};

/* A string is a name where a colon follows. */
static bool string(struct jsep_reader *r, struct cursor *c, struct nesting *n)
{
	struct slice s;

	if (!take_string(c, &s))
		return false;
	skip_blanks(c);
	if (slice_starts(cursor_rest(c), SLICE(":"))) {
		n->name = s;
		return true;
	}
	member(r, &n->objects[n->depth], n->name, s);
	n->name = (struct slice){0};
	return true;
}

/* False: it is over, or nested too deep. */
static bool one(struct jsep_reader *r, struct cursor *c, struct nesting *n)
{
	switch (cursor_u8(c)) {
	case '{':
		if (n->depth == JSEP_DEPTH_MAX)
			return false;
		n->objects[++n->depth] = (struct object){.kind = JSEP_UNKNOWN};
		n->name = (struct slice){0};
		break;
	case '}':
		if (n->depth == 0)
			return false;
		end_object(r, &n->objects[n->depth--]);
		break;
	case '"':
		return string(r, c, n);
	default:
		break;
	}
	return true;
}

static void read_all(struct jsep_reader *r, struct slice in)
{
	struct nesting n = {.depth = 0};
	struct cursor c = cursor_over(in);

	while (c.left && !c.bad && one(r, &c, &n))
		;
}

size_t jsep_read(struct arena *arena, struct slice in,
		 struct jsep_item out[JSEP_ITEMS_MAX])
{
	struct jsep_reader r = {.arena = arena, .out = out};
	size_t at;

	if (slice_find(in, '{', &at) &&
	    (says(in, "v=0") || says(in, "candidate:")))
		read_all(&r, slice_from(in, at));
	return r.count;
}

/* ---- marks ---- */

#define MARK_MIN 4u
#define MARK_MAX 64u

static size_t add_mark(struct slice value, uint32_t *out, size_t count)
{
	const uint32_t mark = (uint32_t)hash_bytes(0, value);

	if (value.n < MARK_MIN || value.n > MARK_MAX ||
	    slice_starts(value, SLICE("v=0")) || is_candidate(value))
		return count;
	for (size_t i = 0; i < count; i++)
		if (out[i] == mark)
			return count;
	out[count] = mark;
	return count + 1;
}

static struct slice take_digits(struct cursor *c)
{
	struct slice rest = cursor_rest(c);
	size_t n = 0;

	while (n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9')
		n++;
	return cursor_take(c, n);
}

size_t jsep_marks(struct slice in, uint32_t out[JSEP_MARKS_MAX])
{
	struct cursor c = cursor_over(in);
	size_t count = 0;

	while (c.left && !c.bad && count < JSEP_MARKS_MAX) {
		struct slice value = take_digits(&c);

		if (value.n) {
			count = add_mark(value, out, count);
		} else if (cursor_u8(&c) == '"') {
			if (!take_string(&c, &value))
				break;
			skip_blanks(&c);
			/* Not the name of a member. */
			if (!slice_starts(cursor_rest(&c), SLICE(":")))
				count = add_mark(value, out, count);
		}
	}
	return count;
}

const char *jsep_kind_name(enum jsep_kind kind)
{
	static const char *const names[] = {
		[JSEP_UNKNOWN] = "description",
		[JSEP_OFFER] = "offer",
		[JSEP_ANSWER] = "answer",
		[JSEP_CANDIDATE] = "candidate",
	};

	return names[kind];
}
