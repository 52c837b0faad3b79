/*
 * Sections and attributes of SDP (RFC 8866 5.14 and 6, RFC 8839 5, RFC 3605,
 * RFC 5761, RFC 8842, RFC 9143, [MS-SDPEXT]).
 */
#include "config.h"

#include "dissectors/sdp_parts.h"

#define PAYLOAD_TYPES 128u

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Payload types that need no rtpmap (RFC 3551 6). */
static const struct sdp_codec static_codecs[] = {
	{0, {(const uint8_t *)"PCMU", 4}, 8000},
	{3, {(const uint8_t *)"GSM", 3}, 8000},
	{4, {(const uint8_t *)"G723", 4}, 8000},
	{5, {(const uint8_t *)"DVI4", 4}, 8000},
	{6, {(const uint8_t *)"DVI4", 4}, 16000},
	{7, {(const uint8_t *)"LPC", 3}, 8000},
	{8, {(const uint8_t *)"PCMA", 4}, 8000},
	{9, {(const uint8_t *)"G722", 4}, 8000},
	{10, {(const uint8_t *)"L16", 3}, 44100},
	{11, {(const uint8_t *)"L16", 3}, 44100},
	{12, {(const uint8_t *)"QCELP", 5}, 8000},
	{13, {(const uint8_t *)"CN", 2}, 8000},
	{14, {(const uint8_t *)"MPA", 3}, 90000},
	{15, {(const uint8_t *)"G728", 4}, 8000},
	{16, {(const uint8_t *)"DVI4", 4}, 11025},
	{17, {(const uint8_t *)"DVI4", 4}, 22050},
	{18, {(const uint8_t *)"G729", 4}, 8000},
	{25, {(const uint8_t *)"CelB", 4}, 90000},
	{26, {(const uint8_t *)"JPEG", 4}, 90000},
	{28, {(const uint8_t *)"nv", 2}, 90000},
	{31, {(const uint8_t *)"H261", 4}, 90000},
	{32, {(const uint8_t *)"MPV", 3}, 90000},
	{33, {(const uint8_t *)"MP2T", 4}, 90000},
	{34, {(const uint8_t *)"H263", 4}, 90000},
};

/* ---- m= ---- */

static void name_static(struct sdp_codec *codec)
{
	for (size_t i = 0; i < COUNT(static_codecs); i++)
		if (static_codecs[i].payload_type == codec->payload_type)
			*codec = static_codecs[i];
}

/* Formats of RTP profiles are payload types; others name no codec. */
static enum status read_formats(struct sdp_pass *p, struct slice line)
{
	struct slice rest = p->current->formats, word;
	size_t at, room = 0;
	uint64_t type;

	if (!slice_search(p->current->proto, SLICE("RTP/"), &at))
		return STATUS_OK;
	while (sdp_word(&rest).n && room < PAYLOAD_TYPES)
		room++;
	p->codecs = arena_array(p->d->arena, room, sizeof(*p->codecs));
	if (!p->codecs)
		return STATUS_NOMEM;
	p->current->codecs = p->codecs;
	rest = p->current->formats;
	while ((word = sdp_word(&rest)).n && p->current->codec_count < room) {
		struct sdp_codec *codec = &p->codecs[p->current->codec_count];

		if (slice_number(word, PAYLOAD_TYPES - 1, &type) != STATUS_OK) {
			sdp_find(p, SDP_RULE_MEDIA, line);
			continue;
		}
		codec->payload_type = (uint8_t)type;
		name_static(codec);
		p->current->codec_count++;
	}
	return STATUS_OK;
}

static bool read_port(struct slice word, struct sdp_media *media)
{
	struct slice port = slice_split(&word, '/');
	uint64_t number, count = 1;

	if (slice_number(port, UINT16_MAX, &number) != STATUS_OK ||
	    (word.n && slice_number(word, UINT16_MAX, &count) != STATUS_OK))
		return false;
	media->port = (uint16_t)number;
	media->port_count = (unsigned)count;
	return true;
}

