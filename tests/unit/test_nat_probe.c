/* RFC 5780 against a made-up server behind made-up NATs. */
#include "config.h"

#include "engine/attributes.h"
#include "engine/nat_probe.h"
#include "tests/support/stun_reading.h"

#define LETTERS 32u

/* What stands between, and what the server is. */
struct world {
	enum nat_behaviour mapping, filtering;
	bool hairpins, silent, plain, other_silent, deaf_to_change;
	bool refuses_change;
	struct nat_probe *probe;
	nanoseconds now;
	struct letter {
		unsigned socket;
		struct endpoint from;
		struct text bytes;
	} letters[LETTERS];
	size_t count, read;
	uint64_t dice;
};

static struct endpoint end(const char *ip, unsigned port)
{
	struct endpoint e;

	assert_int_equal(endpoint_parse(slice_of_text(ip), (uint16_t)port, &e),
			 STATUS_OK);
	return e;
}

#define SERVER end("192.0.2.1", 3478)
#define OTHER end("192.0.2.2", 3479)
#define LOCAL end("10.0.0.5", 5000)

/* Where the NAT maps a socket that sends there: its ports tell the way. */
static struct endpoint mapped(const struct world *w, unsigned socket,
			      const struct endpoint *to)
{
	unsigned port = 40000 + 100 * socket;

	if (w->mapping == NAT_NONE)
		return end("10.0.0.5", 5000 + socket);
	if (w->mapping >= NAT_ADDRESS_DEPENDENT)
		port += to->ip[3] % 10u;
	if (w->mapping == NAT_ADDRESS_AND_PORT_DEPENDENT)
		port += 10u * (to->port % 10u);
	return end("198.51.100.9", port);
}

/* Is something from there let in to a socket that has sent to the server? */
static bool lets_in(const struct world *w, const struct endpoint *from,
		    const struct endpoint *sent_to)
{
	switch (w->filtering) {
	case NAT_ADDRESS_DEPENDENT:
		return endpoint_same_ip(from, sent_to);
	case NAT_ADDRESS_AND_PORT_DEPENDENT:
		return endpoint_equal(from, sent_to);
	case NAT_UNKNOWN:
	case NAT_NONE:
	case NAT_ENDPOINT_INDEPENDENT:
		break;
	}
	return true;
}

static void deliver(struct world *w, unsigned socket,
		    const struct endpoint *from, struct slice bytes)
{
	struct letter *l = &w->letters[w->count];

	assert_true(w->count < LETTERS);
	w->count++;
	*l = (struct letter){.socket = socket, .from = *from};
	l->bytes = text_new(4096);
	text_put(&l->bytes, bytes);
}

static void answer(struct world *w, unsigned socket, const struct endpoint *to,
		   const struct stun_reading *q)
{
	const struct stun_attribute *a = stun_find(&q->m, AT_CHANGE_REQUEST);
	unsigned change = a && !w->deaf_to_change ? a->value.p[3] : 0;
	struct endpoint from = *to, at = mapped(w, socket, to), other = OTHER;
	struct text bytes = text_new(4096);
	struct stun_writer writer = {.to = &bytes, .aligned = true};
	bool refused = w->refuses_change && a;

	if (change & 4)
		memcpy(from.ip, other.ip, sizeof(from.ip));
	if (change & 2)
		from.port = other.port;
	stun_write_begin(&writer, refused ? 0x0111 : 0x0101, q->m.id);
	if (refused)
		stun_write_error(&writer, 420, SLICE("Unknown Attribute"));
	else
		stun_write_xor_address(&writer, AT_XOR_MAPPED_ADDRESS, &at);
	if (!w->plain)
		stun_write_address(&writer, AT_OTHER_ADDRESS, &other);
	if (lets_in(w, &from, to))
		deliver(w, socket, &from, text_slice(&bytes));
	text_free(&bytes);
}

static void take_send(void *context, unsigned socket, const struct endpoint *to,
		      struct slice bytes)
{
	struct world *w = context;
	struct endpoint server = SERVER, other = OTHER;
	struct stun_reading q;

	if (!endpoint_same_ip(to, &server) && !endpoint_same_ip(to, &other)) {
		struct endpoint home = mapped(w, 0, &server);
		struct endpoint from = mapped(w, socket, to);

		assert_true(endpoint_equal(to, &home));
		if (w->hairpins)
			deliver(w, 0, &from, bytes);
		return;
	}
	if (w->silent || (w->other_silent && endpoint_same_ip(to, &other)))
		return;
	read_stun(&q, bytes);
	assert_int_equal(q.status, STATUS_OK);
	answer(w, socket, to, &q);
	read_stun_done(&q);
}

