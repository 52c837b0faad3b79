/* The client: one request after another, and what comes of each. */
#include "config.h"

#include <stdlib.h>

#include "core/cursor.h"
#include "engine/turn_client_state.h"

#define SCRATCH_MAX ((size_t)1 << 20)
#define STREAM_MAX ((size_t)1 << 18)
#define CHALLENGES_MAX 4u /* of one request: a server that goes on asking */

struct turn_client *turn_client_new(const struct client_config *config,
				    const struct client_provider *provider)
{
	struct turn_client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->config = *config;
	c->provider = *provider;
	c->greeted = !config->pseudo_tls;
	c->timer.next = INT64_MAX;
	c->out = text_new(CLIENT_MESSAGE_MAX);
	c->aside = text_new(CLIENT_MESSAGE_MAX);
	c->held = text_new(CLIENT_MESSAGE_MAX);
	c->in = text_new(STREAM_MAX);
	c->scratch = arena_new(SCRATCH_MAX);
	credential_begin(&c->who, config->user, config->password);
	c->who.grant = config->grant;
	c->who.ms_turn = config->ms_turn;
	c->who.ms_version = config->ms_version;
	return c;
}

void turn_client_free(struct turn_client *c)
{
	if (!c)
		return;
	credential_forget(&c->who);
	text_free(&c->out);
	text_free(&c->aside);
	text_free(&c->held);
	text_free(&c->in);
	arena_free(&c->scratch);
	free(c);
}

/* ---- a request goes out ---- */

static void new_id(struct turn_client *c)
{
	static const uint8_t cookie[4] = {0x21, 0x12, 0xA4, 0x42};

	memcpy(c->id, cookie, sizeof(cookie));
	c->provider.random(c->provider.context, c->id + 4, 12);
}

/* Written anew: its names may be other ones than before. */
static bool transmit(struct turn_client *c, nanoseconds now)
{
	new_id(c);
	text_clear(&c->held);
	if (!client_write_request(c))
		return false;
	transaction_begin(&c->timer,
			  c->config.ms_turn ? &transaction_classic
					    : &transaction_rfc8489,
			  c->config.stream, c->config.patience, now);
	if (c->greeted)
		client_transmit(c, text_slice(&c->out));
	else
		client_send_hello(c);
	return true;
}

bool turn_client_ask(struct turn_client *c,
		     const struct client_request *request, nanoseconds now)
{
	if (c->running || c->broken)
		return false;
	c->request = *request;
	if (request->channel)
		c->channel = request->channel;
	c->challenges = 0;
	c->passed_over = 0;
	c->running = true;
	if (transmit(c, now))
		return true;
	c->running = false;
	return false;
}

/* ---- and ends ---- */

/* These are never signed (RFC 8489 9.2.4), or need not be. */
static bool is_challenge_code(const struct turn_client *c, unsigned code)
{
	return code == 401 || code == 438 || code == 300 ||
	       (c->config.ms_turn && code >= 430 && code <= 436);
}

void client_finish(struct turn_client *c, enum client_outcome outcome,
		   const struct stun_message *m, nanoseconds now)
{
	struct client_answer answer = {
		.ask = c->request.ask,
		.outcome = outcome,
		.message = m,
		.took = now - c->timer.began,
		.sends = c->timer.sends,
		.challenges = c->challenges,
		.passed_over = c->passed_over,
	};

	if (m) {
		answer.code = m->error;
		answer.reason = m->error_reason;
		answer.unproved = c->is_signed && !stun_has_integrity(m) &&
				  !is_challenge_code(c, m->error);
	}
	transaction_end(&c->timer);
	c->running = false;
	c->provider.done(c->provider.context, &answer);
}

/* [MS-TURN] 2.2.2.7: the address of the server that answered is in its
 * challenge, and the next request goes there. */
static void follow(struct turn_client *c, const struct stun_message *m)
{
	const struct endpoint *to = &m->alternate_server;

	if (!c->config.ms_turn || c->config.stream ||
	    to->family == FAMILY_NONE || endpoint_equal(to, &c->config.server))
		return;
	if (c->provider.moves && c->provider.moves(c->provider.context, to))
		c->config.server = *to;
}

static void keep_session(struct turn_client *c, const struct stun_message *m)
{
	const struct stun_attribute *a = stun_find(m, MS_AT_SEQUENCE);

	if (!c->config.ms_turn)
		return;
	if (m->has_ms_session) {
		memcpy(c->session, m->ms_session, sizeof(c->session));
		c->has_session = true;
	}
	if (a && a->value.n == MS_CONNECTION_ID + 4 && !c->has_sequence) {
		struct cursor k = cursor_over(a->value);
		struct slice id = cursor_take(&k, MS_CONNECTION_ID);

		memcpy(c->connection_id, id.p, id.n);
		c->sequence = cursor_u32(&k);
		c->has_sequence = true;
	}
}

