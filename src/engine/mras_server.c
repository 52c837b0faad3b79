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
	struct findings findings;
	nanoseconds now;
	struct arena *scratch;
	bool direct; /* single relays are wanted, by address */
};

/* The attribute stands in the root; the reader keeps it with each request. */
static bool wants_direct(const struct mras *m)
{
	return m->count && slice_is(m->credentials[0].route, "directip");
}

/* ---- what is wrong with it ---- */

/* Only more than a hundred at once is Request Too Large (3.1.5.1.1). */
static bool is_too_large(const struct asked *a)
{
	const struct finding *f = a->findings.list;

	return a->request.count == MRAS_CREDENTIALS_MAX &&
	       a->findings.count == 1 && a->findings.dropped == 0 &&
	       strcmp(f->rule->id, "token/mras-requests") == 0 &&
	       slice_is(f->where, "request");
}

/* What the schema forbids; a version that nobody has is something else. */
static bool is_malformed(const struct asked *a)
{
	for (size_t i = 0; i < a->findings.count; i++)
		if (a->findings.list[i].rule->severity != SEVERITY_INFO)
			return true;
	for (size_t i = 0; i < a->request.count; i++)
		if (a->request.credentials[i].identity.n == 0)
			return true;
	return a->findings.dropped > 0;
}

static uint64_t major_of(struct slice version)
{
	struct slice digits = slice_split(&version, '.');
	uint64_t major;

	return slice_number(digits, 99999, &major) == STATUS_OK ? major : 0;
}

static bool is_forbidden(const struct asked *a)
{
	const struct mras_config *c = a->config;

	for (size_t i = 0; c->may_have && i < a->request.count; i++)
		if (!c->may_have(c->context, a->request.from,
				 a->request.credentials[i].identity))
			return true;
	return false;
}

static const char *reason_of(const struct asked *a)
{
	uint64_t major = major_of(a->request.version);

	if (is_too_large(a))
		return "Request Too Large";
	if (is_malformed(a))
		return "Request Malformed";
	if (major < 1 || major > 3)
		return "Version Mismatch";
	if (!a->config->keys.set || a->config->relay_count == 0)
		return "Not Supported";
	if (a->config->busy)
		return "Server Busy";
	return is_forbidden(a) ? "Forbidden" : "OK";
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
	for (size_t i = 0;
	     i < a->config->relay_count && out->relay_count < MRAS_RELAYS_MAX;
	     i++) {
		struct mras_relay relay = a->config->relays[i];

		if (location.n && !slice_equal(location, relay.location))
			continue;
		if (a->direct && relay.direct_ip.n)
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
	unsigned version = major_of(a->request.version) == 1 ? 1 : 2;
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

/* Without parameters, in any case of letters. */
static bool is_ours(struct slice content_type)
{
	struct slice type = slice_trim(slice_split(&content_type, ';'));

	return type.n == sizeof(MRAS_CONTENT_TYPE) - 1 &&
	       slice_starts_nocase(type, MRAS_CONTENT_TYPE);
}

void mras_serve(const struct mras_config *config,
		const struct mras_question *question, nanoseconds now,
		struct arena *scratch, struct text *body,
		struct mras_answer *answer)
{
	struct asked a = {.config = config, .now = now, .scratch = scratch};
	struct decoding d = {.arena = scratch, .findings = &a.findings};
	enum status status;
	size_t used;

	*answer = (struct mras_answer){.status = 200};
	if (!slice_is(question->method, "SERVICE")) {
		answer->status = 405;
		answer->allow = "SERVICE";
		return;
	}
	if (!is_ours(question->content_type)) {
		answer->status = 415;
		answer->accept = MRAS_CONTENT_TYPE;
		return;
	}
	status = mras_decode(&d, question->body, &a.request, &used);
	if (status == STATUS_NOMEM)
		write_reply(&a, "Internal Server Error", body, answer);
	else if (status != STATUS_OK || a.request.kind != MRAS_REQUEST)
		write_reply(&a, "Request Malformed", body, answer);
	else {
		a.direct = wants_direct(&a.request);
		write_reply(&a, reason_of(&a), body, answer);
	}
}
