/*
 * SIP messages (RFC 3261; torture tests of RFC 4475).
 *
 * One pass over the header block: every header is kept in order with its
 * unfolded value, those that every reader needs are decoded at once, the rest
 * on demand by the functions below.  Malformed parts become findings; a
 * message is refused only when it has no usable start line or framing.
 */
#ifndef DISSECTORS_SIP_H
#define DISSECTORS_SIP_H

#include "core/dissector.h"

#define SIP_HEADER_BLOCK_MAX 65536u /* on a stream, without an empty line */
#define SIP_BODY_MAX 1048576u       /* Content-Length beyond is refused */
#define SIP_HEADERS_MAX 1024u

enum sip_method {
	SIP_METHOD_OTHER, /* any token; see method_text */
	SIP_INVITE,
	SIP_ACK,
	SIP_BYE,
	SIP_CANCEL,
	SIP_REGISTER,
	SIP_OPTIONS,
	SIP_PRACK,
	SIP_UPDATE,
	SIP_INFO,
	SIP_SUBSCRIBE,
	SIP_NOTIFY,
	SIP_REFER,
	SIP_MESSAGE,
	SIP_PUBLISH,
	SIP_SERVICE,
	SIP_BENOTIFY,
	SIP_NEGOTIATE,
};

/* Headers that something in the house asks for by name; sorted by text. */
enum sip_header_name {
	SIP_HEADER_OTHER,
	SIP_ACCEPT,
	SIP_ALLOW,
	SIP_ALLOW_EVENTS,
	SIP_AUTHENTICATION_INFO,
	SIP_AUTHORIZATION,
	SIP_CALL_ID,
	SIP_CONTACT,
	SIP_CONTENT_DISPOSITION,
	SIP_CONTENT_ENCODING,
	SIP_CONTENT_ID,
	SIP_CONTENT_LENGTH,
	SIP_CONTENT_TYPE,
	SIP_CSEQ,
	SIP_DATE,
	SIP_DIVERSION,
	SIP_EVENT,
	SIP_EXPIRES,
	SIP_FROM,
	SIP_HISTORY_INFO,
	SIP_IN_REPLY_TO,
	SIP_JOIN,
	SIP_MAX_FORWARDS,
	SIP_MIN_EXPIRES,
	SIP_MIN_SE,
	SIP_MS_CLIENT_DIAGNOSTICS,
	SIP_MS_CONVERSATION_ID,
	SIP_MS_DIAGNOSTICS,
	SIP_MS_DIAGNOSTICS_PUBLIC,
	SIP_MS_KEEP_ALIVE,
	SIP_P_ASSERTED_IDENTITY,
	SIP_P_CHARGING_VECTOR,
	SIP_PROXY_AUTHENTICATE,
	SIP_PROXY_AUTHENTICATION_INFO,
	SIP_PROXY_AUTHORIZATION,
	SIP_RACK,
	SIP_REASON,
	SIP_RECORD_ROUTE,
	SIP_REFER_TO,
	SIP_REFERRED_BY,
	SIP_REPLACES,
	SIP_REQUIRE,
	SIP_RETRY_AFTER,
	SIP_ROUTE,
	SIP_RSEQ,
	SIP_SERVER,
	SIP_SESSION_EXPIRES,
	SIP_SESSION_ID,
	SIP_SUBJECT,
	SIP_SUBSCRIPTION_STATE,
	SIP_SUPPORTED,
	SIP_TARGET_DIALOG,
	SIP_TO,
	SIP_UNSUPPORTED,
	SIP_USER_AGENT,
	SIP_VIA,
	SIP_WARNING,
	SIP_WWW_AUTHENTICATE,
	SIP_X_CALL_ID,
	SIP_X_CID,
};

struct sip_header {
	enum sip_header_name id;
	struct slice name;  /* as on the wire, maybe compact */
	struct slice value; /* trimmed, folds replaced by one SP */
	struct slice raw;   /* all of it on the wire, without the line end */
};

