/*
 * One ICE agent made of libnice that may use its relay only, in a mode for
 * Microsoft's clients or the RFC's.  The two tell each other of themselves by
 * files; the controlling one sends datagrams, the other sends each back.
 *
 * usage: nice_relay_agent oc2007|oc2007r2|wlm2009|rfc5245
 *        controlling|controlled LOCAL-ADDRESS MINE THEIRS
 *        udp|tcp|tls RELAY-ADDRESS PORT USER PASSWORD COUNT
 *
 * Exit status 0: connected, and all that was sent came back.
 */
#include <agent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONNECT_MS 15000u
#define POLL_MS 20u

struct app {
	GMainLoop *loop;
	NiceAgent *agent;
	guint stream, waited_ms, count, sent, back;
	gboolean gathered, ready, controlling;
	const char *theirs;
};

static void on_gathered(NiceAgent *agent, guint stream, gpointer data)
{
	struct app *app = data;

	(void)agent;
	(void)stream;
	app->gathered = TRUE;
	g_main_loop_quit(app->loop);
}

static void on_state(NiceAgent *agent, guint stream, guint component,
		     guint state, gpointer data)
{
	struct app *app = data;

	(void)agent;
	(void)stream;
	(void)component;
	app->ready |= state == NICE_COMPONENT_STATE_READY;
}

static void on_packet(NiceAgent *agent, guint stream, guint component,
		      guint size, gchar *bytes, gpointer data)
{
	struct app *app = data;

	app->back++;
	if (!app->controlling)
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

static void make_agent(struct app *app, char **argv)
{
	NiceRelayType type = !strcmp(argv[6], "udp") ? NICE_RELAY_TYPE_TURN_UDP
			     : !strcmp(argv[6], "tcp")
				     ? NICE_RELAY_TYPE_TURN_TCP
				     : NICE_RELAY_TYPE_TURN_TLS;
	NiceAddress address;

	app->agent = nice_agent_new(NULL, mode_of(argv[1]));
	g_object_set(app->agent, "controlling-mode", app->controlling, "upnp",
		     FALSE, "ice-tcp", type != NICE_RELAY_TYPE_TURN_UDP,
		     "force-relay", TRUE, NULL);
	nice_address_init(&address);
	nice_address_set_from_string(&address, argv[3]);
	nice_agent_add_local_address(app->agent, &address);
	g_signal_connect(app->agent, "candidate-gathering-done",
			 G_CALLBACK(on_gathered), app);
	g_signal_connect(app->agent, "component-state-changed",
			 G_CALLBACK(on_state), app);
	app->stream = nice_agent_add_stream(app->agent, 1);
	nice_agent_set_relay_info(app->agent, app->stream, 1, argv[7],
				  (guint)g_ascii_strtoull(argv[8], NULL, 10),
				  argv[9], argv[10], type);
	nice_agent_attach_recv(app->agent, app->stream, 1, NULL, on_packet,
			       app);
	nice_agent_gather_candidates(app->agent, app->stream);
	if (!app->gathered)
		g_main_loop_run(app->loop);
}

/* "UFRAG PASSWORD", then a line for each candidate. */
static gboolean hand_over(struct app *app, const char *mine)
{
	gchar *part = g_strconcat(mine, ".part", NULL), *user, *password;
	FILE *file = fopen(part, "w");
	gboolean relayed = FALSE, done;
	GSList *list =
		nice_agent_get_local_candidates(app->agent, app->stream, 1);

	if (!file || !nice_agent_get_local_credentials(app->agent, app->stream,
						       &user, &password))
		return FALSE;
	fprintf(file, "%s %s\n", user, password);
	for (GSList *i = list; i; i = i->next) {
		const NiceCandidate *c = i->data;
		gchar address[INET6_ADDRSTRLEN];

		nice_address_to_string(&c->addr, address);
		fprintf(file, "%s %u %s %u %s %s %d %d\n", c->foundation,
			c->priority, address, nice_address_get_port(&c->addr),
			c->username ? c->username : "-",
			c->password ? c->password : "-", (int)c->type,
			(int)c->transport);
		relayed |= c->type == NICE_CANDIDATE_TYPE_RELAYED;
	}
	done = !fclose(file) && !rename(part, mine);
	g_slist_free_full(list, (GDestroyNotify)nice_candidate_free);
	g_free(user);
	g_free(password);
	g_free(part);
	return done && relayed;
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

/* One datagram a turn once there is a pair, until enough are back: the other one
 * may not have its pair yet, and sends nothing back then. */
static gboolean step(gpointer data)
{
	struct app *app = data;
	char text[32];
	int n;

	app->waited_ms += POLL_MS;
	if (app->ready && app->controlling) {
		n = snprintf(text, sizeof(text), "\x80 datagram %u", app->sent);
		if (nice_agent_send(app->agent, app->stream, 1, (guint)n,
				    text) == n)
			app->sent++;
	}
	if (app->back < app->count && app->waited_ms < CONNECT_MS)
		return G_SOURCE_CONTINUE;
	g_main_loop_quit(app->loop);
	return G_SOURCE_REMOVE;
}

static gboolean await_file(gpointer data)
{
	struct app *app = data;

	app->waited_ms += POLL_MS;
	if (access(app->theirs, R_OK) && app->waited_ms < CONNECT_MS)
		return G_SOURCE_CONTINUE;
	g_main_loop_quit(app->loop);
	return G_SOURCE_REMOVE;
}

static gboolean quit(gpointer data)
{
	g_main_loop_quit(data);
	return G_SOURCE_REMOVE;
}

int main(int argc, char **argv)
{
	struct app app = {0};
	gboolean fine;

	if (argc != 12) {
		fprintf(stderr, "usage: see the top of nice_relay_agent.c\n");
		return 2;
	}
	app.controlling = !strcmp(argv[2], "controlling");
	app.theirs = argv[5];
	app.count = (guint)g_ascii_strtoull(argv[11], NULL, 10);
	app.loop = g_main_loop_new(NULL, FALSE);
	make_agent(&app, argv);
	if (!hand_over(&app, argv[4])) {
		printf("no relay\n");
		return 1;
	}
	g_timeout_add(POLL_MS, await_file, &app);
	g_main_loop_run(app.loop);
	if (!learn(&app))
		return 1;
	app.waited_ms = 0;
	g_timeout_add(POLL_MS, step, &app);
	g_main_loop_run(app.loop);
	printf("%s, %u of %u\n", app.ready ? "ready" : "failed", app.back,
	       app.count);
	fine = app.ready && app.back >= app.count;
	/* What was sent back last is on its way. */
	g_timeout_add(300, quit, app.loop);
	g_main_loop_run(app.loop);
	g_object_unref(app.agent);
	g_main_loop_unref(app.loop);
	return !fine;
}
