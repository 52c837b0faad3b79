/* JSON: what programs say beside their messages. */
#include "config.h"

#include "report/json_parts.h"
#include "report/secrets.h"

static void put_text(struct document *d, const struct remark *r)
{
	bool hidden = !d->options->show_secrets &&
		      secret_may_be_in(slice_of_text(r->text));

	json_m_text(d, "text", hidden ? NULL : r->text);
}

static void put_warn(struct document *d, const struct remark *r)
{
	const struct ice_bit *row = ice_bits(ICE_TABLE_HEADER);

	json_key(&d->j, "ice_warn");
	json_array(&d->j);
	for (; r->has_warn && row->bit; row++)
		if (r->warn & row->bit)
			json_text(&d->j, row->text);
	json_array_end(&d->j);
}

static void put_remark(struct document *d, const struct remark *r)
{
	json_break(&d->j);
	json_object(&d->j);
	json_m_text(d, "kind", remark_kind_name((enum remark_kind)r->kind));
	json_m_text(d, "level", remark_level_name((enum remark_level)r->level));
	json_m_time(d, "time", place_time(d->m, r->place));
	json_m_place(d, "frame", r->place);
	json_m_id(d, "call", 'c', r->call);
	json_m_text(d, "provider", r->provider);
	json_m_count(d, "event", r->event);
	json_m_count(d, "record", r->record);
	json_m_text(d, "meaning", remark_meaning(r));
	put_warn(d, r);
	put_text(d, r);
	json_object_end(&d->j);
	json_flush(d);
}

static bool is_told(const struct document *d, const struct remark *r)
{
	const struct selection *selection = d->options->selection;

	if (r->call == LIST_NONE)
		return !selection;
	return selection_has(selection, SELECTED_CALLS, r->call);
}

/* Only where there are logs or events. */
void json_remarks(struct document *d)
{
	const struct remark *rows = d->m->remarks.rows;

	if (d->m->remarks.count == 0)
		return;
	json_key(&d->j, "remarks");
	json_array(&d->j);
	for (size_t i = 0; i < d->m->remarks.count; i++)
		if (is_told(d, &rows[i]))
			put_remark(d, &rows[i]);
	json_array_end(&d->j);
}
