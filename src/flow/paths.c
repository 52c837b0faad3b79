/*
 * The ways that set-up tried: which host asked which server or peer over what,
 * whether an answer came, and what the network said instead.
 */
#include "config.h"

#include "flow/stages_state.h"

struct path_key {
	end_number src, dst;   /* src: with port 0 */
	const char *transport; /* of transport_name: each once */
	enum path_purpose purpose;
};

static struct endpoint host_of(const struct endpoint *e)
{
	struct endpoint host = *e;

	host.port = 0;
	return host;
}

static uint64_t path_hash(const struct stages *s, const struct path_key *k)
{
	return hash_mix(hash_mix(s->key + ((uint64_t)k->src << 32 | k->dst)) +
			(uint64_t)k->purpose +
			16 * (uint64_t)(uintptr_t)k->transport);
}

static bool same_path(const void *rows, uint32_t row, const void *key)
{
	const struct path *p = (const struct path *)rows + row;
	const struct path_key *k = key;

	return p->purpose == k->purpose && p->transport == k->transport &&
	       p->dst == k->dst && p->src == k->src;
}

static uint32_t find(const struct stages *s, const struct path_key *k)
{
	return index_find(&s->paths, path_hash(s, k), same_path,
			  s->model->paths.rows, k);
}

/* The path between these two, or INDEX_NONE. */
static uint32_t find_between(const struct stages *s, const struct endpoint *src,
			     end_number dst, const char *transport,
			     enum path_purpose purpose)
{
	struct endpoint host = host_of(src);
	struct path_key k = {0, dst, transport, purpose};

	return model_find_end(s->model, &host, &k.src) ? find(s, &k)
						       : INDEX_NONE;
}

static uint32_t find_or_add(struct stages *s, const struct path_key *k)
{
	struct list *list = &s->model->paths;
	uint32_t row = find(s, k);
	struct path *p;

	if (row != INDEX_NONE)
		return row;
	p = list_add(list);
	if (!p)
		return CHAIN_END;
	*p = (struct path){.src = k->src,
			   .dst = k->dst,
			   .transport = k->transport,
			   .purpose = (uint8_t)k->purpose,
			   .icmp_type = -1,
			   .icmp_code = -1};
	row = (uint32_t)list->count - 1;
	if (index_add(&s->paths, path_hash(s, k), row) != STATUS_OK)
		s->model->out_of_memory = true;
	return row;
}

/* A log that does not tell both ends shows no way between them. */
static uint32_t ask(struct stages *s, const struct origin *from,
		    enum path_purpose purpose)
{
	struct endpoint host = host_of(&from->src);
	struct path_key k = {model_end(s->model, &host), stages_dst(s, from),
			     transport_name(from->transport), purpose};
	bool told = from->src.family != FAMILY_NONE &&
		    from->dst.family != FAMILY_NONE;
	uint32_t row = told ? find_or_add(s, &k) : CHAIN_END;
	struct path *p;

	if (row == CHAIN_END)
		return row;
	p = list_at(&s->model->paths, row);
	if (p->asked++ == 0) {
		p->first = stages_place(s, from);
		p->src_low = p->src_high = from->src.port;
	}
	if (from->src.port < p->src_low)
		p->src_low = from->src.port;
	if (from->src.port > p->src_high)
		p->src_high = from->src.port;
	/* Copies of one packet are no proof that nobody answers. */
	if (p->rounds == 0 ||
	    from->time - place_time(s->model, p->last) >= COPY_WINDOW)
		p->rounds++;
	p->last = stages_place(s, from);
	return row;
}

/* Who speaks on a connection saw it open.  Firewalls and proxies open those
 * that seem to be TLS themselves. */
uint32_t path_ask(struct stages *s, const struct origin *from,
		  enum path_purpose purpose)
{
	uint32_t row = ask(s, from, purpose);

	if (row != CHAIN_END && from->transport != TRANSPORT_UDP &&
	    from->transport != TRANSPORT_PSEUDO_TLS)
		((struct path *)list_at(&s->model->paths, row))->connected =
			true;
	return row;
}

bool path_was_asked(struct stages *s, const struct endpoint *client,
		    const struct endpoint *server, const char *transport,
		    enum path_purpose purpose)
{
	end_number to;

	return model_find_end(s->model, server, &to) &&
	       find_between(s, client, to, transport, purpose) != INDEX_NONE;
}

void path_answer(struct stages *s, uint32_t row)
{
	if (row != CHAIN_END)
		((struct path *)list_at(&s->model->paths, row))->answered++;
}

/* The answer goes the other way. */
static void answer_back(struct stages *s, const struct origin *from,
			enum path_purpose purpose)
{
	uint32_t row = find_between(s, &from->dst, stages_src(s, from),
				    transport_name(from->transport), purpose);

	if (row != INDEX_NONE)
		path_answer(s, row);
}

void path_sip(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;

	if (!sip->request)
		answer_back(s, &m->from, PATH_SIP);
	else if (sip->method != SIP_ACK) /* nobody answers it */
		(void)path_ask(s, &m->from, PATH_SIP);
}

void path_dns(struct stages *s, const struct message *m)
{
	if (endpoint_is_multicast(&m->from.dst) ||
	    endpoint_is_multicast(&m->from.src))
		return;
	if (m->u.dns->response)
		answer_back(s, &m->from, PATH_DNS);
	else
		(void)path_ask(s, &m->from, PATH_DNS);
}

/* ---- what the network says ---- */

static void note_error(struct path *p, const struct icmp_error *e)
{
	p->icmp_type = e->type;
	p->icmp_code = e->code;
}

void path_icmp(struct stages *s, const struct icmp_error *e)
{
	enum transport transport = e->protocol == IP_TCP    ? TRANSPORT_TCP
				   : e->protocol == IP_SCTP ? TRANSPORT_SCTP
							    : TRANSPORT_UDP;

	end_number to;

	if (!model_find_end(s->model, &e->dst, &to))
		return;
	for (int purpose = PATH_SIP; purpose <= PATH_DNS; purpose++) {
		uint32_t row =
			find_between(s, &e->src, to, transport_name(transport),
				     (enum path_purpose)purpose);

		if (row != INDEX_NONE)
			note_error(list_at(&s->model->paths, row), e);
	}
}

/* A connection is a question of its own, whatever is said on it. */
void path_tcp(struct stages *s, const struct message *m,
	      enum path_purpose purpose)
{
	unsigned events = m->u.tcp.events;
	uint32_t row = ask(s, &m->from, purpose);
	struct path *p;

	if (row == CHAIN_END)
		return;
	p = list_at(&s->model->paths, row);
	if (events & TCP_SAW_SYN_ACK)
		p->answered++;
	else if (events & TCP_SAW_RST)
		p->reset = true;
	else if (events & TCP_SYN_OFTEN && p->rounds < UNANSWERED_PROOF)
		p->rounds = UNANSWERED_PROOF;
}

static enum path_verdict verdict_of(const struct model *m, const struct path *p)
{
	if (p->answered || p->connected)
		return PATH_OPEN;
	if (p->icmp_type >= 0 || p->reset)
		return PATH_REFUSED;
	/* A capture that shows no answer at all may only see one direction. */
	return p->rounds >= UNANSWERED_PROOF && m->answers ? PATH_BLOCKED
							   : PATH_UNANSWERED;
}

void paths_finish(struct stages *s)
{
	struct path *rows = s->model->paths.rows;

	for (size_t i = 0; i < s->model->paths.count; i++)
		rows[i].verdict = (uint8_t)verdict_of(s->model, &rows[i]);
}
