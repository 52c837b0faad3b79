/* What the first reading shows of order and clocks. */
#include "config.h"

#include <stdlib.h>

#include "cli/order.h"

/* Clocks that are nearer than this are the same: no capture is more exact. */
#define CLOCKS_EQUAL NS_PER_MS

enum status order_begin(struct pipeline *p)
{
	/* A pipe is read once: its order is mended at once. */
	if (!capture_set_rereadable(p->set))
		return capture_set_reorder(p->set);
	p->clocks = clocks_new(capture_set_count(p->set) > 1);
	return p->clocks ? STATUS_OK : STATUS_NOMEM;
}

void order_started(struct pipeline *p)
{
	bool any = false;

	for (size_t i = 0; i < capture_set_count(p->set); i++)
		any |= capture_set_file(p->set, i)->info.log;
	if (p->clocks && !any)
		clocks_without_logs(p->clocks);
}

static bool solve(struct pipeline *p)
{
	size_t count = capture_set_count(p->set);
	struct clock_span *spans = calloc(count + 1, sizeof(*spans));

	p->offsets = calloc(count + 1, sizeof(*p->offsets));
	for (size_t i = 0; spans && i < count; i++) {
		const struct source_info *info =
			&capture_set_file(p->set, i)->info;

		spans[i] =
			(struct clock_span){info->first_time, info->last_time};
	}
	if (!spans || !p->offsets ||
	    clocks_solve(p->clocks, spans, count, p->offsets) != STATUS_OK) {
		free(p->offsets);
		p->offsets = NULL;
	}
	free(spans);
	clocks_free(p->clocks);
	p->clocks = NULL;
	return p->offsets != NULL;
}

static bool shift(struct pipeline *p)
{
	bool any = false;

	for (size_t i = 0; i < capture_set_count(p->set); i++) {
		const struct clock_offset *o = &p->offsets[i];

		if (!o->apart && o->offset < CLOCKS_EQUAL &&
		    o->offset > -CLOCKS_EQUAL)
			continue;
		capture_set_shift(p->set, i, o->offset, o->apart);
		any = true;
	}
	return any;
}

bool order_mend(struct pipeline *p)
{
	bool shifted = p->clocks && solve(p) && shift(p);

	if (!capture_set_rereadable(p->set))
		return false;
	if (!capture_set_disordered(p->set))
		return shifted;
	return capture_set_reorder(p->set) == STATUS_OK || shifted;
}

void order_expect_vantages(const struct pipeline *p, struct model *model)
{
	model->several_vantages = capture_set_count(p->set) > 1;
}

void order_note_vantages(const struct pipeline *p, struct model *model)
{
	model->several_vantages = capture_set_vantages(p->set) > 1;
	for (size_t i = 0; i < capture_set_count(p->set); i++) {
		struct vantage *v = list_add(&model->vantages);

		if (!v)
			return;
		v->file = (uint32_t)i;
		v->number = capture_set_vantage(p->set, i);
		if (!p->offsets)
			continue;
		v->offset = p->offsets[i].offset;
		v->offset_known = p->offsets[i].known;
		v->basis = p->offsets[i].basis;
		v->shared = p->offsets[i].shared;
	}
}

void order_end(struct pipeline *p)
{
	clocks_free(p->clocks);
	free(p->offsets);
	p->clocks = NULL;
	p->offsets = NULL;
}
