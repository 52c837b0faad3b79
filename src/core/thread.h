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

#endif /* CORE_THREAD_H */
