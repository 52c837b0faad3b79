/* Signals that are asked for. */
#include "config.h"

#include <time.h>

#include "cli/signals.h"

void signals_hold(sigset_t *held)
{
	sigemptyset(held);
	sigaddset(held, SIGINT);
	sigaddset(held, SIGTERM);
	sigaddset(held, SIGHUP);
	sigaddset(held, SIGQUIT);
	sigaddset(held, SIGUSR1);
	sigprocmask(SIG_BLOCK, held, NULL);
}

enum told signals_told(const sigset_t *held)
{
	struct timespec none = {0, 0};
	int signal = sigtimedwait(held, NULL, &none);

	if (signal == SIGUSR1)
		return TOLD_REOPEN;
	return signal > 0 ? TOLD_END : TOLD_NOTHING;
}
