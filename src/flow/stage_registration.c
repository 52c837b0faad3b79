/*
 * Stage 1: REGISTER and its answers (RFC 3261 10, 22; [MS-SIPAE]), and the
 * provisioning that tells a Lync client where its MRAS is.
 *
 * All REGISTERs of a Call-ID and an address are one registration.  A request
 * counts on the hop where it was seen first: further on there are copies.
 */
#include "config.h"

#include "dissectors/sip_digest.h"
#include "flow/facts.h"
#include "flow/stages_state.h"

/* RFC 3261 17.1.2.2, Timer F: a number that is lower behind this is no copy
 * that comes late, the client has begun anew. */
#define REGISTER_PATIENCE (32 * NS_PER_S)
/* What is taken for granted when no time is named (RFC 3261 10.2). */
#define EXPIRES_DEFAULT 3600u

static bool same_call_id(const void *rows, uint32_t row, const void *key)
{
	const struct registration *r = (const struct registration *)rows + row;

	return model_text_is(r->call_id, *(const struct slice *)key);
}

/* Clients with several accounts may use one Call-ID for all. */
struct account {
	struct slice call_id, aor;
};

static bool same_account(const void *rows, uint32_t row, const void *key)
{
	const struct registration *r = (const struct registration *)rows + row;
	const struct account *k = key;

	return model_text_is(r->call_id, k->call_id) &&
	       model_text_is(r->aor, k->aor);
}

/* The newest registration speaks for its address of record. */
static uint32_t *newest_of(struct stages *s, size_t party)
{
	return list_at(&s->newest, party);
}

struct registration *registration_new(struct stages *s, const struct message *m,
				      struct slice uri)
{
	const struct sip_message *sip = m->u.sip;
	struct list *list = &s->model->registrations;
	struct registration *r = list_add(list);
	uint32_t number = (uint32_t)list->count - 1;

	if (!r)
		return NULL;
	r->call_id = model_text(s->model, sip->call_id);
	r->aor = party_note(s, uri, m, &r->party);
	r->client = sip->request ? m->from.src : m->from.dst;
	r->server = sip->request ? m->from.dst : m->from.src;
	if (index_add(&s->registrations, stages_hash(s, sip->call_id),
		      number) != STATUS_OK)
		s->model->out_of_memory = true;
	if (r->party == LIST_NONE)
		return r;
	signin_follow(s, *newest_of(s, r->party), m);
	*newest_of(s, r->party) = number;
	return r;
}

struct registration *registration_find(struct stages *s, struct slice call_id)
{
	struct list *list = &s->model->registrations;
	uint32_t row = index_find(&s->registrations, stages_hash(s, call_id),
				  same_call_id, list->rows, &call_id);

	return row == INDEX_NONE ? NULL : list_at(list, row);
}

static struct registration *registration_of(struct stages *s,
					    const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct account key = {sip->call_id, aor_of(s, sip->to.uri)};
	struct list *list = &s->model->registrations;
	uint32_t row =
		index_find(&s->registrations, stages_hash(s, sip->call_id),
			   same_account, list->rows, &key);

	return row == INDEX_NONE ? registration_new(s, m, sip->to.uri)
				 : list_at(list, row);
}

static void lasts(struct stages *s, struct registration *r, place_number place)
{
	struct change change = {
		.place = place,
		.what = WORD_LIFETIME,
		.value = r->expires,
	};

	model_change(s->model, &r->history, &change);
}

/* ---- credentials and challenges ---- */

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

/* [MS-SIPAE]: the token of a round; empty in the first and where it is over. */
static bool has_gssapi_data(struct slice params)
{
	struct slice data;

	return sip_param(params, ',', "gssapi-data", &data) && data.n;
}

