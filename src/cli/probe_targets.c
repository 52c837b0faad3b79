/* Which servers to probe, and by which ways. */
#include "config.h"

#include <string.h>

#include "cli/probe_parts.h"
#include "io/resolve.h"

#define PORT_TURN 3478u
#define PORT_TURNS 5349u
#define PORT_PSEUDO_TLS 443u
#define SERVICES_MAX 4u /* hosts of a service that are tried */

#define WAY(transport) (1u << (transport))

/* A SERVER, taken apart. */
struct given {
	char host[PROBE_HOST_MAX];
	uint16_t port; /* 0: each transport's own */
	unsigned ways; /* bits of transports; 0: none was named */
	enum probe_want want;
	bool secure; /* turns:, stuns: */
};

static bool refuse(const char *server, const char *why)
{
	fprintf(stderr, "mrascope: %s: %s\n", server, why);
	return false;
}

/* ---- reading ---- */

/* "udp,tls" to bits; 0: it has something else. */
static unsigned ways_of(struct slice list)
{
	unsigned ways = 0;

	while (list.n) {
		struct slice word = slice_trim(slice_split(&list, ','));
		unsigned found = 0;

		for (unsigned i = 0; i < PROBE_TRANSPORTS; i++)
			if (slice_is(word, probe_transport_text(
						   (enum probe_transport)i)))
				found = WAY(i);
		if (!found)
			return 0;
		ways |= found;
	}
	return ways;
}

/* "[2001:db8::1]:3478", "turn.example.org:3478", an address alone. */
static bool read_host(struct slice s, struct given *out)
{
	struct endpoint plain;
	struct slice host = s, port = {0};
	uint64_t n = 0;
	size_t at;

	if (s.n && s.p[0] == '[' && slice_find(s, ']', &at)) {
		host = slice_cut(s, 1, at - 1);
		port = slice_from(s, at + 1);
		if (port.n && port.p[0] != ':')
			return false;
		port = slice_from(port, 1);
	} else if (endpoint_parse(s, 0, &plain) != STATUS_OK) {
		port = s;
		host = slice_split(&port, ':');
	}
	if (host.n == 0 || host.n >= sizeof(out->host) ||
	    (port.n && slice_number(port, UINT16_MAX, &n) != STATUS_OK))
		return false;
	memcpy(out->host, host.p, host.n);
	out->host[host.n] = '\0';
	out->port = (uint16_t)n;
	return !memchr(out->host, '/', host.n);
}

static bool read_query(struct slice query, struct given *out)
{
	struct slice value = query;

	if (query.n == 0)
		return true;
	if (!slice_starts_nocase(query, "transport="))
		return false;
	value = slice_from(query, sizeof("transport=") - 1);
	if (slice_is_nocase(value, "udp"))
		out->ways = WAY(out->secure ? OVER_DTLS : OVER_UDP);
	else if (slice_is_nocase(value, "tcp"))
		out->ways = WAY(out->secure ? OVER_TLS : OVER_TCP);
	else
		return false;
	return true;
}

/* RFC 7064 3.1, RFC 7065 3.1. */
static bool read_place(const char *server, struct given *out)
{
	static const struct {
		const char *scheme;
		enum probe_want want;
		bool secure;
		unsigned ways;
	} schemes[] = {
		{"turn:", WANT_RELAY, false, WAY(OVER_UDP)},
		{"turns:", WANT_RELAY, true, WAY(OVER_TLS)},
		{"stun:", WANT_STUN, false, WAY(OVER_UDP)},
		{"stuns:", WANT_STUN, true, WAY(OVER_TLS)},
	};
	struct slice rest = slice_of_text(server), host;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (!slice_starts_nocase(rest, schemes[i].scheme))
			continue;
		out->want = schemes[i].want;
		out->secure = schemes[i].secure;
		out->ways = schemes[i].ways;
		rest = slice_from(rest, strlen(schemes[i].scheme));
		break;
	}
	host = slice_split(&rest, '?');
	if (rest.n && !out->ways)
		return false;
	return read_query(rest, out) && read_host(host, out);
}

