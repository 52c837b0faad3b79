/* Finding where the values of a document begin and end (RFC 8259). */
#include "config.h"

#include <stdlib.h>

#include "check/pieces.h"

#define BLOCK 65536u

struct pieces {
	FILE *file;
	pieces_fn *fn;
	void *context;
	char block[BLOCK];
	size_t at, n;
	uint64_t before; /* bytes of the blocks that were read before */
	struct text text, member, name;
	bool by_name;
	enum status status;
};

/* ---- bytes ---- */

static bool fill(struct pieces *p)
{
	p->before += p->n;
	p->at = 0;
	p->n = fread(p->block, 1, sizeof(p->block), p->file);
	return p->n != 0;
}

static bool is_space(int c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* The next byte that is no space, which stays; EOF: there is none. */
static int peek(struct pieces *p)
{
	for (;;) {
		while (p->at < p->n && is_space(p->block[p->at]))
			p->at++;
		if (p->at < p->n)
			return (unsigned char)p->block[p->at];
		if (!fill(p))
			return EOF;
	}
}

static bool take(struct pieces *p, int c)
{
	if (peek(p) != c)
		return false;
	p->at++;
	return true;
}

/* How a value goes on. */
struct nesting {
	unsigned depth;
	bool in_text, escaped;
	bool plain; /* no text, list or object: ends before what follows */
};

/* Does the value end with this byte? */
static bool ends(struct nesting *n, char c)
{
	if (n->escaped) {
		n->escaped = false;
	} else if (n->in_text) {
		n->escaped = c == '\\';
		n->in_text = c != '"';
		return !n->in_text && n->depth == 0;
	} else if (c == '"') {
		n->in_text = true;
	} else if (c == '{' || c == '[') {
		n->depth++;
	} else if (c == '}' || c == ']') {
		return --n->depth == 0;
	}
	return false;
}

static bool ends_before(const struct nesting *n, char c)
{
	return n->plain && (c == ',' || c == '}' || c == ']' || is_space(c));
}

/* A whole value, in `to`. */
static bool read_value(struct pieces *p, struct text *to)
{
	int first = peek(p);
	struct nesting nesting = {.plain = first != '"' && first != '{' &&
					   first != '['};
	bool ended = first == EOF;

	text_clear(to);
	while (!ended) {
		size_t from = p->at;

		while (p->at < p->n && !ended) {
			ended = ends_before(&nesting, p->block[p->at]);
			if (!ended)
				ended = ends(&nesting, p->block[p->at++]);
		}
		text_put(to, slice_of(p->block + from, p->at - from));
		if (!ended && !fill(p))
			break;
	}
	if (to->failed != STATUS_OK)
		p->status = to->failed;
	return to->n && to->failed == STATUS_OK && (ended || nesting.plain);
}

/* ---- values ---- */

static bool read_name(struct pieces *p, struct text *to)
{
	return peek(p) == '"' && read_value(p, &p->text) &&
	       pieces_decode(text_slice(&p->text), to) && take(p, ':');
}

static bool hand_on(struct pieces *p, const struct piece *piece)
{
	if (p->fn(p->context, piece))
		return true;
	p->status = STATUS_LIMIT;
	return false;
}

static bool tell(struct pieces *p, struct piece *piece)
{
	int first = peek(p);

	if (first == EOF)
		return false;
	piece->member = p->member.p;
	piece->at = p->before + p->at;
	if (!read_value(p, &p->text))
		return false;
	piece->text = text_slice(&p->text);
	return hand_on(p, piece);
}

/* Behind the first bracket. */
static bool read_list(struct pieces *p)
{
	struct piece piece = {.row = true};

	do {
		if (!tell(p, &piece))
			return false;
		piece.number++;
	} while (take(p, ','));
	return take(p, ']');
}

static bool read_members(struct pieces *p)
{
	struct piece piece = {.row = true};

	/* An empty one comes whole. */
	if (take(p, '}'))
		return hand_on(p, &(struct piece){.member = p->member.p,
						  .text = SLICE("{}")});
	do {
		if (!read_name(p, &p->name))
			return false;
		piece.name = p->name.p;
		if (!tell(p, &piece))
			return false;
		piece.number++;
	} while (take(p, ','));
	return take(p, '}');
}

/* A list of anything but objects; its bracket is read already. */
static bool read_flat(struct pieces *p)
{
	struct piece piece = {.member = p->member.p,
			      .at = p->before + p->at - 1};
	struct text whole = text_new(PIECE_MAX);
	bool fine = true, more = peek(p) != ']';

	text_putc(&whole, '[');
	while (fine && more) {
		fine = read_value(p, &p->text);
		text_put(&whole, text_slice(&p->text));
		more = take(p, ',');
		if (more)
			text_putc(&whole, ',');
	}
	text_putc(&whole, ']');
	piece.text = text_slice(&whole);
	fine = fine && take(p, ']') && whole.failed == STATUS_OK &&
	       hand_on(p, &piece);
	text_free(&whole);
	return fine;
}

static bool read_member(struct pieces *p)
{
	struct piece piece = {.row = false};

	if (!read_name(p, &p->member))
		return false;
	if (p->by_name && take(p, '{'))
		return read_members(p);
	if (!p->by_name && take(p, '['))
		return peek(p) == '{' ? read_list(p) : read_flat(p);
	return tell(p, &piece);
}

static bool read_document(struct pieces *p)
{
	if (!take(p, '{'))
		return false;
	if (!take(p, '}')) {
		do {
			if (!read_member(p))
				return false;
		} while (take(p, ','));
		if (!take(p, '}'))
			return false;
	}
	return peek(p) == EOF;
}

enum status pieces_read(FILE *file, bool by_name, pieces_fn *fn, void *context)
{
	struct pieces *p = calloc(1, sizeof(*p));
	enum status status;

	if (!p)
		return STATUS_NOMEM;
	p->file = file;
	p->fn = fn;
	p->context = context;
	p->by_name = by_name;
	p->text = text_new(PIECE_MAX);
	p->member = text_new(PIECE_MAX);
	p->name = text_new(PIECE_MAX);
	status = read_document(p) && !ferror(file) ? STATUS_OK : STATUS_BAD;
	if (p->status != STATUS_OK)
		status = p->status;
	text_free(&p->text);
	text_free(&p->member);
	text_free(&p->name);
	free(p);
	return status;
}

/* ---- texts in a piece ---- */

/* The size of a text that begins here, with both marks. */
static size_t text_size(struct slice s)
{
	size_t at = 1;

	while (at < s.n && s.p[at] != '"')
		at += s.p[at] == '\\' ? 2 : 1;
	return at < s.n ? at + 1 : s.n;
}

static bool is_member(struct slice rest)
{
	size_t at = 0;

	while (at < rest.n && is_space(rest.p[at]))
		at++;
	return at < rest.n && rest.p[at] == ':';
}

void pieces_texts(struct slice piece, pieces_text_fn *fn, void *context)
{
	struct slice member = {0}, text;
	unsigned depth = 0;
	size_t at = 0;

	while (at < piece.n) {
		const uint8_t c = piece.p[at];

		if (c != '"') {
			depth += c == '{' || c == '[';
			depth -= c == '}' || c == ']';
			at++;
			continue;
		}
		text = slice_from(piece, at);
		text = slice_first(text, text_size(text));
		at += text.n;
		if (is_member(slice_from(piece, at)))
			member = text;
		else
			fn(context, depth, member, text);
	}
}

bool pieces_decode(struct slice quoted, struct text *to)
{
	json_t *value;
	size_t at;

	text_clear(to);
	if (quoted.n < 2)
		return false;
	if (!slice_find(quoted, '\\', &at)) {
		text_put(to, slice_cut(quoted, 1, quoted.n - 2));
		text_putc(to, '\0');
		return to->failed == STATUS_OK;
	}
	value = json_loadb((const char *)quoted.p, quoted.n, JSON_DECODE_ANY,
			   NULL);
	if (json_is_string(value))
		text_puts(to, json_string_value(value));
	text_putc(to, '\0');
	json_decref(value);
	return value && to->failed == STATUS_OK;
}
