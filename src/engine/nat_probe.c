/* The tests of RFC 5780, one after another, and what follows from them. */
#include "config.h"

#include <stdlib.h>

#include "dissectors/stun.h"
#include "engine/attributes.h"
#include "engine/nat_probe.h"

#define HAIRPIN_PATIENCE (1500 * NS_PER_MS)

struct nat_probe {
	struct endpoint server;
	nanoseconds patience;
	struct nat_provider provider;
	struct nat_report report;
	struct turn_client *client; /* of the test that runs */
	struct endpoint to;         /* where it asks */
	enum nat_test test;
	unsigned socket;
	struct endpoint from; /* of what is being read */
	bool over, advance;
	uint8_t hairpin_id[12]; /* of the request that may come home */
};

const char *nat_behaviour_text(enum nat_behaviour behaviour)
{
	static const char *const names[] = {
		[NAT_UNKNOWN] = "unknown",
		[NAT_NONE] = "none",
		[NAT_ENDPOINT_INDEPENDENT] = "endpoint-independent",
		[NAT_ADDRESS_DEPENDENT] = "address-dependent",
		[NAT_ADDRESS_AND_PORT_DEPENDENT] = "address-and-port-dependent",
	};

	return names[behaviour];
}

static void take_send(void *context, struct slice bytes)
{
	struct nat_probe *p = context;

	if (p->test == NAT_HAIRPIN && bytes.n >= STUN_HEADER)
		memcpy(p->hairpin_id, bytes.p + 8, sizeof(p->hairpin_id));
	p->provider.send(p->provider.context, p->socket, &p->to, bytes);
}

static void take_random(void *context, uint8_t *out, size_t n)
{
	struct nat_probe *p = context;

	p->provider.random(p->provider.context, out, n);
}

/* RFC 5780 7.4; a server of RFC 3489 says it with the older attribute. */
static struct endpoint other_address(const struct stun_message *m)
{
	const struct stun_attribute *a = stun_find(m, AT_OTHER_ADDRESS);
	struct endpoint out = {0};

	if (!a)
		a = stun_find(m, AT_CHANGED_ADDRESS);
	if (!a || stun_address(m, a, &out) != STATUS_OK)
		return (struct endpoint){0};
	return out;
}

static void take_done(void *context, const struct client_answer *answer)
{
	struct nat_probe *p = context;
	struct nat_result *r = &p->report.tests[p->test];

	r->ran = true;
	r->outcome = answer->outcome;
	r->took = answer->took;
	r->code = answer->code;
	if (answer->outcome == CLIENT_SUCCESS) {
		r->mapped = answer->message->mapped;
		r->from = p->from;
		if (p->test == NAT_MAP_SERVER)
			p->report.other = other_address(answer->message);
	}
	p->advance = true;
}

struct nat_probe *nat_probe_new(const struct endpoint *server,
				const struct endpoint *local,
				nanoseconds patience,
				const struct nat_provider *provider)
{
	struct nat_probe *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->server = *server;
	p->patience = patience;
	p->provider = *provider;
	p->report.local = *local;
	p->report.hairpin = NAT_NOT_KNOWN;
	return p;
}

void nat_probe_free(struct nat_probe *p)
{
	if (!p)
		return;
	turn_client_free(p->client);
	free(p);
}

/* ---- which test, and to whom ---- */

static struct endpoint target(const struct nat_probe *p)
{
	const struct nat_report *r = &p->report;
	struct endpoint to = p->server;

	switch (p->test) {
	case NAT_MAP_OTHER_IP:
		to = r->other;
		to.port = p->server.port;
		break;
	case NAT_MAP_OTHER_BOTH:
		to = r->other;
		break;
	case NAT_HAIRPIN:
		to = r->mapped;
		break;
	case NAT_MAP_SERVER:
	case NAT_FILTER_OPEN:
	case NAT_FILTER_BOTH:
	case NAT_FILTER_PORT:
	case NAT_TESTS:
		break;
	}
	return to;
}

