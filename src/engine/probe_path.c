/* The plan of one path: step after step. */
#include "config.h"

#include <stdlib.h>

#include "engine/attributes.h"
#include "engine/credential.h"
#include "engine/probe_state.h"

#define REDIRECTS_MAX 3u
#define PEER_CHANNEL 0x4000u

/* ---- legs ---- */

static void leg_send(void *context, struct slice bytes)
{
	struct probe_leg *leg = context;
	struct probe_path *p = leg->path;

	p->provider.send(p->provider.context, leg->number, &leg->server, bytes);
}

static void leg_random(void *context, uint8_t *out, size_t n)
{
	struct probe_path *p = ((struct probe_leg *)context)->path;

	p->provider.random(p->provider.context, out, n);
}

static bool leg_moves(void *context, const struct endpoint *server)
{
	struct probe_leg *leg = context;

	if (server->family != leg->server.family)
		return false;
	leg->server = *server;
	return true;
}

static void leg_data(void *context, const struct endpoint *peer,
		     uint16_t channel, struct slice data)
{
	struct probe_leg *leg = context;
	struct probe_path *p = leg->path;

	if (leg->number == 0)
		probe_echo_back(p, channel, data);
	else if (probe_is_echo(p, data) && peer->family != FAMILY_NONE)
		turn_client_send(leg->client, peer, data);
}

static void leg_done(void *context, const struct client_answer *answer);

static bool leg_begin(struct probe_path *p, unsigned number)
{
	struct probe_leg *leg = &p->legs[number];
	bool peer = number == PROBE_LEG_PEER;
	struct client_provider provider = {.context = leg,
					   .send = leg_send,
					   .done = leg_done,
					   .data = leg_data,
					   .moves = leg_moves,
					   .random = leg_random};
	struct client_config config = {
		.server = leg->server,
		.software = p->config.software,
		.patience = p->config.patience,
		.ms_version = p->config.ms_version,
		.ms_turn = p->config.ms_turn && !peer,
		.stream = p->config.stream && !peer,
		.pseudo_tls = p->config.pseudo_tls && !peer,
	};

	if (!peer) {
		config.user = p->config.user;
		config.password = p->config.password;
		config.grant = p->config.grant;
	}
	turn_client_free(leg->client);
	leg->client = turn_client_new(&config, &provider);
	leg->allocated = false;
	return leg->client != NULL;
}

void probe_leg_open(struct probe_path *p, unsigned number,
		    const struct endpoint *server)
{
	struct probe_leg *leg = &p->legs[number];

	leg->server = *server;
	leg->gives_up =
		p->config.patience ? p->now + p->config.patience : INT64_MAX;
	if (leg_begin(p, number))
		p->provider.open(p->provider.context, number, server);
	else
		probe_step_failed(p, TROUBLE_MEMORY);
}

static void probe_leg_close(struct probe_path *p, unsigned number)
{
	struct probe_leg *leg = &p->legs[number];

	if (leg->client && (leg->open || leg->gives_up != INT64_MAX))
		p->provider.close(p->provider.context, number);
	leg->open = false;
	leg->allocated = false;
	leg->gives_up = INT64_MAX;
}

void probe_leg_ask(struct probe_path *p, unsigned number,
		   const struct client_request *request)
{
	struct probe_leg *leg = &p->legs[number];

	if (!leg->open || !turn_client_ask(leg->client, request, p->now))
		probe_step_failed(p, TROUBLE_MEMORY);
}

/* ---- steps ---- */

struct probe_result *probe_now(struct probe_path *p)
{
	return &p->report.steps[p->step];
}

static bool is_needed(const struct probe_path *p, enum probe_step step)
{
	const struct probe_config *config = &p->config;

	switch (step) {
	case PROBE_CONNECT:
		return config->stream;
	case PROBE_SECURE:
		return config->secure || config->pseudo_tls;
	case PROBE_BINDING:
		return !config->ms_turn;
	case PROBE_PERMISSION:
		return !config->ms_turn && !config->stun_only;
	case PROBE_ALLOCATE:
	case PROBE_PEER:
	case PROBE_ECHO:
	case PROBE_CHANNEL:
	case PROBE_ECHO_CHANNEL:
	case PROBE_RELEASE:
		return !config->stun_only;
	case PROBE_STEPS:
		break;
	}
	return false;
}

