/*
 * Key logs that grow: a program whose connections are watched writes its keys
 * (SSLKEYLOGFILE) while it makes them, or a little later.
 */
#ifndef CLI_KEY_WATCH_H
#define CLI_KEY_WATCH_H

#include "cli/options.h"
#include "net/tls_secrets.h"

struct key_watch;

/*
 * The key logs of the options (--keylog), opened as long as there is a right
 * to: one that is not there yet, or is made anew, is opened when it comes.
 * NULL: there are none, or memory is out.
 */
struct key_watch *key_watch_open(const struct options *options);
void key_watch_close(struct key_watch *w);

/* Reads what was written since the last time, and not too much at once; true:
 * there are secrets that were not known. */
bool key_watch_read(struct key_watch *w, struct tls_secrets *to);

#endif /* CLI_KEY_WATCH_H */
