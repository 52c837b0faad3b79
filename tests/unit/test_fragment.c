/* Datagrams from fragments (RFC 791 3.2, RFC 8200 4.5, RFC 5722). */
#include "config.h"

#include "net/fragment.h"
#include "tests/support/layers.h"
#include "tests/support/t.h"

#define MORE 0x2000u

/* ---- fragments as packets ---- */

/* A UDP datagram of `n` payload bytes, as the bytes in IP. */
static struct slice datagram(struct t_layers *l, size_t n)
{
	static uint8_t payload[65536];

	for (size_t i = 0; i < n; i++)
		payload[i] = (uint8_t)(i * 7 + i / 256);
	t_begin(l, slice_of(payload, n));
	t_udp(l, 5060, 5062);
	return t_layers(l);
}

struct wire {
	struct net *net;
	nanoseconds now;
	uint64_t frame;
	struct packet packet;
};

static enum status send_ipv4(struct wire *w, unsigned id, struct slice whole,
			     size_t at, size_t n)
{
	static struct t_layers l;
	struct frame frame;

	t_begin(&l, slice_cut(whole, at, n));
	t_ipv4_fragment(&l, IP_UDP, id,
			(unsigned)at / 8 | (at + n < whole.n ? MORE : 0));
	frame = t_frame(LINKTYPE_RAW, t_layers(&l));
	frame.time = w->now;
	frame.number = ++w->frame;
	return net_packet(w->net, &frame, &w->packet);
}

static enum status send_ipv6(struct wire *w, unsigned id, struct slice whole,
			     size_t at, size_t n)
{
	static struct t_layers l;
	struct frame frame;
	uint8_t header[8] = {IP_UDP, 0, (uint8_t)(at >> 8), (uint8_t)at,
			     0,      0, (uint8_t)(id >> 8), (uint8_t)id};

	if (at + n < whole.n)
		header[3] |= 1;
	t_begin(&l, slice_cut(whole, at, n));
	t_front(&l, slice_of(header, 8));
	t_ipv6(&l, 44, 1, 2);
	frame = t_frame(LINKTYPE_RAW, t_layers(&l));
	frame.time = w->now;
	return net_packet(w->net, &frame, &w->packet);
}

static void assert_whole(const struct wire *w, struct slice whole)
{
	assert_true(w->packet.reassembled);
	assert_false(w->packet.cut);
	assert_int_equal(w->packet.src.port, 5060);
	t_equal_bytes(w->packet.payload, slice_from(whole, 8));
}

static void any_order_makes_the_datagram(void **state)
{
	static const unsigned orders[][4] = {
		{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2},
		{2, 0, 3, 1}, {3, 0, 1, 2}, {1, 2, 3, 0},
	};
	static struct t_layers l;
	struct slice whole = datagram(&l, 100);
	struct wire w = {.net = net_new()};

	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		enum status status = STATUS_END;

		for (size_t k = 0; k < 4; k++)
			status = (i & 1 ? send_ipv6 : send_ipv4)(
				&w, i + 1, whole, orders[i / 2][k] * 32, 32);
		assert_int_equal(status, STATUS_OK);
		assert_whole(&w, whole);
	}
	assert_int_equal(net_counts(w.net)->fragments, 48);
	assert_int_equal(net_counts(w.net)->packets, 12);
	net_free(w.net);
}

static void fragments_of_two_datagrams_do_not_mix(void **state)
{
	static struct t_layers a, b;
	struct slice one = datagram(&a, 40), two = datagram(&b, 48);
	struct wire w = {.net = net_new()};

	(void)state;
	assert_int_equal(send_ipv4(&w, 1, one, 0, 24), STATUS_SHORT);
	assert_int_equal(send_ipv4(&w, 2, two, 24, 32), STATUS_SHORT);
	assert_int_equal(send_ipv4(&w, 1, one, 24, 24), STATUS_OK);
	assert_whole(&w, one);
	assert_int_equal(send_ipv4(&w, 2, two, 0, 24), STATUS_OK);
	assert_whole(&w, two);
	net_free(w.net);
}

