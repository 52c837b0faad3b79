/*
 * Sections that share one transport (RFC 9143): an id of header extensions of
 * RTP means the same in all (RFC 8285 5), and the first section speaks for the
 * transport.
 */
#include "config.h"

#include "dissectors/sdp_parts.h"

/* Those that fit the one-byte header; others are rare. */
#define IDS 15u

struct sdp_extmaps {
	struct slice uri[IDS]; /* as first told, by id */
	uint8_t told_in[IDS];  /* section */
	struct slice clash;    /* the line that says otherwise; or empty */
	uint8_t sections[2];   /* of the clash */
};

static size_t section_of(const struct sdp_pass *p)
{
	return p->sdp->media_count - 1;
}

static uint8_t slashed(uint8_t c)
{
	return c == '\\' ? '/' : c;
}

/* Teams writes "http:\\www.webrtc.org\..." where its peer has slashes. */
static bool is_same_uri(struct slice a, struct slice b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (slashed(a.p[i]) != slashed(b.p[i]))
			return false;
	return true;
}

static void keep(struct sdp_pass *p, struct sdp_extmaps *x, size_t id,
		 struct slice uri)
{
	if (!x->uri[id].n) {
		x->uri[id] = uri;
		x->told_in[id] = (uint8_t)section_of(p);
	} else if (!x->clash.n && !is_same_uri(x->uri[id], uri)) {
		x->clash = uri;
		x->sections[0] = x->told_in[id];
		x->sections[1] = (uint8_t)section_of(p);
	}
}

/* "3/sendonly urn:ietf:params:rtp-hdrext:toffset" */
enum status sdp_extmap_read(struct sdp_pass *p, struct slice value)
{
	struct slice rest = value, word = sdp_word(&rest);
	struct slice uri = sdp_word(&rest);
	uint64_t id;

	if (!p->current || !uri.n ||
	    slice_number(slice_split(&word, '/'), IDS - 1, &id) != STATUS_OK)
		return STATUS_OK;
	if (!p->extmaps)
		p->extmaps = arena_alloc(p->d->arena, sizeof(*p->extmaps));
	if (!p->extmaps)
		return STATUS_NOMEM;
	keep(p, p->extmaps, (size_t)id, uri);
	return STATUS_OK;
}

static bool is_bundled(const struct sdp *sdp, const struct sdp_media *section)
{
	struct slice rest = sdp->bundle, word;
	struct slice mid = section->mid;

	while ((word = sdp_word(&rest)).n)
		if (mid.n && slice_equal(word, mid))
			return true;
	return false;
}

void sdp_extmap_check(struct sdp_pass *p)
{
	const struct sdp_extmaps *x = p->extmaps;

	if (x && x->clash.n && is_bundled(p->sdp, &p->media[x->sections[0]]) &&
	    is_bundled(p->sdp, &p->media[x->sections[1]]))
		sdp_find(p, SDP_RULE_EXTMAP, x->clash);
}

bool sdp_has_fingerprint(const struct sdp *sdp, const struct sdp_media *section)
{
	struct slice rest = sdp->bundle;
	struct slice tagged = sdp_word(&rest);

	if (section->transport.fingerprint.n || !is_bundled(sdp, section))
		return section->transport.fingerprint.n != 0;
	for (size_t i = 0; i < sdp->media_count; i++)
		if (slice_equal(sdp->media[i].mid, tagged))
			return sdp->media[i].transport.fingerprint.n != 0;
	return false;
}
