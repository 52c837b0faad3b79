/* JSON: candidate pairs and what was checked on them. */
#include "config.h"

#include "model/matrix.h"
#include "model/priority.h"
#include "report/json_parts.h"

static uint8_t side_of(const struct document *d, uint32_t candidate)
{
	return candidate == CHAIN_END ? SIDE_UNKNOWN
				      : ((const struct candidate *)list_at(
						 &d->m->candidates, candidate))
						->side;
}

unsigned json_offer_end(const struct document *d, const struct pair *p)
{
	uint8_t a = side_of(d, p->candidates[0]);
	uint8_t b = side_of(d, p->candidates[1]);

	return a == SIDE_ANSWER || (a != SIDE_OFFER && b == SIDE_OFFER);
}

/* What the history says last, else what the counts say: silence is a failure
 * only when the request was repeated. */
static const char *state_of(const struct document *d, const struct pair *p)
{
	const struct change *last =
		model_last_change(d->m, &p->history, WORD_STATE);
	const struct direction *a = &p->way[0], *b = &p->way[1];

	if (p->selected || a->responses || b->responses)
		return "succeeded";
	if (last && last->to == WORD_FAILED)
		return "failed";
	if (last && last->to == WORD_IN_PROGRESS)
		return "in-progress";
	if (a->requests + b->requests == 0)
		return "unseen";
	return a->errors || b->errors || a->most_sends > 1 || b->most_sends > 1
		       ? "failed"
		       : "in-progress";
}

static void put_errors(struct document *d, const struct direction *way)
{
	json_key(&d->j, "errors");
	json_array(&d->j);
	if (way->conflicts && way->last_error != 487)
		json_number(&d->j, 487);
	if (way->errors)
		json_number(&d->j, way->last_error);
	json_array_end(&d->j);
}

static void put_way(struct document *d, const struct direction *way)
{
	json_object(&d->j);
	json_m_number(d, "requests", way->requests);
	json_m_number(d, "responses", way->responses);
	put_errors(d, way);
	json_m_number(d, "nominating", way->nominating);
	json_m_time(d, "first", place_time(d->m, way->first));
	json_m_time(d, "last", place_time(d->m, way->last));
	json_object_end(&d->j);
}

static void put_checks(struct document *d, const struct pair *p, unsigned offer)
{
	json_key(&d->j, "checks");
	json_object(&d->j);
	json_key(&d->j, "offer_to_answer");
	put_way(d, &p->way[offer]);
	json_key(&d->j, "answer_to_offer");
	put_way(d, &p->way[!offer]);
	json_object_end(&d->j);
}

/* ---- the same from point to point ---- */

static void put_crossing(struct document *d, const struct crossing *c,
			 unsigned side)
{
	json_object(&d->j);
	json_m_number(d, "requests", c->requests[side]);
	json_m_number(d, "responses", c->responses[side]);
	json_m_time(d, "first", c->first[side]);
	json_object_end(&d->j);
}

static void put_crossings(struct document *d, const struct pair *p,
			  unsigned offer)
{
	const struct crossing *rows = d->m->crossings.rows;
	uint32_t at = p->crossings.count ? p->crossings.first : CHAIN_END;

	json_key(&d->j, "vantages");
	json_array(&d->j);
	for (; at != CHAIN_END; at = rows[at].next) {
		json_object(&d->j);
		json_m_id(d, "vantage", 'v', rows[at].vantage);
		json_key(&d->j, "offer_to_answer");
		put_crossing(d, &rows[at], offer);
		json_key(&d->j, "answer_to_offer");
		put_crossing(d, &rows[at], !offer);
		json_object_end(&d->j);
	}
	json_array_end(&d->j);
}

/* ---- a pair ---- */

static void put_rtt(struct document *d, const struct pair *p)
{
	nanoseconds rtt = p->way[0].rtt ? p->way[0].rtt : p->way[1].rtt;

	if (rtt)
		json_m_ms(d, "rtt_ms", rtt);
	else
		json_m_text(d, "rtt_ms", NULL);
}

static size_t row_of(uint32_t number)
{
	return number == CHAIN_END ? LIST_NONE : number;
}

/* A pair as it was checked, or a valid pair that its checks produced. */
struct shown {
	size_t row;
	int valid; /* -1: as checked; else whose answers told it: a, b */
	uint32_t candidates[2];
	end_number ends[2];
	struct pair_order order;
};