static void finish(struct probe_path *p)
{
	p->over = true;
	p->go = false;
	for (unsigned i = 0; i < PROBE_LEGS; i++)
		probe_leg_close(p, i);
}

static void next_step(struct probe_path *p)
{
	p->step_ends = INT64_MAX;
	p->next_echo = INT64_MAX;
	do {
		p->step++;
		if (p->step < PROBE_STEPS && !is_needed(p, p->step))
			p->report.steps[p->step].state = PROBE_UNNEEDED;
	} while (p->step < PROBE_STEPS && !is_needed(p, p->step));
	if (p->step == PROBE_STEPS)
		finish(p);
	else
		p->go = true;
}

void probe_step_ok(struct probe_path *p, nanoseconds took)
{
	probe_now(p)->state = PROBE_OK;
	probe_now(p)->took = took;
	next_step(p);
}

/* The hello of pseudo-TLS has no request of its own. */
static struct probe_result *blamed(struct probe_path *p)
{
	struct probe_result *hello = &p->report.steps[PROBE_SECURE];

	if (hello->state == PROBE_RUNS && p->step > PROBE_SECURE) {
		*hello = *probe_now(p);
		*probe_now(p) = (struct probe_result){0};
		p->step = PROBE_SECURE;
	}
	return probe_now(p);
}

void probe_step_failed(struct probe_path *p, enum probe_trouble trouble)
{
	struct probe_result *r = blamed(p);

	r->state = trouble == TROUBLE_NEEDS_CREDENTIALS ? PROBE_REFUSED_SO
							: PROBE_FAILED;
	r->trouble = trouble;
	r->took = p->now - p->began;
	if (p->step < PROBE_RELEASE && p->legs[0].open &&
	    p->legs[0].allocated) {
		p->step = PROBE_RELEASE - 1;
		next_step(p);
	} else {
		finish(p);
	}
}

/* ---- what came of a request ---- */

static void take_result(struct probe_path *p,
			const struct client_answer *answer)
{
	struct probe_result *r = probe_now(p);

	r->code = answer->code;
	r->sends = answer->sends;
	r->passed_over = answer->passed_over;
	r->unproved = answer->unproved;
	probe_keep_text(r->reason, answer->reason);
	if (answer->message && answer->message->has_software)
		probe_keep_text(p->report.software, answer->message->software);
	if (answer->message && answer->message->has_realm)
		probe_keep_text(p->report.realm, answer->message->realm);
	if (answer->outcome == CLIENT_BROKEN)
		probe_keep_text(r->reason,
				turn_client_oddity(p->legs[0].client));
}

static void greeted(struct probe_path *p)
{
	struct probe_result *r = &p->report.steps[PROBE_SECURE];

	if (p->config.pseudo_tls && r->state == PROBE_RUNS &&
	    turn_client_greeted(p->legs[0].client)) {
		r->state = PROBE_OK;
		r->took = p->now - p->began;
	}
}

/* The second XOR-RELAYED-ADDRESS, or ADDRESS-ERROR-CODE (RFC 8656 18.13). */
static void take_additional(struct probe_path *p, const struct stun_message *m)
{
	const struct stun_attribute *error =
		stun_find(m, AT_ADDRESS_ERROR_CODE);
	struct endpoint e;

	for (size_t i = 0; i < m->attribute_count; i++)
		if (m->attributes[i].type == AT_XOR_RELAYED_ADDRESS &&
		    stun_address(m, &m->attributes[i], &e) == STATUS_OK &&
		    !endpoint_equal(&e, &m->relayed))
			p->report.additional = e;
	if (error && error->value.n >= 4)
		p->report.additional_code =
			error->value.p[2] % 8u * 100 + error->value.p[3];
}