/* From, To, Contact ...: name-addr or addr-spec with its parameters. */
struct sip_address {
	struct slice display; /* without quotes, escapes kept */
	struct slice uri;     /* without angle brackets */
	struct slice params;  /* header parameters: ";tag=x;..." */
};

/* One Via entry (RFC 3261 20.42, RFC 3581). */
struct sip_via {
	struct slice transport; /* "UDP" */
	struct slice host;      /* sent-by, brackets kept */
	uint16_t port;          /* 0: none given */
	struct slice branch, received;
	struct slice params;
	struct slice whole;
};

/* Parts of a SIP URI (RFC 3261 19.1). */
struct sip_uri {
	struct slice scheme; /* "sip", "sips", "tel", ... */
	struct slice user;   /* without password */
	struct slice password;
	struct slice host;   /* for other schemes: all behind the colon */
	uint16_t port;       /* 0: none */
	struct slice params; /* ";transport=tcp" */
	struct slice headers;
};

struct sip_message {
	bool request;
	struct slice start_line; /* without its line end */
	enum sip_method method;  /* of the request line; of CSeq in responses */
	struct slice method_text;
	struct slice request_uri;
	struct slice version; /* "SIP/2.0" */
	unsigned status;      /* 100 to 699 (to 999 tolerated); 0: request */
	struct slice reason;

	const struct sip_header *headers; /* in order; in the arena */
	size_t header_count;
	uint64_t missing; /* bit per enum sip_header_name: surely not there */

	/* The first of each, empty when missing: */
	struct slice call_id;
	struct sip_address from, to;
	struct slice from_tag, to_tag;
	uint32_t cseq;            /* saturates at 2^32-1 */
	struct slice cseq_method; /* text */
	bool has_cseq;
	struct sip_via via;        /* topmost */
	unsigned via_count;        /* entries in all Via headers */
	struct slice content_type; /* value with parameters */

	struct slice body;
	struct slice surplus;   /* datagram bytes behind the body */
	bool body_cut;          /* shorter than Content-Length says, or ended
				   by it within a line */
	bool no_content_length; /* no such header */
};

extern const struct dissector sip_dissector;

/*
 * Could these bytes start a SIP message?  SURE: a whole plausible start line;
 * MAYBE (streams only): it may become one.
 */
enum claim sip_claims(struct slice first, bool stream);

/*
 * CR, LF, NUL and SP only: a keep-alive (RFC 5626 3.5.1 and vendors)?  Ask it
 * of what a stream has buffered, too, and drop that: to sip_decode it is only
 * the blank lines in front of a message that is still SHORT.
 */
bool sip_is_keepalive(struct slice bytes);

/*
 * Where the next message could start in a stream that lost bytes: the first
 * plausible start line behind a line end, in *at.  False when there is none.
 */
bool sip_find_start(struct slice stream, size_t *at);

/*
 * Reads one message.  Stream: headers to the empty line, then exactly
 * Content-Length bytes; SHORT until all is there; LIMIT past the limits above.
 * Without Content-Length (a finding) there is no body, or, when there is a
 * Content-Type, one up to the next start line or the end of what is buffered.
 * Datagram: the body runs to the end or to Content-Length, the rest is
 * `surplus` and not counted in *used; a Content-Length past the end gives
 * STATUS_OK with body_cut, and a finding unless the capture cut it.  Header
 * lines past SIP_HEADERS_MAX are not kept, which is a finding.
 * NOT_MINE: no SIP start line.  BAD: one that nobody can use (a status of
 * other than three digits, a Request-URI without a colon) or that nothing
 * follows; findings tell which.  SHORT also for a datagram that the capture
 * cut within the start line; cut behind it, what is there is a message.
 */
MUST_CHECK enum status sip_decode(struct decoding *d, struct slice in,
				  struct sip_message *out, size_t *used);

/* Tells start line, headers and bodies in the order of the message. */
void sip_walk(const struct sip_message *m, struct field_sink *to);

