/* The plan of a probe against the server machine, over a wire that loses. */
#include "config.h"

#include "engine/probe_path.h"
#include "engine/turn_server.h"
#include "tests/support/t.h"

#define QUEUE 64u
#define RELAYS 8u
#define TIME_ZERO (INT64_C(1800000000) * NS_PER_S)
#define HOP (5 * NS_PER_MS)

enum kind {
	TO_SERVER,
	TO_LEG,
	TO_PEER,  /* the probe's own socket, from a relay */
	TO_RELAY, /* from whomever */
	OPENED,
};

struct event {
	nanoseconds at;
	enum kind kind;
	unsigned leg;
	uint32_t relay;
	struct endpoint from;
	struct text bytes;
};

/* What the network does. */
struct weather {
	bool server_silent;   /* all that is asked of it is lost */
	bool allocate_silent; /* only Binding gets through */
	bool relay_closed;    /* nothing goes in or out at the far side */
	bool peer_closed;     /* the probe's own socket hears nothing */
	bool no_own_binding;  /* no answer to the peer's question */
};

struct net {
	struct turn_config config;
	struct turn_server *server;
	struct probe_path *path;
	struct event queue[QUEUE];
	size_t count;
	nanoseconds now;
	struct weather weather;
	struct endpoint at, peer, clients[PROBE_LEGS];
	struct endpoint relays[RELAYS];
	bool open[RELAYS];
	unsigned opened, closed;
	uint64_t dice;
	bool stream;
};

static struct endpoint end(const char *ip, uint16_t port)
{
	struct endpoint e;

	assert_int_equal(endpoint_parse(slice_of_text(ip), port, &e),
			 STATUS_OK);
	return e;
}

static struct event *post(struct net *n, enum kind kind, struct slice bytes)
{
	struct event *e = &n->queue[n->count];

	assert_true(n->count < QUEUE);
	n->count++;
	*e = (struct event){.at = n->now + HOP, .kind = kind};
	e->bytes = text_new(1 << 17);
	text_put(&e->bytes, bytes);
	return e;
}

static void dice(void *context, uint8_t *out, size_t n)
{
	struct net *net = context;

	for (size_t i = 0; i < n; i++) {
		net->dice = net->dice * UINT64_C(6364136223846793005) + 1;
		out[i] = (uint8_t)(net->dice >> 56);
	}
}

/* ---- the server's world ---- */

static void server_sends(void *context, const struct turn_path *to,
			 struct slice bytes)
{
	struct net *n = context;

	for (unsigned i = 0; i < PROBE_LEGS; i++)
		if (endpoint_equal(&to->client, &n->clients[i]))
			post(n, TO_LEG, bytes)->leg = i;
}

static bool server_opens(void *context, uint32_t relay,
			 const struct turn_wish *wish, struct endpoint *out)
{
	struct net *n = context;

	if (relay >= RELAYS)
		return false;
	*out = wish->family == FAMILY_IPV6
		       ? end("2001:db8::1", (uint16_t)(50000 + relay))
		       : end("203.0.113.1", (uint16_t)(50000 + relay));
	n->relays[relay] = *out;
	n->open[relay] = true;
	return true;
}

static void server_closes(void *context, uint32_t relay)
{
	((struct net *)context)->open[relay] = false;
}

static void server_relays(void *context, uint32_t relay,
			  const struct endpoint *peer, struct slice data,
			  bool dont_fragment)
{
	struct net *n = context;
	struct event *e;

	(void)dont_fragment;
	if (n->weather.relay_closed)
		return;
	if (endpoint_equal(peer, &n->peer)) {
		if (!n->weather.peer_closed)
			post(n, TO_PEER, data)->from = n->relays[relay];
		return;
	}
	for (uint32_t i = 0; i < RELAYS; i++) {
		if (!n->open[i] || !endpoint_equal(peer, &n->relays[i]))
			continue;
		e = post(n, TO_RELAY, data);
		e->relay = i;
		e->from = n->relays[relay];
	}
}

/* ---- the probe's world ---- */

static void probe_opens(void *context, unsigned leg,
			const struct endpoint *server)
{
	struct net *n = context;

	(void)server;
	n->opened++;
	post(n, OPENED, SLICE(""))->leg = leg;
}

static void probe_closes(void *context, unsigned leg)
{
	(void)leg;
	((struct net *)context)->closed++;
}

static void probe_sends(void *context, unsigned leg, const struct endpoint *to,
			struct slice bytes)
{
	struct net *n = context;
	struct event *e;

