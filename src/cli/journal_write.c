/* Messages to rows of the journal. */
#include "config.h"

#include "capture/frame.h"
#include "cli/journal_write.h"

void journal_writer_init(struct journal_writer *w)
{
	*w = (struct journal_writer){.no_spill = false};
	journal_init(&w->journal);
}

void journal_writer_free(struct journal_writer *w)
{
	spill_free(w->spill);
	journal_free(&w->journal);
}

void journal_writer_clear(struct journal_writer *w)
{
	struct endpoint none = {.family = FAMILY_NONE};

	journal_clear(&w->journal);
	if (w->spill)
		spill_clear(w->spill);
	for (size_t i = 0; i < 4; i++)
		w->last[i] = none;
}

static uint32_t end(struct journal_writer *w, unsigned slot,
		    const struct endpoint *e)
{
	if (e->family == FAMILY_NONE || !endpoint_equal(&w->last[slot], e)) {
		w->last[slot] = *e;
		w->last_numbers[slot] = journal_end(&w->journal, e);
	}
	return w->last_numbers[slot];
}

/* Do the bytes lie in the frame as it was captured? */
static bool lies_in(const struct frame *frame, struct slice bytes)
{
	const uint8_t *begin = frame->bytes.p;

	return begin && bytes.p >= begin && bytes.p <= begin + frame->bytes.n &&
	       bytes.n <= (size_t)(begin + frame->bytes.n - bytes.p);
}

static bool has_spill(struct journal_writer *w)
{
	if (!w->spill && !w->no_spill) {
		w->spill = spill_new();
		w->no_spill = !w->spill;
	}
	return w->spill;
}

static void keep_bytes(struct journal_writer *w, struct entry *e,
		       struct slice bytes)
{
	e->flags |= ENTRY_SPILLED;
	if (!has_spill(w) || !spill_put(w->spill, bytes, &e->offset))
		e->offset = UINT64_MAX;
}

/* The frame in the spill, once for all messages in it. */
static uint64_t keep_frame(struct journal_writer *w, const struct frame *frame)
{
	struct spilled_frame head = {
		.time = frame->time,
		.number = frame->number,
		.file = frame->file,
		.interface = frame->interface,
		.link_type = frame->link_type,
		.wire_length = frame->wire_length,
		.length = (uint32_t)frame->bytes.n,
	};
	uint64_t bytes;

	if (w->last_frame == frame->number && w->last_file == frame->file)
		return w->last_at;
	w->last_frame = frame->number;
	w->last_file = frame->file;
	if (!has_spill(w) ||
	    !spill_put(w->spill, slice_of(&head, sizeof(head)), &w->last_at) ||
	    !spill_put(w->spill, frame->bytes, &bytes) ||
	    bytes != w->last_at + sizeof(head))
		w->last_at = UINT64_MAX;
	return w->last_at;
}

static void keep_live(struct journal_writer *w, struct entry *e,
		      const struct frame *frame, struct slice bytes)
{
	e->frame = keep_frame(w, frame);
	if (e->frame == UINT64_MAX || !lies_in(frame, bytes)) {
		keep_bytes(w, e, bytes);
		return;
	}
	e->flags |= ENTRY_SPILLED;
	e->offset = e->frame + sizeof(struct spilled_frame) +
		    (uint64_t)(bytes.p - frame->bytes.p);
}

bool journal_writer_trim(struct journal_writer *w)
{
	struct journal *j = &w->journal;
	const struct entry *first;

	if (j->rows.count < JOURNAL_LIVE_MAX &&
	    (!w->spill || spill_held(w->spill) < SPILL_LIVE_MAX))
		return false;
	if (!journal_trim(j, j->rows.count / 4 + 1))
		return false;
	for (size_t i = 0; i < 4; i++)
		w->last[i] = (struct endpoint){.family = FAMILY_NONE};
	if (j->rows.count == 0 || !w->spill)
		return true;
	first = journal_at(j, journal_first(j));
	spill_forget(w->spill,
		     first->frame != UINT64_MAX ? first->frame : first->offset);
	return true;
}

/* A description is kept without the JSON around it. */
static struct slice bytes_of(const struct message *m)
{
	return m->kind == MESSAGE_TOLD ? m->u.told->text : m->bytes;
}

