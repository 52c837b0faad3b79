/* Frames on a wire, made by the project's own writers. */
#include "config.h"

#include "dissectors/sdp.h"
#include "dissectors/sip.h"
#include "dissectors/stun_integrity.h"
#include "net/packet.h"
#include "tests/support/ip_write.h"
#include "tests/support/t.h"
#include "tests/support/wire.h"

#define START (INT64_C(1767225600) * NS_PER_S)
#define TEXT_MAX ((size_t)1 << 20)

void wire_open(struct wire *w)
{
	memset(w, 0, sizeof(*w));
	w->now = START;
}

void wire_close(struct wire *w)
{
	for (size_t i = 0; i < w->count; i++)
		t_release(w->frames[i]);
	w->count = 0;
}

void wire_wait(struct wire *w, nanoseconds time)
{
	w->now += time;
}

struct endpoint wire_end(const char *end)
{
	struct slice rest = slice_of_text(end);
	uint64_t host, port;
	uint8_t ip[4] = {192, 0, 2};

	assert_int_equal(slice_number(slice_split(&rest, ':'), 255, &host),
			 STATUS_OK);
	assert_int_equal(slice_number(rest, UINT16_MAX, &port), STATUS_OK);
	ip[3] = (uint8_t)host;
	return endpoint_of(slice_of(ip, 4), (uint16_t)port);
}

void wire_end_text(const struct endpoint *e, struct text *to)
{
	static const uint8_t net[3] = {192, 0, 2};

	if (e->family == FAMILY_IPV4 && memcmp(e->ip, net, 3) == 0)
		text_printf(to, "%u:%u", e->ip[3], e->port);
	else
		endpoint_text(e, to);
}

/* ---- frames ---- */

static void add(struct wire *w, struct text *packet)
{
	assert_true(w->count < WIRE_FRAMES_MAX);
	assert_int_equal(packet->failed, STATUS_OK);
	w->now += WIRE_STEP;
	w->times[w->count] = w->now;
	w->frames[w->count++] = t_exact(text_slice(packet));
	text_free(packet);
}

void wire_unreachable(struct wire *w, const char *src, const char *dst)
{
	wire_unreachable_quoting(w, src, dst, (struct slice){0});
}

void wire_unreachable_quoting(struct wire *w, const char *src, const char *dst,
			      struct slice quote)
{
	struct ip_way way = {.src = wire_end(src), .dst = wire_end(dst)};
	struct ip_way back = {.src = way.dst, .dst = way.src};
	struct text quoted = text_new(TEXT_MAX);
	struct text packet = text_new(TEXT_MAX);

	ip_write_udp(&quoted, &way, quote);
	ip_write_icmp(&packet, &back, 3, 3, text_slice(&quoted));
	add(w, &packet);
	text_free(&quoted);
}

void wire_udp(struct wire *w, const char *src, const char *dst,
	      struct slice payload)
{
	struct ip_way way = {.src = wire_end(src), .dst = wire_end(dst)};
	struct text packet = text_new(TEXT_MAX);

	ip_write_udp(&packet, &way, payload);
	add(w, &packet);
}

static void add_tcp(struct wire *w, const struct wire_tcp *c, unsigned side,
		    uint32_t seq, unsigned flags, struct slice payload)
{
	struct ip_way way = {.src = wire_end(c->ends[side]),
			     .dst = wire_end(c->ends[!side])};
	struct tcp_write segment = {.sequence = seq,
				    .acknowledged = c->next[!side],
				    .flags = (uint8_t)flags,
				    .payload = payload};
	struct text packet = text_new(TEXT_MAX);

	ip_write_tcp(&packet, &way, &segment);
	add(w, &packet);
}

void wire_tcp_syn(struct wire *w, struct wire_tcp *c)
{
	add_tcp(w, c, 0, c->next[0]++, TCP_SYN, (struct slice){0});
	add_tcp(w, c, 1, c->next[1]++, TCP_SYN | TCP_ACK, (struct slice){0});
}

void wire_tcp(struct wire *w, struct wire_tcp *c, unsigned side,
	      struct slice payload)
{
	add_tcp(w, c, side, c->next[side], TCP_ACK, payload);
	c->next[side] += (uint32_t)payload.n;
}

void wire_tcp_at(struct wire *w, const struct wire_tcp *c, unsigned side,
		 int offset, struct slice payload)
{
	add_tcp(w, c, side, c->next[side] + (uint32_t)offset, TCP_ACK, payload);
}

void wire_tcp_reset(struct wire *w, const struct wire_tcp *c, unsigned side)
{
	add_tcp(w, c, side, c->next[side], TCP_RST | TCP_ACK,
		(struct slice){0});
}

