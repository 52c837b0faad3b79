/*
 * What SIP messages say of failures: ms-diagnostics and its kin ([MS-OCER]
 * 2.2.1) with the media debug blocks of clients, Reason (RFC 3326) and
 * Warning (RFC 3261 20.43).
 *
 * Everything borrows from the header's value.
 */
#ifndef DISSECTORS_SIP_DIAGNOSTICS_H
#define DISSECTORS_SIP_DIAGNOSTICS_H

#include "core/arena.h"
#include "core/endpoint.h"

/* "23;reason="...";source="fe01.example.test"", also "23.5" as OCS 2007 R2
 * writes sub-codes. */
struct sip_diagnostic {
	uint32_t id, sub; /* sub 0: none */
	struct slice reason, source;
	struct slice params; /* all behind the number */
};

/* STATUS_BAD: no number stands in front. */
MUST_CHECK enum status sip_diagnostic_read(struct slice value,
					   struct sip_diagnostic *out);

/* The value of a parameter, or of an entry inside a media debug block. */
struct sip_media_debug {
	struct slice label; /* "audio", "video", ...; empty: not told */
	bool callee;        /* CalleeMediaDebug */
	bool has_warn, has_warn_ex;
	uint32_t warn, warn_ex; /* ICEWarn, ICEWarnEx */
	struct endpoint local_site, local_relay, remote_site, remote_relay;
	struct endpoint base;
	uint16_t port_low, port_high; /* PortRange; 0: none */
	/* 0: unknown, 1: Internet, 2: intranet, as the client says. */
	uint8_t local_location, remote_location;
	bool has_locations;
	uint8_t federation;
	struct slice network; /* NetworkName */

	/* What the channel of that media came to (MediaChanBlob of Skype for
	 * Business clients, undocumented; as seen in the field). */
	bool has_channel, timed_out, bye_sent, bye_received;
	struct slice network_error; /* empty: "no error", or not told */
};

#define SIP_MEDIA_DEBUGS_MAX 8u

/* The blocks in the parameters, at most `max`; their number. */
size_t sip_media_debugs(const struct sip_diagnostic *d,
			struct sip_media_debug *out, size_t max);

/* One entry of a Reason header: "Q.850;cause=16;text="..."". */
struct sip_reason {
	struct slice protocol, text;
	uint32_t cause;
};

/* RFC 3326.  STATUS_OK or STATUS_BAD, and *out is as it was; slices borrow from
 * the entry. */
MUST_CHECK enum status sip_reason_read(struct slice entry,
				       struct sip_reason *out);

/* One entry of a Warning header: "308 server "text"". */
struct sip_warning {
	uint32_t code;
	struct slice agent; /* empty where nobody says who warns */
	struct slice text;
};

/* RFC 3261 20.43.  STATUS_OK or STATUS_BAD, as above. */
MUST_CHECK enum status sip_warning_read(struct slice entry,
					struct sip_warning *out);

/*
 * A body of conference control (application/cccp+xml, C3P of [MS-CONFBAS]): a
 * request to join or change a conference, or what the conference answers.
 */
#define SIP_CONFERENCE_NAMESPACE "urn:ietf:params:xml:ns:cccp"

struct sip_conference {
	bool response;
	bool refused;           /* a response that is no success, nor pending */
	struct slice operation; /* "addUser", "getConference", ... */
	struct slice code;      /* "success", "pending", "failure", ... */
	struct slice reason;    /* or empty */
};

/* STATUS_NOT_MINE: another document; BAD: not well formed; LIMIT, NOMEM.  What
 * is read lives in the arena. */
MUST_CHECK enum status sip_conference_read(struct slice body,
					   struct arena *arena,
					   struct sip_conference *out);

#endif /* DISSECTORS_SIP_DIAGNOSTICS_H */
