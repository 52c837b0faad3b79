/* Threads that help. */
#define _GNU_SOURCE /* SCHED_BATCH */
#include "config.h"

#include <sched.h>
#include <signal.h>

#include "core/thread.h"

bool thread_start(pthread_t *thread, void *(*run)(void *context), void *context)
{
	sigset_t all, before;
	bool started;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(thread, NULL, run, context) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

void thread_works_through(void)
{
#ifdef SCHED_BATCH
	const struct sched_param none = {.sched_priority = 0};

	if (sched_getscheduler(0) == SCHED_OTHER)
		(void)sched_setscheduler(0, SCHED_BATCH, &none);
#endif
}
