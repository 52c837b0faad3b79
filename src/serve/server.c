/* The server: who gets what comes, and how it begins and ends. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include <sys/random.h>
#include <sys/resource.h>

#include "core/crypto.h"
#include "io/sockets.h"
#include "serve/server_parts.h"

#define PLACE_BUFFER (4 << 20)
#define PLAIN_MAX ((size_t)1 << 20)
#define ADDRESSES_MAX 32u

nanoseconds server_now(const struct server *s)
{
	return loop_now(s->loop);
}

/* Many ask for a few bytes each: the system is asked for many. */
void server_random(struct server *s, uint8_t *out, size_t n)
{
	while (n--) {
		if (s->random_left == 0) {
			/* Up to 256 bytes are never cut short. */
			while (getrandom(s->random, 256, 0) != 256)
				;
			s->random_left = 256;
		}
		*out++ = s->random[--s->random_left];
		s->random[s->random_left] = 0;
	}
}

static void random_for_machine(void *context, uint8_t *out, size_t n)
{
	server_random(context, out, n);
}

/* ---- time ---- */

static void woken(void *context);

static nanoseconds earlier(nanoseconds a, nanoseconds b)
{
	return a < b ? a : b;
}

void server_rest(struct server *s)
{
	nanoseconds next = turn_server_next(s->machine);

	if (s->client_live || s->recorder)
		next = earlier(next, s->sweeps);
	if (next >= s->wakes)
		return;
	s->wakes = next;
	loop_wake(s->loop, next, woken, s);
}

static void woken(void *context)
{
	struct server *s = context;
	nanoseconds now = server_now(s);

	s->wakes = INT64_MAX;
	turn_server_tick(s->machine, now);
	if (s->sweeps <= now) {
		s->sweeps = now + SWEEP_EVERY;
		clients_sweep(s, now);
		if (s->sip)
			sip_server_tick(s->sip, now);
		if (recorder_flush(s->recorder) != STATUS_OK) {
			s->failed = true;
			loop_stop(s->loop);
		}
	}
	datagrams_flush(s->datagrams);
	server_rest(s);
}

/* ---- out ---- */

void place_send(struct server *s, const struct place *place,
		const struct endpoint *to, struct slice data)
{
	datagrams_send(s->datagrams, place->fd, to, data);
	if (s->recorder)
		recorder_datagram(s->recorder, &place->at, to, data,
				  server_now(s));
}

static const struct place *
place_at(const struct server *s, const struct endpoint *at, uint8_t transport)
{
	for (size_t i = 0; i < s->place_count; i++)
		if (s->places[i].transport == transport &&
		    endpoint_equal(&s->places[i].at, at))
			return &s->places[i];
	return NULL;
}

static void machine_sends(void *context, const struct turn_path *to,
			  struct slice bytes)
{
	struct server *s = context;
	const struct place *place;
	struct client *c;

	if (to->connection) {
		c = client_of(s, to->connection);
		if (c)
			(void)client_send(s, c, bytes);
		return;
	}
	place = place_at(s, &to->server, to->transport);
	if (place)
		place_send(s, place, &to->client, bytes);
}

bool server_is(const struct server *s, const struct endpoint *e, bool datagrams)
{
	for (size_t i = 0; i < s->place_count; i++)
		if (s->places[i].at.port == e->port &&
		    (s->places[i].listener == NULL) == datagrams &&
		    endpoint_equal(&s->places[i].at, e))
			return true;
	return false;
}

/* ---- in ---- */

static void received(void *context, uint32_t number,
		     const struct endpoint *from, struct slice data)
{
	struct server *s = context;
	const struct place *place;
	struct turn_path path;

	if (number & NUMBER_RELAY) {
		relay_received(s, number & ~NUMBER_RELAY, from, data);
		return;
	}
	place = &s->places[number];
	if (s->recorder)
		recorder_datagram(s->recorder, from, &place->at, data,
				  server_now(s));
	if (place->transport == SERVE_DTLS) {
		session_received(s, number, from, data);
		return;
	}
	path = (struct turn_path){.client = *from,
				  .server = place->at,
				  .transport = place->transport};
	turn_server_receive(s->machine, &path, data, server_now(s));
}

