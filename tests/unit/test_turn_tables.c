/*
 * What a TURN server does beside answering: the tables of data (RFC 8656 11,
 * 12.6, 12.7), of TCP (RFC 6062) and of mobility (RFC 8016), row by row; and
 * what is refused when memory ends.
 */
#include "config.h"

#include "engine/attributes.h"
#include "engine/ladder.h"
#include "tests/support/turn_world.h"

#define PEER "peer=192.0.2.9@5000"
#define OTHER "peer=192.0.2.8@5000"
#define MADE "allocate transport=17; "
#define BOUND MADE "channel number=4000 " PEER
#define OPEN MADE "permission " PEER
#define TCP "allocate stream=1 transport=6; "

static struct endpoint end(const char *ip)
{
	struct endpoint e;

	assert_int_equal(endpoint_parse(slice_of_text(ip), 5000, &e),
			 STATUS_OK);
	return e;
}

static void forget_reply(struct turn_world *w)
{
	if (w->replied)
		read_stun_done(&w->reply);
	w->replied = false;
}

/* ---- from the client ---- */

struct to_peer {
	const char *name, *script;
	const char *raw; /* hexadecimal, sent behind the script; or NULL */
	unsigned datagrams;
	bool no_df; /* the server cannot set it */
};

static const struct to_peer to_peers[] = {
	{"Send by permission", OPEN "; send data=x " PEER, NULL, 1, false},
	{"DATA may be empty", OPEN "; send data= " PEER, NULL, 1, false},
	{"any port of the peer",
	 MADE "permission peer=192.0.2.9@1; "
	      "send data=x " PEER,
	 NULL, 1, false},
	{"DONT-FRAGMENT", OPEN "; send df data=x " PEER, NULL, 1, false},
	{"no allocation", "allocate plain; send data=x " PEER, NULL, 0, false},
	{"an allocation that is over", OPEN "; send at=601 data=x " PEER, NULL,
	 0, false},
	{"no XOR-PEER-ADDRESS", OPEN "; send data=x", NULL, 0, false},
	{"no DATA", OPEN "; send " PEER, NULL, 0, false},
	{"DONT-FRAGMENT where it cannot be had", OPEN "; send df data=x " PEER,
	 NULL, 0, true},
	{"no permission", MADE "send data=x " PEER, NULL, 0, false},
	{"a permission that is over", OPEN "; send at=301 data=x " PEER, NULL,
	 0, false},
	{"Send does not renew it",
	 OPEN "; send at=200 data=x " PEER "; send at=301 data=x " PEER, NULL,
	 1, false},
	{"another family", OPEN "; send data=x peer=2001:470::9@5000", NULL, 0,
	 false},
	{"a Data indication of a client", OPEN,
	 "0017000c 2112a442 000000000000000000000001"
	 "0013000178000000",
	 0, false},
	{"ChannelData", BOUND, "40000001 78", 1, false},
	{"ChannelData without data", BOUND, "40000000", 1, false},
	{"a channel that nobody bound", BOUND, "40010001 78", 0, false},
	{"a length behind the datagram", BOUND, "40000009 78", 0, false},
	{"a header cut off", BOUND, "4000", 0, false},
	{"a channel whose permission is over", BOUND "; refresh at=301",
	 "40000001 78", 0, false},
	{"a channel that is over",
	 "allocate transport=17 life=3600; channel number=4000 " PEER
	 "; permission at=599 " PEER "; refresh at=601",
	 "40000001 78", 0, false},
	{"ChannelData does not renew the channel",
	 "allocate transport=17 life=3600; channel number=4000 " PEER
	 "; permission at=300 " PEER "; permission at=590 " PEER
	 "; refresh at=601",
	 "40000001 78", 0, false},
	{"a renewed channel",
	 "allocate transport=17 life=3600; channel number=4000 " PEER
	 "; channel at=590 number=4000 " PEER "; refresh at=700",
	 "40000001 78", 1, false},
	{"no channels of another client", BOUND "; allocate from=1 plain",
	 "40000001 78", 0, false},
	{"Send on an allocation of TCP",
	 TCP "permission " PEER "; send data=x " PEER, NULL, 0, false},
};

