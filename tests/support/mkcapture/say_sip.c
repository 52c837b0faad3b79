/*
 * SIP messages: "sip ENDS METHOD CSEQ words" or "sip ENDS STATUS CSEQ METHOD
 * words", then header parts and a body.
 */
#include "config.h"

#include <string.h>
#include <zlib.h>

#include "core/crypto.h"
#include "dissectors/sip.h"
#include "tests/support/digest.h"
#include "tests/support/mkcapture/parts.h"

#define DOMAIN "example.org"

struct sip_said {
	struct saying *s;
	struct parts f;
	bool request;
	unsigned status;
	const char *method, *number;
	const char *from, *to; /* URIs */
	const char *call;
	const char *uri;
	const char *start; /* a start line of the recipe's own, or NULL */
	const char *line_end;
	struct text body;
};

static const char *word(const struct sip_said *x, const char *name,
			const char *otherwise)
{
	const char *value = words_value(&x->s->words, name);

	return value ? value : otherwise;
}

static const char *keep_text(struct maker *m, struct text *text)
{
	const char *kept = maker_keep(m, text_slice(text));

	text_free(text);
	return kept;
}

static const char *address_text(struct maker *m, const struct endpoint *e)
{
	struct text text = text_new(ENDPOINT_TEXT_MAX);

	endpoint_text(e, &text);
	return keep_text(m, &text);
}

/* "alice" is sip:alice@example.org. */
static const char *uri_of(struct maker *m, const char *name)
{
	if (strchr(name, ':'))
		return name;
	return maker_text(m, "sip:%s@" DOMAIN, name);
}

static bool is_method(const struct sip_said *x, const char *method)
{
	return strcmp(x->method, method) == 0;
}

/* ---- default headers ---- */

static const char *way_of(const struct saying *s)
{
	return !s->connection ? "UDP" : s->connection->sctp ? "SCTP" : "TCP";
}

/* The branch tells call, number, who sends it, and that an ACK to a 2xx is a
 * transaction of its own (RFC 3261 17.1.1.3). */
static const char *via_text(struct sip_said *x, const struct endpoint *by,
			    const char *suffix)
{
	bool own = is_method(x, "ACK") && x->s->m->last_final < 300;
	const char *at = address_text(x->s->m, by);

	return maker_text(x->s->m, "SIP/2.0/%s %s;branch=z9hG4bK-%s-%s-%s%s%s",
			  way_of(x->s), at, x->call, x->number, at,
			  own ? "-ack" : "", suffix);
}

/* Most recent hop first; via=alice:5060,proxy:5060 names those below. */
static void add_vias(struct sip_said *x)
{
	struct slice rest = slice_of_text(word(x, "via", ""));
	const struct endpoint *top = x->request ? &x->s->src : &x->s->dst;

	parts_default(&x->f, "Via", via_text(x, top, word(x, "branch", "")));
	while (rest.n) {
		struct slice one = slice_split(&rest, ',');
		struct endpoint by = maker_end(x->s->m, x->s->line,
					       maker_keep(x->s->m, one));

		parts_default(&x->f, "Via", via_text(x, &by, ""));
	}
}

static void add_to(struct sip_said *x)
{
	const char *tag = word(x, "tag", NULL);
	bool tagged = tag || words_has(&x->s->words, "tag") ||
		      (!x->request && x->status > 100);

	parts_default(&x->f, "To",
		      maker_text(x->s->m, "<%s>%s%s", x->to,
				 tagged ? ";tag=" : "",
				 !tagged ? ""
				 : tag   ? tag
					 : "t"));
}

static void add_contact(struct sip_said *x)
{
	struct slice user = slice_of_text(x->request ? x->from : x->to);
	bool dialog = is_method(x, "INVITE") || is_method(x, "UPDATE") ||
		      is_method(x, "SUBSCRIBE") || is_method(x, "REFER");
	bool answer = !x->request && x->status > 100 && x->status < 300;
	struct slice at = user;

	if (!(is_method(x, "REGISTER") && (x->request || answer)) &&
	    !(dialog && (x->request || answer)))
		return;
	(void)slice_split(&at, ':');
	at = slice_split(&at, '@');
	parts_default(
		&x->f, "Contact",
		maker_text(x->s->m, "<sip:%.*s@%s>", (int)at.n,
			   (const char *)at.p,
			   address_text(x->s->m,
					is_method(x, "REGISTER") && !x->request
						? &x->s->dst
						: &x->s->src)));
}

