/*
 * SIP over UDP between the caller's user agent and its proxy (RFC 3261), with
 * Digest (RFC 7616) and SDP with ICE (RFC 8839).
 */
#include "config.h"

#include "tests/bench/call.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PROXY "198.18.0.10"
#define PHONE "bench phone 1.0 (RFC 3261; RFC 3264; RFC 8839; RFC 8445)"
#define ALLOW "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, " \
	"NOTIFY, REFER, MESSAGE, SUBSCRIBE"

#if defined(__GNUC__)
#define FORMAT(string, first) __attribute__((format(printf, string, first)))
#else
#define FORMAT(string, first)
#endif

enum { MD5_HEX = 32, IP_TEXT = 16 };

struct text {
	char bytes[PCAP_WRITER_PAYLOAD_MAX];
	size_t len;
	bool full;
};

FORMAT(2, 3) static void say(struct text *t, const char *format, ...)
{
	size_t room = sizeof t->bytes - t->len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->bytes + t->len, room, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= room)
		t->full = true;
	else
		t->len += (size_t)n;
}

static const char *ip_text(char to[IP_TEXT], uint32_t ip)
{
	snprintf(to, IP_TEXT, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 0xFF,
		 ip >> 8 & 0xFF, ip & 0xFF);
	return to;
}

static void write_text(struct bench *b, const struct call *c,
		       const struct call_step *row, const struct text *t)
{
	const struct endpoint proxy = { 0xC612000A, 5060 };
	struct endpoint path[2] = { c->sip, proxy };

	if (row->side == CALLEE) {
		path[0] = proxy;
		path[1] = c->sip;
	}
	b->failed |= t->full;
	pcap_writer_udp(&b->out, b->now_us, path, t->bytes, t->len);
}

/* Ends the header, with a body if there is one. */
static void say_body(struct text *t, const struct text *body)
{
	if (!body->len) {
		say(t, "Content-Length: 0\r\n\r\n");
		return;
	}
	say(t, "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n",
	    body->len);
	say(t, "%s", body->bytes);
	t->full |= body->full;
}

/* The request line and Via of a new transaction. */
static void say_request(struct text *t, struct call *c, const char *method,
			const char *uri)
{
	char ip[IP_TEXT];

	dice_text(&c->dice, c->branch, BRANCH_LEN);
	say(t, "%s %s SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP %s:%u;branch=z9hG4bK%s;rport\r\n"
	    "Max-Forwards: 70\r\n",
	    method, uri, ip_text(ip, c->sip.ip), c->sip.port, c->branch);
}

/* The status line and the Via back, with what the proxy saw (RFC 3581). */
static void say_status(struct text *t, const struct bench *b,
		       const struct call *c, const char *status)
{
	char ip[IP_TEXT], seen[IP_TEXT], date[40];
	time_t now = (time_t)(b->now_us / 1000000);
	struct tm tm;

	say(t, "SIP/2.0 %s\r\n"
	    "Via: SIP/2.0/UDP %s:%u;branch=z9hG4bK%s;rport=%u;received=%s\r\n",
	    status, ip_text(ip, c->sip.ip), c->sip.port, c->branch,
	    c->sip.port, ip_text(seen, c->party[CALLER].nat.ip));
	if (gmtime_r(&now, &tm) &&
	    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm))
		say(t, "Date: %s\r\n", date);
}

/* ---- registration ---- */

static void say_register_ids(struct text *t, const struct call *c,
			     unsigned cseq, const char *to_tag)
{
	char ip[IP_TEXT];

	say(t, "From: <sip:u%06" PRIu32 "@" BENCH_REALM ">;tag=%s\r\n"
	    "To: <sip:u%06" PRIu32 "@" BENCH_REALM ">%s%s\r\n"
	    "Call-ID: %s@%s\r\nCSeq: %u REGISTER\r\n",
	    c->user, c->register_id, c->user, to_tag ? ";tag=" : "",
	    to_tag ? to_tag : "", c->register_id, ip_text(ip, c->sip.ip),
	    cseq);
}