static void clients_reach_only_whom_they_may(void **state)
{
	struct turn_world w;

	(void)state;
	for (size_t i = 0; i < sizeof(to_peers) / sizeof(to_peers[0]); i++) {
		const struct to_peer *row = &to_peers[i];

		world_init(&w);
		w.config.dont_fragment = !row->no_df;
		world_start(&w);
		(void)world_run(&w, row->script);
		if (row->raw) {
			struct slice raw = t_hex(row->raw);

			world_send(&w, raw);
			t_release(raw);
			/* Data is never answered. */
			assert_false(w.replied);
		}
		if (w.datagrams != row->datagrams)
			fail_msg("%s: %u", row->name, w.datagrams);
		world_free(&w);
	}
}

/* ---- from peers ---- */

enum arrival { NOTHING, INDICATION, CHANNEL };

static const struct {
	const char *name, *script, *ip;
	enum arrival want;
	int later;     /* seconds */
	uint16_t port; /* 0: the usual one */
} from_peers[] = {
	{"by permission", OPEN, "192.0.2.9", INDICATION, 0, 0},
	{"by channel", BOUND, "192.0.2.9", CHANNEL, 0, 0},
	{"another port of who has a channel", BOUND, "192.0.2.9", INDICATION, 0,
	 5001},
	{"by channel, with its permission over", BOUND, "192.0.2.9", NOTHING,
	 301, 0},
	{"by permission, with its channel over",
	 "allocate transport=17 life=3600; channel number=4000 " PEER
	 "; permission at=500 " PEER,
	 "192.0.2.9", INDICATION, 200, 0},
	{"without permission", "allocate transport=17", "192.0.2.9", NOTHING, 0,
	 0},
	{"another address", OPEN, "192.0.2.8", NOTHING, 0, 0},
	{"a permission that is over", OPEN, "192.0.2.9", NOTHING, 301, 0},
	{"an allocation that is over", MADE "permission at=500 " PEER,
	 "192.0.2.9", NOTHING, 101, 0},
	{"a released allocation", OPEN "; refresh life=0", "192.0.2.9", NOTHING,
	 0, 0},
};

static enum arrival arrived(const struct turn_world *w)
{
	if (!w->replied)
		return NOTHING;
	return w->sent.p[0] == 0x40 ? CHANNEL : INDICATION;
}

static void peers_reach_only_who_let_them_in(void **state)
{
	struct turn_world w;
	struct endpoint peer;

	(void)state;
	for (size_t i = 0; i < sizeof(from_peers) / sizeof(from_peers[0]);
	     i++) {
		world_init(&w);
		world_start(&w);
		(void)world_run(&w, from_peers[i].script);
		forget_reply(&w);
		w.now += from_peers[i].later * NS_PER_S;
		peer = end(from_peers[i].ip);
		if (from_peers[i].port)
			peer.port = from_peers[i].port;
		turn_server_relayed(w.server, 0, &peer, SLICE("data"), w.now);
		if (arrived(&w) != from_peers[i].want)
			fail_msg("%s", from_peers[i].name);
		world_free(&w);
	}
}

static const struct {
	const char *name, *peer, *ip;
	struct turn_icmp icmp;
	bool told;
} errors[] = {
	{"unreachable", "192.0.2.9@5000", "192.0.2.9", {3, 1, 0}, true},
	{"too big", "192.0.2.9@5000", "192.0.2.9", {3, 4, 1280}, true},
	{"time exceeded", "192.0.2.9@5000", "192.0.2.9", {11, 0, 0}, true},
	{"an echo", "192.0.2.9@5000", "192.0.2.9", {8, 0, 0}, false},
	{"a redirection", "192.0.2.9@5000", "192.0.2.9", {5, 0, 0}, false},
	{"not permitted", "192.0.2.9@5000", "192.0.2.8", {3, 1, 0}, false},
	{"IPv6 unreachable", "2001:470::9@1", "2001:470::9", {1, 0, 0}, true},
	{"IPv6 too big", "2001:470::9@1", "2001:470::9", {2, 0, 1280}, true},
	{"IPv6 exceeded", "2001:470::9@1", "2001:470::9", {3, 0, 0}, true},
	{"IPv6 parameter", "2001:470::9@1", "2001:470::9", {4, 0, 0}, false},
	{"an IPv4 type", "2001:470::9@1", "2001:470::9", {11, 0, 0}, false},
};

static void only_errors_of_permitted_peers_are_told(void **state)
{
	struct turn_world w;
	struct endpoint peer;
	char line[80];

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		world_init(&w);
		world_start(&w);
		snprintf(line, sizeof(line),
			 "allocate transport=17 also=2; permission peer=%s",
			 errors[i].peer);
		assert_int_equal(world_run(&w, line), 0);
		forget_reply(&w);
		peer = end(errors[i].ip);
		turn_server_icmp(w.server, peer.family == FAMILY_IPV6, &peer,
				 &errors[i].icmp, w.now);
		if (w.replied != errors[i].told)
			fail_msg("%s", errors[i].name);
		if (w.replied)
			assert_true(stun_find(&w.reply.m, AT_ICMP) &&
				    stun_find(&w.reply.m, AT_XOR_PEER_ADDRESS));
		world_free(&w);
	}
}