	if (endpoint_equal(to, &n->at)) {
		if (n->weather.server_silent ||
		    (n->weather.allocate_silent && bytes.p[1] == 3) ||
		    (n->weather.no_own_binding && leg == PROBE_LEG_PEER))
			return;
		post(n, TO_SERVER, bytes)->leg = leg;
		return;
	}
	assert_int_equal(leg, PROBE_LEG_PEER);
	for (uint32_t i = 0; i < RELAYS; i++) {
		if (!n->open[i] || !endpoint_equal(to, &n->relays[i]) ||
		    n->weather.relay_closed)
			continue;
		e = post(n, TO_RELAY, bytes);
		e->relay = i;
		e->from = n->peer;
	}
}

/* ---- both ---- */

static void init(struct net *n)
{
	memset(n, 0, sizeof(*n));
	turn_config_default(&n->config);
	n->config.realm = SLICE("example.org");
	n->config.software = SLICE("a server");
	n->config.secret = SLICE("north");
	n->now = TIME_ZERO;
	n->at = end("203.0.113.1", 3478);
	n->clients[0] = end("198.51.100.7", 40000);
	n->clients[1] = end("198.51.100.7", 40001);
	n->peer = n->clients[2] = end("198.51.100.7", 40002);
}

static struct probe_config alice(const struct net *n)
{
	return (struct probe_config){.server = n->at,
				     .udp_server = n->at,
				     .user = SLICE("alice"),
				     .password = SLICE("wonder"),
				     .patience = 5 * NS_PER_S};
}

static void start(struct net *n, const struct probe_config *config)
{
	struct turn_provider provider = {.context = n,
					 .send = server_sends,
					 .open = server_opens,
					 .close = server_closes,
					 .relay = server_relays,
					 .random = dice};
	struct probe_provider mine = {.context = n,
				      .open = probe_opens,
				      .close = probe_closes,
				      .send = probe_sends,
				      .random = dice};

	n->stream = config->stream;
	n->server = turn_server_new(&n->config, &provider);
	n->path = probe_path_new(config, &mine);
	assert_true(n->server && n->path);
	assert_int_equal(turn_server_add_user(n->server, SLICE("alice"),
					      SLICE("wonder")),
			 STATUS_OK);
}

static void happen(struct net *n, struct event e)
{
	struct turn_path path = {.client = n->clients[e.leg],
				 .server = n->at,
				 .stream = n->stream && e.leg != 2};
	struct slice bytes = text_slice(&e.bytes);

	switch (e.kind) {
	case TO_SERVER:
		turn_server_receive(n->server, &path, bytes, n->now);
		break;
	case TO_LEG:
		probe_path_receive(n->path, e.leg, &n->at, bytes, n->now);
		break;
	case TO_PEER:
		probe_path_receive(n->path, PROBE_LEG_PEER, &e.from, bytes,
				   n->now);
		break;
	case TO_RELAY:
		turn_server_relayed(n->server, e.relay, &e.from, bytes, n->now);
		break;
	case OPENED:
		probe_path_opened(n->path, e.leg, false, n->now);
		break;
	}
	text_free(&e.bytes);
}

/* To the end; bounded, so that a plan that hangs is seen. */
static void run(struct net *n)
{
	probe_path_begin(n->path, n->now);
	for (unsigned i = 0; i < 2000 && !probe_path_is_over(n->path); i++) {
		nanoseconds next = probe_path_next(n->path);
		struct event e;

		if (n->count && n->queue[0].at <= next) {
			e = n->queue[0];
			n->count--;
			memmove(n->queue, n->queue + 1,
				n->count * sizeof(n->queue[0]));
			n->now = e.at;
			happen(n, e);
			continue;
		}
		assert_true(next < INT64_MAX);
		n->now = next;
		probe_path_tick(n->path, n->now);
	}
	assert_true(probe_path_is_over(n->path));
}

static void stop(struct net *n)
{
	for (size_t i = 0; i < n->count; i++)
		text_free(&n->queue[i].bytes);
	probe_path_free(n->path);
	turn_server_free(n->server);
}

/* One letter a step: '.' untried, '-' unneeded, 'k' fine, 'x' failed,
 * 'n' as far as one comes. */
static void assert_steps(const struct net *n, const char *want)
{
	static const char letters[] = {
		[PROBE_UNTRIED] = '.',  [PROBE_RUNS] = '?',
		[PROBE_OK] = 'k',       [PROBE_FAILED] = 'x',
		[PROBE_UNNEEDED] = '-', [PROBE_REFUSED_SO] = 'n'};
	const struct probe_report *r = probe_path_report(n->path);
	char got[PROBE_STEPS + 1] = "";

	for (unsigned i = 0; i < PROBE_STEPS; i++)
		got[i] = letters[r->steps[i].state];
	assert_string_equal(got, want);
}