static void the_largest_datagram_fits(void **state)
{
	static struct t_layers l;
	struct slice whole = datagram(&l, 65535 - 20 - 8);
	struct wire w = {.net = net_new()};
	enum status status = STATUS_END;

	(void)state;
	for (size_t at = 0; at < whole.n; at += 1480)
		status = send_ipv4(&w, 1, whole, at, 1480);
	assert_int_equal(status, STATUS_OK);
	assert_whole(&w, whole);
	net_free(w.net);
}

static void a_later_fragment_alone_is_no_datagram(void **state)
{
	static struct t_layers l;
	struct slice whole = datagram(&l, 100);
	struct wire w = {.net = net_new()};

	(void)state;
	assert_int_equal(send_ipv4(&w, 1, whole, 64, 64), STATUS_SHORT);
	assert_int_equal(net_counts(w.net)->packets, 0);
	net_free(w.net);
}

/* ---- what is given up ---- */

static void time_gives_up_what_waits(void **state)
{
	static struct t_layers l;
	struct slice whole = datagram(&l, 100);
	struct wire w = {.net = net_new()};

	(void)state;
	assert_int_equal(send_ipv4(&w, 1, whole, 64, 44), STATUS_SHORT);
	assert_int_equal(send_ipv4(&w, 1, whole, 0, 32), STATUS_SHORT);
	w.now = 31 * NS_PER_S;
	assert_int_equal(send_ipv4(&w, 1, whole, 32, 32), STATUS_SHORT);
	assert_int_equal(net_counts(w.net)->fragments_lost, 1);
	/* Its front is missing. */
	net_end(w.net);
	assert_int_equal(net_counts(w.net)->fragments_lost, 2);
	net_free(w.net);
}

static void time_may_run_backwards(void **state)
{
	static struct t_layers l;
	struct slice whole = datagram(&l, 100);
	struct wire w = {.net = net_new(), .now = INT64_MAX};

	(void)state;
	assert_int_equal(send_ipv4(&w, 1, whole, 0, 64), STATUS_SHORT);
	w.now = INT64_MIN;
	assert_int_equal(send_ipv4(&w, 2, whole, 0, 64), STATUS_SHORT);
	assert_int_equal(net_counts(w.net)->fragments_lost, 1);
	w.now = INT64_MIN + NS_PER_S;
	assert_int_equal(send_ipv4(&w, 2, whole, 64, 64), STATUS_OK);
	net_free(w.net);
}

static void the_oldest_makes_room_at_the_limit(void **state)
{
	static struct t_layers l;
	struct slice whole = datagram(&l, 100);
	struct wire w = {.net = net_new()};

	(void)state;
	for (unsigned id = 0; id <= FRAGMENT_PENDING_MAX; id++)
		assert_int_equal(send_ipv4(&w, id, whole, 0, 64), STATUS_SHORT);
	assert_int_equal(net_counts(w.net)->fragments_lost, 1);
	assert_int_equal(send_ipv4(&w, 1, whole, 64, 64), STATUS_OK);
	assert_int_equal(send_ipv4(&w, FRAGMENT_PENDING_MAX, whole, 64, 64),
			 STATUS_OK);
	/* The front of the first is gone, so its rest waits. */
	assert_int_equal(send_ipv4(&w, 0, whole, 64, 64), STATUS_SHORT);
	net_end(w.net);
	assert_int_equal(net_counts(w.net)->fragments_lost,
			 FRAGMENT_PENDING_MAX);
	net_free(w.net);
}

/* ---- copies ---- */

