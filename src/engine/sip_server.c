/* The SIP front: connections, framing, and who does what. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "engine/mras_server.h"
#include "engine/sip_state.h"

#define SCRATCH_MAX ((size_t)4 << 20)
#define OUT_MAX ((size_t)1 << 20)
#define FRONT 256u /* enough to see that it is no SIP */
#define KEEP_ALIVE_SILENCE (332 * NS_PER_S) /* [MS-CONMGMT] 3.4.2, and grace */

/* ---- the machine ---- */

struct sip_connection *sip_connection_of(const struct sip_server *s,
					 uint64_t serial)
{
	size_t number = (size_t)(serial & UINT32_MAX);
	struct sip_connection *c =
		number < s->room ? s->connections[number] : NULL;

	return c && c->serial == serial ? c : NULL;
}

static bool stands(void *context, uint64_t serial)
{
	return sip_connection_of(context, serial) != NULL;
}

struct sip_server *sip_server_new(const struct sip_server_config *config,
				  const struct sip_provider *provider)
{
	struct sip_server *s = calloc(1, sizeof(*s));
	uint8_t key[SHA256_SIZE];

	if (!s)
		return NULL;
	s->config = *config;
	s->provider = *provider;
	provider->random(provider->context, (uint8_t *)&s->key, sizeof(s->key));
	provider->random(provider->context, key, sizeof(key));
	hmac_prepare(HASH_SHA256, slice_of(key, sizeof(key)), &s->nonces.key);
	bytes_wipe(key, sizeof(key));
	s->nonces.life = config->nonce_life;
	sip_accounts_init(&s->accounts, SIP_ACCOUNTS_MAX, s->key);
	registrar_init(&s->registrar, SIP_BINDINGS_MAX, s->key);
	s->registrar.context = s;
	s->registrar.stands = stands;
	s->scratch = arena_new(SCRATCH_MAX);
	s->out = text_new(OUT_MAX);
	s->head = text_new(OUT_MAX);
	s->body = text_new(OUT_MAX);
	return s;
}

static void free_connection(struct sip_connection *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < SIP_ANSWERS_KEPT; i++)
		free(c->answered[i].bytes);
	text_free(&c->in);
	bytes_wipe(c, sizeof(*c));
	free(c);
}

void sip_server_free(struct sip_server *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->room; i++)
		free_connection(s->connections[i]);
	free(s->connections);
	free(s->calls);
	registrar_free(&s->registrar);
	sip_accounts_free(&s->accounts);
	arena_free(&s->scratch);
	text_free(&s->out);
	text_free(&s->head);
	text_free(&s->body);
	bytes_wipe(s, sizeof(*s));
	free(s);
}

enum status sip_server_add_account(struct sip_server *s, struct slice name,
				   struct slice password)
{
	return sip_accounts_add(&s->accounts, name, password);
}

struct sip_counts sip_server_counts(const struct sip_server *s)
{
	struct sip_counts counts = s->counts;

	counts.bindings = s->registrar.live;
	return counts;
}

void sip_server_tick(struct sip_server *s, nanoseconds now)
{
	registrar_sweep(&s->registrar, now);
}

/* ---- connections ---- */

static struct sip_connection *connection_of(const struct sip_server *s,
					    uint32_t number)
{
	return number < s->room ? s->connections[number] : NULL;
}

static bool make_room(struct sip_server *s, uint32_t number)
{
	size_t room = s->room ? s->room : 16;
	struct sip_connection **list;

	while (room <= number)
		room *= 2;
	if (room == s->room)
		return true;
	list = realloc(s->connections, room * sizeof(*list));
	if (!list)
		return false;
	for (size_t i = s->room; i < room; i++)
		list[i] = NULL;
	s->connections = list;
	s->room = room;
	return true;
}

bool sip_server_opened(struct sip_server *s, const struct sip_path *path)
{
	struct sip_connection *c;

	if (!make_room(s, path->connection) || s->connections[path->connection])
		return false;
	c = calloc(1, sizeof(*c));
	if (!c)
		return false;
	c->path = *path;
	c->serial = ++s->serials << 32 | path->connection;
	c->in = text_new(SIP_MESSAGE_MAX);
	s->connections[path->connection] = c;
	return true;
}

void sip_server_closed(struct sip_server *s, uint32_t number)
{
	struct sip_connection *c = connection_of(s, number);

	if (!c)
		return;
	s->connections[number] = NULL;
	free_connection(c);
}

nanoseconds sip_server_silence(const struct sip_server *s, uint32_t number)
{
	const struct sip_connection *c = connection_of(s, number);

	return c && c->keep_alive ? KEEP_ALIVE_SILENCE
				  : (s->config.expires + 32) * NS_PER_S;
}

