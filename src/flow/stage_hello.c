/*
 * The pseudo-TLS hello that a connection to a relay may begin with ([MS-TURN]
 * 2.1.1): an allocation in the making, whatever comes back to it.
 *
 * What looks into TLS answers the hello in earnest, or not at all: then no
 * Allocate follows, and the hello alone shows that one was meant.
 */
#include "config.h"

#include "flow/stages_state.h"

static struct ms_turn *row_of(struct stages *s, const struct endpoint *client,
			      const struct endpoint *server,
			      struct allocation **out)
{
	uint32_t number = allocation_at(s, client, server);

	if (number == CHAIN_END)
		return NULL;
	*out = list_at(&s->model->allocations, number);
	return ms_turn_of(s->model, *out);
}

static void begin(struct stages *s, const struct message *m)
{
	place_number place = stages_place(s, &m->from);
	uint32_t number = allocation_new(s, m, "ms-turn");
	struct allocation *a;
	struct ms_turn *ms;

	if (number == CHAIN_END)
		return;
	a = list_at(&s->model->allocations, number);
	ms = ms_turn_make(s->model, a);
	a->ms_turn = true;
	cite(s->model, &a->cited, place);
	model_becomes(s->model, &a->history, place, WORD_REQUESTED, 0);
	if (!ms)
		return;
	ms->hello = HELLO_UNANSWERED;
	ms->hello_sent = place;
	ms->path = path_ask(s, &m->from, PATH_TURN);
}

static enum hello_answer answer_of(enum hello hello)
{
	switch (hello) {
	case HELLO_AS_TLS:
		return HELLO_REAL_TLS;
	case HELLO_AS_HTTP:
		return HELLO_HTTP;
	case HELLO_AS_OTHER:
		return HELLO_OTHER;
	case HELLO_OF_SERVER:
	case HELLO_OF_CLIENT:
	case HELLO_TOO_EARLY:
		break;
	}
	return HELLO_ANSWERED;
}

static void answer(struct stages *s, const struct message *m)
{
	place_number place = stages_place(s, &m->from);
	struct allocation *a = NULL;
	struct ms_turn *ms = row_of(s, &m->from.dst, &m->from.src, &a);

	if (!ms || ms->hello_back)
		return;
	ms->hello = (uint8_t)answer_of(m->u.hello);
	ms->hello_back = place;
	cite(s->model, &a->cited, place);
	path_answer(s, ms->path);
}

void stage_hello(struct stages *s, const struct message *m)
{
	struct allocation *a = NULL;
	struct ms_turn *ms;

	switch (m->u.hello) {
	case HELLO_OF_CLIENT:
		begin(s, m);
		break;
	case HELLO_TOO_EARLY:
		ms = row_of(s, &m->from.src, &m->from.dst, &a);
		if (ms)
			ms->spoke_early = ms->hello == HELLO_UNANSWERED;
		break;
	case HELLO_OF_SERVER:
	case HELLO_AS_TLS:
	case HELLO_AS_HTTP:
	case HELLO_AS_OTHER:
		answer(s, m);
		break;
	}
}

void hello_close(struct stages *s, const struct message *m)
{
	struct allocation *a = NULL;
	struct ms_turn *ms = row_of(s, &m->from.src, &m->from.dst, &a);

	if (!ms)
		ms = row_of(s, &m->from.dst, &m->from.src, &a);
	if (!ms || ms->hello != HELLO_UNANSWERED)
		return;
	ms->hello = HELLO_CLOSED;
	ms->hello_back = stages_place(s, &m->from);
	cite(s->model, &a->cited, ms->hello_back);
}

/* A client that waits gives up sooner. */
#define HELLO_PATIENCE (10 * NS_PER_S)

void hello_finish(struct stages *s, struct allocation *a)
{
	struct ms_turn *ms = ms_turn_of(s->model, a);

	if (!ms || a->allocates || a->state != STATE_INCOMPLETE ||
	    ms->hello == HELLO_UNASKED || ms->hello == HELLO_ANSWERED)
		return;
	if (ms->hello == HELLO_UNANSWERED &&
	    s->model->last_time - place_time(s->model, ms->hello_sent) <
		    HELLO_PATIENCE)
		return;
	a->state = STATE_FAILED;
	model_becomes(s->model, &a->history, a->cited.last, WORD_FAILED, 0);
}
