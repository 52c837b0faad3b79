/*
 * An allocation that moves with its client (RFC 8016): a Refresh from another
 * address shows the ticket that the relay gave with the last success.
 */
#include "config.h"

#include "flow/stages_state.h"

#define MOBILITY_TICKET 0x8030

static bool same_ticket(const void *rows, uint32_t row, const void *key)
{
	return ((const struct ticket *)rows)[row].value ==
	       *(const uint64_t *)key;
}

/* The keyed hash of the ticket; an empty one only asks for the first. */
static bool ticket_in(struct stages *s, const struct message *m,
		      uint64_t *value)
{
	const struct stun_attribute *a =
		m->u.stun->dialect == STUN_MS_TURN
			? NULL
			: stun_find(m->u.stun, MOBILITY_TICKET);

	if (!a || a->ignored || a->value.n == 0)
		return false;
	*value = stages_hash(s, a->value);
	return true;
}

void ticket_note(struct stages *s, uint32_t number, const struct message *m)
{
	struct ticket *row;
	uint64_t value;

	if (!ticket_in(s, m, &value) ||
	    index_find(&s->tickets_index, value, same_ticket, s->tickets.rows,
		       &value) != INDEX_NONE)
		return;
	row = list_add(&s->tickets);
	if (!row)
		return;
	*row = (struct ticket){value, number};
	if (index_add(&s->tickets_index, value,
		      (uint32_t)s->tickets.count - 1) != STATUS_OK)
		s->model->out_of_memory = true;
}

uint32_t ticket_holder(struct stages *s, const struct message *m)
{
	uint64_t value;
	uint32_t row;

	if (m->u.stun->method != STUN_REFRESH || !ticket_in(s, m, &value))
		return CHAIN_END;
	row = index_find(&s->tickets_index, value, same_ticket, s->tickets.rows,
			 &value);
	return row == INDEX_NONE ? CHAIN_END
				 : ((const struct ticket *)s->tickets.rows)[row]
					   .allocation;
}
