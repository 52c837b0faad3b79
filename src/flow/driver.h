/*
 * The driver: from frames to messages.  Whose bytes are these?
 *
 * Classification is by content, in the order of RFC 7983 with MS-TURN's 0xFF10
 * first, and sticks to the flow; ports are asked only where bytes cannot tell.
 */
#ifndef FLOW_DRIVER_H
#define FLOW_DRIVER_H

#include "flow/early.h"
#include "flow/keyring.h"
#include "flow/media_table.h"
#include "flow/message.h"
#include "model/inventory.h"
#include "net/tls_secrets.h"

struct driver;

struct driver_counts {
	uint64_t frames;
	uint64_t sip, sdp, stun, channel_data, mras, rtp, rtcp, dtls, tls, dns;
	uint64_t malformed;
	uint64_t keepalives;
	uint64_t cut; /* frames cut by the snap length */
	uint64_t holes;
};

/* Limits that were reached; all zero in a quiet life. */
struct driver_limits {
	uint64_t flows_evicted;
	uint64_t fragments_lost;
	uint64_t tcp_refused;
	uint64_t media_refused;
	uint64_t tls_refused;      /* connections */
	uint64_t tls_read;         /* connections, at least one side of them */
	uint64_t tls_without_key;  /* connections, where any key is known */
	uint64_t dtls_without_key; /* the same of associations with data */
	uint64_t ssl3, dtls13;     /* versions that are not decrypted */
};

/*
 * A driver that tells `sink` what it finds and judges integrity with `keys`
 * (which it also fills).  Both outlive it.  NULL: memory is out.
 */
struct driver *driver_new(struct keyring *keys,
			  const struct message_sink *sink);
void driver_free(struct driver *driver);

/* What TLS connections are decrypted with; to be filled before their frames
 * come, or while they do. */
struct tls_secrets *driver_tls_secrets(struct driver *driver);

/*
 * For who reads once, and gets secrets by and by: records of connections whose
 * keys are not known are held, up to a limit, and read (their messages told
 * with the frame and the time that they had) when driver_take_secrets finds
 * that their keys have come.  To be said before the first frame.
 */
void driver_await_secrets(struct driver *driver);
void driver_take_secrets(struct driver *driver);

/* For who wants questions before their answers, where the times in a capture
 * are not quite one clock's: see flow/answers_first.h.  To be said before the
 * first frame; messages then come in another order than their frames. */
void driver_mend_order(struct driver *driver);

/*
 * Reading twice.  What is said of a message may hang on what comes later: the
 * key that protects it, the answer that proves it to be classic STUN.
 * driver_unsure: something was met that may be said better by and by.
 * driver_late: what was missing came, so a second pass says more.
 * driver_restart forgets all flows and counts but keeps what was learned.
 * driver_skim: a quick pass before the first, until driver_restart; the sink
 * hears SIP messages, without their bodies, and nothing else; nothing is
 * learned.
 */
bool driver_unsure(const struct driver *driver);
bool driver_late(const struct driver *driver);
void driver_restart(struct driver *driver);
void driver_skim(struct driver *driver);

/*
 * Who compares captures hears of packets that another one shows as well, by a
 * key: of small TCP segments with bytes, since a stream is read but once, and
 * of some packets of media.  take NULL: nobody does any more.
 */
struct sight_sink {
	void *context;
	void (*take)(void *context, const struct origin *from, uint64_t key);
};

/* The sink is copied. */
void driver_show_sights(struct driver *driver, const struct sight_sink *sink);

/* Media streams are wanted over time; before the first frame. */
void driver_sample(struct driver *driver);

/* One frame.  STATUS_OK or STATUS_NOMEM; whatever is wrong with the traffic
 * is told to the sink. */
MUST_CHECK enum status driver_frame(struct driver *driver,
				    const struct frame *frame);

/* The same with what was read of the frame early; NULL: nothing. */
MUST_CHECK enum status driver_frame_early(struct driver *driver,
					  const struct frame *frame,
					  const struct early *early);

/*
 * Frames of which nothing but this is needed: packets of known media streams at
 * the front of the run.  Returns how many of the `count` frames they were; the
 * one behind them has to be told by driver_frame_early().
 */
size_t driver_count_run(struct driver *driver, const struct early *run,
			size_t count);

/* The captures have ended: flushes streams, tells what became of them. */
void driver_finish(struct driver *driver);

/* After driver_finish and driver_inventory: nothing will be asked for any more
 * but counts, limits and media; what reading needed is given back. */
void driver_rest(struct driver *driver);

/* At any time, also after driver_rest. */
const struct driver_counts *driver_counts(const struct driver *driver);
struct driver_limits driver_limits(const struct driver *driver);
/* What traffic there was, after driver_finish; server names, which messages
 * tell, are left as they are. */
void driver_inventory(const struct driver *driver, struct inventory *to);
const struct media_table *driver_media(const struct driver *driver);

/* When the flow of a message had its last packet; INT64_MIN: it is
 * forgotten. */
nanoseconds driver_last_packet(const struct driver *driver,
			       const struct origin *from);

/* How many flows and streams of media are remembered. */
size_t driver_held(const struct driver *driver);

/* For who watches for days: forgets those that were silent since before a
 * time.  False: memory is out; then media are not forgotten. */
MUST_CHECK bool driver_forget(struct driver *driver, nanoseconds before);

/*
 * The same, and takes other keys; those of the old ring are not used any
 * more.  What waits for its answer at this moment is judged without a key.
 * False: memory is out; then media are not forgotten.
 */
MUST_CHECK bool driver_renew(struct driver *driver, struct keyring *keys,
			     nanoseconds before);

#endif /* FLOW_DRIVER_H */
