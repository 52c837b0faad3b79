/* What programs say beside their messages. */
#include "config.h"

#include <inttypes.h>

#include "report/secrets.h"
#include "report/text_parts.h"

#define HANGING 6
#define SHOWN 12u
/* Of a text, in bytes. */
#define TEXT_SHOWN 300u

static void print_text(struct printer *p, const char *text)
{
	struct slice s = slice_of_text(text);

	if (!p->options->show_secrets && secret_may_be_in(s)) {
		printer_puts(p, "(its text may tell a secret)");
		return;
	}
	while (s.n) {
		struct slice line = slice_trim(slice_split(&s, '\n'));
		char shown[TEXT_SHOWN + 1];

		line = slice_first(line, TEXT_SHOWN);
		if (line.n == 0)
			continue;
		memcpy(shown, line.p, line.n);
		shown[line.n] = '\0';
		printer_puts(p, shown);
		if (s.n)
			printer_puts(p, "; ");
	}
}

static void print_words(struct printer *p, const struct remark *r)
{
	if (!r->said) {
		print_text(p, r->text);
		return;
	}
	print_text(p, r->said);
	if (r->data) {
		printer_puts(p, "; ");
		print_text(p, r->data);
	}
	if (r->result)
		printer_printf(p, " (%s)", r->result);
}

static void print_bits(struct printer *p, uint32_t warn)
{
	const struct ice_bit *row = ice_bits(ICE_TABLE_HEADER);
	const char *between = " (";

	for (; row->bit; row++) {
		if (!(warn & row->bit))
			continue;
		printer_printf(p, "%s%s", between, row->text);
		between = "; ";
	}
	if (between[0] == ';')
		printer_puts(p, ")");
}

static void print_origin(struct printer *p, const struct remark *r)
{
	printer_puts(p, " ");
	printer_color(p, PAINT_DIM);
	if (r->kind == REMARK_EVENT)
		printer_joined(p, "[event %" PRIu32 ", record %" PRIu64 "]",
			       r->event, r->record);
	else {
		printer_joined(p, "[frame ");
		printer_place(p, r->place);
		printer_puts(p, "]");
	}
	printer_color(p, PAINT_NONE);
}

static void print_remark(struct printer *p, const struct remark *r)
{
	const char *meaning = remark_meaning(r);

	printer_puts(p, "    ");
	if (place_time(p->model, r->place)) {
		if (r->kind == REMARK_EVENT) {
			printer_date(p, place_time(p->model, r->place));
			printer_puts(p, " ");
		}
		printer_clock(p, place_time(p->model, r->place));
		printer_puts(p, "  ");
	}
	if (r->level != REMARK_INFO) {
		printer_paint(p, PAINT_WARN,
			      remark_level_name((enum remark_level)r->level));
		printer_puts(p, ": ");
	}
	if (r->provider && r->provider[0]) {
		printer_puts(p, r->provider);
		printer_puts(p, ": ");
	}
	if (meaning)
		printer_printf(p, "%s: ", meaning);
	print_words(p, r);
	if (r->has_warn)
		print_bits(p, r->warn);
	print_origin(p, r);
	printer_end(p, HANGING);
}

void text_remarks(struct printer *p, size_t call, const char *heading)
{
	const struct remark *rows = p->model->remarks.rows;
	size_t count = 0;

	for (size_t i = 0; i < p->model->remarks.count; i++) {
		if (rows[i].call != call)
			continue;
		if (count == 0)
			printer_heading(p, heading);
		if (count++ < SHOWN)
			print_remark(p, &rows[i]);
	}
	if (count > SHOWN) {
		printer_printf(p, "    and %zu more", count - SHOWN);
		printer_end(p, HANGING);
	}
}