static void say_contact(struct text *t, const struct call *c,
			const char *params)
{
	char ip[IP_TEXT];

	say(t, "Contact: <sip:u%06" PRIu32 "@%s:%u>%s\r\n", c->user,
	    ip_text(ip, c->sip.ip), c->sip.port, params);
}

/* What every phone tells of itself; `name` is User-Agent or Server. */
static void say_agent(struct text *t, const char *name)
{
	say(t, "Allow: " ALLOW "\r\nSupported: replaces, timer, gruu\r\n"
	    "%s: " PHONE "\r\n", name);
}

/* False if libcrypto has no MD5. */
static bool md5_hex(const char *text, char to[MD5_HEX + 1])
{
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned len;

	if (EVP_Digest(text, strlen(text), md, &len, EVP_md5(), NULL) != 1)
		return false;
	for (unsigned i = 0; i < MD5_HEX / 2; i++)
		snprintf(to + 2 * i, 3, "%02x", md[i]);
	return true;
}

static bool digest(const struct bench *b, const struct call *c,
		   const char *cnonce, char to[MD5_HEX + 1])
{
	char ha1[MD5_HEX + 1], ha2[MD5_HEX + 1], all[256];

	snprintf(all, sizeof all, BENCH_USER ":" BENCH_REALM ":%s",
		 b->password);
	if (!md5_hex(all, ha1) ||
	    !md5_hex("REGISTER:sip:" BENCH_REALM, ha2))
		return false;
	snprintf(all, sizeof all, "%s:%s:00000001:%s:auth:%s", ha1,
		 c->sip_nonce, cnonce, ha2);
	return md5_hex(all, to);
}

static void say_authorization(struct bench *b, struct call *c, struct text *t)
{
	char response[MD5_HEX + 1] = "", cnonce[9];

	dice_text(&c->dice, cnonce, sizeof cnonce - 1);
	if (!digest(b, c, cnonce, response))
		b->failed = true;
	say(t, "Authorization: Digest username=\"" BENCH_USER "\", realm=\""
	    BENCH_REALM "\", nonce=\"%s\", uri=\"sip:" BENCH_REALM "\", "
	    "response=\"%s\", algorithm=MD5, cnonce=\"%s\", qop=auth, "
	    "nc=00000001\r\n", c->sip_nonce, response, cnonce);
}

static void write_register(struct bench *b, struct call *c,
			   const struct call_step *row, unsigned cseq)
{
	struct text t = { .len = 0 }, none = { .len = 0 };

	say_request(&t, c, "REGISTER", "sip:" BENCH_REALM);
	say_register_ids(&t, c, cseq, NULL);
	say_contact(&t, c, ";expires=3600");
	if (cseq > 1)
		say_authorization(b, c, &t);
	say_agent(&t, "User-Agent");
	say_body(&t, &none);
	write_text(b, c, row, &t);
}

void sip_register(struct bench *b, struct call *c, const struct call_step *row)
{
	dice_text(&c->dice, c->register_id, CALL_ID_LEN);
	write_register(b, c, row, 1);
}

void sip_register_again(struct bench *b, struct call *c,
			const struct call_step *row)
{
	write_register(b, c, row, 2);
}

void sip_register_challenge(struct bench *b, struct call *c,
			    const struct call_step *row)
{
	struct text t = { .len = 0 }, none = { .len = 0 };

	dice_text(&c->dice, c->sip_nonce, NONCE_LEN);
	say_status(&t, b, c, "401 Unauthorized");
	say_register_ids(&t, c, 1, "registrar");
	say(&t, "WWW-Authenticate: Digest realm=\"" BENCH_REALM "\", "
	    "nonce=\"%s\", algorithm=MD5, qop=\"auth\"\r\n"
	    "Server: bench registrar 1.0\r\n", c->sip_nonce);
	say_body(&t, &none);
	write_text(b, c, row, &t);
}

