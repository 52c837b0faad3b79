/*
 * TCP streams (RFC 9293; design section 3).
 *
 * A script is a list of segments:
 *	> or <	from side 0 or 1
 *	S F R	flags; ACK goes with an acknowledgment
 *	number	sequence number
 *	a N	acknowledgment		m N	bytes that the capture cut off
 *	w	the window is shut
 *	@ N	milliseconds		=text	the bytes
 * What the reader is told:
 *	0:text;		bytes on side 0; with $ the last ones
 *	0!C5;		5 bytes are missing, by the capture (N: by the network)
 *	0!C5(text);	the same with what was left unread
 * and with the frames of the marks:
 *	0@7:text;	the latest of these bytes came in frame 7
 *	0@7,2@5:text;	but what is behind the first two in frame 5
 */
#include "config.h"

#include "net/tcp.h"
#include "tests/support/t.h"

struct script {
	struct tcp_stream *stream;
	struct tcp_limits limits;
	struct tcp_reader reader;
	uint64_t frame;
	nanoseconds now;
	char log[4096];
	size_t logged;
	bool lines;  /* the reader takes whole lines only, that end in | */
	bool frames; /* the log has the frame of the mark */
};

static void logged(struct script *s, const char *text, size_t n)
{
	assert_true(s->logged + n < sizeof(s->log));
	memcpy(s->log + s->logged, text, n);
	s->logged += n;
	s->log[s->logged] = '\0';
}

static void log_marks(struct script *s, const struct tcp_shown *shown)
{
	char text[64];

	snprintf(text, sizeof(text), "@%u", (unsigned)shown->mark.frame);
	logged(s, text, strlen(text));
	if (shown->own.frame == shown->mark.frame)
		return;
	snprintf(text, sizeof(text), ",%u@%u", (unsigned)shown->old,
		 (unsigned)shown->own.frame);
	logged(s, text, strlen(text));
}

static size_t on_data(void *context, unsigned side,
		      const struct tcp_shown *shown, bool ended)
{
	const struct slice bytes = shown->bytes;
	struct script *s = context;
	size_t taken = bytes.n;

	logged(s, side ? "1" : "0", 1);
	if (s->frames)
		log_marks(s, shown);
	logged(s, ":", 1);
	if (bytes.n)
		logged(s, (const char *)bytes.p, bytes.n);
	logged(s, ended ? "$;" : ";", ended ? 2 : 1);
	assert_true(shown->mark.frame || bytes.n == 0);
	assert_true(shown->own.frame || bytes.n == 0);
	assert_true(shown->old <= bytes.n);
	if (s->lines)
		while (taken && bytes.p[taken - 1] != '|')
			taken--;
	return taken;
}

static void on_hole(void *context, unsigned side, enum tcp_hole kind,
		    uint64_t size, struct slice unread)
{
	struct script *s = context;
	char head[64];

	snprintf(head, sizeof(head), "%u!%c%u", side,
		 kind == TCP_HOLE_CAPTURE   ? 'C'
		 : kind == TCP_HOLE_NETWORK ? 'N'
					    : 'L',
		 (unsigned)size);
	logged(s, head, strlen(head));
	if (unread.n) {
		logged(s, "(", 1);
		logged(s, (const char *)unread.p, unread.n);
		logged(s, ")", 1);
	}
	logged(s, ";", 1);
}

static void script_begin(struct script *s)
{
	memset(s, 0, sizeof(*s));
	s->limits.bytes_max = 1 << 24;
	s->stream = tcp_stream_new(&s->limits);
	assert_non_null(s->stream);
	s->reader = (struct tcp_reader){
		.context = s, .data = on_data, .hole = on_hole};
}

static uint32_t digits(const char **at)
{
	uint32_t n = 0;

	while (**at >= '0' && **at <= '9')
		n = n * 10 + (uint32_t)(*(*at)++ - '0');
	return n;
}

/* One segment of a script; moves behind it. */
static unsigned parse(struct script *s, const char **at, struct packet *packet)
{
	unsigned side = *(*at)++ == '<';

	memset(packet, 0, sizeof(*packet));
	packet->protocol = IP_TCP;
	packet->tcp_parsed = true;
	packet->window = 8192;
	s->now += NS_PER_MS;
	for (; **at == 'S' || **at == 'F' || **at == 'R'; (*at)++)
		packet->flags |= **at == 'S'   ? TCP_SYN
				 : **at == 'F' ? TCP_FIN
					       : TCP_RST;
	packet->seq = digits(at);
	while (**at && **at != ' ') {
		char what = *(*at)++;

		if (what == 'a') {
			packet->flags |= TCP_ACK;
			packet->ack = digits(at);
		} else if (what == 'm') {
			packet->wire_payload = digits(at);
			packet->cut = true;
		} else if (what == 'w') {
			packet->window = 0;
		} else if (what == '|') {
			packet->left_out = true;
		} else if (what == '@') {
			s->now = digits(at) * NS_PER_MS;
		} else {
			packet->payload = slice_of(*at, strcspn(*at, " "));
			*at += packet->payload.n;
		}
	}
	packet->wire_payload += packet->payload.n;
	return side;
}

