/*
 * The server: the machine of engine/turn_server.h on real sockets.
 *
 * Everything is opened by server_new; server_run then serves until a signal
 * ends it.
 */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include "engine/turn_server.h"
#include "serve/serve_config.h"

struct server;

/* `config` is borrowed.  On failure `why` gets a sentence. */
MUST_CHECK enum status server_new(const struct serve_config *config,
				  struct server **out, struct text *why);
/* Ends what lives and writes the rest of the recording; STATUS_IO when that
 * could not be written.  NULL is fine. */
enum status server_free(struct server *server);

/* Where it listens, number `i`; false behind the last. */
bool server_listens(const struct server *server, size_t i,
		    struct serve_listen *out);

/* Returns after SIGINT, SIGTERM or SIGHUP; STATUS_IO: the recording could not
 * be written. */
enum status server_run(struct server *server);

#endif /* SERVE_SERVER_H */