static void take_random(void *context, uint8_t *out, size_t n)
{
	struct world *w = context;

	for (size_t i = 0; i < n; i++) {
		w->dice = w->dice * UINT64_C(6364136223846793005) + 1;
		out[i] = (uint8_t)(w->dice >> 56);
	}
}

static struct nat_report run(struct world w)
{
	struct nat_provider provider = {
		.context = &w, .send = take_send, .random = take_random};
	struct endpoint server = SERVER, local = LOCAL;
	struct nat_report report;

	w.now = NS_PER_S;
	w.probe = nat_probe_new(&server, &local, 2 * NS_PER_S, &provider);
	assert_non_null(w.probe);
	nat_probe_begin(w.probe, w.now);
	for (unsigned i = 0; i < 200 && !nat_probe_is_over(w.probe); i++) {
		if (w.read < w.count) {
			struct letter *l = &w.letters[w.read++];

			nat_probe_receive(w.probe, l->socket, &l->from,
					  text_slice(&l->bytes), w.now);
			continue;
		}
		w.now = nat_probe_next(w.probe);
		nat_probe_tick(w.probe, w.now);
	}
	assert_true(nat_probe_is_over(w.probe));
	report = *nat_probe_report(w.probe);
	for (size_t i = 0; i < w.count; i++)
		text_free(&w.letters[i].bytes);
	nat_probe_free(w.probe);
	return report;
}

static void behaviours_are_told_apart(void **state)
{
	(void)state;
	for (unsigned m = NAT_NONE; m <= NAT_ADDRESS_AND_PORT_DEPENDENT; m++) {
		for (unsigned f = NAT_ENDPOINT_INDEPENDENT;
		     f <= NAT_ADDRESS_AND_PORT_DEPENDENT; f++) {
			struct nat_report r = run((struct world){
				.mapping = (enum nat_behaviour)m,
				.filtering = (enum nat_behaviour)f});

			if (r.mapping != m || r.filtering != f)
				fail_msg("%u, %u: %s, %s", m, f,
					 nat_behaviour_text(r.mapping),
					 nat_behaviour_text(r.filtering));
			assert_int_equal(r.obstacle, NAT_OBSTACLE_NONE);
			assert_int_equal(r.filter_obstacle, NAT_OBSTACLE_NONE);
		}
	}
}

static void hairpins_are_seen(void **state)
{
	struct world w = {.mapping = NAT_ENDPOINT_INDEPENDENT,
			  .filtering = NAT_ENDPOINT_INDEPENDENT};

	(void)state;
	assert_int_equal(run(w).hairpin, NAT_NO);
	w.hairpins = true;
	assert_int_equal(run(w).hairpin, NAT_YES);
	/* Without NAT there is nothing to turn round. */
	w.mapping = NAT_NONE;
	assert_int_equal(run(w).hairpin, NAT_NOT_KNOWN);
}

static void what_is_not_known_says_why(void **state)
{
	static const struct {
		struct world w;
		enum nat_obstacle obstacle, filter;
	} rows[] = {
		{{.silent = true}, NAT_OBSTACLE_UNANSWERED, NAT_OBSTACLE_NONE},
		{{.plain = true},
		 NAT_OBSTACLE_NOT_OFFERED,
		 NAT_OBSTACLE_NOT_OFFERED},
		{{.other_silent = true},
		 NAT_OBSTACLE_OTHER_SILENT,
		 NAT_OBSTACLE_NONE},
		{{.deaf_to_change = true},
		 NAT_OBSTACLE_NONE,
		 NAT_OBSTACLE_NOT_HONOURED},
		{{.refuses_change = true},
		 NAT_OBSTACLE_NONE,
		 NAT_OBSTACLE_NOT_HONOURED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world w = rows[i].w;
		struct nat_report r;

		w.mapping = NAT_ENDPOINT_INDEPENDENT;
		w.filtering = NAT_ADDRESS_DEPENDENT;
		r = run(w);
		assert_int_equal(r.obstacle, rows[i].obstacle);
		assert_int_equal(r.filter_obstacle, rows[i].filter);
		if (rows[i].obstacle)
			assert_int_equal(r.mapping, NAT_UNKNOWN);
		if (rows[i].filter || w.silent)
			assert_int_equal(r.filtering, NAT_UNKNOWN);
	}
}

static const struct t_case cases[] = {
	{"behaviours_are_told_apart", behaviours_are_told_apart},
	{"hairpins_are_seen", hairpins_are_seen},
	{"what_is_not_known_says_why", what_is_not_known_says_why},
};
T_MAIN(cases)
