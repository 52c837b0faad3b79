/* JSON: who takes part, and stages 1 and 2 of them. */
#include "config.h"

#include "report/json_parts.h"

/* ---- parties ---- */

void json_party(struct document *d, size_t row)
{
	const struct party *p = list_at(&d->m->parties, row);

	json_break(&d->j);
	json_object(&d->j);
	json_m_names(d, 'p', KEY_PARTY, row);
	json_m_uris(d, "aor", p->aor);
	json_key(&d->j, "addresses");
	json_array(&d->j);
	for (unsigned i = 0; i < p->address_count && i < PARTY_ADDRESSES_KEPT;
	     i++)
		json_endpoint(&d->j, end_at(d->m, p->addresses[i]));
	json_array_end(&d->j);
	json_m_text(d, "user_agent", p->user_agent);
	json_object_end(&d->j);
	json_flush(d);
}

/* ---- registrations ---- */

static const char *digest_word(const struct registration *r)
{
	if (r->digests_wrong)
		return "bad";
	return r->digests_verified ? "verified" : "unchecked";
}

static void put_attempts(struct document *d, const struct registration *r)
{
	json_key(&d->j, "attempts");
	json_array(&d->j);
	for (size_t i = 0; i < r->attempt_count && i < ATTEMPTS_KEPT; i++) {
		json_object(&d->j);
		json_m_place(d, "frame", r->attempts[i].place);
		json_m_number(d, "status", r->attempts[i].status);
		json_object_end(&d->j);
	}
	json_array_end(&d->j);
}

void json_registration(struct document *d, size_t row)
{
	const struct registration *r = list_at(&d->m->registrations, row);

	json_break(&d->j);
	json_object(&d->j);
	json_m_names(d, 'r', KEY_REGISTRATION, row);
	json_m_id(d, "party", 'p', r->party);
	json_m_text(d, "call_id", r->call_id);
	json_m_end(d, "client", &r->client);
	json_m_end(d, "server", &r->server);
	json_m_text(d, "state", state_name(r->state));
	json_m_text(d, "scheme", r->scheme ? r->scheme : "none");
	put_attempts(d, r);
	json_m_text(d, "digest", digest_word(r));
	json_m_count(d, "expires_s", r->expires);
	json_m_uris(d, "mras_uri",
		    r->mras_uri && r->mras_uri[0] ? r->mras_uri : NULL);
	json_m_sign_in(d, r);
	json_m_lifelines(d, r);
	json_m_diagnostics(d, &r->diagnoses);
	json_m_frames(d, &r->cited);
	json_object_end(&d->j);
	json_flush(d);
}

/* ---- tokens ---- */

static void put_username(struct document *d, const struct token *t)
{
	json_key(&d->j, "username");
	if (t->username.n == 0) {
		json_null(&d->j);
		return;
	}
	text_clear(&d->scratch);
	key_put_username(t->username, &d->scratch);
	json_string(&d->j, text_slice(&d->scratch));
}

static void put_relays(struct document *d, const struct token *t)
{
	json_key(&d->j, "relays");
	json_array(&d->j);
	for (unsigned i = 0; i < t->relay_count && i < TOKEN_RELAYS_KEPT; i++) {
		const struct token_relay *r = &t->relays[i];

		json_object(&d->j);
		json_m_text(d, "location", r->location);
		json_m_text(d, "host", r->host);
		json_m_count(d, "udp_port", r->udp_port);
		json_m_count(d, "tcp_port", r->tcp_port);
		json_m_resolved(d, r);
		json_object_end(&d->j);
	}
	json_array_end(&d->j);
}

void json_token(struct document *d, size_t row)
{
	const struct token *t = list_at(&d->m->tokens, row);

	json_break(&d->j);
	json_object(&d->j);
	json_m_names(d, 't', KEY_TOKEN, row);
	json_m_text(d, "kind", token_kind_name(t->kind));
	json_m_id(d, "party", 'p', t->party);
	put_username(d, t);
	json_m_secret(d, "password", t->password);
	json_m_text(d, "realm", t->realm && t->realm[0] ? t->realm : NULL);
	put_relays(d, t);
	json_m_text(d, "state", state_name(t->state));
	json_m_text(d, "reason", t->reason && t->reason[0] ? t->reason : NULL);
	json_m_time(d, "issued", t->issued);
	json_m_time(d, "expires", t->expires);
	json_m_count(d, "duration_min", t->duration_min);
	json_m_token_request(d, t);
	json_m_diagnostics(d, &t->diagnoses);
	json_m_frames(d, &t->cited);
	json_object_end(&d->j);
	json_flush(d);
}