static void script_feed(struct script *s, const char *text)
{
	while (*text) {
		struct packet packet;
		unsigned side;
		struct slice borrowed;

		if (*text == ' ') {
			text++;
			continue;
		}
		side = parse(s, &text, &packet);
		borrowed = packet.payload = t_exact(packet.payload);
		s->reader.mark.frame = ++s->frame;
		s->reader.mark.time = s->now;
		assert_int_equal(tcp_stream_feed(s->stream, side, &packet,
						 s->now, &s->reader),
				 STATUS_OK);
		t_release(borrowed);
	}
}

static void script_end(struct script *s)
{
	tcp_stream_end(s->stream, &s->reader);
	tcp_stream_free(s->stream);
	assert_true(s->limits.bytes_now == 0);
}

#define OPEN ">S99 <S199a100 >100a200 "
#define END "0:$;1:$;"

static const struct row {
	const char *name, *script, *log;
} rows[] = {
	{"in order", OPEN ">100=abc >103=def <200a106=xyz",
	 "0:abc;0:def;1:xyz;" END},
	{"swapped", OPEN ">103=def >100=abc", "0:abc;0:def;" END},
	{"three in reverse", OPEN ">106=ghi >103=def >100=abc",
	 "0:abc;0:def;0:ghi;" END},
	{"sent again", OPEN ">100=abc >100=abc >103=def", "0:abc;0:def;" END},
	{"sent again and more", OPEN ">100=abc >100=abcdef",
	 "0:abc;0:def;" END},
	{"overlap keeps the first copy, in order",
	 OPEN ">100=abcd >102=XXef", "0:abcd;0:ef;" END},
	{"overlap keeps the first copy, waiting",
	 OPEN ">103=def >101=XXXXXXgh >100=a", "0:a;0:XX;0:def;0:Xgh;" END},
	{"one that waits is inside a later one",
	 OPEN ">102=cd >100=abXXef", "0:ab;0:cd;0:ef;" END},
	{"keep-alive", OPEN ">100=abc >102=c <200a103 >103=def",
	 "0:abc;0:def;" END},
	{"SYN sent again", ">S99 >S99 <S199a100 <S199a100 >100=abc",
	 "0:abc;" END},
	{"data with the SYN", ">S99=abc <S199a103 >103=def",
	 "0:abc;0:def;" END},
	{"data before the SYN-ACK", ">S99 >100=abc <S199a100 <200=xyz",
	 "0:abc;1:xyz;" END},
	{"numbers wrap", ">S4294967293 >4294967294=abcd >2=ef",
	 "0:abcd;0:ef;" END},
	{"numbers wrap, swapped", ">S4294967293 >2=ef >4294967294=abcd",
	 "0:abcd;0:ef;" END},

	/* where it ends */
	{"FIN", OPEN ">100=abc >F103 <F200a104",
	 "0:abc;0:$;1:$;"},
	{"FIN with data", OPEN ">F100=abc <F200a104", "0:abc$;1:$;"},
	{"FIN before data", OPEN ">F103 >100=abc", "0:abc$;1:$;"},
	{"FIN before data, waiting", OPEN ">F103=def >100=abc",
	 "0:abc;0:def$;1:$;"},
	{"FIN sent again", OPEN ">F100=abc >F100=abc >F103", "0:abc$;1:$;"},
	{"data behind the FIN", OPEN ">F100=abc >104=def", "0:abc$;1:$;"},
	{"half closed", OPEN ">F100=abc <200a104=xyz", "0:abc$;1:xyz;1:$;"},
	{"reset", OPEN ">100=abc <R200a103 >103=def", "0:abc;0:$;1:$;"},
	{"reset with data waiting", OPEN ">103=def <R200a100",
	 "0!N3;0:def;" END},
	{"refused", ">S99 <R0a100", END},
	{"reset from far away", OPEN ">R2000000000 >100=abc", "0:abc;" END},
	{"reset by acknowledgment", OPEN "<R2000000000a100 >100=abc", END},

	/* where it begins */
	{"in the middle", ">5000=abc <7000a5003=xyz >5003=def",
	 "0:abc;1:xyz;0:def;" END},
	{"in the middle, older data", ">5000=abc >4997=xyz >5003=def",
	 "0:abc;0:def;" END},
	{"in the middle with a keep-alive", ">4999=0 >5000=abc",
	 "0:0;0:abc;" END},
	{"with the SYN-ACK, first bytes missing",
	 "<S199a100 >103=def <200a106", "0!C3;0:def;" END},
	{"SYN captured late", ">100=abc >S99 >103=def", "0:abc;0:def;" END},

	/* gaps */
	{"gap that is acknowledged", OPEN ">100=abc >106=ghi <200a109",
	 "0:abc;0!C3;0:ghi;" END},
	{"gap that is acknowledged up to its end",
	 OPEN ">100=abc >106=ghi <200a106", "0:abc;0!C3;0:ghi;" END},
	{"gap that is half acknowledged", OPEN ">100=abc >106=ghi <200a105",
	 "0:abc;0!N3;0:ghi;" END},
	{"acknowledged before its data came", OPEN "<200a103 >100=abc",
	 "0:abc;" END},
	{"acknowledged and missing before more comes",
	 OPEN "<200a103 >103=def", "0!C3;0:def;" END},
	{"gap in the other side", OPEN "<203=xyz >100a206",
	 "1!C3;1:xyz;" END},
	{"gap for three seconds", OPEN ">103=def >106@3100=ghi",
	 "0!C3;0:def;0:ghi;" END},
	{"gap for three seconds, while the receiver waits too",
	 OPEN ">103=def <200a100 <200@3100a100 >100=abc", "0:abc;0:def;" END},
	{"gap for half a minute, while the receiver waits too",
	 OPEN ">103=def <200a100 <200@31000a100 >100=abc", "0!N3;0:def;" END},
	{"gap for less", OPEN ">103=def <200@2900a100 >100=abc",
	 "0:abc;0:def;" END},
	{"two gaps", OPEN ">103=def >109=jkl <200a112",
	 "0!C3;0:def;0!C3;0:jkl;" END},
	{"two gaps, one acknowledged", OPEN ">103=def >109=jkl <200a106",
	 "0!C3;0:def;0!C3;0:jkl;" END},
	{"gap at the end", OPEN ">100=abc <200a109", "0:abc;0!C6;" END},
	{"FIN acknowledged, its data missing", OPEN ">F103 <200a104",
	 "0!C3;0:$;1:$;"},
	{"FIN not seen", OPEN ">100=abc <200a104", "0:abc;" END},
	{"retransmission behind a gap that was given up",
	 OPEN ">103=def <200a106 >100=abc >106=ghi",
	 "0!C3;0:def;0:ghi;" END},

	/* what the capture cut */
	{"cut", OPEN ">100m3=abc >106=ghi", "0:abc;0!C3;0:ghi;" END},
	{"cut to nothing", OPEN ">100m3 >103=def", "0!C3;0:def;" END},
	{"cut while waiting", OPEN ">103m3=def >109=jkl >100=abc",
	 "0:abc;0:def;0!C3;0:jkl;" END},
	{"cut, and another copy of the tail waits",
	 OPEN ">103=def >100m6=ab", "0:ab;0!C1;0:def;0!C2;" END},
	{"cut, with FIN", OPEN ">F100m3=abc", "0:abc;0!C3;0:$;1:$;"},
	{"cut, sent again whole", OPEN ">100m3=abc >100=abcdef >106=g",
	 "0:abc;0!C3;0:g;" END},

	/* left out on purpose, as the file says */
	{"left out", OPEN ">103|=def >106=ghi", "0!L3;0:def;0:ghi;" END},
	{"left out behind what was left unread", OPEN ">100=abc >106|=ghi",
	 "0:abc;0!L3;0:ghi;" END},
	{"left out before a message's middle", ">500|=def",
	 "0!L0;0:def;" END},
	{"left out, and a gap that is none of that",
	 OPEN ">103=def >109|=jkl", "0!C3;0:def;0!L3;0:jkl;" END},
	{"left out at the end", OPEN ">103|=abc <200a109",
	 "0!L3;0:abc;0!L3;" END},
	{"left out before a FIN", OPEN ">100=abc >F109|",
	 "0:abc;0!L6;0:$;1:$;"},
	{"left out, but there", OPEN ">100=abc >103|=def", "0:abc;0:def;" END},
	{"left out between what is far apart",
	 OPEN ">100=abc >1000000103|=def", "0:abc;0!L1000000000;0:def;" END},

	/* one connection after another */
	{"ports used again", OPEN ">F100=abc <F200a104 >S5000 >5001=new",
	 "0:abc$;1:$;0:new;" END},
	{"ports used again without an end", OPEN ">100=abc >S5000 >5001=new",
	 "0:abc;" END "0:new;" END},
	{"answer of a new connection", OPEN ">100=abc <S9000a5001 <9001=new",
	 "0:abc;" END "1:new;" END},
	{"refused, tried again with the same number",
	 ">S99 <R0a100 >S99 <S199a100 >100=abc", END "0:abc;" END},
	{"copy of the SYN behind the end",
	 OPEN ">F100=abc <F200a104 >S99 >100=abc", "0:abc$;1:$;"},
	{"first copies in the middle of what waits",
	 OPEN ">106=ghi >103=d >104=XXXX >100=abc",
	 "0:abc;0:d;0:XX;0:ghi;" END},
	{"an old one takes a node out of the middle",
	 OPEN ">103=d >106=g >109=j >105=fXhiX >100=abc",
	 "0:abc;0:d;0!C1;0:f;0:g;0:hi;0:j;" END},
	{"far away once", OPEN ">100=abc >2000000000=XX >103=def",
	 "0:abc;0:def;" END},
	{"far away twice", OPEN ">100=abc >2000000000=XX >2000000002=new",
	 "0:abc;0!C2;0:new;" END},
};

