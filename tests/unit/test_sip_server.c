/* The SIP front: framing, who may what, bindings, provisioning, tokens. */
#include "config.h"

#include "core/crypto.h"
#include "dissectors/provisioning.h"
#include "dissectors/sip.h"
#include "dissectors/sip_digest.h"
#include "dissectors/sip_signing.h"
#include "engine/replay.h"
#include "engine/sip_server.h"
#include "tests/support/t.h"

#define NOW (INT64_C(1800000000) * NS_PER_S)
#define HOST "cosmo-ocs-r2.cosmo.local"

struct world {
	struct sip_server *s;
	struct text out; /* all that was sent */
	struct arena memory;
	struct sip_message m; /* the first of it */
	nanoseconds now;
	bool open;
	uint8_t dice;
	unsigned asked; /* for tags, and the order of requests */
	struct text request;
	struct replay *judge; /* of captures: it hears all of it */
};

static void take_send(void *context, uint32_t connection, struct slice bytes)
{
	struct world *w = context;

	assert_int_equal(connection, 3);
	text_put(&w->out, bytes);
}

/* What the server of the published exchange diced. */
static void take_random(void *context, uint8_t *out, size_t n)
{
	static const uint8_t published[12] = {0xdd, 0x1b, 0xaa, 0xf4,
					      0xe7, 0xe2, 0x18, 0xd1,
					      0x2b, 0xdb, 0xac, 0x9d};
	struct world *w = context;

	for (size_t i = 0; i < n; i++)
		out[i] = n == sizeof(published) ? published[i] : w->dice++;
}

static size_t take_relays(void *context, uint32_t connection,
			  struct mras_relay *out, size_t max)
{
	(void)context;
	(void)connection;
	(void)max;
	out[0] = (struct mras_relay){.location = SLICE("internet"),
				     .host = SLICE("av.example.org"),
				     .udp_port = 3478,
				     .tcp_port = 443};
	return 1;
}

static void begin_with(struct world *w, struct sip_server_config config)
{
	struct sip_provider provider = {.context = w,
					.send = take_send,
					.random = take_random,
					.relays = take_relays};
	struct sip_path path = {.connection = 3, .tls = true};
	const uint8_t ip[4] = {192, 168, 172, 6};

	*w = (struct world){.now = NOW, .open = true};
	w->out = text_new(1 << 20);
	w->request = text_new(1 << 20);
	w->memory = arena_new(1 << 22);
	config.host = SLICE(HOST);
	config.realm = SLICE("test");
	config.expires = 7200;
	config.nonce_life = 60 * NS_PER_S;
	w->s = sip_server_new(&config, &provider);
	w->judge = replay_new();
	assert_non_null(w->s);
	assert_int_equal(
		sip_server_add_account(w->s, SLICE("user"), SLICE("Pa$$word")),
		STATUS_OK);
	assert_int_equal(sip_server_add_account(w->s, SLICE("bob@example.org"),
						SLICE("secret")),
			 STATUS_OK);
	assert_int_equal(
		sip_server_add_account(w->s, SLICE("USER"), SLICE("other")),
		STATUS_BAD);
	path.client = endpoint_of(slice_of(ip, 4), 12723);
	path.server = endpoint_of(slice_of(ip, 4), 5061);
	assert_true(sip_server_opened(w->s, &path));
}

static void begin(struct world *w)
{
	struct sip_server_config config = {.schemes = SIP_DIGEST | SIP_NTLM};

	mras_keys_of_secret(SLICE("s"), &config.keys);
	begin_with(w, config);
}

/* Nobody is asked who he is. */
static void begin_open(struct world *w)
{
	struct sip_server_config config = {.port_low = 50000,
					   .port_high = 50039,
					   .encryption =
						   SLICE("SupportEncryption")};

	mras_keys_of_secret(SLICE("s"), &config.keys);
	begin_with(w, config);
}

static void end(struct world *w)
{
	sip_server_closed(w->s, 3);
	sip_server_free(w->s);
	replay_free(w->judge);
	text_free(&w->out);
	text_free(&w->request);
	arena_free(&w->memory);
}

/* ---- the judge of captures agrees ---- */