/* First header of that name, or NULL; and the one after `after`. */
const struct sip_header *sip_header(const struct sip_message *m,
				    enum sip_header_name id);
const struct sip_header *sip_header_after(const struct sip_message *m,
					  const struct sip_header *after);

/* What stands before the first blank: where line ends are damaged the next
 * header goes on behind a value that is a word. */
struct slice sip_word(struct slice s);
/* Value of the first such header, empty when missing. */
struct slice sip_value(const struct sip_message *m, enum sip_header_name id);

/*
 * Takes the next entry off a comma list (quotes and <> respected); false when
 * the list is empty.  Only for headers whose grammar is a list (RFC 3261
 * 7.3.1).
 */
bool sip_list_next(struct slice *rest, struct slice *entry);

/* STATUS_BAD when there is no URI in it. */
MUST_CHECK enum status sip_address_parse(struct slice value,
					 struct sip_address *out);
/* One entry of a Via (RFC 3261 20.42); a URI of any scheme (19.1.1).  As above:
 * STATUS_BAD, and *out is written on STATUS_OK; slices borrow. */
MUST_CHECK enum status sip_via_parse(struct slice entry, struct sip_via *out);
MUST_CHECK enum status sip_uri_parse(struct slice uri, struct sip_uri *out);

/*
 * Takes the next parameter off ";name=value;flag" text, or off a list that
 * `separator` ',' divides; false at the end.  Two separators in a row give
 * an empty name.  Values lose their quotes and keep their escapes.
 */
bool sip_param_next(struct slice *rest, char separator, struct slice *name,
		    struct slice *value);

/*
 * The value of a parameter in ";name=value;flag" text, without quotes; a flag
 * gives an empty slice.  False when it is not there.  Also reads the
 * comma-separated name=value lists of Digest with `separator` ','.
 */
bool sip_param(struct slice params, char separator, const char *name,
	       struct slice *value);

/* The scheme word of an Authorization or WWW-Authenticate value ("Digest"),
 * the rest in *params. */
struct slice sip_auth_scheme(struct slice value, struct slice *params);

/*
 * Bodies: the parts of a body, MIME nesting resolved depth first (RFC 2046
 * 5.1, RFC 5621).  A body that is not multipart is one part, an empty one is
 * none.  Parts are as on the wire: no encoding is undone.
 */
struct sip_body {
	struct slice type; /* "application/sdp", without parameters */
	struct slice params;
	struct slice disposition; /* value of Content-Disposition */
	struct slice content_id;
	struct slice encoding; /* Content-Encoding: "gzip"; mostly empty */
	struct slice transfer_encoding; /* RFC 2045 6: "base64" */
	struct slice bytes;
	unsigned depth;
};

#define SIP_BODIES_MAX 32u

/* Fills at most `max` parts, returns their number. */
size_t sip_bodies(const struct sip_message *m, struct sip_body *out,
		  size_t max);

/* ---- writing: for the engine and for tests ---- */

/* "INVITE" for SIP_INVITE; "" for SIP_METHOD_OTHER. */
const char *sip_method_text(enum sip_method method);
/* By its name, which is sensitive to case (RFC 3261 7.1). */
enum sip_method sip_method_of(struct slice text);
/* "Call-ID"; "" for SIP_HEADER_OTHER. */
const char *sip_header_text(enum sip_header_name id);
/* By its name in any case, or the compact form (RFC 3261 7.3.3). */
enum sip_header_name sip_header_of(struct slice name);
/* Default reason phrase of a status code, "" when unknown. */
const char *sip_reason_text(unsigned status);

/* Start lines, headers one by one, then the end with Content-Length + body. */
void sip_write_request(struct text *to, struct slice method, struct slice uri);
void sip_write_response(struct text *to, unsigned status, struct slice reason);
void sip_write_header(struct text *to, struct slice name, struct slice value);
void sip_write_end(struct text *to, struct slice body);

#endif /* DISSECTORS_SIP_H */
