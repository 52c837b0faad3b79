/* Frames that a thread reads ahead, and what it decodes of them. */
#include "config.h"

#include "core/window.h"
#include "flow/ahead.h"
#include "tests/support/ip_write.h"
#include "tests/support/t.h"

#define FRAMES 5000u
#define LARGEST 262144u

/* A source of frames whose bytes are lost with the next one, as they are in a
 * capture. */
struct numbers {
	struct ahead *ahead; /* that is told an event before some frames */
	struct frame frame;
	uint8_t bytes[LARGEST];
	/* Most frames lie in windows that may be held; a few share one, and all
	 * are left when the source ends. */
	bool windowed;
	struct windows windows;
	uint64_t end; /* frames that there are */
	enum status last;
};

static size_t size_of(uint64_t number)
{
	if (number % 997 == 500)
		return LARGEST;
	return number % 41 == 0 ? 0 : number * 37 % 1500;
}

static uint8_t byte_of(uint64_t number, size_t at)
{
	return (uint8_t)(number * 7 + at);
}

static bool tells_before(uint64_t number)
{
	return number % 300 == 1 || number == FRAMES;
}

#define SHARE 8u

/* Where the bytes of a frame are put. */
static uint8_t *room_for(struct numbers *n, uint64_t number)
{
	struct window *window = n->frame.window;

	if (!n->windowed || number % 50 == 0) {
		n->frame.window = NULL;
		memset(n->bytes, 0xEE, sizeof(n->bytes));
		return n->bytes;
	}
	if (!window || number % SHARE == 0) {
		window = windows_take(&n->windows, SHARE * LARGEST);
		assert_non_null(window);
		memset(window->bytes, 0xEE, window->room);
		n->frame.window = window;
	}
	return window->bytes + number % SHARE * LARGEST;
}

static enum status next_number(void *context, const struct frame **frame)
{
	struct numbers *n = context;
	uint64_t number = n->frame.number + 1;
	uint8_t *bytes;

	if (n->ahead && tells_before(number)) {
		struct ahead_event event = {
			.file = 3,
			.kind = (uint32_t)number,
			.bytes = slice_of(&number, sizeof(number)),
		};

		assert_true(ahead_tell(n->ahead, &event));
	}
	if (number > n->end) {
		windows_leave(&n->windows);
		return n->last;
	}
	bytes = room_for(n, number);
	n->frame.number = number;
	n->frame.link_type = LINKTYPE_UNKNOWN;
	n->frame.bytes = slice_of(bytes, size_of(number));
	for (size_t i = 0; i < n->frame.bytes.n; i++)
		bytes[i] = byte_of(number, i);
	*frame = &n->frame;
	return STATUS_OK;
}

static void hear(void *context, const struct ahead_event *event)
{
	uint64_t *heard = context, number;

	assert_int_equal(event->file, 3);
	assert_int_equal(event->bytes.n, sizeof(number));
	memcpy(&number, event->bytes.p, sizeof(number));
	assert_int_equal(event->kind, number);
	*heard = number;
}

static struct numbers *numbers_new(uint64_t end, enum status last)
{
	struct numbers *n = calloc(1, sizeof(*n));

	assert_non_null(n);
	n->end = end;
	n->last = last;
	return n;
}

static void assert_frame(const struct frame *frame, uint64_t number)
{
	assert_int_equal(frame->number, number);
	assert_int_equal(frame->bytes.n, size_of(number));
	for (size_t i = 0; i < frame->bytes.n; i++)
		assert_int_equal(frame->bytes.p[i], byte_of(number, i));
}

static void assert_all_in_order(bool windowed)
{
	struct numbers *n = numbers_new(FRAMES, STATUS_END);
	struct frame_source source = {.context = n,
					.next = next_number};
	const struct frame *frame;
	const struct early *early;
	struct ahead *a;

	n->windowed = windowed;
	ahead_new(&a, &source, NULL, NULL);
	assert_non_null(a);
	for (uint64_t i = 1; i <= FRAMES; i++) {
		assert_int_equal(ahead_next(a, &frame, &early), STATUS_OK);
		assert_frame(frame, i);
		assert_null(early);
	}
	assert_int_equal(ahead_next(a, &frame, &early), STATUS_END);
	assert_int_equal(ahead_next(a, &frame, &early), STATUS_END);
	ahead_free(a);
	free(n);
}