static struct slice find_password(const void *context, struct slice user,
				  struct slice realm)
{
	(void)context;
	(void)realm;
	if (slice_starts_nocase(user, "user"))
		return SLICE("Pa$$word");
	return slice_starts_nocase(user, "bob") ? SLICE("secret")
						: (struct slice){0};
}

static void hear(struct world *w, const struct sip_message *m)
{
	static const struct sip_passwords passwords = {.find = find_password};
	static const struct endpoint ends[2] = {
		{.family = FAMILY_IPV4, .ip = {192, 168, 172, 6}, .port = 9},
		{.family = FAMILY_IPV4, .ip = {192, 168, 172, 1}, .port = 7}};
	const struct replay_sip said = {.sip = m,
					.passwords = &passwords,
					.src = ends[!m->request],
					.dst = ends[m->request],
					.time = w->now,
					.frame = 1};

	replay_take_registration(w->judge, &said);
}

/* The request, and w->m that answers it: what is found, or NULL. */
static const struct replay_finding *judgement(struct world *w,
					      struct slice request)
{
	struct arena memory = arena_new(1 << 20);
	struct decoding d = {.arena = &memory, .stream = true};
	const struct replay_finding *found;
	struct sip_message m;
	size_t used, count;

	if (sip_decode(&d, request, &m, &used) == STATUS_OK &&
	    used == request.n) {
		hear(w, &m);
		hear(w, &w->m);
	}
	arena_free(&memory);
	found = replay_findings(w->judge, &count);
	return count ? &found[count - 1] : NULL;
}

static void judge(struct world *w, struct slice request)
{
	const struct replay_finding *found = judgement(w, request);

	if (found)
		fail_msg("the judge: %s", found->text);
}

static void say(struct world *w, struct slice bytes)
{
	text_clear(&w->out);
	w->open = sip_server_receive(w->s, 3, bytes, w->now);
}

/* The message at the front of what was sent. */
static unsigned status_of(struct world *w)
{
	struct decoding d = {.arena = &w->memory, .stream = true};
	size_t used;

	arena_reset(&w->memory);
	assert_int_equal(sip_decode(&d, text_slice(&w->out), &w->m, &used),
			 STATUS_OK);
	return w->m.status;
}

static unsigned ask(struct world *w, const char *request)
{
	say(w, slice_of_text(request));
	(void)status_of(w);
	judge(w, slice_of_text(request));
	return w->m.status;
}

static bool says(const struct world *w, const char *text)
{
	size_t at;

	return slice_search(text_slice(&w->out), slice_of_text(text), &at);
}

/* ---- requests ---- */

struct wish {
	const char *method, *uri, *from, *to, *headers, *body;
};

static struct slice write(struct world *w, const struct wish *wish)
{
	unsigned n = ++w->asked;

	text_clear(&w->request);
	text_printf(&w->request,
		    "%s %s SIP/2.0\r\n"
		    "Via: SIP/2.0/TLS 192.168.172.6:12723;branch=z9hG4bK%u\r\n"
		    "From: <%s>;tag=a;epid=c8ca638a15\r\nTo: <%s>\r\n"
		    "Call-ID: call\r\nCSeq: %u %s\r\n%s"
		    "Content-Length: %zu\r\n\r\n%s",
		    wish->method, wish->uri, n, wish->from, wish->to, n,
		    wish->method, wish->headers ? wish->headers : "",
		    wish->body ? strlen(wish->body) : 0,
		    wish->body ? wish->body : "");
	return text_slice(&w->request);
}

static unsigned send(struct world *w, const struct wish *wish)
{
	say(w, write(w, wish));
	(void)status_of(w);
	judge(w, text_slice(&w->request));
	return w->m.status;
}

#define USER "sip:user@example.org"
#define CONTACT "Contact: <sip:user@192.168.172.6:12723;transport=tls>\r\n"

static const struct wish plain = {"REGISTER", "sip:example.org", USER,
				  USER,       CONTACT,           NULL};

/* The answer to the challenge that was sent last, in `out`. */
static void write_digest(struct world *w, const struct wish *wish,
			 const char *user, const char *password,
			 struct text *out)
{
	struct sip_digest_secret secret = {.password = slice_of_text(password)};
	const struct sip_header *h = sip_header(&w->m, SIP_WWW_AUTHENTICATE);
	struct sip_digest d;
	char response[64];
	size_t n;