static void scripts_are_read_as_they_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct script s;

		script_begin(&s);
		script_feed(&s, rows[i].script);
		script_end(&s);
		if (strcmp(s.log, rows[i].log) != 0)
			fail_msg("%s:\n  %s\n  not\n  %s", rows[i].name, s.log,
				 rows[i].log);
	}
}

/* Windows keeps a connection alive with a byte that was sent before. */
static void keep_alive_is_no_data_at_the_start(void **state)
{
	struct packet packet = {.protocol = IP_TCP, .tcp_parsed = true,
				.seq = 4999, .wire_payload = 1,
				.payload = slice_of("\0", 1)};
	struct script s;

	(void)state;
	script_begin(&s);
	assert_int_equal(tcp_stream_feed(s.stream, 0, &packet, 0, &s.reader),
			 STATUS_OK);
	script_feed(&s, ">5000=abc");
	script_end(&s);
	assert_string_equal(s.log, "0:abc;" END);
}

static void what_is_left_is_shown_again(void **state)
{
	static const struct row lines[] = {
		{"a line in two", OPEN ">100=ab| >103=cd >105=ef|",
		 "0:ab|;0:cd;0:cdef|;" END},
		{"left at the end", OPEN ">100=ab|c >104=d >F105",
		 "0:ab|c;0:cd;0:cd$;1:$;"},
		{"left at the last bytes", OPEN ">100=ab >F102=cd",
		 "0:ab;0:abcd$;1:$;"},
		{"left before a gap", OPEN ">100=ab >105=e| <200a107",
		 "0:ab;0!C3(ab);0:e|;" END},
		{"left when it ends without a word", OPEN ">100=ab",
		 "0:ab;0:ab$;1:$;"},
		{"they come one by one", OPEN ">104=ef| >102=cd >100=ab",
		 "0:ab;0:abcd;0:abcdef|;" END},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct script s;

		script_begin(&s);
		s.lines = true;
		script_feed(&s, lines[i].script);
		script_end(&s);
		if (strcmp(s.log, lines[i].log) != 0)
			fail_msg("%s:\n  %s\n  not\n  %s", lines[i].name,
				 s.log, lines[i].log);
	}
}