static enum status read_media_line(struct sdp_pass *p, struct slice line)
{
	struct sdp_media *media = p->current;
	struct slice rest = line;
	bool good;

	media->kind = sdp_word(&rest);
	good = read_port(sdp_word(&rest), media);
	media->proto = sdp_word(&rest);
	media->formats = slice_trim(rest);
	/* A rejected section without formats is met at Microsoft. */
	if (!good || media->proto.n == 0 ||
	    (media->formats.n == 0 && media->port != 0))
		sdp_find(p, SDP_RULE_MEDIA, line);
	return read_formats(p, line);
}

enum status sdp_media_open(struct sdp_pass *p, struct slice line)
{
	sdp_media_close(p);
	if (p->sdp->media_count == p->media_room) {
		p->limit = true;
		p->dropped = true;
		return STATUS_OK;
	}
	p->current = &p->media[p->sdp->media_count++];
	p->current->transport = p->sdp->transport;
	p->current->encryption = p->encryption;
	p->current->port_count = 1;
	p->section = line;
	p->codecs = NULL;
	p->cryptos = NULL;
	p->seen = 0;
	p->has_connection = false;
	return sdp_has_letter(p, 'm') ? read_media_line(p, line) : STATUS_OK;
}

static bool wants_credentials(const struct sdp_media *media)
{
	for (size_t i = 0; i < media->candidate_count; i++)
		if (media->candidates[i].grammar != GRAMMAR_MS_06 &&
		    media->candidates[i].ufrag.n == 0)
			return true;
	return false;
}

void sdp_media_close(struct sdp_pass *p)
{
	const struct sdp_media *media = p->current;

	if (!media || !sdp_has_letter(p, 'v'))
		return;
	if (media->port && media->transport.connection.n == 0)
		sdp_find(p, SDP_RULE_NO_CONNECTION, p->section);
	if ((media->transport.ice_ufrag.n == 0 ||
	     media->transport.ice_pwd.n == 0) &&
	    wants_credentials(media))
		sdp_find(p, SDP_RULE_ICE_MISSING, p->section);
}

/* ---- attributes ---- */

enum attribute {
	ATTRIBUTE_BUNDLE_ONLY,
	ATTRIBUTE_CANDIDATE,
	ATTRIBUTE_CRYPTO,
	ATTRIBUTE_CRYPTOSCALE,
	ATTRIBUTE_ENCRYPTION,
	ATTRIBUTE_END_OF_CANDIDATES,
	ATTRIBUTE_FINGERPRINT,
	ATTRIBUTE_GROUP,
	ATTRIBUTE_ICE_LITE,
	ATTRIBUTE_ICE_MISMATCH,
	ATTRIBUTE_ICE_OPTIONS,
	ATTRIBUTE_ICE_PWD,
	ATTRIBUTE_ICE_UFRAG,
	ATTRIBUTE_INACTIVE,
	ATTRIBUTE_LABEL,
	ATTRIBUTE_MID,
	ATTRIBUTE_RECVONLY,
	ATTRIBUTE_REMOTE_CANDIDATE,
	ATTRIBUTE_REMOTE_CANDIDATES,
	ATTRIBUTE_RTCP,
	ATTRIBUTE_RTCP_MUX,
	ATTRIBUTE_RTCP_MUX_ONLY,
	ATTRIBUTE_RTPMAP,
	ATTRIBUTE_SENDONLY,
	ATTRIBUTE_SENDRECV,
	ATTRIBUTE_SETUP,
	ATTRIBUTE_X_BYPASSID,
	ATTRIBUTE_X_CANDIDATE_IPV6,
	ATTRIBUTE_X_MS_SDP_DIAGNOSTICS,
	ATTRIBUTES
};

#define ONCE 1u  /* may stand once at a level */
#define MEDIA 2u /* belongs into a section */
#define OPENS 4u /* in a fragment it opens one (RFC 8840 9.2) */

