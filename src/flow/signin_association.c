/*
 * Security associations ([MS-SIPAE] 3): every message that is signed belongs
 * to one, whatever its method; what is constant in it, and what counts up.
 */
#include "config.h"

#include "flow/signin.h"

static const enum sip_header_name by_client[] = {SIP_AUTHORIZATION,
						 SIP_PROXY_AUTHORIZATION};
static const enum sip_header_name by_server[] = {SIP_AUTHENTICATION_INFO,
						 SIP_PROXY_AUTHENTICATION_INFO};

static uint64_t value_of(const struct stages *s, const struct auth *a)
{
	return hash_mix(
		stages_hash(s, a->opaque) +
		hash_mix(stages_hash(s, a->realm) + stages_hash(s, a->target)));
}

/* The server that authenticates, and its handle, stay the same. */
static void check_constant(struct stages *s, struct registration *r,
			   const struct message *m, const struct auth *a)
{
	struct sign_in *x = sign_in_of(s, r);
	uint64_t value = value_of(s, a);

	if (!a->opaque.n || !a->realm.n || !a->target.n)
		return;
	if (x->association && x->association != value)
		facts_note(s, &r->facts, FACT_ASSOCIATION_CHANGED, 0, m);
	x->association = value;
	if (!x->target)
		x->target = stages_text(s, a->target);
}

static bool counter_of(const struct auth *a, const char *name, uint32_t *out)
{
	struct slice text;
	uint64_t n;

	if (!sip_param(a->params, ',', name, &text) ||
	    slice_number(text, UINT32_MAX, &n) != STATUS_OK)
		return false;
	*out = (uint32_t)n;
	return true;
}

/* Was a message with this signature seen before?  Else it is from here on. */
static bool is_known(struct sign_in *x, bool server, uint32_t signature)
{
	uint32_t *seen = x->signatures_seen[server];

	for (size_t i = 0; i < SIGNATURES_KEPT; i++)
		if (seen[i] == signature)
			return true;
	seen[x->signed_next[server]++ % SIGNATURES_KEPT] = signature;
	return false;
}

/* Copies and retransmissions repeat it with the signature of before; going
 * back is wrong, and so is another message under the same number. */
static void check_counter(struct stages *s, struct registration *r,
			  const struct message *m, const struct auth *a)
{
	struct sign_in *x = sign_in_of(s, r);
	bool client = m->u.sip->request;
	uint32_t *last = client ? &x->counter : &x->server_counter;
	bool first = x->signed_next[!client] == 0;
	uint32_t n;

	if (!counter_of(a, client ? "cnum" : "snum", &n) ||
	    is_known(x, !client, short_hash(s, a->signature) | 1))
		return;
	if (n < *last || (n == *last && !first))
		facts_note(s, &r->facts, FACT_COUNTER_BACK, n, m);
	*last = n;
}

uint64_t association_asked(const struct stages *s, const struct message *m)
{
	return hash_mix(stages_hash(s, m->u.sip->call_id) + m->u.sip->cseq) | 1;
}

void association_reset(struct sign_in *x)
{
	x->association = 0;
	x->counter = x->server_counter = 0;
	memset(x->signatures_seen, 0, sizeof(x->signatures_seen));
	memset(x->signed_next, 0, sizeof(x->signed_next));
	x->associated = x->used = PLACE_NONE;
}

static void signed_message(struct stages *s, struct registration *r,
			   const struct message *m, const struct auth *a)
{
	struct sign_in *x = sign_in_of(s, r);
	place_number place = stages_place(s, &m->from);

	enum integrity judged = signature_judge(s, r, m, a);

	check_constant(s, r, m, a);
	check_counter(s, r, m, a);
	if (m->u.sip->request)
		x->asked = association_asked(s, m);
	integrity_note(&x->signatures, judged);
	if (judged == INTEGRITY_BAD)
		facts_note(s, &r->facts, FACT_SIGNATURE_BAD, 0, m);
	if (!auth_signature_fits(a))
		facts_note(s, &r->facts, FACT_SIGNATURE_FORM,
			   (uint32_t)a->signature.n, m);
	if (!x->associated)
		x->associated = place;
	x->used = place;
}

void association_note(struct stages *s, struct registration *r,
		      const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	const enum sip_header_name *names =
		sip->request ? by_client : by_server;

	for (size_t i = 0; i < 2; i++) {
		struct auth a;

		if (auth_read(sip_value(sip, names[i]), &a) && a.signature.n)
			signed_message(s, r, m, &a);
	}
}