static enum probe_trouble trouble(const struct net *n, enum probe_step step)
{
	return probe_path_report(n->path)->steps[step].trouble;
}

static unsigned open_relays(const struct net *n)
{
	unsigned count = 0;

	for (unsigned i = 0; i < RELAYS; i++)
		count += n->open[i];
	return count;
}

/* ---- what is true ---- */

static void all_goes_well(void **state)
{
	const struct probe_report *r;
	struct probe_config config;
	struct net n;

	(void)state;
	init(&n);
	config = alice(&n);
	start(&n, &config);
	run(&n);
	r = probe_path_report(n.path);
	assert_steps(&n, "--kkkkkkkk");
	assert_int_equal(r->peer_kind, PEER_OWN);
	assert_true(endpoint_equal(&r->mapped, &n.clients[0]));
	assert_true(endpoint_equal(&r->peer, &n.peer));
	assert_int_equal(r->lifetime, 600);
	assert_string_equal(r->software, "a server");
	assert_string_equal(r->realm, "example.org");
	/* Through the relay and back: four hops. */
	assert_int_equal(r->steps[PROBE_ECHO].took, 4 * HOP);
	assert_int_equal(r->echoes_back, 2);
	assert_int_equal(open_relays(&n), 0);
	assert_int_equal(n.opened, n.closed);
	stop(&n);
}

static void streams_go_well_too(void **state)
{
	struct probe_config config;
	struct net n;

	(void)state;
	init(&n);
	config = alice(&n);
	config.stream = true;
	start(&n, &config);
	run(&n);
	assert_steps(&n, "k-kkkkkkkk");
	assert_int_equal(open_relays(&n), 0);
	stop(&n);
}

static void another_relay_helps(void **state)
{
	static const struct {
		const char *name;
		struct weather weather;
		bool forbidden;
		enum probe_trouble why;
	} rows[] = {
		{"own socket not asked for",
		 {.no_own_binding = true},
		 false,
		 TROUBLE_UNANSWERED},
		{"own socket not reached",
		 {.peer_closed = true},
		 false,
		 TROUBLE_ECHO_LOST},
		{"own socket forbidden", {0}, true, TROUBLE_PEER_FORBIDDEN},
	};
	struct probe_config config;
	struct net n;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		init(&n);
		n.weather = rows[i].weather;
		if (rows[i].forbidden)
			n.peer = n.clients[2] = end("10.0.0.7", 40002);
		config = alice(&n);
		start(&n, &config);
		run(&n);
		assert_steps(&n, "--kkkkkkkk");
		assert_int_equal(probe_path_report(n.path)->peer_kind,
				 PEER_RELAY);
		assert_int_equal(probe_path_report(n.path)->own_trouble,
				 rows[i].why);
		assert_int_equal(open_relays(&n), 0);
		stop(&n);
	}
}

static void troubles_are_told(void **state)
{
	static const struct {
		const char *name, *user, *password;
		struct weather weather;
		const char *steps;
		enum probe_step step;
		enum probe_trouble want;
		bool expired;
	} rows[] = {
		{"silence",
		 "alice",
		 "wonder",
		 {.server_silent = true},
		 "--x.......",
		 PROBE_BINDING,
		 TROUBLE_UNANSWERED,
		 false},
		{"STUN only",
		 "alice",
		 "wonder",
		 {.allocate_silent = true},
		 "--kx......",
		 PROBE_ALLOCATE,
		 TROUBLE_UNANSWERED_LATER,
		 false},
		{"password",
		 "alice",
		 "wrong",
		 {0},
		 "--kx......",
		 PROBE_ALLOCATE,
		 TROUBLE_CREDENTIALS,
		 false},
		{"expired",
		 "1000000000:alice",
		 "x",
		 {0},
		 "--kx......",
		 PROBE_ALLOCATE,
		 TROUBLE_EXPIRED,
		 true},
		{"none",
		 "",
		 "",
		 {0},
		 "--kn......",
		 PROBE_ALLOCATE,
		 TROUBLE_NEEDS_CREDENTIALS,
		 false},
		{"relay ports",
		 "alice",
		 "wonder",
		 {.relay_closed = true},
		 "--kkkkx..k",
		 PROBE_ECHO,
		 TROUBLE_ECHO_LOST,
		 false},
	};
	struct probe_config config;
	struct net n;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		init(&n);
		n.weather = rows[i].weather;
		config = alice(&n);
		config.user = slice_of_text(rows[i].user);
		config.password = slice_of_text(rows[i].password);
		config.user_expired = rows[i].expired;
		start(&n, &config);
		run(&n);
		assert_steps(&n, rows[i].steps);
		assert_int_equal(trouble(&n, rows[i].step), rows[i].want);
		assert_int_equal(open_relays(&n), 0);
		stop(&n);
	}
}