	while (sip_digest_parse(h->value, &d) != STATUS_OK)
		h = sip_header_after(&w->m, h);
	d.username = slice_of_text(user);
	d.uri = slice_of_text(wish->uri);
	d.nc = SLICE("00000001");
	d.cnonce = SLICE("c");
	assert_int_equal(sip_digest_response(&d, slice_of_text(wish->method),
					     SLICE(""), &secret, response, &n),
			 STATUS_OK);
	text_printf(out,
		    "%sAuthorization: Digest username=\"%s\", realm=\"test\", "
		    "nonce=\"%.*s\", uri=\"%s\", response=\"%.*s\", "
		    "algorithm=%.*s, qop=auth, nc=00000001, cnonce=\"c\"\r\n",
		    wish->headers ? wish->headers : "", user, (int)d.nonce.n,
		    (const char *)d.nonce.p, wish->uri, (int)n, response,
		    (int)d.algorithm.n, (const char *)d.algorithm.p);
	text_putc(out, '\0');
}

/* Asked, challenged, and asked again as this user. */
static unsigned sign_in(struct world *w, struct wish wish, const char *user,
			const char *password)
{
	struct text headers = text_new(1 << 16);
	unsigned status;

	assert_int_equal(send(w, &wish), 401);
	write_digest(w, &wish, user, password, &headers);
	wish.headers = headers.p;
	status = send(w, &wish);
	text_free(&headers);
	return status;
}

/* ---- the published exchange of NTLM ---- */

#define LEG(cseq, authorization)                                              \
	"REGISTER sip:cosmo.local SIP/2.0\r\n"                                \
	"Via: SIP/2.0/TLS 192.168.172.6:12723\r\n"                            \
	"Max-Forwards: 70\r\n"                                                \
	"From: <sip:user@cosmo.local>;tag=3e49177a52;epid=c8ca638a15\r\n"     \
	"To: <sip:user@cosmo.local>\r\n"                                      \
	"Call-ID: 4037df9284354df39065195bd57a4b14\r\n"                       \
	"CSeq: " cseq " REGISTER\r\n"                                         \
	"Contact: <sip:192.168.172.6:12723;transport=tls;ms-opaque="          \
	"fad3dfab32>;methods=\"INVITE, MESSAGE, INFO, OPTIONS, BYE, CANCEL, " \
	"NOTIFY, ACK, REFER, BENOTIFY\";proxy=replace;+sip.instance=\"<urn:"  \
	"uuid:34D859DB-6585-5F91-A3B4-DE853C15347D>\"\r\n"                    \
	"Supported: gruu-10, adhoclist, msrtc-event-categories\r\n"           \
	"ms-keep-alive: UAC;hop-hop=yes\r\n"                                  \
	"Event: registration\r\n" authorization "Content-Length: 0\r\n\r\n"
#define NTLM                                                              \
	"Proxy-Authorization: NTLM qop=\"auth\", "                        \
	"realm=\"SIP Communications Service\", targetname=\"" HOST "\", " \
	"version=4, "
#define TYPE3                                                                \
	"TlRMTVNTUAADAAAAGAAYAHIAAADGAMYAigAAAAoACgBIAAAACAAIAFIAAAAYABgAWg" \
	"AAABAAEABQAQAAVYKYYgUCzg4AAAAPQwBPAFMATQBPAFUAcwBlAHIAQwBPAFMATQBP" \
	"AC0ATwBDAFMALQBSADIAoeku/k4Hi/fFwASazGFmwtauh1yw/apBjcDIAK527KYG0r" \
	"n769BHMQEBAAAAAAAAWVGaFye5ygHWrodcsP2qQQAAAAACAAoAQwBPAFMATQBPAAEA" \
	"GABDAE8AUwBNAE8ALQBPAEMAUwAtAFIAMgAEABYAYwBvAHMAbQBvAC4AbABvAGMAYQ" \
	"BsAAMAMABjAG8AcwBtAG8ALQBvAGMAcwAtAHIAMgAuAGMAbwBzAG0AbwAuAGwAbwBj" \
	"AGEAbAAFABYAYwBvAHMAbQBvAC4AbABvAGMAYQBsAAAAAAAAAAAAMctznhyoCkmFke" \
	"iueXEV5A=="