static void marks_are_those_of_the_segments(void **state)
{
	static const struct row marks[] = {
		{"each its own", OPEN ">103=de| >106=gh| >100=ab|",
		 "0@6:ab|;0@4:de|;0@5:gh|;0@0:$;1@0:$;"},
		{"the latest of all", OPEN ">102=c| >100=ab",
		 "0@5:ab;0@5,2@4:abc|;0@0:$;1@0:$;"},
		{"what is left has that of its own bytes",
		 OPEN ">100=a|b >103=c >104=d|",
		 "0@4:a|b;0@5:bc;0@6:bcd|;0@0:$;1@0:$;"},
		{"only the newest bytes are left",
		 OPEN ">103=d|e >106=f >107=g| >100=abc",
		 "0@7:abc;0@7,3@4:abcd|e;0@5:ef;0@6:efg|;0@0:$;1@0:$;"},
		{"at the end that of what is left", OPEN ">100=ab >F102",
		 "0@4:ab;0@4:ab$;1@0:$;"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		struct script s;

		script_begin(&s);
		s.lines = s.frames = true;
		script_feed(&s, marks[i].script);
		script_end(&s);
		if (strcmp(s.log, marks[i].log) != 0)
			fail_msg("%s:\n  %s\n  not\n  %s", marks[i].name,
				 s.log, marks[i].log);
	}
}

static void events_tell_what_was_seen(void **state)
{
	static const struct {
		const char *script;
		unsigned events;
	} events[] = {
		{">S99", TCP_SAW_SYN},
		/* Repeated, and copies of a mirror port. */
		{">S99 >S99@1000 >S99@3000",
		 TCP_SAW_SYN | TCP_SYN_AGAIN | TCP_SYN_OFTEN},
		{">S99 >S99@1000 >S99@1001", TCP_SAW_SYN | TCP_SYN_AGAIN},
		{">S99 >S99@1", TCP_SAW_SYN},
		/* What is acknowledged was heard, seen or not. */
		{">S99 >100a200", TCP_SAW_SYN | TCP_SAW_SYN_ACK},
		{">S99 >R100a200", TCP_SAW_SYN | TCP_SAW_RST},
		{">S99 <S199a100",
		 TCP_SAW_SYN | TCP_SAW_SYN_ACK | TCP_SAW_SIDE_1},
		{">S99 <R0a100",
		 TCP_SAW_SYN | TCP_SAW_RST | TCP_RST_BY_1 | TCP_SAW_SIDE_1},
		{OPEN ">R100", TCP_SAW_SYN | TCP_SAW_SYN_ACK | TCP_SAW_RST |
				       TCP_SAW_SIDE_1},
		{">100=a <200=b",
		 TCP_SAW_DATA_0 | TCP_SAW_DATA_1 | TCP_SAW_SIDE_1},
		{">F100=a <200=b <F201",
		 TCP_SAW_DATA_0 | TCP_SAW_DATA_1 | TCP_SAW_FIN_0 |
			 TCP_SAW_FIN_1 | TCP_SAW_SIDE_1},
		/* It answers a FIN that is not there. */
		{OPEN "<R200a101",
		 TCP_SAW_SYN | TCP_SAW_SYN_ACK | TCP_SAW_RST | TCP_RST_BY_1 |
			 TCP_SAW_FIN_0 | TCP_SAW_SIDE_1},
		/* A reset of what is closed already says nothing. */
		{">F100 <F200a101 >R101",
		 TCP_SAW_FIN_0 | TCP_SAW_FIN_1 | TCP_SAW_SIDE_1},
		/* They start over with the connection. */
		{">S99 >100=a >S5000", TCP_SAW_SYN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		struct script s;

		script_begin(&s);
		script_feed(&s, events[i].script);
		assert_int_equal(tcp_stream_events(s.stream),
				 events[i].events);
		script_end(&s);
	}
}

static void headers_that_were_cut_say_nothing(void **state)
{
	struct packet packet = {.protocol = IP_TCP, .flags = TCP_RST};
	struct script s;

	(void)state;
	script_begin(&s);
	assert_int_equal(tcp_stream_feed(s.stream, 0, &packet, 0, &s.reader),
			 STATUS_OK);
	assert_int_equal(tcp_stream_events(s.stream), 0);
	script_end(&s);
}

/* ---- any order, many copies ---- */

#define STREAM_BYTES 6000u

/* A generator that is the same everywhere. */
static uint32_t dice(uint64_t *seed, uint32_t sides)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(*seed >> 33) % sides;
}

struct property {
	uint64_t seed;
	uint8_t sent[STREAM_BYTES];
	size_t position; /* of the first byte that was not taken */
	bool ended;
	unsigned holes;
};

static size_t verify_data(void *context, unsigned side,
			  const struct tcp_shown *shown, bool ended)
{
	const struct slice bytes = shown->bytes;
	struct property *p = context;
	size_t taken;

	if (side)
		return bytes.n;
	assert_true(p->position + bytes.n <= STREAM_BYTES);
	t_equal_bytes(bytes, slice_of(p->sent + p->position, bytes.n));
	taken = ended ? bytes.n : dice(&p->seed, (uint32_t)bytes.n + 1);
	p->position += taken;
	p->ended |= ended;
	return taken;
}

static void verify_hole(void *context, unsigned side, enum tcp_hole kind,
			uint64_t size, struct slice unread)
{
	struct property *p = context;

	(void)kind;
	if (side)
		return;
	p->position += unread.n + size;
	p->holes++;
}

struct cut {
	uint32_t at, n;
};

/* All bytes in pieces, some of them again in other pieces; then each piece
 * is moved by a few places. */
static size_t cut_up(struct property *p, struct cut *cuts, size_t max)
{
	size_t count = 0;

	for (unsigned round = 0; round < 2; round++)
		for (uint32_t at = 0; at < STREAM_BYTES && count < max;) {
			uint32_t n = 1 + dice(&p->seed, 90);

			if (n > STREAM_BYTES - at)
				n = STREAM_BYTES - at;
			if (round == 0 || dice(&p->seed, 3) == 0)
				cuts[count++] = (struct cut){at, n};
			at += n;
		}
	for (size_t i = 0; i < count; i++) {
		size_t to = i + dice(&p->seed, 40);
		struct cut cut = cuts[i];

		if (to >= count)
			continue;
		cuts[i] = cuts[to];
		cuts[to] = cut;
	}
	return count;
}

static void feed_cuts(struct property *p, struct tcp_stream *stream,
		      const struct cut *cuts, size_t count, unsigned loss)
{
	uint32_t isn = dice(&p->seed, 2) ? 1000 : UINT32_MAX - 3000;
	struct tcp_reader reader = {.context = p, .data = verify_data,
				    .hole = verify_hole, .mark = {.frame = 1}};
	struct packet packet = {.protocol = IP_TCP, .tcp_parsed = true,
				.flags = TCP_SYN, .seq = isn};

	assert_int_equal(tcp_stream_feed(stream, 0, &packet, 0, &reader),
			 STATUS_OK);
	packet.flags = 0;
	for (size_t i = 0; i < count; i++) {
		struct slice exact;

		if (loss && dice(&p->seed, loss) == 0)
			continue;
		exact = t_exact(slice_of(p->sent + cuts[i].at, cuts[i].n));
		reader.mark.frame++;
		packet.seq = isn + 1 + cuts[i].at;
		packet.payload = exact;
		packet.wire_payload = exact.n;
		assert_int_equal(tcp_stream_feed(stream, 0, &packet, 0,
						 &reader), STATUS_OK);
		t_release(exact);
	}
	packet.seq = isn + 1 + STREAM_BYTES;
	packet.flags = TCP_FIN;
	packet.payload.n = packet.wire_payload = 0;
	assert_int_equal(tcp_stream_feed(stream, 0, &packet, 0, &reader),
			 STATUS_OK);
	tcp_stream_end(stream, &reader);
}

static void run_property(uint64_t seed, unsigned loss)
{
	static struct property p;
	static struct cut cuts[2000];
	struct tcp_limits limits = {.bytes_max = 1 << 24};
	struct tcp_stream *stream = tcp_stream_new(&limits);
	size_t count;

	memset(&p, 0, sizeof(p));
	p.seed = seed;
	for (size_t i = 0; i < STREAM_BYTES; i++)
		p.sent[i] = (uint8_t)dice(&p.seed, 256);
	count = cut_up(&p, cuts, sizeof(cuts) / sizeof(cuts[0]));
	feed_cuts(&p, stream, cuts, count, loss);
	assert_true(p.ended);
	assert_int_equal(p.position, STREAM_BYTES);
	if (!loss)
		assert_int_equal(p.holes, 0);
	tcp_stream_free(stream);
	assert_true(limits.bytes_now == 0);
}

static void any_order_gives_the_same_bytes(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 400; seed++)
		run_property(seed, 0);
}

