/* What the files of the probe's plan share.  Nobody else includes this. */
#ifndef ENGINE_PROBE_STATE_H
#define ENGINE_PROBE_STATE_H

#include "engine/probe_path.h"

#define ECHO_TOKEN 16u /* hex digits */
#define ECHO_MAX 8u    /* datagrams that are tried */

struct probe_leg {
	struct probe_path *path;
	struct turn_client *client;
	struct endpoint server, relayed;
	nanoseconds gives_up; /* to be opened; INT64_MAX */
	unsigned number;
	bool open, allocated;
};

/* Where the search for somebody behind the relay stands. */
enum peer_search {
	SEARCH_BEGINS,
	SEARCH_OWN_BINDING,
	SEARCH_RELAY_OPENS,
	SEARCH_RELAY_ALLOCATES,
	SEARCH_RELAY_PERMITS,
	SEARCH_FOUND,
};

struct probe_path {
	struct probe_config config;
	struct probe_provider provider;
	struct probe_report report;
	struct probe_leg legs[PROBE_LEGS];
	nanoseconds now; /* of what happens at the moment */
	enum probe_step step;
	enum peer_search search;
	nanoseconds began, step_ends; /* of the step; INT64_MAX: no end */
	nanoseconds next_echo, echo_pause;
	nanoseconds echo_at[ECHO_MAX];
	unsigned echo_count;
	char token[ECHO_TOKEN + 1];
	bool go; /* the step is to be begun */
	bool over;
	bool any_family; /* the server has no relays of the one wished for */
	bool own_failed; /* the own socket cannot be reached through it */
	bool releasing_other; /* leg 1 goes first */
};

/* ---- probe_path.c ---- */

struct probe_result *probe_now(struct probe_path *p);
/* What runs is done; the next one is due. */
void probe_step_ok(struct probe_path *p, nanoseconds took);
/* It failed; what is left to do is to release. */
void probe_step_failed(struct probe_path *p, enum probe_trouble trouble);
void probe_leg_open(struct probe_path *p, unsigned leg,
		    const struct endpoint *server);
void probe_leg_ask(struct probe_path *p, unsigned leg,
		   const struct client_request *request);

/* ---- probe_peer.c ---- */

/* Somebody behind the relay: begins, and goes on with what came of it. */
void probe_peer_begin(struct probe_path *p);
void probe_peer_opened(struct probe_path *p);
void probe_peer_failed(struct probe_path *p);
void probe_peer_answered(struct probe_path *p, unsigned leg,
			 const struct client_answer *answer);
/* The own socket is no good, for this reason: again with another allocation.
 * False: that is tried already. */
bool probe_peer_other(struct probe_path *p, enum probe_trouble why);

void probe_echo_begin(struct probe_path *p);
void probe_echo_tick(struct probe_path *p);
/* Data at leg 0. */
void probe_echo_back(struct probe_path *p, uint16_t channel, struct slice data);
/* Is it ours, to be sent back by the peer? */
bool probe_is_echo(const struct probe_path *p, struct slice data);

/* ---- probe_words.c ---- */

enum probe_trouble probe_trouble_of(const struct probe_path *p,
				    const struct client_answer *answer);
void probe_keep_text(char *to, struct slice from);

#endif /* ENGINE_PROBE_STATE_H */