static void copies_do_not_begin_anew(void **state)
{
	static struct t_layers l;
	struct slice whole = datagram(&l, 100);
	struct wire w = {.net = net_new()};

	(void)state;
	/* A mirror port: each fragment twice. */
	assert_int_equal(send_ipv4(&w, 1, whole, 0, 64), STATUS_SHORT);
	assert_int_equal(send_ipv4(&w, 1, whole, 0, 64), STATUS_SHORT);
	assert_int_equal(send_ipv4(&w, 1, whole, 64, 44), STATUS_OK);
	assert_int_equal(send_ipv4(&w, 1, whole, 64, 44), STATUS_SHORT);
	net_end(w.net);
	assert_int_equal(net_counts(w.net)->fragments_lost, 0);
	net_free(w.net);
}

static void a_copy_of_the_whole_is_a_datagram_again(void **state)
{
	static struct t_layers l;
	struct slice whole = datagram(&l, 100);
	struct wire w = {.net = net_new()};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(send_ipv4(&w, 1, whole, 0, 64), STATUS_SHORT);
		assert_int_equal(send_ipv4(&w, 1, whole, 64, 44), STATUS_OK);
		assert_whole(&w, whole);
	}
	net_free(w.net);
}

static void a_fragment_of_what_is_whole_lacks_nothing(void **state)
{
	static struct t_layers l;
	struct slice whole = datagram(&l, 100);
	struct wire w = {.net = net_new()};
	struct net_lost lost;

	(void)state;
	for (unsigned id = 1; id <= 2; id++) {
		assert_int_equal(send_ipv4(&w, id, whole, 0, 64), STATUS_SHORT);
		assert_int_equal(send_ipv4(&w, id, whole, 64, 44), STATUS_OK);
	}
	assert_int_equal(send_ipv4(&w, 1, whole, 0, 64), STATUS_SHORT);
	assert_int_equal(send_ipv4(&w, 2, whole, 64, 44), STATUS_SHORT);
	w.now += 31 * NS_PER_S;
	/* Long behind it the number is that of another one, which is lost. */
	assert_int_equal(send_ipv4(&w, 1, whole, 0, 64), STATUS_SHORT);
	assert_int_equal(net_counts(w.net)->fragments_lost, 0);
	assert_false(net_next_lost(w.net, &lost));
	net_end(w.net);
	assert_int_equal(net_counts(w.net)->fragments_lost, 1);
	assert_true(net_next_lost(w.net, &lost));
	assert_int_equal(lost.mark.number, 7);
	assert_false(net_next_lost(w.net, &lost));
	net_free(w.net);
}

/* ---- the table itself ---- */

static struct fragment piece(size_t offset, const char *text, bool last)
{
	return (struct fragment){
		.key = {.id = 1},
		.offset = offset,
		.last = last,
		.protocol = IP_UDP,
		.bytes = slice_of_text(text),
	};
}

static void the_first_copy_of_a_byte_counts(void **state)
{
	struct fragments f = {0};
	struct fragment a = piece(0, "aaaaaaaabbbbbbbb", false);
	struct fragment b = piece(8, "XXXXXXXXcccccccc", false);
	struct fragment c = piece(16, "YYYYYYYYdd", true);
	struct datagram out;

	(void)state;
	assert_int_equal(fragments_take(&f, &a, &out), STATUS_SHORT);
	assert_int_equal(fragments_take(&f, &b, &out), STATUS_SHORT);
	assert_int_equal(fragments_take(&f, &c, &out), STATUS_OK);
	t_equal_text(out.bytes, "aaaaaaaabbbbbbbbccccccccdd");
	assert_int_equal(out.missing, 0);
	fragments_free(&f);
}

static void impossible_fragments_are_refused(void **state)
{
	static uint8_t much[65536];
	struct fragments f = {0};
	const struct fragment rows[] = {
		piece(0, "", false),            /* nothing */
		piece(0, "1234567", false),     /* no whole units */
		piece(4, "12345678", true),     /* between units */
		piece(65528, "12345678", true), /* past 64 KiB */
		{.bytes = slice_of(much, sizeof(much)), .last = true},
		{.bytes = slice_of(much, 8), .missing = SIZE_MAX},
	};
	struct datagram out;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(fragments_take(&f, &rows[i], &out),
				 STATUS_BAD);
	assert_int_equal(f.count, 0);
	fragments_free(&f);
}

