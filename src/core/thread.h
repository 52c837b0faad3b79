/* Threads that help. */
#ifndef CORE_THREAD_H
#define CORE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "core/status.h"

/*
 * Starts a thread that no signal interrupts: they are for the one that knows
 * what to do with them.  False: there is none, and *thread is not set.
 */
MUST_CHECK bool thread_start(pthread_t *thread, void *(*run)(void *context),
			     void *context);

/*
 * What this thread does, and those do that it starts from now on, is long and
 * nobody waits for a part of it: when one of them wakes, it need not take the
 * processor from another at once.  Does nothing where that cannot be said.
 */
void thread_works_through(void);

#endif /* CORE_THREAD_H */
