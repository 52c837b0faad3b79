/*
 * Lines of a SIP header block (RFC 3261 7, 7.3.1).
 *
 * They should end in CRLF.  LF alone, CR alone and several CRs in front of LF
 * end one too, since receivers take them; a CR that is the very last byte does
 * not, it may be half of a CRLF.
 */
#include "config.h"

#include "dissectors/sip_parts.h"

/* Looks for the next LF, once for each of them however many CRs there are. */
static void seek_lf(struct sip_lines *lines)
{
	size_t step;

	if (slice_find(slice_from(lines->all, lines->at), '\n', &step))
		lines->lf = lines->at + step;
	else
		lines->lf = lines->all.n;
}

struct sip_lines sip_lines_over(struct slice s)
{
	struct sip_lines lines = {.all = s};

	seek_lf(&lines);
	return lines;
}

bool sip_line_next(struct sip_lines *lines, struct slice *line)
{
	const struct slice all = lines->all;
	const size_t at = lines->at;
	size_t cr, after;

	if (lines->lf < at)
		seek_lf(lines);
	if (slice_find(slice_cut(all, at, lines->lf - at), '\r', &cr)) {
		lines->end = at + cr;
		after = lines->end + 1;
		while (after < lines->lf && all.p[after] == '\r')
			after++;
		if (after == all.n)
			return false;
		if (after != lines->lf || after != lines->end + 1)
			lines->odd = true;
		lines->at = (after == lines->lf ? after : lines->end) + 1;
	} else {
		if (lines->lf == all.n)
			return false;
		lines->end = lines->lf;
		lines->at = lines->lf + 1;
		lines->odd = true;
	}
	*line = slice_cut(all, at, lines->end - at);
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