#define LEG3                                                          \
	LEG("3", NTLM "opaque=\"2BDBAC9D\", gssapi-data=\"" TYPE3     \
		      "\", crand=\"13317733\", cnum=\"1\", response=" \
		      "\"0100000029618e9651b65a7764000000\"\r\n")

static void communicator_signs_in(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	assert_int_equal(ask(&w, LEG("1", "")), 401);
	assert_true(says(&w, "WWW-Authenticate: NTLM realm=\"SIP "
			     "Communications Service\", targetname=\"" HOST
			     "\", version=4\r\n"));
	assert_int_equal(ask(&w, LEG("2", NTLM "gssapi-data=\"\"\r\n")), 401);
	assert_true(
		says(&w, "opaque=\"2BDBAC9D\", gssapi-data=\"TlRMTVNTUAAC"));
	assert_int_equal(ask(&w, LEG3), 200);
	assert_true(says(&w, "Authentication-Info: NTLM rspauth=\"01000000"));
	assert_true(says(&w, "snum=\"1\""));
	assert_true(says(&w, "expires=7200"));
	assert_true(says(&w, "gruu=\"sip:user@cosmo.local;opaque=user:epid:"
			     "21nYNIVlkV-jtN6FPBU0fQAA;gruu\""));
	assert_true(says(&w, "ms-keep-alive: UAS;"));
	assert_int_equal(sip_server_counts(w.s).bindings, 1);
	assert_int_equal(replay_counts(w.judge).replies, 3);
	/* Its connection is the way to it. */
	sip_server_closed(w.s, 3);
	sip_server_tick(w.s, NOW);
	assert_int_equal(sip_server_counts(w.s).bindings, 0);
	end(&w);
}

static void the_judge_knows_who_signed(void **state)
{
	const struct replay_finding *found;
	struct text right = text_new(1 << 16);
	struct world w;
	size_t at;

	(void)state;
	begin(&w);
	assert_int_equal(ask(&w, LEG("1", "")), 401);
	assert_int_equal(ask(&w, LEG("2", NTLM "gssapi-data=\"\"\r\n")), 401);
	say(&w, slice_of_text(LEG3));
	text_put(&right, text_slice(&w.out));
	assert_true(slice_search(text_slice(&right), SLICE("rspauth=\""), &at));
	at += strlen("rspauth=\"01000000");
	text_clear(&w.out);
	text_put(&w.out, slice_first(text_slice(&right), at));
	text_putc(&w.out, right.p[at] == '0' ? '1' : '0');
	text_put(&w.out, slice_from(text_slice(&right), at + 1));
	assert_int_equal(status_of(&w), 200);
	found = judgement(&w, slice_of_text(LEG3));
	assert_non_null(found);
	assert_int_equal(found->rule, REPLAY_INTEGRITY_WRONG);
	text_free(&right);
	end(&w);
}

static void wrong_ntlm_gets_nothing(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	/* No challenge was sent. */
	assert_int_equal(ask(&w, LEG("1", NTLM
				     "opaque=\"2BDBAC9D\", gssapi-data=\"" TYPE3
				     "\"\r\n")),
			 401);
	assert_int_equal(ask(&w, LEG("2", NTLM "gssapi-data=\"\"\r\n")), 401);
	/* Another signature than the keys make; and then it is over. */
	assert_int_equal(
		ask(&w, LEG("3",
			    NTLM "opaque=\"2BDBAC9D\", gssapi-data=\"" TYPE3
				 "\", crand=\"13317733\", cnum=\"1\", response="
				 "\"0100000029618e9651b65a7864000000\"\r\n")),
		401);
	assert_int_equal(
		ask(&w, LEG("4",
			    NTLM "opaque=\"2BDBAC9D\", gssapi-data=\"" TYPE3
				 "\", crand=\"13317733\", cnum=\"1\", response="
				 "\"0100000029618e9651b65a7764000000\"\r\n")),
		401);
	assert_int_equal(ask(&w, LEG("5", NTLM "crand=\"1\"\r\n")), 400);
	assert_int_equal(sip_server_counts(w.s).bindings, 0);
	assert_int_equal(sip_server_counts(w.s).refused, 1);
	end(&w);
}

/* ---- Digest ---- */

