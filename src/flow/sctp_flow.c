/*
 * Associations of SCTP (RFC 9260 5.1, 9): asked for, agreed to, aborted, shut
 * down.  They are told as connections of TCP are: MESSAGE_TCP says by its
 * transport which it is.
 */
#include "config.h"

#include <stdlib.h>

#include "flow/streams_state.h"

#define ENDS (TCP_SAW_FIN_0 | TCP_SAW_FIN_1 | TCP_SAW_RST)

static void restart(struct tcp_flow *tcp)
{
	tcp->association = 0;
	tcp->inits = 0;
	tcp->closed = (struct tcp_mark){0};
}

/* INIT comes from the flow's first end, or the capture began before it. */
static void note_init(struct driver *d, uint32_t row, struct tcp_flow *tcp)
{
	if (tcp->association & ENDS) {
		sctp_flow_end(d, row);
		restart(tcp);
	}
	tcp->association |= TCP_SAW_SYN;
	if (tcp->inits < UNANSWERED_PROOF)
		tcp->inits++;
	if (tcp->inits > 1)
		tcp->association |= TCP_SYN_AGAIN;
	if (tcp->inits == UNANSWERED_PROOF)
		tcp->association |= TCP_SYN_OFTEN;
}

static void note_shutdown(struct tcp_flow *tcp, unsigned side)
{
	if (side && !(tcp->association & ENDS))
		tcp->association |= TCP_FIN_FIRST_1;
	tcp->association |= side ? TCP_SAW_FIN_1 : TCP_SAW_FIN_0;
}

void sctp_flow_note(struct driver *d, uint32_t row, const struct packet *packet,
		    const struct origin *from)
{
	struct tcp_flow *tcp = d->flows.rows[row].tcp;
	const unsigned seen = packet->sctp;

	if (!seen)
		return;
	if (!tcp)
		tcp = d->flows.rows[row].tcp = calloc(1, sizeof(*tcp));
	if (!tcp) {
		d->status = STATUS_NOMEM;
		return;
	}
	tcp->last = (struct tcp_mark){.time = from->time,
				      .frame = from->frame,
				      .file = from->file,
				      .vantage = from->vantage};
	if (seen & SCTP_SAW_INIT && from->side == 0)
		note_init(d, row, tcp);
	if (seen & SCTP_SAW_INIT_ACK)
		tcp->association |= TCP_SAW_SYN_ACK;
	if (seen & SCTP_SAW_DATA)
		tcp->association |=
			from->side ? TCP_SAW_DATA_1 : TCP_SAW_DATA_0;
	if (seen & SCTP_SAW_SHUTDOWN)
		note_shutdown(tcp, from->side);
	if (seen & SCTP_SAW_ABORT)
		tcp->association |=
			TCP_SAW_RST | (from->side ? TCP_RST_BY_1 : 0u);
	if (tcp->association & ENDS && !tcp->closed.frame)
		tcp->closed = tcp->last;
}

void sctp_flow_end(struct driver *d, uint32_t row)
{
	const struct flow *flow = &d->flows.rows[row];
	const struct tcp_flow *tcp = flow->tcp;
	const struct tcp_mark *at =
		tcp->closed.frame ? &tcp->closed : &tcp->last;
	struct message message = {
		.kind = MESSAGE_TCP,
		.from = {.file = at->file,
			 .vantage = at->vantage,
			 .frame = at->frame,
			 .time = at->time,
			 .src = flow->ends[0],
			 .dst = flow->ends[1],
			 .outer_src = flow->ends[0],
			 .outer_dst = flow->ends[1],
			 .transport = TRANSPORT_SCTP,
			 .flow = row},
		.u.tcp.events = tcp->association,
	};

	if (tcp->association)
		take_other(d, &message);
}
