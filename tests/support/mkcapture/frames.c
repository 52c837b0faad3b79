/* Frames: datagrams, TCP segments, ICMP errors, fragments, copies. */
#include "config.h"

#include <string.h>

#include "net/packet.h"
#include "tests/support/ip_write.h"
#include "tests/support/mkcapture/maker.h"

#define COPY_AFTER (50 * NS_PER_US)

static void add_frame(struct maker *m, const struct line *line,
		      const struct observer *by, struct slice whole)
{
	struct slice bytes = m->snap ? slice_first(whole, m->snap) : whole;

	if (m->frame_count == FRAMES_MAX)
		recipe_stop(line, "more than %u frames", FRAMES_MAX);
	m->frames[m->frame_count] = (struct made_frame){
		.time = m->now + by->offset,
		.order = m->frame_count,
		.vantage = by->vantage,
		.wire_length = (uint32_t)whole.n,
		.bytes = bytes,
	};
	m->frame_count++;
}

static void send_frame(struct maker *m, const struct line *line,
		       struct slice whole)
{
	whole = arena_copy(m->arena, whole);
	if (!whole.p)
		recipe_stop(line, "out of memory, or an empty frame");
	m->last_frame = whole;
	for (size_t i = 0; !m->unseen && i < m->observer_count; i++)
		add_frame(m, line, &m->observers[i], whole);
}

static void send_fragments(struct maker *m, const struct line *line,
			   struct slice packet)
{
	size_t header = packet.p[0] >> 4 == 6 ? 40 : 20;
	unsigned number = 0;

	for (size_t at = 0; header + at < packet.n; at += m->fragment) {
		size_t left = packet.n - header - at;
		struct text piece = text_new(PAYLOAD_MAX);

		ip_write_fragment(&piece, packet, at,
				  left < m->fragment ? left : m->fragment);
		if (++number != m->lost_fragment)
			send_frame(m, line, text_slice(&piece));
		if (at == 0)
			m->last_first = m->last_frame;
		text_free(&piece);
	}
}

void maker_packet(struct maker *m, const struct line *line, struct text *packet)
{
	if (packet->failed != STATUS_OK)
		recipe_stop(line, "too long for a packet");
	m->now += m->step;
	if (m->fragment)
		send_fragments(m, line, text_slice(packet));
	else
		send_frame(m, line, text_slice(packet));
	text_free(packet);
}

struct ip_way maker_way(struct maker *m, const struct endpoint *src,
			const struct endpoint *dst)
{
	return (struct ip_way){
		.src = *src, .dst = *dst, .id = ++m->ip_id, .ttl = m->ttl};
}

void maker_datagram(struct saying *s)
{
	struct ip_way way = maker_way(s->m, &s->src, &s->dst);
	struct text packet = text_new(PAYLOAD_MAX);

	if (s->src.family != s->dst.family)
		recipe_stop(s->line, "the ends are of two families");
	ip_write_udp(&packet, &way, text_slice(s->to));
	maker_packet(s->m, s->line, &packet);
}

/* ---- TCP ---- */

/* "name>" is the client speaking, "name<" the server. */
const struct connection *maker_connection(const struct maker *m,
					  const struct line *line,
					  const char *word, unsigned *side)
{
	size_t n = strlen(word);

	if (n < 2 || (word[n - 1] != '>' && word[n - 1] != '<'))
		return NULL;
	*side = word[n - 1] == '<';
	for (size_t i = 0; i < m->connection_count; i++)
		if (strncmp(m->connections[i].name, word, n - 1) == 0 &&
		    m->connections[i].name[n - 1] == '\0')
			return &m->connections[i];
	recipe_stop(line, "no connection of that name: %s", word);
}

static void segment(struct maker *m, const struct line *line,
		    struct connection *c, unsigned side, struct tcp_write *what)
{
	struct ip_way way = maker_way(m, &c->ends[side], &c->ends[!side]);
	struct text packet = text_new(PAYLOAD_MAX);
	bool counted = what->flags & (TCP_SYN | TCP_FIN);

	what->sequence = c->next[side];
	what->acknowledged =
		c->stuck[!side] ? c->before[!side] : c->next[!side];
	ip_write_tcp(&packet, &way, what);
	maker_packet(m, line, &packet);
	c->next[side] += (uint32_t)what->payload.n + counted;
}

#define SENT_AGAIN 6
#define FIRST_TRY (250 * NS_PER_MS)

/* Full segments get lost, the rest arrives: who receives that says what it
 * misses, and the first is sent again after 250 ms, 500 ms, ... */
static void swallow(struct maker *m, const struct line *line,
		    struct connection *c, unsigned side, struct slice payload)
{
	struct tcp_write what = {.flags = TCP_ACK,
				 .payload = slice_first(payload, m->swallowed)};
	struct tcp_write ack = {.flags = TCP_ACK};
	nanoseconds wait = FIRST_TRY;
	uint32_t end;

	c->stuck[side] = true;
	c->before[side] = c->next[side];
	for (size_t at = 0; at < payload.n; at += m->swallowed) {
		what.payload =
			slice_first(slice_from(payload, at), m->swallowed);
		segment(m, line, c, side, &what);
	}
	segment(m, line, c, !side, &ack);
	end = c->next[side];
	what.payload = slice_first(payload, m->swallowed);
	for (unsigned i = 0; i < SENT_AGAIN; i++, wait *= 2) {
		m->now += wait;
		c->next[side] = c->before[side];
		segment(m, line, c, side, &what);
	}
	c->next[side] = end;
}