static void gives_all_frames_in_order(void **state)
{
	(void)state;
	assert_all_in_order(false);
}

static void holds_windows_instead_of_copying(void **state)
{
	(void)state;
	assert_all_in_order(true);
}

static void hands_on_how_the_source_ends(void **state)
{
	static const enum status ends[] = {STATUS_END, STATUS_IO, STATUS_NOMEM};
	const struct frame *frame;
	const struct early *early;

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct numbers *n = numbers_new(i, ends[i]);
		struct frame_source source = {.context = n,
					.next = next_number};
		struct ahead *a;

		ahead_new(&a, &source, NULL, NULL);
		for (size_t k = 0; k < i; k++)
			assert_int_equal(ahead_next(a, &frame, &early),
					 STATUS_OK);
		assert_int_equal(ahead_next(a, &frame, &early), ends[i]);
		ahead_free(a);
		free(n);
	}
}

static void can_be_left_anywhere(void **state)
{
	static const uint64_t after[] = {0, 1, 255, 256, 257, 1000, 4000};
	const struct frame *frame;
	const struct early *early;

	(void)state;
	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		struct numbers *n = numbers_new(FRAMES, STATUS_END);
		struct frame_source source = {.context = n,
					.next = next_number};
		struct ahead *a;

		ahead_new(&a, &source, NULL, NULL);
		for (uint64_t k = 1; k <= after[i]; k++) {
			assert_int_equal(ahead_next(a, &frame, &early),
					 STATUS_OK);
			assert_frame(frame, k);
		}
		ahead_free(a);
		free(n);
	}
	ahead_free(NULL);
}

static void tells_events_before_their_frames(void **state)
{
	struct numbers *n = numbers_new(FRAMES - 1, STATUS_END);
	struct frame_source source = {.context = n, .next = next_number};
	uint64_t heard = 0;
	const struct frame *frame;
	const struct early *early;
	struct ahead *a;

	(void)state;
	/* The thread finds itself there from the first frame on. */
	ahead_new(&n->ahead, &source, hear, &heard);
	a = n->ahead;
	for (uint64_t i = 1; i < FRAMES; i++) {
		assert_int_equal(ahead_next(a, &frame, &early), STATUS_OK);
		assert_int_equal(frame->number, i);
		if (tells_before(i))
			assert_int_equal(heard, i);
		assert_true(heard <= i);
	}
	assert_int_equal(ahead_next(a, &frame, &early), STATUS_END);
	assert_int_equal(heard, FRAMES);
	ahead_free(a);
	free(n);
}

/* ---- what is decoded ---- */

#define INVITE                                           \
	"INVITE sip:b@b.example SIP/2.0\r\n"             \
	"Via: SIP/2.0/UDP a.example;branch=z9hG4bKx\r\n" \
	"From: <sip:a@a.example>;tag=1\r\n"              \
	"To: <sip:b@b.example>\r\n"                      \
	"Call-ID: early@a.example\r\n"                   \
	"CSeq: 1 INVITE\r\n"                             \
	"Max-Forwards: 70\r\n"                           \
	"Content-Type: application/sdp\r\n"              \
	"Content-Length: 95\r\n"                         \
	"\r\n"                                           \
	"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n"      \
	"c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=x\r\n"

static const uint8_t binding[] = {0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xA4,
				  0x42, 1,    2,    3,    4,    5,    6,
				  7,    8,    9,    10,   11,   12};

static bool read_early(struct slice payload, uint16_t port, struct arena *arena,
		       struct early *out)
{
	static const uint8_t ethernet[14] = {[12] = 8};
	struct ip_way way = {
		.src = {.ip = {10, 0, 0, 1},
			.port = 5060,
			.family = FAMILY_IPV4},
		.dst = {.ip = {10, 0, 0, 2},
			.port = port,
			.family = FAMILY_IPV4},
	};
	struct frame frame = {.link_type = LINKTYPE_ETHERNET};
	struct text text = text_new(65536);

	text_put(&text, slice_of(ethernet, sizeof(ethernet)));
	ip_write_udp(&text, &way, payload);
	frame.bytes = arena_copy(arena, text_slice(&text));
	frame.wire_length = (uint32_t)frame.bytes.n;
	text_free(&text);
	return early_read(&frame, arena, out);
}

