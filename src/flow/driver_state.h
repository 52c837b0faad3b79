/*
 * The inside of the driver, shared by the files that make it up: driver.c
 * (frames and flows), classify.c (datagrams), classify_dtls.c (DTLS and what it
 * hides), take.c (messages), streams.c (TCP), streams_tls.c (what TLS hides),
 * held.c and streams_held.c (until its keys come), records.c (logs), lost.c
 * (messages in pieces).  Nobody else includes this.
 */
#ifndef FLOW_DRIVER_STATE_H
#define FLOW_DRIVER_STATE_H

#include "flow/answers_first.h"
#include "flow/driver.h"
#include "flow/flow_table.h"
#include "flow/held.h"
#include "flow/known_media.h"
#include "flow/relay.h"
#include "flow/transactions.h"
#include "model/inventory.h"
#include "model/list.h"
#include "net/tls_session.h"

#define SCRATCH_MAX ((size_t)64 << 20)
#define CLASSIC_IDS_MAX ((size_t)1 << 20)

/* Ids of classic STUN transactions for which there is evidence. */
struct id_set {
	uint64_t *hashes;
	size_t count, room;
	struct index index;
};

/* Messages of logs that wait for the rest of them: so many at a time. */
#define RECORDS_WAITING_MAX 16u

struct waiting {
	struct origin from; /* of the record where it begins */
	struct text text;   /* empty: nothing waits here */
};

/* Clients by what a log of theirs says, and whom each speaks to: the log of a
 * server knows its own end by name only. */
#define LOG_CLIENTS_MAX ((size_t)1 << 16)

struct log_client {
	struct endpoint client, server;
};

/* Beginnings of messages whose other pieces did not come. */
struct lost_heads {
	struct list list;   /* struct lost_head; stay for a second pass */
	struct index index; /* by file and frame */
	size_t bytes;
};

/* An association of DTLS that may be read. */
struct dtls_flow {
	struct tls_session *session;
	struct held held;
};

struct driver {
	struct net *net;
	struct keyring *keys;
	struct message_sink sink;
	struct sight_sink sights;
	struct flow_table flows;
	struct known_media known;
	struct tcp_limits tcp;
	struct tls_decryption tls;
	struct held_line held; /* connections that wait for keys */
	struct transactions transactions;
	struct transactions classic_requests;
	struct answers_first *answers; /* NULL: as they come */
	struct id_set classic;  /* answered */
	struct id_set repeated; /* sent again on the same flow */
	struct id_set unsure;   /* passed over for want of evidence */
	bool late;              /* evidence came for one of those */
	struct media_table media;
	struct arena scratch; /* per datagram or stream message */
	size_t unpackers;     /* of WebSockets, now */
	size_t http2s;        /* connections that are read, now */
	struct driver_counts counts;
	struct inventory inventory; /* flows: those forgotten so far */
	struct waiting waiting[RECORDS_WAITING_MAX];
	struct list log_clients; /* struct log_client; stay for a second pass */
	struct index log_clients_index;
	struct relays_seen relays; /* stay, too */
	struct lost_heads heads;
	const struct early *early; /* what was read of the frame, or NULL */
	bool skimming;
	bool sampling;      /* media over time is asked for */
	enum status status; /* NOMEM met in a callback */
};

/* media_run.c: a packet of a media stream that is known needs no more than to
 * be counted.  False: it must go the long way. */
bool media_run_count(struct driver *d, const struct frame *frame);
/* Skimming: a plain datagram that is not SIP is passed over. */
bool media_run_passes(struct driver *d, const struct early *early);

/* classify.c: one datagram, or the payload of an envelope. */
void classify_datagram(struct driver *d, const struct origin *from,
		       struct slice bytes, unsigned depth);
/* One user message of SCTP. */
void classify_sctp(struct driver *d, const struct origin *from,
		   struct slice bytes);
/* classify_dtls.c: records of DTLS; false: none is at the front. */
bool classify_dtls(struct driver *d, const struct origin *from,
		   struct slice bytes);
/* The same of DTLS 1.3 behind its hellos (RFC 9147 4), where DTLS was seen. */
bool classify_dtls_sealed(struct driver *d, const struct origin *from,
			  struct slice bytes);