static void allocated(struct probe_path *p, const struct stun_message *m)
{
	const struct credential *who =
		turn_client_credential(p->legs[0].client);

	p->report.server = p->legs[0].server;
	p->report.relayed = m->relayed;
	take_additional(p, m);
	if (m->mapped.family != FAMILY_NONE)
		p->report.mapped = m->mapped;
	p->report.lifetime = m->has_lifetime ? m->lifetime : 0;
	probe_keep_text(p->report.realm, slice_of(who->realm, who->realm_size));
	p->report.sha256 = who->sha256;
	p->report.anonymous = who->anonymous;
	p->report.ms_version = p->config.ms_turn ? who->ms_version : 0;
	p->legs[0].relayed = m->relayed;
	p->legs[0].allocated = true;
}

static void from_the_front(struct probe_path *p)
{
	probe_leg_close(p, 0);
	memset(p->report.steps, 0, sizeof(p->report.steps));
	p->step = PROBE_CONNECT;
	p->go = true;
}

/* Another server of the same transport. */
static bool redirected(struct probe_path *p, const struct stun_message *m)
{
	if (p->report.redirects == REDIRECTS_MAX)
		return false;
	p->report.redirects++;
	p->report.server = p->legs[0].server = m->alternate_server;
	p->report.mapped = (struct endpoint){0};
	from_the_front(p);
	return true;
}

/* 437: somebody has had this address; another port of ours is another one
 * (RFC 8656 7.4). */
static bool moves_away(struct probe_path *p)
{
	if (p->report.moved)
		return false;
	p->report.moved = true;
	from_the_front(p);
	return true;
}

static bool tries_again(struct probe_path *p,
			const struct client_answer *answer)
{
	if (answer->ask != CLIENT_ALLOCATE)
		return answer->ask == CLIENT_PERMISSION &&
		       answer->code == 403 &&
		       probe_peer_other(p, TROUBLE_PEER_FORBIDDEN);
	if (answer->outcome == CLIENT_REDIRECTED)
		return redirected(p, answer->message);
	if (answer->code == 437)
		return moves_away(p);
	if (answer->code != 440 || p->any_family || p->config.relay_both ||
	    p->config.relay_family)
		return false;
	p->any_family = true;
	p->go = true;
	return true;
}

static void main_failed(struct probe_path *p,
			const struct client_answer *answer)
{
	bool lost = answer->outcome == CLIENT_BROKEN ||
		    (answer->outcome == CLIENT_UNANSWERED &&
		     p->step <= PROBE_ALLOCATE);

	if (tries_again(p, answer))
		return;
	/* A server that relays need not answer Binding. */
	if (p->step == PROBE_BINDING && !lost && !p->config.stun_only) {
		probe_now(p)->state = PROBE_FAILED;
		probe_now(p)->trouble = probe_trouble_of(p, answer);
		probe_now(p)->took = answer->took;
		next_step(p);
		return;
	}
	probe_step_failed(p, probe_trouble_of(p, answer));
}

static void main_answered(struct probe_path *p,
			  const struct client_answer *answer)
{
	const struct stun_message *m = answer->message;

	greeted(p);
	take_result(p, answer);
	if (answer->outcome != CLIENT_SUCCESS) {
		main_failed(p, answer);
		return;
	}
	if (answer->ask == CLIENT_BINDING) {
		p->report.server = p->legs[0].server;
		p->report.mapped = m->mapped;
	}
	if (answer->ask == CLIENT_ALLOCATE)
		allocated(p, m);
	if (answer->ask == CLIENT_REFRESH)
		p->legs[0].allocated = false;
	if (answer->ask == CLIENT_ALLOCATE && m->relayed.family == FAMILY_NONE)
		probe_step_failed(p, TROUBLE_MALFORMED);
	else
		probe_step_ok(p, answer->took);
}