/* ---- RFC 6062 ---- */

enum tcp_event { CONNECTED, REFUSED, TIMED_OUT, CAME, PEER_WENT, CLIENT_WENT };

static void tell(struct turn_world *w, enum tcp_event event)
{
	struct endpoint peer = end("192.0.2.9");

	switch (event) {
	case CONNECTED:
	case REFUSED:
		turn_server_connected(w->server, w->connecting,
				      event == CONNECTED, w->now);
		break;
	case TIMED_OUT:
		w->now += 30 * NS_PER_S;
		turn_server_tick(w->server, w->now);
		break;
	case CAME:
		w->connection = turn_server_peer(w->server, 0, &peer, w->now);
		break;
	case PEER_WENT:
		turn_server_peer_closed(w->server, w->connection);
		break;
	case CLIENT_WENT:
		turn_server_closed(w->server, &w->path, w->now);
		break;
	}
}

/* What happens behind the first script, then what the second is answered. */
static const struct {
	const char *name, *before;
	enum tcp_event event;
	const char *then;
	int code; /* of `then`, or of what the event is answered with */
} connections[] = {
	{"Connect had success", TCP "connect " PEER, CONNECTED, NULL, 0},
	{"Connect was refused", TCP "connect " PEER, REFUSED, NULL, 447},
	{"Connect took too long", TCP "connect " PEER, TIMED_OUT, NULL, 447},
	{"a second Connect to that peer", TCP "connect " PEER, CONNECTED,
	 "connect " PEER, 446},
	{"a Connect again behind a failure", TCP "connect " PEER, REFUSED,
	 "connect " PEER, -1},
	{"a peer comes by permission", TCP "permission " PEER, CAME,
	 "bind from=1 connection plain; bind connection", 0},
	{"the number of another one", TCP "permission " PEER, CAME,
	 "bind from=1 connection plain; bind connection=77", 400},
	{"another user", TCP "permission " PEER, CAME,
	 "bind from=1 connection plain; "
	 "bind connection user=bob password=builder",
	 400},
	{"who has an allocation", TCP "permission " PEER, CAME,
	 "bind connection", 400},
	{"over a datagram", TCP "permission " PEER, CAME,
	 "bind from=1 stream=0 connection plain; bind connection", 400},
	{"too late", TCP "permission " PEER, CAME,
	 "refresh at=20 life=3600; bind from=1 at=31 connection plain; "
	 "bind connection",
	 400},
	{"bound already", TCP "permission " PEER, CAME,
	 "bind from=1 connection plain; bind connection; "
	 "bind from=2 connection plain; bind connection",
	 400},
	{"a channel", TCP "permission " PEER, CAME, "channel number=4000 " PEER,
	 403},
	{"the control connection closes", TCP "permission " PEER, CLIENT_WENT,
	 "refresh", 437},
};

static void connections_follow_the_table(void **state)
{
	struct turn_world w;
	int code;

	(void)state;
	for (size_t i = 0; i < sizeof(connections) / sizeof(connections[0]);
	     i++) {
		world_init(&w);
		world_start(&w);
		(void)world_run(&w, connections[i].before);
		tell(&w, connections[i].event);
		if (connections[i].event == CONNECTED)
			w.connection = w.connecting;
		code = connections[i].then ? world_run(&w, connections[i].then)
					   : (int)w.reply.m.error;
		if (code != connections[i].code)
			fail_msg("%s: %d", connections[i].name, code);
		world_free(&w);
	}
}

static void one_end_takes_the_other_along(void **state)
{
	static const enum tcp_event events[] = {PEER_WENT, CLIENT_WENT};
	struct turn_world w;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		world_init(&w);
		world_start(&w);
		(void)world_run(&w, TCP "permission " PEER);
		tell(&w, CAME);
		assert_int_equal(w.reply.m.method, STUN_CONNECTION_ATTEMPT);
		assert_int_equal(world_run(&w, "bind from=1 connection plain; "
					       "bind connection"),
				 0);
		assert_int_equal(w.spliced, w.connection);
		tell(&w, events[i]);
		/* Whichever it was, nothing waits under that number. */
		assert_int_equal(world_run(&w, "bind from=2 connection plain; "
					       "bind connection"),
				 400);
		world_free(&w);
	}
}

