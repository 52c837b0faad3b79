/*
 * Bodies: "sdp HOST:PORT words" with lines of its own, and the XML of MRAS and
 * of provisioning.
 */
#include "config.h"

#include <string.h>

#include "core/crypto.h"
#include "dissectors/mras.h"
#include "dissectors/provisioning.h"
#include "dissectors/sdp.h"
#include "tests/support/mkcapture/parts.h"

#define LOCAL_PREFERENCE 65535u

struct sdp_said {
	struct saying *s;
	struct endpoint at;
	const char *ip;
	struct parts session, media;
};

static const char *word(const struct sdp_said *x, const char *name,
			const char *otherwise)
{
	const char *value = words_value(&x->s->words, name);

	return value ? value : otherwise;
}

static const char *ip_text(struct maker *m, const struct endpoint *e)
{
	struct text text = text_new(ENDPOINT_TEXT_MAX);
	const char *kept;

	endpoint_ip_text(e, &text);
	kept = maker_keep(m, text_slice(&text));
	text_free(&text);
	return kept;
}

static const char *connection(struct maker *m, const struct endpoint *e)
{
	return maker_text(m, "IN %s %s",
			  e->family == FAMILY_IPV6 ? "IP6" : "IP4",
			  ip_text(m, e));
}

/* ---- candidates ---- */

struct kind {
	const char *name;
	enum candidate_type type;
	uint32_t preference; /* RFC 8445 5.1.2.2 */
};

/* One word: host, host=END, srflx=END, with raddr where there is one. */
static void add_candidate(struct sdp_said *x, const struct kind *kind,
			  const char *end)
{
	struct endpoint at = end ? maker_end(x->s->m, x->s->line, end) : x->at;
	struct text text = text_new(512);
	const char *host = ip_text(x->s->m, &at);
	struct sdp_candidate c = {
		.foundation = slice_of_text(kind->name),
		.component = 1,
		.transport_text = SLICE("UDP"),
		.priority =
			kind->preference << 24 | LOCAL_PREFERENCE << 8 | 255,
		.host = slice_of_text(host),
		.endpoint = at,
		.port = at.port,
		.type = kind->type,
	};

	if (kind->type != CANDIDATE_HOST)
		c.related = x->at;
	sdp_candidate_write(&c, &text);
	parts_default(
		&x->media, "a",
		maker_text(x->s->m, "candidate:%.*s", (int)text.n, text.p));
	text_free(&text);
}

static void add_candidates(struct sdp_said *x)
{
	static const struct kind kinds[] = {{"host", CANDIDATE_HOST, 126},
					    {"srflx", CANDIDATE_SRFLX, 100},
					    {"prflx", CANDIDATE_PRFLX, 110},
					    {"relay", CANDIDATE_RELAY, 0}};
	const struct words *w = &x->s->words;

	for (size_t i = 2; i < w->count; i++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			size_t n = strlen(kinds[k].name);

			if (strncmp(w->list[i], kinds[k].name, n) != 0)
				continue;
			if (w->list[i][n] == '\0')
				add_candidate(x, &kinds[k], NULL);
			else if (w->list[i][n] == '=')
				add_candidate(x, &kinds[k], w->list[i] + n + 1);
		}
}

/* ---- attributes ---- */

/* ice=UFRAG or ice=UFRAG:PASSWORD */
static void add_ice(struct sdp_said *x)
{
	struct maker *m = x->s->m;
	struct slice rest = slice_of_text(word(x, "ice", ""));
	const char *ufrag = maker_keep(m, slice_split(&rest, ':'));

	if (!ufrag[0])
		return;
	if (rest.n)
		maker_know_password(m, x->s->line, ufrag, maker_keep(m, rest));
	parts_default(&x->media, "a", maker_text(m, "ice-ufrag:%s", ufrag));
	parts_default(&x->media, "a",
		      maker_text(m, "ice-pwd:%s",
				 maker_password(m, x->s->line, ufrag)));
}

/* fingerprint=TEXT: of a certificate that has these bytes. */
static void add_fingerprint(struct sdp_said *x)
{
	const char *certificate = word(x, "fingerprint", NULL);
	struct text text = text_new(256);
	uint8_t hash[SHA256_SIZE];
	struct slice whole;

	if (!certificate)
		return;
	whole = maker_bytes(x->s->m, x->s->line, certificate);
	sha256(&whole, 1, hash);
	text_puts(&text, "fingerprint:sha-256 ");
	for (size_t i = 0; i < sizeof(hash); i++)
		text_printf(&text, "%s%02X", i ? ":" : "", hash[i]);
	parts_default(&x->media, "a", maker_keep(x->s->m, text_slice(&text)));
	text_free(&text);
}

static void add_attributes(struct sdp_said *x)
{
	static const char *const bare[] = {"sendonly", "recvonly", "inactive",
					   "rtcp-mux"};

	if (words_has(&x->s->words, "lite"))
		parts_default(&x->session, "a", "ice-lite");
	if (word(x, "options", NULL))
		parts_default(&x->session, "a",
			      maker_text(x->s->m, "ice-options:%s",
					 word(x, "options", NULL)));
	add_ice(x);
	add_candidates(x);
	add_fingerprint(x);
	if (word(x, "setup", NULL))
		parts_default(&x->media, "a",
			      maker_text(x->s->m, "setup:%s",
					 word(x, "setup", NULL)));
	for (size_t i = 0; i < sizeof(bare) / sizeof(bare[0]); i++)
		if (words_has(&x->s->words, bare[i]))
			parts_default(&x->media, "a", bare[i]);
}

