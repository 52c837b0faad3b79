/* What a probe found, for programs: schema/mrascope.probe-1.schema.json. */
#include "config.h"

#include <string.h>

#include "cli/probe_parts.h"
#include "report/json.h"
#undef json_object
#undef json_array
#undef json_string
#undef json_null

#define TEXT_MAX ((size_t)1 << 30)

static void member(struct json *j, const char *key, const char *value)
{
	json_key(j, key);
	json_text(j, value && *value ? value : NULL);
}

static void number(struct json *j, const char *key, uint64_t value)
{
	json_key(j, key);
	json_number(j, value);
}

static void place(struct json *j, const char *key, const struct endpoint *e)
{
	json_key(j, key);
	json_endpoint(j, e);
}

static const char *state_text(enum probe_state state)
{
	static const char *const names[] = {
		[PROBE_UNTRIED] = "untried",
		[PROBE_RUNS] = "untried",
		[PROBE_OK] = "ok",
		[PROBE_FAILED] = "failed",
		[PROBE_UNNEEDED] = "unneeded",
		[PROBE_REFUSED_SO] = "needs-credentials",
	};

	return names[state];
}

static void put_step(struct json *j, enum probe_step step,
		     const struct probe_result *r)
{
	const struct probe_trouble_row *row = probe_trouble_row(r->trouble);

	json_break(j);
	json_put_object(j);
	member(j, "step", probe_step_id(step));
	member(j, "state", state_text(r->state));
	json_key(j, "ms");
	if (r->state == PROBE_OK || r->state == PROBE_FAILED)
		json_thousandths(j, r->took / NS_PER_US);
	else
		json_put_null(j);
	json_key(j, "code");
	if (r->code)
		json_number(j, r->code);
	else
		json_put_null(j);
	member(j, "reason", r->reason);
	number(j, "sends", r->sends);
	number(j, "passed_over", r->passed_over);
	json_key(j, "unproved");
	json_bool(j, r->unproved);
	member(j, "trouble", r->trouble ? row->id : NULL);
	member(j, "text", row->text);
	member(j, "advice", row->advice);
	json_object_end(j);
}

static void put_nat(struct json *j, const struct nat_report *n)
{
	static const char *const obstacles[] = {
		[NAT_OBSTACLE_NONE] = NULL,
		[NAT_OBSTACLE_UNANSWERED] = "unanswered",
		[NAT_OBSTACLE_NOT_OFFERED] = "not-offered",
		[NAT_OBSTACLE_OTHER_SILENT] = "other-silent",
		[NAT_OBSTACLE_NOT_HONOURED] = "not-honoured",
	};

	json_put_object(j);
	place(j, "local", &n->local);
	place(j, "mapped", &n->mapped);
	place(j, "other", &n->other);
	member(j, "mapping", nat_behaviour_text(n->mapping));
	member(j, "mapping_obstacle", obstacles[n->obstacle]);
	member(j, "filtering", nat_behaviour_text(n->filtering));
	member(j, "filtering_obstacle", obstacles[n->filter_obstacle]);
	json_key(j, "hairpin");
	if (n->hairpin == NAT_NOT_KNOWN)
		json_put_null(j);
	else
		json_bool(j, n->hairpin == NAT_YES);
	json_object_end(j);
}

static void put_target(struct json *j, const struct probe_session *s,
		       const struct probe_target *t)
{
	static const char *const peers[] = {
		[PEER_NONE] = NULL, [PEER_OWN] = "own", [PEER_RELAY] = "relay"};
	const struct probe_report *r = &t->report;

	json_break(j);
	json_put_object(j);
	member(j, "host", t->host);
	place(j, "server", &t->server);
	member(j, "transport", probe_transport_text(t->transport));
	member(j, "dialect",
	       t->want == WANT_STUN ? "stun"
	       : s->ms_turn         ? "ms-turn"
				    : "turn");
	member(j, "state",
	       probe_target_failed(t)  ? "failed"
	       : probe_target_works(t) ? "ok"
				       : "needs-credentials");
	place(j, "answered_by", &r->server);
	member(j, "realm", r->realm);
	member(j, "software", r->software);
	member(j, "tls", r->security);
	place(j, "reflexive", &r->mapped);
	place(j, "relayed", &r->relayed);
	place(j, "additional", &r->additional);
	json_key(j, "additional_code");
	if (r->additional_code)
		json_number(j, r->additional_code);
	else
		json_put_null(j);
	number(j, "lifetime_s", r->lifetime);
	member(j, "peer_kind", peers[r->peer_kind]);
	place(j, "peer", &r->peer);
	number(j, "echoes_sent", r->echoes_sent);
	number(j, "echoes_back", r->echoes_back);
	number(j, "redirects", r->redirects);
	json_key(j, "moved");
	json_bool(j, r->moved);
	json_key(j, "sha256");
	json_bool(j, r->sha256);
	json_key(j, "userhash");
	json_bool(j, r->anonymous);
	json_key(j, "steps");
	json_put_array(j);
	for (unsigned i = 0; i < PROBE_STEPS; i++)
		put_step(j, (enum probe_step)i, &r->steps[i]);
	json_array_end(j);
	json_key(j, "nat");
	if (t->nat_ran)
		put_nat(j, &t->nat);
	else
		json_put_null(j);
	json_object_end(j);
}