static void failed(void *context, uint32_t number,
		   const struct datagram_error *error)
{
	if (number & NUMBER_RELAY)
		relay_failed(context, number & ~NUMBER_RELAY, error);
}

static void rested(void *context)
{
	server_rest(context);
}

/* ---- streams ---- */

static bool stream_accepted(void *context, uint32_t number,
			    struct stream *stream)
{
	struct server *s = context;

	if (number == NUMBER_METRICS)
		return metrics_accepted(s, stream);
	if (number & NUMBER_RELAY)
		return peer_accepted(s, number & ~NUMBER_RELAY, stream);
	return client_accepted(s, number, stream);
}

static void stream_connected(void *context, struct stream *stream, bool success)
{
	peer_connected(context, stream_user(stream), success);
}

/* The kind comes first in all that a stream's user can be. */
static enum link_kind kind_of(const struct stream *stream)
{
	return *(enum link_kind *)stream_user(stream);
}

static void stream_received(void *context, struct stream *stream,
			    struct slice bytes)
{
	struct server *s = context;

	switch (kind_of(stream)) {
	case LINK_CLIENT:
		client_received(s, stream_user(stream), bytes);
		break;
	case LINK_PEER:
		peer_received(s, stream_user(stream), bytes);
		break;
	case LINK_METRICS:
		metrics_received(s, stream_user(stream), stream, bytes);
		break;
	}
}

static void stream_ended(void *context, struct stream *stream)
{
	struct server *s = context;

	switch (kind_of(stream)) {
	case LINK_CLIENT:
		client_ended(s, stream_user(stream));
		break;
	case LINK_PEER:
		peer_ended(s, stream_user(stream));
		break;
	case LINK_METRICS:
		stream_close(stream);
		break;
	}
}

static void stream_drained(void *context, struct stream *stream)
{
	struct server *s = context;

	switch (kind_of(stream)) {
	case LINK_CLIENT:
		client_drained(s, stream_user(stream));
		break;
	case LINK_PEER:
		peer_drained(s, stream_user(stream));
		break;
	case LINK_METRICS:
		break;
	}
}

static void stream_closed(void *context, struct stream *stream)
{
	struct server *s = context;
	struct asker *a;

	switch (kind_of(stream)) {
	case LINK_CLIENT:
		client_closed(s, stream_user(stream));
		break;
	case LINK_PEER:
		peer_closed(s, stream_user(stream));
		break;
	case LINK_METRICS:
		a = stream_user(stream);
		text_free(&a->in);
		free(a);
		break;
	}
}

/* ---- where it listens ---- */

static void say_place(const struct serve_listen *listen, struct text *why)
{
	text_puts(why, serve_transport_name(listen->transport));
	text_putc(why, ' ');
	endpoint_text(&listen->at, why);
	text_puts(why, ": ");
	text_puts(why, strerror(errno));
}

static bool is_stream(uint8_t transport)
{
	return transport == SERVE_TCP || transport == SERVE_TLS ||
	       serve_is_sip(transport);
}

static bool open_place(struct server *s, const struct serve_listen *listen,
		       struct text *why)
{
	struct place *place = &s->places[s->place_count];
	uint32_t number = (uint32_t)s->place_count;
	bool stream = is_stream(listen->transport);
	struct socket_wish wish = {.at = listen->at,
				   .type = stream ? SOCK_STREAM : SOCK_DGRAM,
				   .buffer = stream ? 0 : PLACE_BUFFER};
	int fd;

