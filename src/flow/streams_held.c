/*
 * TLS connections whose keys come later than their records (flow/held.h).
 */
#include "config.h"

#include "flow/streams_state.h"

static struct tls_stream *stream_of(struct driver *d, const struct held *h)
{
	return d->flows.rows[h->row].tcp->tls;
}

/* Where it was over it goes. */
void streams_let_go(struct driver *d, struct held *h)
{
	struct reading r = {.d = d, .row = h->row};
	struct tls_stream *tls = stream_of(d, h);

	held_end(d, h);
	r.sides = streams_tcp(&r)->sides;
	r.from = (struct origin){.flow = r.row, .transport = TRANSPORT_TCP};
	if (tls->ended[0] && tls->ended[1])
		tls_stream_finish(&r);
}

/* ---- what is held ---- */

/* Another handshake inside of a connection that is read: from here on a side
 * has keys that may not be known. */
static bool is_change(const struct tls_record *record)
{
	return record && record->content == TLS_CHANGE_CIPHER_SPEC;
}

static void begin_later(struct driver *d, struct held *h)
{
	held_begin(d, h, h->row);
	h->resumes = true;
}

/* Of a later handshake only what comes behind the change is held. */
static bool is_wanted(struct held *h, unsigned side,
		      const struct tls_record *record)
{
	h->changed[side] |= is_change(record);
	return !h->resumes || h->changed[side];
}

void streams_hold(struct reading *r, unsigned side,
		  const struct tls_record *record, bool told)
{
	struct tls_stream *tls = streams_tcp(r)->tls;
	struct held *h = &tls->held;
	struct held_record held = {
		.mark = {.time = r->from.time,
			 .frame = r->from.frame,
			 .file = r->from.file,
			 .vantage = r->from.vantage},
		.vantage = r->from.vantage,
		.side = (uint8_t)side,
		.lost = !record,
		.told = told,
	};

	if (tls_session_is_settled(tls->session)) {
		held_end(r->d, h);
		return;
	}
	if (!h->on && is_change(record) && tls_session_was_read(tls->session))
		begin_later(r->d, h);
	if (!h->on || !is_wanted(h, side, record))
		return;
	if (record)
		held.record = *record;
	held_add(r->d, h, &held);
}

/* ---- telling it ---- */

static void tell_record(struct reading *r, struct held_record *held)
{
	struct tls_stream *tls = streams_tcp(r)->tls;

	r->from = (struct origin){.file = held->mark.file,
				  .vantage = held->vantage,
				  .frame = held->mark.frame,
				  .time = held->mark.time,
				  .side = held->side,
				  .flow = r->row,
				  .transport = TRANSPORT_TCP};
	if (held->lost) {
		/* The message that was cut is given up once. */
		if (!held->told)
			tls_stream_skip(tls, held->side);
		held->told = true;
		(void)!tls_session_lose(tls->session, held->side);
		return;
	}
	held->told |= tls_stream_read(r, held->side, &held->record, held->told);
}

static void tell_left_out(struct tls_stream *tls)
{
	for (unsigned side = 0; side < 2; side++) {
		if (tls->held.left_out[side] == 0)
			continue;
		tls_stream_skip(tls, side);
		(void)!tls_session_skip(tls->session, side,
					tls->held.left_out[side]);
	}
}

static void tell(struct driver *d, struct held *h)
{
	struct tls_stream *tls = stream_of(d, h);
	struct reading r = {.d = d, .row = h->row};

	r.sides = streams_tcp(&r)->sides;
	if (h->resumes)
		tls_session_resume(tls->session);
	else
		tls_session_restart(tls->session);
	for (struct held_record *record = h->first; record;
	     record = record->next)
		tell_record(&r, record);
	if (!tls_session_is_settled(tls->session))
		return;
	tell_left_out(tls);
	streams_let_go(d, h);
}

void streams_take_secrets(struct driver *d, struct held *h)
{
	if (tls_session_gains(stream_of(d, h)->session))
		tell(d, h);
}