static void peers_without_permission_are_closed(void **state)
{
	struct turn_world w;

	(void)state;
	world_init(&w);
	world_start(&w);
	(void)world_run(&w, TCP "permission " OTHER);
	forget_reply(&w);
	tell(&w, CAME);
	assert_int_equal(w.connection, 0);
	assert_false(w.replied);
	world_free(&w);
}

/* ---- RFC 8016 ---- */

static const struct {
	const char *name, *script;
	bool off; /* the server has no mobility */
	int code;
} moves[] = {
	{"a ticket moves it",
	 "allocate transport=17 ticket; refresh from=1 plain; "
	 "refresh ticket=last; permission " PEER,
	 false, 0},
	{"again from where it was moved to",
	 "allocate transport=17 ticket; refresh from=1 plain; "
	 "refresh ticket=last; permission " PEER
	 "; refresh from=2 plain; refresh ticket=last; permission " PEER,
	 false, 0},
	{"the old way is over once the new one is used",
	 "allocate transport=17 ticket; refresh from=1 plain; "
	 "refresh ticket=last; permission " PEER
	 "; refresh from=0 plain; refresh",
	 false, 437},
	{"a ticket of nobody",
	 "allocate transport=17 ticket; refresh from=1 plain; "
	 "refresh ticket=bad",
	 false, 400},
	{"of an allocation that is over",
	 "allocate transport=17 ticket; refresh from=1 at=601 plain; "
	 "refresh ticket=last",
	 false, 400},
	{"of another user",
	 "allocate transport=17 ticket; refresh from=1 plain; "
	 "refresh ticket=last user=bob password=builder",
	 false, 441},
	{"forbidden to ask", "allocate transport=17 ticket", true, 405},
	{"forbidden to use", MADE "refresh ticket=bad", true, 405},
};

static void tickets_follow_the_table(void **state)
{
	struct turn_world w;
	int code;

	(void)state;
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		world_init(&w);
		w.config.mobility = !moves[i].off;
		world_start(&w);
		code = world_run(&w, moves[i].script);
		if (code != moves[i].code)
			fail_msg("%s: %d", moves[i].name, code);
		world_free(&w);
	}
}

/* ---- memory ends ---- */

#define ATTEMPTS 40

static const struct {
	const char *before, *last;
	int code; /* that is met when one allocation or another fails */
} exhausted[] = {
	{MADE "permission " OTHER "; permission peer=192.0.2.7@1",
	 "permission " PEER, 500},
	{MADE "permission " OTHER "; permission peer=192.0.2.7@1",
	 "channel number=4000 " PEER, 508},
	{TCP "permission " PEER, "connect " PEER, 500},
	{"allocate plain", "allocate transport=17", 508},
};

/* Which codes are met; nothing is answered that is neither this nor that. */
static bool is_met(const char *before, const char *last, int want)
{
	struct turn_world w;
	bool met = false;
	int code;

	for (long n = 1; n <= ATTEMPTS; n++) {
		world_init(&w);
		world_start(&w);
		(void)world_run(&w, before);
		w.failing = n;
		code = world_run(&w, last);
		w.failing = 0;
		assert_true(code == want || code <= 0);
		met |= code == want;
		/* The next one is served. */
		assert_int_equal(world_run(&w, "binding"), 0);
		world_free(&w);
	}
	return met;
}

static void faults_of_the_server_are_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(exhausted) / sizeof(exhausted[0]); i++)
		if (!is_met(exhausted[i].before, exhausted[i].last,
			    exhausted[i].code))
			fail_msg("%s: never %d", exhausted[i].last,
				 exhausted[i].code);
}

static const struct t_case cases[] = {
	{"clients_reach_only_whom_they_may", clients_reach_only_whom_they_may},
	{"peers_reach_only_who_let_them_in", peers_reach_only_who_let_them_in},
	{"only_errors_of_permitted_peers_are_told",
	 only_errors_of_permitted_peers_are_told},
	{"connections_follow_the_table", connections_follow_the_table},
	{"one_end_takes_the_other_along", one_end_takes_the_other_along},
	{"peers_without_permission_are_closed",
	 peers_without_permission_are_closed},
	{"tickets_follow_the_table", tickets_follow_the_table},
	{"faults_of_the_server_are_its_own", faults_of_the_server_are_its_own},
};

T_MAIN(cases)
