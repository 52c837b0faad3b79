/* Answers of MRAS ([MS-AVEDGEA] 3.1.5; spec mras-and-registration 5.12). */
#include "config.h"

#include "engine/mras_server.h"

#define NS_PER_MINUTE (60 * NS_PER_S)
#define NAME_TEXT 76u /* base64 of 56 bytes */
#define PASSWORD_TEXT 28u

/* A request on its way. */
struct asked {
	const struct mras_config *config;
	struct mras request;
	nanoseconds now;
	struct arena *scratch;
};

static bool is_forbidden(const struct asked *a)
{
	const struct mras_config *c = a->config;

	for (size_t i = 0; c->may_have && i < a->request.count; i++)
		if (!c->may_have(c->context, a->request.from,
				 a->request.credentials[i].identity))
			return true;
	return false;
}

/* What the state of this server decides.  It is strict: what another one might
 * overlook is wrong. */
static void claim_state(const struct asked *a, struct mras_claims *claims)
{
	const struct mras_config *c = a->config;
	const bool holds[MRAS_REASONS] = {
		[MRAS_REASON_UNSUPPORTED] = !c->keys.set || !c->relay_count,
		[MRAS_REASON_FORBIDDEN] = is_forbidden(a),
	};

	for (unsigned i = 0; i < MRAS_REASONS; i++)
		if (holds[i] || claims->of[i] != CLAIM_NO ||
		    (c->refuses && c->refusal == i))
			claims->of[i] = CLAIM_SURE;
}

/* ---- what is granted ---- */

static struct slice base64_of(const struct asked *a, struct slice s,
			      size_t room)
{
	char *text = arena_alloc(a->scratch, room);

	return text ? slice_of(text, base64_encode(s, text))
		    : (struct slice){0};
}

static void add_relays(const struct asked *a, struct slice location,
		       struct mras_credentials *out)
{
	bool direct = mras_wants_direct(&a->request);

	for (size_t i = 0;
	     i < a->config->relay_count && out->relay_count < MRAS_RELAYS_MAX;
	     i++) {
		struct mras_relay relay = a->config->relays[i];

		if (location.n && !slice_equal(location, relay.location))
			continue;
		if (direct && relay.direct_ip.n)
			relay.host = (struct slice){0};
		else if (relay.host.n)
			relay.direct_ip = (struct slice){0};
		out->relays[out->relay_count++] = relay;
	}
}

/* False: memory is out, or no relay is there. */
static bool grant(const struct asked *a, const struct mras_credentials *in,
		  struct mras_credentials *out)
{
	uint32_t most =
		a->config->minutes_max ? a->config->minutes_max : MRAS_MINUTES;
	uint32_t minutes = in->duration_min ? in->duration_min : MRAS_MINUTES;
	unsigned version = mras_major_of(a->request.version) == 1 ? 1 : 2;
	struct mras_token token;

	if (minutes > most)
		minutes = most;
	mras_token_issue(&a->config->keys, in->identity,
			 a->now + minutes * NS_PER_MINUTE, version, &token);
	*out = (struct mras_credentials){
		.id = in->id,
		.duration_min = minutes,
		.realm = a->config->realm,
		.username = base64_of(a, slice_of(token.name, token.name_size),
				      NAME_TEXT),
		.password = base64_of(
			a, slice_of(token.password, MRAS_PASSWORD_SIZE),
			PASSWORD_TEXT),
	};
	bytes_wipe(&token, sizeof(token));
	add_relays(a, in->location, out);
	return out->username.n && out->password.n && out->relay_count;
}

static bool grant_all(const struct asked *a, struct mras *reply)
{
	struct mras_credentials *list =
		arena_alloc(a->scratch, a->request.count * sizeof(*list));

	for (size_t i = 0; list && i < a->request.count; i++)
		if (!grant(a, &a->request.credentials[i], &list[i]))
			return false;
	reply->credentials = list;
	reply->count = list ? a->request.count : 0;
	return list != NULL;
}

/* ---- the reply ---- */

/* A version that is not served is answered in our own. */
static void write_reply(const struct asked *a, const char *reason,
			struct text *body, struct mras_answer *answer)
{
	bool read = strcmp(reason, "Request Malformed") != 0;
	bool first = slice_is(a->request.version, "1.0");
	bool other = strcmp(reason, "Version Mismatch") == 0;
	struct mras reply = {.kind = MRAS_RESPONSE};

	if (read) {
		reply.request_id = a->request.request_id;
		reply.to = a->request.to;
		reply.from = a->request.from;
	}
	reply.version = read && !other ? a->request.version
				       : SLICE(MRAS_SERVER_VERSION);
	if (!read || !first)
		reply.server_version = SLICE(MRAS_SERVER_VERSION);
	if (strcmp(reason, "OK") == 0 && !grant_all(a, &reply)) {
		reason = "Other Failure";
		reply.count = 0;
	}
	reply.reason = slice_of_text(reason);
	answer->reason = reason;
	mras_write(&reply, body);
}

void mras_serve(const struct mras_config *config,
		const struct mras_question *question, nanoseconds now,
		struct arena *scratch, struct text *body,
		struct mras_answer *answer)
{
	struct asked a = {.config = config, .now = now, .scratch = scratch};
	struct mras_claims claims = {{0}};
	struct mras_forecast forecast;
	const struct mras_row *row;

	mras_examine(question, scratch, &a.request, &claims);
	claim_state(&a, &claims);
	mras_climb(&claims, &forecast);
	*answer = (struct mras_answer){.status = 200};
	if (forecast.success) {
		write_reply(&a, "OK", body, answer);
		return;
	}
	row = mras_row_of(forecast.last);
	answer->status = row->status;
	if (forecast.last == MRAS_REASON_METHOD)
		answer->allow = "SERVICE";
	if (forecast.last == MRAS_REASON_TYPE)
		answer->accept = MRAS_CONTENT_TYPE;
	if (row->phrase)
		write_reply(&a, row->phrase, body, answer);
}
