/* Taking out of an analysis what differs from run to run. */
#include "config.h"

#include <stdlib.h>

#include "check/pieces.h"
#include "check/scenario.h"

#define TEXT_MAX ((size_t)1 << 20)

struct scenario {
	json_t *words; /* volatile words and what stands for them */
	struct text scratch;
	bool failed;
};

/* ---- words that a program made up ---- */

/* Members whose values are such, and what they become. */
static const struct {
	const char *member, *word;
} volatile_members[] = {
	{"call_id", "call"},    {"from_tag", "tag"},
	{"to_tag", "tag"},      {"ufrag", "ufrag"},
	{"ssrc", "ssrc"},       {"foundation", "foundation"},
	{"session", "session"},
};

static const char *word_for(const char *member)
{
	size_t count = sizeof(volatile_members) / sizeof(volatile_members[0]);

	for (size_t i = 0; i < count; i++)
		if (volatile_members[i].member[0] == member[0] &&
		    strcmp(volatile_members[i].member, member) == 0)
			return volatile_members[i].word;
	return NULL;
}

/* Members are ASCII: the same with and without the marks around. */
static const char *word_for_quoted(struct slice member)
{
	char name[32];
	size_t n = member.n > 2 ? member.n - 2 : 0;

	if (n == 0 || n >= sizeof(name))
		return NULL;
	memcpy(name, member.p + 1, n);
	name[n] = '\0';
	return word_for(name);
}

void scenario_note(struct scenario *s, struct slice member, struct slice value)
{
	const char *word = word_for_quoted(member);

	/* Short ones would be found in words of the language. */
	if (!word || !pieces_decode(value, &s->scratch) ||
	    strlen(s->scratch.p) < 4)
		return;
	if (!tree_set(s->words, s->scratch.p, word))
		s->failed = true;
}

/* ---- rewriting texts ---- */