#define NAME(text) text, sizeof(text) - 1

static const struct {
	const char *name;
	size_t n;
	unsigned flags;
} attributes[ATTRIBUTES] = {
	[ATTRIBUTE_BUNDLE_ONLY] = {NAME("bundle-only"), MEDIA},
	[ATTRIBUTE_CANDIDATE] = {NAME("candidate"), MEDIA | OPENS},
	[ATTRIBUTE_CRYPTO] = {NAME("crypto"), MEDIA},
	[ATTRIBUTE_CRYPTOSCALE] = {NAME("cryptoscale"), MEDIA},
	[ATTRIBUTE_ENCRYPTION] = {NAME("encryption"), 0},
	[ATTRIBUTE_END_OF_CANDIDATES] = {NAME("end-of-candidates"), 0},
	[ATTRIBUTE_FINGERPRINT] = {NAME("fingerprint"), 0},
	[ATTRIBUTE_GROUP] = {NAME("group"), 0},
	[ATTRIBUTE_ICE_LITE] = {NAME("ice-lite"), 0},
	[ATTRIBUTE_ICE_MISMATCH] = {NAME("ice-mismatch"), 0},
	[ATTRIBUTE_ICE_OPTIONS] = {NAME("ice-options"), 0},
	[ATTRIBUTE_ICE_PWD] = {NAME("ice-pwd"), ONCE},
	[ATTRIBUTE_ICE_UFRAG] = {NAME("ice-ufrag"), ONCE},
	[ATTRIBUTE_INACTIVE] = {NAME("inactive"), 0},
	[ATTRIBUTE_LABEL] = {NAME("label"), MEDIA},
	[ATTRIBUTE_MID] = {NAME("mid"), ONCE | MEDIA | OPENS},
	[ATTRIBUTE_RECVONLY] = {NAME("recvonly"), 0},
	[ATTRIBUTE_REMOTE_CANDIDATE] = {NAME("remote-candidate"), MEDIA},
	[ATTRIBUTE_REMOTE_CANDIDATES] = {NAME("remote-candidates"), MEDIA},
	[ATTRIBUTE_RTCP] = {NAME("rtcp"), ONCE | MEDIA},
	[ATTRIBUTE_RTCP_MUX] = {NAME("rtcp-mux"), MEDIA},
	[ATTRIBUTE_RTCP_MUX_ONLY] = {NAME("rtcp-mux-only"), MEDIA},
	[ATTRIBUTE_RTPMAP] = {NAME("rtpmap"), MEDIA},
	[ATTRIBUTE_SENDONLY] = {NAME("sendonly"), 0},
	[ATTRIBUTE_SENDRECV] = {NAME("sendrecv"), 0},
	[ATTRIBUTE_SETUP] = {NAME("setup"), ONCE},
	[ATTRIBUTE_X_BYPASSID] = {NAME("x-bypassid"), MEDIA},
	[ATTRIBUTE_X_CANDIDATE_IPV6] = {NAME("x-candidate-ipv6"),
					MEDIA | OPENS},
	[ATTRIBUTE_X_MS_SDP_DIAGNOSTICS] = {NAME("x-ms-sdp-diagnostics"), 0},
};

static enum attribute attribute_of(struct slice name)
{
	unsigned i = 0;

	while (i < ATTRIBUTES &&
	       (name.n != attributes[i].n ||
		!slice_equal_nocase(name,
				    slice_of(attributes[i].name, name.n))))
		i++;
	return (enum attribute)i;
}