static void holes_have_the_size_of_what_is_missing(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 400; seed++)
		run_property(seed, 2 + (unsigned)seed % 20);
}

/* ---- limits ---- */

struct counting {
	size_t bytes, holes, hole_bytes, shown;
	size_t unread; /* of holes */
	const uint8_t *p;
	bool lazy; /* takes nothing */
};

static size_t count_data(void *context, unsigned side,
			 const struct tcp_shown *shown, bool ended)
{
	const struct slice bytes = shown->bytes;
	struct counting *c = context;

	(void)side;
	(void)ended;
	c->p = bytes.p;
	c->shown = bytes.n;
	if (c->lazy)
		return 0;
	c->bytes += bytes.n;
	return bytes.n;
}

static void count_hole(void *context, unsigned side, enum tcp_hole kind,
		       uint64_t size, struct slice unread)
{
	struct counting *c = context;

	(void)side;
	(void)kind;
	c->holes++;
	c->hole_bytes += (size_t)size;
	c->unread += unread.n;
}

struct counted {
	struct counting counting;
	struct tcp_limits limits;
	struct tcp_stream *stream;
	struct tcp_reader reader;
};

static void counted_begin(struct counted *c)
{
	memset(c, 0, sizeof(*c));
	c->limits.bytes_max = 1 << 24;
	c->stream = tcp_stream_new(&c->limits);
	c->reader = (struct tcp_reader){.context = &c->counting,
					.data = count_data,
					.hole = count_hole,
					.mark = {.frame = 1}};
}

