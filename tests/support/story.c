/* Short lines that become frames. */
#include "config.h"

#include "dissectors/sip.h"
#include "tests/support/digest.h"
#include "tests/support/story.h"
#include "tests/support/t.h"

#define WORDS_MAX 12u
#define PASSWORD_A "VOkJxbRl1RmTxUk/WvJxBt"
#define PASSWORD_B "bob's-own-password-22ch"

struct words {
	char text[256];
	const char *list[WORDS_MAX];
	size_t count;
};

static void split(struct words *w, const char *line)
{
	size_t n = strlen(line);

	memset(w, 0, sizeof(*w));
	assert_true(n < sizeof(w->text));
	memcpy(w->text, line, n);
	for (size_t i = 0; i < n; i++) {
		if (w->text[i] == ' ')
			w->text[i] = '\0';
		else if (i == 0 || w->text[i - 1] == '\0')
			w->list[w->count++] = w->text + i;
		assert_true(w->count < WORDS_MAX);
	}
}

static bool has(const struct words *w, const char *word)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->list[i], word) == 0)
			return true;
	return false;
}

/* What stands behind "name=", or NULL. */
static const char *value_of(const struct words *w, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < w->count; i++)
		if (strncmp(w->list[i], name, n) == 0 && w->list[i][n] == '=')
			return w->list[i] + n + 1;
	return NULL;
}

static unsigned number_of(const char *digits)
{
	uint64_t n = 0;

	assert_int_equal(slice_number(slice_of_text(digits), 100000, &n),
			 STATUS_OK);
	return (unsigned)n;
}

/* ---- SIP ---- */

struct sip_line {
	struct words words;
	struct wire_sip m;
	bool request, forward;
	char start[80], cseq[40], branch[64], value[400];
	char from[80], to[80], with[200];
	size_t headers;
};

static void add_header(struct sip_line *l, const char *name, const char *value)
{
	l->m.headers[l->headers].name = name;
	l->m.headers[l->headers++].value = value;
}

/* A Digest that fits the password. */
static void add_digest(struct sip_line *l, const char *password)
{
	struct digest_login login = {"alice", "example.org", "abc", password};
	struct text value = text_new(sizeof(l->value) - 1);
	char method[16];

	snprintf(method, sizeof(method), "%.*s", (int)strcspn(l->start, " "),
		 l->start);
	assert_int_equal(
		digest_answer(&value, &login, method, "sip:example.org"),
		STATUS_OK);
	snprintf(l->value, sizeof(l->value), "%.*s", (int)value.n, value.p);
	add_header(l, "Authorization", l->value);
	text_free(&value);
}

/* "with=Replaces:call-2;to-tag=t" */
static void add_given(struct sip_line *l)
{
	const char *with = value_of(&l->words, "with");
	char *colon;

	if (!with)
		return;
	snprintf(l->with, sizeof(l->with), "%s", with);
	colon = strchr(l->with, ':');
	assert_non_null(colon);
	*colon = '\0';
	add_header(l, l->with, colon + 1);
}

static void add_headers(struct sip_line *l)
{
	const char *expires = value_of(&l->words, "expires");

	if (has(&l->words, "auth"))
		add_digest(l, "wonderland");
	if (has(&l->words, "wrong"))
		add_digest(l, "looking-glass");
	if (has(&l->words, "ntlm"))
		add_header(l, l->request ? "Authorization" : "WWW-Authenticate",
			   "NTLM realm=\"SIP Communications Service\"");
	else if (strstr(l->start, "401") || strstr(l->start, "407"))
		add_header(l, "WWW-Authenticate",
			   has(&l->words, "stale")
				   ? "Digest realm=\"example.org\", "
				     "nonce=\"abc\", stale=true"
				   : "Digest realm=\"example.org\", "
				     "nonce=\"abc\"");
	add_given(l);
	if (expires)
		add_header(l, "Expires", expires);
	if (l->m.to && !has(&l->words, "query"))
		add_header(l, "Contact", "<sip:alice@192.0.2.1>");
}

static char *body_of(const struct sip_line *l)
{
	bool relay = has(&l->words, "relay");
	bool ice = relay || has(&l->words, "ice");
	struct wire_sdp sdp = {
		.at = value_of(&l->words, "at"),
		.session = value_of(&l->words, "o"),
	};

	if (!sdp.at)
		sdp.at = l->forward ? "1:5000" : "3:6000";
	if (!ice && !has(&l->words, "plain"))
		return NULL;
	if (ice) {
		sdp.ufrag = value_of(&l->words, "ufrag");
		if (!sdp.ufrag)
			sdp.ufrag = l->forward ? "ua" : "ub";
		sdp.pwd = l->forward ? PASSWORD_A : PASSWORD_B;
		sdp.candidates[0] = l->forward ? "host 1:5000" : "host 3:6000";
	}
	if (relay)
		sdp.candidates[1] =
			l->forward ? "relay 9:50000" : "relay 9:60000";
	return wire_sdp(&sdp);
}

