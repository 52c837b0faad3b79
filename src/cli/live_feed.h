/*
 * The feed of the screens, live.
 */
#ifndef CLI_LIVE_FEED_H
#define CLI_LIVE_FEED_H

#include "cli/tui_feed.h"
#include "cli/watch.h"

struct live_feed {
	struct tui_feed tui; /* journal, labels, bytes; first, so that the
			      * feed is that of both */
	struct watch watch;
	bool is_read;  /* what is followed has come to its end */
	unsigned away, down; /* interfaces, as the screens were told */
};

/* Opens the interfaces of the options; false after a message. */
bool live_feed_open(struct live_feed *f, const struct options *options,
		    int *status);
void live_feed_close(struct live_feed *f);

#endif /* CLI_LIVE_FEED_H */
