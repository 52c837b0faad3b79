/* Facts of descriptions: what offer and answer have to agree in (RFC 3264 6),
 * and how a later one differs from an earlier one. */
#include "config.h"

#include "flow/facts.h"

static bool has(struct slice text, const char *word)
{
	size_t at;

	return slice_search(text, slice_of_text(word), &at);
}

/* ---- sections ---- */

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

static void add_codecs(struct stages *s, struct section *to,
		       const struct sdp_media *media)
{
	uint32_t codecs[SECTION_CODECS_KEPT];
	uint8_t count = 0;

	for (size_t i = 0; i < media->codec_count; i++) {
		const struct sdp_codec *c = &media->codecs[i];

		to->tones |= slice_is_nocase(c->name, "telephone-event");
		if (is_filler(c))
			continue;
		if (!c->name.n || count == SECTION_CODECS_KEPT)
			to->codecs_unnamed = true;
		else
			codecs[count++] = codec_hash(s, c);
	}
	if (!count)
		return;
	to->codecs = keep_codecs(s, codecs, count);
	to->codec_count = to->codecs ? count : 0;
}

static uint32_t suite_hash(const struct stages *s, const struct sdp_crypto *c)
{
	uint8_t name[CODEC_NAME_MAX];
	size_t n = c->suite.n < CODEC_NAME_MAX ? c->suite.n : CODEC_NAME_MAX;

	for (size_t i = 0; i < n; i++)
		name[i] = c->suite.p[i] | 0x20;
	return short_hash(s, slice_of(name, n)) + c->scale;
}

static void add_cryptos(struct stages *s, struct section *to,
			const struct sdp_media *media)
{
	struct section_crypto *rows;

	to->cryptos_dropped = media->cryptos_dropped;
	if (!media->crypto_count)
		return;
	rows = arena_array(&s->model->arena, media->crypto_count,
			   sizeof(*rows));
	if (!rows) {
		s->model->out_of_memory = true;
		return;
	}
	for (unsigned i = 0; i < media->crypto_count; i++)
		rows[i] = (struct section_crypto){
			media->cryptos[i].tag,
			suite_hash(s, &media->cryptos[i])};
	to->cryptos = rows;
	to->crypto_count = media->crypto_count;
}

static void fill(struct stages *s, struct section *to, const struct sdp *sdp,
		 const struct sdp_media *media)
{
	to->kind = short_hash(s, media->kind);
	to->setup = (uint8_t)media->transport.setup;
	to->refused = media->port == 0 && !media->bundle_only;
	to->rtp = has(media->proto, "RTP/");
	to->secure = has(media->proto, "SAVP");
	to->feedback = has(media->proto, "AVPF");
	to->dtls = has(media->proto, "TLS");
	to->fingerprint = sdp_has_fingerprint(sdp, media);
	to->crypto =
		media->has_crypto || media->key_mgmt || media->encryption.n;
	to->rtcp_mux = media->rtcp_mux;
	to->rtcp_mux_only = media->rtcp_mux_only;
	if (media->bypass_id.n)
		to->bypass = short_hash(s, media->bypass_id) | 1;
	add_codecs(s, to, media);
	add_cryptos(s, to, media);
}

/* [MS-ICE] clients send two descriptions of one offer: neither is all. */
static bool is_alone(const struct message *m)
{
	size_t count = 0;

	for (size_t i = 0; i < m->content_count; i++)
		count += m->contents[i].sdp != NULL;
	return count == 1;
}

void facts_sections(struct stages *s, struct description *d,
		    const struct sdp *sdp)
{
	if (sdp->media_count == 0)
		return;
	d->sections = arena_array(&s->model->arena, sdp->media_count,
				  sizeof(*d->sections));
	if (!d->sections) {
		s->model->out_of_memory = true;
		return;
	}
	for (size_t i = 0; i < sdp->media_count; i++)
		fill(s, &d->sections[i], sdp, &sdp->media[i]);
}

/* ---- what changes ---- */

static uint32_t mix(const struct stages *s, uint32_t hash, struct slice value)
{
	return (uint32_t)hash_mix(((uint64_t)hash << 32) |
				  short_hash(s, value));
}