static void lengths_must_agree(void **state)
{
	struct fragments f = {0};
	struct fragment end = piece(16, "cc", true);
	struct fragment other_end = piece(16, "cccc", true);
	struct fragment beyond = piece(16, "dddddddd", false);
	struct fragment early = piece(0, "aaaa", true);
	struct fragment front = piece(0, "aaaaaaaabbbbbbbb", false);
	struct datagram out;

	(void)state;
	assert_int_equal(fragments_take(&f, &end, &out), STATUS_SHORT);
	assert_int_equal(fragments_take(&f, &other_end, &out), STATUS_BAD);
	assert_int_equal(fragments_take(&f, &beyond, &out), STATUS_BAD);
	assert_int_equal(fragments_take(&f, &early, &out), STATUS_BAD);
	assert_int_equal(fragments_take(&f, &front, &out), STATUS_OK);
	t_equal_text(out.bytes, "aaaaaaaabbbbbbbbcc");
	fragments_free(&f);
}

static void the_front_says_what_is_inside(void **state)
{
	struct fragments f = {0};
	struct fragment end = piece(8, "cc", true);
	struct fragment front = piece(0, "aaaaaaaa", false);
	struct datagram out;

	(void)state;
	end.protocol = 99; /* IPv6: counts in the first one only */
	assert_int_equal(fragments_take(&f, &end, &out), STATUS_SHORT);
	assert_int_equal(fragments_take(&f, &front, &out), STATUS_OK);
	assert_int_equal(out.protocol, IP_UDP);
	fragments_free(&f);
}

/* The capture cut `missing` bytes off the front: it ends there, or is whole
 * when the copy of another vantage came first. */
static void cut_front(bool whole_first, const char *text, size_t missing)
{
	struct fragments f = {0};
	struct fragment cut = piece(0, "aaaaaaaabb", false);
	struct fragment copy = piece(0, "aaaaaaaabbbbbbbb", false);
	struct fragment end = piece(16, "cc", true);
	struct datagram out;

	cut.missing = 6;
	if (whole_first)
		assert_int_equal(fragments_take(&f, &copy, &out), STATUS_SHORT);
	assert_int_equal(fragments_take(&f, &cut, &out), STATUS_SHORT);
	assert_int_equal(fragments_take(&f, &end, &out), STATUS_OK);
	t_equal_text(out.bytes, text);
	assert_int_equal(out.missing, missing);
	fragments_free(&f);
}

static void a_cut_fragment_cuts_the_datagram(void **state)
{
	(void)state;
	cut_front(false, "aaaaaaaabb", 8);
	cut_front(true, "aaaaaaaabbbbbbbbcc", 0);
}

static void what_is_handed_out_stays_until_recycled(void **state)
{
	struct fragments f = {0};
	struct fragment a = piece(0, "aaaaaaaa", false);
	struct fragment b = piece(8, "bb", true);
	struct datagram first, second;

	(void)state;
	assert_int_equal(fragments_take(&f, &a, &first), STATUS_SHORT);
	assert_int_equal(fragments_take(&f, &b, &first), STATUS_OK);
	a.bytes = SLICE("cccccccc");
	assert_int_equal(fragments_take(&f, &a, &second), STATUS_SHORT);
	assert_int_equal(fragments_take(&f, &b, &second), STATUS_OK);
	t_equal_text(first.bytes, "aaaaaaaabb");
	t_equal_text(second.bytes, "ccccccccbb");
	assert_int_equal(f.count, 2);
	fragments_recycle(&f);
	assert_int_equal(fragments_take(&f, &a, &second), STATUS_SHORT);
	assert_int_equal(f.count, 2);
	fragments_free(&f);
}

