/* Pairs of candidates that were not checked, by the reason. */
#include "config.h"

#include "model/matrix.h"
#include "report/text_parts.h"

#define HANGING 6
#define CELLS_SHOWN 6u /* of a reason */

static void print_candidate(struct printer *p, uint32_t number)
{
	const struct candidate *c = list_at(&p->model->candidates, number);
	const char *host = candidate_extra_of(p->model, c)->host;

	printer_joined(p, "%s ", candidate_word(c->type));
	if (end_at(p->model, c->endpoint)->family == FAMILY_NONE && host)
		printer_puts(p, host);
	else
		printer_endpoint(p, end_at(p->model, c->endpoint));
	if (c->tcp)
		printer_puts(p, "/tcp");
}

static void print_cell(struct printer *p, const struct matrix_cell *cell)
{
	printer_puts(p, "        ");
	print_candidate(p, cell->offer);
	printer_puts(p, " - ");
	print_candidate(p, cell->answer);
	printer_end(p, HANGING + 4);
}

static size_t count_of(const struct matrix *matrix, enum cell_reason reason)
{
	size_t n = 0;

	for (size_t i = 0; i < matrix->count; i++)
		n += matrix->cells[i].reason == reason;
	return n;
}

static void print_reason(struct printer *p, const struct matrix *matrix,
			 enum cell_reason reason)
{
	size_t count = count_of(matrix, reason), shown = 0;

	if (count == 0)
		return;
	printer_puts(p, "    - ");
	printer_count(p, count, "pair");
	printer_puts(p, " ");
	printer_puts(p, cell_reason_text(reason));
	printer_end(p, HANGING);
	for (size_t i = 0; i < matrix->count && shown < CELLS_SHOWN; i++)
		if (matrix->cells[i].reason == reason && ++shown)
			print_cell(p, &matrix->cells[i]);
	if (count > shown) {
		printer_printf(p, "        and %u more",
			       (unsigned)(count - shown));
		printer_end(p, HANGING);
	}
}

void text_matrix(struct printer *p, const struct call *call)
{
	struct matrix matrix = matrix_of(p->model, call);

	/* Where a pair is checked from its base, that pair says it all. */
	for (int reason = CELL_BASE_UNCHECKED; reason <= CELL_NEVER; reason++)
		print_reason(p, &matrix, (enum cell_reason)reason);
	matrix_free(&matrix);
}
