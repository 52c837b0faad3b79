/*
 * What DNS says of names, kept for the relays that tokens name (and for no
 * more than MODEL_RESOLVED_MAX answers).
 */
#include "config.h"

#include "flow/stages_state.h"

#define NXDOMAIN 3

static bool same_name(const void *rows, uint32_t row, const void *key)
{
	const struct resolved *r = (const struct resolved *)rows + row;

	return slice_equal_nocase(slice_of_text(r->name),
				  *(const struct slice *)key);
}

/* Names are lower case here. */
static uint32_t find(const struct stages *s, struct slice name)
{
	return index_find(&s->resolved, stages_hash(s, name), same_name,
			  s->model->resolved.rows, &name);
}

static bool is_known(const struct stages *s, uint32_t at,
		     const struct endpoint *address)
{
	const struct resolved *rows = s->model->resolved.rows;

	for (; at != INDEX_NONE && at != CHAIN_END; at = rows[at].next)
		if (endpoint_equal(&rows[at].address, address))
			return true;
	return false;
}

static void keep(struct stages *s, const struct message *m, struct slice name,
		 struct endpoint address)
{
	struct list *list = &s->model->resolved;
	uint32_t first = find(s, name);
	struct resolved *row;

	address.port = 0;
	if (is_known(s, first, &address))
		return;
	row = list_add(list);
	if (!row)
		return;
	*row = (struct resolved){.name = stages_text(s, name),
				 .address = address,
				 .place = stages_place(s, &m->from),
				 .next = CHAIN_END};
	if (first == INDEX_NONE) {
		if (index_add(&s->resolved, stages_hash(s, name),
			      (uint32_t)list->count - 1) != STATUS_OK)
			s->model->out_of_memory = true;
		return;
	}
	/* The first stays where the index has it. */
	row->next = ((struct resolved *)list_at(list, first))->next;
	((struct resolved *)list_at(list, first))->next =
		(uint32_t)list->count - 1;
}

void resolved_note(struct stages *s, const struct message *m)
{
	const struct dns *dns = m->u.dns;
	struct slice name;

	if (!dns->response || dns->question_count == 0)
		return;
	name = dns->questions[0].name;
	if (dns->rcode == NXDOMAIN)
		keep(s, m, name, (struct endpoint){.family = FAMILY_NONE});
	for (size_t i = 0; i < dns->answer_count; i++)
		if (dns->answers[i].type == DNS_A ||
		    dns->answers[i].type == DNS_AAAA)
			keep(s, m, name, dns->answers[i].address);
}

static struct slice lower(struct stages *s, const char *name)
{
	text_clear(&s->scratch);
	for (; *name; name++)
		text_putc(&s->scratch, *name >= 'A' && *name <= 'Z'
					       ? (char)(*name | 0x20)
					       : *name);
	return text_slice(&s->scratch);
}

void tokens_resolve(struct stages *s)
{
	struct token *rows = s->model->tokens.rows;

	if (s->model->resolved.count == 0)
		return;
	for (size_t i = 0; i < s->model->tokens.count; i++)
		for (unsigned k = 0; k < rows[i].relay_count; k++) {
			uint32_t row =
				find(s, lower(s, rows[i].relays[k].host));

			if (row != INDEX_NONE)
				rows[i].relays[k].resolved = row + 1;
		}
}