static void digest_signs_in(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	assert_int_equal(sign_in(&w, plain, "user", "Pa$$word"), 200);
	assert_true(says(&w, "Authentication-Info: rspauth="));
	assert_true(says(&w, "Contact: <sip:user@192.168.172.6:12723;"
			     "transport=tls>;expires=7200\r\n"));
	assert_int_equal(sip_server_counts(w.s).bindings, 1);
	assert_int_equal(sign_in(&w, plain, "user", "wrong"), 401);
	assert_int_equal(sign_in(&w, plain, "nobody", "nobody's"), 401);
	/* Right, but somebody else. */
	assert_int_equal(sign_in(&w, plain, "bob@example.org", "secret"), 403);
	assert_int_equal(sip_server_counts(w.s).refused, 3);
	end(&w);
}

static void old_nonce_is_stale(void **state)
{
	struct text headers = text_new(1 << 16);
	struct wish wish = plain;
	struct world w;

	(void)state;
	begin(&w);
	assert_int_equal(send(&w, &wish), 401);
	write_digest(&w, &wish, "user", "Pa$$word", &headers);
	wish.headers = headers.p;
	w.now += 61 * NS_PER_S;
	assert_int_equal(send(&w, &wish), 401);
	assert_true(says(&w, "stale=true"));
	text_free(&headers);
	end(&w);
}

static void too_many_failures_close(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	for (unsigned i = 1; i < SIP_FAILURES_MAX; i++)
		assert_int_equal(sign_in(&w, plain, "user", "guess"), 401);
	assert_true(w.open);
	assert_int_equal(sign_in(&w, plain, "user", "guess"), 403);
	assert_false(w.open);
	end(&w);
}

/* ---- bindings ---- */

static void bindings_are_asked_for_and_removed(void **state)
{
	static const struct {
		const char *headers;
		unsigned status;
		size_t bindings;
		const char *said;
	} rows[] = {
		{CONTACT "Expires: 600\r\n", 200, 1, ">;expires=600\r\n"},
		{"", 200, 1, ">;expires=600\r\n"},
		{"Contact: <sip:b@h>;expires=5\r\n", 423, 1, "Min-Expires: 10"},
		{"Contact: <sip:b@h>;expires=90000\r\n", 200, 2,
		 "Expires: 7200\r\n"},
		{"Contact: *\r\n", 400, 2, "400 Contact: * wants"},
		{"Contact: <\r\n", 400, 2, "400 Malformed Contact"},
		{"Contact: <sip:b@h>\r\nExpires: 0\r\n", 200, 1, "Expires: 0"},
		{"Contact: *\r\nExpires: 0\r\n", 200, 0, "Expires: 0"},
		{"Require: gruu-10, moon\r\n", 420, 0, "Unsupported: moon\r\n"},
	};
	struct wish wish = plain;
	struct world w;

	(void)state;
	begin_open(&w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wish.headers = rows[i].headers;
		assert_int_equal(send(&w, &wish), rows[i].status);
		assert_true(says(&w, rows[i].said));
		assert_int_equal(sip_server_counts(w.s).bindings,
				 rows[i].bindings);
	}
	end(&w);
}

static void same_bytes_get_the_same_answer(void **state)
{
	struct text first = text_new(1 << 16);
	struct wish wish = plain;
	struct world w;
	struct slice bytes;

	(void)state;
	begin_open(&w);
	bytes = write(&w, &wish);
	say(&w, bytes);
	text_put(&first, text_slice(&w.out));
	assert_int_equal(status_of(&w), 200);
	say(&w, bytes);
	t_equal_bytes(text_slice(&w.out), text_slice(&first));
	/* Asked anew with a number that is no higher. */
	w.asked = 0;
	wish.headers = CONTACT "Subject: other\r\n";
	assert_int_equal(send(&w, &wish), 500);
	text_free(&first);
	end(&w);
}

/* ---- who is answered what ---- */