static void note_bytes(struct journal_writer *w, struct entry *e,
		       const struct frame *frame, const struct message *m)
{
	const struct slice bytes = bytes_of(m);
	bool sip = m->kind == MESSAGE_SIP;

	/* Retransmissions of SIP are equal; two checks are never. */
	e->bytes = sip ? hash_bytes(w->journal.key, m->bytes) : 0;
	e->length = (uint32_t)bytes.n;
	e->frame = UINT64_MAX;
	if (w->live)
		keep_live(w, e, frame, bytes);
	else if (frame->offset != FRAME_NOWHERE && lies_in(frame, bytes))
		e->offset =
			frame->offset + (uint64_t)(bytes.p - frame->bytes.p);
	else
		keep_bytes(w, e, bytes);
}

static void note_sip(struct journal_writer *w, struct entry *e,
		     const struct message *m)
{
	const struct sip_message *sip = m->u.sip;

	e->kind = sip->request ? ENTRY_SIP_REQUEST : ENTRY_SIP_RESPONSE;
	e->code =
		(uint16_t)(sip->request ? (unsigned)sip->method : sip->status);
	e->group = hash_bytes(w->journal.key, sip->call_id);
	for (size_t i = 0; i < m->content_count; i++)
		if (m->contents[i].sdp)
			e->flags |= ENTRY_SDP;
		else if (m->contents[i].mras)
			e->flags |= ENTRY_MRAS;
}

static void note_stun(struct journal_writer *w, struct entry *e,
		      const struct message *m)
{
	const struct stun_message *stun = m->u.stun;

	e->kind = ENTRY_STUN;
	e->code = (uint16_t)stun->method;
	e->class = (uint8_t)stun->class;
	e->error = (uint16_t)stun->error;
	e->dialect = (uint8_t)stun->dialect;
	e->group = hash_bytes(w->journal.key, slice_of(stun->id, 16));
	/* A transaction sent again is a retransmission. */
	e->bytes = e->group ^ (uint64_t)stun->class << 1 ^ stun->error;
	if (m->integrity == INTEGRITY_BAD)
		e->flags |= ENTRY_BAD;
	if (stun->use_candidate)
		e->flags |= ENTRY_NOMINATES;
}

static void note_icmp(const struct journal_writer *w, struct entry *e,
		      const struct message *m)
{
	const struct icmp_error *icmp = m->u.icmp;

	e->kind = ENTRY_ICMP;
	e->code = (uint16_t)((unsigned)icmp->type << 8 | icmp->code);
	e->error = (uint16_t)message_obstacle(m);
	e->group = journal_hash_of_ends(&w->journal, &icmp->src, &icmp->dst);
}

/* Over TCP nothing comes twice: what is equal was asked again. */
static void note_web(const struct journal_writer *w, struct entry *e,
		     const struct message *m)
{
	e->kind = ENTRY_WEB;
	e->code = (uint16_t)m->u.web->status;
	e->group =
		journal_hash_of_ends(&w->journal, &m->from.src, &m->from.dst);
	e->bytes = e->group ^ m->from.frame;
}

/* What is told again is told once more: rows are never equal. */
static void note_told(const struct journal_writer *w, struct entry *e,
		      const struct message *m)
{
	e->kind = ENTRY_TOLD;
	e->code = (uint16_t)m->u.told->kind;
	if (m->from.logged)
		e->flags |= ENTRY_LOGGED;
	if (m->u.told->kind != JSEP_CANDIDATE)
		e->flags |= ENTRY_SDP;
	e->bytes = hash_mix(w->journal.key ^ journal_last(&w->journal));
}

static void note_said(const struct journal_writer *w, struct entry *e,
		      const struct message *m)
{
	e->kind = ENTRY_SAID;
	e->code = m->u.record->level;
	e->flags |= ENTRY_LOGGED;
	e->bytes = hash_mix(w->journal.key ^ journal_last(&w->journal));
}

/* An error goes back to the port that sent what it is about: from the other
 * one, or from a router on the way. */
static void note_ends_of_icmp(struct journal_writer *w, struct entry *e,
			      const struct message *m)
{
	const struct icmp_error *icmp = m->u.icmp;
	bool end_to_end = endpoint_same_ip(&m->from.src, &icmp->dst);

	e->src = end(w, 0, end_to_end ? &icmp->dst : &m->from.src);
	e->dst = end(w, 1, &icmp->src);
	e->outer_src = e->src;
	e->outer_dst = e->dst;
}

