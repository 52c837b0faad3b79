/*
 * SIP tables: methods, headers with their compact forms (RFC 3261 7.3.3 and
 * 20, RFC 3515, RFC 3892, RFC 4028, RFC 6665), reason phrases.
 */
#include "config.h"

#include "dissectors/sip_parts.h"

static const char *const methods[] = {
	[SIP_METHOD_OTHER] = "",	[SIP_INVITE] = "INVITE",
	[SIP_ACK] = "ACK",		[SIP_BYE] = "BYE",
	[SIP_CANCEL] = "CANCEL",	[SIP_REGISTER] = "REGISTER",
	[SIP_OPTIONS] = "OPTIONS",	[SIP_PRACK] = "PRACK",
	[SIP_UPDATE] = "UPDATE",	[SIP_INFO] = "INFO",
	[SIP_SUBSCRIBE] = "SUBSCRIBE",	[SIP_NOTIFY] = "NOTIFY",
	[SIP_REFER] = "REFER",		[SIP_MESSAGE] = "MESSAGE",
	[SIP_PUBLISH] = "PUBLISH",	[SIP_SERVICE] = "SERVICE",
	[SIP_BENOTIFY] = "BENOTIFY",	[SIP_NEGOTIATE] = "NEGOTIATE",
};

#define METHODS (sizeof(methods) / sizeof(methods[0]))

struct header_row {
	const char *text;
	const char *field; /* the same in lower case */
	uint8_t n;
	bool once;
};

#define HEADER(id, name, lower, first, last, once) \
	[id] = {name, lower, sizeof(lower) - 1, once},
static const struct header_row rows[] = {
	[SIP_HEADER_OTHER] = {"", "", 0, false},
#include "dissectors/sip_headers.def"
};
#undef HEADER

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/*
 * Perfect hash over length, first and last letter.  Two headers in one slot
 * would be a double initializer, which the compiler reports.
 */
#define SLOT(n, first, last) (((n) + (first)*30u + (last)*13u) & 255u)

#define HEADER(id, name, lower, first, last, once) \
	[SLOT(sizeof(lower) - 1, first, last)] = id,
static const uint8_t slots[256] = {
#include "dissectors/sip_headers.def"
};
#undef HEADER

/* Compact forms of headers that have an id (RFC 3261 7.3.3 and later). */
static const uint8_t compact_forms[256] = {
	['b'] = SIP_REFERRED_BY,
	['c'] = SIP_CONTENT_TYPE,
	['e'] = SIP_CONTENT_ENCODING,
	['f'] = SIP_FROM,
	['i'] = SIP_CALL_ID,
	['k'] = SIP_SUPPORTED,
	['l'] = SIP_CONTENT_LENGTH,
	['m'] = SIP_CONTACT,
	['o'] = SIP_EVENT,
	['r'] = SIP_REFER_TO,
	['s'] = SIP_SUBJECT,
	['t'] = SIP_TO,
	['v'] = SIP_VIA,
	['x'] = SIP_SESSION_EXPIRES,
};

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

enum sip_header_name sip_header_of(struct slice name)
{
	const struct header_row *row;
	uint8_t first = name.n ? lower(name.p[0]) : 0;
	unsigned id;

	if (name.n < 2)
		return (enum sip_header_name)compact_forms[first];
	id = slots[SLOT(name.n, first, lower(name.p[name.n - 1]))];
	row = &rows[id];
	if (row->n != name.n)
		return SIP_HEADER_OTHER;
	if (scan_same(row->text, name.p, name.n))
		return (enum sip_header_name)id;
	for (size_t i = 0; i < name.n; i++)
		if (lower(name.p[i]) != (uint8_t)row->field[i])
			return SIP_HEADER_OTHER;
	return (enum sip_header_name)id;
}

const char *sip_header_text(enum sip_header_name id)
{
	return (size_t)id < ROWS ? rows[id].text : "";
}

const char *sip_header_field(enum sip_header_name id)
{
	return (size_t)id < ROWS ? rows[id].field : "";
}

bool sip_header_once(enum sip_header_name id)
{
	return (size_t)id < ROWS && rows[id].once;
}

const char *sip_method_text(enum sip_method method)
{
	return (size_t)method < METHODS ? methods[method] : "";
}

enum sip_method sip_method_of(struct slice text)
{
	for (size_t i = 1; i < METHODS; i++)
		if (text.n && (uint8_t)methods[i][0] == text.p[0] &&
		    slice_is(text, methods[i]))
			return (enum sip_method)i;
	return SIP_METHOD_OTHER;
}

/* RFC 3261 21 and the IANA registry of response codes; sorted by code. */
static const struct {
	uint16_t status;
	const char *text;
} reasons[] = {
	{100, "Trying"},
	{101, "Progress Report"},
	{180, "Ringing"},
	{181, "Call Is Being Forwarded"},
	{182, "Queued"},
	{183, "Session Progress"},
	{199, "Early Dialog Terminated"},
	{200, "OK"},
	{202, "Accepted"},
	{204, "No Notification"},
	{300, "Multiple Choices"},
	{301, "Moved Permanently"},
	{302, "Moved Temporarily"},
	{305, "Use Proxy"},
	{380, "Alternative Service"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{402, "Payment Required"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{406, "Not Acceptable"},
	{407, "Proxy Authentication Required"},
	{408, "Request Timeout"},
	{410, "Gone"},
	{412, "Conditional Request Failed"},
	{413, "Request Entity Too Large"},
	{414, "Request-URI Too Long"},
	{415, "Unsupported Media Type"},
	{416, "Unsupported URI Scheme"},
	{417, "Unknown Resource-Priority"},
	{420, "Bad Extension"},
	{421, "Extension Required"},
	{422, "Session Interval Too Small"},
	{423, "Interval Too Brief"},
	{424, "Bad Location Information"},
	{425, "Bad Alert Message"},
	{428, "Use Identity Header"},
	{429, "Provide Referrer Identity"},
	{430, "Flow Failed"},
	{433, "Anonymity Disallowed"},
	{436, "Bad Identity Info"},
	{437, "Unsupported Credential"},
	{438, "Invalid Identity Header"},
	{439, "First Hop Lacks Outbound Support"},
	{440, "Max-Breadth Exceeded"},
	{469, "Bad Info Package"},
	{470, "Consent Needed"},
	{480, "Temporarily Unavailable"},
	{481, "Call/Transaction Does Not Exist"},
	{482, "Loop Detected"},
	{483, "Too Many Hops"},
	{484, "Address Incomplete"},
	{485, "Ambiguous"},
	{486, "Busy Here"},
	{487, "Request Terminated"},
	{488, "Not Acceptable Here"},
	{489, "Bad Event"},
	{491, "Request Pending"},
	{493, "Undecipherable"},
	{494, "Security Agreement Required"},
	{500, "Server Internal Error"},
	{501, "Not Implemented"},
	{502, "Bad Gateway"},
	{503, "Service Unavailable"},
	{504, "Server Time-out"},
	{505, "Version Not Supported"},
	{513, "Message Too Large"},
	{555, "Push Notification Service Not Supported"},
	{580, "Precondition Failure"},
	{600, "Busy Everywhere"},
	{603, "Decline"},
	{604, "Does Not Exist Anywhere"},
	{606, "Not Acceptable"},
	{607, "Unwanted"},
	{608, "Rejected"},
};

const char *sip_reason_text(unsigned status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "";
}