/* Where the answer lets media go: addresses, ports, ICE credentials. */
static uint32_t way_of_media(const struct stages *s, const struct sdp *sdp)
{
	uint32_t hash = 1;

	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];
		const struct sdp_transport *t = &media->transport;

		hash = mix(s, hash, slice_of(&media->port, 2));
		hash = mix(s, hash, slice_of(&t->address, sizeof(t->address)));
		hash = mix(s, hash, t->ice_ufrag);
		hash = mix(s, hash, t->ice_pwd);
	}
	return hash;
}

/* Of the answers to the first INVITE, as the caller gets them. */
static void note_answer(struct stages *s, struct dialog *d,
			const struct message *m, const struct sdp *sdp)
{
	const struct sip_message *sip = m->u.sip;

	if (sip->request || sip->method != SIP_INVITE || sip->cseq != d->cseq ||
	    sip->status >= 300 || !d->caller_offers ||
	    !stages_is_dst(s, &m->from, d->src) || !is_alone(m) ||
	    has(sdp->ice_options, "trickle"))
		return;
	facts_note(s, &d->facts, FACT_ANSWER,
		   short_hash(s, sip->to_tag) << 16 |
			   (way_of_media(s, sdp) & 0xFFFF),
		   m);
}

/* RFC 8839 4.4.1.1.1: a restart changes both. */
static void note_names(struct stages *s, struct dialog *d,
		       const struct message *m, const struct sdp *sdp)
{
	const struct sdp_transport *t = &sdp->media[0].transport;
	bool caller = (stages_hash(s, m->u.sip->from_tag) == d->from_tag) ==
		      m->u.sip->request;
	uint32_t *old = d->ice_names[!caller];
	uint32_t new[2];

	if (!t->ice_ufrag.n || !t->ice_pwd.n)
		return;
	new[0] = short_hash(s, t->ice_ufrag) | 1;
	new[1] = short_hash(s, t->ice_pwd) | 1;
	if (old[0] && (old[0] == new[0]) != (old[1] == new[1]))
		facts_note(s, &d->facts, FACT_ICE_HALF, 0, m);
	old[0] = new[0];
	old[1] = new[1];
}

/* An address that only its own network can reach, as a server outside sees
 * it, with nothing that would find another way. */
static void note_private(struct stages *s, struct dialog *d,
			 const struct message *m, const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];
		const struct endpoint *at = &media->transport.address;

		if (media->port && !media->candidate_count &&
		    !media->transport.ice_ufrag.n &&
		    at->family != FAMILY_NONE && endpoint_is_private(at) &&
		    endpoint_is_public(&m->from.src)) {
			facts_note(s, &d->facts, FACT_PRIVATE_OFFER, 0, m);
			return;
		}
	}
}

/* What is usual is not worth a row. */
#define PTIME_USUAL 20u

/* How streams have to look that go by these sections. */
static void note_streams(struct stages *s, struct dialog *d,
			 const struct message *m, const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];

		if (!media->port)
			continue;
		if (media->ssrc_last) {
			facts_note(s, &d->facts, FACT_SSRC_FIRST,
				   media->ssrc_first, m);
			facts_note(s, &d->facts, FACT_SSRC_LAST,
				   media->ssrc_last, m);
		}
		if (media->ptime && media->ptime != PTIME_USUAL)
			facts_note(s, &d->facts, FACT_PTIME,
				   (uint32_t)media->port << 16 | media->ptime,
				   m);
	}
}

void facts_sdp(struct stages *s, struct dialog *d, const struct message *m,
	       const struct sdp *sdp)
{
	if (sdp->fragment || sdp->media_count == 0)
		return;
	if (has(sdp->ice_options, "ice2"))
		facts_note(s, &d->facts, FACT_ICE2, 0, m);
	if (sdp->ice_mismatch)
		facts_note(s, &d->facts, FACT_ICE_MISMATCH, 0, m);
	note_streams(s, d, m, sdp);
	note_answer(s, d, m, sdp);
	note_names(s, d, m, sdp);
	note_private(s, d, m, sdp);
}