/* ---- the description ---- */

static void add_defaults(struct sdp_said *x)
{
	struct maker *m = x->s->m;
	bool secure = word(x, "fingerprint", NULL) != NULL;

	parts_default(&x->session, "v", "0");
	parts_default(&x->session, "o",
		      maker_text(m, "- 1 %s %s", word(x, "version", "1"),
				 connection(m, &x->at)));
	parts_default(&x->session, "s", "-");
	parts_default(&x->session, "c", connection(m, &x->at));
	parts_default(&x->session, "t", "0 0");
	parts_default(&x->media, "m",
		      maker_text(m, "%s %u %s %s", word(x, "kind", "audio"),
				 x->at.port,
				 secure ? "UDP/TLS/RTP/SAVPF" : "RTP/AVP",
				 word(x, "pt", "0")));
	add_attributes(x);
}

/* The first five letters are the session's; of the rest what is told with
 * "session" in front. */
static void add_line(struct sdp_said *x, const struct line *line,
		     const char *text)
{
	bool session = strncmp(text, "session ", 8) == 0;
	struct parts *to;
	const char *name;

	text += session ? 8 : 0;
	if (strncmp(text, "| ", 2) == 0) {
		parts_raw(session ? &x->session : &x->media, text + 2);
		return;
	}
	if (text[0] == '-' && text[1] && !text[2]) {
		to = strchr("vosct", text[1]) ? &x->session : &x->media;
		to->line = line;
		parts_drop(to, text + 1);
		return;
	}
	if (!text[0] || text[1] != '=')
		recipe_stop(line, "not of the form letter=value: %s", text);
	session |= strchr("vosct", text[0]) != NULL;
	to = session ? &x->session : &x->media;
	to->line = line;
	name = maker_text(x->s->m, "%c", text[0]);
	/* Attributes are added, other lines take the place of their own. */
	if (text[0] == 'a' || text[0] == 'b')
		parts_default(to, name, text + 2);
	else
		parts_give(to, name, text + 2);
}

static void write_lines(struct saying *s, const struct parts *f)
{
	for (size_t i = 0; i < f->count; i++) {
		if (f->list[i].name)
			text_printf(s->to, "%s=", f->list[i].name);
		text_put(s->to, maker_unescape(s->m, f->list[i].value));
		text_puts(s->to, "\r\n");
	}
}

void say_sdp(struct saying *s)
{
	struct sdp_said x = {.s = s,
			     .session = {.line = s->line},
			     .media = {.line = s->line}};
	const struct recipe *r = s->m->recipe;

	x.at = maker_end(s->m, s->line,
			 words_at(s->line, &s->words, 1, "where media goes"));
	add_defaults(&x);
	for (size_t i = recipe_child(r, s->at); i != RECIPE_NONE;
	     i = recipe_next(r, i)) {
		const char *text;
		uint64_t times = maker_times(s->m, &r->lines[i], &text);

		for (uint64_t k = 0; k < times; k++)
			add_line(&x, &r->lines[i], text);
	}
	write_lines(s, &x.session);
	write_lines(s, &x.media);
}

/* ---- XML ---- */

static struct slice value(struct saying *s, const char *name,
			  const char *otherwise)
{
	const char *text = words_value(&s->words, name);

	return slice_of_text(text ? text : otherwise);
}

/* mras request|response [to=URI] [reason=] [username=] [password=] [relay=HOST]
 */
void say_mras(struct saying *s)
{
	const char *kind =
		words_at(s->line, &s->words, 1, "request or response");
	struct mras_credentials *c = calloc(1, sizeof(*c));
	struct mras m = {
		.kind = strcmp(kind, "request") == 0 ? MRAS_REQUEST
						     : MRAS_RESPONSE,
		.request_id = SLICE("1"),
		.version = SLICE("2.0"),
		.from = SLICE("sip:alice@example.org"),
		.to = value(s, "to", "sip:mras@example.org"),
		.server_version = SLICE("3.0"),
		.reason = value(s, "reason", "OK"),
		.credentials = c,
		.count = words_has(&s->words, "empty") ? 0 : 1,
	};

	if (!c)
		recipe_stop(s->line, "out of memory");
	c->id = SLICE("1");
	c->identity = m.from;
	c->location = SLICE("internet");
	c->duration_min = 480;
	c->realm = value(s, "realm", "rtcmedia");
	c->username = value(s, "username", "");
	c->password = value(s, "password", "");
	c->relay_count = 1;
	c->relays[0] = (struct mras_relay){
		.location = SLICE("internet"),
		.host = value(s, "relay", "av.example.org"),
		.udp_port = 3478,
		.tcp_port = 443,
	};
	mras_write(&m, s->to);
	free(c);
}

/* provisioning [mras-uri=] */
void say_provisioning(struct saying *s)
{
	struct provisioning m = {
		.has_mras_uri = true,
		.mras_uri = value(s, "mras-uri", "sip:mras@example.org"),
		.group_count = 1,
	};

	provisioning_write(&m, s->to);
}
