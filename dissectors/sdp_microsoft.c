/*
 * Attributes of [MS-SDPEXT] that no stage needs, only who looks at a message:
 * they are looked for in the lines when a view asks.  Where the document was
 * not at hand the grammar is that of clients in the field.
 */
#include "config.h"

#include "dissectors/sdp_parts.h"

/* One attribute, and the section that it stands in, from 1; 0: the session. */
struct attribute_line {
	size_t at;
	struct slice name, value;
};

static bool next_attribute(struct slice *rest, struct attribute_line *a)
{
	while (rest->n) {
		struct slice line = slice_trim(slice_split(rest, '\n'));

		if (slice_starts(line, SLICE("m=")))
			a->at++;
		if (!slice_starts(line, SLICE("a=")))
			continue;
		a->value = slice_from(line, 2);
		a->name = slice_trim(slice_split(&a->value, ':'));
		a->value = slice_trim(a->value);
		return true;
	}
	return false;
}

static void put(struct field_sink *to, const char *name, struct slice text)
{
	text = slice_trim(text);
	if (text.n)
		field_text(to, name, text);
}

static bool number_of(struct slice text, uint64_t *out)
{
	return slice_number(slice_trim(text), UINT32_MAX, out) == STATUS_OK;
}

static void put_number(struct field_sink *to, const char *name,
		       struct slice text)
{
	uint64_t number;

	if (number_of(text, &number))
		field_number(to, name, number);
	else
		put(to, name, text);
}

/* "main-audio send=2000;recv=2000": kbit/s as the writer sees it, 0 is none
 * (3.1.5.28). */
static void walk_bandwidth(struct slice value, struct field_sink *to)
{
	put(to, "label", sdp_word(&value));
	while (value.n) {
		struct slice text = slice_trim(slice_split(&value, ';'));
		struct slice name = slice_split(&text, '=');

		if (slice_is_nocase(name, "send"))
			put_number(to, "send-kbps", text);
		else if (slice_is_nocase(name, "recv"))
			put_number(to, "receive-kbps", text);
	}
}

/* "audio:send,recv;video:recv" (3.1.5.29). */
static void walk_devices(struct slice value, struct field_sink *to)
{
	while (value.n) {
		struct slice ways = slice_trim(slice_split(&value, ';'));
		struct slice kind = slice_split(&ways, ':');

		field_group(to, "device");
		put(to, "kind", kind);
		put(to, "ways", ways.n ? ways : SLICE("none"));
		field_end(to);
	}
}

/* "121 263:1920:1080:30.0:2000000:1;...": what a receiver of RTVideo can
 * show. */
static void walk_video(struct slice value, struct field_sink *to)
{
	static const char *const names[] = {"id",   "width", "height",
					    "rate", "bps",   "count"};

	put_number(to, "payload-type", sdp_word(&value));
	while (value.n) {
		struct slice text = slice_trim(slice_split(&value, ';'));

		if (text.n == 0)
			continue;
		field_group(to, "mode");
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			put_number(to, names[i], slice_split(&text, ':'));
		field_end(to);
	}
}

static void walk_messages(struct slice words, struct field_sink *to)
{
	static const struct {
		const char *word, *meaning;
	} rows[] = {
		{"dsh", "dominant speaker history"},
		{"src", "video source request"},
		{"x-pli", "picture loss"},
		{"x-gain", "gain"},
		{"vc", "video control"},
	};

	while (words.n) {
		struct slice word = slice_trim(slice_split(&words, ','));
		const char *meaning = NULL;

		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (slice_is_nocase(word, rows[i].word))
				meaning = rows[i].meaning;
		put(to, "message", word);
		if (meaning)
			field_text(to, "meaning", slice_of_text(meaning));
	}
}

/* "* x-message app send:src,x-pli recv:src,x-pli" (3.1.5.30). */
static void walk_feedback(struct slice value, struct field_sink *to)
{
	put(to, "format", sdp_word(&value));
	(void)sdp_word(&value);
	put(to, "kind", sdp_word(&value));
	while (value.n) {
		struct slice words = sdp_word(&value);
		struct slice way = slice_split(&words, ':');

		if (words.n == 0)
			continue;
		field_group(to,
			    slice_is_nocase(way, "send") ? "send" : "receive");
		walk_messages(words, to);
		field_end(to);
	}
}

/* "2 network-type=WLAN" (3.1.5.36). */
static struct slice network_of(struct slice *value)
{
	while (value->n) {
		struct slice text = sdp_word(value);
		struct slice name = slice_split(&text, '=');

		if (slice_is_nocase(name, "network-type"))
			return text;
	}
	return (struct slice){0};
}

static void walk_network(struct slice value, struct field_sink *to)
{
	put(to, "foundation", sdp_word(&value));
	put(to, "network-type", network_of(&value));
}

static bool is_message(struct slice value)
{
	(void)sdp_word(&value);
	return slice_is_nocase(sdp_word(&value), "x-message");
}

static const struct {
	const char *name;
	void (*walk)(struct slice value, struct field_sink *to);
} groups[] = {
	{"x-mediabw", walk_bandwidth},
	{"x-devicecaps", walk_devices},
	{"x-caps", walk_video},
	{"rtcp-fb", walk_feedback},
	{"x-signaling-fb", walk_feedback},
	{"x-candidate-info", walk_network},
};

/* As written, they tell enough. */
static const char *const words[] = {
	"x-source-streamid", "x-source",       "x-sourceid",
	"x-mediasettings",   "x-bwealgorithm", "x-data-protocol",
	"x-plaza-msi-range",
};

static void walk_one(const struct attribute_line *a, struct field_sink *to)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_is_nocase(a->name, words[i]))
			put(to, words[i], a->value);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (!slice_is_nocase(a->name, groups[i].name) ||
		    (groups[i].walk == walk_feedback && !is_message(a->value)))
			continue;
		field_group(to, groups[i].name);
		groups[i].walk(a->value, to);
		field_end(to);
	}
}

void sdp_microsoft_walk(struct slice text, size_t at, struct field_sink *to)
{
	struct attribute_line a = {.at = 0};

	while (next_attribute(&text, &a))
		if (a.at == at)
			walk_one(&a, to);
}

struct slice sdp_network_of(const struct sdp *sdp, size_t at,
			    struct slice foundation)
{
	struct attribute_line a = {.at = 0};
	struct slice rest = sdp->text;

	while (sdp->networks && next_attribute(&rest, &a))
		if (a.at == at && slice_is_nocase(a.name, "x-candidate-info") &&
		    slice_equal(sdp_word(&a.value), foundation))
			return network_of(&a.value);
	return (struct slice){0};
}

bool sdp_device_of(struct slice caps, const char *kind, bool *send,
		   bool *receive)
{
	size_t at;

	while (caps.n) {
		struct slice ways = slice_trim(slice_split(&caps, ';'));

		if (!slice_is_nocase(slice_trim(slice_split(&ways, ':')), kind))
			continue;
		*send = slice_search(ways, SLICE("send"), &at);
		*receive = slice_search(ways, SLICE("recv"), &at);
		return true;
	}
	return false;
}