static void add_digest(struct sip_said *x, const char *name,
		       const char *password)
{
	const char *user = word(x, "user", "alice");
	struct digest_login login = {user, word(x, "realm", DOMAIN),
				     word(x, "nonce", "abc"), password};
	struct text value = text_new(4096);

	if (digest_answer(&value, &login, x->method, x->uri) != STATUS_OK)
		recipe_stop(x->s->line, "no Digest can be made of that");
	parts_default(&x->f, name, keep_text(x->s->m, &value));
}

static void add_challenge(struct sip_said *x, const char *name)
{
	parts_default(
		&x->f, name,
		maker_text(x->s->m, "Digest realm=\"%s\", nonce=\"%s\"%s",
			   word(x, "realm", DOMAIN), word(x, "nonce", "abc"),
			   words_has(&x->s->words, "stale") ? ", stale=true"
							    : ""));
}

static void add_authentication(struct sip_said *x)
{
	if (word(x, "auth", NULL))
		add_digest(x, "Authorization", word(x, "auth", NULL));
	if (word(x, "proxy-auth", NULL))
		add_digest(x, "Proxy-Authorization",
			   word(x, "proxy-auth", NULL));
	if (x->status == 401)
		add_challenge(x, "WWW-Authenticate");
	if (x->status == 407)
		add_challenge(x, "Proxy-Authenticate");
}

static void add_defaults(struct sip_said *x)
{
	struct maker *m = x->s->m;

	add_vias(x);
	if (x->request)
		parts_default(&x->f, "Max-Forwards", "70");
	parts_default(&x->f, "From",
		      maker_text(m, "<%s>;tag=%s", x->from,
				 word(x, "from-tag", "f")));
	add_to(x);
	parts_default(&x->f, "Call-ID", x->call);
	parts_default(&x->f, "CSeq",
		      maker_text(m, "%s %s", x->number, x->method));
	add_contact(x);
	add_authentication(x);
	if (word(x, "expires", NULL))
		parts_default(&x->f, "Expires", word(x, "expires", NULL));
}

/* ---- what belongs to the line ---- */

static const struct {
	const char *name;
	const char *type;
	say_fn say;
} bodies[] = {
	{"sdp", "application/sdp", say_sdp},
	{"mras", "application/msrtc-media-relay-auth+xml", say_mras},
	{"provisioning",
	 "application/vnd-microsoft-roaming-provisioning-v2+xml",
	 say_provisioning},
	{"body", NULL, say_text},
};

static bool add_body(struct sip_said *x, size_t at)
{
	struct saying s = {.m = x->s->m,
			   .at = at,
			   .line = &x->s->m->recipe->lines[at],
			   .first = 1,
			   .to = &x->body};

	recipe_words(s.line, &s.words);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const char *type = bodies[i].type;

		if (strcmp(bodies[i].name, s.words.list[0]) != 0)
			continue;
		if (!type)
			type = words_at(s.line, &s.words, 1, "its type");
		parts_default(&x->f, "Content-Type", type);
		bodies[i].say(&s);
		return true;
	}
	return false;
}

/* Name: value */
static bool add_header(struct sip_said *x, const char *line)
{
	struct slice text = slice_of_text(line), name, value;
	struct maker *m = x->s->m;
	size_t colon, blank;

	if (!slice_find(text, ':', &colon))
		return false;
	name = slice_first(text, colon);
	value = slice_trim(slice_from(text, colon + 1));
	if (slice_find(name, ' ', &blank))
		return false;
	value = maker_unescape(m, maker_keep(m, value));
	parts_give(&x->f, maker_keep(m, name), maker_keep(m, value));
	return true;
}

static bool is_damage(const char *text)
{
	return strncmp(text, "patch ", 6) == 0 ||
	       strncmp(text, "cut ", 4) == 0 ||
	       strncmp(text, "append ", 7) == 0;
}

static void add_line(struct sip_said *x, size_t at)
{
	const struct line *line = &x->s->m->recipe->lines[at];
	const char *text;
	uint64_t times = maker_times(x->s->m, line, &text);

	x->f.line = line;
	for (uint64_t i = 0; i < times; i++)
		if (strncmp(text, "| ", 2) == 0)
			parts_raw(&x->f, text + 2);
		else if (text[0] == '-')
			parts_drop(&x->f, text + 1);
		else if (strncmp(text, "start ", 6) == 0)
			x->start = text + 6;
		else if (!is_damage(text) && !add_body(x, at) &&
			 !add_header(x, text))
			recipe_stop(line, "neither a header nor a body: %s",
				    text);
}

/* ---- the message ---- */

