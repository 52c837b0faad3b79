/* Messages that are told by a thread behind the one that makes them. */
#include "config.h"

#include "flow/behind.h"
#include "tests/support/t.h"

#define MESSAGES 4096u
/* Messages of a batch. */
#define BATCH 64u

/* What the sink heard, in order. */
struct hearing {
	uint32_t told;     /* messages */
	uint64_t released; /* batches below */
	bool uneven;       /* batches of other sizes than BATCH */
	bool wrong;
};

/* Messages carry their number, and again in what they point to. */
static void take(void *context, const struct message *m)
{
	struct hearing *h = context;
	uint32_t number = m->from.flow;

	h->wrong |= number != h->told++;
	h->wrong |= m->bytes.p[0] != (uint8_t)number;
	if (m->kind == MESSAGE_STUN) {
		h->wrong |= m->u.stun->lifetime != number;
		h->wrong |= m->u.stun->attribute_count != 1;
		h->wrong |= m->u.stun->attributes[0].type != number % 65536;
	}
	if (m->kind == MESSAGE_CHANNEL_DATA)
		h->wrong |= m->u.channel->channel != number % 65536;
	if (m->findings && m->findings->count)
		h->wrong |= m->findings->list[0].where.n != number;
}

static void release(void *context, uint64_t number)
{
	struct hearing *h = context;

	h->wrong |= number <= h->released;
	h->wrong |= !h->uneven && h->told < number * BATCH;
	h->released = number;
}

struct making {
	struct hearing hearing;
	struct behind *behind;
	struct arena arenas[MESSAGES / BATCH];
	uint8_t bytes[MESSAGES];
};

static struct making *making_new(void)
{
	struct making *m = calloc(1, sizeof(*m));
	struct message_sink sink = {.take = take};

	assert_non_null(m);
	sink.context = &m->hearing;
	m->behind = behind_new(&sink, release, &m->hearing);
	assert_non_null(m->behind);
	for (size_t i = 0; i < MESSAGES / BATCH; i++)
		m->arenas[i] = arena_new(1 << 20);
	return m;
}

static void making_free(struct making *m)
{
	behind_free(m->behind);
	for (size_t i = 0; i < MESSAGES / BATCH; i++)
		arena_free(&m->arenas[i]);
	free(m);
}

/* What a message points to is gone when this returns, but for its byte. */
static void make(struct making *m, uint32_t number, enum message_kind kind)
{
	struct stun_attribute attribute = {.type = (uint16_t)number};
	struct stun_message stun = {.lifetime = number,
				    .attributes = &attribute,
				    .attribute_count = 1};
	struct channel_data channel = {.channel = (uint16_t)number};
	struct findings findings = {
		.count = number % 3 == 0,
		.list = {{NULL, slice_of(m->bytes, number)}},
	};
	struct message message = {
		.kind = kind,
		.from = {.flow = number},
		.bytes = slice_of(&m->bytes[number], 1),
		.findings = &findings,
	};

	m->bytes[number] = (uint8_t)number;
	if (kind == MESSAGE_STUN)
		message.u.stun = &stun;
	else
		message.u.channel = &channel;
	behind_take(m->behind, &message);
	memset(&stun, 0xEE, sizeof(stun));
	memset(&attribute, 0xEE, sizeof(attribute));
	memset(&channel, 0xEE, sizeof(channel));
	memset(&findings, 0xEE, sizeof(findings));
}

/* One in `every` of another kind, which cannot wait. */
static void make_all(struct making *m, uint32_t every)
{
	static const enum message_kind kinds[] = {MESSAGE_STUN,
						  MESSAGE_CHANNEL_DATA};

	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct frame frame = {.bytes = slice_of(&m->bytes[i], 1)};
		bool urgent = every && i % every == every - 1;

		if (i && i % BATCH == 0)
			behind_pass(m->behind, i / BATCH);
		behind_frame(m->behind, &frame, NULL, &m->arenas[i / BATCH]);
		make(m, i, urgent ? MESSAGE_FINDING : kinds[i / 7 % 2]);
		if (urgent)
			assert_int_equal(m->hearing.told, i + 1);
	}
}

static void tells_all_in_order(void **state)
{
	static const uint32_t every[] = {0, 100, 5, 2, 1};

	(void)state;
	for (size_t i = 0; i < sizeof(every) / sizeof(every[0]); i++) {
		struct making *m = making_new();

		make_all(m, every[i]);
		behind_drain(m->behind);
		assert_int_equal(m->hearing.told, MESSAGES);
		assert_int_equal(m->hearing.released, MESSAGES / BATCH - 1);
		assert_false(m->hearing.wrong);
		making_free(m);
	}
}

#define RARE 128u /* batches with one message each */

/* Where messages are rare, each is told when it comes; then again by the
 * thread. */
static void tells_rare_messages_at_once(void **state)
{
	struct making *m = making_new();
	uint64_t batch = 0;

	(void)state;
	m->hearing.uneven = true;
	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct frame frame = {.bytes = slice_of(&m->bytes[i], 1)};

		behind_frame(m->behind, &frame, NULL, &m->arenas[i / BATCH]);
		make(m, i, MESSAGE_STUN);
		if (i >= RARE / 2 && i < RARE)
			assert_int_equal(m->hearing.told, i + 1);
		if (i < RARE || i % 50 == 0)
			behind_pass(m->behind, ++batch);
	}
	behind_drain(m->behind);
	assert_int_equal(m->hearing.told, MESSAGES);
	assert_int_equal(m->hearing.released, batch);
	assert_false(m->hearing.wrong);
	making_free(m);
}

static void tells_what_waits_at_the_end(void **state)
{
	struct making *m = making_new();
	struct frame frame = {.bytes = slice_of(m->bytes, 1)};

	(void)state;
	behind_frame(m->behind, &frame, NULL, &m->arenas[0]);
	make(m, 0, MESSAGE_STUN);
	behind_free(m->behind);
	assert_int_equal(m->hearing.told, 1);
	assert_false(m->hearing.wrong);
	m->behind = NULL;
	making_free(m);
	behind_free(NULL);
}

/* Bytes that are not the frame's (of a stream, of fragments) do not last. */
static void does_not_wait_with_other_bytes(void **state)
{
	struct making *m = making_new();
	struct frame frame = {.bytes = slice_of(&m->bytes[1], 1)};

	(void)state;
	behind_frame(m->behind, &frame, NULL, &m->arenas[0]);
	make(m, 0, MESSAGE_STUN);
	assert_int_equal(m->hearing.told, 1);
	making_free(m);
}

static void tells_at_once_without_memory(void **state)
{
	struct making *m = making_new();
	struct frame frame = {.bytes = slice_of(m->bytes, 1)};

	(void)state;
	for (size_t room = 0; room < 1200; room += 16) {
		struct arena arena = arena_new(room);

		m->hearing.told = 0;
		behind_frame(m->behind, &frame, NULL, &arena);
		make(m, 0, MESSAGE_STUN);
		behind_drain(m->behind);
		assert_int_equal(m->hearing.told, 1);
		assert_false(m->hearing.wrong);
		arena_free(&arena);
	}
	making_free(m);
}

static const struct t_case cases[] = {
	{"tells_all_in_order", tells_all_in_order},
	{"tells_rare_messages_at_once", tells_rare_messages_at_once},
	{"tells_what_waits_at_the_end", tells_what_waits_at_the_end},
	{"does_not_wait_with_other_bytes", does_not_wait_with_other_bytes},
	{"tells_at_once_without_memory", tells_at_once_without_memory},
};
T_MAIN(cases)
