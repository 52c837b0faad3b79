/* SCTP: the user messages in packets (RFC 9260 3.3.1, 6.9, RFC 8260 2.1). */
#include "config.h"

#include "net/packet.h"
#include "net/sctp.h"
#include "tests/support/layers.h"
#include "tests/support/sctp_write.h"
#include "tests/support/t.h"

#define TAG 0x1234u

/*
 * What was heard: messages as "text;", those that lack bytes as "text~;", a
 * packet without any as ".", one that is damaged with "!".
 */
struct wire {
	struct net *net;
	struct text chunks; /* of the packet in the making */
	struct text heard;
	nanoseconds now;
	uint64_t frame;
	uint32_t tag;
	unsigned src; /* last byte of the address */
	size_t cut;   /* bytes that the capture lacks */
	bool six, in_udp;
};

static struct wire wire_new(void)
{
	return (struct wire){
		.net = net_new(),
		.chunks = text_new(70000),
		.heard = text_new(70000),
		.tag = TAG,
		.src = 1,
	};
}

static void wire_free(struct wire *w)
{
	net_free(w->net);
	text_free(&w->chunks);
	text_free(&w->heard);
}

static void hear(struct wire *w, const struct packet *packet)
{
	text_put(&w->heard, packet->payload);
	if (packet->cut)
		text_puts(&w->heard, "~");
	text_puts(&w->heard, packet->damaged     ? "!"
			     : packet->payload.n ? ";"
						 : ".");
	assert_int_equal(packet->protocol, IP_SCTP);
	assert_int_equal(packet->src.port, 5060);
	assert_int_equal(packet->dst.port, 5062);
}

/* Sends the chunks that were written. */
static void send(struct wire *w)
{
	static struct t_layers l;
	struct text packet = text_new(70000);
	struct packet got;
	struct frame frame;
	enum status status;

	sctp_write_packet(&packet, 5060, 5062, w->tag, text_slice(&w->chunks));
	t_begin(&l, text_slice(&packet));
	if (w->in_udp)
		t_udp(&l, 9899, 9899);
	if (w->six)
		t_ipv6(&l, w->in_udp ? IP_UDP : IP_SCTP, w->src, 9);
	else
		t_ipv4(&l, w->in_udp ? IP_UDP : IP_SCTP, w->src, 9);
	frame = t_frame(LINKTYPE_RAW, t_layers(&l));
	frame.bytes.n -= w->cut;
	frame.number = ++w->frame;
	frame.time = w->now;
	status = net_packet(w->net, &frame, &got);
	for (; status == STATUS_OK; status = net_packet_more(w->net, &got))
		hear(w, &got);
	assert_int_equal(status, STATUS_END);
	text_clear(&w->chunks);
	text_free(&packet);
}

/* The k-th of `count` pieces of a message, a chunk of this packet. */
static void put(struct wire *w, unsigned tsn, unsigned k, unsigned count,
		const char *text)
{
	sctp_write_data(&w->chunks,
			&(struct sctp_write){.tsn = tsn + k,
					     .number = tsn,
					     .begins = k == 0,
					     .ends = k + 1 == count,
					     .payload = slice_of_text(text)});
}

/* The same in a packet of its own. */
static void piece(struct wire *w, unsigned tsn, unsigned k, unsigned count,
		  const char *text)
{
	put(w, tsn, k, count, text);
	send(w);
}

static void expect(struct wire *w, const char *want)
{
	t_equal_text(text_slice(&w->heard), want);
	text_clear(&w->heard);
}

/* What was given up: its beginning and the frame of that. */
static void expect_lost(struct wire *w, const char *head, uint64_t frame)
{
	struct net_lost lost;

	assert_true(net_next_lost(w->net, &lost));
	t_equal_text(lost.packet.payload, head);
	assert_int_equal(lost.mark.number, frame);
	assert_true(lost.packet.cut);
	assert_int_equal(lost.packet.src.port, 5060);
}

static void expect_none_lost(struct wire *w)
{
	struct net_lost lost;

	assert_false(net_next_lost(w->net, &lost));
}

static void messages_are_told_one_by_one(void **state)
{
	struct wire w = wire_new();

	(void)state;
	for (int i = 0; i < 4; i++) {
		w.six = i & 1;
		w.in_udp = i & 2;
		sctp_write_sack(&w.chunks, 7);
		put(&w, 1, 0, 1, "one");
		put(&w, 2, 0, 1, "padded");
		sctp_write_chunk(&w.chunks, SCTP_SHUTDOWN, 0, SLICE("1234"));
		put(&w, 3, 0, 1, "three");
		send(&w);
		expect(&w, "one;padded;three;");
		sctp_write_sack(&w.chunks, 7);
		send(&w);
		expect(&w, ".");
	}
	wire_free(&w);
}