bool sip_server_waits(const struct sip_server *s, uint32_t number)
{
	const struct sip_connection *c = connection_of(s, number);

	return c && c->in.n != 0;
}

/* ---- what the methods share ---- */

void sip_random_hex(struct sip_server *s, char *out, size_t digits)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t byte = 0;

	for (size_t i = 0; i < digits; i++) {
		if (i % 2 == 0)
			s->provider.random(s->provider.context, &byte, 1);
		*out++ = hex[byte & 15];
		byte >>= 4;
	}
	*out = '\0';
}

struct slice sip_address_of(struct sip_server *s, struct slice uri)
{
	struct sip_uri parts;
	size_t n;
	char *out;

	if (sip_uri_parse(uri, &parts) != STATUS_OK || parts.user.n == 0 ||
	    parts.host.n == 0 ||
	    !(slice_is_nocase(parts.scheme, "sip") ||
	      slice_is_nocase(parts.scheme, "sips")))
		return (struct slice){0};
	n = parts.user.n + 1 + parts.host.n;
	out = arena_alloc(&s->scratch, n);
	if (!out)
		return (struct slice){0};
	memcpy(out, parts.user.p, parts.user.n);
	out[parts.user.n] = '@';
	memcpy(out + parts.user.n + 1, parts.host.p, parts.host.n);
	for (size_t i = 0; i < n; i++)
		if (out[i] >= 'A' && out[i] <= 'Z')
			out[i] |= 32;
	return slice_of(out, n);
}

bool sip_is_sendable(struct slice uri)
{
	struct sip_uri parts;

	for (size_t i = 0; i < uri.n; i++)
		if (uri.p[i] <= ' ' || uri.p[i] == '<' || uri.p[i] == '>')
			return false;
	return sip_uri_parse(uri, &parts) == STATUS_OK && parts.host.n &&
	       (slice_is_nocase(parts.scheme, "sip") ||
		slice_is_nocase(parts.scheme, "sips"));
}

bool sip_is_own(const struct sip_ask *a, struct slice uri)
{
	struct slice host = sip_address_of(a->s, uri);
	struct slice user = slice_split(&host, '@');

	if (user.n == 0 || !sip_is_sendable(uri) ||
	    (a->s->config.domain.n &&
	     !slice_equal_nocase(host, a->s->config.domain)))
		return false;
	if (a->s->config.schemes == 0)
		return true;
	return a->account != SIP_ACCOUNT_NONE &&
	       sip_account_is(&a->s->accounts.rows[a->account], user, host);
}

bool sip_lists(const struct sip_message *m, enum sip_header_name id,
	       const char *tag)
{
	const struct sip_header *h = sip_header(m, id);

	for (; h; h = sip_header_after(m, h)) {
		struct slice rest = h->value, entry;

		while (sip_list_next(&rest, &entry))
			if (slice_is_nocase(slice_trim(entry), tag))
				return true;
	}
	return false;
}

/* The value behind the type is base64 of 16 bytes that stay, and two zeros, as
 * in all of these ([MS-SIPRE]). */
void sip_server_uri(const struct sip_ask *a, const char *type, struct text *to)
{
	struct slice name = slice_of_text(type), domain = a->s->config.domain;
	uint8_t hash[SHA1_SIZE], bytes[18] = {0};
	struct slice pieces[] = {a->s->config.host, name};
	struct slice from = sip_address_of(a->s, a->m->from.uri);
	char text[24];

	(void)slice_split(&from, '@');
	if (domain.n == 0)
		domain = from.n ? from : a->s->config.host;
	sha1(pieces, 2, hash);
	memcpy(bytes, hash, 16);
	(void)base64_encode(slice_of(bytes, sizeof(bytes)), text);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
	text_puts(to, "sip:");
	text_put(to, a->s->config.host);
	text_putc(to, '@');
	sip_put_clean(to, domain);
	text_printf(to, ";gruu;opaque=srvr:%s:", type);
	text_put(to, slice_of(text, sizeof(text)));
}

/* ---- requests ---- */

static void options(struct sip_ask *a)
{
	a->status = 200;
	sip_put(a, "Allow", SIP_METHODS);
	sip_put(a, "Allow-Events", sip_events());
	sip_put(a, "Accept", MRAS_CONTENT_TYPE);
}

/* [MS-SIPCOMP]: nothing is compressed here. */
static void negotiate(struct sip_ask *a)
{
	sip_refuse(a, 488, "Compression is not offered");
}

static void not_served(struct sip_ask *a)
{
	sip_refuse(a, a->m->method == SIP_METHOD_OTHER ? 501 : 405, NULL);
	sip_put(a, "Allow", SIP_METHODS);
}

struct method {
	enum sip_method method;
	void (*run)(struct sip_ask *a);
	bool open; /* to all */
};

