/* Media sections of descriptions, as far as offer and answer have to agree in
 * them (RFC 3264 6); kept once where a later description has the same. */
#include "config.h"

#include "flow/facts.h"

/* A section, and the lists that it has until it is kept. */
struct drawn {
	struct section section;
	uint32_t codecs[SECTION_CODECS_KEPT];
	struct section_crypto cryptos[SDP_CRYPTOS_MAX];
};

static bool has(struct slice text, const char *word)
{
	size_t at;

	return slice_search(text, slice_of_text(word), &at);
}

/* ---- what it says ---- */

/* Names of codecs are compared without regard to case (RFC 4855 3); of G722
 * and others the rate is often told wrong, which does no harm.  What a static
 * number means is not for a name to tell ("G729a" of 18; RFC 3551 6). */
#define CODEC_NAME_MAX 32u

static uint32_t codec_hash(const struct stages *s, const struct sdp_codec *c)
{
	struct slice known = sdp_static_name(c->payload_type);
	uint8_t name[CODEC_NAME_MAX];
	size_t n;

	if (!known.n)
		known = c->name;
	n = known.n < CODEC_NAME_MAX ? known.n : CODEC_NAME_MAX;
	for (size_t i = 0; i < n; i++)
		name[i] = known.p[i] | 0x20;
	return short_hash(s, slice_of(name, n));
}

/* Tones and comfort noise carry no call. */
static bool is_filler(const struct sdp_codec *c)
{
	return slice_is_nocase(c->name, "telephone-event") ||
	       slice_is_nocase(c->name, "CN");
}

static void draw_codecs(const struct stages *s, struct drawn *to,
			const struct sdp_media *media)
{
	uint8_t count = 0;

	for (size_t i = 0; i < media->codec_count; i++) {
		const struct sdp_codec *c = &media->codecs[i];

		to->section.tones |=
			slice_is_nocase(c->name, "telephone-event");
		if (is_filler(c))
			continue;
		if (!c->name.n || count == SECTION_CODECS_KEPT)
			to->section.codecs_unnamed = true;
		else
			to->codecs[count++] = codec_hash(s, c);
	}
	to->section.codec_count = count;
}

static uint32_t suite_hash(const struct stages *s, const struct sdp_crypto *c)
{
	uint8_t name[CODEC_NAME_MAX];
	size_t n = c->suite.n < CODEC_NAME_MAX ? c->suite.n : CODEC_NAME_MAX;

	for (size_t i = 0; i < n; i++)
		name[i] = c->suite.p[i] | 0x20;
	return short_hash(s, slice_of(name, n)) + c->scale;
}

static void draw_cryptos(const struct stages *s, struct drawn *to,
			 const struct sdp_media *media)
{
	to->section.cryptos_dropped = media->cryptos_dropped;
	to->section.crypto_count = media->crypto_count;
	for (unsigned i = 0; i < media->crypto_count; i++)
		to->cryptos[i] = (struct section_crypto){
			media->cryptos[i].tag,
			suite_hash(s, &media->cryptos[i])};
}

/* 0.0.0.0 is hold of old (RFC 2543 B.5), and 0.0.0.0 or :: of ICE. */
static bool is_at(const struct endpoint *e, enum address_family family)
{
	static const uint8_t nowhere[16];

	return e->family == family && memcmp(e->ip, nowhere, 16) != 0;
}

static void draw(const struct stages *s, struct drawn *to,
		 const struct sdp *sdp, const struct sdp_media *media)
{
	struct section *x = &to->section;

	memset(x, 0, sizeof(*x));
	x->kind = short_hash(s, media->kind);
	x->setup = (uint8_t)media->transport.setup;
	x->direction = (uint8_t)media->transport.direction;
	x->refused = media->port == 0 && !media->bundle_only;
	x->rtp = has(media->proto, "RTP/");
	x->secure = has(media->proto, "SAVP");
	x->feedback = has(media->proto, "AVPF");
	x->dtls = has(media->proto, "TLS");
	x->fingerprint = sdp_has_fingerprint(sdp, media);
	x->crypto = media->has_crypto || media->key_mgmt || media->encryption.n;
	x->rtcp_mux = media->rtcp_mux;
	x->rtcp_mux_only = media->rtcp_mux_only;
	x->potential = media->potential;
	x->taken = media->taken;
	x->at_ipv4 = is_at(&media->transport.address, FAMILY_IPV4);
	x->at_ipv6 = is_at(&media->transport.address, FAMILY_IPV6);
	if (media->bypass_id.n)
		x->bypass = short_hash(s, media->bypass_id) | 1;
	draw_codecs(s, to, media);
	draw_cryptos(s, to, media);
}