static bool takes_rounds(struct slice scheme)
{
	static const char *const schemes[] = {"NTLM", "Kerberos", "TLS-DSK",
					      "Negotiate"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (slice_is_nocase(scheme, schemes[i]))
			return true;
	return false;
}

/* Would a challenge to these credentials say that they are wrong?  Those of
 * NTLM and its like take several rounds of which only some carry proof. */
static bool concludes(struct slice value)
{
	struct slice params;
	struct slice scheme = sip_auth_scheme(value, &params);

	return scheme.n && (!takes_rounds(scheme) || has_gssapi_data(params));
}

/* What the challenges of one header say to the scheme in use. */
struct challenges {
	bool stale;   /* only the nonce is old (RFC 7616 3.3) */
	bool goes_on; /* here is the next token of the round */
	bool md5;     /* Digest as all clients know it, or another scheme */
	bool newer;   /* Digest by an algorithm of RFC 8760 */
};

static void note_algorithm(struct slice scheme, struct slice params,
			   struct challenges *out)
{
	struct slice algorithm;

	if (slice_is_nocase(scheme, "Digest") &&
	    sip_param(params, ',', "algorithm", &algorithm) &&
	    slice_starts_nocase(algorithm, "SHA-"))
		out->newer = true;
	else
		out->md5 = true;
}

static void read_challenges(const struct registration *r,
			    const struct sip_message *sip,
			    enum sip_header_name id, struct challenges *out)
{
	const struct sip_header *h = sip_header(sip, id);

	for (; h; h = sip_header_after(sip, h)) {
		struct slice params, stale;
		struct slice scheme = sip_auth_scheme(h->value, &params);

		note_algorithm(scheme, params, out);
		if (sip_param(params, ',', "stale", &stale))
			out->stale |= slice_is_nocase(stale, "true");
		if (r->scheme && slice_is_nocase(scheme, r->scheme))
			out->goes_on |= has_gssapi_data(params);
	}
}

/* ---- contacts ---- */

static uint32_t seconds_of(struct slice value)
{
	uint64_t seconds;

	return slice_number(value, UINT32_MAX, &seconds) == STATUS_OK
		       ? (uint32_t)seconds
		       : 0;
}

/* The URI without parameters, which registrars rewrite. */
static uint64_t contact_hash(const struct stages *s, struct slice uri)
{
	size_t at;

	if (slice_find(uri, ';', &at))
		uri = slice_first(uri, at);
	return stages_hash(s, uri);
}

struct contacts {
	size_t count;
	bool all_zero;  /* every one expires at once */
	uint64_t first; /* hash of the URI of the first that is to stay, */
	uint32_t asked; /* and the seconds that it asks for; 0: none named */
};

/* A contact's own word comes before the header (RFC 3261 10.2.1.1). */
static struct slice expires_of(struct slice params, struct slice header)
{
	struct slice value;

	return sip_param(params, ';', "expires", &value) ? value : header;
}

static void read_contact(const struct stages *s, struct slice entry,
			 struct slice header, struct contacts *out)
{
	struct sip_address a = {.uri = entry};
	struct slice expires;
	bool now;

	/* "*" is no address */
	if (sip_address_parse(entry, &a) != STATUS_OK)
		a = (struct sip_address){.uri = entry};
	expires = expires_of(a.params, header);
	now = slice_is(expires, "0");
	/* A client that moves takes the old contact back in the same request
	 * (RFC 3261 10.2.2). */
	if (out->count++ == 0 || (out->all_zero && !now)) {
		out->first = contact_hash(s, a.uri);
		out->asked = seconds_of(expires);
	}
	out->all_zero &= now;
}

static struct contacts read_contacts(const struct stages *s,
				     const struct sip_message *sip)
{
	struct slice expires = sip_value(sip, SIP_EXPIRES);
	const struct sip_header *h = sip_header(sip, SIP_CONTACT);
	struct contacts c = {.all_zero = true};

	for (; h; h = sip_header_after(sip, h)) {
		struct slice rest = h->value, entry;

		while (sip_list_next(&rest, &entry))
			read_contact(s, entry, expires, &c);
	}
	return c;
}

/* A client that comes back leaves an older binding behind, which differs in
 * parameters alone and ends sooner. */
static struct slice longer(struct slice one, struct slice other)
{
	return one.n && seconds_of(one) >= seconds_of(other) ? one : other;
}

/* What was granted to our contact: other devices stand beside it. */
static uint32_t granted(const struct stages *s, const struct registration *r,
			const struct sip_message *sip)
{
	const struct sip_header *h = sip_header(sip, SIP_CONTACT);
	struct slice header = sip_value(sip, SIP_EXPIRES);
	struct slice found = {0}, only = {0};
	size_t count = 0;

	for (; h; h = sip_header_after(sip, h)) {
		struct slice rest = h->value, entry;

		while (sip_list_next(&rest, &entry)) {
			struct sip_address a;

			if (sip_address_parse(entry, &a) != STATUS_OK)
				continue;
			count++;
			only = expires_of(a.params, header);
			if (contact_hash(s, a.uri) == r->contact)
				found = longer(found, only);
		}
	}
	if (found.n)
		return seconds_of(found);
	return seconds_of(count == 1 ? only : header);
}

/* ---- requests ---- */

static void note_request(struct stages *s, struct registration *r,
			 const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct contacts contacts = read_contacts(s, sip);

	r->cseq = sip->cseq;
	r->hop = hop_of(s, m);
	r->contact = contacts.first;
	r->asked = contacts.asked;
	/* What a log or a capture cut may have named one. */
	r->purpose = contacts.count == 0 && !m->from.cut   ? REGISTER_QUERY
		     : contacts.count && contacts.all_zero ? REGISTER_REMOVE
							   : REGISTER_BIND;
	if (r->state != STATE_OK) {
		place_number place = stages_place(s, &m->from);

		model_becomes(s->model, &r->history, place, WORD_REQUESTED, 0);
	}
}

static void note_credentials(struct stages *s, struct registration *r,
			     const struct sip_message *sip)
{
	struct slice auth = credentials(sip);
	enum integrity digest;

	r->last_authenticated = auth.n != 0;
	r->last_concludes = concludes(auth);
	if (auth.n == 0)
		return;
	digest = digest_of(s, sip, auth);
	note_scheme(s, r, auth);
	r->digests_verified += digest == INTEGRITY_VERIFIED;
	r->digests_wrong += digest == INTEGRITY_NO_KEY_FITS;
}

/* Between the same ends and of another transaction (RFC 3261 17.2.3)? */
static bool is_other_request(struct stages *s, const struct hop *hop,
			     const struct message *m)
{
	uint64_t branch = hop_branch(s, m->u.sip);

	return branch && hop->branch && branch != hop->branch &&
	       hop->vantage == m->from.vantage &&
	       stages_is_src(s, &m->from, hop->src) &&
	       stages_is_dst(s, &m->from, hop->dst) &&
	       m->from.time - hop->time >= COPY_WINDOW;
}

/* Had the request that comes once more its final answer before? */
static bool is_answered(const struct registration *r, uint32_t cseq)
{
	size_t last = r->attempt_count < ATTEMPTS_KEPT ? r->attempt_count
						       : ATTEMPTS_KEPT;

	return last && r->attempts[last - 1].cseq == cseq;
}

/* Is this request new, or sent again?  Else it is a copy. */
static bool counts(struct stages *s, struct registration *r,
		   const struct message *m)
{
	const struct sip_message *sip = m->u.sip;

	if (r->requests == 0 || sip->cseq > r->cseq ||
	    (sip->cseq < r->cseq &&
	     m->from.time - r->hop.time > REGISTER_PATIENCE)) {
		if (sip->cseq < r->cseq)
			facts_note(s, &r->facts, FACT_NUMBER_BACK, 0, m);
		note_request(s, r, m);
		return true;
	}
	if (sip->cseq == r->cseq && is_other_request(s, &r->hop, m))
		facts_note(s, &r->facts, FACT_NUMBER_BACK, 1, m);
	return sip->cseq == r->cseq && hop_carries(s, &r->hop, m) &&
	       hop_sends_again(&r->hop, m);
}

/* RFC 3261 17.1.2.2, T1: who asks anew before, without sending again, was
 * answered, if the capture shows no answers. */
#define REGISTER_AGAIN (NS_PER_S / 2)

/* What was sent once over UDP, and not again when it was time (RFC 3261
 * 17.1.2.2, Timer E), was answered, if the capture shows no answers. */
static bool is_left_alone(const struct hop *before, const struct message *m)
{
	return !before->reliable && before->sent == 1 &&
	       m->from.time - before->time > 2 * REGISTER_AGAIN;
}

/* Who has credentials now, or other ones, was answered before, where no capture
 * shows it; and who has asked no longer than a moment ago. */
static bool was_answered(const struct stages *s, struct registration *r,
			 const struct message *m, bool another)
{
	const struct sip_message *sip = m->u.sip;
	struct slice auth = credentials(sip);
	struct sip_digest digest;
	bool fresh;

	if (another && !s->model->answers &&
	    m->from.time - place_time(s->model, r->request) < REGISTER_AGAIN)
		return true;
	if (auth.n == 0)
		return false;
	fresh = sip_digest_parse(auth, &digest) == STATUS_OK &&
		stages_nonce(s, &r->nonce, digest.nonce);
	return r->requests && (fresh || !r->last_authenticated);
}

static void request(struct stages *s, struct registration *r,
		    const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct slice agent = sip_value(sip, SIP_USER_AGENT);
	bool another = r->requests && sip->cseq > r->cseq;
	bool alone = another && is_left_alone(&r->hop, m);

	/* Another may register for it (RFC 3261 10.2). */
	if (slice_equal(sip->from.uri, sip->to.uri))
		party_sent(s, r->party, m);
	else if (!model_text_is(r->aor, aor_of(s, sip->from.uri)))
		facts_note(s, &r->facts, FACT_THIRD_PARTY, 0, m);
	if (!counts(s, r, m))
		return;
	signin_request(s, r, m);
	r->answer_unseen |= alone && r->unanswered;
	if ((alone && !s->model->answers) || was_answered(s, r, m, another))
		r->unanswered = 0;
	r->requests++;
	r->unanswered++;
	r->request = stages_place(s, &m->from);
	note_credentials(s, r, sip);
	if (agent.n && !r->user_agent)
		r->user_agent = stages_text(s, agent);
	/* One that crossed its answer, or that a mirror port shows late. */
	if (r->state != STATE_OK && !is_answered(r, sip->cseq))
		r->state = STATE_INCOMPLETE;
}

/* ---- responses ---- */

static void keep_attempt(struct registration *r, const struct attempt *a)
{
	size_t at = r->attempt_count < ATTEMPTS_KEPT ? r->attempt_count
						     : ATTEMPTS_KEPT - 1;
	size_t before = r->attempt_count > ATTEMPTS_KEPT ? ATTEMPTS_KEPT
							 : r->attempt_count;

	r->status_before = before ? r->attempts[before - 1].status : 0;
	r->attempts[at] = *a;
	r->attempt_count++;
}

/* The same answer to the same request, again or on another hop? */
static bool is_known(const struct registration *r, const struct attempt *a)
{
	size_t last = r->attempt_count < ATTEMPTS_KEPT ? r->attempt_count
						       : ATTEMPTS_KEPT;

	return last && r->attempts[last - 1].cseq == a->cseq &&
	       r->attempts[last - 1].status == a->status;
}

/* Each answer is held against its own request: one behind a 423, or of a
 * client that has changed its mind, asks for another time (RFC 3261 10.2.8). */
static void note_shortened(struct registration *r, place_number place,
			   uint32_t expires)
{
	if (!expires || expires >= r->asked || r->shortened.answer)
		return;
	r->shortened = (struct shortened_time){
		.asked = r->asked,
		.granted = expires,
		.request = r->request,
		.answer = place,
	};
}

static void bind(struct stages *s, struct registration *r,
		 const struct message *m, uint32_t expires)
{
	place_number place = stages_place(s, &m->from);
	bool again = r->bound && !r->removed;

	note_shortened(r, place, expires);
	if (!r->bound)
		r->bound = place;
	if (r->party != LIST_NONE)
		((struct party *)list_at(&s->model->parties, r->party))->bound =
			m->from.time;
	r->removed = PLACE_NONE;
	r->lost = PLACE_NONE;
	r->state = STATE_OK;
	r->expires = expires ? expires : r->expires;
	r->until = m->from.time +
		   (nanoseconds)(r->expires ? r->expires : EXPIRES_DEFAULT) *
			   NS_PER_S;
	if (again)
		model_refreshed(s->model, &r->history, place, 0);
	else
		model_becomes(s->model, &r->history, place, WORD_OK, 0);
	lasts(s, r, place);
}

static void succeed(struct stages *s, struct registration *r,
		    const struct message *m)
{
	place_number place = stages_place(s, &m->from);

	switch (r->purpose) {
	case REGISTER_BIND:
		bind(s, r, m, granted(s, r, m->u.sip));
		break;
	case REGISTER_REMOVE:
		r->removed = place;
		r->state = STATE_OK;
		r->until = m->from.time;
		model_becomes(s->model, &r->history, place, WORD_RELEASED, 0);
		break;
	case REGISTER_QUERY: /* it shows bindings and makes none */
	case REGISTER_WEB:
		break;
	}
}

/* 423, and the answer before was the same: the client does not ask for what
 * Min-Expires said (RFC 3261 10.2.8). */
static bool is_brief_again(const struct registration *r)
{
	return r->status_before == 423;
}

/*
 * A 401 to a request without credentials is how it begins; to one with
 * credentials it says that they are wrong, unless the nonce was stale or the
 * scheme has another round.
 */
static bool is_refusal(const struct registration *r, const struct attempt *a,
		       const struct challenges *c)
{
	if (a->status < 400 || (a->status == 423 && !is_brief_again(r)))
		return false; /* it will ask elsewhere, or for longer */
	if (a->status == 401 || a->status == 407)
		return r->last_concludes && !c->stale && !c->goes_on;
	return true;
}

/* The first word of the capture, to a nonce of before it, which may only be
 * old: not all who challenge say so with "stale".  What the client does next
 * tells (registrations_expire). */
static bool may_be_old(const struct registration *r, const struct attempt *a)
{
	return r->attempt_count == 1 && a->authenticated &&
	       (a->status == 401 || a->status == 407);
}

static void fail(struct stages *s, struct registration *r,
		 const struct attempt *a, const struct challenges *c)
{
	bool refusal = is_refusal(r, a, c) && !may_be_old(r, a);

	if (a->status < 400)
		model_becomes(s->model, &r->history, a->place, WORD_REDIRECTED,
			      a->status);
	else if (!refusal && a->status != 423)
		model_becomes(s->model, &r->history, a->place, WORD_CHALLENGED,
			      a->status);
	else if (refusal)
		model_becomes(s->model, &r->history, a->place,
			      r->state == STATE_OK ? WORD_LOST : WORD_FAILED,
			      a->status);
	/* What was reached once stays so for the calls of that time. */
	if (r->state == STATE_OK && refusal && r->purpose == REGISTER_BIND) {
		r->lost = a->place;
		r->lost_status = a->status;
	}
	if (r->state != STATE_OK)
		r->state = refusal ? STATE_FAILED : STATE_INCOMPLETE;
}

/* Some registrars say it in words only: "401 nonce has changed". */
static bool says_nonce(struct slice reason)
{
	size_t at;

	return slice_search(reason, SLICE("nonce"), &at);
}

static bool is_challenge(unsigned status)
{
	return status == 401 || status == 407;
}

static void note_refusal(struct stages *s, struct registration *r,
			 const struct attempt *a, struct slice reason)
{
	if (a->status < 400 || is_challenge(a->status) || a->status == 423)
		return;
	r->refusal = a->place;
	r->refusal_reason = reason.n ? stages_text(s, reason) : NULL;
}

static void final(struct stages *s, struct registration *r,
		  const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct challenges c = {.stale = false};
	struct attempt a = {
		.place = stages_place(s, &m->from),
		.status = sip->status,
		.cseq = sip->cseq,
		.authenticated = r->last_authenticated,
	};

	if (is_known(r, &a))
		return;
	if (!r->scheme)
		note_scheme(s, r, sip_value(sip, SIP_WWW_AUTHENTICATE));
	read_challenges(r, sip, SIP_WWW_AUTHENTICATE, &c);
	read_challenges(r, sip, SIP_PROXY_AUTHENTICATE, &c);
	if (c.newer && !c.md5)
		facts_note(s, &r->facts, FACT_NEW_DIGEST, 0, m);
	c.stale |= says_nonce(sip->reason);
	a.stale = c.stale;
	keep_attempt(r, &a);
	r->answer = a.place;
	note_refusal(s, r, &a, sip->reason);
	signin_answer(s, r, m);
	if (sip->status < 300)
		succeed(s, r, m);
	else
		fail(s, r, &a, &c);
}

/* A success behind a challenge, of a request that is not in the capture. */
static bool answers_unseen(const struct stages *s, const struct registration *r,
			   const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	size_t last = r->attempt_count;

	if (r->requests == 0 || last == 0 || last > ATTEMPTS_KEPT)
		return false;
	return sip->status >= 200 && sip->status < 300 && sip->cseq > r->cseq &&
	       is_challenge(r->attempts[last - 1].status) &&
	       stages_is_src(s, &m->from, r->hop.dst) &&
	       stages_is_dst(s, &m->from, r->hop.src);
}

static void response(struct stages *s, struct registration *r,
		     const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	bool unseen = answers_unseen(s, r, m);

	if (unseen) {
		r->cseq = sip->cseq;
		r->asked = 0;
	}
	/* Older answers come late, those on other hops are not the client's. */
	if (r->requests && !unseen &&
	    (sip->cseq != r->cseq || hop_answers(s, &r->hop, m) == CLAIM_NO))
		return;
	r->unanswered = 0;
	r->answer_unseen = false;
	if (sip->status >= 200)
		final(s, r, m);
	else if (r->state == STATE_UNSEEN)
		r->state = STATE_INCOMPLETE;
}

void stage_registration(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct registration *r;
	place_number place = stages_place(s, &m->from);

	if (sip->method != SIP_REGISTER || sip->call_id.n == 0)
		return;
	r = registration_of(s, m);
	if (!r)
		return;
	cite(s->model, &r->cited, place);
	if (sip->request)
		request(s, r, m);
	else
		response(s, r, m);
	facts_registration(s, r, m);
	if (!sip->request)
		lifeline_registered(s, r, m);
}

/* Asked often enough since the last answer, or the network says so. */
static void fail_unanswered(struct stages *s, struct registration *r)
{
	if (r->state != STATE_INCOMPLETE || !r->unanswered ||
	    (r->unanswered < UNANSWERED_PROOF && !r->hop.obstacle.count))
		return;
	r->state = STATE_FAILED;
	model_becomes(s->model, &r->history, r->cited.last, WORD_FAILED, 0);
}

/* A client that has a new nonce asks with it at once. */
#define ASKS_AGAIN (4 * NS_PER_S)

/* The only answer to its credentials refused them, and it left it at that. */
static void fail_left(struct stages *s, struct registration *r)
{
	const struct attempt *a = &r->attempts[0];

	if (r->state != STATE_INCOMPLETE || r->unanswered ||
	    !r->last_concludes || a->stale || !may_be_old(r, a) ||
	    s->model->last_time - place_time(s->model, a->place) < ASKS_AGAIN)
		return;
	r->state = STATE_FAILED;
	model_becomes(s->model, &r->history, a->place, WORD_FAILED, a->status);
}

/* Those that were never answered, or not refreshed while the capture went
 * on. */
void registrations_expire(struct stages *s)
{
	struct registration *rows = s->model->registrations.rows;

	for (size_t i = 0; i < s->model->registrations.count; i++) {
		struct registration *r = &rows[i];
		struct place end = {.time = r->until};

		fail_unanswered(s, r);
		fail_left(s, r);
		if (r->bound && !r->removed && !r->lost &&
		    r->until < s->model->last_time)
			model_becomes(s->model, &r->history,
				      model_place(s->model, &end), WORD_EXPIRED,
				      0);
	}
}