static void put_relay(struct json *j, const struct mras_client_relay *r)
{
	json_put_object(j);
	member(j, "host", r->host);
	member(j, "location", r->location);
	json_key(j, "udp_port");
	if (r->udp_port)
		json_number(j, r->udp_port);
	else
		json_put_null(j);
	json_key(j, "tcp_port");
	if (r->tcp_port)
		json_number(j, r->tcp_port);
	else
		json_put_null(j);
	json_object_end(j);
}

static void put_sign_in(struct json *j, const struct mras_client_report *r)
{
	json_key(j, "sign_in");
	json_put_object(j);
	member(j, "scheme", signer_scheme_text(r->scheme));
	json_key(j, "registered");
	json_bool(j, r->registered);
	number(j, "verified", r->verified);
	json_key(j, "unproved");
	json_bool(j, r->unproved);
	json_object_end(j);
}

static void put_token(struct json *j, const struct probe_session *s)
{
	const struct probe_token *t = &s->token;
	const struct mras_client_report *r = &t->result.report;
	const struct probe_trouble_row *words = probe_token_words(s);
	bool fine = !t->result.trouble && r->outcome == MRAS_GRANTED;

	json_put_object(j);
	member(j, "uri", r->uri[0] ? r->uri : s->options->mras);
	json_key(j, "provisioned");
	json_bool(j, !s->options->mras && r->uri[0]);
	put_sign_in(j, r);
	member(j, "identity", t->identity);
	place(j, "server", &t->server);
	member(j, "transport", t->tls ? "tls" : "tcp");
	member(j, "state", fine ? "ok" : "failed");
	member(j, "step",
	       fine || t->result.trouble ? NULL : mras_step_text(r->step));
	member(j, "trouble", fine ? NULL : words->id);
	member(j, "text", fine ? NULL : words->text);
	member(j, "advice", fine ? NULL : words->advice);
	json_key(j, "status");
	if (r->status)
		json_number(j, r->status);
	else
		json_put_null(j);
	member(j, "reason", t->result.trouble ? t->result.reason : r->reason);
	member(j, "version", r->version);
	json_key(j, "ms");
	json_thousandths(j, r->took / NS_PER_US);
	number(j, "duration_min", r->duration_min);
	json_key(j, "relays");
	json_put_array(j);
	for (size_t i = 0; i < r->relay_count; i++)
		put_relay(j, &r->relays[i]);
	json_array_end(j);
	json_object_end(j);
}

void probe_write_json(const struct probe_session *s, FILE *out)
{
	struct text text = text_new(TEXT_MAX);
	struct json j = json_to(&text);

	json_put_object(&j);
	member(&j, "schema", "mrascope.probe/1");
	json_key(&j, "generator");
	json_put_object(&j);
	member(&j, "name", "mrascope");
	member(&j, "version", MRASCOPE_VERSION);
	json_object_end(&j);
	json_key(&j, "token");
	if (s->token.asked)
		put_token(&j, s);
	else
		json_put_null(&j);
	json_key(&j, "servers");
	json_put_array(&j);
	for (size_t i = 0; i < s->count && s->targets[i].ran; i++)
		put_target(&j, s, &s->targets[i]);
	json_array_end(&j);
	json_break(&j);
	json_key(&j, "analysis");
	if (s->analysis) {
		tree_put(s->analysis, json_open_raw(&j));
		json_close_raw(&j);
	} else {
		json_put_null(&j);
	}
	json_object_end(&j);
	text_putc(&text, '\n');
	(void)fwrite(text.n ? text.p : "", 1, text.n, out);
	text_free(&text);
}