static bool is_wordly(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' ||
	       c == '+' || c == '/' || c == '@' || c == '!' || c == '%' ||
	       c == '*';
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Ports that say which service it is. */
static bool is_service(uint64_t port)
{
	static const uint16_t ports[] = {53,   80,   443,  3478, 3479,
					 5060, 5061, 5062, 5067, 5349,
					 5350, 8080, 8443};

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (ports[i] == port)
			return true;
	return false;
}

/* ":40000" behind an address becomes ":*". */
static size_t put_port(struct scenario *s, struct slice rest)
{
	size_t n = 1;
	uint64_t port;

	while (n < rest.n && n < 7 && is_digit(rest.p[n]))
		n++;
	if (n < 2 ||
	    (n < rest.n &&
	     (is_digit(rest.p[n]) || (rest.p[n] >= 'a' && rest.p[n] <= 'z'))) ||
	    slice_number(slice_cut(rest, 1, n - 1), 65535, &port) !=
		    STATUS_OK ||
	    is_service(port)) {
		text_putc(&s->scratch, ':');
		return 1;
	}
	text_puts(&s->scratch, ":*");
	return n;
}

/* "bob-0x55af0ffb34f0": some programs name contacts after pointers. */
static bool put_pointer(struct scenario *s, struct slice word)
{
	size_t at, n;

	if (!slice_search(word, SLICE("0x"), &at))
		return false;
	n = at + 2;
	while (n < word.n &&
	       (is_digit(word.p[n]) || (word.p[n] >= 'a' && word.p[n] <= 'f')))
		n++;
	if (n - at < 10)
		return false;
	text_put(&s->scratch, slice_first(word, at));
	text_puts(&s->scratch, "0x*");
	text_put(&s->scratch, slice_from(word, n));
	return true;
}

/* A run of letters, digits and what names are made of. */
static size_t put_word(struct scenario *s, struct slice rest, bool numbers)
{
	size_t n = 0, digits = 0;
	char name[256];
	const char *word = NULL;

	while (n < rest.n && is_wordly(rest.p[n]))
		digits += is_digit(rest.p[n++]);
	if (n < sizeof(name)) {
		memcpy(name, rest.p, n);
		name[n] = '\0';
		word = tree_text(s->words, name);
	}
	if (word)
		text_puts(&s->scratch, word);
	else if (digits == n && s->scratch.n &&
		 s->scratch.p[s->scratch.n - 1] == '~')
		text_putc(&s->scratch, 'N'); /* a port, as kamailio writes it */
	else if (put_pointer(s, slice_first(rest, n)))
		return n;
	else if (n > 6 && memcmp(rest.p + n - 6, ".local", 6) == 0)
		text_puts(&s->scratch, "name.local");
	else if (digits == n && (numbers || n > 8))
		text_putc(&s->scratch, 'N');
	else if (numbers && digits && rest.p[0] >= '0' && rest.p[0] <= '9' &&
		 digits + 1 == n)
		text_putc(&s->scratch, 'N');
	else
		text_put(&s->scratch, slice_first(rest, n));
	return n;
}

/* `numbers`: sentences, in which those do not count. */
static json_t *rewritten(struct scenario *s, json_t *value, bool numbers)
{
	const struct slice whole =
		slice_of(json_string_value(value), json_string_length(value));
	struct slice rest = whole;
	bool after = false; /* what an address ends with */

	text_clear(&s->scratch);
	while (rest.n) {
		size_t n = 1;

		if (rest.p[0] == ':' && after)
			n = put_port(s, rest);
		else if (is_wordly(rest.p[0]))
			n = put_word(s, rest, numbers);
		else
			text_putc(&s->scratch, (char)rest.p[0]);
		after = is_wordly(rest.p[n - 1]) || rest.p[n - 1] == ']';
		rest = slice_from(rest, n);
	}
	if (s->scratch.failed != STATUS_OK)
		return json_incref(value);
	if (slice_equal(text_slice(&s->scratch), whole))
		return json_incref(value);
	return json_stringn(s->scratch.n ? s->scratch.p : "", s->scratch.n);
}

static bool is_sentence(const char *member)
{
	static const char *const members[] = {"summary", "text", "why",
					      "message"};

	return tree_is_one_of(members, sizeof(members) / sizeof(members[0]),
			      member);
}

/* What says nothing over runs. */
static bool is_dropped(const char *member)
{
	static const char *const members[] = {
		"captures",  "counts",    "inventory", "generator", "frames",
		"frame",     "nominated", "first",     "last",      "start",
		"end",       "time",      "issued",    "expires",   "granted",
		"from_time", "priority",  "vantages",  "history",   "ssrc",
		"pwd",       "src_ports", "dst_ports",
	};

	return tree_is_one_of(members, sizeof(members) / sizeof(members[0]),
			      member);
}

/* RFC 3339, as all times in the document are. */
static bool is_time(const json_t *value)
{
	return json_string_length(value) == 30 &&
	       json_string_value(value)[10] == 'T' &&
	       json_string_value(value)[29] == 'Z';
}

static json_t *rewrite(struct scenario *s, const char *member, json_t *value);

static void rewrite_members(struct scenario *s, json_t *object)
{
	const char *key;
	json_t *inner;
	void *next;

	json_object_foreach_safe(object, next, key, inner) {
		json_t *made;

		if (is_dropped(key) || is_time(inner)) {
			(void)json_object_del(object, key);
			continue;
		}
		made = rewrite(s, key, inner);
		if (made == inner)
			json_decref(made);
		else if (json_object_set_new(object, key, made) != 0)
			s->failed = true;
	}
}

/* Lists and objects are changed where they are; what it returns belongs to the
 * caller as `value` does. */
static json_t *rewrite(struct scenario *s, const char *member, json_t *value)
{
	if (json_is_string(value) && word_for(member))
		return json_string(word_for(member));
	if (json_is_string(value))
		return rewritten(s, value, is_sentence(member));
	for (size_t i = 0; i < json_array_size(value); i++)
		if (json_array_set_new(
			    value, i,
			    rewrite(s, member, json_array_get(value, i))) != 0)
			s->failed = true;
	if (json_is_object(value))
		rewrite_members(s, value);
	return json_incref(value);
}

/* ---- names of rows ---- */

static void put_or(const json_t *row, const char *member, struct text *to)
{
	const char *text = tree_text(row, member);

	text_puts(to, text ? text : "?");
}

static void name_call(json_t *call, struct text *name)
{
	put_or(call, "from", name);
	text_puts(name, " > ");
	put_or(call, "to", name);
	text_printf(name, " (%s)", tree_text(call, "kind"));
}

static void name_allocation(json_t *row, struct text *name)
{
	put_or(row, "client", name);
	text_putc(name, ' ');
	put_or(row, "server", name);
	text_putc(name, ' ');
	put_or(row, "transport", name);
}

/* Its key ends in what a program made up. */
static void shorten(json_t *row, struct text *name)
{
	const char *key = tree_text(row, "key");

	if (key)
		text_put(name, slice_of(key, strcspn(key, " ")));
}

static void name_row(struct scenario *s, const char *member, json_t *row)
{
	static const struct {
		const char *member;
		void (*put)(json_t *row, struct text *name);
	} namings[] = {
		{"calls", name_call},  {"allocations", name_allocation},
		{"findings", shorten}, {"registrations", shorten},
		{"tokens", shorten},
	};

	for (size_t i = 0; i < sizeof(namings) / sizeof(namings[0]); i++) {
		if (strcmp(namings[i].member, member) != 0)
			continue;
		text_clear(&s->scratch);
		namings[i].put(row, &s->scratch);
		if (s->scratch.n)
			s->failed |= !tree_set_slice(
				row, "key", text_slice(&s->scratch));
	}
}

json_t *scenario_take(struct scenario *s, const char *member, json_t *value)
{
	json_t *made = rewrite(s, member, value);

	json_decref(value);
	if (json_is_object(made))
		name_row(s, member, made);
	return made;
}

bool scenario_drops(const char *member)
{
	return is_dropped(member);
}

struct scenario *scenario_new(void)
{
	struct scenario *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->scratch = text_new(TEXT_MAX);
	s->words = json_object();
	if (s->words)
		return s;
	free(s);
	return NULL;
}

void scenario_free(struct scenario *s)
{
	if (!s)
		return;
	json_decref(s->words);
	text_free(&s->scratch);
	free(s);
}

bool scenario_failed(const struct scenario *s)
{
	return s->failed;
}
