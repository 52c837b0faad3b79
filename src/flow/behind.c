/* A queue of messages between the thread that makes and the one that tells
 * them. */
#include "config.h"

#include <stdlib.h>

#include "core/fetch.h"
#include "core/thread.h"
#include "flow/behind.h"

#define LOADS 8u
/* A load has so many messages, or else ends behind so many batches: fewer than
 * there are, for while they are kept nothing may be read. */
#define LOAD_MESSAGES 128u
#define LOAD_BATCHES 4u
/* Behind so many messages it is seen whether it is worth it: not when more than
 * a quarter cannot wait. */
#define TRIAL 512u

/* Where messages are rarer than so many in a batch, another thread is woken
 * more often than it helps: that is seen anew behind so many batches. */
#define RARE_MESSAGES 16u
#define WEIGHED_BATCHES 64u

struct waiting {
	struct message message;
	struct waiting *next;
};

/* Messages that wait together, and up to which batch all is told then. */
struct load {
	struct waiting *first;
	uint64_t passed; /* 0: no batch ends here */
};

struct behind {
	struct message_sink sink;
	behind_release_fn *release;
	void *context;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more, less;
	struct load loads[LOADS];
	uint64_t put, done; /* loads counted from the start */
	bool stop;
	/* Of the one who makes messages: */
	struct waiting *first, **end; /* for the next load */
	size_t gathered;              /* messages of that */
	uint64_t reached, passed;     /* batches: by now, by the last load */
	const struct frame *frame;
	const struct early *early;
	struct arena *arena;
	uint64_t waited, urgent; /* messages since that was seen */
	bool directly;           /* all of them, for now */
	bool rare;               /* told directly, for now */
	uint64_t weighed;        /* batches, when that was seen last */
	size_t since;            /* messages since then */
};

/* ---- the thread ---- */

/* What messages consist of was written by other threads: it is on its way while
 * those before are told, the message itself first, then what it points to. */
static const struct waiting *expect_message(const struct waiting *w)
{
	if (w && w->next)
		fetch_to_read(w->next, sizeof(*w->next));
	return w ? w->next : NULL;
}

static const struct waiting *expect_decoded(const struct waiting *w)
{
	const struct message *m;

	if (!w)
		return NULL;
	m = &w->message;
	if (m->kind == MESSAGE_SIP)
		fetch_to_read(m->u.sip, sizeof(*m->u.sip));
	else if (m->kind == MESSAGE_STUN)
		fetch_to_read(m->u.stun, sizeof(*m->u.stun));
	return w->next;
}

static const struct waiting *expect_parts(const struct waiting *w)
{
	const struct message *m;

	if (!w)
		return NULL;
	m = &w->message;
	if (m->kind == MESSAGE_SIP)
		fetch_to_read(m->u.sip->headers,
			      m->u.sip->header_count *
				      sizeof(*m->u.sip->headers));
	else if (m->kind == MESSAGE_STUN)
		fetch_to_read(m->u.stun->attributes,
			      m->u.stun->attribute_count *
				      sizeof(*m->u.stun->attributes));
	return w->next;
}

static void tell(const struct behind *b, const struct load *load)
{
	const struct waiting *parts = load->first ? load->first->next : NULL;
	const struct waiting *decoded = expect_decoded(parts);
	const struct waiting *message = expect_message(decoded);

	for (const struct waiting *w = load->first; w; w = w->next) {
		message = expect_message(message);
		decoded = expect_decoded(decoded);
		parts = expect_parts(parts);
		b->sink.take(b->sink.context, &w->message);
	}
	if (load->passed)
		b->release(b->context, load->passed);
}

