/* What agents made of libnice share. */
#include "nice_common.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define POLL_MS 10u
#define LEAVE_MS 300u

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

void app_add_address(struct app *app, const char *address)
{
	NiceAddress local;

	nice_address_init(&local);
	nice_address_set_from_string(&local, address);
	nice_agent_add_local_address(app->agent, &local);
}

void app_start(struct app *app, NiceCompatibility mode, const char *address,
	       NiceAgentRecvFunc on_packet)
{
	app->loop = g_main_loop_new(NULL, FALSE);
	app->agent = nice_agent_new_full(NULL, mode, app->flags);
	g_object_set(app->agent, "controlling-mode", app->controlling, "upnp",
		     FALSE, "ice-tcp", FALSE, NULL);
	app_add_address(app, address);
	g_signal_connect(app->agent, "candidate-gathering-done",
			 G_CALLBACK(on_gathered), app);
	g_signal_connect(app->agent, "component-state-changed",
			 G_CALLBACK(on_state), app);
	app->stream = nice_agent_add_stream(app->agent, 1);
	nice_agent_set_stream_name(app->agent, app->stream, "audio");
	nice_agent_attach_recv(app->agent, app->stream, 1, NULL, on_packet,
			       app);
}

void app_gather(struct app *app)
{
	nice_agent_gather_candidates(app->agent, app->stream);
	if (!app->gathered)
		g_main_loop_run(app->loop);
}

void app_run(struct app *app, guint ms, GSourceFunc poll)
{
	app->waited_ms = 0;
	g_timeout_add(ms, poll, app);
	g_main_loop_run(app->loop);
}

gboolean app_stop(struct app *app)
{
	g_main_loop_quit(app->loop);
	return G_SOURCE_REMOVE;
}

struct awaited {
	struct app *app;
	guint left_ms;
};

static gboolean poll_theirs(gpointer data)
{
	struct awaited *a = data;

	if (access(a->app->theirs, R_OK) == 0 || a->left_ms < POLL_MS)
		return app_stop(a->app);
	a->left_ms -= POLL_MS;
	return G_SOURCE_CONTINUE;
}

void app_await_theirs(struct app *app, guint ms)
{
	struct awaited a = {app, ms};

	g_timeout_add(POLL_MS, poll_theirs, &a);
	g_main_loop_run(app->loop);
}

gboolean app_hand_over(const struct app *app, const char *text)
{
	gchar *part = g_strconcat(app->mine, ".part", NULL);
	gboolean done = g_file_set_contents(part, text, -1, NULL) &&
			!g_rename(part, app->mine);

	g_free(part);
	return done;
}

static gboolean quit(gpointer data)
{
	return app_stop(data);
}

void app_leave(struct app *app)
{
	nice_agent_remove_stream(app->agent, app->stream);
	app_run(app, LEAVE_MS, quit);
	g_object_unref(app->agent);
	g_main_loop_unref(app->loop);
}