static void read_words(struct sip_said *x)
{
	struct saying *s = x->s;
	const char *what =
		words_at(s->line, &s->words, s->first, "method or status");

	x->request = what[0] < '0' || what[0] > '9';
	x->number = words_at(s->line, &s->words, s->first + 1, "CSeq number");
	(void)recipe_number(s->line, x->number, UINT32_MAX);
	x->method = x->request ? what
			       : words_at(s->line, &s->words, s->first + 2,
					  "the method");
	x->status =
		x->request ? 0 : (unsigned)recipe_number(s->line, what, 999);
	if (x->status >= 200 && is_method(x, "INVITE"))
		s->m->last_final = x->status;
	x->from = uri_of(s->m, word(x, "from", "alice"));
	x->to = uri_of(s->m,
		       word(x, "to",
			    is_method(x, "REGISTER") ? word(x, "from", "alice")
						     : "bob"));
	x->call = word(x, "call", "call-1");
	x->uri = word(x, "uri",
		      is_method(x, "REGISTER") ? "sip:" DOMAIN : x->to);
	x->line_end = words_has(&s->words, "lf") ? "\n" : "\r\n";
}

static void write_start(struct sip_said *x)
{
	const char *reason = word(x, "reason", sip_reason_text(x->status));

	if (x->start) {
		text_put(x->s->to, maker_unescape(x->s->m, x->start));
		text_puts(x->s->to, x->line_end);
	} else if (x->request) {
		sip_write_request(x->s->to, slice_of_text(x->method),
				  slice_of_text(x->uri));
	} else {
		sip_write_response(x->s->to, x->status, slice_of_text(reason));
	}
}

static void write_fields(struct sip_said *x)
{
	for (size_t i = 0; i < x->f.count; i++) {
		const struct part *part = &x->f.list[i];

		if (part->name) {
			sip_write_header(x->s->to, slice_of_text(part->name),
					 slice_of_text(part->value));
			continue;
		}
		text_put(x->s->to, maker_unescape(x->s->m, part->value));
		text_puts(x->s->to, x->line_end);
	}
}

/* LF alone instead of CRLF in all that was written. */
static void shorten_line_ends(struct text *to)
{
	size_t kept = 0;

	for (size_t i = 0; i < to->n; i++)
		if (to->p[i] != '\r')
			to->p[kept++] = to->p[i];
	to->n = kept;
}

/* ---- encodings of the body ---- */

static void take_place(struct text *body, struct text *with)
{
	text_free(body);
	*body = *with;
}

static void pack_body(struct sip_said *x)
{
	struct text packed = text_new(PAYLOAD_MAX);
	char *room = text_room(&packed, PAYLOAD_MAX / 2);
	z_stream z = {.next_in = (Bytef *)x->body.p,
		      .avail_in = (uInt)x->body.n,
		      .next_out = (Bytef *)room,
		      .avail_out = PAYLOAD_MAX / 2};

	/* 16: as gzip */
	if (!room ||
	    deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK ||
	    deflate(&z, Z_FINISH) != Z_STREAM_END)
		recipe_stop(x->s->line, "the body cannot be packed");
	packed.n = z.total_out;
	(void)deflateEnd(&z);
	take_place(&x->body, &packed);
	parts_default(&x->f, "Content-Encoding", "gzip");
}

/* In lines of 76 (RFC 2045 6.8). */
static void encode_body(struct sip_said *x)
{
	struct text encoded = text_new(PAYLOAD_MAX);

	for (size_t at = 0; at < x->body.n; at += 57) {
		char line[76];
		size_t n = base64_encode(
			slice_cut(text_slice(&x->body), at, 57), line);

		text_put(&encoded, slice_of(line, n));
		text_puts(&encoded, "\r\n");
	}
	take_place(&x->body, &encoded);
	parts_default(&x->f, "Content-Transfer-Encoding", "base64");
}

void say_sip(struct saying *s)
{
	struct sip_said x = {.s = s, .f = {.line = s->line}};
	const struct recipe *r = s->m->recipe;
	bool own_length;

	x.body = text_new(PAYLOAD_MAX);
	read_words(&x);
	add_defaults(&x);
	for (size_t i = recipe_child(r, s->at); i != RECIPE_NONE;
	     i = recipe_next(r, i))
		add_line(&x, i);
	if (words_has(&s->words, "gzip"))
		pack_body(&x);
	if (words_has(&s->words, "base64"))
		encode_body(&x);
	own_length = parts_find(&x.f, "Content-Length") ||
		     words_has(&s->words, "no-length");
	write_start(&x);
	write_fields(&x);
	if (own_length) {
		text_puts(s->to, words_has(&s->words, "no-end") ? "" : "\r\n");
		text_put(s->to, text_slice(&x.body));
	} else {
		sip_write_end(s->to, text_slice(&x.body));
	}
	if (words_has(&s->words, "lf"))
		shorten_line_ends(s->to);
	text_free(&x.body);
}
