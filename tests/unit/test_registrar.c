/* Bindings: what takes whose place, what ends, what is too much. */
#include "config.h"

#include "engine/registrar.h"
#include "tests/support/t.h"

#define NOW (INT64_C(1800000000) * NS_PER_S)

struct world {
	struct registrar r;
	uint64_t gone; /* a connection */
	uint32_t cseq;
};

static bool stands(void *context, uint64_t connection)
{
	const struct world *w = context;

	return connection != w->gone;
}

static void begin(struct world *w, size_t max)
{
	*w = (struct world){.cseq = 0};
	registrar_init(&w->r, max, 7);
	w->r.context = w;
	w->r.stands = stands;
}

static enum status bind(struct world *w, const char *aor, const char *uri,
			uint32_t seconds)
{
	struct registrar_contact c = {.uri = slice_of_text(uri),
				      .seconds = seconds};
	struct registrar_update u = {.aor = slice_of_text(aor),
				     .call_id = SLICE("call"),
				     .cseq = ++w->cseq,
				     .contacts = &c,
				     .count = 1};

	return registrar_apply(&w->r, &u, NOW);
}

static size_t count(struct world *w, const char *aor, nanoseconds now)
{
	const struct registrar_binding *list[REGISTRAR_CONTACTS_MAX];

	return registrar_list(&w->r, slice_of_text(aor), now, list,
			      REGISTRAR_CONTACTS_MAX);
}

static void contacts_come_and_go(void **state)
{
	struct world w;

	(void)state;
	begin(&w, 100);
	assert_int_equal(bind(&w, "a@x", "sip:1", 60), STATUS_OK);
	assert_int_equal(bind(&w, "a@x", "sip:2", 90), STATUS_OK);
	assert_int_equal(bind(&w, "b@x", "sip:1", 60), STATUS_OK);
	assert_int_equal(bind(&w, "a@x", "sip:1", 60), STATUS_OK);
	assert_int_equal(count(&w, "a@x", NOW), 2);
	assert_int_equal(count(&w, "b@x", NOW), 1);
	assert_int_equal(count(&w, "a@x", NOW + 60 * NS_PER_S), 1);
	assert_int_equal(bind(&w, "a@x", "sip:2", 0), STATUS_OK);
	assert_int_equal(count(&w, "a@x", NOW), 1);
	registrar_sweep(&w.r, NOW + 61 * NS_PER_S);
	assert_int_equal(w.r.live, 0);
	registrar_free(&w.r);
}

static void instance_takes_its_place(void **state)
{
	struct registrar_contact c = {
		.uri = SLICE("sip:1"), .instance = SLICE("i"), .seconds = 60};
	struct registrar_update u = {.aor = SLICE("a@x"),
				     .call_id = SLICE("c"),
				     .cseq = 1,
				     .contacts = &c,
				     .count = 1};
	const struct registrar_binding *first;
	struct world w;

	(void)state;
	begin(&w, 100);
	assert_int_equal(registrar_apply(&w.r, &u, NOW), STATUS_OK);
	c.uri = SLICE("sip:2");
	/* The same Call-ID wants a higher number (RFC 3261 10.3). */
	assert_int_equal(registrar_apply(&w.r, &u, NOW), STATUS_BAD);
	u.call_id = SLICE("d");
	assert_int_equal(registrar_apply(&w.r, &u, NOW), STATUS_OK);
	assert_int_equal(registrar_list(&w.r, u.aor, NOW, &first, 1), 1);
	t_equal_text(first->contact, "sip:2");
	u.all = true;
	u.count = 0;
	u.cseq = 2;
	assert_int_equal(registrar_apply(&w.r, &u, NOW), STATUS_OK);
	assert_int_equal(w.r.live, 0);
	registrar_free(&w.r);
}

static void goes_with_its_connection(void **state)
{
	struct registrar_contact c = {.uri = SLICE("sip:1"), .seconds = 60};
	struct registrar_update u = {.aor = SLICE("a@x"),
				     .call_id = SLICE("c"),
				     .cseq = 1,
				     .connection = 5,
				     .contacts = &c,
				     .count = 1};
	struct world w;

	(void)state;
	begin(&w, 100);
	assert_int_equal(registrar_apply(&w.r, &u, NOW), STATUS_OK);
	assert_int_equal(count(&w, "a@x", NOW), 1);
	w.gone = 5;
	assert_int_equal(count(&w, "a@x", NOW), 0);
	registrar_sweep(&w.r, NOW);
	assert_int_equal(w.r.live, 0);
	registrar_free(&w.r);
}

static void limits_hold(void **state)
{
	char name[32], big[REGISTRAR_TEXT_MAX + 1];
	struct world w;

	(void)state;
	begin(&w, 40);
	for (unsigned i = 0; i < 2 * REGISTRAR_CONTACTS_MAX; i++) {
		snprintf(name, sizeof(name), "sip:%u", i);
		assert_int_equal(bind(&w, "a@x", name, 60 + i), STATUS_OK);
	}
	/* The ones that end first gave way. */
	assert_int_equal(w.r.live, REGISTRAR_CONTACTS_MAX);
	for (unsigned i = 0; i < 40 - REGISTRAR_CONTACTS_MAX; i++) {
		snprintf(name, sizeof(name), "%u@x", i);
		assert_int_equal(bind(&w, name, "sip:1", 60), STATUS_OK);
	}
	assert_int_equal(bind(&w, "z@x", "sip:1", 60), STATUS_LIMIT);
	/* Who is there can stay. */
	assert_int_equal(bind(&w, "1@x", "sip:1", 60), STATUS_OK);
	assert_int_equal(bind(&w, "1@x", "sip:1", 0), STATUS_OK);
	assert_int_equal(bind(&w, "z@x", "sip:1", 60), STATUS_OK);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(bind(&w, "z@x", big, 60), STATUS_LIMIT);
	registrar_free(&w.r);
}

static void many_addresses_stay_apart(void **state)
{
	char name[32];
	struct world w;

	(void)state;
	begin(&w, 5000);
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 0; i < 4000; i++) {
			snprintf(name, sizeof(name), "%u@x", i);
			assert_int_equal(bind(&w, name, "sip:1",
					      i % 3 == round ? 0 : 60),
					 STATUS_OK);
		}
	for (unsigned i = 0; i < 4000; i++) {
		snprintf(name, sizeof(name), "%u@x", i);
		assert_int_equal(count(&w, name, NOW), i % 3 != 2);
	}
	registrar_free(&w.r);
}

static bool binds(void *context)
{
	enum status status;
	struct world w;

	(void)context;
	begin(&w, 100);
	status = bind(&w, "a@x", "sip:1", 60);
	assert_int_equal(count(&w, "a@x", NOW), status == STATUS_OK);
	registrar_free(&w.r);
	return status == STATUS_OK;
}

static void survives_without_memory(void **state)
{
	(void)state;
	t_failing_walk(binds, NULL);
}

static const struct t_case cases[] = {
	{"contacts_come_and_go", contacts_come_and_go},
	{"instance_takes_its_place", instance_takes_its_place},
	{"goes_with_its_connection", goes_with_its_connection},
	{"limits_hold", limits_hold},
	{"many_addresses_stay_apart", many_addresses_stay_apart},
	{"survives_without_memory", survives_without_memory},
};

T_MAIN(cases)
