/*
 * The inside of the reading of streams, shared by streams.c (framings),
 * streams_tls.c and streams_websocket.c (what is inside of these), and
 * streams_held.c (what waits for its key).  Nobody else includes this.
 */
#ifndef FLOW_STREAMS_STATE_H
#define FLOW_STREAMS_STATE_H

#include "core/pack.h"
#include "core/text.h"
#include "flow/driver_state.h"

enum framing {
	FRAMING_UNKNOWN,
	FRAMING_SIP,
	FRAMING_STUN, /* STUN, ChannelData and 0xFF10 back to back */
	FRAMING_MS_TCP,
	FRAMING_RFC4571,
	FRAMING_TLS,
	FRAMING_WEBSOCKET,
	FRAMING_WEB,  /* HTTP of Lync's web services */
	FRAMING_HTTP, /* any other */
	FRAMING_HTTP2,
	FRAMING_OTHER,
};

struct http2; /* of both sides of a connection, see streams_http2.c */

struct tcp_side {
	enum framing framing;
	bool lost; /* not at a message's start: search for one */
	struct unpacker *unpacker; /* of a WebSocket; NULL: none was needed */
	struct http2 *http2;       /* NULL: it is not, or not any more */
	/* Of HTTP: bytes of the body to pass over, of chunks; the latest
	 * request was HEAD. */
	uint64_t skip;
	bool chunks, asked_head;
	bool asks_sip; /* a WebSocket for it, which may be refused */
	uint32_t asked; /* requests of this side */
};

struct tls_stream {
	struct tls_session *session;
	struct tcp_limits *limits; /* its bytes count as those of TCP */
	struct tcp_side sides[2];
	struct text unread[2];
	struct tcp_mark marks[2]; /* the latest of what is unread */
	bool ended[2];
	struct held held;
};

struct tcp_flow {
	struct tcp_stream *stream;
	struct tcp_side sides[2];
	struct tls_stream *tls; /* NULL: nothing is decrypted */
	struct tcp_mark last;   /* the newest segment */
	struct tcp_mark closed; /* the first FIN or RST; frame 0: none */
	bool pseudo_tls;
	bool hello;    /* of the client was seen, */
	bool answered; /* and what came back first */
	uint8_t hello_side;
	bool ended;
	uint8_t turns;      /* of application data in TLS, up to TLS_TURNS */
	uint8_t spoke_last; /* side + 1 of the last of it; 0: none */
	nanoseconds used, spoke; /* as in struct tcp_end */
	/* Of an association of SCTP, which has no stream: */
	unsigned association; /* bits of enum tcp_event */
	unsigned inits;
};

struct reading {
	struct driver *d;
	uint32_t row;
	struct tcp_side *sides; /* of the flow, or of the stream inside TLS */
	bool inside;            /* TLS */
	bool cut;           /* the segment at hand is cut by the snap length */
	struct origin from; /* of the segment at hand */
	uint32_t exchange;  /* of HTTP that the body at hand is of; 0: none */
};

/* Where what is read next came from. */
struct tcp_mark streams_mark(const struct reading *r);
void streams_set_mark(struct reading *r, const struct tcp_mark *mark);

/* Of the flow that is read; good until the table of flows grows. */
struct tcp_flow *streams_tcp(const struct reading *r);
/* HTTP was met. */
void streams_note_http(const struct reading *r);

/* Of what a side sends, at the time of the segment at hand. */
struct origin streams_origin(const struct reading *r, unsigned side);

/* Reads messages from the front of what is shown, each with the mark that it
 * has by where it begins; returns the bytes that were used, the rest waits for
 * more. */
size_t streams_read(struct reading *r, unsigned side,
		    const struct tcp_shown *shown, bool ended);

/* Bytes are missing: the side must search for its next message. */
void streams_lost(struct tcp_side *side);

/* streams_websocket.c: the next message, and what is in it; the bytes used, 0:
 * wait. */
size_t streams_websocket(struct reading *r, unsigned side, struct slice bytes);
/* What comes next does not follow from what came; the side is over. */
void streams_websocket_lose(struct tcp_side *side);
void streams_websocket_end(struct driver *d, struct tcp_side *side);

/* streams_jsep.c: a message of a WebSocket that is not SIP, or a body. */
void streams_jsep(struct reading *r, unsigned side, struct slice data);
/* A description in SDP; `kind` as in JSON. */
void streams_told(struct reading *r, unsigned side, enum jsep_kind kind,
		  struct slice sdp);

/* streams_http.c: what comes next of HTTP; the bytes used, 0 with *again: look
 * once more. */
size_t streams_http(struct reading *r, unsigned side, struct slice bytes,
		    bool ended, bool *again);
void streams_http_begin(struct reading *r, unsigned side);
/* A body, whole; what is taken apart of it stays in the arena. */
void streams_http_body(struct reading *r, unsigned side, enum http_body kind,
		       struct slice body);

/* streams_http2.c: what comes next of HTTP/2, as streams_websocket(). */
size_t streams_http2(struct reading *r, unsigned side, struct slice bytes);
void streams_http2_begin(struct reading *r, unsigned side);
/* Does it begin here? *wait: it may. */
bool streams_http2_claims(const struct reading *r, unsigned side,
			  struct slice bytes, bool *wait);
/* Does it stand here in the middle of a connection? Then that is told. */
bool streams_http2_say_middle(struct reading *r, unsigned side,
			      struct slice bytes);
/* Bytes were missing, and there are more: it is told that they are not read. */
void streams_http2_unreadable(struct reading *r, unsigned side);
/* The side is over. */
void streams_http2_end(struct driver *d, struct tcp_side *side);

/* streams_web.c: the next message, as streams_websocket(); a request to a web
 * service begins here. */
size_t streams_web(struct reading *r, unsigned side, struct slice bytes);
/* The same of a stream of HTTP/2. */
size_t streams_web_of(struct reading *r, unsigned side, uint32_t stream,
		      struct slice bytes);
void streams_web_begin(struct reading *r, unsigned side);

/* streams_tls.c: a record of the flow; what it holds is read, if it can be. */
void tls_stream_take(struct reading *r, unsigned side,
		     const struct tls_record *record);
/* Records of a side are missing, or it ends. */
void tls_stream_lose(struct reading *r, unsigned side);
void tls_stream_end(struct reading *r, unsigned side);
/* How many bytes stand before what may be a record; all if there is none. */
size_t tls_stream_search(struct slice bytes);
void tls_stream_free(struct driver *d, struct tls_stream *tls);

/* A record; what it holds unless that was `told` before: true where it is told
 * now. */
bool tls_stream_read(struct reading *r, unsigned side,
		     const struct tls_record *record, bool told);
/* Both sides have ended: what was left of them, and then it is gone. */
void tls_stream_finish(struct reading *r);
/* A message that was not whole is given up. */
void tls_stream_skip(struct tls_stream *tls, unsigned side);

/* streams_held.c: a record, or bytes that are missing (NULL), of a connection
 * of which keys may come later. */
void streams_hold(struct reading *r, unsigned side,
		  const struct tls_record *record, bool told);

#endif /* FLOW_STREAMS_STATE_H */
