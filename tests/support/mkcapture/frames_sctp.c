/* SCTP: associations, and messages in pieces. */
#include "config.h"

#include <string.h>

#include "net/packet.h"
#include "tests/support/mkcapture/maker.h"
#include "tests/support/sctp_write.h"

#define PIECES_MAX 64u
#define PORT_IN_UDP 9899u

static void put(struct maker *m, const struct line *line,
		const struct connection *c, unsigned side, uint32_t tag,
		struct text *chunks)
{
	struct ip_way way = maker_way(m, &c->ends[side], &c->ends[!side]);
	struct text packet = text_new(PAYLOAD_MAX);
	struct text inner = text_new(PAYLOAD_MAX);

	sctp_write_packet(&inner, way.src.port, way.dst.port, tag,
			  text_slice(chunks));
	if (chunks->failed != STATUS_OK || inner.failed != STATUS_OK)
		recipe_stop(line, "too long for a packet of SCTP");
	if (c->in_udp) {
		way.src.port = way.dst.port = PORT_IN_UDP;
		ip_write_udp(&packet, &way, text_slice(&inner));
	} else {
		ip_write(&packet, &way, IP_SCTP, text_slice(&inner));
	}
	maker_packet(m, line, &packet);
	text_free(&inner);
	text_clear(chunks);
}

/* sctp NAME CLIENT SERVER [midway|unanswered|refused] [udp] */
void sctp_open(struct maker *m, const struct line *line, struct connection *c,
	       const struct words *w)
{
	struct text chunks = text_new(PAYLOAD_MAX);

	c->sctp = true;
	c->in_udp = words_has(w, "udp");
	for (unsigned side = 0; side < 2; side++)
		c->tags[side] = UINT32_C(0x5C000000) +
				(uint32_t)m->connection_count * 16 + side;
	if (words_has(w, "midway"))
		return;
	sctp_write_init(&chunks, SCTP_INIT, c->tags[0], c->next[0]);
	put(m, line, c, 0, 0, &chunks);
	if (!words_has(w, "unanswered")) {
		if (words_has(w, "refused"))
			sctp_write_chunk(&chunks, SCTP_ABORT, 0,
					 (struct slice){0});
		else
			sctp_write_init(&chunks, SCTP_INIT_ACK, c->tags[1],
					c->next[1]);
		put(m, line, c, 1, c->tags[0], &chunks);
	}
	if (!words_has(w, "unanswered") && !words_has(w, "refused")) {
		sctp_write_chunk(&chunks, SCTP_COOKIE_ECHO, 0, SLICE("cook"));
		put(m, line, c, 0, c->tags[1], &chunks);
		sctp_write_chunk(&chunks, SCTP_COOKIE_ACK, 0,
				 (struct slice){0});
		put(m, line, c, 1, c->tags[0], &chunks);
	}
	text_free(&chunks);
}

void sctp_control(struct maker *m, const struct line *line,
		  struct connection *c, unsigned side, unsigned flags)
{
	struct text chunks = text_new(PAYLOAD_MAX);

	if (flags & TCP_RST)
		sctp_write_chunk(&chunks, SCTP_ABORT, 0, (struct slice){0});
	else if (flags & TCP_FIN)
		sctp_write_chunk(&chunks, SCTP_SHUTDOWN, 0,
				 SLICE("\x00\x00\x00\x00"));
	else
		sctp_write_sack(&chunks, c->next[!side] - 1);
	put(m, line, c, side, c->tags[!side], &chunks);
	text_free(&chunks);
}

/* The number of the piece that goes first, second, ...: order=2,1,3. */
static unsigned turn_of(const struct maker *m, const struct line *line,
			unsigned place, unsigned count)
{
	struct slice rest =
		slice_of_text(m->chunks.order ? m->chunks.order : "");
	unsigned at = 0;

	while (rest.n) {
		struct slice word = slice_split(&rest, ',');
		char text[16];

		snprintf(text, sizeof(text), "%.*s", (int)word.n,
			 (const char *)word.p);
		if (at++ == place)
			return (unsigned)recipe_number(line, text, count) - 1;
	}
	return place;
}

static unsigned pieces_of(const struct maker *m, struct slice payload)
{
	size_t size = m->chunks.size;

	return size && payload.n ? (unsigned)((payload.n + size - 1) / size)
				 : 1;
}

/* Makes the length of the chunk at `at` lie. */
static void lie(const struct maker *m, struct text *chunks, size_t at)
{
	size_t low = at + 3;

	if (m->chunks.longer && low < chunks->n) {
		unsigned n = (unsigned)(uint8_t)chunks->p[low - 1] << 8 |
			     (uint8_t)chunks->p[low];

		n += m->chunks.longer;
		chunks->p[low - 1] = (char)(n >> 8 & 0xFF);
		chunks->p[low] = (char)(n & 0xFF);
	}
}

void sctp_message(struct maker *m, const struct line *line,
		  struct connection *c, unsigned side, struct slice payload)
{
	struct text chunks = text_new(PAYLOAD_MAX);
	unsigned count = pieces_of(m, payload);
	size_t size = m->chunks.size ? m->chunks.size : payload.n;

	if (count > PIECES_MAX)
		recipe_stop(line, "more than %u chunks", PIECES_MAX);
	if (m->chunks.resent) {
		c->next[side] -= count;
		c->messages[side]--;
	}
	for (unsigned i = 0; i < count; i++) {
		unsigned k = turn_of(m, line, i, count);
		size_t at = chunks.n;

		if (k + 1 == m->chunks.lost)
			continue;
		sctp_write_data(
			&chunks,
			&(struct sctp_write){
				.tsn = c->next[side] + k,
				.number = c->messages[side],
				.fsn = k,
				.begins = k == 0,
				.ends = k + 1 == count,
				.unordered = m->chunks.unordered,
				.interleaved = m->chunks.interleaved,
				.payload = slice_cut(payload, k * size, size),
			});
		lie(m, &chunks, at);
		if (!m->chunks.together)
			put(m, line, c, side, c->tags[!side], &chunks);
	}
	if (m->chunks.together)
		put(m, line, c, side, c->tags[!side], &chunks);
	c->next[side] += count;
	c->messages[side]++;
	text_free(&chunks);
}