/* Only of UDP, and only where it begins. */
static void the_beginning_of_what_is_lost_is_told(void **state)
{
	static struct t_layers l;
	struct slice whole = datagram(&l, 3000);
	struct wire w = {.net = net_new()};
	struct net_lost lost;

	(void)state;
	assert_int_equal(send_ipv4(&w, 1, whole, 1480, 1480), STATUS_SHORT);
	assert_int_equal(send_ipv4(&w, 1, whole, 0, 1480), STATUS_SHORT);
	assert_int_equal(send_ipv4(&w, 2, whole, 1480, 1480), STATUS_SHORT);
	assert_int_equal(send_ipv6(&w, 3, whole, 0, 1480), STATUS_SHORT);
	assert_false(net_next_lost(w.net, &lost));
	w.now += 31 * NS_PER_S;
	assert_int_equal(send_ipv4(&w, 4, whole, 0, 1480), STATUS_SHORT);
	assert_true(net_next_lost(w.net, &lost));
	assert_int_equal(lost.mark.number, 2);
	assert_int_equal(lost.packet.src.port, 5060);
	assert_int_equal(lost.packet.dst.port, 5062);
	assert_true(lost.packet.cut);
	t_equal_bytes(lost.packet.payload, slice_cut(whole, 8, 2952));
	assert_true(net_next_lost(w.net, &lost));
	assert_int_equal(lost.packet.src.family, FAMILY_IPV6);
	t_equal_bytes(lost.packet.payload, slice_cut(whole, 8, 1472));
	assert_false(net_next_lost(w.net, &lost));
	net_end(w.net);
	assert_true(net_next_lost(w.net, &lost));
	assert_int_equal(lost.mark.number, 4);
	assert_false(net_next_lost(w.net, &lost));
	assert_int_equal(net_counts(w.net)->fragments_lost, 4);
	net_free(w.net);
}

/* ---- memory ---- */

static bool with_failures(void *context)
{
	static struct t_layers l;
	struct slice whole = datagram(&l, 6000);
	struct wire w = {.net = net_new()};
	bool through = true;

	(void)context;
	if (!w.net)
		return false;
	for (size_t at = 0; at < whole.n; at += 1480)
		if (send_ipv4(&w, 1, whole, at, 1480) == STATUS_NOMEM)
			through = false;
	if (through)
		assert_whole(&w, whole);
	net_free(w.net);
	return through;
}

static void failing_memory_is_survived(void **state)
{
	(void)state;
	t_failing_walk(with_failures, NULL);
}

static const struct t_case cases[] = {
	{"any_order_makes_the_datagram", any_order_makes_the_datagram},
	{"fragments_of_two_datagrams_do_not_mix",
	 fragments_of_two_datagrams_do_not_mix},
	{"the_largest_datagram_fits", the_largest_datagram_fits},
	{"a_later_fragment_alone_is_no_datagram",
	 a_later_fragment_alone_is_no_datagram},
	{"time_gives_up_what_waits", time_gives_up_what_waits},
	{"time_may_run_backwards", time_may_run_backwards},
	{"the_oldest_makes_room_at_the_limit",
	 the_oldest_makes_room_at_the_limit},
	{"copies_do_not_begin_anew", copies_do_not_begin_anew},
	{"a_copy_of_the_whole_is_a_datagram_again",
	 a_copy_of_the_whole_is_a_datagram_again},
	{"a_fragment_of_what_is_whole_lacks_nothing",
	 a_fragment_of_what_is_whole_lacks_nothing},
	{"the_first_copy_of_a_byte_counts", the_first_copy_of_a_byte_counts},
	{"impossible_fragments_are_refused", impossible_fragments_are_refused},
	{"lengths_must_agree", lengths_must_agree},
	{"the_front_says_what_is_inside", the_front_says_what_is_inside},
	{"a_cut_fragment_cuts_the_datagram", a_cut_fragment_cuts_the_datagram},
	{"what_is_handed_out_stays_until_recycled",
	 what_is_handed_out_stays_until_recycled},
	{"the_beginning_of_what_is_lost_is_told",
	 the_beginning_of_what_is_lost_is_told},
	{"failing_memory_is_survived", failing_memory_is_survived},
};
T_MAIN(cases)
