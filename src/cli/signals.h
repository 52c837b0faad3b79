/*
 * Signals for programs that go on until they are told: they are held, and
 * asked for, so that nothing is interrupted in the middle.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <signal.h>

enum told {
	TOLD_NOTHING,
	TOLD_END,    /* SIGINT, SIGTERM, SIGHUP, SIGQUIT */
	TOLD_REOPEN, /* SIGUSR1: what is written may have been renamed */
};

/* Holds them from here on; *held is for signals_told. */
void signals_hold(sigset_t *held);

/* What came since; does not wait. */
enum told signals_told(const sigset_t *held);

#endif /* CLI_SIGNALS_H */
