/*
 * One ICE agent made of libnice, in a mode for Microsoft's clients (draft-06 is
 * OC2007, draft-19 OC2007R2, MSN's WLM2009) or the RFC's.  The two tell each
 * other of themselves by files, one line a candidate, since libnice's own SDP
 * has no room for the credentials that each candidate of draft-06 has.
 *
 * usage: nice_file_agent oc2007|oc2007r2|wlm2009|rfc5245
 *        controlling|controlled LOCAL-ADDRESS MINE THEIRS
 *        [udp|tcp|tls RELAY-ADDRESS PORT USER PASSWORD COUNT]
 *
 * With a relay nothing else may be used; the controlling one sends datagrams
 * until COUNT came back from the other.  Exit status 0: connected, and all that
 * was wanted came back.
 *
 * Not for draft-06 over a stream: there a relay is two candidates of ICE over
 * TCP, an active and a passive one, and libnice 0.1.21 makes pairs of the
 * active one alone, but takes the check that comes in for one of the passive
 * (conncheck.c, conn_check_handle_inbound_stun).  It finds no pair of that to
 * nominate (priv_mark_pair_nominated), and the controlled side never says that
 * it is ready, though all that it is sent arrives.
 */
#include "nice_common.h"

#include <stdio.h>
#include <string.h>

#define CONNECT_MS 15000u
#define HOST_MS 8000u
#define POLL_MS 20u
#define AFTER_MS 1000u

struct file_agent {
	struct app app; /* first: the callbacks get it */
	guint count, sent, back;
	gboolean relay;
};

static void on_packet(NiceAgent *agent, guint stream, guint component,
		      guint size, gchar *bytes, gpointer data)
{
	struct file_agent *a = data;

	a->back++;
	if (a->relay && !a->app.controlling)
		nice_agent_send(agent, stream, component, size, bytes);
}

static NiceCompatibility mode_of(const char *name)
{
	if (!strcmp(name, "oc2007"))
		return NICE_COMPATIBILITY_OC2007;
	if (!strcmp(name, "oc2007r2"))
		return NICE_COMPATIBILITY_OC2007R2;
	if (!strcmp(name, "wlm2009"))
		return NICE_COMPATIBILITY_WLM2009;
	return NICE_COMPATIBILITY_RFC5245;
}

/* TRANSPORT ADDRESS PORT USER PASSWORD */
static void set_relay(struct file_agent *a, char **words)
{
	NiceRelayType type = !strcmp(words[0], "udp") ? NICE_RELAY_TYPE_TURN_UDP
			     : !strcmp(words[0], "tcp")
				     ? NICE_RELAY_TYPE_TURN_TCP
				     : NICE_RELAY_TYPE_TURN_TLS;

	g_object_set(a->app.agent, "force-relay", TRUE, "ice-tcp",
		     type != NICE_RELAY_TYPE_TURN_UDP, NULL);
	nice_agent_set_relay_info(a->app.agent, a->app.stream, 1, words[1],
				  (guint)g_ascii_strtoull(words[2], NULL, 10),
				  words[3], words[4], type);
}

/* "UFRAG PASSWORD", then a line for each candidate: FOUNDATION PRIORITY ADDRESS
 * PORT USER PASSWORD TYPE TRANSPORT, "-" where it has no words of its own. */
static gboolean tell(struct file_agent *a)
{
	GString *text = g_string_new(NULL);
	GSList *list =
		nice_agent_get_local_candidates(a->app.agent, a->app.stream, 1);
	gboolean relayed = FALSE, done;
	gchar *user, *password;

	if (!nice_agent_get_local_credentials(a->app.agent, a->app.stream,
					      &user, &password))
		return FALSE;
	g_string_printf(text, "%s %s\n", user, password);
	for (GSList *i = list; i; i = i->next) {
		const NiceCandidate *c = i->data;
		gchar address[INET6_ADDRSTRLEN];

		nice_address_to_string(&c->addr, address);
		g_string_append_printf(text, "%s %u %s %u %s %s %d %d\n",
				       c->foundation, c->priority, address,
				       nice_address_get_port(&c->addr),
				       c->username ? c->username : "-",
				       c->password ? c->password : "-",
				       (int)c->type, (int)c->transport);
		relayed |= c->type == NICE_CANDIDATE_TYPE_RELAYED;
	}
	done = app_hand_over(&a->app, text->str);
	g_slist_free_full(list, (GDestroyNotify)nice_candidate_free);
	g_string_free(text, TRUE);
	g_free(user);
	g_free(password);
	return done && (relayed || !a->relay);
}