static void read_rtpmap(struct sdp_pass *p, struct slice value)
{
	struct slice rest = value;
	struct slice type = sdp_word(&rest);
	struct slice encoding = sdp_word(&rest);
	struct slice name = slice_split(&encoding, '/');
	struct slice clock = slice_split(&encoding, '/');
	uint64_t number, rate = 0;

	if (slice_number(type, PAYLOAD_TYPES - 1, &number) != STATUS_OK ||
	    slice_number(clock, UINT32_MAX, &rate) != STATUS_OK) {
		sdp_find(p, SDP_RULE_VALUE, value);
		return;
	}
	for (size_t i = 0; i < p->current->codec_count; i++) {
		if (p->codecs[i].payload_type != number)
			continue;
		p->codecs[i].name = name;
		p->codecs[i].clock_rate = (uint32_t)rate;
	}
}

static void read_rtcp(struct sdp_pass *p, struct slice value)
{
	struct slice rest = value;
	struct endpoint at = {0};
	uint64_t port;

	if (slice_number(sdp_word(&rest), UINT16_MAX, &port) != STATUS_OK ||
	    (slice_trim(rest).n && !sdp_address_read(rest, 0, &at))) {
		sdp_find(p, SDP_RULE_VALUE, value);
		return;
	}
	at.port = (uint16_t)port;
	p->current->rtcp = at;
}

static void read_setup(struct sdp_pass *p, struct slice value,
		       struct sdp_transport *to)
{
	static const char *const words[] = {
		[SDP_SETUP_ACTPASS] = "actpass",
		[SDP_SETUP_ACTIVE] = "active",
		[SDP_SETUP_PASSIVE] = "passive",
		[SDP_SETUP_HOLDCONN] = "holdconn",
	};

	for (size_t i = SDP_SETUP_ACTPASS; i < COUNT(words); i++) {
		if (slice_is_nocase(value, words[i])) {
			to->setup = (enum sdp_setup)i;
			return;
		}
	}
	sdp_find(p, SDP_RULE_VALUE, value);
}

static void read_group(struct sdp_pass *p, struct slice value)
{
	struct slice rest = value;

	if (slice_is_nocase(sdp_word(&rest), "BUNDLE") &&
	    p->sdp->bundle.p == NULL)
		p->sdp->bundle = slice_trim(rest);
}

static void set_direction(struct sdp_transport *to,
			  enum sdp_direction direction)
{
	to->direction = direction;
	to->has_direction = true;
}

/* Attributes that both levels may have. */
static bool read_common(struct sdp_pass *p, enum attribute id,
			struct slice value, bool first)
{
	struct sdp_transport *to =
		p->current ? &p->current->transport : &p->sdp->transport;

	switch ((unsigned)id) {
	case ATTRIBUTE_ICE_UFRAG:
		to->ice_ufrag = value;
		sdp_ice_check(p, value, 4);
		return true;
	case ATTRIBUTE_ICE_PWD:
		to->ice_pwd = value;
		sdp_ice_check(p, value, 22);
		return true;
	case ATTRIBUTE_FINGERPRINT:
		if (first)
			to->fingerprint = value;
		sdp_fingerprint_check(p, value);
		return true;
	case ATTRIBUTE_SETUP:
		read_setup(p, value, to);
		return true;
	case ATTRIBUTE_SENDRECV:
		set_direction(to, SDP_SENDRECV);
		return true;
	case ATTRIBUTE_SENDONLY:
		set_direction(to, SDP_SENDONLY);
		return true;
	case ATTRIBUTE_RECVONLY:
		set_direction(to, SDP_RECVONLY);
		return true;
	case ATTRIBUTE_INACTIVE:
		set_direction(to, SDP_INACTIVE);
		return true;
	default:
		return false;
	}
}