static void leg_done(void *context, const struct client_answer *answer)
{
	struct probe_leg *leg = context;
	struct probe_path *p = leg->path;

	if (p->over)
		return;
	if (p->releasing_other && leg->number == 1) {
		p->releasing_other = false;
		leg->allocated = false;
		p->go = true;
	} else if (leg->number == 0) {
		main_answered(p, answer);
	} else if (p->step == PROBE_PEER) {
		probe_peer_answered(p, leg->number, answer);
	}
}

/* ---- beginning a step ---- */

/* A client of IPv6 wants a relay of IPv6 first, and takes any. */
static void wish_for_family(const struct probe_path *p,
			    struct client_request *request)
{
	request->both = p->config.relay_both;
	request->family = p->config.relay_family;
	if (!request->both && !request->family && !p->any_family &&
	    p->legs[0].server.family == FAMILY_IPV6)
		request->family = FAMILY_IPV6;
}

static void ask_main(struct probe_path *p, enum client_ask ask)
{
	struct client_request request = {.ask = ask, .peer = p->report.peer};

	if (ask == CLIENT_ALLOCATE)
		wish_for_family(p, &request);
	if (ask == CLIENT_CHANNEL)
		request.channel = PEER_CHANNEL;
	if (ask == CLIENT_REFRESH)
		request.has_lifetime = true;
	probe_leg_ask(p, 0, &request);
}

static void release(struct probe_path *p)
{
	struct client_request request = {.ask = CLIENT_REFRESH,
					 .has_lifetime = true};

	if (p->legs[1].allocated && p->legs[1].open && !p->releasing_other) {
		p->releasing_other = true;
		probe_leg_ask(p, 1, &request);
	} else {
		ask_main(p, CLIENT_REFRESH);
	}
}

static void begin_step(struct probe_path *p)
{
	p->began = p->now;
	probe_now(p)->state = PROBE_RUNS;
	switch (p->step) {
	case PROBE_CONNECT:
		probe_leg_open(p, 0, &p->legs[0].server);
		break;
	case PROBE_SECURE:
		/* The hello goes in front of the first request; TLS is the
		 * transport's own work. */
		if (p->config.pseudo_tls)
			next_step(p);
		break;
	case PROBE_BINDING:
		ask_main(p, CLIENT_BINDING);
		break;
	case PROBE_ALLOCATE:
		ask_main(p, CLIENT_ALLOCATE);
		break;
	case PROBE_PEER:
		probe_peer_begin(p);
		break;
	case PROBE_PERMISSION:
		ask_main(p, CLIENT_PERMISSION);
		break;
	case PROBE_CHANNEL:
		ask_main(p, p->config.ms_turn ? CLIENT_ACTIVE_DESTINATION
					      : CLIENT_CHANNEL);
		break;
	case PROBE_ECHO:
	case PROBE_ECHO_CHANNEL:
		probe_echo_begin(p);
		break;
	case PROBE_RELEASE:
		release(p);
		break;
	case PROBE_STEPS:
		break;
	}
}

static void settle(struct probe_path *p)
{
	while (p->go && !p->over) {
		p->go = false;
		begin_step(p);
	}
}

/* ---- from outside ---- */

struct probe_path *probe_path_new(const struct probe_config *config,
				  const struct probe_provider *provider)
{
	struct probe_path *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->config = *config;
	p->provider = *provider;
	p->report.server = config->server;
	for (unsigned i = 0; i < PROBE_LEGS; i++) {
		p->legs[i].path = p;
		p->legs[i].number = i;
		p->legs[i].gives_up = INT64_MAX;
	}
	p->legs[0].server = config->server;
	p->step_ends = p->next_echo = INT64_MAX;
	return p;
}

void probe_path_free(struct probe_path *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < PROBE_LEGS; i++)
		turn_client_free(p->legs[i].client);
	bytes_wipe(p, sizeof(*p));
	free(p);
}

void probe_path_begin(struct probe_path *p, nanoseconds now)
{
	p->now = now;
	p->step = PROBE_CONNECT;
	p->go = true;
	settle(p);
}