static void odd_requests_are_named(void **state)
{
	static const struct {
		const char *request, *said;
		bool open;
	} rows[] = {
		{"hello\r\n\r\n", "400 Bad Request", false},
		{"GET / HTTP/1.1\r\n\r\n", "400 Bad Request", false},
		{"OPTIONS sip:x SIP/2.0\r\nContent-Length: 9999999\r\n\r\n",
		 "400 Bad Request", false},
		{"OPTIONS sip:x SIP/2.0\r\nContent-Length: 0\r\n\r\n",
		 "400 Missing Via", true},
		{"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP h\r\n\r\n",
		 "400 Missing Call-ID", true},
		{"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nCall-ID: "
		 "1\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCSeq: 1 "
		 "INVITE\r\n\r\n",
		 "400 CSeq of another method", true},
	};
	static const struct {
		const char *method, *said;
	} methods[] = {{"OPTIONS", "200 OK"},
		       {"INVITE", "401 Unauthorized"},
		       {"MESSAGE", "401 Unauthorized"},
		       {"PUBLISH", "405 Method Not Allowed"},
		       {"NEGOTIATE", "488 Compression is not offered"},
		       {"BYE", "481 "},
		       {"DANCE", "501 Not Implemented"}};
	struct wish wish = plain;
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin_open(&w);
		say(&w, slice_of_text(rows[i].request));
		assert_true(says(&w, rows[i].said));
		assert_int_equal(w.open, rows[i].open);
		end(&w);
	}
	begin(&w);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		wish.method = methods[i].method;
		send(&w, &wish);
		assert_true(says(&w, methods[i].said));
	}
	say(&w, SLICE("ACK sip:x SIP/2.0\r\nContent-Length: 0\r\n\r\n"));
	assert_int_equal(w.out.n, 0);
	end(&w);
}

static void only_own_names_are_served(void **state)
{
	static const struct wish rows[] = {
		{"REGISTER", "sip:x", "sip:bob@other.org", "sip:bob@other.org",
		 CONTACT, NULL},
		{"REGISTER", "sip:x", "sip:bob@example.org",
		 "sip:eve@example.org", CONTACT, NULL},
		{"SUBSCRIBE", "sip:x", "sip:bob@example.org",
		 "sip:eve@example.org", "Event: vnd-microsoft-roaming-self\r\n",
		 NULL},
		{"REGISTER", "sip:x", "tel:1", "tel:1", CONTACT, NULL},
	};
	struct world w;

	(void)state;
	begin(&w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
			sign_in(&w, rows[i], "bob@example.org", "secret"), 403);
	end(&w);
}

/* However it is cut, it is the same; and a ping gets its pong. */
static void streams_are_cut_anywhere(void **state)
{
	struct wish wish = {"OPTIONS", "sip:x", USER, USER, NULL, "body"};
	struct slice bytes;
	struct world w;

	(void)state;
	begin_open(&w);
	bytes = write(&w, &wish);
	for (size_t cut = 1; cut < bytes.n; cut++) {
		struct slice rest = t_exact(slice_from(bytes, cut));

		text_clear(&w.out);
		assert_true(sip_server_receive(w.s, 3, slice_first(bytes, cut),
					       NOW));
		assert_int_equal(w.out.n, 0);
		assert_true(sip_server_waits(w.s, 3));
		assert_true(sip_server_receive(w.s, 3, rest, NOW));
		assert_int_equal(status_of(&w), 200);
		assert_false(sip_server_waits(w.s, 3));
		t_release(rest);
	}
	say(&w, SLICE("\r\n"));
	assert_int_equal(w.out.n, 0);
	say(&w, SLICE("\r\n"));
	t_equal_text(text_slice(&w.out), "\r\n");
	end(&w);
}

/* ---- provisioning ---- */

#define GROUPS                                                              \
	"<provisioningGroupList xmlns=\"http://schemas.microsoft.com/2006/" \
	"09/sip/provisioninggrouplist\"><provisioningGroup name="           \
	"\"ServerConfiguration\"/><provisioningGroup name=\"ucPolicy\"/>"   \
	"</provisioningGroupList>"