void sip_register_ok(struct bench *b, struct call *c,
		     const struct call_step *row)
{
	struct text t = { .len = 0 }, none = { .len = 0 };

	say_status(&t, b, c, "200 OK");
	say_register_ids(&t, c, 2, "registrar");
	say_contact(&t, c, ";expires=3600");
	say(&t, "Server: bench registrar 1.0\r\n");
	say_body(&t, &none);
	write_text(b, c, row, &t);
}

/* ---- the call ---- */

/* 128 bits that name one side's end of the session (RFC 7989). */
static void say_uuid(struct text *t, const struct call_party *p, bool known)
{
	say(t, "%016" PRIx64 "%016" PRIx64, known ? p->tie_breaker : 0,
	    known ? (uint64_t)p->ssrc << 32 | p->rtp_time : 0);
}

/*
 * From, To, Call-ID, CSeq and Session-ID; all but the INVITE and its 100 carry
 * the callee's tag.
 */
static void say_ids(struct text *t, const struct call *c,
		    enum call_side from, bool tagged, const char *cseq)
{
	char ip[IP_TEXT];

	say(t, "From: \"Caller %" PRIu32 "\" <sip:u%06" PRIu32 "@" BENCH_REALM
	    ">;tag=%s\r\nTo: <sip:c%06" PRIu32 "@" BENCH_REALM ">%s%s\r\n"
	    "Call-ID: %s@%s\r\nCSeq: %s\r\n",
	    c->user, c->user, c->party[CALLER].tag, c->number,
	    tagged ? ";tag=" : "", tagged ? c->party[CALLEE].tag : "", c->id,
	    ip_text(ip, c->sip.ip), cseq);
	say(t, "Session-ID: ");
	say_uuid(t, &c->party[from], from == CALLER || tagged);
	say(t, ";remote=");
	say_uuid(t, &c->party[!from], from == CALLEE || tagged);
	say(t, "\r\n");
}

static void say_candidate(struct text *t, unsigned foundation,
			  uint32_t preference, struct endpoint at,
			  const char *type)
{
	char ip[IP_TEXT];

	say(t, "a=candidate:%u 1 UDP %" PRIu32 " %s %u typ %s", foundation,
	    preference << 24 | 65535u << 8 | 255u, ip_text(ip, at.ip), at.port,
	    type);
}

static void say_related(struct text *t, struct endpoint at)
{
	char ip[IP_TEXT];

	say(t, " raddr %s rport %u\r\n", ip_text(ip, at.ip), at.port);
}

/* The default destination is the candidate that will be chosen. */
static struct endpoint default_address(const struct call *c,
				       enum call_side side)
{
	if (side == CALLER && c->traits & CALL_RELAYED)
		return c->party[CALLER].relay;
	return c->party[side].nat;
}

static void say_formats(struct text *t)
{
	say(t, "a=rtpmap:0 PCMU/8000\r\n"
	    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
	    "a=ptime:20\r\na=sendrecv\r\na=rtcp-mux\r\n");
}

