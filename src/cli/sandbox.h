/*
 * Giving up what is not needed any more once interfaces are open: the rights
 * of root but those of opening a lost interface again, and all system calls
 * but those of watching and saving.
 */
#ifndef CLI_SANDBOX_H
#define CLI_SANDBOX_H

#include <stdbool.h>

/*
 * As root: becomes `user`, or whoever called sudo, or "nobody"; "root" stays.
 * Keeps CAP_NET_RAW alone.  False after a message.
 */
bool sandbox_become(const char *user);

/* Not even that is kept; false after a message. */
bool sandbox_keep_nothing(void);

/* From here on only the system calls of the list, and connect() where it is
 * asked for; others fail with EPERM.
 * False after a message; true without doing anything where the program was
 * built without libseccomp. */
bool sandbox_close(bool connects);

#endif /* CLI_SANDBOX_H */
