/*
 * Sections and attributes of SDP (RFC 8866 5.14 and 6, RFC 8839 5, RFC 3605,
 * RFC 5761, RFC 8842, RFC 9143, [MS-SDPEXT]).
 */
#include "config.h"

#include "core/scan.h"
#include "dissectors/sdp_parts.h"

#define PAYLOAD_TYPES 128u
#define MEDIA_FIRST 2u /* room taken at first; most descriptions fit */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Payload types that need no rtpmap (RFC 3551 6), by number. */
static const struct sdp_codec static_codecs[] = {
	[0] = {0, {(const uint8_t *)"PCMU", 4}, 8000},
	[3] = {3, {(const uint8_t *)"GSM", 3}, 8000},
	[4] = {4, {(const uint8_t *)"G723", 4}, 8000},
	[5] = {5, {(const uint8_t *)"DVI4", 4}, 8000},
	[6] = {6, {(const uint8_t *)"DVI4", 4}, 16000},
	[7] = {7, {(const uint8_t *)"LPC", 3}, 8000},
	[8] = {8, {(const uint8_t *)"PCMA", 4}, 8000},
	[9] = {9, {(const uint8_t *)"G722", 4}, 8000},
	[10] = {10, {(const uint8_t *)"L16", 3}, 44100},
	[11] = {11, {(const uint8_t *)"L16", 3}, 44100},
	[12] = {12, {(const uint8_t *)"QCELP", 5}, 8000},
	[13] = {13, {(const uint8_t *)"CN", 2}, 8000},
	[14] = {14, {(const uint8_t *)"MPA", 3}, 90000},
	[15] = {15, {(const uint8_t *)"G728", 4}, 8000},
	[16] = {16, {(const uint8_t *)"DVI4", 4}, 11025},
	[17] = {17, {(const uint8_t *)"DVI4", 4}, 22050},
	[18] = {18, {(const uint8_t *)"G729", 4}, 8000},
	[25] = {25, {(const uint8_t *)"CelB", 4}, 90000},
	[26] = {26, {(const uint8_t *)"JPEG", 4}, 90000},
	[28] = {28, {(const uint8_t *)"nv", 2}, 90000},
	[31] = {31, {(const uint8_t *)"H261", 4}, 90000},
	[32] = {32, {(const uint8_t *)"MPV", 3}, 90000},
	[33] = {33, {(const uint8_t *)"MP2T", 4}, 90000},
	[34] = {34, {(const uint8_t *)"H263", 4}, 90000},
};

struct slice sdp_static_name(unsigned payload_type)
{
	return payload_type < COUNT(static_codecs)
		       ? static_codecs[payload_type].name
		       : (struct slice){0};
}

/* ---- m= ---- */