static void run(struct nat_probe *p, nanoseconds now)
{
	struct client_request request = {.ask = CLIENT_BINDING};
	struct client_provider provider = {.context = p,
					   .send = take_send,
					   .done = take_done,
					   .random = take_random};
	struct client_config config = {.server = p->server,
				       .patience = p->patience};

	p->to = target(p);
	p->socket = p->test >= NAT_FILTER_OPEN;
	request.change_ip = p->test == NAT_FILTER_BOTH;
	request.change_port = request.change_ip || p->test == NAT_FILTER_PORT;
	if (p->test == NAT_HAIRPIN &&
	    (p->patience == 0 || p->patience > HAIRPIN_PATIENCE))
		config.patience = HAIRPIN_PATIENCE;
	turn_client_free(p->client);
	p->client = turn_client_new(&config, &provider);
	if (!p->client || !turn_client_ask(p->client, &request, now))
		p->over = true;
}

static bool answered(const struct nat_probe *p, enum nat_test test)
{
	return p->report.tests[test].ran &&
	       p->report.tests[test].outcome == CLIENT_SUCCESS;
}

/* Each needs what the ones before have told. */
static bool is_of_use(const struct nat_probe *p, enum nat_test test)
{
	const struct nat_report *r = &p->report;

	switch (test) {
	case NAT_MAP_OTHER_IP:
		return r->obstacle == NAT_OBSTACLE_NONE &&
		       r->mapping != NAT_NONE;
	case NAT_MAP_OTHER_BOTH:
		return r->obstacle == NAT_OBSTACLE_NONE &&
		       r->mapping == NAT_UNKNOWN;
	case NAT_FILTER_OPEN:
		return r->other.family != FAMILY_NONE;
	case NAT_FILTER_BOTH:
		return answered(p, NAT_FILTER_OPEN);
	case NAT_FILTER_PORT:
		return answered(p, NAT_FILTER_OPEN) &&
		       !answered(p, NAT_FILTER_BOTH) &&
		       r->filter_obstacle == NAT_OBSTACLE_NONE;
	case NAT_HAIRPIN:
		return r->mapped.family != FAMILY_NONE &&
		       r->mapping != NAT_NONE;
	case NAT_MAP_SERVER:
	case NAT_TESTS:
		break;
	}
	return false;
}

/* ---- what follows ---- */

static void judge_server(struct nat_probe *p)
{
	struct nat_report *r = &p->report;

	if (!answered(p, NAT_MAP_SERVER)) {
		r->obstacle = NAT_OBSTACLE_UNANSWERED;
		return;
	}
	r->mapped = r->tests[NAT_MAP_SERVER].mapped;
	if (endpoint_equal(&r->mapped, &r->local))
		r->mapping = NAT_NONE;
	else if (r->other.family == FAMILY_NONE)
		r->obstacle = NAT_OBSTACLE_NOT_OFFERED;
	if (r->other.family == FAMILY_NONE)
		r->filter_obstacle = NAT_OBSTACLE_NOT_OFFERED;
}

static void judge_mapping(struct nat_probe *p)
{
	struct nat_report *r = &p->report;
	const struct nat_result *now = &r->tests[p->test];

	if (now->outcome != CLIENT_SUCCESS)
		r->obstacle = NAT_OBSTACLE_OTHER_SILENT;
	else if (p->test == NAT_MAP_OTHER_IP)
		r->mapping = endpoint_equal(&now->mapped, &r->mapped)
				     ? NAT_ENDPOINT_INDEPENDENT
				     : NAT_UNKNOWN;
	else
		r->mapping = endpoint_equal(&now->mapped,
					    &r->tests[NAT_MAP_OTHER_IP].mapped)
				     ? NAT_ADDRESS_DEPENDENT
				     : NAT_ADDRESS_AND_PORT_DEPENDENT;
}

