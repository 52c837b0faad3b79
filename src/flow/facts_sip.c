/* Facts of registrations and dialogs, from the headers of their messages. */
#include "config.h"

#include "flow/facts.h"

void facts_note(struct stages *s, struct chain *facts, enum fact_kind kind,
		uint32_t value, const struct message *m)
{
	struct fact_seen seen = {
		.kind = kind,
		.value = value,
		.place = stages_place(s, &m->from),
		.vantage = m->from.vantage,
		.apart = COPY_WINDOW,
		.late = COPY_LATE,
		.datagram = m->from.datagram,
	};

	fact_note(s->model, facts, &seen);
}

/* A number of seconds; what is behind a ';' does not count. */
static bool seconds_of(struct slice value, uint32_t *out)
{
	uint64_t number;

	value = slice_trim(slice_split(&value, ';'));
	if (slice_number(value, UINT32_MAX, &number) != STATUS_OK)
		return false;
	*out = (uint32_t)number;
	return true;
}

/* The first contact: its address and what its parameters say. */
struct contact {
	struct endpoint at; /* FAMILY_NONE: a name */
	struct slice params, uri_params;
};

static bool contact_of(const struct sip_message *sip, struct contact *out)
{
	struct slice rest = sip_value(sip, SIP_CONTACT), entry;
	struct sip_address address;
	struct sip_uri uri;

	*out = (struct contact){0};
	if (!sip_list_next(&rest, &entry) ||
	    sip_address_parse(entry, &address) != STATUS_OK ||
	    sip_uri_parse(address.uri, &uri) != STATUS_OK)
		return false;
	out->params = address.params;
	out->uri_params = uri.params;
	if (endpoint_parse(uri.host, uri.port, &out->at) != STATUS_OK)
		out->at = (struct endpoint){0};
	return true;
}

#define ASIDES_TOLD 4u

/* RFC 3581 4: without rport an answer goes to the port that Via names, which a
 * NAT does not have open.  Who listens there does not ask again. */
static void note_answer_aside(struct stages *s, struct chain *facts,
			      const struct hop *hop, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	const struct endpoint *client = end_at(s->model, hop->src);
	uint32_t value = (uint32_t)sip->status << 16 | (sip->cseq & 0xFFFF);
	const struct fact *f = fact_of(s->model, facts, FACT_ANSWERED_ASIDE);
	unsigned count = 0;

	if (m->from.transport != TRANSPORT_UDP ||
	    !endpoint_same_ip(client, &m->from.dst) ||
	    client->port == m->from.dst.port ||
	    hop_answers(s, hop, m) != CLAIM_SURE)
		return;
	for (; f && f->value != value; f = fact_after(s->model, f))
		count++;
	if (f || count < ASIDES_TOLD)
		facts_note(s, facts, FACT_ANSWERED_ASIDE, value, m);
}

/* ---- registrations ---- */

#define PASSWORDS_TOLD 8u

/* More would take the place of other facts. */
static bool passwords_told(const struct stages *s, const struct registration *r)
{
	const struct fact *f =
		fact_of(s->model, &r->facts, FACT_PASSWORD_OTHER);
	unsigned count = 0;

	for (; f; f = fact_after(s->model, f))
		count++;
	return count >= PASSWORDS_TOLD;
}

#define TRIED_MANY 10u
#define TRIED_WITHIN (10 * NS_PER_S)

/* With a qop each answer is another one, of the same password, too; but no
 * client that goes by RFC 3261 22.3 repeats what was refused. */
static void count_digest(struct stages *s, struct registration *r,
			 const struct message *m, uint32_t digest)
{
	if (digest == r->digest)
		return;
	if (!r->digests || m->from.time - r->digests_since > TRIED_WITHIN) {
		r->digests = 0;
		r->digests_since = m->from.time;
	}
	if (++r->digests == TRIED_MANY)
		facts_note(s, &r->facts, FACT_TRIED_FAST, 0, m);
}

/*
 * RFC 7616 3.4.1: what a client answers comes of the password, of the method
 * and of what it says beside it.  Where only the answer is another one, so is
 * the password.
 */