/* ---- adding ---- */

static uint16_t port_of(const struct given *place, unsigned transport)
{
	if (place->port)
		return place->port;
	if (transport == OVER_TLS || transport == OVER_DTLS)
		return PORT_TURNS;
	return transport == OVER_PSEUDO_TLS ? PORT_PSEUDO_TLS : PORT_TURN;
}

/* Relays for inside and outside may be one and the same. */
static bool is_there(const struct probe_session *s,
		     const struct probe_target *t)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->targets[i].transport == t->transport &&
		    s->targets[i].want == t->want &&
		    strcmp(s->targets[i].host, t->host) == 0 &&
		    endpoint_equal(&s->targets[i].server, &t->server))
			return true;
	return false;
}

static bool add_one(struct probe_session *s, const struct given *place,
		    unsigned transport, struct endpoint at)
{
	struct probe_target *t = &s->targets[s->count];

	if (s->count == PROBE_TARGETS_MAX)
		return refuse(place->host, "too many servers and transports");
	*t = (struct probe_target){.transport = (enum probe_transport)transport,
				   .want = place->want};
	memcpy(t->host, place->host, sizeof(t->host));
	at.port = port_of(place, transport);
	t->server = t->udp_server = at;
	if (transport != OVER_UDP && transport != OVER_TCP) {
		t->udp_server.port = PORT_TURN;
		/* Where TLS has another port than the usual one, nobody says
		 * that UDP has it. */
		if (place->port)
			t->udp_server = (struct endpoint){0};
	}
	if (!is_there(s, t))
		s->count++;
	return true;
}

/* The transports that are tried where no URI names one. */
static unsigned usual_ways(const struct probe_session *s,
			   const struct given *place)
{
	if (s->options->transports)
		return ways_of(slice_of_text(s->options->transports));
	if (place->ways)
		return place->ways;
	if (s->ms_turn)
		return place->port ? WAY(OVER_UDP) | WAY(OVER_TCP)
				   : WAY(OVER_UDP) | WAY(OVER_PSEUDO_TLS);
	/* A port is one of UDP and TCP; TLS has its own. */
	return WAY(OVER_UDP) | WAY(OVER_TCP) |
	       (place->port ? 0 : WAY(OVER_TLS));
}

/* ---- names ---- */

/* Both addresses of a host, by one transport. */
static bool add_host(struct probe_session *s, const struct given *place,
		     const char *host, unsigned transport, int *status)
{
	struct endpoint found[2];
	const char *reason;
	size_t count = resolve_host(host, 0, found, &reason);
	bool any = false;

	*status = EXIT_INPUT;
	if (count == 0)
		return refuse(host, reason);
	for (size_t i = 0; i < count; i++) {
		if (s->options->family && found[i].family != s->options->family)
			continue;
		if (!add_one(s, place, transport, found[i]))
			return false;
		any = true;
	}
	return any || refuse(host, "no address of this family");
}

/* What SRV records say of a place (RFC 5389 9, RFC 8656 3, RFC 5928 3). */
struct services {
	struct srv_host found[PROBE_TRANSPORTS][SERVICES_MAX];
	size_t count[PROBE_TRANSPORTS];
	unsigned ways, denied; /* bits of transports */
};

static bool has_services(const struct probe_session *s,
			 const struct given *place)
{
	struct endpoint e;

	return place->port == 0 && !s->ms_turn && strchr(place->host, '.') &&
	       endpoint_parse(slice_of_text(place->host), 0, &e) != STATUS_OK;
}

static void find_services(const struct given *place, unsigned ways,
			  struct services *out)
{
	static const char *const names[PROBE_TRANSPORTS][2] = {
		[OVER_UDP] = {"_turn._udp", "_stun._udp"},
		[OVER_TCP] = {"_turn._tcp", "_stun._tcp"},
		[OVER_TLS] = {"_turns._tcp", "_stuns._tcp"},
		[OVER_DTLS] = {"_turns._udp", "_stuns._udp"},
	};
	enum resolve_answer answer = RESOLVE_NONE;