static void main_opened(struct probe_path *p, bool secured)
{
	if (p->step == PROBE_CONNECT) {
		if (p->config.stream)
			probe_now(p)->took = p->now - p->began;
		probe_now(p)->state =
			p->config.stream ? PROBE_OK : PROBE_UNNEEDED;
		next_step(p);
		settle(p);
	}
	if (p->step == PROBE_SECURE && secured && !p->over)
		probe_step_ok(p, p->now - p->began);
}

void probe_path_opened(struct probe_path *p, unsigned leg, bool secured,
		       nanoseconds now)
{
	bool ready = secured || !p->config.secure || leg == PROBE_LEG_PEER;

	p->now = now;
	if (p->over)
		return;
	if (ready) {
		p->legs[leg].open = true;
		p->legs[leg].gives_up = INT64_MAX;
	}
	if (leg == 0)
		main_opened(p, secured);
	else if (ready && p->step == PROBE_PEER)
		probe_peer_opened(p);
	settle(p);
}

void probe_path_failed(struct probe_path *p, unsigned leg,
		       enum probe_trouble trouble, struct slice reason,
		       nanoseconds now)
{
	p->now = now;
	if (p->over)
		return;
	p->legs[leg].open = false;
	p->legs[leg].gives_up = INT64_MAX;
	if (leg == 0) {
		probe_keep_text(probe_now(p)->reason, reason);
		p->legs[0].allocated = false;
		probe_step_failed(p, trouble);
	} else if (p->releasing_other && leg == 1) {
		p->releasing_other = false;
		p->legs[1].allocated = false;
		p->go = true;
	} else if (p->step == PROBE_PEER) {
		probe_peer_failed(p);
	}
	settle(p);
}

void probe_path_secured(struct probe_path *p, struct slice words)
{
	probe_keep_text(p->report.security, words);
}

static void peer_hears(struct probe_path *p, const struct endpoint *from,
		       struct slice bytes)
{
	struct probe_leg *leg = &p->legs[PROBE_LEG_PEER];

	if (probe_is_echo(p, bytes))
		p->provider.send(p->provider.context, PROBE_LEG_PEER, from,
				 bytes);
	else if (leg->client)
		turn_client_receive(leg->client, bytes, p->now);
}

void probe_path_receive(struct probe_path *p, unsigned leg,
			const struct endpoint *from, struct slice bytes,
			nanoseconds now)
{
	p->now = now;
	if (p->over)
		return;
	if (leg == PROBE_LEG_PEER)
		peer_hears(p, from, bytes);
	else if (p->legs[leg].client)
		turn_client_receive(p->legs[leg].client, bytes, now);
	greeted(p);
	settle(p);
}

/* ---- time ---- */

static void opening_takes_too_long(struct probe_path *p, unsigned leg)
{
	probe_leg_close(p, leg);
	if (leg == 0)
		probe_step_failed(p, TROUBLE_UNANSWERED);
	else if (p->step == PROBE_PEER)
		probe_peer_failed(p);
}

void probe_path_tick(struct probe_path *p, nanoseconds now)
{
	p->now = now;
	for (unsigned i = 0; i < PROBE_LEGS && !p->over; i++) {
		struct probe_leg *leg = &p->legs[i];

		if (leg->gives_up <= now)
			opening_takes_too_long(p, i);
		else if (leg->open)
			turn_client_tick(leg->client, now);
	}
	if (!p->over && (now >= p->step_ends || now >= p->next_echo))
		probe_echo_tick(p);
	settle(p);
}

nanoseconds probe_path_next(const struct probe_path *p)
{
	nanoseconds next =
		p->step_ends < p->next_echo ? p->step_ends : p->next_echo;

	if (p->over)
		return INT64_MAX;
	for (unsigned i = 0; i < PROBE_LEGS; i++) {
		const struct probe_leg *leg = &p->legs[i];
		nanoseconds its = leg->open ? turn_client_next(leg->client)
					    : leg->gives_up;

		if (its < next)
			next = its;
	}
	return next;
}

bool probe_path_is_over(const struct probe_path *p)
{
	return p->over;
}

const struct probe_report *probe_path_report(const struct probe_path *p)
{
	return &p->report;
}