static void note_digest(struct stages *s, struct registration *r,
			const struct message *m)
{
	static const char *const names[] = {"username", "nonce", "uri",
					    "cnonce", "nc"};
	struct slice value = sip_value(m->u.sip, SIP_AUTHORIZATION), params;
	uint32_t of = 0, digest;

	if (!slice_is_nocase(sip_auth_scheme(value, &params), "Digest") ||
	    !sip_param(params, ',', "response", &value))
		return;
	digest = short_hash(s, value);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		of = of * 31 + (sip_param(params, ',', names[i], &value)
					? short_hash(s, value)
					: 0);
	if (of == r->digest_of && digest != r->digest && !passwords_told(s, r))
		facts_note(s, &r->facts, FACT_PASSWORD_OTHER, digest, m);
	count_digest(s, r, m, digest);
	r->digest_of = of;
	r->digest = digest;
}

static void asked(struct stages *s, struct registration *r,
		  const struct message *m)
{
	if (r->purpose != REGISTER_BIND)
		return;
	/* The first that is not answered tells whether it came in time. */
	if (r->until && m->from.time > r->until && !r->answer_unseen &&
	    r->unanswered <= 1 && place_time(s->model, r->removed) < r->until)
		facts_note(s, &r->facts, FACT_LAPSED, 0, m);
}

/* Is it bound under an address that nobody outside can reach, although the
 * registrar sees the client outside?  `received`, a flow (RFC 5626) or a
 * rewritten contact would help. */
static bool binds_private(const struct message *m, const struct contact *c)
{
	struct slice value;

	return endpoint_is_public(&m->from.dst) &&
	       c->at.family != FAMILY_NONE && endpoint_is_private(&c->at) &&
	       !sip_param(c->params, ';', "received", &value) &&
	       !sip_param(c->params, ';', "reg-id", &value) &&
	       !sip_param(c->uri_params, ';', "ob", &value);
}

static void granted(struct stages *s, struct registration *r,
		    const struct message *m)
{
	struct contact contact;

	if (r->purpose != REGISTER_BIND || m->u.sip->cseq != r->cseq ||
	    !endpoint_equal(&m->from.dst, &r->client))
		return;
	if (!contact_of(m->u.sip, &contact))
		facts_note(s, &r->facts, FACT_NO_CONTACT_BACK, 0, m);
	else if (binds_private(m, &contact))
		facts_note(s, &r->facts, FACT_CONTACT_PRIVATE, 0, m);
}

/* Is it the client's own hop?  Where NAT gives it another address, its Via is
 * still the same (RFC 3261 18.1.1).  Over TCP a port is as old as its
 * connection. */
static bool is_clients_hop(struct stages *s, struct registration *r,
			   const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	uint32_t sent_by =
		(short_hash(s, sip->via.host) * 31 + sip->via.port) | 1;

	if (endpoint_equal(&m->from.dst, &r->client)) {
		if (sip->via_count == 1)
			r->sent_by = sent_by;
		return true;
	}
	return sip->via_count == 1 && r->sent_by == sent_by &&
	       m->from.transport == TRANSPORT_UDP;
}

/* Where the registrar saw the request come from (RFC 3581 4). */
static void note_mapping(struct stages *s, struct registration *r,
			 const struct message *m)
{
	const struct sip_via *via = &m->u.sip->via;
	struct slice rport;

	if (!is_clients_hop(s, r, m) || !via->received.n ||
	    !sip_param(via->params, ';', "rport", &rport) || !rport.n)
		return;
	facts_note(s, &r->facts, FACT_MAPPING,
		   short_hash(s, via->received) * 31 + short_hash(s, rport), m);
}

void facts_registration(struct stages *s, struct registration *r,
			const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct slice value;
	uint32_t seconds;

	altered_note(s, &r->facts, m);
	if (sip->request) {
		asked(s, r, m);
		note_digest(s, r, m);
		return;
	}
	note_mapping(s, r, m);
	note_answer_aside(s, &r->facts, &r->hop, m);
	if (sip->status >= 200 && sip->status < 300) {
		r->digests = 0;
		granted(s, r, m);
	}
	/* RFC 3261 20.33: a comment may follow. */
	value = sip_value(sip, SIP_RETRY_AFTER);
	value = slice_trim(slice_split(&value, '('));
	if (sip->status >= 400 && seconds_of(value, &seconds))
		facts_note(s, &r->facts, FACT_RETRY_AFTER, seconds, m);
}

/* ---- dialogs ---- */

static uint32_t hop_hash(const struct stages *s, const struct message *m)
{
	return (uint32_t)stages_hash_ends(s, &m->from.src, &m->from.dst);
}

