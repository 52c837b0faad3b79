/* What is recorded is a capture that holds together: checked with sums and
 * numbers of its own. */
#include "config.h"

#include <unistd.h>

#include "capture/source.h"
#include "io/recorder.h"
#include "tests/support/capture.h"
#include "tests/support/t.h"

struct world {
	char path[64];
	struct recorder *recorder;
	struct slice file;
	struct t_frames frames;
};

static void begin(struct world *w)
{
	int fd;

	*w = (struct world){.path = "test_recorder.XXXXXX"};
	fd = mkstemp(w->path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(recorder_open(w->path, "a test", &w->recorder),
			 STATUS_OK);
}

static void finish(struct world *w)
{
	static char bytes[1 << 20];
	FILE *f;

	assert_int_equal(recorder_close(w->recorder), STATUS_OK);
	f = fopen(w->path, "rb");
	assert_non_null(f);
	w->file = slice_of(bytes, fread(bytes, 1, sizeof(bytes), f));
	fclose(f);
	unlink(w->path);
	t_read_capture(&format_pcapng, w->file, &w->frames);
	assert_int_equal(w->frames.end, STATUS_END);
	assert_int_equal(w->frames.info.warnings, 0);
}

static unsigned u16_at(struct slice s, size_t at)
{
	assert_true(at + 2 <= s.n);
	return (unsigned)(s.p[at] << 8 | s.p[at + 1]);
}

static uint32_t u32_at(struct slice s, size_t at)
{
	return (uint32_t)u16_at(s, at) << 16 | u16_at(s, at + 2);
}

/* Ones' complement over 16-bit words; 0xFFFF when a checksum in it is right. */
static unsigned sum(unsigned s, struct slice in)
{
	for (size_t i = 0; i < in.n; i++)
		s += i % 2 ? in.p[i] : (unsigned)in.p[i] << 8;
	while (s >> 16)
		s = (s & 0xFFFF) + (s >> 16);
	return s;
}

/* The part behind the IP header, its checksums having been looked at. */
static struct slice transport_of(struct slice frame)
{
	bool four = u16_at(frame, 12) == 0x0800;
	struct slice ip = slice_from(frame, 14);
	struct slice rest = slice_from(ip, four ? 20 : 40);
	unsigned protocol = four ? ip.p[9] : ip.p[6];
	struct slice ends = four ? slice_cut(ip, 12, 8) : slice_cut(ip, 8, 32);

	if (four) {
		assert_int_equal(sum(0, slice_first(ip, 20)), 0xFFFF);
		assert_int_equal(u16_at(ip, 2), ip.n);
	} else {
		assert_int_equal(u16_at(ip, 4), rest.n);
	}
	assert_int_equal(sum(sum((unsigned)rest.n + protocol, ends), rest),
			 0xFFFF);
	return rest;
}

static const struct endpoint a = {{192, 0, 2, 1}, 50000, FAMILY_IPV4, 0};
static const struct endpoint b = {{192, 0, 2, 2}, 3478, FAMILY_IPV4, 0};

static void datagrams_are_whole(void **state)
{
	static uint8_t big[9001];
	struct endpoint six = {{0x20, 1, 0x0d, 0xb8}, 1, FAMILY_IPV6, 0};
	struct endpoint other = {{0x20, 1, 0x0d, 0xb9}, 2, FAMILY_IPV6, 0};
	struct slice data[] = {SLICE("odd"), slice_of(big, sizeof(big)),
			       SLICE(""), SLICE("even")};
	struct world w;

	(void)state;
	memset(big, 0xA5, sizeof(big));
	begin(&w);
	for (size_t i = 0; i < 4; i++)
		recorder_datagram(w.recorder, i == 3 ? &six : &a,
				  i == 3 ? &other : &b, data[i],
				  NS_PER_S + (nanoseconds)i);
	/* An address that is none is left out. */
	recorder_datagram(w.recorder, &a, &six, data[0], 5);
	finish(&w);
	assert_int_equal(w.frames.count, 4);
	for (size_t i = 0; i < 4; i++) {
		struct slice udp = transport_of(w.frames.list[i].bytes);

		assert_true(w.frames.list[i].time == NS_PER_S + (nanoseconds)i);
		assert_int_equal(u16_at(udp, 4), udp.n);
		t_equal_bytes(slice_from(udp, 8), data[i]);
	}
}

static void streams_are_in_order(void **state)
{
	static uint8_t big[5000];
	struct recorded_stream s;
	uint32_t next[2] = {0};
	size_t bytes[2] = {0};
	unsigned last = 0;
	struct world w;

	(void)state;
	begin(&w);
	recorder_opened(w.recorder, &s, &a, &b, 1);
	recorder_stream(w.recorder, &s, false, slice_of(big, 5000), 2);
	recorder_stream(w.recorder, &s, true, SLICE("answer"), 3);
	recorder_stream(w.recorder, &s, false, SLICE("x"), 4);
	recorder_closed(w.recorder, &s, true, 5);
	recorder_closed(w.recorder, &s, false, 6);
	recorder_stream(w.recorder, &s, false, SLICE("late"), 7);
	finish(&w);
	assert_int_equal(w.frames.count, 3 + 4 + 1 + 1 + 3);
	for (size_t i = 0; i < w.frames.count; i++) {
		struct slice tcp = transport_of(w.frames.list[i].bytes);
		bool back = u16_at(tcp, 0) == b.port;
		unsigned flags = tcp.p[13];

		if (i < 2)
			next[back] = u32_at(tcp, 4);
		assert_int_equal(u32_at(tcp, 4), next[back]);
		if (flags & 0x10)
			assert_int_equal(u32_at(tcp, 8), next[!back]);
		bytes[back] += tcp.n - 20;
		next[back] += (uint32_t)(tcp.n - 20) + ((flags & 3) != 0);
		last = flags;
	}
	assert_int_equal(bytes[0], 5001);
	assert_int_equal(bytes[1], 6);
	assert_int_equal(last, 0x10);
}

static void what_came_to_nothing_is_there_too(void **state)
{
	static const unsigned flags[] = {0x02, 0x02, 0x14};
	struct slice tcp;
	struct world w;

	(void)state;
	begin(&w);
	recorder_attempt(w.recorder, &a, &b, false, 1);
	recorder_attempt(w.recorder, &a, &b, true, 2);
	finish(&w);
	assert_int_equal(w.frames.count, 3);
	for (size_t i = 0; i < 3; i++) {
		tcp = transport_of(w.frames.list[i].bytes);
		assert_int_equal(tcp.p[13], flags[i]);
		assert_int_equal(u16_at(tcp, 0), i == 2 ? b.port : a.port);
	}
	/* The reset acknowledges the SYN (RFC 9293 3.5.2). */
	assert_int_equal(u32_at(tcp, 8),
			 u32_at(transport_of(w.frames.list[1].bytes), 4) + 1);
}

static void errors_quote_the_datagram(void **state)
{
	struct recorded_icmp icmp = {
		.by = b, .from = a, .to = b, .type = 3, .code = 3};
	struct endpoint six = {{0x20, 1, 0x0d, 0xb8}, 1, FAMILY_IPV6, 0};
	struct endpoint other = {{0x20, 1, 0x0d, 0xb9}, 2, FAMILY_IPV6, 0};
	struct slice bytes;
	struct world w;

	(void)state;
	begin(&w);
	recorder_icmp(w.recorder, &icmp, 1);
	icmp = (struct recorded_icmp){
		.by = other, .from = six, .to = other, .type = 1, .code = 4};
	recorder_icmp(w.recorder, &icmp, 2);
	/* Nobody says so. */
	icmp.by = (struct endpoint){0};
	recorder_icmp(w.recorder, &icmp, 3);
	finish(&w);
	assert_int_equal(w.frames.count, 2);
	bytes = slice_from(w.frames.list[0].bytes, 14 + 20);
	assert_int_equal(bytes.n, 8 + 20 + 8);
	assert_int_equal(sum(0, bytes), 0xFFFF); /* no pseudo header */
	assert_int_equal(u16_at(bytes, 0), 0x0303);
	assert_int_equal(u16_at(bytes, 8 + 20), a.port);
	assert_int_equal(u16_at(bytes, 8 + 22), b.port);
	bytes = transport_of(w.frames.list[1].bytes);
	assert_int_equal(bytes.n, 8 + 40 + 8);
	assert_int_equal(u16_at(bytes, 0), 0x0104);
	assert_int_equal(u16_at(bytes, 8 + 40), six.port);
}

static void secrets_stand_in_blocks_of_their_own(void **state)
{
	struct world w;
	size_t at;

	(void)state;
	begin(&w);
	recorder_secret(w.recorder, SLICE("CLIENT_RANDOM 00 11"));
	recorder_datagram(w.recorder, &a, &b, SLICE("x"), 1);
	finish(&w);
	assert_int_equal(w.frames.count, 1);
	/* Type and length of the secrets, then the line. */
	assert_true(slice_search(
		w.file, SLICE("KSLT\x14\0\0\0CLIENT_RANDOM 00 11\n"), &at));
}

static void a_path_that_cannot_be_is_told(void **state)
{
	struct recorder *recorder = NULL;

	(void)state;
	assert_int_equal(recorder_open("no/such/folder/x", "t", &recorder),
			 STATUS_IO);
	assert_null(recorder);
	recorder_datagram(NULL, &a, &b, SLICE("x"), 1);
	assert_int_equal(recorder_close(NULL), STATUS_OK);
}

static const struct t_case cases[] = {
	{"datagrams_are_whole", datagrams_are_whole},
	{"streams_are_in_order", streams_are_in_order},
	{"what_came_to_nothing_is_there_too",
	 what_came_to_nothing_is_there_too},
	{"errors_quote_the_datagram", errors_quote_the_datagram},
	{"secrets_stand_in_blocks_of_their_own",
	 secrets_stand_in_blocks_of_their_own},
	{"a_path_that_cannot_be_is_told", a_path_that_cannot_be_is_told},
};

T_MAIN(cases)
