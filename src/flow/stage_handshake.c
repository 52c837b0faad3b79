/* What follows checks: the DTLS handshake (RFC 5764, RFC 8827 6.5). */
#include "config.h"

#include "flow/facts.h"
#include "flow/stages_state.h"

static bool same_handshake(const void *rows, uint32_t row, const void *key)
{
	const struct handshake *h = (const struct handshake *)rows + row;
	const struct message *m = key;

	return (endpoint_equal(&h->a, &m->from.src) &&
		endpoint_equal(&h->b, &m->from.dst)) ||
	       (endpoint_equal(&h->a, &m->from.dst) &&
		endpoint_equal(&h->b, &m->from.src));
}

static struct handshake *handshake_of(struct stages *s, const struct message *m)
{
	struct list *list = &s->model->handshakes;
	uint64_t hash = stages_hash_ends(s, &m->from.src, &m->from.dst);
	uint32_t row =
		index_find(&s->handshakes, hash, same_handshake, list->rows, m);
	struct handshake *h;

	if (row != INDEX_NONE)
		return list_at(list, row);
	h = list_add(list);
	if (!h)
		return NULL;
	h->a = m->from.src;
	h->b = m->from.dst;
	h->call = LIST_NONE;
	h->first = place_of(&m->from);
	if (index_add(&s->handshakes, hash, (uint32_t)list->count - 1) !=
	    STATUS_OK)
		s->model->out_of_memory = true;
	return h;
}

void stage_handshake(struct stages *s, const struct message *m)
{
	const struct tls_record *record = m->u.tls;
	struct handshake *h = handshake_of(s, m);

	if (!h)
		return;
	h->last = place_of(&m->from);
	facts_handshake(s, h, m);
	cite(&h->cited, &h->last);
	if (record->content == TLS_HANDSHAKE && record->epoch == 0)
		certificate_take(s, h, &m->from, record->body);
	if (record->content == TLS_HANDSHAKE && record->handshake_readable) {
		h->client_hello |= record->handshake == TLS_CLIENT_HELLO;
		h->server_hello |= record->handshake == TLS_SERVER_HELLO;
	}
	/* What follows ChangeCipherSpec is the Finished message. */
	if (record->content == TLS_CHANGE_CIPHER_SPEC)
		h->finished[!endpoint_equal(&h->a, &m->from.src)] = true;
	h->alert |= record->content == TLS_ALERT && record->alert_readable &&
		    record->alert_level == 2;
}
