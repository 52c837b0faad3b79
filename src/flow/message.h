/*
 * Messages: what the driver hands on when it knows whose bytes something is.
 *
 * Everything in here is good only during the call that brings it.
 */
#ifndef FLOW_MESSAGE_H
#define FLOW_MESSAGE_H

#include "core/record.h"
#include "dissectors/dns.h"
#include "dissectors/jsep.h"
#include "dissectors/mras.h"
#include "dissectors/provisioning.h"
#include "dissectors/qoe.h"
#include "dissectors/sdp.h"
#include "dissectors/sip.h"
#include "dissectors/sip_diagnostics.h"
#include "dissectors/stun.h"
#include "dissectors/tls.h"
#include "dissectors/turn.h"
#include "dissectors/webservice.h"
#include "model/evidence.h"
#include "net/packet.h"
#include "net/tcp.h"

enum transport {
	TRANSPORT_UDP,
	TRANSPORT_TCP,
	TRANSPORT_TLS,
	TRANSPORT_WS,
	TRANSPORT_WSS,
	TRANSPORT_PSEUDO_TLS,
	TRANSPORT_DTLS,
	TRANSPORT_SCTP,
};

/* The layers that stand outside of a nested message. */
enum wrap {
	WRAP_CHANNEL_DATA,
	WRAP_SEND, /* Send indication, MS-TURN Send request */
	WRAP_DATA, /* Data indication */
	WRAP_MTURN,
	WRAP_MS_TCP,
	WRAP_RFC4571,
	WRAP_WEBSOCKET,
	WRAP_TLS,
	WRAP_DTLS,
};

/* Where a message was seen. */
struct origin {
	uint32_t file;
	uint32_t vantage; /* where frames were seen, see capture/set.h */
	uint64_t frame; /* the one that completed it */
	nanoseconds time;
	struct endpoint src, dst; /* of the innermost layer */
	struct endpoint outer_src, outer_dst; /* of the packet */
	enum transport transport;
	uint8_t wraps[NESTING_MAX]; /* enum wrap, outermost first */
	unsigned wrap_count;
	uint64_t turn_session; /* of the [MS-TURN] 2.2.3 frame; 0: none */
	uint32_t flow;	/* number of the flow, for tables beside it */
	unsigned side;	/* 0: sent by the flow's first endpoint */
	bool cut;    /* the capture cut the packet, or the logger its record */
	uint8_t datagram; /* what tells copies (driver.c); 0: nothing does */
	bool in_pieces; /* what follows of the message did not come */
	bool exported; /* somebody had taken it out of its packets */
	bool logged; /* from a log: there were no packets */
	bool shown;  /* see struct record */
	bool transport_guessed;      /* the log does not say; by the Via */
	const struct record *record; /* of a log; NULL: of several, or none */
};

enum message_kind {
	MESSAGE_SIP,
	MESSAGE_STUN,
	MESSAGE_CHANNEL_DATA,
	MESSAGE_MALFORMED, /* surely one of these, but not to be read */
	MESSAGE_DTLS,
	MESSAGE_TLS,
	MESSAGE_DNS,
	MESSAGE_ICMP,
	MESSAGE_HOLE,    /* bytes of a TCP stream are missing */
	MESSAGE_KEEPALIVE, /* line ends between or instead of SIP messages */
	MESSAGE_TCP,     /* what became of a connection, with the place where it
		       * was closed, or of its last segment */
	MESSAGE_HELLO,   /* pseudo-TLS, and what came back to it */
	MESSAGE_FINDING, /* of the driver itself: a limit that was reached */
	MESSAGE_REMARK,  /* of a log: what a program says beside messages */
	MESSAGE_WEB,     /* of Lync's web services */
	MESSAGE_TOLD,    /* SDP that an application sends in JSON */
};

/* What an envelope carries, as far as its first bytes tell. */
enum payload {
	PAYLOAD_NONE, /* not an envelope */
	PAYLOAD_EMPTY,
	PAYLOAD_STUN,
	PAYLOAD_RTP,
	PAYLOAD_RTCP,
	PAYLOAD_DTLS,
	PAYLOAD_SIP,
	PAYLOAD_DATA,
};

