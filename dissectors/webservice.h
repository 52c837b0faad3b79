/*
 * The web services that a Lync client asks before it signs in, over HTTP/1.1
 * (RFC 9112): web tickets and certificates ([MS-OCAUTHWS], SOAP), and
 * autodiscovery ([MS-OCDISCWS]).
 *
 * They stand nearly always inside of TLS; other HTTP is none of ours.
 */
#ifndef DISSECTORS_WEBSERVICE_H
#define DISSECTORS_WEBSERVICE_H

#include "core/dissector.h"

#define WEB_HEAD_MAX 16384u
#define WEB_BODY_MAX ((size_t)1 << 18)

enum web_service {
	WEB_TICKET,      /* /WebTicket/... */
	WEB_CERTIFICATE, /* /CertProv/... */
	WEB_DISCOVERY,   /* lyncdiscover, /Autodiscover/... */
	WEB_OTHER,       /* behind one of those on a connection */
};

struct web_message {
	bool request;
	enum web_service service; /* of a request */
	uint32_t stream;          /* of HTTP/2; 0: HTTP/1, in its order */
	struct slice method, target, host;
	unsigned status;
	struct slice reason;      /* of the status line */
	struct slice diagnostics; /* X-Ms-Diagnostics */
	struct slice fault;       /* of SOAP: the reason, or the code; or "" */
	struct slice body;        /* in the arena where it came in chunks */
};

/* Does a connection begin with a request to one of them?  MAYBE: too short to
 * tell. */
enum claim web_claims(struct slice in);

/* A request or a response from the front of a stream.  SHORT until whole;
 * NOT_MINE: no HTTP/1; BAD, LIMIT: it cannot be read on. */
MUST_CHECK enum status web_decode(struct decoding *d, struct slice in,
				  struct web_message *out, size_t *used);

/*
 * Any HTTP, whose bodies may hold SDP: applications post it as JSON, WHIP (RFC
 * 9725) and WHEP as it is.
 */
enum http_body {
	HTTP_BODY_OTHER,
	HTTP_BODY_SDP,      /* application/sdp */
	HTTP_BODY_FRAGMENT, /* application/trickle-ice-sdpfrag (RFC 8840) */
	HTTP_BODY_TEXT,     /* JSON or plain text, which may be that */
};

struct http_head {
	bool request;
	struct slice method; /* of a request */
	unsigned status;     /* of a response */
	enum http_body kind; /* not of a packed one (Content-Encoding) */
	bool chunked, has_length;
	uint64_t length;
	size_t size; /* bytes of the head */
};

/* Does a message of HTTP/1 begin here, as far as can be seen? */
bool http_begins(struct slice in);
/* SHORT until whole; NOT_MINE, LIMIT. */
MUST_CHECK enum status http_head_read(struct slice in, struct http_head *out);
/* Has the message a body (RFC 9112 6.3)? `asked_head`: by HEAD. */
bool http_has_body(const struct http_head *m, bool asked_head);

/* The chunks at the front put together in the arena; their bytes, with those
 * behind the last one, in *used.  SHORT until whole; BAD, NOMEM. */
MUST_CHECK enum status http_chunks_read(struct decoding *d, struct slice in,
					struct slice *body, size_t *used);

/* The line before a chunk (RFC 9112 7.1) at the front: its bytes in *used, with
 * those behind the last one.  Returns what follows with its line end, 0 behind
 * the last; -1: no chunk, or a huge one; *used 0: SHORT. */
long http_chunk_read(struct slice in, size_t *used);

#endif /* DISSECTORS_WEBSERVICE_H */
