/* Words that mean the same in all lines: ends, times, bytes, passwords. */
#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "tests/support/mkcapture/maker.h"

void put8(struct text *to, unsigned n)
{
	text_putc(to, (char)(n & 0xFF));
}

void put16(struct text *to, unsigned n)
{
	put8(to, n >> 8);
	put8(to, n);
}

void put32(struct text *to, uint32_t n)
{
	put16(to, n >> 16);
	put16(to, n & 0xFFFF);
}

static _Noreturn void out_of_memory(void)
{
	fputs("mkcapture: out of memory\n", stderr);
	exit(1);
}

const char *maker_keep(struct maker *m, struct slice s)
{
	const char *text = arena_text(m->arena, s);

	if (!text)
		out_of_memory();
	return text;
}

const char *maker_text(struct maker *m, const char *format, ...)
{
	char buffer[4096];
	va_list list;

	va_start(list, format);
	vsnprintf(buffer, sizeof(buffer), format, list);
	va_end(list);
	return maker_keep(m, slice_of_text(buffer));
}

/* ---- ends ---- */

struct endpoint maker_host(const struct maker *m, const struct line *line,
			   const char *text)
{
	struct endpoint e;

	for (size_t i = 0; i < m->host_count; i++)
		if (strcmp(m->hosts[i].name, text) == 0)
			return m->hosts[i].ip;
	if (endpoint_parse(slice_of_text(text), 0, &e) != STATUS_OK)
		recipe_stop(line, "%s is neither a host nor an address", text);
	return e;
}

struct endpoint maker_end(const struct maker *m, const struct line *line,
			  const char *text)
{
	const char *colon = strrchr(text, ':');
	struct endpoint e;
	char host[128];

	if (!colon || (size_t)(colon - text) >= sizeof(host))
		recipe_stop(line, "%s is not of the form host:port", text);
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	e = maker_host(m, line, host);
	e.port = (uint16_t)recipe_number(line, colon + 1, UINT16_MAX);
	return e;
}

nanoseconds maker_time(const struct line *line, const char *text)
{
	static const struct {
		const char *unit;
		nanoseconds size;
	} units[] = {{"us", NS_PER_US}, {"ms", NS_PER_MS}, {"s", NS_PER_S}};
	bool minus = *text == '-';
	size_t n = strspn(text += minus, "0123456789");

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t count;

		if (strcmp(text + n, units[i].unit) == 0 &&
		    slice_number(slice_of(text, n), 1000000000, &count) ==
			    STATUS_OK)
			return (nanoseconds)count * units[i].size *
			       (minus ? -1 : 1);
	}
	recipe_stop(line, "%s is no time: 5s, 20ms, 100us", text);
}

/* ---- bytes ---- */

struct slice maker_hex(struct maker *m, const struct line *line,
		       const char *digits)
{
	struct slice s = slice_of_text(digits);
	uint8_t *bytes = arena_alloc(m->arena, s.n / 2 + 1);
	size_t n = 0;

	if (!bytes)
		out_of_memory();
	for (size_t i = 0; i < s.n; i++) {
		uint64_t byte;

		if (s.p[i] == ' ')
			continue;
		if (slice_cut(s, i, 2).n != 2 ||
		    slice_hex(slice_cut(s, i, 2), 255, &byte) != STATUS_OK)
			recipe_stop(line, "%s is not hexadecimal", digits);
		bytes[n++] = (uint8_t)byte;
		i++;
	}
	return slice_of(bytes, n);
}

struct slice maker_bytes(struct maker *m, const struct line *line,
			 const char *text)
{
	if (strncmp(text, "hex:", 4) == 0)
		return maker_hex(m, line, text + 4);
	return slice_of_text(text);
}

static bool escape_of(char letter, char *out)
{
	static const char letters[] = "rnt0\\", means[] = "\r\n\t\0\\";
	const char *at = letter ? strchr(letters, letter) : NULL;

	if (at)
		*out = means[at - letters];
	return at != NULL;
}

struct slice maker_unescape(struct maker *m, const char *text)
{
	struct slice s = slice_of_text(text);
	struct text to = text_new(PAYLOAD_MAX);
	struct slice out;

	for (size_t i = 0; i < s.n; i++) {
		uint64_t byte;
		char c = (char)s.p[i];

		if (c == '\\' && i + 3 < s.n && s.p[i + 1] == 'x' &&
		    slice_hex(slice_cut(s, i + 2, 2), 255, &byte) ==
			    STATUS_OK) {
			c = (char)byte;
			i += 3;
		} else if (c == '\\' && i + 1 < s.n &&
			   escape_of((char)s.p[i + 1], &c)) {
			i++;
		}
		text_putc(&to, c);
	}
	out = arena_copy(m->arena, text_slice(&to));
	text_free(&to);
	return out;
}

uint64_t maker_times(struct maker *m, const struct line *line,
		     const char **rest)
{
	struct slice text = slice_of_text(line->text), number;

	*rest = line->text;
	if (!slice_starts(text, SLICE("times ")))
		return 1;
	text = slice_from(text, 6);
	number = slice_split(&text, ' ');
	*rest = maker_keep(m, text);
	return recipe_number(line, maker_keep(m, number), PAYLOAD_MAX);
}

/* ---- passwords of user fragments ---- */

void maker_know_password(struct maker *m, const struct line *line,
			 const char *ufrag, const char *password)
{
	for (size_t i = 0; i < m->secret_count; i++)
		if (strcmp(m->secrets[i].ufrag, ufrag) == 0) {
			m->secrets[i].password = password;
			return;
		}
	if (m->secret_count == SECRETS_MAX)
		recipe_stop(line, "more than %u user fragments", SECRETS_MAX);
	m->secrets[m->secret_count].ufrag = ufrag;
	m->secrets[m->secret_count++].password = password;
}

const char *maker_password(struct maker *m, const struct line *line,
			   const char *ufrag)
{
	for (size_t i = 0; i < m->secret_count; i++)
		if (strcmp(m->secrets[i].ufrag, ufrag) == 0)
			return m->secrets[i].password;
	maker_know_password(m, line, ufrag,
			    maker_text(m, "%sPasswordOfManyCharacters", ufrag));
	return m->secrets[m->secret_count - 1].password;
}
