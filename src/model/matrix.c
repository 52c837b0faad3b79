/* The pair matrix: candidates against candidates, with the pairs put in. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "model/matrix.h"
#include "model/model.h"

/* The numbers of struct candidate's type and tcp_type. */
enum { TYPE_HOST = 1, TYPE_SRFLX, TYPE_PRFLX, TYPE_RELAY };
enum { TCP_ACTIVE = 1, TCP_PASSIVE, TCP_SIMULTANEOUS, TCP_EITHER };

/* A side's candidates, by number; a pair's are looked up here. */
struct side {
	uint32_t rows[MATRIX_SIDE_MAX];
	size_t count;
};

struct making {
	const struct model *model;
	const struct call *call;
	struct side sides[2];
	uint32_t *pairs; /* of each offer and answer, or CHAIN_END */
	bool any, nominated;
	bool gathers; /* allocations of some client are in the capture */
	struct matrix out;
};

static const struct candidate *candidate_at(const struct making *m, uint32_t at)
{
	return list_at(&m->model->candidates, at);
}

static const struct session *session_at(const struct making *m, uint32_t i)
{
	return list_at(&m->model->sessions, m->call->sessions.list[i]);
}

/* ---- the sides ---- */

/* By the description; without any, the side of the first user fragment of the
 * session that taught it. */
static int side_of(const struct making *m, const struct candidate *c)
{
	if (c->side == SIDE_OFFER)
		return 0;
	if (c->side == SIDE_ANSWER)
		return 1;
	for (uint32_t i = 0; c->ufrag && i < m->call->sessions.count; i++)
		for (int k = 0; k < 2; k++)
			if (session_at(m, i)->ufrags[k] == c->ufrag)
				return k;
	return -1;
}

static void take_candidates(struct making *m)
{
	for (uint32_t i = 0; i < m->call->candidates.count; i++) {
		uint32_t row = m->call->candidates.list[i];
		int at = side_of(m, candidate_at(m, row));
		struct side *side;

		if (at < 0)
			continue;
		side = &m->sides[at];
		if (side->count == MATRIX_SIDE_MAX)
			m->out.cut = true;
		else
			side->rows[side->count++] = row;
	}
}

static size_t place_in(const struct side *side, uint32_t row)
{
	for (size_t i = 0; i < side->count; i++)
		if (side->rows[i] == row)
			return i;
	return LIST_NONE;
}

/* ---- the pairs ---- */

static uint32_t *square(struct making *m, size_t offer, size_t answer)
{
	return &m->pairs[offer * m->sides[1].count + answer];
}

static void put(struct making *m, uint32_t a, uint32_t b, uint32_t pair)
{
	size_t x = place_in(&m->sides[0], a), y = place_in(&m->sides[1], b);

	if (x == LIST_NONE || y == LIST_NONE) {
		x = place_in(&m->sides[0], b);
		y = place_in(&m->sides[1], a);
	}
	if (x != LIST_NONE && y != LIST_NONE && *square(m, x, y) == CHAIN_END)
		*square(m, x, y) = pair;
}

/* RFC 6544 4.5: a described active candidate has the discard port, and its
 * checks come from another one, which is learned. */
#define PORT_DISCARD 9

static bool stems_from(const struct model *m, const struct candidate *learned,
		       const struct candidate *c)
{
	struct endpoint at = *end_at(m, learned->endpoint);

	at.port = PORT_DISCARD;
	return c->tcp && !c->learned &&
	       (!c->ufrag || c->ufrag == learned->ufrag) &&
	       c->component == learned->component &&
	       c->section == learned->section &&
	       endpoint_equal(&at, end_at(m, c->endpoint));
}

/* The square of the active candidate that an end of the pair stems from. */
static void put_active(struct making *m, const struct pair *p, unsigned end,
		       uint32_t row)
{
	const struct candidate *learned = candidate_at(m, p->candidates[end]);

	for (unsigned i = 0; i < 2; i++)
		for (size_t k = 0; k < m->sides[i].count; k++) {
			uint32_t at = m->sides[i].rows[k];

			if (stems_from(m->model, learned, candidate_at(m, at)))
				put(m, at, p->candidates[!end], row);
		}
}