static bool from_caller(const struct stages *s, const struct dialog *d,
			const struct sip_message *sip)
{
	return stages_hash(s, sip->from_tag) == d->from_tag;
}

/* RFC 3326: "SIP;cause=488" or "Q.850;cause=65". */
static void note_cause(struct stages *s, struct dialog *d,
		       const struct message *m)
{
	struct slice rest = sip_value(m->u.sip, SIP_REASON), entry, value;
	uint64_t cause;

	while (sip_list_next(&rest, &entry)) {
		struct slice params = entry;
		struct slice protocol = slice_trim(slice_split(&params, ';'));
		bool q850 = slice_is_nocase(protocol, "Q.850");

		if ((!q850 && !slice_is_nocase(protocol, "SIP")) ||
		    !sip_param(params, ';', "cause", &value) ||
		    slice_number(slice_trim(value), 999, &cause) != STATUS_OK)
			continue;
		facts_note(s, &d->facts, FACT_BYE_CAUSE,
			   (q850 ? CAUSE_Q850 : 0) | (uint32_t)cause, m);
	}
}

static void bye(struct stages *s, struct dialog *d, const struct message *m)
{
	/* With another number it is another request: a challenge was
	 * answered, or the program gives up once more.  Hops have no direction,
	 * so who sends it is told apart, too. */
	uint32_t hop = hop_hash(s, m) + (uint32_t)m->u.sip->cseq * 31;

	facts_note(
		s, &d->facts, FACT_BYE,
		(hop & ~FACT_BYE_OF_CALLER) |
			(from_caller(s, d, m->u.sip) ? FACT_BYE_OF_CALLER : 0),
		m);
	note_cause(s, d, m);
}

/* RFC 3261 12.2.1.1: requests go to the host of the Contact. */
static uint32_t host_hash(const struct stages *s, struct slice text)
{
	struct sip_uri uri;

	if (sip_uri_parse(text, &uri) != STATUS_OK || uri.host.n == 0)
		return 0;
	return short_hash(s, uri.host) | 1;
}

/* Of the 2xx as the caller gets it, the remote target. */
static void note_target(struct stages *s, struct dialog *d,
			const struct message *m)
{
	struct slice rest = sip_value(m->u.sip, SIP_CONTACT), entry;
	struct sip_address a;

	if (stages_is_dst(s, &m->from, d->src) &&
	    sip_list_next(&rest, &entry) &&
	    sip_address_parse(entry, &a) == STATUS_OK)
		d->contact = host_hash(s, a.uri);
}

static bool routes_strictly(const struct sip_message *sip)
{
	struct slice rest = sip_value(sip, SIP_ROUTE), entry;
	size_t at;

	return sip_list_next(&rest, &entry) &&
	       !slice_search(entry, SLICE(";lr"), &at);
}

static void acknowledged(struct stages *s, struct dialog *d,
			 const struct message *m)
{
	uint32_t target = host_hash(s, m->u.sip->request_uri);

	if (d->final >= 200 && d->final < 300 && d->contact && target &&
	    target != d->contact && stages_is_src(s, &m->from, d->src) &&
	    m->u.sip->cseq == d->cseq && d->fork_count <= 1 &&
	    !routes_strictly(m->u.sip))
		facts_note(s, &d->facts, FACT_ACK_ELSEWHERE, 0, m);
	/* Few calls are offered so, and each fact has its price. */
	if (d->final >= 200 && d->final < 300 && m->u.sip->cseq == d->cseq &&
	    d->offer.place && !d->caller_offers && !d->reply.place &&
	    m->u.sip->body.n == 0 && !m->u.sip->body_cut)
		facts_note(s, &d->facts, FACT_ACK_BARE, 0, m);
}

/* Teams calls its SBC by name ("*.pstnhub.microsoft.com" and its kin). */
static bool is_direct_routing(struct slice request_uri)
{
	struct sip_uri uri;
	size_t at;

	return sip_uri_parse(request_uri, &uri) == STATUS_OK &&
	       slice_search(uri.host, SLICE(".pstnhub."), &at);
}

static void contact_for_teams(struct stages *s, struct dialog *d,
			      const struct message *m)
{
	struct contact contact;

	if (is_direct_routing(m->u.sip->request_uri) &&
	    contact_of(m->u.sip, &contact) && contact.at.family != FAMILY_NONE)
		facts_note(s, &d->facts, FACT_CONTACT_NUMERIC, 0, m);
}

