/*
 * Lines of a SIP header block (RFC 3261 7, 7.3.1).
 *
 * They should end in CRLF.  LF alone, CR alone and several CRs in front of LF
 * end one too, since receivers take them; a CR that is the very last byte does
 * not, it may be half of a CRLF.
 */
#include "config.h"

#include "dissectors/sip_parts.h"

struct sip_lines sip_lines_over(struct slice s)
{
	return (struct sip_lines){.all = s};
}

/* Where does the line behind this end begin?  0: nobody knows yet. */
static size_t behind_end(const struct sip_lines *lines)
{
	const struct slice all = lines->all;
	size_t at = lines->end;

	if (all.p[at] == '\n')
		return at + 1;
	while (at < all.n && all.p[at] == '\r')
		at++;
	if (at == all.n)
		return 0;
	return all.p[at] == '\n' ? at + 1 : lines->end + 1;
}

bool sip_line_next(struct sip_lines *lines, struct slice *line)
{
	const struct slice rest = slice_from(lines->all, lines->at);
	const size_t n = scan_line_end(rest);
	size_t next;

	if (n == rest.n)
		return false;
	lines->end = lines->at + n;
	next = behind_end(lines);
	if (!next)
		return false;
	if (rest.p[n] == '\n' || next != lines->end + 2)
		lines->odd = true;
	lines->at = next;
	*line = slice_first(rest, n);
	return true;
}

static bool folds(const struct sip_lines *lines)
{
	const struct slice rest = slice_from(lines->all, lines->at);

	return rest.n && (rest.p[0] == ' ' || rest.p[0] == '\t');
}

struct sip_field_line sip_field_next(struct sip_lines *lines)
{
	struct sip_field_line got = {.folded = false};
	const size_t start = lines->at;
	struct slice line;

	while (sip_line_next(lines, &line)) {
		got.raw = slice_cut(lines->all, start, lines->end - start);
		if (got.raw.n == 0 || !folds(lines))
			return got;
		got.folded = true;
	}
	got.raw = slice_from(lines->all, start);
	while (got.raw.n && got.raw.p[got.raw.n - 1] == '\r')
		got.raw.n--;
	got.unended = true;
	lines->at = lines->all.n;
	return got;
}

struct slice sip_unfold(struct arena *arena, struct slice raw)
{
	uint8_t *to = arena_alloc(arena, raw.n);
	size_t n = 0;

	if (!to)
		return (struct slice){0};
	for (size_t i = 0; i < raw.n; i++) {
		if (raw.p[i] != '\r' && raw.p[i] != '\n') {
			to[n++] = raw.p[i];
			continue;
		}
		while (n && sip_is_blank(to[n - 1]))
			n--;
		while (i + 1 < raw.n && sip_is_blank(raw.p[i + 1]))
			i++;
		to[n++] = ' ';
	}
	return slice_trim(slice_of(to, n));
}
