/* What Microsoft's offers have beside others: two dialects of ICE, and the
 * final offer that names the pair. */
#include "config.h"

#include "model/priority.h"
#include "report/text_parts.h"

#define HANGING 6

static void print_dialects(struct printer *p, const struct dialog *d)
{
	printer_puts(p, "    the offer has ICE of ");
	printer_puts(p, ice_dialect_name((enum ice_dialect)d->offer.dialect));
	if (d->other && d->other->dialect) {
		printer_puts(p, " and of ");
		printer_puts(p, ice_dialect_name(
					(enum ice_dialect)d->other->dialect));
	}
	if (d->reply.dialect) {
		printer_puts(p, ", the answer of ");
		printer_puts(p, ice_dialect_name(
					(enum ice_dialect)d->reply.dialect));
	}
	printer_end(p, HANGING);
}

static void print_generation(struct printer *p, const char *whose,
			     const struct description *d)
{
	const char *name = relay_generation(p->model, d);

	if (!name)
		return;
	printer_printf(p, "    the relays of %s have priorities as of %s",
		       whose, name);
	printer_end(p, HANGING);
}

static void print_final(struct printer *p, const struct final_offer *f)
{
	printer_puts(p, f->answer ? "    final answer: " : "    final offer: ");
	printer_endpoint(p, &f->local);
	printer_puts(p, " with ");
	printer_endpoint(p, &f->remote);
	printer_joined(p, " [frame ");
	printer_place(p, f->place);
	printer_puts(p, "]");
	printer_end(p, HANGING);
}

void text_offers(struct printer *p, const struct call *call)
{
	const struct final_offer *rows = p->model->finals.rows;
	const struct dialog *d =
		call->dialog == LIST_NONE
			? NULL
			: list_at(&p->model->dialogs, call->dialog);

	if (!d || (!d->other && !d->finals.count))
		return;
	printer_heading(p, "Offers of ICE");
	if (d->offer.dialect)
		print_dialects(p, d);
	print_generation(p, "the offer", &d->offer);
	print_generation(p, "the answer", &d->reply);
	for (uint32_t at = d->finals.count ? d->finals.first : CHAIN_END;
	     at != CHAIN_END; at = rows[at].next)
		print_final(p, &rows[at]);
}