void wire_tcp_lose(struct wire_tcp *c, unsigned side, size_t n)
{
	c->next[side] += (uint32_t)n;
}

/* ---- STUN ---- */

/* Numbers of the attributes, as RFC 8656 and [MS-TURN] have them. */
struct numbers {
	uint16_t mapped, relayed, peer, realm, nonce, alternate;
};

static struct numbers numbers_of(const struct wire_stun *m)
{
	if (m->ms)
		return (struct numbers){
			.mapped = 0x8020,
			.relayed = 0x0001,
			.peer = m->type == 0x0115 ? 0x0012 : 0x0011,
			.realm = 0x0015,
			.nonce = 0x0014,
			.alternate = 0x000E,
		};
	return (struct numbers){
		.mapped = m->classic ? 0x0001 : 0x0020,
		.relayed = 0x0016,
		.peer = 0x0012,
		.realm = 0x0014,
		.nonce = 0x0015,
		.alternate = 0x8023,
	};
}

static void write_end(struct stun_writer *w, uint16_t type, const char *end,
		      bool plain)
{
	struct endpoint e;

	if (!end)
		return;
	e = wire_end(end);
	if (plain)
		stun_write_address(w, type, &e);
	else
		stun_write_xor_address(w, type, &e);
}

static void write_addresses(struct stun_writer *w, const struct wire_stun *m,
			    const struct numbers *n)
{
	write_end(w, n->relayed, m->relayed, m->ms);
	write_end(w, n->mapped, m->mapped, m->classic);
	write_end(w, n->peer, m->peer, m->ms);
	write_end(w, n->peer, m->also, m->ms);
	write_end(w, n->alternate, m->alternate, true);
}

static bool is_request(const struct wire_stun *m)
{
	return (m->type & 0x0110) == 0;
}

static void write_login(struct stun_writer *w, const struct wire_stun *m,
			const struct numbers *n)
{
	if (m->realm) {
		stun_write_bytes(w, n->realm, slice_of_text(m->realm));
		stun_write_bytes(w, n->nonce, SLICE("0123456789abcdef"));
	}
	if (!m->login || !is_request(m))
		return;
	stun_write_bytes(w, 0x0006, m->login->user);
	if (m->login->realm.n) {
		stun_write_bytes(w, n->realm, m->login->realm);
		stun_write_bytes(w, n->nonce, SLICE("0123456789abcdef"));
	}
}

static void write_values(struct stun_writer *w, const struct wire_stun *m)
{
	uint32_t lifetime = m->lifetime > 0 ? (uint32_t)m->lifetime : 0;

	if (m->error)
		stun_write_error(w, m->error, SLICE("so it is"));
	if (m->channel)
		stun_write_u32(w, 0x000C, (uint32_t)m->channel << 16);
	if (m->lifetime)
		stun_write_u32(w, 0x000D, lifetime);
	if (m->ticket)
		stun_write_bytes(w, 0x8030, slice_of_text(m->ticket));
	if (m->priority)
		stun_write_u32(w, 0x0024, m->priority);
	if (m->nominates)
		stun_write_bytes(w, 0x0025, (struct slice){0});
	if (m->controlling)
		stun_write_u64(w, 0x802A, 1);
	if (m->controlled)
		stun_write_u64(w, 0x8029, 2);
	if (m->has_data || m->data.n)
		stun_write_bytes(w, 0x0013, m->data);
}

void wire_stun_text(struct text *to, const struct wire_stun *m)
{
	uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42, 7, 7, 7};
	struct stun_writer w = {.to = to, .aligned = !m->ms};
	struct numbers n = numbers_of(m);
	struct stun_key key;

	id[15] = m->id;
	if (m->classic)
		id[0] = 0xD0;
	stun_write_begin(&w, (uint16_t)m->type, id);
	if (m->ms) {
		stun_write_u32(&w, 0x000F, MS_TURN_COOKIE);
		stun_write_u32(&w, 0x8008, 2);
	}
	write_login(&w, m, &n);
	write_addresses(&w, m, &n);
	write_values(&w, m);
	if (m->login) {
		stun_key_short_term(m->login->password, &key);
		if (m->login->realm.n)
			stun_key_long_term(m->login->user, m->login->realm,
					   m->login->password, false, &key);
		stun_write_integrity(&w, &key, false, m->ms);
	}
	if (m->fingerprint)
		stun_write_fingerprint(&w);
	assert_int_equal(to->failed, STATUS_OK);
}