	if (s->place_count == PLACES_MAX) {
		text_puts(why, "too many addresses to listen at");
		return false;
	}
	fd = socket_open(&wish);
	if (fd < 0) {
		say_place(listen, why);
		return false;
	}
	*place = (struct place){.at = socket_local(fd),
				.fd = -1,
				.transport = listen->transport};
	if (stream) {
		place->listener = stream_set_listen(s->streams, fd, number);
	} else if (datagrams_add(s->datagrams, fd, number)) {
		place->fd = fd;
	} else {
		socket_close(fd);
	}
	if (!place->listener && place->fd < 0) {
		say_place(listen, why);
		return false;
	}
	s->place_count++;
	return true;
}

/* At this address, or at each that the machine has but those of the loopback,
 * which are taken when there is no other. */
static bool open_listen(struct server *s, const struct serve_listen *listen,
			struct text *why)
{
	struct endpoint all[ADDRESSES_MAX];
	struct serve_listen one = *listen;
	size_t n;

	if (listen->at.family != FAMILY_NONE)
		return open_place(s, listen, why);
	n = socket_addresses(all, ADDRESSES_MAX);
	for (size_t i = 0; i < n; i++) {
		bool loopback = all[i].family == FAMILY_IPV4
					? all[i].ip[0] == 127
					: all[i].ip[0] == 0;

		if (loopback && i > 0)
			break;
		one.at = all[i];
		one.at.port = listen->at.port;
		if (!open_place(s, &one, why))
			return false;
	}
	if (n == 0)
		text_puts(why, "this machine has no address");
	return n > 0;
}

/* The other three corners of RFC 5780. */
static bool open_alternates(struct server *s, struct text *why)
{
	struct endpoint other = s->config->alternate;
	const struct place *first = NULL;
	struct serve_listen listen = {.transport = SERVE_UDP};

	if (other.family == FAMILY_NONE)
		return true;
	for (size_t i = s->place_count; i--;)
		if (s->places[i].transport == SERVE_UDP &&
		    s->places[i].at.family == other.family)
			first = &s->places[i];
	if (!first)
		return false;
	for (unsigned i = 1; i < 4; i++) {
		listen.at = i & 2 ? other : first->at;
		listen.at.port = i & 1 ? other.port : first->at.port;
		if (!open_place(s, &listen, why))
			return false;
	}
	return true;
}

static bool open_metrics(struct server *s, struct text *why)
{
	struct serve_listen listen = {.at = s->config->metrics,
				      .transport = SERVE_TCP};
	struct socket_wish wish = {.at = listen.at, .type = SOCK_STREAM};
	int fd;

	if (listen.at.family == FAMILY_NONE)
		return true;
	fd = socket_open(&wish);
	if (fd >= 0)
		s->metrics = stream_set_listen(s->streams, fd, NUMBER_METRICS);
	if (!s->metrics)
		say_place(&listen, why);
	return s->metrics != NULL;
}

static bool open_all(struct server *s, struct text *why)
{
	static const struct serve_listen usual[] = {
		{.at.port = SERVE_PORT, .transport = SERVE_UDP},
		{.at.port = SERVE_PORT, .transport = SERVE_TCP},
		{.at.port = SERVE_TLS_PORT, .transport = SERVE_TLS},
		{.at.port = SERVE_TLS_PORT, .transport = SERVE_DTLS},
	};
	const struct serve_config *c = s->config;
	size_t n = c->listen_count ? c->listen_count
				   : sizeof(usual) / sizeof(usual[0]);

	for (size_t i = 0; i < n; i++)
		if (!open_listen(s,
				 c->listen_count ? &c->listens[i] : &usual[i],
				 why))
			return false;
	for (size_t i = s->place_count; i--;)
		if (!serve_is_sip(s->places[i].transport))
			s->relay_at[s->places[i].at.family == FAMILY_IPV6] =
				s->places[i].at;
	for (size_t i = 0; i < 2; i++)
		if (c->relay[i].family != FAMILY_NONE)
			s->relay_at[i] = c->relay[i];
	return open_alternates(s, why) && open_metrics(s, why);
}