static const struct method methods[] = {
	{SIP_REGISTER, sip_register, false},
	{SIP_SUBSCRIBE, sip_subscribe, false},
	{SIP_SERVICE, sip_service, false},
	{SIP_OPTIONS, options, true},
	{SIP_NEGOTIATE, negotiate, true},
	{SIP_INVITE, sip_call, false},
	{SIP_MESSAGE, sip_call, false},
	/* Who may, the connection says: a call has two. */
	{SIP_BYE, sip_in_call, true},
	{SIP_CANCEL, sip_in_call, true},
	{SIP_PRACK, sip_in_call, true},
	{SIP_UPDATE, sip_in_call, true},
	{SIP_INFO, sip_in_call, true},
	{SIP_REFER, sip_in_call, true},
	{SIP_NOTIFY, sip_in_call, true},
};

static const struct method other = {SIP_METHOD_OTHER, not_served, true};

static const struct method *method_of(enum sip_method method)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].method == method)
			return &methods[i];
	return &other;
}

/* What it requires is for who gets it to know (RFC 3261 16.3). */
static bool is_passed_on(const struct method *method)
{
	return method->run == sip_call || method->run == sip_in_call;
}

/* What makes a request one that can be answered at all (RFC 3261 8.1.1); the
 * phrase says what does not. */
static const char *malformed(const struct sip_message *m)
{
	if (m->via_count == 0)
		return "Missing Via";
	if (m->call_id.n == 0)
		return "Missing Call-ID";
	if (m->from.uri.n == 0)
		return "Missing or malformed From";
	if (m->to.uri.n == 0)
		return "Missing or malformed To";
	if (!m->has_cseq)
		return "Missing or malformed CSeq";
	if (!slice_equal(m->cseq_method, m->method_text))
		return "CSeq of another method";
	return NULL;
}

static const char *const extensions[] = {"ms-benotify",
					 "ms-piggyback-first-notify",
					 "adhoclist",
					 "categoryList",
					 "eventlist",
					 "gruu-10",
					 "com.microsoft.autoextend"};

static bool is_extension(struct slice tag)
{
	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
		if (slice_is_nocase(tag, extensions[i]))
			return true;
	return false;
}

/* RFC 3261 8.2.2.3. */
static bool requires_unknown(struct sip_ask *a)
{
	const struct sip_header *h = sip_header(a->m, SIP_REQUIRE);
	size_t unknown = 0;

	for (; h; h = sip_header_after(a->m, h)) {
		struct slice rest = h->value, entry;

		while (sip_list_next(&rest, &entry)) {
			entry = slice_trim(entry);
			if (entry.n == 0 || is_extension(entry))
				continue;
			text_puts(&a->s->head,
				  unknown++ ? ", " : "Unsupported: ");
			sip_put_clean(&a->s->head, entry);
		}
	}
	if (unknown) {
		text_puts(&a->s->head, "\r\n");
		sip_refuse(a, 420, NULL);
	}
	return unknown != 0;
}

/* A request of its own: is it in order, who asks, and what. */
static void judge(struct sip_ask *a)
{
	const struct method *method = method_of(a->m->method);
	const char *wrong = malformed(a->m);

	if (wrong) {
		a->s->counts.malformed++;
		sip_refuse(a, 400, wrong);
		return;
	}
	if (!slice_is_nocase(a->m->version, "SIP/2.0")) {
		sip_refuse(a, 505, NULL);
		return;
	}
	if ((!is_passed_on(method) && requires_unknown(a)) ||
	    (!method->open && !sip_authenticate(a)))
		return;
	if (!method->open && !sip_is_own(a, a->m->from.uri)) {
		a->s->counts.refused++;
		sip_refuse(a, 403, "From is not the one who signed in");
		return;
	}
	a->status = 200;
	method->run(a);
}

static void answer(struct sip_server *s, struct sip_connection *c,
		   const struct sip_message *m, nanoseconds now)
{
	struct sip_ask a = {.s = s,
			    .c = c,
			    .m = m,
			    .now = now,
			    .account = SIP_ACCOUNT_NONE};

	s->counts.requests++;
	text_clear(&s->head);
	text_clear(&s->body);
	if (m->method == SIP_ACK) {
		if (!malformed(m))
			sip_in_call(&a);
		return; /* whatever came of it */
	}
	if (m->to_tag.n == 0)
		sip_random_hex(s, a.tag, SIP_TAG);
	judge(&a);
	if (a.status)
		sip_reply(&a);
	bytes_wipe(&a, sizeof(a));
}

/* The same bytes as shortly before?  Then what was said is said again. */
static bool answered_before(struct sip_server *s, struct sip_connection *c)
{
	uint64_t hash = hash_bytes(s->key, s->asked);

	for (size_t i = 0; i < SIP_ANSWERS_KEPT; i++) {
		const struct sip_answered *kept = &c->answered[i];

		if (kept->bytes && kept->hash == hash &&
		    kept->size == s->asked.n) {
			s->provider.send(s->provider.context,
					 c->path.connection,
					 slice_of(kept->bytes, kept->count));
			return true;
		}
	}
	return false;
}