static void provisioning_comes_with_the_answer(void **state)
{
	static const struct wish wish = {
		"SUBSCRIBE",
		USER,
		USER,
		USER,
		"Event: vnd-microsoft-provisioning-v2\r\nExpires: 0\r\n"
		"Supported: ms-benotify, ms-piggyback-first-notify\r\n",
		GROUPS};
	struct decoding d = {0};
	struct provisioning p;
	struct world w;
	size_t used;

	(void)state;
	begin_open(&w);
	assert_int_equal(send(&w, &wish), 200);
	assert_true(says(&w, "ms-piggyback-cseq: 1\r\n"));
	assert_true(says(&w, "subscription-state: terminated;expires=0\r\n"));
	d.arena = &w.memory;
	assert_int_equal(provisioning_decode(&d, w.m.body, &p, &used),
			 STATUS_OK);
	assert_int_equal(p.group_count, 2);
	assert_true(slice_starts(
		p.mras_uri, SLICE("sip:" HOST "@example.org;gruu;opaque=srvr:"
				  "MRAS:")));
	assert_int_equal(p.port_low, 50000);
	assert_int_equal(p.port_high, 50039);
	for (unsigned i = PROVISIONING_AUDIO; i < PROVISIONING_PORTS; i++)
		assert_true(p.ranges[i].low >= p.port_low &&
			    p.ranges[i].low < p.ranges[i].high &&
			    p.ranges[i].high <= p.port_high);
	t_equal_text(p.encryption, "SupportEncryption");
	end(&w);
}