/* ---- the same again ---- */

static bool is_drawn(const struct section *kept, const struct drawn *drawn)
{
	struct section plain = *kept;

	plain.codecs = NULL;
	plain.cryptos = NULL;
	/* What differs in padding alone is kept twice. */
	return memcmp(&plain, &drawn->section, sizeof(plain)) == 0 &&
	       (!kept->codec_count ||
		memcmp(kept->codecs, drawn->codecs,
		       kept->codec_count * sizeof(*kept->codecs)) == 0) &&
	       (!kept->crypto_count ||
		memcmp(kept->cryptos, drawn->cryptos,
		       kept->crypto_count * sizeof(*kept->cryptos)) == 0);
}

static bool are_known(const struct stages *s, const struct sdp *sdp,
		      const struct known_sections *known)
{
	struct drawn drawn;

	if (!known->list || known->count != sdp->media_count)
		return false;
	for (size_t i = 0; i < sdp->media_count; i++) {
		draw(s, &drawn, sdp, &sdp->media[i]);
		if (!is_drawn(&known->list[i], &drawn))
			return false;
	}
	return true;
}

/* ---- kept ---- */

/* The list in the arena, once for those that have the same; NULL: no room. */
static const uint32_t *keep_codecs(struct stages *s, const uint32_t *codecs,
				   uint8_t count)
{
	struct codecs_kept *to = &s->codecs[s->next_codecs % CODECS_REMEMBERED];
	size_t bytes = count * sizeof(*codecs);
	uint32_t *kept;

	for (size_t i = 0; i < CODECS_REMEMBERED; i++)
		if (s->codecs[i].count == count &&
		    memcmp(s->codecs[i].codecs, codecs, bytes) == 0)
			return s->codecs[i].codecs;
	kept = arena_array(&s->model->arena, count, sizeof(*kept));
	if (!kept) {
		s->model->out_of_memory = true;
		return NULL;
	}
	memcpy(kept, codecs, bytes);
	*to = (struct codecs_kept){kept, count};
	s->next_codecs++;
	return kept;
}

static const struct section_crypto *
keep_cryptos(struct stages *s, const struct section_crypto *cryptos,
	     uint8_t count)
{
	struct section_crypto *kept =
		arena_array(&s->model->arena, count, sizeof(*kept));

	if (kept)
		memcpy(kept, cryptos, count * sizeof(*kept));
	else
		s->model->out_of_memory = true;
	return kept;
}

static void keep(struct stages *s, struct section *to,
		 const struct drawn *drawn)
{
	*to = drawn->section;
	if (to->codec_count)
		to->codecs = keep_codecs(s, drawn->codecs, to->codec_count);
	if (!to->codecs)
		to->codec_count = 0;
	if (to->crypto_count)
		to->cryptos = keep_cryptos(s, drawn->cryptos, to->crypto_count);
	if (!to->cryptos)
		to->crypto_count = 0;
}

const struct section *sections_of(struct stages *s, const struct sdp *sdp,
				  const struct known_sections *known,
				  size_t known_count)
{
	struct section *kept;
	struct drawn drawn;

	if (sdp->media_count == 0)
		return NULL;
	for (size_t i = 0; i < known_count; i++)
		if (are_known(s, sdp, &known[i]))
			return known[i].list;
	kept = arena_array(&s->model->arena, sdp->media_count, sizeof(*kept));
	if (!kept) {
		s->model->out_of_memory = true;
		return NULL;
	}
	for (size_t i = 0; i < sdp->media_count; i++) {
		draw(s, &drawn, sdp, &sdp->media[i]);
		keep(s, &kept[i], &drawn);
	}
	return kept;
}