void maker_segment(struct maker *m, const struct line *line, const char *word,
		   unsigned flags, struct slice payload)
{
	unsigned side = 0;
	const struct connection *c = maker_connection(m, line, word, &side);
	struct tcp_write what = {.flags = (uint8_t)flags, .payload = payload};

	if (!c)
		recipe_stop(line, "%s is not of the form name> or name<", word);
	if (c->sctp && flags == TCP_ACK && payload.n)
		sctp_message(m, line, &m->connections[c - m->connections], side,
			     payload);
	else if (c->sctp)
		sctp_control(m, line, &m->connections[c - m->connections], side,
			     flags);
	else if (m->swallowed && payload.n > m->swallowed)
		swallow(m, line, &m->connections[c - m->connections], side,
			payload);
	else
		segment(m, line, &m->connections[c - m->connections], side,
			&what);
}

static void open_tcp(struct maker *m, const struct line *line,
		     struct connection *c, const struct words *w)
{
	struct tcp_write syn = {.flags = TCP_SYN};
	struct tcp_write both = {.flags = TCP_SYN | TCP_ACK};
	struct tcp_write refuse = {.flags = TCP_RST | TCP_ACK};
	struct tcp_write ack = {.flags = TCP_ACK};

	if (words_has(w, "midway"))
		return;
	segment(m, line, c, 0, &syn);
	if (words_has(w, "unanswered"))
		return;
	segment(m, line, c, 1, words_has(w, "refused") ? &refuse : &both);
	if (!words_has(w, "refused"))
		segment(m, line, c, 0, &ack);
}

/* tcp NAME CLIENT SERVER [midway|unanswered|refused], and sctp. */
static void open_connection(struct maker *m, const struct line *line,
			    const struct words *w)
{
	struct connection *c = &m->connections[m->connection_count++];

	if (m->connection_count == CONNECTIONS_MAX)
		recipe_stop(line, "too many connections");
	c->name = words_at(line, w, 1, "the name");
	c->ends[0] = maker_end(m, line, words_at(line, w, 2, "the client"));
	c->ends[1] = maker_end(m, line, words_at(line, w, 3, "the server"));
	c->next[0] = 1000;
	c->next[1] = 5000;
	if (strcmp(w->list[0], "sctp") == 0)
		sctp_open(m, line, c, w);
	else
		open_tcp(m, line, c, w);
}

/* ---- ICMP ---- */

/* icmp HOST port|host|net|prohibited|reassembly: about the last frame, to its
 * sender. */
static void send_icmp(struct maker *m, const struct line *line,
		      const struct words *w)
{
	static const struct {
		const char *name;
		uint8_t type, code, type6, code6;
	} rows[] = {{"net", 3, 0, 1, 0},
		    {"host", 3, 1, 1, 3},
		    {"port", 3, 3, 1, 4},
		    {"prohibited", 3, 13, 1, 1},
		    {"reassembly", 11, 1, 3, 1}};
	const char *what = words_at(line, w, 2, "what cannot be reached");
	struct slice quoted =
		strcmp(what, "reassembly") == 0 ? m->last_first : m->last_frame;
	bool six = quoted.n && quoted.p[0] >> 4 == 6;
	struct endpoint src = maker_host(m, line, words_at(line, w, 1, "who"));
	struct endpoint dst = endpoint_of(
		six ? slice_cut(quoted, 8, 16) : slice_cut(quoted, 12, 4), 0);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ip_way way = maker_way(m, &src, &dst);
		struct text packet = text_new(PAYLOAD_MAX);

		if (strcmp(rows[i].name, what) != 0)
			continue;
		ip_write_icmp(&packet, &way, six ? rows[i].type6 : rows[i].type,
			      six ? rows[i].code6 : rows[i].code,
			      slice_first(quoted, 548));
		maker_packet(m, line, &packet);
		return;
	}
	recipe_stop(line, "no such ICMP error: %s", what);
}

/* copy [TIME]: the last frame once more, byte for byte. */
static void copy_frame(struct maker *m, const struct line *line,
		       const struct words *w)
{
	nanoseconds after =
		w->count > 1 ? maker_time(line, w->list[1]) : COPY_AFTER;

	m->now += after;
	send_frame(m, line, m->last_frame);
}

bool frames_statement(struct maker *m, size_t at, const struct words *w)
{
	static const struct {
		const char *name;
		unsigned flags;
	} flags[] = {{"ack", TCP_ACK},
		     {"fin", TCP_FIN | TCP_ACK},
		     {"rst", TCP_RST | TCP_ACK}};
	const struct line *line = &m->recipe->lines[at];

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(w->list[0], flags[i].name) == 0) {
			maker_segment(m, line, words_at(line, w, 1, "who"),
				      flags[i].flags, (struct slice){0});
			return true;
		}
	if (strcmp(w->list[0], "tcp") == 0 || strcmp(w->list[0], "sctp") == 0)
		open_connection(m, line, w);
	else if (strcmp(w->list[0], "icmp") == 0)
		send_icmp(m, line, w);
	else if (strcmp(w->list[0], "copy") == 0)
		copy_frame(m, line, w);
	else
		return false;
	return true;
}