static void *tell_on(void *context)
{
	struct behind *b = context;

	pthread_mutex_lock(&b->lock);
	for (;;) {
		while (b->done == b->put && !b->stop)
			pthread_cond_wait(&b->more, &b->lock);
		if (b->done == b->put)
			break;
		pthread_mutex_unlock(&b->lock);
		tell(b, &b->loads[b->done % LOADS]);
		pthread_mutex_lock(&b->lock);
		b->done++;
		pthread_cond_signal(&b->less);
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

struct behind *behind_new(const struct message_sink *sink,
			  behind_release_fn *release, void *context)
{
	struct behind *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->sink = *sink;
	b->release = release;
	b->context = context;
	b->end = &b->first;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->more, NULL);
	pthread_cond_init(&b->less, NULL);
	if (thread_start(&b->thread, tell_on, b))
		return b;
	free(b);
	return NULL;
}

void behind_free(struct behind *b)
{
	if (!b)
		return;
	behind_drain(b);
	pthread_mutex_lock(&b->lock);
	b->stop = true;
	pthread_cond_signal(&b->more);
	pthread_mutex_unlock(&b->lock);
	pthread_join(b->thread, NULL);
	pthread_cond_destroy(&b->more);
	pthread_cond_destroy(&b->less);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

/* ---- the one who makes messages ---- */

static struct load take_load(struct behind *b, uint64_t passed)
{
	struct load load = {.first = b->first, .passed = passed};

	b->first = NULL;
	b->end = &b->first;
	b->gathered = 0;
	if (passed)
		b->passed = passed;
	return load;
}

/* Hands on what has gathered. */
static void put(struct behind *b, uint64_t passed)
{
	pthread_mutex_lock(&b->lock);
	while (b->put - b->done == LOADS)
		pthread_cond_wait(&b->less, &b->lock);
	b->loads[b->put++ % LOADS] = take_load(b, passed);
	pthread_cond_signal(&b->more);
	pthread_mutex_unlock(&b->lock);
}

static bool is_idle(struct behind *b)
{
	bool idle;

	pthread_mutex_lock(&b->lock);
	idle = b->done == b->put;
	pthread_mutex_unlock(&b->lock);
	return idle;
}

static void weigh(struct behind *b, uint64_t number)
{
	b->directly = false;
	b->waited = b->urgent = 0;
	b->rare = b->since < (number - b->weighed) * RARE_MESSAGES;
	b->weighed = number;
	b->since = 0;
	if (b->rare)
		behind_drain(b);
}

void behind_pass(struct behind *b, uint64_t number)
{
	bool few;

	if (number - b->weighed >= WEIGHED_BATCHES)
		weigh(b, number);
	b->reached = number;
	few = b->gathered < LOAD_MESSAGES && number - b->passed < LOAD_BATCHES;
	if (!b->first && (b->directly || b->rare || is_idle(b))) {
		b->release(b->context, number);
		b->passed = number;
	} else if (!few) {
		put(b, number);
	}
}

void behind_drain(struct behind *b)
{
	if (b->first || b->reached > b->passed)
		put(b, b->reached > b->passed ? b->reached : 0);
	pthread_mutex_lock(&b->lock);
	while (b->done != b->put)
		pthread_cond_wait(&b->less, &b->lock);
	pthread_mutex_unlock(&b->lock);
}

void behind_frame(struct behind *b, const struct frame *frame,
		  const struct early *early, struct arena *arena)
{
	b->frame = frame;
	b->early = early;
	b->arena = arena;
}

static bool is_within(struct slice whole, struct slice part)
{
	return part.p >= whole.p && part.n <= whole.n &&
	       (size_t)(part.p - whole.p) <= whole.n - part.n;
}

static bool keep_findings(struct arena *arena, struct message *m)
{
	struct findings *kept;

	if (!m->findings || m->findings->count == 0) {
		m->findings = NULL;
		return true;
	}
	kept = arena_take(arena, sizeof(*kept));
	if (kept)
		*kept = *m->findings;
	m->findings = kept;
	return kept != NULL;
}

/* One that was decoded in its turn: only its bytes last. */
static bool keep_stun(struct arena *arena, struct message *m)
{
	size_t size = sizeof(*m->u.stun->attributes);
	struct stun_message *kept = arena_take(arena, sizeof(*kept));
	void *list = arena_array(arena, m->u.stun->attribute_count, size);

	if (!kept || !list)
		return false;
	*kept = *m->u.stun;
	if (kept->attribute_count) {
		memcpy(list, kept->attributes, kept->attribute_count * size);
		kept->attributes = list;
	}
	m->u.stun = kept;
	return keep_findings(arena, m);
}

static bool keep_channel(struct arena *arena, struct message *m)
{
	struct channel_data *kept = arena_take(arena, sizeof(*kept));

	if (!kept)
		return false;
	*kept = *m->u.channel;
	m->u.channel = kept;
	return keep_findings(arena, m);
}

/* Makes all that the message points to last.  False: it cannot. */
static bool keep(struct behind *b, struct message *m)
{
	const struct early *early = b->early;

	if (m->kind == MESSAGE_SIP)
		return early && early->kind == EARLY_SIP &&
		       m->u.sip == &early->sip->message;
	if (m->kind == MESSAGE_STUN)
		return (early && early->kind == EARLY_STUN &&
			m->u.stun == &early->stun->message) ||
		       keep_stun(b->arena, m);
	return m->kind == MESSAGE_CHANNEL_DATA && keep_channel(b->arena, m);
}

static bool wait_in_line(struct behind *b, const struct message *message)
{
	struct waiting *w;

	if (b->directly || b->rare || !b->frame || message->from.record ||
	    !is_within(b->frame->bytes, message->bytes))
		return false;
	w = arena_take(b->arena, sizeof(*w));
	if (!w)
		return false;
	w->message = *message;
	w->next = NULL;
	if (!keep(b, &w->message))
		return false;
	/* The thread read what lay there before. */
	arena_expect(b->arena, sizeof(*w));
	*b->end = w;
	b->end = &w->next;
	b->gathered++;
	return true;
}

/* When nothing waits. */
static void try_directly(struct behind *b)
{
	uint64_t all = b->waited + b->urgent;

	if (all < TRIAL)
		return;
	b->directly = b->urgent > all / 4;
	b->waited = b->urgent = 0;
}

void behind_take(void *context, const struct message *message)
{
	struct behind *b = context;

	b->since++;
	if (wait_in_line(b, message)) {
		b->waited++;
		return;
	}
	if (!b->directly && !b->rare) {
		behind_drain(b);
		b->urgent++;
		try_directly(b);
	}
	b->sink.take(b->sink.context, message);
}
