/*
 * What is heard on a wire: the driver's messages as lines of text, or the
 * model and the verdicts that stages and rules make of them.
 */
#ifndef TESTS_SUPPORT_HEARD_H
#define TESTS_SUPPORT_HEARD_H

#include "flow/driver.h"
#include "model/model.h"
#include "tests/support/wire.h"

/*
 * Plays the wire to a driver, twice with `learn` (the first time to learn
 * keys).  One line a message: frame, what it is, from where to where, the
 * transport unless it is UDP, and the envelopes outside of it:
 *
 *	3 stun 0001 verified 9:50000 > 3:6000 in send
 *
 * `keys` NULL: none are known before.  A C string; free it.
 */
char *heard(const struct wire *w, struct keyring *keys, bool learn);

/* Learns, hears, and compares; shows both texts when they differ. */
#define assert_heard(w, want) assert_heard_at((w), (want), __FILE__, __LINE__)
void assert_heard_at(const struct wire *w, const char *want, const char *file,
		     int line);

/* The same of who has answers behind their requests (driver_mend_order). */
char *heard_mended(const struct wire *w);

/* What is heard with a key log that comes behind so many frames; again from
 * the start where the driver says that it came late. */
char *heard_tls(const struct wire *w, const char *keylog, size_t frames);

/* The same where nothing can be read again: what came before is held. */
char *heard_tls_live(const struct wire *w, const char *keylog, size_t frames);
/* And with two key logs. */
char *heard_tls_growing(const struct wire *w, const char *const keylogs[2],
			const size_t frames[2]);

/* Compares what is heard with a key log as above; and wherever it comes. */
#define assert_heard_tls(w, keylog, frames, want) \
	assert_heard_tls_at((w), (keylog), (frames), (want), __FILE__, __LINE__)
void assert_heard_tls_at(const struct wire *w, const char *keylog,
			 size_t frames, const char *want, const char *file,
			 int line);
#define assert_heard_tls_late(w, keylog, want)                          \
	do {                                                            \
		for (size_t late_ = 0; late_ <= (w)->count; late_++)    \
			assert_heard_tls((w), (keylog), late_, (want)); \
	} while (0)

/* The counts of the driver after the wire was played once. */
struct driver_counts heard_counts(const struct wire *w);

/* The judged model of the wire; free it with model_free. */
void heard_model(const struct wire *w, struct keyring *keys,
		 struct model *model);

/*
 * The verdict of a call in one line: kind, outcome, where it stopped, the
 * rule (that of the verdict, else the first that a stage is blamed with) or
 * "-", then the states of the five stages by their first letters (Ok, Failed,
 * Incomplete, inferred '~', unseen '?', unneeded '-'):
 *
 *	call rejected exchange exchange/rejected ?--F-
 */
void call_text(const struct model *model, const struct call *call,
	       struct text *to);

/* All calls of the wire in that form: a C string; free it. */
char *heard_calls(const struct wire *w);

#endif /* TESTS_SUPPORT_HEARD_H */