static void reads_sip_with_its_bodies(void **state)
{
	struct arena arena = arena_new(1 << 20);
	struct slice bytes = SLICE(INVITE);
	struct early early;

	(void)state;
	assert_true(read_early(bytes, 5060, &arena, &early));
	assert_int_equal(early.kind, EARLY_SIP);
	assert_non_null(early.sip);
	assert_memory_equal(early.payload, bytes.p, bytes.n);
	assert_int_equal(early.sip->status, STATUS_OK);
	assert_int_equal(early.sip->used, bytes.n);
	assert_int_equal(early.sip->message.method, SIP_INVITE);
	assert_int_equal(early.sip->content_count, 1);
	assert_non_null(early.sip->contents[0].sdp);
	assert_int_equal(early.sip->contents[0].sdp->media_count, 1);
	arena_free(&arena);
}

static void reads_stun_with_its_fingerprint(void **state)
{
	struct arena arena = arena_new(1 << 20);
	struct early early;

	(void)state;
	assert_true(read_early(slice_of(binding, sizeof(binding)), 3478, &arena,
			       &early));
	assert_int_equal(early.kind, EARLY_STUN);
	assert_non_null(early.stun);
	assert_int_equal(early.stun->status, STATUS_OK);
	assert_int_equal(early.stun->message.method, STUN_BINDING);
	assert_int_equal(early.stun->fingerprint, FINGERPRINT_ABSENT);
	arena_free(&arena);
}

static void reads_the_head_of_media(void **state)
{
	static const uint8_t rtp[12] = {0x80, 0x88, 1, 2, 0, 0,
					3,    4,    5, 6, 7, 8};
	struct arena arena = arena_new(1 << 20);
	struct early early;

	(void)state;
	assert_true(read_early(slice_of(rtp, 12), 4000, &arena, &early));
	assert_int_equal(early.kind, EARLY_MEDIA);
	assert_true(early.media.marker);
	assert_int_equal(early.media.payload_type, 8);
	assert_int_equal(early.media.sequence, 0x0102);
	assert_int_equal(early.media.timestamp, 0x0304);
	assert_int_equal(early.media.ssrc, 0x05060708);
	arena_free(&arena);
}

/* What hangs on the flow waits for its turn. */
static void leaves_the_rest_alone(void **state)
{
	static const uint8_t rtcp[20] = {0x80, 200};
	static const uint8_t classic[20] = {0, 1, 0, 0, 9, 9, 9, 9};
	struct arena arena = arena_new(1 << 20);
	struct early early;

	(void)state;
	assert_false(read_early(slice_of(rtcp, 20), 4000, &arena, &early));
	assert_false(read_early(slice_of(classic, 20), 3478, &arena, &early));
	assert_false(read_early(SLICE("\r\n\r\n"), 5060, &arena, &early));
	assert_false(read_early(SLICE(INVITE), 53, &arena, &early));
	arena_free(&arena);
}

static void does_without_memory(void **state)
{
	(void)state;
	for (size_t room = 0; room < 16384; room += 256) {
		struct arena bytes = arena_new(1 << 20);
		struct arena arena = arena_new(room);
		struct early early;

		if (read_early(SLICE(INVITE), 5060, &arena, &early)) {
			assert_int_equal(early.sip->status, STATUS_OK);
			assert_int_equal(early.sip->content_count, 1);
		}
		arena_free(&arena);
		arena_free(&bytes);
	}
}

static const struct t_case cases[] = {
	{"gives_all_frames_in_order", gives_all_frames_in_order},
	{"holds_windows_instead_of_copying", holds_windows_instead_of_copying},
	{"hands_on_how_the_source_ends", hands_on_how_the_source_ends},
	{"can_be_left_anywhere", can_be_left_anywhere},
	{"tells_events_before_their_frames", tells_events_before_their_frames},
	{"reads_sip_with_its_bodies", reads_sip_with_its_bodies},
	{"reads_stun_with_its_fingerprint", reads_stun_with_its_fingerprint},
	{"reads_the_head_of_media", reads_the_head_of_media},
	{"leaves_the_rest_alone", leaves_the_rest_alone},
	{"does_without_memory", does_without_memory},
};
T_MAIN(cases)
