/* What programs say beside their messages: words and known events. */
#include "config.h"

#include <string.h>

#include "model/remark.h"

const char *remark_kind_name(enum remark_kind kind)
{
	static const char *const names[] = {
		[REMARK_TRACE] = "trace",
		[REMARK_DIAGNOSTIC] = "diagnostic",
		[REMARK_EVENT] = "event",
	};

	return names[kind];
}

const char *remark_level_name(enum remark_level level)
{
	static const char *const names[] = {
		[REMARK_INFO] = "info",
		[REMARK_WARNING] = "warning",
		[REMARK_ERROR] = "error",
	};

	return names[level];
}

/* Spec "mras-and-registration" 8.1.  The numbers of Exchange are those of its
 * Unified Messaging; others use the same ones for something else. */
static const struct event_meaning meanings[] = {
	{1437, "Unified Messaging",
	 "the SIP access service was picked by guess, since none is set"},
	{1438, "Unified Messaging",
	 "media could not be established, and the SIP access service is a "
	 "guess"},
	{1439, "Unified Messaging",
	 "no relay credentials could be obtained through the SIP access "
	 "service"},
	{1440, "Unified Messaging",
	 "the relay could not be allocated on the Edge"},
	{1441, "Unified Messaging", "the SIP access service that is set"},
	{25026, "Mediation",
	 "the A/V authentication service cannot be used for this server"},
};

const struct event_meaning *event_meaning_of(const struct remark *remark)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (remark->kind == REMARK_EVENT &&
		    meanings[i].event == remark->event && remark->provider &&
		    strstr(remark->provider, meanings[i].provider))
			return &meanings[i];
	return NULL;
}

/* ---- results ---- */

/* What a diagnostic record gives as its result: of the SIP proxy, of sockets
 * (Windows Sockets) and of TLS (Schannel). */
static const struct result {
	uint32_t code; /* 0: known by name alone */
	const char *name;
	const char *text;
} results[] = {
	{0xc3e93c2f, "SIPPROXY_E_UNKNOWN_USER_OR_EPID",
	 "no such user, or endpoint of the user, is signed in there"},
	{0xc3e93d67, "SIPPROXY_E_ROUTING_MSG_CERT_MISMATCH",
	 "the certificate of the other server lacks the name that is expected"},
	{0xc3e93d6f, "SIPPROXY_E_EPROUTING_MSG_ALLOWED_DOMAIN_NO_SRV_MATCH",
	 "the SRV record of the domain names no host of that domain"},
	{0, "SIPPROXY_E_EPROUTING_MSG_INVALID_EXT_SPLIT_DOMAIN",
	 "the domain is shared with the cloud, and this server is not told so"},
	{0x80072746, "WSAECONNRESET", "the other server closed the connection"},
	{0x8007274c, "WSAETIMEDOUT", "the other server does not answer"},
	{0x8007274d, "WSAECONNREFUSED", "nobody listens there"},
	{0x80072751, "WSAEHOSTUNREACH", "no way leads there"},
	{0x80072af9, "WSAHOST_NOT_FOUND", "the name is not in DNS"},
	{0x80090322, "SEC_E_WRONG_PRINCIPAL",
	 "the certificate of the other server lacks the name that is expected"},
	{0x80090325, "SEC_E_UNTRUSTED_ROOT",
	 "the certificate of the other server is of an authority that is not "
	 "trusted"},
	{0x80090328, "SEC_E_CERT_EXPIRED",
	 "the certificate of the other server is over"},
	{0x80090331, "SEC_E_ALGORITHM_MISMATCH",
	 "both servers have no version or cipher of TLS in common"},
};

static bool fits_result(const struct remark *r, const struct result *to)
{
	if (r->kind != REMARK_DIAGNOSTIC)
		return false;
	return (to->code && r->code == to->code) ||
	       (r->result && strcmp(r->result, to->name) == 0);
}

static const struct result *result_of(const struct remark *r)
{
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		if (fits_result(r, &results[i]))
			return &results[i];
	return NULL;
}

bool remark_has_result(const struct remark *remark, const char *name)
{
	const struct result *result = result_of(remark);

	return result && strcmp(result->name, name) == 0;
}

const char *remark_meaning(const struct remark *remark)
{
	const struct event_meaning *meaning = event_meaning_of(remark);
	const struct result *result = meaning ? NULL : result_of(remark);

	if (meaning)
		return meaning->text;
	return result ? result->text : NULL;
}