/* The method of a response is that of the last request of its number. */
static const char *method_of(const struct words *words, bool request)
{
	static const char *const methods[] = {
		"INVITE", "REGISTER", "CANCEL", "BYE",   "ACK",
		"UPDATE", "OPTIONS",  "PRACK",  "REFER", "NOTIFY"};

	if (request)
		return words->list[1];
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (has(words, methods[i]))
			return methods[i];
	return "INVITE";
}

static void sip_start(struct sip_line *l)
{
	const struct words *w = &l->words;
	const char *method = method_of(w, l->request);
	bool registers = strcmp(method, "REGISTER") == 0;
	const char *branch = value_of(w, "branch");
	const char *reason = value_of(w, "reason");

	if (l->request)
		snprintf(l->start, sizeof(l->start), "%s sip:%sexample.org",
			 method, registers ? "" : "bob@");
	else
		snprintf(l->start, sizeof(l->start), "%s %s", w->list[1],
			 reason ? reason
				: sip_reason_text(number_of(w->list[1])));
	snprintf(l->cseq, sizeof(l->cseq), "%s %s", w->list[2], method);
	snprintf(l->branch, sizeof(l->branch), "%s%s%s", w->list[2],
		 branch ? branch : "", has(w, "hop") ? "hop" : "");
	l->m.start = l->start;
	l->m.cseq = l->cseq;
	l->m.branch = l->branch;
	if (registers)
		l->m.to = "sip:alice@example.org";
}

static const char *user(char to[80], const char *name)
{
	snprintf(to, 80, "sip:%s@example.org", name);
	return to;
}

/* Who is called, and requests of the one that was called. */
static void sip_people(struct sip_line *l)
{
	const char *from = value_of(&l->words, "from");
	const char *to = value_of(&l->words, "for");

	if (l->forward != l->request) {
		l->m.from = "sip:bob@example.org";
		l->m.from_tag = "t";
		l->m.to = "sip:alice@example.org";
		l->m.to_tag = "f";
	}
	if (from)
		l->m.from = user(l->from, from);
	if (to)
		l->m.to = user(l->to, to);
}

static void sip_sent(struct wire *w, const struct sip_line *l)
{
	static const char *const ends[2][2] = {{"1:5060", "2:5060"},
					       {"2:5060", "3:5060"}};
	bool hop = has(&l->words, "hop");
	const char *src = value_of(&l->words, "src");
	const char *dst = value_of(&l->words, "dst");

	wire_sip(w, src ? src : ends[hop][!l->forward],
		 dst ? dst : ends[hop][l->forward], &l->m);
}

static void sip_told(struct wire *w, struct sip_line *l)
{
	char *body;

	l->forward = l->words.list[0][0] == '>';
	l->request = l->words.list[1][0] >= 'A';
	sip_start(l);
	l->m.call = value_of(&l->words, "call");
	if (!l->m.call)
		l->m.call = "call-1";
	l->m.to_tag = value_of(&l->words, "to");
	if (!l->m.to_tag &&
	    (has(&l->words, "tag") ||
	     (!l->request && number_of(l->words.list[1]) > 100)))
		l->m.to_tag = "t";
	add_headers(l);
	body = body_of(l);
	l->m.body = body;
	sip_people(l);
	sip_sent(w, l);
	free(body);
}

/* ---- STUN ---- */

static const struct wire_login to_bob = WIRE_LOGIN("ub:ua", "", PASSWORD_B);
static const struct wire_login to_alice = WIRE_LOGIN("ua:ub", "", PASSWORD_A);
static const struct wire_login again = WIRE_LOGIN("uc:ud", "", "second's");
static const struct wire_login third = WIRE_LOGIN("ue:uf", "", "third's");
static const struct wire_login forged = WIRE_LOGIN("ub:ua", "", "nobody's");
static const struct wire_login mistaken = WIRE_LOGIN("ub:ua", "", PASSWORD_A);
static const struct wire_login turn =
	WIRE_LOGIN("alice", "example.org", "wonderland");