static void take_pair(struct making *m, uint32_t row)
{
	const struct pair *p = list_at(&m->model->pairs, row);

	m->any = true;
	m->nominated |= p->nominated != PLACE_NONE;
	put(m, p->candidates[0], p->candidates[1], row);
	if (p->valid[0] != CHAIN_END)
		put(m, p->valid[0], p->candidates[1], row);
	if (p->valid[1] != CHAIN_END)
		put(m, p->candidates[0], p->valid[1], row);
	for (unsigned end = 0; p->tcp && end < 2; end++)
		if (p->candidates[end] != CHAIN_END &&
		    candidate_at(m, p->candidates[end])->learned)
			put_active(m, p, end, row);
}

static void take_pairs(struct making *m)
{
	const struct pair *pairs = m->model->pairs.rows;

	for (uint32_t i = 0; i < m->call->sessions.count; i++)
		for (size_t k = session_at(m, i)->first_pair; k != LIST_NONE;
		     k = pairs[k].next)
			take_pair(m, (uint32_t)k);
}

/* ---- what may pair (RFC 8445 6.1.2.2, RFC 6544 6.2) ---- */

static bool is_text(const char *a, const char *b)
{
	return !a || !b || strcmp(a, b) == 0;
}

static bool media_fits(const struct candidate *a, const struct candidate *b)
{
	static const uint8_t counterparts[] = {
		[TCP_ACTIVE] = 1u << TCP_PASSIVE | 1u << TCP_EITHER,
		[TCP_PASSIVE] = 1u << TCP_ACTIVE | 1u << TCP_EITHER,
		[TCP_SIMULTANEOUS] = 1u << TCP_SIMULTANEOUS,
		[TCP_EITHER] =
			1u << TCP_ACTIVE | 1u << TCP_PASSIVE | 1u << TCP_EITHER,
	};

	if (a->tcp != b->tcp)
		return false;
	if (!a->tcp || !a->tcp_type || !b->tcp_type ||
	    a->tcp_type > TCP_EITHER || b->tcp_type > TCP_EITHER)
		return true;
	return counterparts[a->tcp_type] >> b->tcp_type & 1;
}

static bool may_pair(const struct model *m, const struct candidate *a,
		     const struct candidate *b)
{
	if (a->component && b->component && a->component != b->component)
		return false;
	if (a->section && b->section && a->section != b->section)
		return false;
	if (end_at(m, a->endpoint)->family != FAMILY_NONE &&
	    end_at(m, b->endpoint)->family != FAMILY_NONE &&
	    end_at(m, a->endpoint)->family != end_at(m, b->endpoint)->family)
		return false;
	return is_text(candidate_extra_of(m, a)->mid,
		       candidate_extra_of(m, b)->mid) &&
	       media_fits(a, b);
}

/* Checks are of one user fragment to another: of two that were checked, and
 * never together, nobody makes pairs (what stands in the middle of the media
 * has one to each side; so have forks, and a restart). */
static bool are_apart(const struct making *m, const struct candidate *a,
		      const struct candidate *b)
{
	bool seen_a = false, seen_b = false;

	for (uint32_t i = 0;
	     a->ufrag && b->ufrag && i < m->call->sessions.count; i++) {
		const kept_text *names = session_at(m, i)->ufrags;
		bool has_a = names[0] == a->ufrag || names[1] == a->ufrag;
		bool has_b = names[0] == b->ufrag || names[1] == b->ufrag;

		if (has_a && has_b)
			return false;
		seen_a |= has_a;
		seen_b |= has_b;
	}
	return seen_a && seen_b;
}

/* ---- why not ---- */

/* A reflexive candidate is checked from its base: the pair of that one. */
static enum cell_reason of_base(struct making *m, size_t x, size_t y,
				uint32_t *pair)
{
	const struct candidate *c = candidate_at(m, m->sides[0].rows[x]);

	for (size_t i = 0; i < m->sides[0].count; i++) {
		const struct candidate *base =
			candidate_at(m, m->sides[0].rows[i]);

		if (base->type != TYPE_HOST || base->endpoint != c->related)
			continue;
		*pair = *square(m, i, y);
		return *pair == CHAIN_END ? CELL_BASE_UNCHECKED : CELL_BASE;
	}
	return CELL_NEVER;
}

