/* What the first reading shows of order and clocks. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

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

static void take_sight(void *context, const struct origin *from, uint64_t key)
{
	struct pipeline *p = context;

	if (p->clocks)
		clocks_take_sight(p->clocks, from, key);
}

void order_started(struct pipeline *p)
{
	struct sight_sink sights = {.context = p, .take = take_sight};
	bool any = false, several = capture_set_count(p->set) > 1;
	bool by_interface = p->by_interface;

	for (size_t i = 0; i < capture_set_count(p->set); i++) {
		const struct source_info *info =
			&capture_set_file(p->set, i)->info;

		any |= info->log;
		by_interface |= info->interfaces > 1;
	}
	if (p->clocks && !any)
		clocks_without_logs(p->clocks);
	p->by_interface = by_interface;
	if (p->clocks && any && several && !p->ends)
		p->ends = shared_ends_new();
	if (p->clocks && by_interface)
		clocks_by_interface(p->clocks);
	if (p->clocks && (several || by_interface))
		driver_show_sights(p->driver, &sights);
}

bool order_missed_interfaces(const struct pipeline *p)
{
	if (!p->clocks || p->by_interface)
		return false;
	for (size_t i = 0; i < capture_set_count(p->set); i++)
		if (capture_set_file(p->set, i)->info.interfaces > 1)
			return true;
	return false;
}

enum status order_begin_anew(struct pipeline *p)
{
	order_end(p);
	p->by_interface = true;
	return order_begin(p);
}

/* Keeps whose clocks those behind the files' are. */
static bool keep_interfaces(struct pipeline *p)
{
	const struct clock_interface *rows =
		clocks_interfaces(p->clocks, &p->interface_count);

	if (p->interface_count == 0)
		return true;
	p->interfaces = calloc(p->interface_count, sizeof(*p->interfaces));
	if (!p->interfaces)
		return false;
	memcpy(p->interfaces, rows, p->interface_count * sizeof(*rows));
	return true;
}

static bool solve(struct pipeline *p)
{
	size_t count = capture_set_count(p->set);
	struct clock_span *spans = calloc(count + 1, sizeof(*spans));

	if (keep_interfaces(p))
		p->offsets = calloc(count + p->interface_count + 1,
				    sizeof(*p->offsets));
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

static bool is_equal(nanoseconds offset, nanoseconds to)
{
	return offset - to < CLOCKS_EQUAL && offset - to > -CLOCKS_EQUAL;
}

/* Interfaces go by the clock of their file unless theirs differs. */
static bool shift_interfaces(struct pipeline *p)
{
	size_t count = capture_set_count(p->set);
	bool any = false;

	for (size_t i = 0; i < p->interface_count; i++) {
		const struct clock_interface *of = &p->interfaces[i];
		const struct clock_offset *o = &p->offsets[count + i];

		if (o->known &&
		    !is_equal(o->offset, p->offsets[of->file].offset))
			any |= capture_set_shift_vantage(
				       p->set, of->file, of->vantage,
				       o->offset) == STATUS_OK;
	}
	return any;
}

static bool shift(struct pipeline *p)
{
	bool any = shift_interfaces(p);

	for (size_t i = 0; i < capture_set_count(p->set); i++) {
		const struct clock_offset *o = &p->offsets[i];

		if (!o->apart && is_equal(o->offset, 0))
			continue;
		capture_set_shift(p->set, i, o->offset, o->apart);
		any = true;
	}
	return any;
}

bool order_fill_ends(struct pipeline *p, const struct message *message,
		     struct message *out)
{
	if (p->clocks) {
		shared_ends_take(p->ends, message);
		return false;
	}
	*out = *message;
	return shared_ends_fill(p->ends, message, &out->from);
}

bool order_mend(struct pipeline *p)
{
	bool again = p->clocks && solve(p) && shift(p);

	if (p->ends && shared_ends_help(p->ends)) {
		again = true;
	} else {
		shared_ends_free(p->ends);
		p->ends = NULL;
	}

	driver_show_sights(p->driver, &(struct sight_sink){.take = NULL});

	if (!capture_set_rereadable(p->set))
		return false;
	if (!capture_set_disordered(p->set))
		return again;
	return capture_set_reorder(p->set) == STATUS_OK || again;
}

void order_expect_vantages(const struct pipeline *p, struct model *model)
{
	model->several_vantages = capture_set_count(p->set) > 1;
}

static struct vantage *note_vantage(struct model *model, uint32_t file,
				    uint32_t number,
				    const struct clock_offset *o)
{
	struct vantage *v = list_add(&model->vantages);

	if (!v)
		return NULL;
	v->file = file;
	v->number = number;
	if (!o)
		return v;
	if (o->has_vantage)
		v->number = o->vantage;
	v->offset = o->offset;
	v->offset_known = o->known;
	v->basis = o->basis;
	v->shared = o->shared;
	return v;
}

static bool has_interfaces(const struct pipeline *p, uint32_t file)
{
	for (size_t i = 0; i < p->interface_count; i++)
		if (p->interfaces[i].file == file)
			return true;
	return false;
}

/* A vantage listens until its last frame, whatever that is.  Of interfaces in
 * one file nobody knows whether they stop together: their messages tell. */
static void note_end(const struct pipeline *p, uint32_t file,
		     struct model *model)
{
	const struct vantage *v = list_at(&model->vantages, file);
	nanoseconds end =
		clock_bounded(capture_set_file(p->set, file)->info.last_time) -
		v->offset;

	if (p->offsets && v->number < MODEL_VANTAGES_TOLD &&
	    !has_interfaces(p, file) && end > model->heard_until[v->number])
		model->heard_until[v->number] = end;
}

void order_note_vantages(const struct pipeline *p, struct model *model)
{
	size_t files = capture_set_count(p->set);

	model->several_vantages = capture_set_vantages(p->set) > 1;
	for (uint32_t i = 0; i < files; i++)
		if (!note_vantage(model, i, capture_set_vantage(p->set, i),
				  p->offsets ? &p->offsets[i] : NULL))
			return;
	for (uint32_t i = 0; i < files; i++)
		note_end(p, i, model);
	for (size_t i = 0; p->offsets && i < p->interface_count; i++) {
		const struct clock_interface *of = &p->interfaces[i];

		if (!note_vantage(model, of->file, of->vantage,
				  &p->offsets[files + i]))
			return;
	}
}

void order_end(struct pipeline *p)
{
	clocks_free(p->clocks);
	shared_ends_free(p->ends);
	free(p->offsets);
	free(p->interfaces);
	p->clocks = NULL;
	p->ends = NULL;
	p->offsets = NULL;
	p->interfaces = NULL;
}