static void challenged(struct turn_client *c, const struct stun_message *m,
		       nanoseconds now)
{
	static const enum client_outcome outcomes[] = {
		[CHALLENGE_NONE] = CLIENT_ERROR,
		[CHALLENGE_TRY] = CLIENT_MALFORMED,
		[CHALLENGE_REFUSED] = CLIENT_REFUSED,
		[CHALLENGE_UNKNOWN] = CLIENT_UNKNOWN,
		[CHALLENGE_MALFORMED] = CLIENT_MALFORMED,
		[CHALLENGE_BID_DOWN] = CLIENT_BID_DOWN,
	};
	enum challenge what = credential_challenged(&c->who, m);

	if (what != CHALLENGE_TRY || c->challenges >= CHALLENGES_MAX) {
		client_finish(c, outcomes[what], m, now);
		return;
	}
	c->challenges++;
	keep_session(c, m);
	follow(c, m);
	if (!transmit(c, now))
		client_finish(c, CLIENT_MALFORMED, m, now);
}

/* An error without proof may be anybody's: it waits for a better one until
 * the request would be sent again (RFC 8489 9.2.5). */
static void hold(struct turn_client *c, const struct stun_message *m,
		 nanoseconds now)
{
	c->passed_over++;
	if (c->held.n)
		return;
	text_put(&c->held, m->whole);
	if (c->config.stream) /* nobody else speaks in a connection */
		c->timer.next = now;
}

static void error_came(struct turn_client *c, const struct stun_message *m,
		       nanoseconds now)
{
	enum claim fits = credential_fits(&c->who, m);

	if (c->is_signed && fits != CLAIM_SURE &&
	    !is_challenge_code(c, m->error)) {
		hold(c, m, now);
		return;
	}
	if (m->error == 300)
		client_finish(c,
			      m->alternate_server.family == FAMILY_NONE
				      ? CLIENT_MALFORMED
				      : CLIENT_REDIRECTED,
			      m, now);
	else
		challenged(c, m, now);
}

void client_answered(struct turn_client *c, const struct stun_message *m,
		     nanoseconds now)
{
	if (m->class == STUN_ERROR) {
		error_came(c, m, now);
		return;
	}
	if (c->is_signed && credential_fits(&c->who, m) != CLAIM_SURE) {
		c->passed_over++;
		return;
	}
	keep_session(c, m);
	if (c->request.ask == CLIENT_ACTIVE_DESTINATION)
		c->active = c->request.peer;
	client_finish(c, CLIENT_SUCCESS, m, now);
}

/* ---- bytes and time ---- */

void turn_client_receive(struct turn_client *c, struct slice bytes,
			 nanoseconds now)
{
	if (c->broken)
		return;
	if (!c->config.stream) {
		client_read_message(c, bytes, now);
		return;
	}
	text_put(&c->in, bytes);
	if (c->in.failed == STATUS_OK)
		client_read_stream(c, now);
	else if (c->running)
		client_finish(c, CLIENT_UNANSWERED, NULL, now);
}

/* The error that proved nothing is all there is. */
static void tell_held(struct turn_client *c, nanoseconds now)
{
	struct decoding d = {.arena = &c->scratch};
	struct stun_message m;
	size_t used;

	if (stun_decode(&d, text_slice(&c->held), &m, &used) == STATUS_OK)
		client_finish(c, CLIENT_ERROR, &m, now);
	else
		client_finish(c, CLIENT_MALFORMED, NULL, now);
	arena_reset(&c->scratch);
}

void turn_client_tick(struct turn_client *c, nanoseconds now)
{
	enum transaction_turn turn;

	if (c->running && c->held.n && now >= c->timer.next) {
		tell_held(c, now);
		return;
	}
	while (c->running &&
	       (turn = transaction_tick(&c->timer, now)) != TRANSACTION_WAITS) {
		if (turn == TRANSACTION_SENDS)
			client_transmit(c, text_slice(&c->out));
		else
			client_finish(c,
				      c->passed_over ? CLIENT_UNPROVED
						     : CLIENT_UNANSWERED,
				      NULL, now);
	}
}

nanoseconds turn_client_next(const struct turn_client *c)
{
	return c->running ? c->timer.next : INT64_MAX;
}

const struct credential *turn_client_credential(const struct turn_client *c)
{
	return &c->who;
}

bool turn_client_greeted(const struct turn_client *c)
{
	return c->greeted;
}

struct slice turn_client_oddity(const struct turn_client *c)
{
	return slice_of(c->oddity, c->oddity_size);
}
