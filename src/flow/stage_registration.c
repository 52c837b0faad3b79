/*
 * Stage 1: REGISTER and its answers (RFC 3261 10, 22; [MS-SIPAE]), and the
 * provisioning that tells a Lync client where its MRAS is.
 */
#include "config.h"

#include "flow/stages_state.h"

/* Seconds behind which a silent request counts as unanswered (Timer F). */
#define REGISTER_PATIENCE (32 * NS_PER_S)

static bool same_call_id(const void *rows, uint32_t row, const void *key)
{
	const struct registration *r = (const struct registration *)rows + row;

	return model_text_is(r->call_id, *(const struct slice *)key);
}

static struct registration *registration_of(struct stages *s,
					    const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct list *list = &s->model->registrations;
	uint64_t hash = stages_hash(s, sip->call_id);
	uint32_t row = index_find(&s->registrations, hash, same_call_id,
				  list->rows, &sip->call_id);
	struct registration *r;

	if (row != INDEX_NONE)
		return list_at(list, row);
	r = list_add(list);
	if (!r)
		return NULL;
	r->call_id = model_text(s->model, sip->call_id);
	r->aor = aor_text(s, &sip->to);
	r->client = sip->request ? m->from.src : m->from.dst;
	r->server = sip->request ? m->from.dst : m->from.src;
	if (index_add(&s->registrations, hash, (uint32_t)list->count - 1) !=
	    STATUS_OK)
		s->model->out_of_memory = true;
	return r;
}

static struct slice credentials(const struct sip_message *sip)
{
	struct slice value = sip_value(sip, SIP_AUTHORIZATION);

	return value.n ? value : sip_value(sip, SIP_PROXY_AUTHORIZATION);
}

/* "Digest" and such: what the client used, or what was asked of it. */
static void note_scheme(struct stages *s, struct registration *r,
			struct slice value)
{
	struct slice params;
	struct slice scheme = sip_auth_scheme(value, &params);

	if (scheme.n)
		model_set_text(s->model, &r->scheme, scheme);
}

static bool removes(const struct sip_message *sip)
{
	struct slice expires = sip_value(sip, SIP_EXPIRES);
	struct sip_address contact;

	if (sip_address_parse(sip_value(sip, SIP_CONTACT), &contact) ==
	    STATUS_OK) {
		struct slice value;

		if (sip_param(contact.params, ';', "expires", &value))
			expires = value;
	}
	return slice_is(expires, "0");
}

static void request(struct stages *s, struct registration *r,
		    const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct slice auth = credentials(sip);
	struct slice agent = sip_value(sip, SIP_USER_AGENT);

	r->requests++;
	r->unanswered++;
	r->last_authenticated = auth.n != 0;
	r->removal = removes(sip);
	r->request = place_of(&m->from);
	if (auth.n) {
		enum integrity digest = digest_of(s, sip, auth);

		note_scheme(s, r, auth);
		r->digests_verified += digest == INTEGRITY_VERIFIED;
		r->digests_wrong += digest == INTEGRITY_NO_KEY_FITS;
	}
	if (agent.n && !r->user_agent)
		r->user_agent = model_text(s->model, agent);
	if (r->state != STATE_OK)
		r->state = STATE_INCOMPLETE;
}

static uint32_t granted(const struct sip_message *sip)
{
	struct slice value = sip_value(sip, SIP_EXPIRES);
	struct sip_address contact;
	struct slice param;
	uint64_t seconds = 0;

	if (sip_address_parse(sip_value(sip, SIP_CONTACT), &contact) ==
		    STATUS_OK &&
	    sip_param(contact.params, ';', "expires", &param))
		value = param;
	if (value.n && slice_number(value, UINT32_MAX, &seconds) != STATUS_OK)
		return 0;
	return (uint32_t)seconds;
}

static bool is_stale(const struct sip_message *sip)
{
	struct slice value, stale;

	(void)sip_auth_scheme(sip_value(sip, SIP_WWW_AUTHENTICATE), &value);
	return sip_param(value, ',', "stale", &stale) &&
	       slice_is_nocase(stale, "true");
}

static void keep_attempt(struct registration *r, const struct attempt *a)
{
	if (r->attempt_count < ATTEMPTS_KEPT)
		r->attempts[r->attempt_count] = *a;
	else
		r->attempts[ATTEMPTS_KEPT - 1] = *a;
	r->attempt_count++;
}

/*
 * A 401 to a request without credentials is how it begins; to one with
 * credentials it says that they are wrong, unless the nonce was stale, or the
 * scheme takes several rounds (NTLM and TLS-DSK: three are normal).
 */
static enum stage_state judge(const struct registration *r,
			      const struct attempt *a)
{
	bool rounds = r->scheme && strcmp(r->scheme, "Digest") != 0;

	if (a->status < 200)
		return r->state;
	if (a->status < 300)
		return STATE_OK;
	if (a->status < 400 || a->stale)
		return STATE_INCOMPLETE;
	if (a->status == 401 || a->status == 407)
		return a->authenticated && !rounds ? STATE_FAILED
						   : STATE_INCOMPLETE;
	if (a->status == 423) /* Interval Too Brief: it will ask again */
		return STATE_INCOMPLETE;
	return STATE_FAILED;
}

static void response(struct stages *s, struct registration *r,
		     const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct attempt a = {
		.place = place_of(&m->from),
		.status = sip->status,
		.authenticated = r->last_authenticated,
		.stale = is_stale(sip),
	};
	uint32_t expires = granted(sip);

	r->unanswered = 0;
	if (!r->scheme)
		note_scheme(s, r, sip_value(sip, SIP_WWW_AUTHENTICATE));
	r->state = judge(r, &a);
	if (sip->status >= 200) {
		keep_attempt(r, &a);
		r->answer = a.place;
	}
	if (r->state == STATE_OK && expires && !r->removal)
		r->expires = expires;
}

void stage_registration(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct registration *r;
	struct place place = place_of(&m->from);

	if (sip->method != SIP_REGISTER)
		return;
	r = registration_of(s, m);
	if (!r)
		return;
	cite(&r->cited, &place);
	if (sip->request)
		request(s, r, m);
	else
		response(s, r, m);
}

/* In-band provisioning reaches the party of its To (NOTIFY) or From. */
void stage_provisioning(struct stages *s, const struct message *m)
{
	struct registration *rows = MODEL_ROWS(registration,
					       s->model->registrations);

	for (size_t i = 0; i < m->content_count; i++) {
		const struct provisioning *p = m->contents[i].provisioning;

		if (!p || !p->has_mras_uri)
			continue;
		for (size_t k = 0; k < s->model->registrations.count; k++)
			if (endpoint_same_ip(&rows[k].client, &m->from.src) ||
			    endpoint_same_ip(&rows[k].client, &m->from.dst))
				rows[k].mras_uri =
					model_text(s->model, p->mras_uri);
	}
}