void wire_stun(struct wire *w, const char *src, const char *dst,
	       const struct wire_stun *m)
{
	struct text text = text_new(TEXT_MAX);

	wire_stun_text(&text, m);
	wire_udp(w, src, dst, text_slice(&text));
	text_free(&text);
}

/* ---- SIP ---- */

static void header(struct text *to, const char *name, const char *format, ...)
	PRINTF_LIKE(3, 4);

static void header(struct text *to, const char *name, const char *format, ...)
{
	char value[512];
	va_list list;

	va_start(list, format);
	vsnprintf(value, sizeof(value), format, list);
	va_end(list);
	sip_write_header(to, slice_of_text(name), slice_of_text(value));
}

static void start_line(struct text *to, const char *start)
{
	struct slice rest = slice_of_text(start);
	struct slice first = slice_split(&rest, ' ');
	uint64_t status;

	if (slice_number(first, 699, &status) == STATUS_OK)
		sip_write_response(to, (unsigned)status, rest);
	else
		sip_write_request(to, first, rest);
}

void wire_sip_text(struct text *to, const struct wire_sip *m)
{
	size_t max = sizeof(m->headers) / sizeof(m->headers[0]);

	start_line(to, m->start);
	header(to, "Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%.*s",
	       m->branch ? 40 : 1, m->branch ? m->branch : m->cseq);
	header(to, "From", "<%s>;tag=%s",
	       m->from ? m->from : "sip:alice@example.org",
	       m->from_tag ? m->from_tag : "f");
	header(to, "To", "<%s>%s%s", m->to ? m->to : "sip:bob@example.org",
	       m->to_tag ? ";tag=" : "", m->to_tag ? m->to_tag : "");
	header(to, "Call-ID", "%s", m->call);
	header(to, "CSeq", "%s", m->cseq);
	for (size_t i = 0; i < max && m->headers[i].name; i++)
		header(to, m->headers[i].name, "%s", m->headers[i].value);
	if (m->body)
		header(to, "Content-Type", "%s",
		       m->type ? m->type : "application/sdp");
	sip_write_end(to, m->body ? slice_of_text(m->body) : (struct slice){0});
	assert_int_equal(to->failed, STATUS_OK);
}

void wire_sip(struct wire *w, const char *src, const char *dst,
	      const struct wire_sip *m)
{
	struct text text = text_new(TEXT_MAX);

	wire_sip_text(&text, m);
	wire_udp(w, src, dst, text_slice(&text));
	text_free(&text);
}

/* ---- SDP ---- */

static void write_candidate(struct text *to, const char *words)
{
	static const enum candidate_type types[] = {
		CANDIDATE_HOST, CANDIDATE_SRFLX, CANDIDATE_PRFLX,
		CANDIDATE_RELAY};
	struct slice rest = slice_of_text(words);
	struct slice type = slice_split(&rest, ' ');
	struct text host = text_new(64);
	struct sdp_candidate c = {
		.foundation = SLICE("1"),
		.component = 1,
		.priority = 100,
		.endpoint = wire_end((const char *)rest.p),
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (slice_is(type, candidate_type_text(types[i])))
			c.type = types[i];
	endpoint_ip_text(&c.endpoint, &host);
	c.host = text_slice(&host);
	c.port = c.endpoint.port;
	text_puts(to, "a=candidate:");
	sdp_candidate_write(&c, to);
	text_puts(to, "\r\n");
	text_free(&host);
}

char *wire_sdp(const struct wire_sdp *m)
{
	size_t max = sizeof(m->candidates) / sizeof(m->candidates[0]);
	struct text text = text_new(TEXT_MAX);
	struct endpoint at = wire_end(m->at);
	struct text ip = text_new(64);
	char *out;

	endpoint_ip_text(&at, &ip);
	text_printf(&text, "v=0\r\no=- %s 1 IN IP4 %.*s\r\ns=-\r\n",
		    m->session ? m->session : "1", (int)ip.n, ip.p);
	text_printf(&text, "c=IN IP4 %.*s\r\nt=0 0\r\n", (int)ip.n, ip.p);
	text_printf(&text, "m=audio %u RTP/AVP 0\r\n", at.port);
	if (m->ufrag)
		text_printf(&text, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n",
			    m->ufrag, m->pwd);
	for (size_t i = 0; i < max && m->candidates[i]; i++)
		write_candidate(&text, m->candidates[i]);
	assert_int_equal(text.failed, STATUS_OK);
	out = calloc(1, text.n + 1);
	assert_non_null(out);
	memcpy(out, text.p, text.n);
	text_free(&text);
	text_free(&ip);
	return out;
}