/* Had the newest registration of who is called ended before? */
static void called_late(struct stages *s, struct dialog *d,
			const struct message *m)
{
	const struct registration *r;
	uint32_t row;

	if (d->parties[1] == LIST_NONE)
		return;
	row = *(const uint32_t *)list_at(&s->newest, d->parties[1]);
	r = row == CHAIN_END ? NULL : list_at(&s->model->registrations, row);
	if (r && r->bound && !r->removed && r->until < m->from.time &&
	    d->invites <= 1)
		facts_note(s, &d->facts, FACT_CALLED_LATE,
			   (uint32_t)((m->from.time - r->until) / NS_PER_S), m);
}

static void invite(struct stages *s, struct dialog *d, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;

	if (sip->to_tag.n)
		return;
	/* RFC 3261 18.1.1: longer ones must not go over UDP. */
	if (m->from.in_pieces)
		facts_note(s, &d->facts, FACT_PIECES, PIECES_OF_INVITE, m);
	else if (m->from.transport == TRANSPORT_UDP && m->bytes.n > 1300)
		facts_note(s, &d->facts, FACT_LONG_INVITE, (uint32_t)m->bytes.n,
			   m);
	if (slice_starts_nocase(sip_value(sip, SIP_CONTENT_TYPE), "multipart/"))
		facts_note(s, &d->facts, FACT_PARTS, 0, m);
	if (slice_is(sip_value(sip, SIP_MAX_FORWARDS), "0"))
		facts_note(s, &d->facts, FACT_NO_HOPS_LEFT, sip->via_count, m);
	called_late(s, d, m);
	contact_for_teams(s, d, m);
}

/* What became of a REFER: its status line as a body (RFC 3515 2.4.5). */
static void notified(struct stages *s, struct dialog *d,
		     const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct slice rest = sip->body, word = slice_split(&rest, ' ');
	struct slice event = sip_value(sip, SIP_EVENT);
	uint64_t status;

	event = slice_trim(slice_split(&event, ';'));
	if (slice_is_nocase(event, "refer") &&
	    slice_is_nocase(word, "SIP/2.0") &&
	    slice_number(slice_first(rest, 3), 699, &status) == STATUS_OK &&
	    status >= 300)
		facts_note(s, &d->facts, FACT_TRANSFER_FAILED, (uint32_t)status,
			   m);
}

/* Which of several, if there are several. */
static void acknowledged_one(struct stages *s, struct dialog *d,
			     const struct message *m)
{
	const struct fact *f = fact_of(s->model, &d->facts, FACT_ACCEPTED_BY);

	if (f && fact_after(s->model, f))
		facts_note(s, &d->facts, FACT_ACKED_BY,
			   short_hash(s, m->u.sip->to_tag), m);
}

#define CHANGES_TOLD 8u

/* At another hop, or since nobody answers: the count tells. */
static void note_change_again(struct stages *s, struct dialog *d,
			      const struct message *m)
{
	bool callee = !from_caller(s, d, m->u.sip);
	uint32_t value = (hop_hash(s, m) & ~CHANGE_NUMBER_MASK) |
			 CHANGE_NUMBER(m->u.sip->cseq, callee);
	const struct changing *c = &d->changing[callee];
	const struct fact *f = fact_of(s->model, &d->facts, FACT_CHANGE_AGAIN);
	unsigned count = 0;

	if (m->u.sip->to_tag.n == 0 || c->cseq != m->u.sip->cseq || !c->again ||
	    c->heard)
		return;
	for (; f && f->value != value; f = fact_after(s->model, f))
		count++;
	if (f || count < CHANGES_TOLD)
		facts_note(s, &d->facts, FACT_CHANGE_AGAIN, value, m);
}

static void request(struct stages *s, struct dialog *d, const struct message *m)
{
	switch ((int)m->u.sip->method) {
	case SIP_NOTIFY:
		notified(s, d, m);
		break;
	case SIP_INVITE:
		invite(s, d, m);
		note_change_again(s, d, m);
		break;
	case SIP_UPDATE:
		note_change_again(s, d, m);
		break;
	case SIP_CANCEL:
		facts_note(s, &d->facts, FACT_CANCEL, hop_hash(s, m), m);
		break;
	case SIP_BYE:
		bye(s, d, m);
		break;
	case SIP_ACK:
		acknowledged(s, d, m);
		acknowledged_one(s, d, m);
		break;
	case SIP_PRACK:
		facts_note(s, &d->facts, FACT_PRACK, 0, m);
		break;
	default:
		break;
	}
}