/* Attributes that are kept for the whole, at whatever level they stand. */
static bool read_session(struct sdp_pass *p, enum attribute id,
			 struct slice value)
{
	switch ((unsigned)id) {
	case ATTRIBUTE_GROUP:
		read_group(p, value);
		return true;
	case ATTRIBUTE_ICE_LITE:
		p->sdp->ice_lite = true;
		return true;
	case ATTRIBUTE_ICE_MISMATCH:
		p->sdp->ice_mismatch = true;
		return true;
	case ATTRIBUTE_X_MS_SDP_DIAGNOSTICS:
		if (p->sdp->ms_diagnostics.n == 0)
			p->sdp->ms_diagnostics = value;
		return true;
	case ATTRIBUTE_ICE_OPTIONS:
		if (p->sdp->ice_options.n == 0)
			p->sdp->ice_options = value;
		return true;
	case ATTRIBUTE_ENCRYPTION:
		if (p->current)
			p->current->encryption = value;
		else
			p->encryption = value;
		return true;
	case ATTRIBUTE_END_OF_CANDIDATES:
		if (p->current)
			p->current->end_of_candidates = true;
		else
			p->sdp->end_of_candidates = true;
		return true;
	default:
		return false;
	}
}

static void read_in_media(struct sdp_pass *p, enum attribute id,
			  struct slice value)
{
	struct sdp_media *media = p->current;

	switch ((unsigned)id) {
	case ATTRIBUTE_CANDIDATE:
	case ATTRIBUTE_X_CANDIDATE_IPV6:
		sdp_candidate_keep(p, value, id == ATTRIBUTE_X_CANDIDATE_IPV6);
		break;
	case ATTRIBUTE_MID:
		media->mid = value;
		break;
	case ATTRIBUTE_BUNDLE_ONLY:
		media->bundle_only = true;
		break;
	case ATTRIBUTE_RTCP_MUX:
		media->rtcp_mux = true;
		break;
	case ATTRIBUTE_RTCP_MUX_ONLY:
		media->rtcp_mux_only = true;
		break;
	case ATTRIBUTE_RTCP:
		read_rtcp(p, value);
		break;
	case ATTRIBUTE_RTPMAP:
		read_rtpmap(p, value);
		break;
	case ATTRIBUTE_CRYPTO:
		sdp_crypto_read(p, value);
		break;
	case ATTRIBUTE_CRYPTOSCALE:
		p->sdp->crypto_seen = true;
		sdp_crypto_keep(p, value, true);
		break;
	case ATTRIBUTE_REMOTE_CANDIDATE:
		media->remote_candidate_id = value;
		break;
	case ATTRIBUTE_REMOTE_CANDIDATES:
		media->remote_candidates = value;
		break;
	case ATTRIBUTE_LABEL:
		media->label = value;
		break;
	case ATTRIBUTE_X_BYPASSID:
		media->bypass_id = value;
		break;
	default:
		break;
	}
}

/* In a fragment a section may begin without m= (RFC 8840 9.2). */
static enum status open_unnamed(struct sdp_pass *p, enum attribute id)
{
	const bool again = id == ATTRIBUTE_MID && p->current &&
			   p->current->kind.n == 0 && p->current->mid.n;

	if (!(attributes[id].flags & OPENS) || sdp_has_letter(p, 'v') ||
	    sdp_has_letter(p, 'm') || (p->current && !again))
		return STATUS_OK;
	return sdp_media_open(p, (struct slice){0});
}

enum status sdp_attribute_read(struct sdp_pass *p, struct slice line)
{
	struct slice value = line;
	struct slice name = slice_trim(slice_split(&value, ':'));
	const enum attribute id = attribute_of(name);
	enum status status;
	bool first;

	if (id == ATTRIBUTES)
		return STATUS_OK;
	value = slice_trim(value);
	status = open_unnamed(p, id);
	if (status != STATUS_OK)
		return status;
	first = !(p->seen >> id & 1u);
	p->seen |= UINT64_C(1) << id;
	if (!first && (attributes[id].flags & ONCE))
		sdp_find(p, SDP_RULE_REPEATED, line);
	else if (!p->current && (attributes[id].flags & MEDIA))
		sdp_find(p, SDP_RULE_LEVEL, line);
	else if (!read_common(p, id, value, first) &&
		 !read_session(p, id, value))
		read_in_media(p, id, value);
	return STATUS_OK;
}