/* The five values of design section 6. */
enum integrity {
	INTEGRITY_ABSENT,
	INTEGRITY_UNCHECKED,   /* no key known */
	INTEGRITY_NO_KEY_FITS, /* keys were tried */
	INTEGRITY_BAD,	       /* the key is proven here, this one is wrong */
	INTEGRITY_VERIFIED,
};

/* One body of a SIP message and what it was read as. */
struct sip_content {
	struct sip_body body;
	const struct sdp *sdp; /* NULL: not SDP */
	const struct mras *mras;
	const struct provisioning *provisioning;
	const struct qoe *qoe;
	const struct sip_conference *conference;
};

/* The pseudo-TLS hello of a client ([MS-TURN] 2.1.1), and what the other side
 * sends first behind it. */
enum hello {
	HELLO_OF_CLIENT,
	HELLO_OF_SERVER,
	HELLO_AS_TLS,
	HELLO_AS_HTTP,
	HELLO_AS_OTHER,
	HELLO_TOO_EARLY, /* the client goes on without waiting for it */
};

/* Does it carry bytes and not messages? */
static inline bool transport_is_stream(enum transport transport)
{
	return transport != TRANSPORT_UDP && transport != TRANSPORT_DTLS &&
	       transport != TRANSPORT_SCTP;
}

/* What became of a connection. */
struct tcp_end {
	unsigned events;   /* enum tcp_event */
	nanoseconds used;  /* when TLS was first seen to carry questions and
			    * answers; 0: it was not */
	nanoseconds spoke; /* when the server did so last */
	struct tcp_stuck stuck[2]; /* by side; sent 0: nothing is */
};

struct hole {
	enum tcp_hole kind;
	uint64_t size;
	bool in_ours; /* of SIP, or to a relay */
};

/* Eight bytes of a session of multiplexed TURN, as SDP's MTURNID counts. */
static inline uint64_t turn_session_of(const uint8_t id[8])
{
	uint64_t value = 0;

	for (unsigned i = 0; i < 8; i++)
		value = value << 8 | id[i];
	return value;
}

/* A description or trickled candidates outside of SIP (dissectors/jsep.h). */
struct told_sdp {
	enum jsep_kind kind;
	/* The same of a request of HTTP and its response, on one connection;
	 * 0: that is not known. */
	uint32_t exchange;
	const uint32_t *marks; /* see jsep_marks() */
	size_t mark_count;
	const struct sdp *sdp;
	struct slice text; /* that it was read from, without JSON around it */
};

struct message {
	enum message_kind kind;
	struct origin from;
	struct slice bytes; /* the whole message */
	const struct findings *findings;
	union {
		const struct sip_message *sip;
		const struct stun_message *stun;
		const struct channel_data *channel;
		const struct tls_record *tls; /* also of DTLS */
		const struct dns *dns;
		const struct icmp_error *icmp;
		struct hole hole;
		struct tcp_end tcp;
		enum hello hello;
		const char *expected; /* MALFORMED: "sip", "stun" */
		const struct record *record; /* REMARK */
		const struct web_message *web;
		const struct told_sdp *told;
	} u;

	/* MALFORMED only: a reason beside the findings, or NULL */
	const char *reason;

	/* DTLS only: from here on what the association holds is read */
	bool opened;

	/* SIP only */
	const struct sip_content *contents;
	size_t content_count;

	/* STUN and ChannelData only */
	enum payload payload;
	enum integrity integrity;
	enum stun_fingerprint fingerprint;
	/* The user fragment whose password a check fits that its own does
	 * not; empty: none that is known, or it was not looked for. */
	struct slice fits;
	/* Of the access token that keys the message (RFC 7635), where it could
	 * be opened: when it was made, and its end; 0: not known. */
	nanoseconds token_made, token_until;
};

struct message_sink {
	void *context;
	void (*take)(void *context, const struct message *message);
};

/* What an ICMP error says; obstacles.c. */
enum obstacle_kind message_obstacle(const struct message *icmp);

/* Does it go through a relay?  Framing of TCP and TLS is no relay. */
bool origin_is_relayed(const struct origin *from);

/* Names as the JSON contract has them. */
const char *transport_name(enum transport transport);
const char *wrap_name(enum wrap wrap);
const char *payload_name(enum payload payload);
const char *integrity_name(enum integrity integrity);

#endif /* FLOW_MESSAGE_H */
