/* Plans over sockets. */
#include "config.h"

#include <stdlib.h>

#include "core/crypto.h"
#include "probe/run.h"

const char *probe_transport_text(enum probe_transport transport)
{
	static const char *const names[PROBE_TRANSPORTS] = {
		[OVER_UDP] = "udp",
		[OVER_TCP] = "tcp",
		[OVER_TLS] = "tls",
		[OVER_DTLS] = "dtls",
		[OVER_PSEUDO_TLS] = "pseudo-tls",
	};

	return names[transport];
}

struct run {
	const struct probe_job *job;
	struct sockets *sockets;
	struct probe_path *path;
	struct nat_probe *nat;
	bool nat_failed;
	bool no_dice; /* the system has no random numbers */
	unsigned nat_open;
};

static void take_random(void *context, uint8_t *out, size_t n)
{
	struct run *r = context;

	memset(out, 0, n);
	if (!random_bytes(out, n))
		r->no_dice = true;
}

/* ---- a path ---- */

static void path_open(void *context, unsigned leg,
		      const struct endpoint *server)
{
	struct run *r = context;
	static const enum socket_kind kinds[PROBE_TRANSPORTS] = {
		[OVER_UDP] = SOCKET_UDP,        [OVER_TCP] = SOCKET_TCP,
		[OVER_TLS] = SOCKET_TLS,        [OVER_DTLS] = SOCKET_DTLS,
		[OVER_PSEUDO_TLS] = SOCKET_TCP,
	};

	sockets_open(r->sockets, leg,
		     leg == PROBE_LEG_PEER ? SOCKET_UDP
					   : kinds[r->job->transport],
		     server);
}

static void path_close(void *context, unsigned leg)
{
	sockets_close(((struct run *)context)->sockets, leg);
}

static void path_send(void *context, unsigned leg, const struct endpoint *to,
		      struct slice bytes)
{
	sockets_send(((struct run *)context)->sockets, leg, to, bytes);
}

static void path_opened(void *context, unsigned number, bool secured,
			nanoseconds now)
{
	struct run *r = context;
	struct text words = text_new(PROBE_REASON);

	if (secured && number == 0) {
		sockets_describe(r->sockets, number, &words);
		probe_path_secured(r->path, text_slice(&words));
	}
	text_free(&words);
	probe_path_opened(r->path, number, secured, now);
}

static void path_failed(void *context, unsigned number,
			enum probe_trouble trouble, struct slice reason,
			nanoseconds now)
{
	struct run *r = context;

	probe_path_failed(r->path, number, trouble, reason, now);
}

static void path_received(void *context, unsigned number,
			  const struct endpoint *from, struct slice bytes,
			  nanoseconds now)
{
	struct run *r = context;

	probe_path_receive(r->path, number, from, bytes, now);
}

static void drive_path(struct run *r)
{
	probe_path_begin(r->path, sockets_now(r->sockets));
	while (!r->no_dice && !probe_path_is_over(r->path)) {
		sockets_wait(r->sockets, probe_path_next(r->path));
		probe_path_tick(r->path, sockets_now(r->sockets));
	}
}

bool probe_run_path(const struct probe_job *job, struct probe_report *out)
{
	struct run r = {.job = job};
	struct socket_listener listener = {.context = &r,
					   .opened = path_opened,
					   .failed = path_failed,
					   .received = path_received};
	struct probe_provider provider = {.context = &r,
					  .open = path_open,
					  .close = path_close,
					  .send = path_send,
					  .random = take_random};
	struct probe_config config = job->config;
	bool fine;

	config.stream =
		job->transport != OVER_UDP && job->transport != OVER_DTLS;
	config.secure =
		job->transport == OVER_TLS || job->transport == OVER_DTLS;
	config.pseudo_tls = job->transport == OVER_PSEUDO_TLS;
	r.sockets = sockets_new(&listener, &job->tls, job->recorder);
	r.path = probe_path_new(&config, &provider);
	fine = r.sockets && r.path;
	if (fine) {
		drive_path(&r);
		*out = *probe_path_report(r.path);
	}
	probe_path_free(r.path);
	sockets_free(r.sockets);
	return fine && !r.no_dice;
}

/* ---- NAT behaviour ---- */

static void nat_send(void *context, unsigned socket, const struct endpoint *to,
		     struct slice bytes)
{
	sockets_send(((struct run *)context)->sockets, socket, to, bytes);
}

/* Both are open: where the first is bound is known now. */
static void nat_opened(void *context, unsigned number, bool secured,
		       nanoseconds now)
{
	struct run *r = context;
	struct nat_provider provider = {
		.context = r, .send = nat_send, .random = take_random};
	struct endpoint local;

	(void)number;
	(void)secured;
	if (++r->nat_open < 2)
		return;
	local = sockets_local(r->sockets, 0);
	r->nat = nat_probe_new(&r->job->config.server, &local,
			       r->job->config.patience, &provider);
	if (r->nat)
		nat_probe_begin(r->nat, now);
	else
		r->nat_failed = true;
}

static void nat_failed(void *context, unsigned number,
		       enum probe_trouble trouble, struct slice reason,
		       nanoseconds now)
{
	(void)number;
	(void)trouble;
	(void)reason;
	(void)now;
	((struct run *)context)->nat_failed = true;
}

static void nat_received(void *context, unsigned number,
			 const struct endpoint *from, struct slice bytes,
			 nanoseconds now)
{
	struct run *r = context;

	if (r->nat)
		nat_probe_receive(r->nat, number, from, bytes, now);
}

static bool nat_goes_on(const struct run *r)
{
	return !r->no_dice && !r->nat_failed &&
	       (!r->nat || !nat_probe_is_over(r->nat));
}

static void drive_nat(struct run *r)
{
	nanoseconds next;

	sockets_open(r->sockets, 0, SOCKET_UDP, &r->job->config.server);
	sockets_open(r->sockets, 1, SOCKET_UDP, &r->job->config.server);
	while (nat_goes_on(r)) {
		next = r->nat ? nat_probe_next(r->nat) : INT64_MAX;
		sockets_wait(r->sockets, next);
		if (r->nat)
			nat_probe_tick(r->nat, sockets_now(r->sockets));
	}
}

bool probe_run_nat(const struct probe_job *job, struct nat_report *out)
{
	struct run r = {.job = job};
	struct socket_listener listener = {.context = &r,
					   .opened = nat_opened,
					   .failed = nat_failed,
					   .received = nat_received};

	r.sockets = sockets_new(&listener, &job->tls, job->recorder);
	if (!r.sockets)
		return false;
	drive_nat(&r);
	*out = r.nat ? *nat_probe_report(r.nat)
		     : (struct nat_report){.obstacle = NAT_OBSTACLE_UNANSWERED,
					   .hairpin = NAT_NOT_KNOWN};
	nat_probe_free(r.nat);
	sockets_free(r.sockets);
	return !r.no_dice;
}