static void notifications_come_behind(void **state)
{
	static const struct {
		const char *supported, *method;
	} rows[] = {{"", "\r\n\r\nNOTIFY sip:user@h SIP/2.0\r\n"},
		    {"Supported: ms-benotify\r\n",
		     "\r\n\r\nBENOTIFY sip:user@h SIP/2.0\r\n"}};
	struct wish wish = {"SUBSCRIBE", USER, USER, USER, NULL, NULL};
	struct text headers = text_new(1024);
	struct world w;

	(void)state;
	begin_open(&w);
	for (size_t i = 0; i < 2; i++) {
		text_clear(&headers);
		text_printf(&headers,
			    "Event: presence\r\nContact: <sip:user@h>\r\n%s",
			    rows[i].supported);
		text_putc(&headers, '\0');
		wish.headers = headers.p;
		assert_int_equal(send(&w, &wish), 200);
		assert_true(says(&w, rows[i].method));
		assert_true(says(&w, "Subscription-State: active;expires="));
		assert_true(says(&w, "<basic>closed</basic>"));
		/* The client's answer to it is heard in silence. */
		say(&w, SLICE("SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
		assert_int_equal(w.out.n, 0);
	}
	text_free(&headers);
	end(&w);
}

static void every_event_has_a_document(void **state)
{
	static const struct {
		const char *headers;
		unsigned status;
		const char *said;
	} rows[] = {
		{"Event: vnd-microsoft-provisioning\r\n", 200, "<provision>"},
		{"Event: vnd-microsoft-roaming-contacts\r\n", 200,
		 "<contactList deltaNum=\"1\">"},
		{"Event: vnd-microsoft-roaming-ACL\r\n", 200, "<ACLlist"},
		{"Event: vnd-microsoft-roaming-self\r\n", 200, "<roamingData"},
		{"Event: presence.wpending\r\n", 200, "<watchers/>"},
		{"Event: moon\r\n", 489, "Allow-Events: vnd-"},
		{"", 489, "Allow-Events: vnd-"},
		{"Event: presence\r\nAccept: text/plain\r\n", 406, "406 "},
	};
	struct wish wish = {"SUBSCRIBE", USER, USER, USER, NULL, NULL};
	struct world w;

	(void)state;
	begin_open(&w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wish.headers = rows[i].headers;
		assert_int_equal(send(&w, &wish), rows[i].status);
		assert_true(says(&w, rows[i].said));
	}
	end(&w);
}

/* ---- tokens ---- */

#define EDGE "sip:" HOST "@example.org;gruu;opaque=srvr:MRAS:AAAA"
#define ASKS(whom)                                                           \
	"<request requestID=\"7\" version=\"2.0\" to=\"" EDGE                \
	"\" from=\"" USER "\" xmlns=\"http://schemas.microsoft.com/2006/09/" \
	"sip/mrasp\"><credentialsRequest credentialsRequestID=\"9\">"        \
	"<identity>" whom "</identity></credentialsRequest></request>"
#define MRAS "Content-Type: application/msrtc-media-relay-auth+xml\r\n"

static void tokens_are_granted(void **state)
{
	static const struct {
		struct wish wish;
		unsigned status;
		const char *said;
	} rows[] = {
		{{"SERVICE", EDGE, USER, EDGE, MRAS, ASKS(USER)},
		 200,
		 "reasonPhrase=\"OK\""},
		{{"SERVICE", "sip:MRASLoc.example.org@example.org", USER, EDGE,
		  MRAS, ASKS(USER)},
		 200,
		 "<hostName>av.example.org</hostName>"},
		{{"SERVICE", EDGE, USER, EDGE, MRAS, "<request/>"},
		 200,
		 "Request Malformed"},
		{{"SERVICE", EDGE, USER, EDGE, "Content-Type: a/b\r\n", "x"},
		 415,
		 "Accept: application/msrtc-media-relay-auth+xml"},
		{{"SERVICE", USER, USER, USER, "Content-Type: a/b\r\n", "x"},
		 415,
		 "Accept: application/msrtc-category-publish+xml"},
		{{"SERVICE", USER, USER, USER,
		  "Content-Type: application/msrtc-category-publish+xml\r\n",
		  "<publish><publications><publication categoryName=\"state\" "
		  "instance=\"1\" container=\"2\" version=\"4\"/>"
		  "</publications></publish>"},
		 200,
		 "<category name=\"state\" instance=\"1\" container=\"2\" "
		 "version=\"5\"/>"},
	};
	struct world w;

	(void)state;
	begin_open(&w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(send(&w, &rows[i].wish), rows[i].status);
		assert_true(says(&w, rows[i].said));
	}
	assert_int_equal(sip_server_counts(w.s).tokens, 2);
	end(&w);
}

/* One a minute; what is malformed costs none. */
static void tokens_are_rationed(void **state)
{
	static const struct {
		const char *body;
		nanoseconds later;
		const char *said;
	} rows[] = {
		{"<request/>", 0, "reasonPhrase=\"Request Malformed\""},
		{ASKS(USER), 0, "reasonPhrase=\"OK\""},
		{ASKS(USER), 59 * NS_PER_S, "reasonPhrase=\"Server Busy\""},
		{"<request/>", 0, "reasonPhrase=\"Request Malformed\""},
		{ASKS(USER), NS_PER_S, "reasonPhrase=\"OK\""},
		{ASKS(USER), 0, "reasonPhrase=\"Server Busy\""},
	};
	struct sip_server_config config = {.token_quota = 1};
	struct wish wish = {"SERVICE", EDGE, USER, EDGE, MRAS, NULL};
	struct world w;

	(void)state;
	mras_keys_of_secret(SLICE("s"), &config.keys);
	begin_with(&w, config);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wish.body = rows[i].body;
		w.now += rows[i].later;
		assert_int_equal(send(&w, &wish), 200);
		assert_true(says(&w, rows[i].said));
	}
	assert_int_equal(sip_server_counts(w.s).tokens, 2);
	end(&w);
}

/* A token for another: that is MRAS' to refuse. */
static void tokens_are_for_oneself(void **state)
{
	static const struct wish wish = {
		"SERVICE", EDGE, USER, EDGE, MRAS, ASKS("sip:eve@example.org")};
	struct world w;

	(void)state;
	begin(&w);
	assert_int_equal(sign_in(&w, wish, "user", "Pa$$word"), 200);
	assert_true(says(&w, "reasonPhrase=\"Forbidden\""));
	assert_int_equal(sip_server_counts(w.s).tokens, 0);
	end(&w);
}

static const struct t_case cases[] = {
	{"communicator_signs_in", communicator_signs_in},
	{"the_judge_knows_who_signed", the_judge_knows_who_signed},
	{"wrong_ntlm_gets_nothing", wrong_ntlm_gets_nothing},
	{"digest_signs_in", digest_signs_in},
	{"old_nonce_is_stale", old_nonce_is_stale},
	{"too_many_failures_close", too_many_failures_close},
	{"bindings_are_asked_for_and_removed",
	 bindings_are_asked_for_and_removed},
	{"same_bytes_get_the_same_answer", same_bytes_get_the_same_answer},
	{"odd_requests_are_named", odd_requests_are_named},
	{"only_own_names_are_served", only_own_names_are_served},
	{"streams_are_cut_anywhere", streams_are_cut_anywhere},
	{"provisioning_comes_with_the_answer",
	 provisioning_comes_with_the_answer},
	{"notifications_come_behind", notifications_come_behind},
	{"every_event_has_a_document", every_event_has_a_document},
	{"tokens_are_granted", tokens_are_granted},
	{"tokens_are_rationed", tokens_are_rationed},
	{"tokens_are_for_oneself", tokens_are_for_oneself},
};

T_MAIN(cases)