static bool is_described(const struct message *m)
{
	for (size_t i = 0; i < m->content_count; i++)
		if (m->contents[i].sdp)
			return true;
	return false;
}

/* RFC 3262 3. */
static void provisional(struct stages *s, struct dialog *d,
			const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct slice rest = sip_value(sip, SIP_REQUIRE), entry;
	struct slice number = sip_value(sip, SIP_RSEQ);

	if (sip->status == 183 && !is_described(m))
		facts_note(s, &d->facts, FACT_PROGRESS_BARE, 0, m);
	while (number.n && sip_list_next(&rest, &entry))
		if (slice_is_nocase(slice_trim(entry), "100rel"))
			facts_note(s, &d->facts, FACT_RELIABLE,
				   hop_hash(s, m) * 31 +
					   short_hash(s, number) * 7 +
					   short_hash(s, sip->to_tag),
				   m);
}

static void accepted(struct stages *s, struct dialog *d,
		     const struct message *m)
{
	struct contact contact;

	if (m->from.in_pieces)
		facts_note(s, &d->facts, FACT_PIECES, PIECES_OF_ANSWER, m);
	facts_note(s, &d->facts, FACT_ACCEPTED_BY,
		   short_hash(s, m->u.sip->to_tag), m);
	note_target(s, d, m);
	if (endpoint_is_public(&m->from.src) &&
	    contact_of(m->u.sip, &contact) &&
	    contact.at.family != FAMILY_NONE &&
	    endpoint_is_private(&contact.at))
		facts_note(s, &d->facts, FACT_CONTACT_PRIVATE, 0, m);
}

/* What is not known here, or missing (RFC 3261 21.4.15, 21.4.16). */
static void note_extension(struct stages *s, struct dialog *d,
			   const struct message *m)
{
	unsigned status = m->u.sip->status;
	struct slice names = slice_trim(sip_value(
		m->u.sip, status == 421 ? SIP_REQUIRE : SIP_UNSUPPORTED));

	if ((status == 420 || status == 421) && names.n)
		facts_note(s, &d->facts, FACT_EXTENSION,
			   model_keep_text(s->model, names), m);
}

/* RFC 3261 21.3: where the caller is to try next. */
static void note_redirection(struct stages *s, struct dialog *d,
			     const struct message *m)
{
	struct slice rest = sip_value(m->u.sip, SIP_CONTACT), entry;
	struct sip_address a;

	if (m->u.sip->status < 400 && sip_list_next(&rest, &entry) &&
	    sip_address_parse(entry, &a) == STATUS_OK)
		facts_note(s, &d->facts, FACT_SENT_TO,
			   short_hash(s, a.uri) / SENT_TO_TRIES *
					   SENT_TO_TRIES +
				   m->u.sip->cseq % SENT_TO_TRIES,
			   m);
}

/* The answer to what sets the call up. */
static void to_caller(struct stages *s, struct dialog *d,
		      const struct message *m)
{
	unsigned status = m->u.sip->status;

	note_answer_aside(s, &d->facts, &d->hop, m);
	if (status < 200)
		provisional(s, d, m);
	else if (status < 300)
		accepted(s, d, m);
	else if (d->final == status && place_at(s->model, d->answer).frame ==
					       place_of(&m->from).frame) {
		facts_note(s, &d->facts, FACT_REFUSED, status, m);
		note_extension(s, d, m);
		note_redirection(s, d, m);
		facts_note(s, &d->facts, FACT_REFUSAL, hop_hash(s, m), m);
	}
}

/* The answer to what changes the call: a re-INVITE or UPDATE (RFC 3261 14). */
static void to_change(struct stages *s, struct dialog *d,
		      const struct message *m)
{
	unsigned status = m->u.sip->status;
	const struct changing *c = &d->changing[!from_caller(s, d, m->u.sip)];

	if (status >= 300)
		facts_note(s, &d->facts, FACT_CHANGE_REFUSED,
			   status | (c->asked ? 0 : CHANGE_UNASKED) |
				   (c->fax ? CHANGE_FAX : 0),
			   m);
	else if (status >= 200)
		facts_note(s, &d->facts, FACT_CHANGED, 0, m);
}

