/* The judge of TURN: two answers to one request, two requests of one client. */
#include "config.h"

#include "engine/attributes.h"
#include "tests/support/turn_world.h"

/* What a second success says otherwise. */
enum {
	OTHER_LIFETIME = 1,
	OTHER_RELAYED = 2,
	OTHER_MAPPED = 4,
	OTHER_TOKEN = 8,
};

struct row {
	const char *script;
	unsigned other;
	const char *found; /* words; NULL: nothing is */
};

static const struct row rows[] = {
	{"allocate transport=17", 0, NULL},
	{"allocate transport=17", OTHER_LIFETIME, NULL}, /* counted down */
	{"allocate transport=17", OTHER_RELAYED, "success twice"},
	{"allocate transport=17", OTHER_RELAYED | OTHER_LIFETIME,
	 "success twice"},
	/* Its NAT sent it again from another port. */
	{"allocate transport=17", OTHER_RELAYED | OTHER_MAPPED, NULL},
	{"allocate transport=17 reserve", OTHER_TOKEN, "success twice"},
	{"allocate transport=17 reserve", OTHER_LIFETIME, NULL},
	{"allocate transport=17; refresh life=700", OTHER_LIFETIME, NULL},
};

static void tell(struct replay *judge, const struct turn_world *w,
		 const struct text *bytes, bool reply)
{
	struct stun_reading r;

	read_stun(&r, text_slice(bytes));
	assert_int_equal(r.status, STATUS_OK);
	replay_take(judge,
		    &(struct replay_message){
			    .stun = &r.m,
			    .src = reply ? w->path.server : w->path.client,
			    .dst = reply ? w->path.client : w->path.server,
			    .time = w->now,
			    .integrity = REPLAY_VERIFIED});
	read_stun_done(&r);
}

static void put(struct stun_writer *to, const struct stun_attribute *a,
		unsigned other)
{
	uint8_t value[64];

	assert_true(a->value.n <= sizeof(value));
	memcpy(value, a->value.p, a->value.n);
	if ((a->type == AT_LIFETIME && (other & OTHER_LIFETIME)) ||
	    (a->type == AT_XOR_RELAYED_ADDRESS && (other & OTHER_RELAYED)) ||
	    (a->type == AT_XOR_MAPPED_ADDRESS && (other & OTHER_MAPPED)) ||
	    (a->type == AT_RESERVATION_TOKEN && (other & OTHER_TOKEN)))
		value[3] ^= 4;
	stun_write_bytes(to, a->type, slice_of(value, a->value.n));
}

/* The last reply once more, altered; as an answer to this request. */
static void alter(const struct turn_world *w, const uint8_t *id, unsigned other,
		  struct text *out)
{
	const struct stun_message *m = &w->reply.m;
	struct stun_writer to = {.to = out, .aligned = true};

	stun_write_begin(&to, m->type, id ? id : m->id);
	for (size_t i = 0; i < m->attribute_count; i++)
		put(&to, &m->attributes[i], other);
}

static void expect(const struct replay *judge, const char *words,
		   enum replay_rule rule, const char *what)
{
	const struct replay_finding *found;
	size_t count, k = 0;

	found = replay_findings(judge, &count);
	while (words && k < count &&
	       (found[k].rule != rule || !strstr(found[k].text, words)))
		k++;
	if (words ? k == count : count)
		fail_msg("%s, found: %s", what,
			 count ? found[0].text : "nothing");
}

static void two_successes_give_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text again = text_new(1 << 12);
		struct replay *judge = replay_new();
		struct turn_world w;

		world_init(&w);
		world_start(&w);
		assert_int_equal(world_run(&w, rows[i].script), 0);
		alter(&w, NULL, rows[i].other, &again);
		tell(judge, &w, &w.asked, false);
		tell(judge, &w, &w.sent, true);
		expect(judge, NULL, 0, rows[i].script);
		tell(judge, &w, &again, true);
		expect(judge, rows[i].found, REPLAY_ANSWERS_DIFFER,
		       rows[i].script);
		text_free(&again);
		replay_free(judge);
		world_free(&w);
	}
}

/* RFC 8656 7.2: a second Allocate on the same 5-tuple. */
static void a_second_allocation_is_refused(void **state)
{
	struct text first = text_new(1 << 12), second = text_new(1 << 12);
	struct replay *judge = replay_new();
	struct turn_world w;

	(void)state;
	world_init(&w);
	world_start(&w);
	assert_int_equal(world_run(&w, "allocate transport=17"), 0);
	tell(judge, &w, &w.asked, false);
	tell(judge, &w, &w.sent, true);
	text_put(&first, text_slice(&w.sent));
	assert_int_equal(world_run(&w, "allocate transport=17"), 437);
	tell(judge, &w, &w.asked, false);
	text_put(&second, text_slice(&w.sent));
	/* The transaction id of the second in the answer to the first. */
	memcpy(first.p + 8, second.p + 8, 12);
	tell(judge, &w, &first, true);
	expect(judge, "437 was due", REPLAY_ACCEPTED_WRONGLY, "a second one");
	text_free(&first);
	text_free(&second);
	replay_free(judge);
	world_free(&w);
}

/* What was released may be gone when it is released once more (spec stun-turn
 * 4.5); what was gone is not released then. */
static void a_release_is_answered_twice(void **state)
{
	(void)state;
	for (unsigned turned = 0; turned < 2; turned++) {
		struct text gone = text_new(1 << 12);
		struct replay *judge = replay_new();
		struct turn_world w;

		world_init(&w);
		world_start(&w);
		assert_int_equal(
			world_run(&w, "allocate transport=17; refresh life=0"),
			0);
		tell(judge, &w, &w.asked, false);
		text_put(&gone, text_slice(&w.sent));
		assert_int_equal(world_run(&w, "refresh life=0"), 437);
		memcpy(w.sent.p + 8, gone.p + 8, 12);
		tell(judge, &w, turned ? &w.sent : &gone, true);
		tell(judge, &w, turned ? &gone : &w.sent, true);
		expect(judge,
		       turned ? "with error 437 and with success"
			      : "success and with 437",
		       turned ? REPLAY_ANSWERS_DIFFER : REPLAY_KNOWN_DIFFERENCE,
		       turned ? "turned" : "released");
		text_free(&gone);
		replay_free(judge);
		world_free(&w);
	}
}

static const struct t_case cases[] = {
	{"two_successes_give_the_same", two_successes_give_the_same},
	{"a_second_allocation_is_refused", a_second_allocation_is_refused},
	{"a_release_is_answered_twice", a_release_is_answered_twice},
};
T_MAIN(cases)