static NiceCandidate *candidate_of(const struct app *app, char **word)
{
	NiceCandidate *c = nice_candidate_new(
		(NiceCandidateType)g_ascii_strtoull(word[6], NULL, 10));

	c->stream_id = app->stream;
	c->component_id = 1;
	c->transport =
		(NiceCandidateTransport)g_ascii_strtoull(word[7], NULL, 10);
	g_strlcpy(c->foundation, word[0], NICE_CANDIDATE_MAX_FOUNDATION);
	c->priority = (guint32)g_ascii_strtoull(word[1], NULL, 10);
	nice_address_set_from_string(&c->addr, word[2]);
	nice_address_set_port(&c->addr,
			      (guint)g_ascii_strtoull(word[3], NULL, 10));
	if (strcmp(word[4], "-"))
		c->username = g_strdup(word[4]);
	if (strcmp(word[5], "-"))
		c->password = g_strdup(word[5]);
	return c;
}

static gboolean learn(struct app *app)
{
	gchar *text;
	char **line, **word;
	GSList *list = NULL;

	if (!g_file_get_contents(app->theirs, &text, NULL, NULL))
		return FALSE;
	line = g_strsplit(text, "\n", -1);
	word = g_strsplit(line[0], " ", 2);
	nice_agent_set_remote_credentials(app->agent, app->stream, word[0],
					  word[1]);
	g_strfreev(word);
	for (char **l = line + 1; *l && **l; l++) {
		word = g_strsplit(*l, " ", 8);
		if (g_strv_length(word) == 8)
			list = g_slist_append(list, candidate_of(app, word));
		g_strfreev(word);
	}
	nice_agent_set_remote_candidates(app->agent, app->stream, 1, list);
	g_slist_free_full(list, (GDestroyNotify)nice_candidate_free);
	g_strfreev(line);
	g_free(text);
	return TRUE;
}

/* Without a relay: until there is a pair, and a while more. */
static gboolean await_pair(gpointer data)
{
	struct app *app = data;

	app->waited_ms += POLL_MS;
	if (app->waited_ms < (app->ready ? AFTER_MS : HOST_MS))
		return G_SOURCE_CONTINUE;
	return app_stop(app);
}

/* One datagram a turn once there is a pair, until enough are back: the other
 * one may not have its pair yet, and sends nothing back then. */
static gboolean speak(gpointer data)
{
	struct file_agent *a = data;
	struct app *app = &a->app;
	char text[32];
	int n;

	app->waited_ms += POLL_MS;
	if (app->ready && app->controlling) {
		n = snprintf(text, sizeof(text), "\x80 datagram %u", a->sent);
		if (nice_agent_send(app->agent, app->stream, 1, (guint)n,
				    text) == n)
			a->sent++;
	}
	if (a->back < a->count && app->waited_ms < CONNECT_MS)
		return G_SOURCE_CONTINUE;
	return app_stop(app);
}

/* What was sent back last is on its way. */
static gboolean linger(gpointer data)
{
	return app_stop(data);
}

static void report(const struct file_agent *a)
{
	printf("%s", a->app.ready ? "ready" : "failed");
	if (a->relay)
		printf(", %u of %u", a->back, a->count);
	printf("\n");
}

int main(int argc, char **argv)
{
	struct file_agent a = {.relay = argc == 12};
	gboolean fine;

	if (argc != 6 && argc != 12) {
		fprintf(stderr, "usage: see the top of nice_file_agent.c\n");
		return 2;
	}
	a.app.controlling = !strcmp(argv[2], "controlling");
	a.app.mine = argv[4];
	a.app.theirs = argv[5];
	app_start(&a.app, mode_of(argv[1]), argv[3], on_packet);
	if (a.relay) {
		set_relay(&a, argv + 6);
		a.count = (guint)g_ascii_strtoull(argv[11], NULL, 10);
	}
	app_gather(&a.app);
	if (!tell(&a)) {
		printf("no relay\n");
		return 1;
	}
	app_await_theirs(&a.app, CONNECT_MS);
	if (!learn(&a.app))
		return 1;
	app_run(&a.app, POLL_MS, a.relay ? speak : await_pair);
	report(&a);
	fine = a.app.ready && a.back >= a.count;
	if (a.relay)
		app_run(&a.app, 300, linger);
	app_leave(&a.app);
	return !fine;
}
