/*
 * What agents made of libnice share: one stream of one component, and two
 * programs that tell each other of themselves by files.
 */
#ifndef NICE_COMMON_H
#define NICE_COMMON_H

#include <agent.h>

struct app {
	GMainLoop *loop;
	NiceAgent *agent;
	guint stream;
	guint waited_ms; /* by whoever polls */
	NiceAgentOption flags; /* before it starts */
	gboolean controlling, gathered, ready;
	const char *mine, *theirs; /* names of files */
};

/* An agent at that address that is not gathering yet; `on_packet` gets the app.
 * `ready` is set when there is a pair. */
void app_start(struct app *app, NiceCompatibility mode, const char *address,
	       NiceAgentRecvFunc on_packet);

/* One address more of this host, before it gathers. */
void app_add_address(struct app *app, const char *address);

/* Gathers until all is there. */
void app_gather(struct app *app);

/* The loop until `poll` removes itself with app_stop; each `ms`. */
void app_run(struct app *app, guint ms, GSourceFunc poll);
gboolean app_stop(struct app *app); /* for a poll to return */

/* Until the other side's file is there, or so long. */
void app_await_theirs(struct app *app, guint ms);

/* The text as this side's file: the other one must not see half of it. */
gboolean app_hand_over(const struct app *app, const char *text);

/* Gives relays back, which takes a moment, and the agent. */
void app_leave(struct app *app);

#endif /* NICE_COMMON_H */