static void say_sdp(struct text *t, const struct call *c, enum call_side side)
{
	const struct call_party *p = &c->party[side];
	struct endpoint chosen = default_address(c, side);
	char ip[IP_TEXT];

	ip_text(ip, chosen.ip);
	say(t, "v=0\r\no=- %" PRIu32 " 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\n"
	    "t=0 0\r\nm=audio %u RTP/AVP %s101\r\n", p->ssrc, ip, ip,
	    chosen.port, side == CALLER ? "0 9 8 " : "0 ");
	say_formats(t);
	say(t, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", p->ufrag, p->pwd);
	say_candidate(t, 1, 126, p->host, "host");
	say(t, "\r\n");
	say_candidate(t, 2, 100, p->nat, "srflx");
	say_related(t, p->host);
	say_candidate(t, 3, 0, p->relay, "relay");
	say_related(t, p->nat);
}

/* The proxy stays in the dialog, and marks it as proxies do. */
static void say_route(struct text *t, const struct call *c, const char *name)
{
	say(t, "%s: <sip:" PROXY ";lr;ftag=%s;did=%s>\r\n", name,
	    c->party[CALLER].tag, c->party[CALLEE].ufrag);
}

/* The callee's Contact: behind its proxy, on the address of its media. */
static void callee_uri(const struct call *c, char to[64])
{
	char ip[IP_TEXT];

	snprintf(to, 64, "sip:c%06" PRIu32 "@%s:5060", c->number,
		 ip_text(ip, c->party[CALLEE].nat.ip));
}

static void write_status(struct bench *b, const struct call *c,
			 const struct call_step *row, const char *status,
			 const struct text *body)
{
	struct text t = { .len = 0 };
	char uri[64];

	callee_uri(c, uri);
	say_status(&t, b, c, status);
	say_route(&t, c, "Record-Route");
	say_ids(&t, c, row->side, true, "1 INVITE");
	say(&t, "Contact: <%s>\r\nP-Asserted-Identity: \"Callee %" PRIu32
	    "\" <sip:c%06" PRIu32 "@" BENCH_REALM ">\r\n",
	    uri, c->number, c->number);
	say_agent(&t, "Server");
	say_body(&t, body);
	write_text(b, c, row, &t);
}

void sip_invite(struct bench *b, struct call *c, const struct call_step *row)
{
	struct text t = { .len = 0 }, sdp = { .len = 0 };
	char uri[64];

	snprintf(uri, sizeof uri, "sip:c%06" PRIu32 "@" BENCH_REALM,
		 c->number);
	say_sdp(&sdp, c, CALLER);
	say_request(&t, c, "INVITE", uri);
	say(&t, "Route: <sip:" PROXY ";lr>\r\n");
	say_ids(&t, c, row->side, false, "1 INVITE");
	say_contact(&t, c, "");
	say_agent(&t, "User-Agent");
	say_body(&t, &sdp);
	write_text(b, c, row, &t);
}

void sip_trying(struct bench *b, struct call *c, const struct call_step *row)
{
	struct text t = { .len = 0 }, none = { .len = 0 };

	say_status(&t, b, c, "100 Trying");
	say_ids(&t, c, row->side, false, "1 INVITE");
	say(&t, "Server: bench proxy 1.0 (RFC 3261)\r\n");
	say_body(&t, &none);
	write_text(b, c, row, &t);
}

void sip_ringing(struct bench *b, struct call *c, const struct call_step *row)
{
	struct text none = { .len = 0 };

	write_status(b, c, row, "180 Ringing", &none);
}

void sip_answer(struct bench *b, struct call *c, const struct call_step *row)
{
	struct text sdp = { .len = 0 };

	say_sdp(&sdp, c, CALLEE);
	write_status(b, c, row, "200 OK", &sdp);
}

static void write_in_dialog(struct bench *b, struct call *c,
			    const struct call_step *row, const char *method,
			    const char *cseq)
{
	struct text t = { .len = 0 }, none = { .len = 0 };
	char uri[64];

	callee_uri(c, uri);
	say_request(&t, c, method, uri);
	say_route(&t, c, "Route");
	say_ids(&t, c, row->side, true, cseq);
	say_contact(&t, c, "");
	say_agent(&t, "User-Agent");
	say_body(&t, &none);
	write_text(b, c, row, &t);
}

void sip_ack(struct bench *b, struct call *c, const struct call_step *row)
{
	write_in_dialog(b, c, row, "ACK", "1 ACK");
}

void sip_bye(struct bench *b, struct call *c, const struct call_step *row)
{
	write_in_dialog(b, c, row, "BYE", "2 BYE");
}

void sip_bye_ok(struct bench *b, struct call *c, const struct call_step *row)
{
	struct text t = { .len = 0 }, none = { .len = 0 };

	say_status(&t, b, c, "200 OK");
	say_ids(&t, c, row->side, true, "2 BYE");
	say_agent(&t, "Server");
	say_body(&t, &none);
	write_text(b, c, row, &t);
}