/* A relay that this capture does not see at work. */
static bool is_far(const struct making *m, const struct candidate *c)
{
	return c->type == TYPE_RELAY && c->allocation == CHAIN_END &&
	       m->gathers;
}

static enum cell_reason reason_of(struct making *m, size_t x, size_t y,
				  uint32_t *pair)
{
	const struct candidate *a = candidate_at(m, m->sides[0].rows[x]);
	const struct candidate *b = candidate_at(m, m->sides[1].rows[y]);
	enum cell_reason reason = CELL_NEVER;

	if (!m->any)
		return CELL_NO_CHECKS;
	if (a->type == TYPE_SRFLX)
		reason = of_base(m, x, y, pair);
	if (reason != CELL_NEVER)
		return reason;
	if (end_at(m->model, a->endpoint)->family == FAMILY_NONE ||
	    end_at(m->model, b->endpoint)->family == FAMILY_NONE)
		return CELL_HIDDEN;
	if (is_far(m, a) && is_far(m, b))
		return CELL_FAR_RELAY;
	return m->nominated ? CELL_DECIDED : CELL_NEVER;
}

/* ---- the cells ---- */

static void fill(struct making *m, size_t x, size_t y)
{
	const struct candidate *a = candidate_at(m, m->sides[0].rows[x]);
	const struct candidate *b = candidate_at(m, m->sides[1].rows[y]);
	struct matrix_cell *cell = &m->out.cells[m->out.count];

	*cell = (struct matrix_cell){
		.offer = m->sides[0].rows[x],
		.answer = m->sides[1].rows[y],
		.pair = *square(m, x, y),
		.component = a->component ? a->component : b->component,
		.reason = CELL_CHECKED,
	};
	if (cell->pair == CHAIN_END) {
		if (a->learned || b->learned || !may_pair(m->model, a, b) ||
		    are_apart(m, a, b))
			return;
		cell->reason = (uint8_t)reason_of(m, x, y, &cell->pair);
	}
	m->out.count++;
}

static bool learns_only(const struct making *m)
{
	for (unsigned i = 0; i < 2; i++)
		for (size_t k = 0; k < m->sides[i].count; k++)
			if (!candidate_at(m, m->sides[i].rows[k])->learned)
				return false;
	return true;
}

/* Room for all squares, empty. */
static bool make_room(struct making *m)
{
	size_t squares = m->sides[0].count * m->sides[1].count;

	/* Candidates that only checks teach say nothing of what was left
	 * out. */
	if (squares == 0 || learns_only(m))
		return false;
	m->out.cells = calloc(squares, sizeof(*m->out.cells));
	m->pairs = calloc(squares, sizeof(*m->pairs));
	if (!m->out.cells || !m->pairs) {
		free(m->pairs);
		matrix_free(&m->out);
		return false;
	}
	for (size_t i = 0; i < squares; i++)
		m->pairs[i] = CHAIN_END;
	return true;
}

struct matrix matrix_of(const struct model *model, const struct call *call)
{
	struct making m = {.model = model,
			   .call = call,
			   .gathers = call->allocations.count != 0};

	take_candidates(&m);
	if (!make_room(&m))
		return m.out;
	take_pairs(&m);
	for (size_t x = 0; x < m.sides[0].count; x++)
		for (size_t y = 0; y < m.sides[1].count; y++)
			fill(&m, x, y);
	free(m.pairs);
	return m.out;
}

void matrix_free(struct matrix *matrix)
{
	free(matrix->cells);
	*matrix = (struct matrix){0};
}

const char *cell_reason_text(enum cell_reason reason)
{
	static const char *const texts[] = {
		[CELL_CHECKED] = NULL,
		[CELL_NO_CHECKS] = "no check of these agents is in the capture",
		[CELL_BASE] = "checked from its base",
		[CELL_BASE_UNCHECKED] = "never sent, nor from its base",
		[CELL_FAR_RELAY] = "not to be seen from here: both relays are "
				   "asked elsewhere",
		[CELL_DECIDED] = "never sent: another pair was nominated first",
		[CELL_HIDDEN] = "never sent: its name was not resolved",
		[CELL_NEVER] = "never sent",
	};

	return texts[reason];
}