/* Secrets came, for what is held of an association. */
void dtls_take_secrets(struct driver *d, struct held *h);
void dtls_flow_free(struct driver *d, struct dtls_flow *dtls);
/* What it would be, without decoding it. */
enum payload classify_peek(struct slice bytes);

/* take.c: decoded messages are counted, learned from and handed on. */
void take_sip(struct driver *d, const struct origin *from,
	      const struct sip_message *sip, struct slice bytes,
	      const struct findings *findings);
/* The same when its bodies were read too. */
void take_early_sip(struct driver *d, const struct origin *from,
		    const struct early_sip *sip, struct slice bytes);
void take_stun(struct driver *d, const struct origin *from,
	       const struct stun_message *stun, const struct findings *findings,
	       unsigned depth);
void take_channel_data(struct driver *d, const struct origin *from,
		       const struct channel_data *channel, struct slice bytes,
		       unsigned depth);
/* What surely is one of ours but could not be read, and with which status. */
struct unreadable {
	const char *expected;
	enum status status;
	struct slice bytes;
};
void take_malformed(struct driver *d, const struct origin *from,
		    const struct unreadable *what,
		    const struct findings *findings);
void take_other(struct driver *d, const struct message *message);
/* SDP outside of SIP. */
void take_told(struct driver *d, const struct message *message);
/* The same of all that stands in JSON (dissectors/jsep.h); `exchange` as in
 * struct told_sdp. */
void take_jsep(struct driver *d, const struct origin *from, struct slice data,
	       uint32_t exchange);
/* What the driver itself has to say of a place. */
void take_finding(struct driver *d, const struct origin *from,
		  const struct rule *rule);
/* Line ends where a message of SIP could begin. */
void take_keepalive(struct driver *d, const struct origin *from,
		    struct slice bytes);
/* The payload of an envelope; adds `wrap` to the origin. */
void take_nested(struct driver *d, const struct origin *outer, enum wrap wrap,
		 struct slice bytes, unsigned depth);

/* sights.c: is one of the packets of media that are shown? */
static inline bool sights_wants(uint16_t sequence)
{
	return sequence % 32 == 0;
}

/* Tells the sink of sights, where there is one, of a packet that it wants. */
void sights_segment(struct driver *d, const struct origin *from,
		    const struct packet *packet);
void sights_media(struct driver *d, const struct origin *from,
		  const struct rtp *rtp);

/* streams.c */
void streams_feed(struct driver *d, uint32_t row, const struct packet *packet,
		  struct origin *from);
void streams_end(struct driver *d, uint32_t row);
void streams_free(struct driver *d, struct tcp_flow *tcp);
/* sctp_flow.c: what a packet of SCTP says of its association; and what
 * became of it. */
void sctp_flow_note(struct driver *d, uint32_t row,
		      const struct packet *packet, const struct origin *from);
void sctp_flow_end(struct driver *d, uint32_t row);
/* streams_held.c: secrets came, for what is held of a connection; and nothing
 * more is held of it. */
void streams_take_secrets(struct driver *d, struct held *h);
void streams_let_go(struct driver *d, struct held *h);
/* Bits of enum tcp_event. */
unsigned streams_events(const struct tcp_flow *tcp);

/* records.c: a frame of a log; what waits for more when all has ended. */
enum status records_take(struct driver *d, const struct frame *frame);
void records_finish(struct driver *d);
void records_drop(struct driver *d);
void records_free(struct driver *d);

/* lost.c: what the net gave up since; in a second reading, what the frame has
 * of that; and no more of it. */
void lost_take(struct driver *d);
void lost_due(struct driver *d, const struct frame *frame);
void lost_free(struct driver *d);

/* inventory.c: a flow that ends, or is forgotten, is counted. */
void inventory_note_flow(struct inventory *to, const struct flow *flow);

/* driver.c: what a packet tells of where it was seen; the rest is its frame's
 * and its flow's. */
struct origin driver_origin(const struct packet *packet);
/* The set of confirmed ids. */
bool id_set_has(const struct id_set *set, const uint8_t id[16]);
/* False when it was there, or there is no room. */
bool id_set_add(struct id_set *set, const uint8_t id[16]);

#endif /* FLOW_DRIVER_STATE_H */
