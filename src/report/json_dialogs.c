/* JSON: the legs of a call and their messages. */
#include "config.h"

#include "model/priority.h"
#include "report/json_parts.h"
#include "report/secrets.h"

#define LINE_MAX_BYTES ((size_t)1 << 20)

static void put_line(struct document *d, const struct sip_row *row)
{
	struct slice line = sip_row_line(d->m, row, &d->scratch);
	struct text shown;

	json_key(&d->j, "line");
	if (!secret_in_uris(line)) {
		json_string(&d->j, line);
		return;
	}
	shown = text_new(LINE_MAX_BYTES);
	secret_put_uris(line, d->options->show_secrets, &shown);
	json_string(&d->j, text_slice(&shown));
	text_free(&shown);
}

static void put_message(struct document *d, const struct sip_row *row)
{
	json_object(&d->j);
	json_m_place(d, "frame", row->place);
	json_m_time(d, "time", place_time(d->m, row->place));
	json_m_end(d, "src", end_at(d->m, row->src));
	json_m_end(d, "dst", end_at(d->m, row->dst));
	put_line(d, row);
	json_m_number(d, "copies", row->copies);
	json_m_number(d, "retransmissions", row->retransmissions);
	json_object_end(&d->j);
}

static void put_messages(struct document *d, const struct dialog *dialog)
{
	const struct sip_row *rows = d->m->sip_rows.rows;
	const struct chain *chain = &dialog->messages_seen;
	uint32_t at = chain->count ? chain->first : CHAIN_END;

	json_key(&d->j, "messages");
	json_array(&d->j);
	for (; at != CHAIN_END; at = rows[at].next)
		put_message(d, &rows[at]);
	json_array_end(&d->j);
}

static void put_forks(struct document *d, const struct dialog *dialog)
{
	unsigned kept = dialog->fork_count < FORKS_KEPT ? dialog->fork_count
							: FORKS_KEPT;

	json_key(&d->j, "forks");
	json_array(&d->j);
	for (unsigned i = 0; dialog->forks && i < kept; i++) {
		const struct fork *fork = &dialog->forks[i];

		json_object(&d->j);
		json_m_text(d, "to_tag", fork->to_tag);
		json_m_count(d, "status", fork->status);
		json_m_place(d, "frame", fork->first);
		json_object_end(&d->j);
	}
	json_array_end(&d->j);
}

static void put_generation(struct document *d, const char *key,
			   const struct description *from)
{
	const char *name = relay_generation(d->m, from);

	if (name)
		json_m_text(d, key, name);
}

/* The dialects that the offer has, and the one that was answered. */
static void put_ice_bodies(struct document *d, const struct dialog *dialog)
{
	const struct description *bodies[] = {&dialog->offer, dialog->other};

	json_key(&d->j, "offer_dialects");
	json_array(&d->j);
	for (unsigned i = 0; i < 2; i++)
		if (bodies[i] && bodies[i]->dialect)
			json_text(&d->j, ice_dialect_name(bodies[i]->dialect));
	json_array_end(&d->j);
	json_m_text(d, "answer_dialect",
		    ice_dialect_name(dialog->reply.dialect));
	put_generation(d, "offer_generation", &dialog->offer);
	put_generation(d, "answer_generation", &dialog->reply);
}

static void put_finals(struct document *d, const struct dialog *dialog)
{
	const struct final_offer *rows = d->m->finals.rows;
	uint32_t at = dialog->finals.count ? dialog->finals.first : CHAIN_END;

	json_key(&d->j, "final_offers");
	json_array(&d->j);
	for (; at != CHAIN_END; at = rows[at].next) {
		json_object(&d->j);
		json_m_text(d, "kind", rows[at].answer ? "answer" : "offer");
		json_m_end(d, "local", &rows[at].local);
		json_m_end(d, "remote", &rows[at].remote);
		json_m_place(d, "frame", rows[at].place);
		json_object_end(&d->j);
	}
	json_array_end(&d->j);
}

static void put_dialog(struct document *d, size_t row)
{
	const struct dialog *dialog = list_at(&d->m->dialogs, row);

	json_object(&d->j);
	json_m_id(d, "id", 'd', row);
	json_m_text(d, "call_id", dialog->call_id);
	json_m_text(d, "from_tag", dialog->from_tag_text);
	json_m_text(d, "to_tag", dialog_to_tag(dialog));
	json_m_number(d, "leg", dialog->leg ? dialog->leg : 1);
	json_m_id(d, "parent", 'd', dialog->parent);
	json_m_text(d, "joined_by", leg_link_name(dialog->joined_by));
	json_m_count(d, "status", dialog->final);
	put_ice_bodies(d, dialog);
	put_finals(d, dialog);
	put_forks(d, dialog);
	put_messages(d, dialog);
	json_object_end(&d->j);
	json_flush(d);
}

void json_dialogs(struct document *d, const struct call *call)
{
	json_key(&d->j, "dialogs");
	json_array(&d->j);
	for (uint32_t i = 0; i < call->dialogs.count; i++)
		put_dialog(d, call->dialogs.list[i]);
	if (call->dialogs.count == 0 && call->dialog != LIST_NONE)
		put_dialog(d, call->dialog);
	json_array_end(&d->j);
}