static void note_ends(struct journal_writer *w, struct entry *e,
		      const struct message *m)
{
	const struct origin *from = &m->from;

	if (m->kind == MESSAGE_ICMP) {
		note_ends_of_icmp(w, e, m);
		return;
	}
	/* It goes to nobody. */
	if (m->kind == MESSAGE_REMARK) {
		e->src = e->dst = end(w, 0, &from->src);
		e->outer_src = e->outer_dst = e->src;
		return;
	}
	e->src = end(w, 0, &from->src);
	e->dst = end(w, 1, &from->dst);
	e->outer_src = end(w, 2, &from->outer_src);
	e->outer_dst = end(w, 3, &from->outer_dst);
}

/* Media inside of indications is counted, not listed. */
static bool is_kept(const struct message *m)
{
	switch (m->kind) {
	case MESSAGE_SIP:
	case MESSAGE_ICMP:
	case MESSAGE_MALFORMED:
	case MESSAGE_WEB:
	case MESSAGE_TOLD:
		return true;
	case MESSAGE_REMARK:
		/* Who says nothing of itself is no host of a ladder. */
		return m->from.src.family != FAMILY_NONE;
	case MESSAGE_STUN:
		return m->payload != PAYLOAD_RTP && m->payload != PAYLOAD_RTCP;
	case MESSAGE_DTLS:
		return m->u.tls->handshake_readable || m->u.tls->alert_readable;
	case MESSAGE_CHANNEL_DATA:
	case MESSAGE_TLS:
	case MESSAGE_DNS:
	case MESSAGE_HOLE:
	case MESSAGE_KEEPALIVE:
	case MESSAGE_TCP:
	case MESSAGE_FINDING:
	case MESSAGE_HELLO:
		break;
	}
	return false;
}

static void note_kind(struct journal_writer *w, struct entry *e,
		      const struct message *m)
{
	switch (m->kind) {
	case MESSAGE_SIP:
		note_sip(w, e, m);
		break;
	case MESSAGE_STUN:
		note_stun(w, e, m);
		break;
	case MESSAGE_DTLS:
		e->kind = ENTRY_DTLS;
		e->code =
			m->u.tls->handshake_readable ? m->u.tls->handshake : 0;
		break;
	case MESSAGE_ICMP:
		note_icmp(w, e, m);
		break;
	case MESSAGE_WEB:
		note_web(w, e, m);
		break;
	case MESSAGE_TOLD:
		note_told(w, e, m);
		break;
	case MESSAGE_REMARK:
		note_said(w, e, m);
		break;
	case MESSAGE_MALFORMED:
	case MESSAGE_CHANNEL_DATA:
	case MESSAGE_TLS:
	case MESSAGE_DNS:
	case MESSAGE_HOLE:
	case MESSAGE_KEEPALIVE:
	case MESSAGE_TCP:
	case MESSAGE_FINDING:
	case MESSAGE_HELLO:
		e->kind = ENTRY_MALFORMED;
		break;
	}
}

/* Requests of calls, of registrations and of tokens. */
static bool is_owned(enum sip_method method)
{
	static const enum sip_method owned[] = {
		SIP_INVITE, SIP_ACK,  SIP_BYE,      SIP_CANCEL,  SIP_PRACK,
		SIP_UPDATE, SIP_INFO, SIP_REGISTER, SIP_SERVICE, SIP_NEGOTIATE};

	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
		if (owned[i] == method)
			return true;
	return false;
}

void journal_take(struct journal_writer *w, const struct frame *frame,
		  const struct message *m)
{
	const struct origin *from = &m->from;
	struct entry e = {
		.place = {.file = from->file & UINT16_MAX,
			  .frame = from->frame & PLACE_FRAME_MAX,
			  .time = from->time},
		.transport = (uint8_t)from->transport,
	};

	if (!is_kept(m))
		return;
	note_bytes(w, &e, frame, m);
	note_kind(w, &e, m);
	note_ends(w, &e, m);
	if (origin_is_relayed(from))
		e.flags |= ENTRY_RELAYED;
	if (m->findings && m->findings->count)
		e.flags |= ENTRY_FOUND;
	if (!journal_add(&w->journal, &e))
		return;
	if (m->kind == MESSAGE_SIP)
		journal_converse(&w->journal, m->u.sip->method,
				 is_owned(m->u.sip->method));
}
