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

#endif /* DISSECTORS_WEBSERVICE_H */
