/* The servers that were asked for addresses: relays, then STUN servers. */
#include "config.h"

#include <inttypes.h>

#include "report/text_parts.h"

#define HANGING 6
#define BINDINGS_SHOWN 8u

static void print_mark(struct printer *p, enum stage_state state)
{
	printer_puts(p, "    ");
	printer_color(p, printer_paint_of(state));
	printer_printf(p, "%c", printer_mark(state));
	printer_color(p, PAINT_NONE);
	printer_puts(p, " ");
}

static void print_ends(struct printer *p, const struct endpoint *client,
		       const struct endpoint *server)
{
	printer_endpoint(p, client);
	printer_puts(p, " -> ");
	printer_endpoint(p, server);
	printer_puts(p, ": ");
}

static void print_relayed(struct printer *p, const struct allocation *a)
{
	printer_endpoint(p, end_at(p->model, a->relayed));
	if (a->relayed_other) {
		printer_puts(p, " and ");
		printer_endpoint(p, end_at(p->model, a->relayed_other));
	}
}

/* What it was granted for before the Refresh that counts. */
static uint32_t first_lifetime(const struct printer *p,
			       const struct allocation *a)
{
	const struct change *rows = p->model->changes.rows;
	uint32_t at = a->history.count ? a->history.first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		if (rows[at].to == WORD_OK || rows[at].to == WORD_REFRESHED)
			return rows[at].value;
	return a->lifetime;
}

static void print_lifetime(struct printer *p, const struct allocation *a)
{
	uint32_t first = first_lifetime(p, a);

	printer_joined(p, " for %" PRIu32 " s", first);
	if (first != a->lifetime)
		printer_printf(p, ", then for %" PRIu32 " s", a->lifetime);
}

static void print_grant(struct printer *p, const struct allocation *a)
{
	printer_puts(p, "granted ");
	if (a->relayed)
		print_relayed(p, a);
	else
		printer_puts(p, "(the address is not told)");
	print_lifetime(p, a);
	if (a->closed)
		printer_puts(p, ", ended with its connection");
	if (a->reflexive) {
		printer_puts(p, ", seen from there as ");
		printer_endpoint(p, end_at(p->model, a->reflexive));
	}
}

/* The 401 that every allocation begins with is folded. */
static void print_errors(struct printer *p, const struct allocation *a)
{
	size_t count =
		a->error_count < ERRORS_KEPT ? a->error_count : ERRORS_KEPT;

	if (a->error_count == 0 ||
	    (a->error_count == 1 && a->errors[0] == 401 && a->granted))
		return;
	for (size_t i = 0, times; i < count; i += times) {
		for (times = 1;
		     i + times < count && a->errors[i + times] == a->errors[i];)
			times++;
		if (i == 0)
			printer_puts(p,
				     times == count ? ", error " : ", errors ");
		if (a->errors[i])
			printer_printf(p, "%s%u", i ? ", " : "", a->errors[i]);
		else
			printer_printf(p, "%swithout a code",
				       i ? ", one " : "");
		if (times > 1)
			printer_joined(p, " %zu times", times);
	}
	if (a->error_count > count)
		printer_joined(p, " and %zu more", a->error_count - count);
}

static void print_integrity(struct printer *p, const struct allocation *a)
{
	uint32_t wrong = a->integrity.bad + a->integrity.no_key_fits;

	if (a->integrity.verified)
		printer_printf(p, ", integrity of %" PRIu32 " verified",
			       a->integrity.verified);
	if (wrong) {
		printer_puts(p, ", ");
		printer_color(p, PAINT_BAD);
		printer_printf(p, "integrity of %" PRIu32 " does not fit",
			       wrong);
		printer_color(p, PAINT_NONE);
	}
}

/* Its address may be known by what a peer answers. */
static void print_older(struct printer *p, const struct allocation *a)
{
	printer_puts(p, "granted ");
	if (a->relayed) {
		printer_endpoint(p, end_at(p->model, a->relayed));
		printer_puts(p, " ");
	}
	printer_puts(p, "before the capture begins");
}

static void print_how_it_went(struct printer *p, const struct allocation *a)
{
	if (a->state == STATE_OK || allocation_leads_nowhere(a))
		print_grant(p, a);
	else if (a->unanswered && a->obstacle.count)
		printer_puts(p, obstacle_text(&a->obstacle));
	else if (text_hello(p, a))
		return;
	else if (a->state == STATE_INFERRED)
		print_older(p, a);
	else if (allocation_is_unanswered(a) &&
		 allocation_was_challenged(p->model, a))
		printer_puts(p, "no answer to credentials");
	else if (a->error_count == 0)
		printer_puts(p, "no answer");
	else if (!a->allocates && allocation_error_is_unknown(a->last_error))
		printer_puts(p, "none was asked for, and none is known there");
	else
		printer_puts(p, a->state == STATE_FAILED && !a->unanswered
					? "refused"
					: "not granted");
}

static void print_allocation(struct printer *p, const struct allocation *a)
{
	print_mark(p, a->aside ? STATE_UNNEEDED : a->state);
	printer_joined(p, "%s/%s ", a->dialect, a->transport);
	print_ends(p, end_at(p->model, a->client), end_at(p->model, a->server));
	print_how_it_went(p, a);
	if (a->has_session) {
		printer_joined(p, ", session ");
		text_hex(&p->line, slice_of(a->session, sizeof(a->session)));
	}
	if (a->alternate && a->alternate != a->server) {
		printer_puts(p, ", sent on to ");
		printer_endpoint(p, end_at(p->model, a->alternate));
	}
	text_ms_turn(p, a);
	print_errors(p, a);
	print_integrity(p, a);
	printer_cited(p, &a->cited);
	printer_end(p, HANGING);
}

static void print_binding(struct printer *p, const struct binding *b)
{
	print_mark(p, b->answers                 ? STATE_OK
		      : b->aside || b->keepalive ? STATE_UNNEEDED
						 : STATE_INCOMPLETE);
	printer_joined(p, "stun ");
	print_ends(p, end_at(p->model, b->client), end_at(p->model, b->server));
	if (b->answers && !b->mapped) {
		printer_puts(p, "answered without an address");
	} else if (b->answers) {
		printer_puts(p, "seen from there as ");
		printer_endpoint(p, end_at(p->model, b->mapped));
	} else {
		printer_puts(p, "no answer to ");
		printer_count(p, b->requests, "request");
		if (b->keepalive)
			printer_puts(p, " on the way of media");
	}
	printer_puts(p, " ");
	printer_color(p, PAINT_DIM);
	printer_joined(p, "[frame ");
	printer_place(p, b->answers ? b->answer : b->request);
	printer_puts(p, "]");
	printer_color(p, PAINT_NONE);
	printer_end(p, HANGING);
}

void text_relays(struct printer *p, const struct call *call)
{
	const struct allocation *allocations = p->model->allocations.rows;
	const struct binding *bindings = p->model->bindings.rows;

	if (call->allocations.count == 0 && call->bindings.count == 0)
		return;
	printer_heading(p, "Servers asked for addresses");
	for (size_t i = 0; i < call->allocations.count; i++)
		print_allocation(p, &allocations[call->allocations.list[i]]);
	for (size_t i = 0; i < call->bindings.count; i++) {
		if (i == BINDINGS_SHOWN) {
			printer_printf(p, "      and %u others",
				       (unsigned)(call->bindings.count - i));
			printer_end(p, HANGING);
			break;
		}
		print_binding(p, &bindings[call->bindings.list[i]]);
	}
}
