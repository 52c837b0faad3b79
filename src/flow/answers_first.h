/*
 * Answers of STUN that a capture has before their requests.  Where frames come
 * from several queues or interfaces their times are not quite one clock's, and
 * an answer may be stamped before its question.  What is read in the order of
 * time then finds an answer to nothing.  Such an answer waits a few
 * milliseconds for its request, and is told behind it, with its time; the
 * others are told as they are.
 */
#ifndef FLOW_ANSWERS_FIRST_H
#define FLOW_ANSWERS_FIRST_H

#include "flow/message.h"

struct answers_first;
struct driver;

/* None waits; NULL: memory is out. */
struct answers_first *answers_first_new(void);
void answers_first_free(struct answers_first *answers);

/* Does any? */
bool answers_first_wait(const struct answers_first *answers);

/* A message is at hand: true when it waits, and must not be told now. */
bool answers_first_hold(struct driver *driver, const struct origin *from,
			const struct stun_message *message, unsigned depth);

/* Where any wait: a request was told; time has come to this. */
void answers_first_asked(struct driver *driver, const struct origin *from,
			 const struct stun_message *request);
void answers_first_due(struct driver *driver, nanoseconds now);

/* All is read: those that wait are told; or all is read again: they are not. */
void answers_first_finish(struct driver *driver);
void answers_first_drop(struct driver *driver);

#endif /* FLOW_ANSWERS_FIRST_H */