bool server_listens(const struct server *s, size_t i, struct serve_listen *out)
{
	if (i >= s->place_count)
		return false;
	out->at = s->places[i].at;
	out->transport = s->places[i].transport;
	return true;
}

/* ---- the beginning ---- */

static struct slice maybe(const char *text)
{
	return text ? slice_of_text(text) : (struct slice){0};
}

static bool make_machine(struct server *s)
{
	const struct serve_config *c = s->config;
	struct turn_provider provider = {
		.context = s,
		.send = machine_sends,
		.open = relay_open,
		.close = relay_close,
		.relay = relay_send,
		.connect = peer_connect,
		.splice = peer_splice,
		.drop = peer_drop,
		.random = random_for_machine,
	};
	struct turn_config config;

	turn_config_default(&config);
	config.realm = maybe(c->realm);
	config.software = maybe(c->software);
	config.secret = maybe(c->secret);
	config.name = maybe(c->oauth_name);
	config.policy = c->policy;
	config.alternate_server = c->alternate_server;
	config.lifetime = c->lifetime;
	config.lifetime_max = c->lifetime_max;
	config.nonce_life = c->nonce_life;
	config.user_quota = c->user_quota;
	config.total_quota = c->total_quota;
	config.ipv4 = s->relay_at[0].family != FAMILY_NONE;
	config.ipv6 = s->relay_at[1].family != FAMILY_NONE;
	config.channel_max = c->strict_channels ? 0x4FFF : 0x7FFF;
	config.tcp = !c->no_tcp_relay;
	config.dont_fragment = true;
	config.mobility = true;
	config.algorithms = true;
	config.ms.enabled = c->ms_turn;
	config.ms.lifetime = c->lifetime;
	config.ms.lifetime_max = c->lifetime_max;
	config.ms.version = (uint8_t)c->ms_version;
	config.ms.host_name = maybe(c->ms_host_name);
	config.ms.alternate_server = c->ms_alternate_server;
	config.ms.redirect = c->alternate_server;
	config.ms.shared_port = (uint16_t)c->ms_shared_port;
	config.ms.bandwidth = c->ms_bandwidth;
	config.ms.admission = c->ms_admission;
	config.ms.pstn_failover = c->ms_pstn_failover;
	if (c->mras_secret)
		mras_keys_of_secret(slice_of_text(c->mras_secret),
				    &config.ms.keys);
	if (c->alternate.family != FAMILY_NONE) {
		config.behaviour = c->alternate;
		config.behaviour_first = s->places[s->place_count - 3].at;
		config.behaviour_first.port =
			s->places[s->place_count - 2].at.port;
	}
	s->machine = turn_server_new(&config, &provider);
	return s->machine != NULL;
}

/* Oldest first, so that of two with one name the first counts. */
static bool add_accounts(struct server *s, struct text *why)
{
	for (const struct serve_account *a = s->config->accounts; a;
	     a = a->next) {
		enum status status =
			turn_server_add_user(s->machine, a->name, a->password);

		if (status == STATUS_OK)
			continue;
		text_puts(why, "account ");
		text_escaped(why, a->name);
		text_puts(why, status == STATUS_BAD
				       ? ": it stands twice, or is too long"
				       : ": there is no room for it");
		return false;
	}
	return true;
}

static bool add_access(struct server *s, struct text *why)
{
	for (const struct serve_access *a = s->config->access; a; a = a->next) {
		enum status status = turn_server_add_key(s->machine, &a->key);

		if (status == STATUS_OK)
			continue;
		text_puts(why, "oauth-key ");
		text_escaped(why, a->key.kid);
		text_puts(why, status == STATUS_BAD
				       ? ": it stands twice, or is an account"
				       : ": there is no room for it");
		return false;
	}
	return true;
}

static void secret_heard(void *context, struct slice line)
{
	struct server *s = context;

	recorder_secret(s->recorder, line);
}