static void pieces_come_in_any_order(void **state)
{
	static const char *const text[] = {"ab", "cd", "ef", "g"};
	struct wire w = wire_new();

	(void)state;
	for (unsigned order = 0; order < 256; order++) {
		unsigned k[] = {order & 3, order >> 2 & 3, order >> 4 & 3,
				order >> 6};
		uint32_t tsn = UINT32_MAX - 500 + order * 4; /* wraps */

		if ((1u << k[0] | 1u << k[1] | 1u << k[2] | 1u << k[3]) != 15)
			continue;
		for (unsigned i = 0; i < 4; i++)
			piece(&w, tsn, k[i], 4, text[k[i]]);
		expect(&w, "...abcdefg;");
	}
	net_end(w.net);
	expect_none_lost(&w);
	wire_free(&w);
}

static void pieces_of_two_messages_do_not_mix(void **state)
{
	struct wire w = wire_new();

	(void)state;
	/* Two messages that follow each other, and another association. */
	piece(&w, 10, 0, 2, "a");
	piece(&w, 12, 0, 2, "c");
	w.tag++;
	piece(&w, 10, 1, 2, "X");
	w.tag--;
	piece(&w, 12, 1, 2, "d");
	piece(&w, 10, 1, 2, "b");
	expect(&w, "...cd;ab;");
	net_end(w.net);
	expect_lost(&w, "", 3);
	expect_none_lost(&w);
	wire_free(&w);
}

/* Another address of the same sender (RFC 9260 6.4). */
static void pieces_come_over_any_address(void **state)
{
	struct wire w = wire_new();

	(void)state;
	piece(&w, 10, 0, 2, "a");
	w.src = 2;
	piece(&w, 10, 1, 2, "b");
	expect(&w, ".ab;");
	wire_free(&w);
}

static void messages_without_order_have_no_number(void **state)
{
	struct wire w = wire_new();

	(void)state;
	for (unsigned k = 0; k < 4; k++) {
		/* TSN 20 to 23: two messages of two pieces, from behind. */
		unsigned at = 3 - k;

		sctp_write_data(&w.chunks,
				&(struct sctp_write){
					.tsn = 20 + at,
					.number = 7 * k,
					.begins = at % 2 == 0,
					.ends = at % 2 == 1,
					.unordered = true,
					.payload = slice_of(&"abcd"[at], 1)});
		send(&w);
	}
	expect(&w, ".cd;.ab;");
	wire_free(&w);
}

/* I-DATA: fragments of several messages take turns. */
static void messages_may_be_interleaved(void **state)
{
	struct wire w = wire_new();

	(void)state;
	for (unsigned k = 0; k < 3; k++)
		for (unsigned mid = 0; mid < 2; mid++) {
			sctp_write_data(
				&w.chunks,
				&(struct sctp_write){
					.tsn = 100 + k * 2 + mid,
					.number = mid,
					.fsn = k,
					.begins = k == 0,
					.ends = k == 2,
					.interleaved = true,
					.payload = slice_of(
						&"abcxyz"[mid * 3 + k], 1)});
			send(&w);
		}
	expect(&w, "....abc;xyz;");
	wire_free(&w);
}

static void what_comes_again_is_told_again(void **state)
{
	struct wire w = wire_new();

	(void)state;
	piece(&w, 1, 0, 1, "whole");
	piece(&w, 1, 0, 1, "whole");
	piece(&w, 2, 0, 2, "a");
	piece(&w, 2, 0, 2, "a");
	piece(&w, 2, 1, 2, "b");
	piece(&w, 2, 0, 2, "a");
	piece(&w, 2, 1, 2, "b");
	expect(&w, "whole;whole;..ab;.ab;");
	/* One piece alone is not missed: its message was whole. */
	piece(&w, 2, 1, 2, "b");
	net_end(w.net);
	expect_none_lost(&w);
	wire_free(&w);
}

static void what_stays_in_pieces_is_given_up(void **state)
{
	struct wire w = wire_new();

	(void)state;
	piece(&w, 1, 0, 3, "head ");
	piece(&w, 1, 1, 3, "of it");
	w.now += 61 * NS_PER_S;
	expect_none_lost(&w);
	piece(&w, 9, 1, 2, "end");
	expect_lost(&w, "head of it", 2);
	expect_none_lost(&w);
	/* It begins anew. */
	piece(&w, 1, 2, 3, "!");
	net_end(w.net);
	expect_lost(&w, "", 3);
	expect_lost(&w, "", 4);
	expect_none_lost(&w);
	wire_free(&w);
}

static void damage_is_told_and_the_rest_read(void **state)
{
	static const struct {
		const char *chunk;
		const char *want;
	} rows[] = {
		{"00030000", "one;!"},         /* no length */
		{"00030003", "one;!"},         /* less than its header */
		{"0003", "one;!"},             /* and less than that */
		{"0003000C00000001", "one;!"}, /* no DATA is so short */
		/* Longer than the packet: what there is counts. */
		{"0003001400000002000000000000000061", "one;a~!"},
		{"C00000FF00", "one;!"},
		{"3F000004", "one;"}, /* a type that nobody knows */
	};
	struct wire w = wire_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice bytes = t_hex(rows[i].chunk);

		put(&w, 1, 0, 1, "one");
		text_put(&w.chunks, bytes);
		send(&w);
		expect(&w, rows[i].want);
		t_release(bytes);
	}
	wire_free(&w);
}

