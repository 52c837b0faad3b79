/*
 * DTLS in datagrams: records are told as they are, and where keys are known,
 * what is in them is read as if it had come over UDP.
 *
 * Behind checks of ICE an association is for media and data channels: those
 * are nobody's signalling, and no key is asked for.
 */
#include "config.h"

#include <stdlib.h>

#include "flow/driver_state.h"
#include "flow/rules.h"

static struct flow *flow_of(struct driver *d, const struct origin *from)
{
	return &d->flows.rows[from->flow];
}

static struct dtls_flow *begin(struct driver *d, uint32_t row)
{
	struct dtls_flow *dtls = calloc(1, sizeof(*dtls));

	if (!dtls)
		return NULL;
	dtls->session = dtls_session_new(&d->tls);
	if (!dtls->session) {
		free(dtls);
		return NULL;
	}
	dtls->held.datagrams = true;
	held_begin(d, &dtls->held, row);
	return dtls;
}

void dtls_flow_free(struct driver *d, struct dtls_flow *dtls)
{
	if (!dtls)
		return;
	held_end(d, &dtls->held);
	tls_session_free(dtls->session);
	free(dtls);
}

/* The flow's association, a new one where a hello begins it; NULL: none that
 * is to be read. */
static struct dtls_flow *association_of(struct driver *d,
					const struct origin *from,
					const struct tls_record *record)
{
	struct flow *flow = flow_of(d, from);

	if (from->wrap_count)
		return NULL;
	if (!flow->dtls && !(flow->seen & FLOW_SEEN_STUN) &&
	    tls_session_begins(&d->tls, record))
		flow->dtls = begin(d, from->flow);
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

/* True: what it holds was read, or cannot be. */
static bool read_record(struct driver *d, const struct message *record,
			bool told)
{
	const struct origin *from = &record->from;
	struct slice plain;
	enum status status =
		dtls_session_record(flow_of(d, from)->dtls->session, from->side,
				    record->u.tls, &plain);

	if (told)
		return true;
	if (status == STATUS_BAD)
		take_finding(d, from, &flow_rules[FLOW_RULE_TLS]);
	if (plain.n == 0)
		return status == STATUS_BAD;
	note_opened(d, record);
	read_inside(d, from, plain);
	return true;
}

/* ---- keys that come later ---- */

static void hold(struct driver *d, const struct message *record, bool told)
{
	const struct origin *from = &record->from;
	struct dtls_flow *dtls = flow_of(d, from)->dtls;

	if (!dtls->held.on)
		return;
	if (tls_session_is_settled(dtls->session))
		held_end(d, &dtls->held);
	else
		held_add(d, &dtls->held,
			 &(struct held_record){.record = *record->u.tls,
					       .mark = {.time = from->time,
							.frame = from->frame,
							.file = from->file},
					       .vantage = from->vantage,
					       .side = (uint8_t)from->side,
					       .told = told});
}

static struct origin origin_of(struct driver *d, const struct held *h,
			       const struct held_record *record)
{
	const struct flow *flow = &d->flows.rows[h->row];
	const struct endpoint *src = &flow->ends[record->side];
	const struct endpoint *dst = &flow->ends[!record->side];

	return (struct origin){.file = record->mark.file,
			       .vantage = record->vantage,
			       .frame = record->mark.frame,
			       .time = record->mark.time,
			       .src = *src,
			       .dst = *dst,
			       .outer_src = *src,
			       .outer_dst = *dst,
			       .side = record->side,
			       .flow = h->row,
			       .transport = TRANSPORT_UDP};
}

void dtls_take_secrets(struct driver *d, struct held *h)
{
	struct tls_session *session = d->flows.rows[h->row].dtls->session;

	if (!tls_session_gains(session))
		return;
	tls_session_restart(session);
	for (struct held_record *r = h->first; r; r = r->next) {
		struct message message = {.kind = MESSAGE_DTLS,
					  .from = origin_of(d, h, r),
					  .u.tls = &r->record};

		r->told |= read_record(d, &message, r->told);
	}
	if (tls_session_is_settled(session))
		held_end(d, h);
}

/* ---- records ---- */

static void open_record(struct driver *d, const struct message *record)
{
	if (association_of(d, &record->from, record->u.tls))
		hold(d, record, read_record(d, record, false));
}

static enum status decode(struct driver *d, const struct origin *from,
			  struct slice bytes, struct tls_record *record,
			  size_t *used)
{
	struct decoding decoding = {.arena = &d->scratch, .cut = from->cut};
	const struct dtls_flow *dtls =
		from->wrap_count ? NULL : flow_of(d, from)->dtls;

	if (dtls_claims(bytes, false) == CLAIM_NO)
		return STATUS_NOT_MINE;
	if (!dtls)
		return dtls_decode(&decoding, bytes, record, used);
	return dtls_decode_with_id(
		&decoding, bytes,
		dtls_session_id_size(dtls->session, from->side), record, used);
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
