/*
 * DTLS in datagrams: records are told as they are, and where keys are known,
 * what is in them is read as if it had come over UDP.
 *
 * Behind checks of ICE an association is for media and data channels: those
 * are nobody's signalling, and no key is asked for.
 */
#include "config.h"

#include "flow/driver_state.h"
#include "flow/rules.h"

static struct flow *flow_of(struct driver *d, const struct origin *from)
{
	return &d->flows.rows[from->flow];
}

/* The flow's association, a new one where a hello begins it; NULL: none that
 * is to be read. */
static struct tls_session *session_of(struct driver *d,
				      const struct origin *from,
				      const struct tls_record *record)
{
	struct flow *flow = flow_of(d, from);

	if (from->wrap_count)
		return NULL;
	if (!flow->dtls && !(flow->seen & FLOW_SEEN_STUN) &&
	    tls_session_begins(&d->tls, record))
		flow->dtls = dtls_session_new(&d->tls);
	return flow->dtls;
}

/* The first record that is read tells so. */
static void note_opened(struct driver *d, const struct message *record)
{
	struct flow *flow = flow_of(d, &record->from);
	struct message message = *record;

	if (flow->seen & FLOW_SEEN_INSIDE)
		return;
	flow->seen |= FLOW_SEEN_INSIDE;
	message.opened = true;
	take_other(d, &message);
}

static void read_inside(struct driver *d, const struct origin *from,
			struct slice plain)
{
	struct origin inner = *from;

	/* A record is whole, however short its packet was cut. */
	inner.cut = false;
	inner.transport = TRANSPORT_DTLS;
	inner.wraps[inner.wrap_count++] = WRAP_DTLS;
	classify_datagram(d, &inner, plain, 0);
}

static void open_record(struct driver *d, const struct message *record)
{
	struct tls_session *session =
		session_of(d, &record->from, record->u.tls);
	struct slice plain;
	enum status status;

	if (!session)
		return;
	status = dtls_session_record(session, record->from.side, record->u.tls,
				     &plain);
	if (status == STATUS_BAD)
		take_finding(d, &record->from, &flow_rules[FLOW_RULE_TLS]);
	if (plain.n == 0)
		return;
	note_opened(d, record);
	read_inside(d, &record->from, plain);
}

static enum status decode(struct driver *d, const struct origin *from,
			  struct slice bytes, struct tls_record *record,
			  size_t *used)
{
	struct decoding decoding = {.arena = &d->scratch, .cut = from->cut};
	const struct tls_session *session =
		from->wrap_count ? NULL : flow_of(d, from)->dtls;

	if (dtls_claims(bytes, false) == CLAIM_NO)
		return STATUS_NOT_MINE;
	if (!session)
		return dtls_decode(&decoding, bytes, record, used);
	return dtls_decode_with_id(&decoding, bytes,
				   dtls_session_id_size(session, from->side),
				   record, used);
}

bool classify_dtls(struct driver *d, const struct origin *from,
		   struct slice bytes)
{
	struct tls_record record;
	struct message message = {
		.kind = MESSAGE_DTLS, .from = *from, .u.tls = &record};
	bool any = false;
	size_t used;

	while (bytes.n && decode(d, from, bytes, &record, &used) == STATUS_OK) {
		any = true;
		d->counts.dtls++;
		message.bytes = slice_first(bytes, used);
		if (record.content != TLS_APPLICATION_DATA &&
		    record.content != TLS_CONNECTION_ID)
			take_other(d, &message);
		flow_of(d, from)->seen |= FLOW_SEEN_DTLS;
		open_record(d, &message);
		bytes = slice_from(bytes, used);
	}
	return any;
}

bool classify_dtls_sealed(struct driver *d, const struct origin *from,
			  struct slice bytes)
{
	struct tls_record record;
	struct message message = {
		.kind = MESSAGE_DTLS, .from = *from, .u.tls = &record};
	bool any = false;
	size_t used;

	while (bytes.n &&
	       dtls_sealed_decode(bytes, &record, &used) == STATUS_OK) {
		any = true;
		d->counts.dtls++;
		message.bytes = slice_first(bytes, used);
		take_other(d, &message);
		bytes = slice_from(bytes, used);
	}
	return any;
}