static void name_static(struct sdp_codec *codec)
{
	const size_t type = codec->payload_type;

	if (type < COUNT(static_codecs) && static_codecs[type].name.n)
		*codec = static_codecs[type];
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

/* token *("/" token) */
static bool is_proto(struct slice s)
{
	while (s.n) {
		size_t at;

		if (!slice_find(s, '/', &at))
			return sdp_is_token(s);
		if (!sdp_is_token(slice_first(s, at)))
			return false;
		s = slice_from(s, at + 1);
	}
	return false;
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
	if (!good || !sdp_is_token(media->kind) || !is_proto(media->proto) ||
	    (media->formats.n == 0 && media->port != 0))
		sdp_find(p, SDP_RULE_MEDIA, line);
	return read_formats(p, line);
}

static bool room_for_media(struct sdp_pass *p)
{
	const size_t count = p->sdp->media_count;
	const size_t room = p->media_room ? p->media_room * 2 : MEDIA_FIRST;
	struct sdp_media *grown;

	if (count < p->media_room)
		return true;
	grown = arena_array(p->d->arena, room, sizeof(*grown));
	if (!grown)
		return false;
	if (count)
		memcpy(grown, p->media, count * sizeof(*grown));
	p->media = grown;
	p->media_room = room;
	return true;
}

enum status sdp_media_open(struct sdp_pass *p, struct slice line)
{
	sdp_media_close(p);
	if (p->sdp->media_count == SDP_MEDIA_MAX) {
		p->limit = true;
		p->dropped = true;
		return STATUS_OK;
	}
	if (!room_for_media(p))
		return STATUS_NOMEM;
	p->current = &p->media[p->sdp->media_count++];
	p->current->transport = p->sdp->transport;
	p->current->encryption = p->encryption;
	p->current->key_mgmt = p->key_mgmt;
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

#define ATTRIBUTE(id, name, first, before_last, flags) ATTRIBUTE_##id,
enum attribute {
#include "dissectors/sdp_attributes.def"
	ATTRIBUTES
};
#undef ATTRIBUTE

#define ONCE 1u  /* may stand once at a level */
#define MEDIA 2u /* belongs into a section */
#define OPENS 4u /* in a fragment it opens one (RFC 8840 9.2) */

struct attribute_row {
	const char *name;
	uint8_t n, flags;
};

#define ATTRIBUTE(id, name, first, before_last, flags) \
	[ATTRIBUTE_##id] = {name, sizeof(name) - 1, flags},
static const struct attribute_row attributes[ATTRIBUTES] = {
#include "dissectors/sdp_attributes.def"
};
#undef ATTRIBUTE

/*
 * Perfect hash over length, first letter and last but one.  Two attributes in
 * one slot would be a double initializer, which the compiler reports.
 */
#define SLOT(n, first, before_last) \
	(((n) + (first)*7u + (before_last)*12u) & 127u)

#define ATTRIBUTE(id, name, first, before_last, flags) \
	[SLOT(sizeof(name) - 1, first, before_last)] = ATTRIBUTE_##id + 1,
static const uint8_t slots[128] = {
#include "dissectors/sdp_attributes.def"
};
#undef ATTRIBUTE

static enum attribute attribute_of(struct slice name)
{
	const struct attribute_row *row;
	uint8_t at;

	if (name.n < 3)
		return ATTRIBUTES;
	at = slots[SLOT(name.n, name.p[0] | 0x20u, name.p[name.n - 2] | 0x20u)];
	row = &attributes[at ? at - 1 : 0];
	if (at && row->n == name.n &&
	    (scan_same(row->name, name.p, name.n) ||
	     slice_equal_nocase(name, slice_of(row->name, name.n))))
		return (enum attribute)(at - 1);
	return ATTRIBUTES;
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
	case ATTRIBUTE_X_DEVICECAPS:
		if (p->sdp->device_caps.n == 0)
			p->sdp->device_caps = value;
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
	case ATTRIBUTE_KEY_MGMT:
		if (p->current)
			p->current->key_mgmt = true;
		else
			p->key_mgmt = true;
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

/* Milliseconds; 0: none that is any use. */
static uint16_t read_ptime(struct slice value)
{
	uint64_t number;

	return slice_number(value, UINT16_MAX, &number) == STATUS_OK
		       ? (uint16_t)number
		       : 0;
}

/* "1000-1099" ([MS-SDPEXT] 3.1.5.31). */
static void read_ssrcs(struct sdp_media *media, struct slice value)
{
	struct slice rest = value, low = slice_split(&rest, '-');
	uint64_t first, last;

	if (slice_number(slice_trim(low), UINT32_MAX, &first) != STATUS_OK ||
	    slice_number(slice_trim(rest), UINT32_MAX, &last) != STATUS_OK ||
	    first > last)
		return;
	media->ssrc_first = (uint32_t)first;
	media->ssrc_last = (uint32_t)last;
}

static enum status read_in_media(struct sdp_pass *p, enum attribute id,
				 struct slice value)
{
	struct sdp_media *media = p->current;

	switch ((unsigned)id) {
	case ATTRIBUTE_CANDIDATE:
	case ATTRIBUTE_X_CANDIDATE_IPV6:
		return sdp_candidate_keep(p, value,
					  id == ATTRIBUTE_X_CANDIDATE_IPV6);
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
	case ATTRIBUTE_PCFG:
		media->potential = true;
		break;
	case ATTRIBUTE_ACFG:
		media->taken = true;
		break;
	case ATTRIBUTE_RTPMAP:
		read_rtpmap(p, value);
		break;
	case ATTRIBUTE_CRYPTO:
		sdp_crypto_read(p, value);
		break;
	case ATTRIBUTE_CRYPTOSCALE:
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
	case ATTRIBUTE_EXTMAP:
		return sdp_extmap_read(p, value);
	case ATTRIBUTE_X_CANDIDATE_INFO:
		p->sdp->networks = true;
		break;
	case ATTRIBUTE_PTIME:
		media->ptime = read_ptime(value);
		break;
	case ATTRIBUTE_X_SSRC_RANGE:
		read_ssrcs(media, value);
		break;
	default:
		break;
	}
	return STATUS_OK;
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
	const size_t colon = scan_one(line, ':');
	const struct slice name = slice_trim(slice_first(line, colon));
	const enum attribute id = attribute_of(name);
	struct slice value;
	enum status status;
	bool first;

	if (id == ATTRIBUTES)
		return STATUS_OK;
	value = slice_trim(slice_from(line, colon + 1));
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
		return read_in_media(p, id, value);
	return STATUS_OK;
}