/* Who sent a BYE as well did know the call. */
static bool both_end(struct stages *s, const struct dialog *d, bool caller)
{
	const struct fact *f = fact_of(s->model, &d->facts, FACT_BYE);

	for (; f; f = fact_after(s->model, f))
		if (!(f->value & FACT_BYE_OF_CALLER) == caller)
			return true;
	return false;
}

static void to_bye(struct stages *s, struct dialog *d, const struct message *m)
{
	facts_note(s, &d->facts, FACT_BYE_ANSWERED,
		   m->u.sip->status == 408 ? 408 : 0, m);
	if (m->u.sip->status == 481 &&
	    !both_end(s, d, from_caller(s, d, m->u.sip)))
		facts_note(s, &d->facts, FACT_BYE_UNKNOWN, 0, m);
}

/* Credentials may be asked for.  A PRACK that crosses the answer is too late
 * for what it acknowledges. */
static void note_refused(struct stages *s, struct dialog *d,
			 const struct message *m)
{
	const struct sip_message *sip = m->u.sip;

	if (sip->status < 300 || sip->status == 401 || sip->status == 407)
		return;
	if (sip->method == SIP_REFER)
		facts_note(s, &d->facts, FACT_TRANSFER_FAILED, sip->status, m);
	/* RFC 3261 12.2.1.2: the call itself is not known. */
	if (sip->method == SIP_INFO)
		facts_note(s, &d->facts,
			   sip->status == 481 ? FACT_CHANGE_REFUSED
					      : FACT_INFO_REFUSED,
			   sip->status, m);
	if (sip->method == SIP_PRACK && !d->final)
		facts_note(s, &d->facts, FACT_PRACK_REFUSED, sip->status, m);
}

static void response(struct stages *s, struct dialog *d,
		     const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	bool first = sip->cseq == d->cseq && from_caller(s, d, sip);
	uint32_t seconds;

	if (sip->method == SIP_BYE)
		to_bye(s, d, m);
	if (sip->method == SIP_CANCEL)
		facts_note(s, &d->facts, FACT_CANCEL_ANSWERED, 0, m);
	note_refused(s, d, m);
	if (sip->method != SIP_INVITE && sip->method != SIP_UPDATE)
		return;
	if (sip->status >= 200 && sip->status < 300 &&
	    seconds_of(sip_value(sip, SIP_SESSION_EXPIRES), &seconds))
		facts_note(s, &d->facts, FACT_SESSION_TIMER, seconds, m);
	if (sip->method == SIP_INVITE && first)
		to_caller(s, d, m);
	else if (d->older || (d->final >= 200 && d->final < 300))
		to_change(s, d, m);
}

/* The interfaces of a file show when they have messages. */
#define DIALOGS_BEFORE_VANTAGES 64u

/* Is it one of the messages that set the call up, on the first hop, and is
 * there another vantage to compare with?  A stream loses none, and is read once
 * wherever it is seen. */
static bool passing_kind(struct stages *s, const struct dialog *d,
			 const struct message *m, enum fact_kind *kind)
{
	const struct sip_message *sip = m->u.sip;
	end_number from = sip->request ? d->src : d->dst;
	end_number to = sip->request ? d->dst : d->src;

	if (!s->model->several_vantages &&
	    s->model->dialogs.count > DIALOGS_BEFORE_VANTAGES)
		return false;
	if (m->from.transport != TRANSPORT_UDP || sip->cseq != d->cseq ||
	    !stages_is_src(s, &m->from, from) ||
	    !stages_is_dst(s, &m->from, to))
		return false;
	/* The next INVITE sets out before this comes to another vantage. */
	if (sip->method == SIP_ACK && (d->final == 401 || d->final == 407))
		return false;
	if (sip->request)
		*kind = sip->method == SIP_ACK ? FACT_ACK_AT : FACT_INVITE_AT;
	else
		*kind = FACT_FINAL_AT;
	return sip->request
		       ? sip->method == SIP_ACK || (sip->method == SIP_INVITE &&
						    sip->to_tag.n == 0)
		       : sip->method == SIP_INVITE && sip->status >= 200;
}

void facts_exchange(struct stages *s, struct dialog *d, const struct message *m)
{
	enum fact_kind kind;

	altered_note(s, &d->facts, m);
	if (passing_kind(s, d, m, &kind))
		facts_note(s, &d->facts, kind, m->from.vantage, m);
	if (m->u.sip->request)
		request(s, d, m);
	else
		response(s, d, m);
}