static void counted_feed(struct counted *c, uint32_t seq, size_t n)
{
	static const uint8_t zeros[65536];
	struct packet packet = {.protocol = IP_TCP, .tcp_parsed = true,
				.seq = seq, .payload = slice_of(zeros, n),
				.wire_payload = n};

	assert_int_equal(tcp_stream_feed(c->stream, 0, &packet, 0,
					 &c->reader), STATUS_OK);
}

static void counted_end(struct counted *c)
{
	tcp_stream_free(c->stream);
	assert_true(c->limits.bytes_now == 0);
}

static void in_order_is_neither_copied_nor_kept(void **state)
{
	static const uint8_t bytes[100];
	struct packet packet = {.protocol = IP_TCP, .tcp_parsed = true,
				.seq = 1, .payload = slice_of(bytes, 100),
				.wire_payload = 100};
	struct counted c;

	(void)state;
	counted_begin(&c);
	for (unsigned i = 0; i < 100; i++, packet.seq += 100) {
		assert_int_equal(tcp_stream_feed(c.stream, 0, &packet, 0,
						 &c.reader), STATUS_OK);
		assert_ptr_equal(c.counting.p, bytes);
		assert_true(c.limits.bytes_now == 0);
	}
	assert_int_equal(c.counting.bytes, 10000);
	counted_end(&c);
}