/* A packet of two messages, cut anywhere. */
static void what_the_capture_cut_is_no_damage(void **state)
{
	struct wire w = wire_new();
	bool second = false;

	(void)state;
	for (w.cut = 1; w.cut < 2 * 20; w.cut++) {
		put(&w, 1, 0, 1, "one!");
		put(&w, 2, 0, 1, "two!");
		send(&w);
		text_putc(&w.heard, '\0');
		assert_null(strchr(w.heard.p, '!' + (w.cut > 20 ? 0 : 100)));
		second |= strcmp(w.heard.p, "one!;tw~;") == 0;
		text_clear(&w.heard);
	}
	assert_true(second);
	/* Of pieces, too: behind the gap nothing counts. */
	w.cut = 0;
	piece(&w, 5, 1, 2, "end");
	w.cut = 2;
	piece(&w, 5, 0, 2, "head");
	expect(&w, ".he~;");
	wire_free(&w);
}

/* DTLS and others use the port, too. */
static void only_chunks_are_sctp_in_udp(void **state)
{
	static const char *const rows[] = {
		"16FEFD0000000000000000000A000102030405060708",
		"0000000000000000000000000000000C", /* no ports */
		"13C413C6000000010000000000030009",
		"13C413C600000001000000004F0300080000000",
	};
	struct net *net = net_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) - 1; i++) {
		static struct t_layers l;
		struct slice bytes = t_hex(rows[i]);
		struct frame frame;
		struct packet packet;

		t_begin(&l, bytes);
		t_udp(&l, 9899, 9899);
		t_ipv4(&l, IP_UDP, 1, 2);
		frame = t_frame(LINKTYPE_RAW, t_layers(&l));
		assert_int_equal(net_packet(net, &frame, &packet), STATUS_OK);
		assert_int_equal(packet.protocol, IP_UDP);
		t_equal_bytes(packet.payload, bytes);
		t_release(bytes);
	}
	net_free(net);
}

/* Nobody asks for what was given up: it stays bounded. */
static void what_waits_is_bounded(void **state)
{
	struct wire w = wire_new();
	struct net_lost lost;
	size_t count = 0;

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		piece(&w, i * 2, 0, 2, "a");
		text_clear(&w.heard);
	}
	net_end(w.net);
	while (net_next_lost(w.net, &lost))
		count++;
	assert_int_equal(count, 1024);
	wire_free(&w);
}

/* With the n-th allocation failing some piece is lost, and nothing else. */
static bool with_failures(void *context)
{
	struct sctp sctp = {.bytes = 0};
	struct endpoint ends[2] = {{.port = 1}, {.port = 2}};
	struct frame_mark mark = {.number = 1};
	struct sctp_message message;
	struct sctp_rest rest;
	size_t whole = 0;

	(void)context;
	for (uint32_t i = 0; i < 4; i++) {
		struct sctp_data data = {.key = {.number = i % 2},
					 .sequence = i % 2 * 2 + i / 2,
					 .begins = i < 2,
					 .ends = i >= 2,
					 .bytes = SLICE("ab")};

		whole += sctp_take(&sctp, &data, ends, &mark, &message) ==
			 STATUS_OK;
	}
	assert_true(whole == 2 || t_failure_met());
	sctp_end(&sctp);
	while (sctp_next_rest(&sctp, &rest))
		assert_true(rest.head.n <= 4);
	assert_int_equal(sctp.bytes, 0);
	sctp_free(&sctp);
	return whole == 2 && !t_failure_met();
}

static void failing_memory_is_survived(void **state)
{
	(void)state;
	t_failing_walk(with_failures, NULL);
}

static const struct t_case cases[] = {
	{"messages_are_told_one_by_one", messages_are_told_one_by_one},
	{"pieces_come_in_any_order", pieces_come_in_any_order},
	{"pieces_of_two_messages_do_not_mix",
	 pieces_of_two_messages_do_not_mix},
	{"pieces_come_over_any_address", pieces_come_over_any_address},
	{"messages_without_order_have_no_number",
	 messages_without_order_have_no_number},
	{"messages_may_be_interleaved", messages_may_be_interleaved},
	{"what_comes_again_is_told_again", what_comes_again_is_told_again},
	{"what_stays_in_pieces_is_given_up", what_stays_in_pieces_is_given_up},
	{"damage_is_told_and_the_rest_read", damage_is_told_and_the_rest_read},
	{"what_the_capture_cut_is_no_damage",
	 what_the_capture_cut_is_no_damage},
	{"only_chunks_are_sctp_in_udp", only_chunks_are_sctp_in_udp},
	{"what_waits_is_bounded", what_waits_is_bounded},
	{"failing_memory_is_survived", failing_memory_is_survived},
};
T_MAIN(cases)