/* An answer from where the request went is no answer to the question. */
static void judge_filter(struct nat_probe *p)
{
	struct nat_report *r = &p->report;
	const struct nat_result *now = &r->tests[p->test];
	bool both = p->test == NAT_FILTER_BOTH;

	if (now->outcome == CLIENT_SUCCESS) {
		bool honoured = both ? !endpoint_same_ip(&now->from, &p->server)
				     : now->from.port != p->server.port;

		if (!honoured)
			r->filter_obstacle = NAT_OBSTACLE_NOT_HONOURED;
		else
			r->filtering = both ? NAT_ENDPOINT_INDEPENDENT
					    : NAT_ADDRESS_DEPENDENT;
	} else if (now->code) {
		r->filter_obstacle = NAT_OBSTACLE_NOT_HONOURED;
	} else if (!both) {
		r->filtering = NAT_ADDRESS_AND_PORT_DEPENDENT;
	}
}

static void judge(struct nat_probe *p)
{
	switch (p->test) {
	case NAT_MAP_SERVER:
		judge_server(p);
		break;
	case NAT_MAP_OTHER_IP:
	case NAT_MAP_OTHER_BOTH:
		judge_mapping(p);
		break;
	case NAT_FILTER_OPEN:
		if (!answered(p, NAT_FILTER_OPEN))
			p->report.filter_obstacle = NAT_OBSTACLE_UNANSWERED;
		break;
	case NAT_FILTER_BOTH:
	case NAT_FILTER_PORT:
		judge_filter(p);
		break;
	case NAT_HAIRPIN:
		if (p->report.hairpin == NAT_NOT_KNOWN)
			p->report.hairpin = NAT_NO;
		break;
	case NAT_TESTS:
		break;
	}
}

/* Not from within the client: it is made anew for each test. */
static void go_on(struct nat_probe *p, nanoseconds now)
{
	while (p->advance && !p->over) {
		p->advance = false;
		judge(p);
		do
			p->test++;
		while (p->test < NAT_TESTS && !is_of_use(p, p->test));
		if (p->test == NAT_TESTS)
			p->over = true;
		else
			run(p, now);
	}
}

void nat_probe_begin(struct nat_probe *p, nanoseconds now)
{
	p->test = NAT_MAP_SERVER;
	run(p, now);
}

/* A request of ours that the NAT has sent back in. */
static bool is_home(struct nat_probe *p, unsigned socket, struct slice bytes)
{
	if (p->test != NAT_HAIRPIN || socket != 0 || bytes.n < STUN_HEADER ||
	    bytes.p[0] != 0 || bytes.p[1] != 1 ||
	    memcmp(bytes.p + 8, p->hairpin_id, sizeof(p->hairpin_id)) != 0)
		return false;
	p->report.hairpin = NAT_YES;
	p->report.tests[NAT_HAIRPIN].ran = true;
	p->advance = true;
	return true;
}

void nat_probe_receive(struct nat_probe *p, unsigned socket,
		       const struct endpoint *from, struct slice bytes,
		       nanoseconds now)
{
	if (p->over || !p->client)
		return;
	p->from = *from;
	if (!is_home(p, socket, bytes) && socket == p->socket)
		turn_client_receive(p->client, bytes, now);
	go_on(p, now);
}

void nat_probe_tick(struct nat_probe *p, nanoseconds now)
{
	if (p->over || !p->client)
		return;
	turn_client_tick(p->client, now);
	go_on(p, now);
}

nanoseconds nat_probe_next(const struct nat_probe *p)
{
	return p->over || !p->client ? INT64_MAX : turn_client_next(p->client);
}

bool nat_probe_is_over(const struct nat_probe *p)
{
	return p->over;
}

const struct nat_report *nat_probe_report(const struct nat_probe *p)
{
	return &p->report;
}