static void a_gap_holds_a_quarter_of_a_mebibyte(void **state)
{
	struct counted c;
	uint32_t seq = 2000;

	(void)state;
	counted_begin(&c);
	counted_feed(&c, 1, 999);
	for (; seq + 1024 <= 2000 + TCP_WAITING_MAX; seq += 1024)
		counted_feed(&c, seq, 1024);
	assert_int_equal(c.counting.holes, 0);
	counted_feed(&c, seq, 1024);
	assert_int_equal(c.counting.holes, 1);
	assert_int_equal(c.counting.hole_bytes, 1000);
	assert_int_equal(c.counting.bytes, 999 + TCP_WAITING_MAX + 1024);
	counted_end(&c);
}

static void tiny_segments_wait_in_limited_number(void **state)
{
	struct counted c;

	(void)state;
	counted_begin(&c);
	counted_feed(&c, 1, 1);
	/* Every second byte, from behind. */
	for (uint32_t seq = 100000; seq > 10; seq -= 2)
		counted_feed(&c, seq, 1);
	assert_true(c.counting.holes > 0);
	assert_true(c.limits.bytes_now < 1024 * 128);
	counted_end(&c);
}

static void the_reader_may_not_leave_too_much(void **state)
{
	struct counted c;
	uint32_t seq = 1;

	(void)state;
	counted_begin(&c);
	c.counting.lazy = true;
	for (; seq + 65535 <= TCP_UNREAD_MAX; seq += 65535)
		counted_feed(&c, seq, 65535);
	assert_int_equal(c.counting.holes, 0);
	counted_feed(&c, seq, 65535);
	assert_int_equal(c.counting.holes, 1);
	assert_int_equal(c.counting.hole_bytes, 0);
	assert_int_equal(c.counting.unread, seq - 1);
	assert_int_equal(c.counting.shown, 65535);
	counted_end(&c);
}

static void all_streams_share_a_limit(void **state)
{
	struct counted c;

	(void)state;
	counted_begin(&c);
	c.limits.bytes_max = 10000;
	counted_feed(&c, 0, 2);
	counted_feed(&c, 1000, 5000);
	counted_feed(&c, 6000, 5000);
	assert_true(c.limits.refused == 1);
	assert_true(c.limits.bytes_now <= 10000);
	/* In order it goes on as ever; what was refused is a gap. */
	counted_feed(&c, 2, 998);
	assert_int_equal(c.counting.bytes, 6000);
	c.counting.lazy = true;
	counted_feed(&c, 6000, 20000);
	assert_int_equal(c.counting.holes, 1);
	assert_int_equal(c.counting.hole_bytes, 0);
	assert_int_equal(c.counting.unread, 20000);
	counted_end(&c);
}