static const struct kind {
	const char *name;
	unsigned type, ms_type;
	bool ice;
} kinds[] = {
	{"binding", 0x0001, 0x0001, false},
	{"bound", 0x0101, 0x0101, false},
	{"check", 0x0001, 0x0001, true},
	{"answer", 0x0101, 0x0101, true},
	{"denied", 0x0111, 0x0111, true},
	{"allocate", 0x0003, 0x0003, false},
	{"granted", 0x0103, 0x0103, false},
	{"refused", 0x0113, 0x0113, false},
	{"refresh", 0x0004, 0x0003, false},
	{"refreshed", 0x0104, 0x0103, false},
	{"stale", 0x0114, 0x0113, false},
	{"send", 0x0016, 0x0004, false},
	{"data", 0x0017, 0x0115, false},
	{"permit", 0x0008, 0x0008, false},
	{"permitted", 0x0108, 0x0108, false},
	{"open", 0x0009, 0x0009, false},
	{"opened", 0x0109, 0x0109, false},
	{"bind", 0x000B, 0x000B, false},
	{"tied", 0x010B, 0x010B, false},
};

static const struct kind *kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	fail_msg("no such line: %s", name);
	return &kinds[0];
}

static const struct wire_login *
login_of(const struct words *w, const struct kind *kind, struct wire_login *own)
{
	const char *user = value_of(w, "user");

	if (kind->ice)
		return has(w, "forged")     ? &forged
		       : has(w, "again")    ? &again
		       : has(w, "third")    ? &third
		       : has(w, "mistaken") ? &mistaken
		       : has(w, "back")     ? &to_alice
					    : &to_bob;
	if (!has(w, "auth"))
		return NULL;
	*own = turn;
	if (user)
		own->user = slice_of_text(user);
	return own;
}

static void stun_values(struct wire_stun *m, const struct words *w)
{
	const char *error = value_of(w, "error");
	const char *lifetime = value_of(w, "lifetime");
	const char *channel = value_of(w, "channel");

	m->error = error ? number_of(error) : 0;
	if (m->error && !m->login)
		m->realm = "example.org";
	if (lifetime)
		m->lifetime = *lifetime == '0' ? -1 : (int)number_of(lifetime);
	m->alternate = value_of(w, "other");
	m->peer = value_of(w, "peer");
	m->also = value_of(w, "also");
	m->ticket = value_of(w, "ticket");
	m->channel = channel ? number_of(channel) : 0;
	m->controlling = has(w, "controlling");
	m->controlled = has(w, "controlled");
	m->nominates = has(w, "nominate");
	m->ms = has(w, "ms");
}

/* Words from `at`: what it is, its transaction (or the peer of an envelope
 * and what is inside). */
static void stun_told(struct text *to, const struct words *w, size_t at,
		      const char *client)
{
	const struct kind *kind = kind_of(w->list[at]);
	bool envelope = kind->type == 0x0016 || kind->type == 0x0017;
	struct text inner = text_new(65536);
	struct wire_login own;
	struct wire_stun m = {.login = login_of(w, kind, &own)};

	if (envelope) {
		m.login = NULL;
		m.peer = w->list[at + 1];
		m.ms = has(w, "ms");
		m.id = 99;
		stun_told(&inner, w, at + 2, client);
		m.data = text_slice(&inner);
	} else {
		m.id = (uint8_t)number_of(w->list[at + 1]);
		stun_values(&m, w);
		m.priority = kind->ice && kind->type == 1 ? 5 : 0;
	}
	m.ms &= !kind->ice;
	m.type = m.ms ? kind->ms_type : kind->type;
	if (m.type == 0x0101)
		m.mapped = client;
	if (kind->type == 0x0103) {
		m.relayed = "9:50000";
		m.mapped = client;
		m.lifetime = m.lifetime ? m.lifetime : 600;
	}
	wire_stun_text(to, &m);
	text_free(&inner);
}

void story_line(struct wire *w, const char *line)
{
	struct sip_line l = {.request = false};
	struct text text;

	split(&l.words, line);
	if (strcmp(l.words.list[0], "wait") == 0) {
		wire_wait(w, number_of(l.words.list[1]) * NS_PER_S);
		return;
	}
	if (l.words.list[0][0] == '>' || l.words.list[0][0] == '<') {
		sip_told(w, &l);
		return;
	}
	text = text_new(65536);
	stun_told(&text, &l.words, 2, l.words.list[1]);
	wire_udp(w, l.words.list[0], l.words.list[1], text_slice(&text));
	text_free(&text);
}

void story(struct wire *w, const char *const lines[STORY_MAX])
{
	wire_open(w);
	for (size_t i = 0; i < STORY_MAX && lines[i]; i++)
		story_line(w, lines[i]);
}
