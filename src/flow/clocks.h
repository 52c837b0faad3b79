/*
 * The clocks of several captures of one call, or of the interfaces of one:
 * messages, TCP segments and packets of media that more than one of them holds
 * tell how far the clocks are apart.
 *
 * A request passes one vantage before the other and its response the other way
 * round, so half the sum of both differences is the offset, whatever the
 * network's delay, if that is the same in both directions (as in RFC 5905 8).
 * A log that shares no message is set by the course of things, or by the Date
 * of its messages (flow/clocks_course.h).
 */
#ifndef FLOW_CLOCKS_H
#define FLOW_CLOCKS_H

#include "flow/message.h"
#include "model/call.h"

#define CLOCKS_MESSAGES_MAX ((size_t)1 << 20)
#define CLOCKS_SIGHTS_MAX ((size_t)1 << 18)
#define CLOCKS_PAIRS_MAX ((size_t)1024)
#define CLOCKS_SAMPLES_MAX 256u             /* per direction; the first ones */
#define CLOCKS_INTERFACES_MAX ((size_t)256) /* that may have their own */

struct clocks;

/* NULL: memory is out.  `several`: files; of a single one only a log tells. */
struct clocks *clocks_new(bool several);
void clocks_free(struct clocks *c);

/* There is no log among the files: what only logs need is left undone. */
void clocks_without_logs(struct clocks *c);

/* Files have several interfaces, each of which may have a clock of its own:
 * captures of several hosts that were merged into one. */
void clocks_by_interface(struct clocks *c);

/* Equal for copies of one message on one hop, whoever saw them. */
uint64_t clocks_sip_key(const struct sip_message *sip);

/* Takes note of a SIP or STUN message. */
void clocks_take(struct clocks *c, const struct message *m);

/* Takes note of a packet that has a key (driver_show_sights). */
void clocks_take_sight(struct clocks *c, const struct origin *from,
		       uint64_t key);

/* When the frames of a file lie; needed to tell copies from repetitions. */
struct clock_span {
	nanoseconds first, last;
};

/* How the clock of a file stands. */
struct clock_offset {
	bool known;         /* something tells */
	uint8_t basis;      /* enum clock_basis: what does */
	nanoseconds offset; /* ahead of the first file that it shares with */
	uint64_t shared;    /* messages that another file holds as well */
	bool apart;       /* it only seemed to follow that other file in time */
	bool has_vantage; /* clocks were told apart by interface: the */
	uint32_t vantage; /* one that goes by this clock */
};

/* A further interface of a file, whose clock is told apart. */
struct clock_interface {
	uint32_t file, vantage;
};

/* Those that were met, in the order of their clocks behind those of the files;
 * good until the next message. */
const struct clock_interface *clocks_interfaces(const struct clocks *c,
						size_t *count);

/*
 * All messages are taken: fills `out` for `count` files whose spans are given,
 * and behind them for each further interface.  STATUS_NOMEM.
 */
MUST_CHECK enum status clocks_solve(struct clocks *c,
				    const struct clock_span *spans,
				    size_t count, struct clock_offset *out);

#endif /* FLOW_CLOCKS_H */