static void a_redirect_is_followed_not_for_ever(void **state)
{
	struct probe_config config;
	struct net n;

	(void)state;
	init(&n);
	n.config.alternate_server = n.at;
	config = alice(&n);
	start(&n, &config);
	run(&n);
	assert_int_equal(trouble(&n, PROBE_ALLOCATE), TROUBLE_REDIRECTS);
	assert_int_equal(probe_path_report(n.path)->redirects, 3);
	assert_int_equal(n.opened, n.closed);
	stop(&n);
}

static void a_quota_of_one_leaves_no_peer(void **state)
{
	struct probe_config config;
	struct net n;

	(void)state;
	init(&n);
	n.config.user_quota = 1;
	n.weather.no_own_binding = true;
	config = alice(&n);
	start(&n, &config);
	run(&n);
	assert_steps(&n, "--kkx....k");
	assert_int_equal(trouble(&n, PROBE_PEER), TROUBLE_NO_PEER);
	assert_int_equal(probe_path_report(n.path)->steps[PROBE_PEER].code,
			 486);
	stop(&n);
}

static void binding_alone_is_enough_for_stun(void **state)
{
	struct probe_config config;
	struct net n;

	(void)state;
	init(&n);
	config = alice(&n);
	config.stun_only = true;
	start(&n, &config);
	run(&n);
	assert_steps(&n, "--k-------");
	stop(&n);
}

/* A connection that is refused, and one that nobody takes. */
static void connections_fail(void **state)
{
	struct probe_config config;
	struct net n;

	(void)state;
	init(&n);
	config = alice(&n);
	config.stream = config.secure = true;
	start(&n, &config);
	probe_path_begin(n.path, n.now);
	probe_path_failed(n.path, 0, TROUBLE_PORT_CLOSED, SLICE("refused"),
			  n.now);
	assert_steps(&n, "x.........");
	assert_string_equal(
		probe_path_report(n.path)->steps[PROBE_CONNECT].reason,
		"refused");
	stop(&n);

	init(&n);
	start(&n, &config);
	probe_path_begin(n.path, n.now);
	assert_int_equal(probe_path_next(n.path), n.now + 5 * NS_PER_S);
	probe_path_tick(n.path, n.now + 5 * NS_PER_S);
	assert_steps(&n, "x.........");
	assert_int_equal(trouble(&n, PROBE_CONNECT), TROUBLE_UNANSWERED);
	stop(&n);

	/* Connected, but the handshake fails. */
	init(&n);
	start(&n, &config);
	probe_path_begin(n.path, n.now);
	probe_path_opened(n.path, 0, false, n.now);
	probe_path_failed(n.path, 0, TROUBLE_TLS_NAME, SLICE("name"), n.now);
	assert_steps(&n, "kx........");
	assert_int_equal(trouble(&n, PROBE_SECURE), TROUBLE_TLS_NAME);
	stop(&n);
}

static void every_trouble_has_words(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TROUBLES; i++) {
		const struct probe_trouble_row *row =
			probe_trouble_row((enum probe_trouble)i);

		assert_true(row->id && *row->id);
		assert_true(i == TROUBLE_NONE || *row->text);
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(
				row->id,
				probe_trouble_row((enum probe_trouble)j)->id);
	}
	for (unsigned i = 0; i < PROBE_STEPS; i++) {
		assert_non_null(probe_step_id((enum probe_step)i));
		assert_non_null(probe_step_text((enum probe_step)i, true));
	}
}

static const struct t_case cases[] = {
	{"all_goes_well", all_goes_well},
	{"streams_go_well_too", streams_go_well_too},
	{"another_relay_helps", another_relay_helps},
	{"troubles_are_told", troubles_are_told},
	{"a_redirect_is_followed_not_for_ever",
	 a_redirect_is_followed_not_for_ever},
	{"a_quota_of_one_leaves_no_peer", a_quota_of_one_leaves_no_peer},
	{"binding_alone_is_enough_for_stun", binding_alone_is_enough_for_stun},
	{"connections_fail", connections_fail},
	{"every_trouble_has_words", every_trouble_has_words},
};
T_MAIN(cases)
