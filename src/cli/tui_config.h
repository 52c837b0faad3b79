/*
 * Settings of the user: where they are kept, and what they say of capturing.
 */
#ifndef CLI_TUI_CONFIG_H
#define CLI_TUI_CONFIG_H

#include "cli/options.h"
#include "ui/settings.h"

/*
 * Reads what is there, in the order of sngrep, and ours last; --config FILE is
 * read alone.  What is not understood is said on standard error, unless quiet.
 * Returns where settings are kept, to be freed, or NULL: nowhere.
 */
char *tui_config_read(struct settings *s, const struct options *o, bool quiet);

/* What the options leave open is as the settings say; texts are those of `s`,
 * which must stay.  `files`: nothing is captured. */
void tui_config_apply(const struct settings *s, bool files, struct options *o);

#endif /* CLI_TUI_CONFIG_H */