static bool make_tls(struct server *s, bool datagrams, struct text *why)
{
	struct tls_setup setup = {
		.datagrams = datagrams,
		.certificate = s->config->certificate,
		.key = s->config->key,
		.secret = s->recorder ? secret_heard : NULL,
		.context = s,
	};
	const char *reason;
	enum status status = tls_context_new(
		&setup, datagrams ? &s->dtls : &s->tls, &reason);

	if (status == STATUS_OK)
		return true;
	text_puts(why, reason);
	return false;
}

static bool make_both_tls(struct server *s, struct text *why)
{
	bool wanted[SERVE_TRANSPORTS] = {false};

	for (size_t i = 0; i < s->place_count; i++)
		wanted[s->places[i].transport] = true;
	return (!(wanted[SERVE_TLS] || wanted[SERVE_SIPS]) ||
		make_tls(s, false, why)) &&
	       (!wanted[SERVE_DTLS] || make_tls(s, true, why));
}

static bool make_recorder(struct server *s, struct text *why)
{
	if (!s->config->record ||
	    recorder_open(s->config->record, "mrascope " MRASCOPE_VERSION,
			  &s->recorder) == STATUS_OK)
		return true;
	text_puts(why, s->config->record);
	text_puts(why, ": ");
	text_puts(why, strerror(errno));
	return false;
}

/* A socket for each relay. */
static void allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void stopped(void *context)
{
	struct server *s = context;

	loop_stop(s->loop);
}

static bool make_loop(struct server *s)
{
	struct datagrams_events datagrams = {.context = s,
					     .received = received,
					     .failed = failed,
					     .rested = rested};
	struct stream_events streams = {.context = s,
					.accepted = stream_accepted,
					.connected = stream_connected,
					.received = stream_received,
					.ended = stream_ended,
					.drained = stream_drained,
					.closed = stream_closed};

	s->plain = text_new(PLAIN_MAX);
	s->wakes = INT64_MAX;
	s->loop = loop_new();
	if (!s->loop || !loop_signals(s->loop, stopped, s))
		return false;
	s->datagrams = datagrams_new(s->loop, &datagrams);
	s->streams = stream_set_new(s->loop, s->recorder, &streams);
	server_random(s, (uint8_t *)&s->key, sizeof(s->key));
	return s->datagrams && s->streams;
}

enum status server_new(const struct serve_config *config, struct server **out,
		       struct text *why)
{
	struct server *s = calloc(1, sizeof(*s));
	bool fine;

	if (!s)
		return STATUS_NOMEM;
	s->config = config;
	allow_many_files();
	fine = make_recorder(s, why) && make_loop(s) && open_all(s, why) &&
	       make_both_tls(s, why) && make_machine(s) &&
	       add_accounts(s, why) && add_access(s, why) &&
	       sip_front_make(s, why);
	if (fine) {
		*out = s;
		return STATUS_OK;
	}
	if (why->n == 0)
		text_puts(why, "memory or file descriptors are out");
	(void)server_free(s);
	return STATUS_IO;
}

enum status server_run(struct server *s)
{
	server_rest(s);
	loop_run(s->loop);
	return s->failed ? STATUS_IO : STATUS_OK;
}

enum status server_free(struct server *s)
{
	enum status status;

	if (!s)
		return STATUS_OK;
	for (size_t i = 0; i < s->place_count; i++) {
		listener_close(s->places[i].listener);
		socket_close(s->places[i].fd);
	}
	listener_close(s->metrics);
	stream_set_free(s->streams);
	relays_free(s);
	clients_free(s);
	peers_free(s);
	turn_server_free(s->machine);
	sip_server_free(s->sip);
	tls_context_free(s->tls);
	tls_context_free(s->dtls);
	datagrams_free(s->datagrams);
	loop_free(s->loop);
	status = recorder_close(s->recorder);
	text_free(&s->plain);
	text_free(&s->relay_name);
	bytes_wipe(s->random, sizeof(s->random));
	free(s);
	return status;
}
