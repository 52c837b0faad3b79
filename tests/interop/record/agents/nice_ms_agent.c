/*
 * One ICE agent made of libnice, in one of its modes for Microsoft's clients:
 * draft-06 (OC2007) or draft-19 (OC2007R2).  The two tell each other of
 * themselves by files, one line a candidate, since libnice's own SDP has no
 * room for the credentials that each candidate of draft-06 has.
 *
 * usage: nice_ms_agent oc2007|oc2007r2 controlling|controlled ADDRESS MINE
 *        THEIRS
 */
#include <agent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONNECT_MS 8000u
#define POLL_MS 10u
#define AFTER_MS 1000u

struct app {
	GMainLoop *loop;
	NiceAgent *agent;
	guint stream, waited_ms;
	gboolean gathered, ready;
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
	(void)agent;
	(void)stream;
	(void)component;
	(void)size;
	(void)bytes;
	(void)data;
}

static gboolean quit(gpointer data)
{
	g_main_loop_quit(((struct app *)data)->loop);
	return G_SOURCE_REMOVE;
}

static gboolean await_file(gpointer data)
{
	struct app *app = data;

	app->waited_ms += POLL_MS;
	if (access(app->theirs, R_OK) && app->waited_ms < CONNECT_MS)
		return G_SOURCE_CONTINUE;
	return quit(app);
}

static gboolean await_pair(gpointer data)
{
	struct app *app = data;

	app->waited_ms += POLL_MS;
	if (!app->ready && app->waited_ms < CONNECT_MS)
		return G_SOURCE_CONTINUE;
	g_timeout_add(AFTER_MS, quit, app);
	return G_SOURCE_REMOVE;
}

static void make_agent(struct app *app, char **argv)
{
	gboolean old = !strcmp(argv[1], "oc2007");
	NiceAddress address;

	app->agent = nice_agent_new(NULL, old ? NICE_COMPATIBILITY_OC2007
					      : NICE_COMPATIBILITY_OC2007R2);
	g_object_set(app->agent, "controlling-mode",
		     !strcmp(argv[2], "controlling"), "upnp", FALSE, "ice-tcp",
		     FALSE, NULL);
	nice_address_init(&address);
	nice_address_set_from_string(&address, argv[3]);
	nice_agent_add_local_address(app->agent, &address);
	g_signal_connect(app->agent, "candidate-gathering-done",
			 G_CALLBACK(on_gathered), app);
	g_signal_connect(app->agent, "component-state-changed",
			 G_CALLBACK(on_state), app);
	app->stream = nice_agent_add_stream(app->agent, 1);
	nice_agent_attach_recv(app->agent, app->stream, 1, NULL, on_packet,
			       app);
	nice_agent_gather_candidates(app->agent, app->stream);
	if (!app->gathered)
		g_main_loop_run(app->loop);
}

/* "UFRAG PASSWORD", then "FOUNDATION PRIORITY ADDRESS PORT USER PASSWORD", the
 * last two "-" where a candidate has none of its own. */
static gboolean hand_over(struct app *app, const char *mine)
{
	gchar *part = g_strconcat(mine, ".part", NULL), *user, *password;
	FILE *file = fopen(part, "w");
	gboolean done;
	GSList *list = nice_agent_get_local_candidates(app->agent, app->stream,
						       1);

	if (!file || !nice_agent_get_local_credentials(app->agent, app->stream,
						       &user, &password))
		return FALSE;
	fprintf(file, "%s %s\n", user, password);
	for (GSList *i = list; i; i = i->next) {
		const NiceCandidate *c = i->data;
		gchar address[INET6_ADDRSTRLEN];

		nice_address_to_string(&c->addr, address);
		fprintf(file, "%s %u %s %u %s %s\n", c->foundation,
			c->priority, address, nice_address_get_port(&c->addr),
			c->username ? c->username : "-",
			c->password ? c->password : "-");
	}
	done = !fclose(file) && !rename(part, mine);
	g_slist_free_full(list, (GDestroyNotify)nice_candidate_free);
	g_free(user);
	g_free(password);
	g_free(part);
	return done;
}

static NiceCandidate *candidate_of(const struct app *app, char **word)
{
	NiceCandidate *c = nice_candidate_new(NICE_CANDIDATE_TYPE_HOST);

	c->stream_id = app->stream;
	c->component_id = 1;
	c->transport = NICE_CANDIDATE_TRANSPORT_UDP;
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
		word = g_strsplit(*l, " ", 6);
		if (g_strv_length(word) == 6)
			list = g_slist_append(list, candidate_of(app, word));
		g_strfreev(word);
	}
	nice_agent_set_remote_candidates(app->agent, app->stream, 1, list);
	g_slist_free_full(list, (GDestroyNotify)nice_candidate_free);
	g_strfreev(line);
	g_free(text);
	return TRUE;
}

int main(int argc, char **argv)
{
	struct app app = {0};

	if (argc != 6) {
		fprintf(stderr, "usage: see the top of nice_ms_agent.c\n");
		return 2;
	}
	app.theirs = argv[5];
	app.loop = g_main_loop_new(NULL, FALSE);
	make_agent(&app, argv);
	if (!hand_over(&app, argv[4]))
		return 1;
	g_timeout_add(POLL_MS, await_file, &app);
	g_main_loop_run(app.loop);
	if (!learn(&app))
		return 1;
	app.waited_ms = 0;
	g_timeout_add(POLL_MS, await_pair, &app);
	g_main_loop_run(app.loop);
	printf("%s\n", app.ready ? "ready" : "failed");
	g_object_unref(app.agent);
	g_main_loop_unref(app.loop);
	return !app.ready;
}