/* ---- memory ---- */

static bool with_failures(void *context)
{
	static const char *const parts[] = {"ab", "gh|", "d", "ef", "c"};
	static const uint32_t places[] = {1, 7, 4, 5, 3};
	struct counted c = {.limits = {.bytes_max = 1 << 24}};
	bool through = true;

	(void)context;
	c.stream = tcp_stream_new(&c.limits);
	if (!c.stream)
		return false;
	c.reader = (struct tcp_reader){.context = &c.counting,
				       .data = count_data,
				       .hole = count_hole,
				       .mark = {.frame = 1}};
	for (size_t i = 0; i < 5; i++) {
		struct packet packet = {.protocol = IP_TCP,
					.tcp_parsed = true,
					.seq = places[i],
					.payload = slice_of_text(parts[i])};

		c.counting.lazy = i % 2 == 0;
		packet.wire_payload = packet.payload.n;
		if (tcp_stream_feed(c.stream, 0, &packet, 0, &c.reader) !=
		    STATUS_OK)
			through = false;
	}
	tcp_stream_end(c.stream, &c.reader);
	counted_end(&c);
	return through;
}

#define LOST ">100m1400@1000 >1500@1001=x "
#define AGAIN ">100m1400@1300 >100m1400@2000 >100m1400@5000 "

static void long_segments_that_never_arrive_are_told(void **state)
{
	static const struct {
		const char *script;
		unsigned size, sent;
	} lost[] = {
		{OPEN ">100m2800@1000 >2900=x <200a100@1040 " AGAIN, 1400, 4},
		{OPEN LOST "<200a100@1040 " AGAIN "<200a1501@5040", 0, 0},
		{OPEN LOST AGAIN, 0, 0},                    /* nobody heard */
		{OPEN LOST "<200a100@1040=y " AGAIN, 0, 0}, /* it crossed */
		{OPEN LOST "<200a100w@1040 " AGAIN, 0, 0},
		{OPEN LOST "<200a100@1040 >100m1400@1300 >100m1400@5000", 0, 0},
		{OPEN LOST "<200a100@1040 >100m1400@1301 " AGAIN, 1400, 4},
		{OPEN ">100m1400 <200a1500 >1500m1400@1000 >2900=x "
		      "<200a1500@1040 >1500m1400@1300 >1500m1400@2000 "
		      ">1500m1400@5000",
		 0, 0}, /* one arrived before */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		struct tcp_stuck stuck = {0};
		struct script s;
		script_begin(&s);
		script_feed(&s, lost[i].script);
		(void)tcp_stream_stuck(s.stream, 0, &stuck);
		assert_int_equal(stuck.size, lost[i].size);
		assert_int_equal(stuck.sent, lost[i].sent);
		script_end(&s);
	}
}

static void failing_memory_is_survived(void **state)
{
	(void)state;
	t_failing_walk(with_failures, NULL);
}

static const struct t_case cases[] = {
	{"scripts_are_read_as_they_should", scripts_are_read_as_they_should},
	{"keep_alive_is_no_data_at_the_start",
	 keep_alive_is_no_data_at_the_start},
	{"what_is_left_is_shown_again", what_is_left_is_shown_again},
	{"marks_are_those_of_the_segments", marks_are_those_of_the_segments},
	{"events_tell_what_was_seen", events_tell_what_was_seen},
	{"headers_that_were_cut_say_nothing",
	 headers_that_were_cut_say_nothing},
	{"any_order_gives_the_same_bytes", any_order_gives_the_same_bytes},
	{"holes_have_the_size_of_what_is_missing",
	 holes_have_the_size_of_what_is_missing},
	{"in_order_is_neither_copied_nor_kept",
	 in_order_is_neither_copied_nor_kept},
	{"a_gap_holds_a_quarter_of_a_mebibyte",
	 a_gap_holds_a_quarter_of_a_mebibyte},
	{"tiny_segments_wait_in_limited_number",
	 tiny_segments_wait_in_limited_number},
	{"the_reader_may_not_leave_too_much",
	 the_reader_may_not_leave_too_much},
	{"all_streams_share_a_limit", all_streams_share_a_limit},
	{"long_segments_that_never_arrive_are_told",
	 long_segments_that_never_arrive_are_told},
	{"failing_memory_is_survived", failing_memory_is_survived},
};
T_MAIN(cases)
