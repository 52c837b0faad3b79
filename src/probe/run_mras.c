/* A token over a socket. */
#include "config.h"

#include "core/crypto.h"
#include "probe/run_mras.h"

struct mras_run {
	const struct probe_mras_job *job;
	struct probe_mras *out;
	struct sockets *sockets;
	struct mras_client *client; /* NULL until the connection stands */
	nanoseconds gives_up;
	bool over, broken;
};

static void take_send(void *context, struct slice bytes)
{
	struct mras_run *r = context;

	sockets_send(r->sockets, 0, &r->job->server, bytes);
}

static void take_random(void *context, uint8_t *out, size_t n)
{
	struct mras_run *r = context;

	memset(out, 0, n);
	if (!random_bytes(out, n))
		r->broken = true;
}

static void opened(void *context, unsigned number, bool secured,
		   nanoseconds now)
{
	struct mras_run *r = context;
	struct mras_client_provider with = {
		.context = r, .send = take_send, .random = take_random};
	struct mras_client_config config = r->job->config;

	if (r->job->tls && !secured)
		return;
	config.local = sockets_local(r->sockets, number);
	config.tls = r->job->tls;
	r->client = mras_client_new(&config, &with);
	if (r->client)
		mras_client_begin(r->client, now);
	else
		r->broken = true;
}

static void failed(void *context, unsigned number, enum probe_trouble trouble,
		   struct slice reason, nanoseconds now)
{
	struct mras_run *r = context;
	size_t n = reason.n < PROBE_REASON - 1 ? reason.n : PROBE_REASON - 1;

	(void)number;
	if (r->client) {
		mras_client_closed(r->client, now);
		return;
	}
	r->over = true;
	r->out->trouble = trouble;
	if (n)
		memcpy(r->out->reason, reason.p, n);
}

static void received(void *context, unsigned number,
		     const struct endpoint *from, struct slice bytes,
		     nanoseconds now)
{
	struct mras_run *r = context;

	(void)number;
	(void)from;
	if (r->client)
		mras_client_receive(r->client, bytes, now);
}

static bool goes_on(const struct mras_run *r)
{
	return !r->over && !r->broken &&
	       (!r->client ||
		mras_client_report(r->client)->outcome == MRAS_RUNS);
}

static void drive(struct mras_run *r)
{
	nanoseconds patience = r->job->config.patience, now;

	r->gives_up = patience ? sockets_now(r->sockets) + patience : INT64_MAX;
	sockets_open(r->sockets, 0, r->job->tls ? SOCKET_TLS : SOCKET_TCP,
		     &r->job->server);
	while (goes_on(r)) {
		sockets_wait(r->sockets, r->client ? mras_client_next(r->client)
						   : r->gives_up);
		now = sockets_now(r->sockets);
		if (r->client) {
			mras_client_tick(r->client, now);
		} else if (now >= r->gives_up) {
			r->over = true;
			if (!r->out->trouble)
				r->out->trouble = TROUBLE_UNANSWERED;
		}
	}
	if (r->client)
		r->out->report = *mras_client_report(r->client);
}

bool probe_run_mras(const struct probe_mras_job *job, struct probe_mras *out)
{
	struct mras_run r = {.job = job, .out = out};
	struct socket_listener listener = {.context = &r,
					   .opened = opened,
					   .failed = failed,
					   .received = received};

	memset(out, 0, sizeof(*out));
	r.sockets = sockets_new(&listener, &job->choice, job->recorder);
	if (!r.sockets)
		return false;
	drive(&r);
	mras_client_free(r.client);
	sockets_free(r.sockets);
	return !r.broken;
}