	for (unsigned w = 0; w < PROBE_TRANSPORTS; w++) {
		const char *name = names[w][place->want == WANT_STUN];

		if (!(ways & WAY(w)) || !name || answer == RESOLVE_SILENT)
			continue;
		answer = resolve_service(name, place->host, out->found[w],
					 SERVICES_MAX, &out->count[w]);
		if (answer == RESOLVE_FOUND)
			out->ways |= WAY(w);
		else if (answer == RESOLVE_DENIED)
			out->denied |= WAY(w);
	}
}

static bool add_services(struct probe_session *s, const struct given *place,
			 const struct services *services, unsigned transport,
			 int *status)
{
	for (size_t i = 0; i < services->count[transport]; i++) {
		const struct srv_host *at = &services->found[transport][i];
		struct given there = *place;

		there.port = at->port;
		if (!add_host(s, &there, at->host, transport, status))
			return false;
	}
	return true;
}

/* A transport that was named, or that nobody has said anything of, is at the
 * host itself. */
static bool add_place(struct probe_session *s, const struct given *place,
		      unsigned ways, int *status)
{
	struct services services = {.ways = 0};
	bool named = s->options->transports || place->ways;

	if (has_services(s, place))
		find_services(place, ways, &services);
	ways &= ~services.denied;
	if (services.ways && !named)
		ways &= services.ways;
	for (unsigned w = 0; w < PROBE_TRANSPORTS; w++) {
		if (!(ways & WAY(w)))
			continue;
		if (!(services.ways & WAY(w)
			      ? add_services(s, place, &services, w, status)
			      : add_host(s, place, place->host, w, status)))
			return false;
	}
	*status = EXIT_INPUT;
	return ways ||
	       refuse(place->host, "the domain says that it has no such "
				   "service (SRV)");
}

void probe_targets_share(struct probe_session *s)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t j = 0; j < s->count; j++)
			if (s->targets[j].transport == OVER_UDP &&
			    endpoint_same_ip(&s->targets[i].server,
					     &s->targets[j].server))
				s->targets[i].udp_server = s->targets[j].server;
}

bool probe_targets_add(struct probe_session *s, const char *server, int *status)
{
	struct given place;

	*status = EXIT_USAGE;
	if (s->options->transports &&
	    !ways_of(slice_of_text(s->options->transports)))
		return refuse(s->options->transports,
			      "not of udp, tcp, tls, dtls, pseudo-tls");
	if (!read_place(server, &place))
		return refuse(server, "not turn:HOST, turns:HOST, stun:HOST or "
				      "HOST[:PORT]");
	return add_place(s, &place, usual_ways(s, &place), status);
}

#define UDP_WAYS (WAY(OVER_UDP) | WAY(OVER_DTLS))
#define TCP_WAYS (WAY(OVER_TCP) | WAY(OVER_TLS) | WAY(OVER_PSEUDO_TLS))

bool probe_targets_relay(struct probe_session *s, const char *host,
			 uint16_t udp_port, uint16_t tcp_port, int *status)
{
	struct given place = {.ways = WAY(OVER_UDP) | WAY(OVER_PSEUDO_TLS)};
	unsigned ways = usual_ways(s, &place);
	bool fine = true;

	*status = EXIT_USAGE;
	if (!read_host(slice_of_text(host), &place))
		return refuse(host, "not the name of a host");
	place.port = udp_port;
	if (udp_port && ways & UDP_WAYS)
		fine = add_place(s, &place, ways & UDP_WAYS, status);
	place.port = tcp_port;
	if (fine && tcp_port && ways & TCP_WAYS)
		fine = add_place(s, &place, ways & TCP_WAYS, status);
	return fine;
}
