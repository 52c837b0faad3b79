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
	h->first = stages_place(s, &m->from);
	if (index_add(&s->handshakes, hash, (uint32_t)list->count - 1) !=
	    STATUS_OK)
		s->model->out_of_memory = true;
	return h;
}

/* RFC 9147 6.1: the epochs of DTLS 1.3, by their low two bits. */
#define EPOCH_HANDSHAKE 2
#define EPOCH_DATA 3

/* An alert of two bytes, its type, and the tag of all ciphers that browsers
 * have (RFC 9147 4, RFC 8446 6).  Finished is longer, and so is an ACK. */
#define SEALED_ALERT 19u

#define FATAL 2

static void note_alert(struct handshake *h, const struct message *m,
		       unsigned what)
{
	if (h->alert)
		return;
	h->alert = (uint16_t)(what + 1);
	h->alert_by_b = !endpoint_equal(&h->a, &m->from.src);
}

/* Where Finished or an ACK had to come, each side says so why none does: the
 * server's certificate is not the one that SDP promised, or the client's. */
static bool refuses(const struct handshake *h, const struct message *m,
		    unsigned side)
{
	bool begins = side == h->server ? m->u.tls->epoch == EPOCH_DATA &&
						  h->sealed[!side]
					: !h->sealed[side];

	return h->server_hello && !h->finished[0] && begins &&
	       m->u.tls->body.n == SEALED_ALERT;
}

static bool is_data(const struct handshake *h, const struct message *m)
{
	return h->server_hello && m->u.tls->epoch == EPOCH_DATA &&
	       m->u.tls->body.n != SEALED_ALERT;
}

/*
 * What is sealed says by its epoch how far a side is: the client answers the
 * server's Finished in the epoch of the handshake, and what the server sends in
 * the next one (RFC 9147 5.8.1: at least an ACK) says that it has the client's.
 * Who sends data has sent its flight before, also where the capture lacks it.
 */
static bool note_sealed(struct handshake *h, const struct message *m)
{
	unsigned side = !endpoint_equal(&h->a, &m->from.src);
	unsigned epoch = m->u.tls->epoch;

	if (refuses(h, m, side)) {
		note_alert(h, m, ALERT_SEALED);
		return true;
	}
	h->sealed[side] |= epoch == EPOCH_HANDSHAKE || is_data(h, m);
	if (epoch == EPOCH_HANDSHAKE)
		return true;
	if (epoch != EPOCH_DATA || !h->server_hello || h->finished[0] ||
		 side != h->server || !h->sealed[0] || !h->sealed[1])
		return false;
	h->finished[0] = h->finished[1] = true;
	return true;
}

static void choose(struct stages *s, struct handshake *h, uint16_t version)
{
	if (version == DTLS_VERSION_1_3 && version != h->version)
		s->model->inventory.dtls13++;
	h->version = version;
}

/* HelloRetryRequest chooses, too, and is followed by another. */
static void note_version(struct stages *s, struct handshake *h,
			 struct slice body)
{
	struct dtls_fragment part;
	struct tls_hello hello;

	if (dtls_fragment_next(&body, &part) && part.offset == 0 &&
	    part.length == part.bytes.n &&
	    tls_server_hello_read(part.bytes, &hello) == STATUS_OK)
		choose(s, h, hello.version);
}

/* Is this hello the one that proves that none is answered? */
static bool is_left_alone(struct stages *s, const struct handshake *h,
			  const struct message *m)
{
	const struct tls_record *record = m->u.tls;
	const struct fact *hellos =
		fact_with(s->model, &h->facts, FACT_HELLO,
			  !endpoint_equal(&h->a, &m->from.src));

	return record->content == TLS_HANDSHAKE && record->handshake_readable &&
	       record->handshake == TLS_CLIENT_HELLO && !h->server_hello &&
	       hellos && hellos->count == UNANSWERED_PROOF;
}

void stage_handshake(struct stages *s, const struct message *m)
{
	const struct tls_record *record = m->u.tls;
	struct handshake *h = handshake_of(s, m);

	if (!h)
		return;
	h->opened |= m->opened;
	if (m->opened)
		return;
	h->last = stages_place(s, &m->from);
	if (record->sealed) {
		if (!note_sealed(h, m))
			return;
		/* Its hello was spread over several records. */
		if (h->server_hello && !h->version)
			choose(s, h, DTLS_VERSION_1_3);
		cite(s->model, &h->cited, h->last);
		return;
	}
	facts_handshake(s, h, m);
	if (is_left_alone(s, h, m))
		relay_shuts_dtls(s, m);
	cite(s->model, &h->cited, h->last);
	if (record->content == TLS_HANDSHAKE && record->epoch == 0)
		certificate_take(s, h, &m->from, record->body);
	if (record->content == TLS_HANDSHAKE && record->handshake_readable) {
		h->client_hello |= record->handshake == TLS_CLIENT_HELLO;
		if (record->handshake == TLS_SERVER_HELLO) {
			h->server_hello = true;
			h->server = !endpoint_equal(&h->a, &m->from.src);
			note_version(s, h, record->body);
		}
	}
	/* What follows ChangeCipherSpec is the Finished message. */
	if (record->content == TLS_CHANGE_CIPHER_SPEC)
		h->finished[!endpoint_equal(&h->a, &m->from.src)] = true;
	if (record->content == TLS_ALERT && record->alert_readable &&
	    record->alert_level == FATAL)
		note_alert(h, m, record->alert_description);
}
