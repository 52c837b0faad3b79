/*
 * Who takes part: addresses of record, written one way, and where their
 * owners were seen; and texts that repeat, kept once.
 */
#include "config.h"

#include "flow/stages_state.h"

/* Where scheme and port say nothing else (RFC 3261 19.1.2). */
#define PORT_SIP 5060
#define PORT_SIPS 5061

/* ---- texts ---- */

const char *stages_text(struct stages *s, struct slice text)
{
	const char *kept = text_at(s->model, model_keep_text(s->model, text));

	return kept ? kept : model_text(s->model, text);
}

/* ---- addresses of record ---- */

static void put_lower(struct text *to, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		text_putc(to,
			  (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] | 0x20
								: s.p[i]));
}

static void put_port(struct text *to, const struct sip_uri *uri)
{
	bool secure = slice_is_nocase(uri->scheme, "sips");

	if (uri->port && uri->port != (secure ? PORT_SIPS : PORT_SIP))
		text_printf(to, ":%u", uri->port);
}

/* Without password, parameters and headers: those of a contact, not of who it
 * is (RFC 3261 10.3, 19.1.4). */
static void put_uri(struct text *to, const struct sip_uri *uri)
{
	struct slice rest = uri->host;

	put_lower(to, uri->scheme);
	text_putc(to, ':');
	if (!slice_is_nocase(uri->scheme, "sip") &&
	    !slice_is_nocase(uri->scheme, "sips")) {
		text_put(to, slice_split(&rest, ';'));
		return;
	}
	if (uri->user.n) {
		text_put(to, uri->user);
		text_putc(to, '@');
	}
	put_lower(to, uri->host);
	put_port(to, uri);
}

struct slice aor_of(struct stages *s, struct slice uri)
{
	struct sip_uri parts;
	struct slice rest;
	size_t at;

	/* A name in front that cannot be read is no part of it. */
	if (slice_find(uri, '<', &at)) {
		uri = slice_from(uri, at + 1);
		uri = slice_split(&uri, '>');
	}
	rest = uri;

	text_clear(&s->scratch);
	if (sip_uri_parse(uri, &parts) == STATUS_OK)
		put_uri(&s->scratch, &parts);
	else
		text_put(&s->scratch, slice_split(&rest, ';'));
	if (s->scratch.failed == STATUS_NOMEM)
		s->model->out_of_memory = true;
	return text_slice(&s->scratch);
}

/* ---- parties ---- */

static bool same_party(const void *rows, uint32_t row, const void *key)
{
	return model_text_is(((const struct party *)rows)[row].aor,
			     *(const struct slice *)key);
}

static size_t find_party(const struct stages *s, struct slice aor)
{
	uint32_t row = index_find(&s->parties, stages_hash(s, aor), same_party,
				  s->model->parties.rows, &aor);

	return row == INDEX_NONE ? LIST_NONE : row;
}

size_t party_known(struct stages *s, struct slice uri)
{
	return find_party(s, aor_of(s, uri));
}

static size_t add_party(struct stages *s, struct slice aor,
			const struct message *m)
{
	struct list *list = &s->model->parties;
	uint32_t *newest = list_add(&s->newest);
	struct party *p = newest ? list_add(list) : NULL;

	if (!p) {
		s->newest.count -= newest != NULL;
		return LIST_NONE;
	}
	*newest = CHAIN_END;
	p->aor = stages_text(s, aor);
	p->first = stages_place(s, &m->from);
	if (index_add(&s->parties, stages_hash(s, aor),
		      (uint32_t)list->count - 1) != STATUS_OK)
		s->model->out_of_memory = true;
	return list->count - 1;
}

const char *party_note(struct stages *s, struct slice uri,
		       const struct message *m, uint32_t *party)
{
	struct slice aor = aor_of(s, uri);
	size_t number = aor.n ? find_party(s, aor) : LIST_NONE;

	if (number == LIST_NONE && aor.n)
		number = add_party(s, aor, m);
	*party = (uint32_t)number;
	if (number == LIST_NONE)
		return stages_text(s, aor);
	return ((const struct party *)list_at(&s->model->parties, *party))->aor;
}

void party_at(struct stages *s, size_t party, const struct endpoint *e)
{
	struct party *p;
	uint32_t end;

	if (party == LIST_NONE)
		return;
	p = list_at(&s->model->parties, party);
	for (unsigned i = 0; i < p->address_count; i++)
		if (endpoint_equal(end_at(s->model, p->addresses[i]), e))
			return;
	if (p->address_count == PARTY_ADDRESSES_KEPT)
		return;
	end = model_end(s->model, e);
	if (end)
		p->addresses[p->address_count++] = end;
}

void party_sent(struct stages *s, size_t party, const struct message *m)
{
	struct party *p;
	struct slice agent;

	if (party == LIST_NONE)
		return;
	/* Behind the first hop it is a proxy that sends (RFC 3261 16.6). */
	if (m->u.sip->via_count == 1)
		party_at(s, party, &m->from.src);
	p = list_at(&s->model->parties, party);
	if (p->user_agent)
		return;
	agent = sip_value(m->u.sip, SIP_USER_AGENT);
	if (agent.n)
		p->user_agent = stages_text(s, agent);
}
