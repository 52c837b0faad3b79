/*
 * The other legs of a call: one of them, mostly the first, says how the call
 * went; what became of the others may say why.
 */
#include "config.h"

#include "validate/verdict_state.h"

#define LEGS_TOLD 3u

static const char *leg_course(struct judging *j, const struct dialog *d)
{
	if (d->final)
		return model_sentence(j->model, "%s %u %s",
				      d->final < 300 ? "answered" : "ended by",
				      d->final, d->final_reason);
	if (d->cancelled)
		return "cancelled";
	if (d->older)
		return "older than the capture";
	return d->last_provisional ? model_sentence(j->model, "last answer %u",
						    d->last_provisional)
				   : "no answer in the capture";
}

static void put_leg(struct judging *j, const struct dialog *d, struct text *to)
{
	enum leg_link link =
		d->joined_by ? d->joined_by : j->dialog->joined_by;

	text_printf(to, "%s%u to %s (%s): %s", to->n ? "; " : "; leg ", d->leg,
		    d->to, leg_link_name(link), leg_course(j, d));
}

void judge_legs(struct judging *j)
{
	const struct members *legs = &j->call->dialogs;
	struct stage_view *v = view(j, STAGE_EXCHANGE);
	struct text text = text_new(1024);
	unsigned told = 0;

	for (uint32_t i = 0; i < legs->count; i++) {
		const struct dialog *d =
			list_at(&j->model->dialogs, legs->list[i]);

		if (d == j->dialog)
			continue;
		cite(j->model, &v->cited, d->invite);
		cite(j->model, &v->cited, d->answer);
		if (told++ < LEGS_TOLD)
			put_leg(j, d, &text);
	}
	if (legs->count > LEGS_TOLD + 1)
		text_printf(&text, "; and %u more",
			    legs->count - 1 - LEGS_TOLD);
	if (text.n)
		v->text = model_sentence(j->model, "%s%.*s", v->text,
					 (int)text.n, text.p);
	text_free(&text);
}