static void put_id(struct document *d, const struct shown *s)
{
	char *at;

	json_key(&d->j, "id");
	at = d->j.at;
	*at++ = '"';
	*at++ = 'q';
	at = decimal_put((uint64_t)s->row + 1, at);
	if (s->valid >= 0)
		*at++ = "ab"[s->valid];
	*at++ = '"';
	json_wrote(&d->j, at);
}

static void put_pair(struct document *d, const struct shown *s)
{
	const struct pair *p = list_at(&d->m->pairs, s->row);
	unsigned offer = json_offer_end(d, p);

	json_object(&d->j);
	put_id(d, s);
	json_m_id(d, "offer", 'k', row_of(s->candidates[offer]));
	json_m_id(d, "answer", 'k', row_of(s->candidates[!offer]));
	json_m_end(d, "offer_address", end_at(d->m, s->ends[offer]));
	json_m_end(d, "answer_address", end_at(d->m, s->ends[!offer]));
	json_m_count(d, "component", p->component);
	json_m_text(d, "via", p->relayed ? "relay" : "direct");
	json_m_text(d, "state", state_of(d, p));
	json_m_bool(d, "selected", p->selected);
	json_m_count(d, "priority", pair_priority(d->m, p));
	json_m_count(d, "expected", s->order.expected);
	json_m_count(d, "begun", s->order.begun);
	json_m_id(d, "derived_from", 'q', s->valid < 0 ? LIST_NONE : s->row);
	put_checks(d, p, offer);
	put_crossings(d, p, offer);
	json_m_place(d, "nominated", p->nominated);
	json_m_text(d, "why", p->why);
	json_m_text(d, "fits_password_of", pair_extra_of(d->m, p)->fits);
	put_rtt(d, p);
	json_m_time(d, "consent_lost", pair_extra_of(d->m, p)->consent_lost);
	json_m_integrity(d, &p->integrity);
	json_m_frames(d, &p->cited);
	json_object_end(&d->j);
	json_flush(d);
}

/* The valid pair has the mapped address in place of the base that was checked
 * from (RFC 8445 7.2.5.3.2). */
static void put_valid(struct document *d, size_t row, int side)
{
	const struct pair *p = list_at(&d->m->pairs, row);
	const struct candidate *c;
	struct shown s = {.row = row,
			  .valid = side,
			  .candidates = {p->candidates[0], p->candidates[1]},
			  .ends = {p->a, p->b}};

	if (p->valid[side] == CHAIN_END)
		return;
	c = list_at(&d->m->candidates, p->valid[side]);
	s.candidates[side] = p->valid[side];
	s.ends[side] = c->endpoint;
	put_pair(d, &s);
}

static void put_checked(struct document *d, size_t row)
{
	const struct pair *p = list_at(&d->m->pairs, row);

	put_pair(d, &(struct shown){
			    .row = row,
			    .valid = -1,
			    .candidates = {p->candidates[0], p->candidates[1]},
			    .ends = {p->a, p->b},
			    .order = pair_order(d->m, p)});
	put_valid(d, row, 0);
	put_valid(d, row, 1);
}

/* ---- what was left out ---- */

static void put_cell(struct document *d, const struct matrix_cell *cell)
{
	json_object(&d->j);
	json_m_id(d, "offer", 'k', cell->offer);
	json_m_id(d, "answer", 'k', cell->answer);
	json_m_count(d, "component", cell->component);
	json_m_id(d, "base_pair", 'q', row_of(cell->pair));
	json_m_text(d, "why", cell_reason_text(cell->reason));
	json_object_end(&d->j);
}

void json_unchecked(struct document *d, const struct call *call)
{
	struct matrix matrix = matrix_of(d->m, call);

	json_key(&d->j, "unchecked");
	json_array(&d->j);
	for (size_t i = 0; i < matrix.count; i++)
		if (matrix.cells[i].reason != CELL_CHECKED)
			put_cell(d, &matrix.cells[i]);
	json_array_end(&d->j);
	matrix_free(&matrix);
}

void json_pairs(struct document *d, const struct call *call)
{
	const struct session *rows = d->m->sessions.rows;
	const struct pair *pairs = d->m->pairs.rows;

	json_key(&d->j, "pairs");
	json_array(&d->j);
	for (uint32_t i = 0; i < call->sessions.count; i++)
		for (size_t k = rows[call->sessions.list[i]].first_pair;
		     k != LIST_NONE; k = pairs[k].next)
			put_checked(d, k);
	json_array_end(&d->j);
}
