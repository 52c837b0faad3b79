/* What the commands with screens share. */
#ifndef CLI_TUI_H
#define CLI_TUI_H

#include "cli/tui_feed.h"
#include "ui/app.h"

/* Shows a feed until the user has enough of it; returns an exit status. */
int tui_run(struct tui_feed *f, const struct options *options,
	    const struct settings *settings);

#endif /* CLI_TUI_H */
