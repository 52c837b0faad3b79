/*
 * Frames of HTTP/2 (RFC 9113), one by one.  What stands in header blocks is for
 * core/hpack.h, what streams are for whoever follows a connection.
 */
#ifndef DISSECTORS_HTTP2_H
#define DISSECTORS_HTTP2_H

#include "core/dissector.h"

#define HTTP2_HEAD 9u
/* What a client sends first (RFC 9113 3.4). */
#define HTTP2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define HTTP2_PREFACE_SIZE 24u

enum http2_type {
	HTTP2_DATA = 0,
	HTTP2_HEADERS = 1,
	HTTP2_PRIORITY = 2,
	HTTP2_RST_STREAM = 3,
	HTTP2_SETTINGS = 4,
	HTTP2_PUSH_PROMISE = 5,
	HTTP2_PING = 6,
	HTTP2_GOAWAY = 7,
	HTTP2_WINDOW_UPDATE = 8,
	HTTP2_CONTINUATION = 9,
};

enum http2_flag { /* bits */
	HTTP2_END_STREAM = 0x01,
	HTTP2_END_HEADERS = 0x04,
	HTTP2_PADDED = 0x08,
	HTTP2_WITH_PRIORITY = 0x20,
};

struct http2_frame {
	uint8_t type; /* enum http2_type, or one that is to be ignored */
	uint8_t flags;
	uint32_t stream; /* 0: the connection */
	size_t length;   /* of what stands behind the head */
};

/* SURE: a client's preface; MAYBE: its begin. */
enum claim http2_preface_claims(struct slice in);
/* SURE: the SETTINGS that a server sends first, whole; MAYBE: it is cut. */
enum claim http2_settings_claims(struct slice in);

/* The head at the front of a stream.  SHORT; BAD: its stream or length is none
 * that its type can have (RFC 9113 6). */
MUST_CHECK enum status http2_head_read(struct slice in,
				       struct http2_frame *out);

/* The data, or the part of a header block, in what stands behind a head:
 * without padding, priority, and the stream that is promised.  BAD: there is
 * more padding than bytes. */
MUST_CHECK enum status http2_content(const struct http2_frame *frame,
				     struct slice in, struct slice *out);

/* Do frames stand here one behind the other, as they do in the middle of a
 * connection? So many of them that it can be no chance. */
bool http2_is_chain(struct slice in);

#endif /* DISSECTORS_HTTP2_H */
