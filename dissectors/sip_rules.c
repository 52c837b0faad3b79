/* What the SIP dissector may find in the bytes of one message. */
#include "config.h"

#include "dissectors/sip_parts.h"

#define ROW(level, where, slug, what, document, todo)                         \
	{                                                                     \
		.id = slug, .severity = SEVERITY_##level,                     \
		.stage = STAGE_##where, .title = what, .source = document,    \
		.remedy = todo                                                \
	}

const struct rule sip_rules[SIP_RULES + 1] = {
	[SIP_RULE_VERSION] =
		ROW(ERROR, EXCHANGE, "exchange/sip-version",
		    "the SIP version is not 2.0", "RFC 3261 7.1, 21.5.7",
		    "expect 505; look for what wrote the start line"),
	[SIP_RULE_START_LINE] =
		ROW(ERROR, EXCHANGE, "exchange/sip-start-line",
		    "the request line has blanks where the grammar has none",
		    "RFC 3261 7.1, 25.1; RFC 4475 3.1.2.9, 3.1.2.10",
		    "strict receivers answer 400; correct the sender"),
	[SIP_RULE_STATUS] =
		ROW(ERROR, EXCHANGE, "exchange/sip-status-code",
		    "the status code is not three digits from 100 to 699",
		    "RFC 3261 7.2, 21; RFC 4475 3.1.2.19",
		    "receivers drop this response; correct the sender"),
	[SIP_RULE_REASON_SPACE] =
		ROW(WARNING, EXCHANGE, "exchange/sip-reason-space",
		    "no space follows the status code",
		    "RFC 3261 7.2, 25.1", NULL),
	[SIP_RULE_REQUEST_URI] =
		ROW(ERROR, EXCHANGE, "exchange/sip-request-uri",
		    "the Request-URI is not a URI",
		    "RFC 3261 7.1, 19.1.1; RFC 4475 3.1.2.7, 3.1.2.8",
		    "strict receivers answer 400; correct the sender"),
	[SIP_RULE_REQUEST_URI_HEADERS] =
		ROW(ERROR, EXCHANGE, "exchange/sip-request-uri-headers",
		    "the Request-URI carries headers",
		    "RFC 3261 19.1.1 table 1; RFC 4475 3.1.2.11",
		    "a redirecting or dialling element must strip them"),
	[SIP_RULE_LINE_END] =
		ROW(WARNING, EXCHANGE, "exchange/sip-line-end",
		    "lines do not end in CRLF", "RFC 3261 7", NULL),
	[SIP_RULE_LEADING_LINES] =
		ROW(INFO, EXCHANGE, "exchange/sip-leading-lines",
		    "empty lines stand before the start line of a datagram",
		    "RFC 3261 7.5", NULL),
	[SIP_RULE_HEADER_LINE] =
		ROW(ERROR, EXCHANGE, "exchange/sip-header-line",
		    "a line in the header is no header field",
		    "RFC 3261 7.3.1, 25.1",
		    "strict receivers answer 400; correct the sender"),
	[SIP_RULE_NO_EMPTY_LINE] =
		ROW(ERROR, EXCHANGE, "exchange/sip-no-empty-line",
		    "no empty line ends the header", "RFC 3261 7",
		    "look for a sender or middlebox that cuts messages"),
	[SIP_RULE_HEADERS_LIMIT] =
		ROW(WARNING, CAPTURE, "capture/limit-sip-headers",
		    "a message has more header fields than are kept",
		    "mrascope: 1024 of them",
		    NULL),
	[SIP_RULE_BODY_LIMIT] =
		ROW(ERROR, EXCHANGE, "exchange/sip-content-length-limit",
		    "Content-Length on a stream is more than the 1 MiB that "
		    "is kept of a body",
		    "RFC 3261 18.3, 20.14",
		    "the stream is read on at the next start line"),
	[SIP_RULE_REPEATED] =
		ROW(WARNING, EXCHANGE, "exchange/sip-header-repeated",
		    "a header field that may stand only once is repeated",
		    "RFC 3261 7.3.1; RFC 4475 3.3.8",
		    "receivers may take either value; correct the sender"),
	[SIP_RULE_NO_CALL_ID] =
		ROW(ERROR, EXCHANGE, "exchange/sip-call-id-missing",
		    "the message has no Call-ID", "RFC 3261 8.1.1, 8.2.6.2",
		    "expect 400; correct the sender"),
	[SIP_RULE_NO_CSEQ] =
		ROW(ERROR, EXCHANGE, "exchange/sip-cseq-missing",
		    "the message has no CSeq", "RFC 3261 8.1.1, 8.2.6.2",
		    "expect 400; correct the sender"),
	[SIP_RULE_NO_FROM] =
		ROW(ERROR, EXCHANGE, "exchange/sip-from-missing",
		    "the message has no From", "RFC 3261 8.1.1, 8.2.6.2",
		    "expect 400; correct the sender"),
	[SIP_RULE_NO_TO] =
		ROW(ERROR, EXCHANGE, "exchange/sip-to-missing",
		    "the message has no To", "RFC 3261 8.1.1, 8.2.6.2",
		    "expect 400; correct the sender"),
	[SIP_RULE_NO_VIA] =
		ROW(ERROR, EXCHANGE, "exchange/sip-via-missing",
		    "the message has no Via", "RFC 3261 8.1.1, 8.2.6.2",
		    "responses cannot find their way; correct the sender"),
	[SIP_RULE_NO_MAX_FORWARDS] =
		ROW(WARNING, EXCHANGE, "exchange/sip-max-forwards-missing",
		    "the request has no Max-Forwards", "RFC 3261 8.1.1.6, 16.3",
		    NULL),
	[SIP_RULE_NO_FROM_TAG] =
		ROW(WARNING, EXCHANGE, "exchange/sip-from-tag-missing",
		    "From has no tag, as in RFC 2543", "RFC 3261 8.1.1.3",
		    NULL),
	[SIP_RULE_NO_TO_TAG] =
		ROW(WARNING, EXCHANGE, "exchange/sip-to-tag-missing",
		    "a success of INVITE has no tag in To, as in RFC 2543",
		    "RFC 3261 8.2.6.2, 12.1.1", NULL),
	[SIP_RULE_NO_CONTACT] =
		ROW(WARNING, EXCHANGE, "exchange/sip-contact-missing",
		    "INVITE or its success has no Contact",
		    "RFC 3261 8.1.1.8, 12.1.1",
		    "requests in the call do not know where to go: correct the "
		    "sender"),
	[SIP_RULE_NO_CHALLENGE] =
		ROW(WARNING, EXCHANGE, "exchange/sip-challenge-missing",
		    "401 or 407 without a challenge",
		    "RFC 3261 20.27, 20.44, 22.2",
		    "clients cannot answer it: look at the server"),
	[SIP_RULE_NO_ACCEPT] =
		ROW(WARNING, EXCHANGE, "exchange/sip-accept-missing",
		    "415 without what is accepted instead",
		    "RFC 3261 21.4.13, [MS-AVEDGEA] 3.1.5.1",
		    "clients cannot tell what to send: look at the server"),
	[SIP_RULE_CALL_ID] =
		ROW(WARNING, EXCHANGE, "exchange/sip-call-id",
		    "Call-ID is neither a word nor two with @ between",
		    "RFC 3261 20.8, 25.1",
		    "strict receivers refuse it; correct the sender"),
	[SIP_RULE_CSEQ] =
		ROW(ERROR, EXCHANGE, "exchange/sip-cseq",
		    "CSeq is not a number below 2^31 and a method",
		    "RFC 3261 8.1.1.5, 20.16; RFC 4475 3.1.2.4",
		    "expect 400; correct the sender"),
	[SIP_RULE_CSEQ_METHOD] =
		ROW(ERROR, EXCHANGE, "exchange/sip-cseq-method",
		    "the method in CSeq is not that of the request",
		    "RFC 3261 8.1.1.5; RFC 4475 3.1.2.17, 3.1.2.18",
		    "expect 400; correct the sender"),
	[SIP_RULE_VIA] =
		ROW(ERROR, EXCHANGE, "exchange/sip-via",
		    "a Via entry does not follow the grammar",
		    "RFC 3261 20.42, 25.1; RFC 4475 3.1.2.1",
		    "responses may not find their way; correct the sender"),
	[SIP_RULE_BRANCH] =
		ROW(WARNING, EXCHANGE, "exchange/sip-branch",
		    "the branch is the magic cookie and nothing more",
		    "RFC 3261 8.1.1.7; RFC 4475 3.2.1",
		    "transactions of this sender cannot be told apart by it"),
	[SIP_RULE_ADDRESS] =
		ROW(ERROR, EXCHANGE, "exchange/sip-address",
		    "an address does not follow the grammar",
		    "RFC 3261 20.10, 25.1; RFC 4475 3.1.2.6, 3.1.2.14",
		    "strict receivers answer 400; correct the sender"),
	[SIP_RULE_ADDRESS_BRACKETS] =
		ROW(ERROR, EXCHANGE, "exchange/sip-address-brackets",
		    "an address needs angle brackets and has none",
		    "RFC 3261 20.10; RFC 4475 3.1.2.13",
		    "receivers misread where the URI ends; correct the sender"),
	[SIP_RULE_DISPLAY_NAME] =
		ROW(WARNING, EXCHANGE, "exchange/sip-display-name",
		    "a display name needs quotes and has none",
		    "RFC 3261 20.10, 25.1; RFC 4475 3.1.2.15", NULL),
	[SIP_RULE_URI] =
		ROW(WARNING, EXCHANGE, "exchange/sip-uri-scheme",
		    "an address has no URI scheme", "RFC 3261 19.1.1, 20.10",
		    NULL),
	[SIP_RULE_PARAMETER] =
		ROW(WARNING, EXCHANGE, "exchange/sip-parameter",
		    "a parameter is empty",
		    "RFC 3261 25.1; RFC 4475 3.1.2.1", NULL),
	[SIP_RULE_NUMBER] =
		ROW(ERROR, EXCHANGE, "exchange/sip-number",
		    "a number cannot be read, or is out of range",
		    "RFC 3261 20.19, 20.22, 20.33, 20.43; RFC 4475 3.1.2.4, "
		    "3.1.2.5",
		    "expect 400; correct the sender"),
	[SIP_RULE_DATE] =
		ROW(WARNING, EXCHANGE, "exchange/sip-date",
		    "Date is not in GMT", "RFC 3261 20.17; RFC 4475 3.1.2.12",
		    NULL),
	[SIP_RULE_CONTACT_STAR] =
		ROW(ERROR, REGISTRATION, "registration/sip-contact-star",
		    "Contact * without Expires: 0 or beside other contacts",
		    "RFC 3261 10.2.2, 10.3",
		    "expect 400; remove bindings with Expires: 0 alone"),
	[SIP_RULE_CONTACT_EXPIRES] =
		ROW(WARNING, REGISTRATION, "registration/sip-contact-expires",
		    "the expires of a Contact is no number below 2^32",
		    "RFC 3261 20.10; RFC 4475 3.1.2.4",
		    "registrars take 3600 instead"),
	[SIP_RULE_LENGTH_BAD] =
		ROW(ERROR, EXCHANGE, "exchange/sip-content-length",
		    "Content-Length is no number",
		    "RFC 3261 20.14; RFC 4475 3.1.2.3",
		    "on a stream, all after it is out of step"),
	[SIP_RULE_LENGTH_CONFLICT] =
		ROW(ERROR, EXCHANGE, "exchange/sip-content-length-conflict",
		    "two Content-Length fields differ",
		    "RFC 3261 7.3.1; RFC 4475 3.3.9",
		    "on a stream, all after it may be out of step"),
	[SIP_RULE_LENGTH_MISSING] =
		ROW(ERROR, EXCHANGE, "exchange/sip-content-length-missing",
		    "a message on a stream has no Content-Length",
		    "RFC 3261 18.3, 20.14",
		    "on a stream, all after it may be out of step"),
	[SIP_RULE_LENGTH_BEYOND] =
		ROW(WARNING, EXCHANGE, "exchange/sip-content-length-beyond",
		    "Content-Length is larger than the body in the datagram",
		    "RFC 3261 18.3; RFC 4475 3.1.2.2",
		    "expect 400; look for an ALG that rewrote the body"),
	[SIP_RULE_SURPLUS] =
		ROW(WARNING, EXCHANGE, "exchange/sip-surplus",
		    "the datagram goes on after the body",
		    "RFC 3261 18.3; RFC 4475 3.1.1.8",
		    "receivers ignore the rest"),
	[SIP_RULE_MULTIPART] =
		ROW(WARNING, EXCHANGE, "exchange/sip-multipart",
		    "a multipart body without boundary or closing delimiter",
		    "RFC 2046 5.1.1; RFC 5621 3", NULL),
	[SIP_RULES] = {.id = NULL},
};