/* ---- framing ---- */

/* What is no SIP has no headers that could be answered with. */
static void answer_nonsense(struct sip_server *s, struct sip_connection *c)
{
	s->counts.malformed++;
	c->over = true;
	text_clear(&s->out);
	sip_write_response(&s->out, 400, SLICE("Bad Request"));
	sip_write_end(&s->out, SLICE(""));
	s->provider.send(s->provider.context, c->path.connection,
			 text_slice(&s->out));
}

/* Double CRLF is a ping, CRLF the pong (RFC 5626 3.5.1); Lync's clients ping
 * to nobody ([MS-CONMGMT]). */
static size_t take_blank(struct sip_server *s, struct sip_connection *c,
			 struct slice in)
{
	size_t n = 0;

	while (n < in.n && (in.p[n] == '\r' || in.p[n] == '\n'))
		n++;
	c->blank += n;
	if (c->blank >= 4 && !c->keep_alive)
		s->provider.send(s->provider.context, c->path.connection,
				 SLICE("\r\n"));
	if (c->blank >= 4 || n < in.n)
		c->blank = 0;
	return n;
}

/* Content-Length at the front of a line, in either form; false: none. */
static bool length_in(struct slice line, uint64_t *out)
{
	struct slice name = slice_trim(slice_split(&line, ':'));

	return (slice_is_nocase(name, "Content-Length") ||
		slice_is_nocase(name, "l")) &&
	       slice_number(slice_trim(line), SIP_MESSAGE_MAX, out) ==
		       STATUS_OK;
}

/*
 * The size of the message at the front, 0 as long as its header is not whole.
 * What was searched is not searched again, so that who sends a byte at a time
 * costs no more than others.
 */
static size_t size_of(struct sip_connection *c, struct slice in)
{
	size_t from = c->searched > 3 ? c->searched - 3 : 0, end;
	struct slice head;
	uint64_t length = 0;

	if (c->wanted)
		return c->wanted;
	c->searched = in.n;
	if (!slice_search(slice_from(in, from), SLICE("\r\n\r\n"), &end))
		return 0;
	head = slice_first(in, from + end);
	while (head.n && !length_in(slice_split(&head, '\n'), &length))
		;
	c->wanted = from + end + 4 + (size_t)length;
	return c->wanted;
}

static void take_message(struct sip_server *s, struct sip_connection *c,
			 struct slice bytes, nanoseconds now)
{
	struct decoding d = {.arena = &s->scratch, .stream = true};
	struct sip_message m;
	size_t used;

	s->asked = bytes;
	if (answered_before(s, c))
		return;
	arena_reset(&s->scratch);
	if (sip_decode(&d, bytes, &m, &used) != STATUS_OK || used != bytes.n)
		answer_nonsense(s, c);
	else if (m.request)
		answer(s, c, &m, now);
	else if (!malformed(&m))
		sip_answered(s, c, &m, now);
}

/* Whole messages at the front of `in`; what is left. */
static struct slice take_all(struct sip_server *s, struct sip_connection *c,
			     struct slice in, nanoseconds now)
{
	while (in.n && !c->over) {
		size_t n = c->searched ? 0 : take_blank(s, c, in);

		in = slice_from(in, n);
		n = in.n ? size_of(c, in) : 0;
		if (n > SIP_MESSAGE_MAX ||
		    (n == 0 &&
		     sip_claims(slice_first(in, FRONT), true) == CLAIM_NO)) {
			answer_nonsense(s, c);
		} else if (n == 0 || n > in.n) {
			break;
		} else {
			take_message(s, c, slice_first(in, n), now);
			in = slice_from(in, n);
			c->searched = c->wanted = 0;
		}
	}
	return in;
}

bool sip_server_receive(struct sip_server *s, uint32_t number,
			struct slice bytes, nanoseconds now)
{
	struct sip_connection *c = connection_of(s, number);
	struct slice in = bytes, rest;

	if (!c || c->over)
		return false;
	if (c->in.n) {
		text_put(&c->in, bytes);
		in = text_slice(&c->in);
	}
	if (c->in.failed != STATUS_OK) {
		answer_nonsense(s, c);
		return false;
	}
	rest = take_all(s, c, in, now);
	if (rest.n == 0 || c->over) {
		text_free(&c->in);
	} else if (c->in.n == 0) {
		text_put(&c->in, rest);
	} else {
		memmove(c->in.p, rest.p, rest.n);
		c->in.n = rest.n;
	}
	return !c->over && c->in.failed == STATUS_OK;
}
