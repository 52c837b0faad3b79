/*
 * What is to be done beside the screens, or without them, when all is read or
 * when they are left: --save, and --hep-send of files.
 */
#ifndef CLI_TUI_DUTIES_H
#define CLI_TUI_DUTIES_H

#include "cli/hep_send.h"
#include "cli/tui_feed.h"
#include "ui/app.h"

struct tui_duties {
	const struct options *options;
	struct hep_sender *hep; /* NULL: nobody is told */
	bool any, done;
	size_t listed; /* calls, when it was done */
};

/* False: the options ask for what cannot be; that is said on standard error.
 * On interfaces messages are sent as they come, so not here. */
bool tui_duties_open(struct tui_duties *d, const struct options *options,
		     bool live);
void tui_duties_close(struct tui_duties *d);

/* Once, for the calls that are listed.  False: something failed; *said is what
 * became of all of it, in one line. */
bool tui_duties_do(struct tui_duties *d, struct app *app, struct text *said);

#endif /* CLI_TUI_DUTIES_H */
