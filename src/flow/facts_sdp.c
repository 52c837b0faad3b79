/* Facts of descriptions: how a later one differs from an earlier one. */
#include "config.h"

#include "flow/facts.h"

static bool has(struct slice text, const char *word)
{
	size_t at;

	return slice_search(text, slice_of_text(word), &at);
}

/* [MS-ICE] clients send two descriptions of one offer: neither is all. */
bool facts_is_alone(const struct message *m)
{
	size_t count = 0;

	for (size_t i = 0; i < m->content_count; i++)
		count += m->contents[i].sdp != NULL;
	return count == 1;
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

/* What RFC 3264 8 lets change under a new version only. */
static uint32_t what_of_media(const struct stages *s, const struct sdp *sdp)
{
	uint32_t hash = way_of_media(s, sdp);

	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];
		uint8_t direction = (uint8_t)media->transport.direction;

		hash = mix(s, hash, media->formats);
		hash = mix(s, hash, slice_of(&direction, 1));
	}
	return hash;
}

/* Each side counts its descriptions, whoever offers; answers to one request
 * are one of them, and what comes without a To tag begins anew. */
static void note_version(struct stages *s, struct dialog *d,
			 const struct message *m, const struct sdp *sdp)
{
	const struct sip_message *sip = m->u.sip;
	bool caller =
		(stages_hash(s, sip->from_tag) == d->from_tag) == sip->request;
	struct told_version *old = &d->versions[!caller];
	struct told_version new = {
		.src = stages_src(s, &m->from),
		.cseq = sip->cseq,
	};

	new.media = what_of_media(s, sdp);
	if (new.cseq != old->cseq && new.media != old->media &&
	    !dialog_is_setup(s, d, sip))
		facts_note(s, &d->facts, FACT_MEDIA_CHANGED, 0, m);
	if ((old->src && old->src != new.src) || !facts_is_alone(m))
		return;
	if (sdp_is_numbered(sdp))
		new.origin = short_hash(s, sdp->origin) | 1;
	if (sip->to_tag.n && new.origin && new.origin == old->origin &&
	    new.media != old->media && new.cseq != old->cseq)
		facts_note(s, &d->facts, FACT_VERSION_KEPT, 0, m);
	*old = new;
}

/* Of the answers to the first INVITE, as the caller gets them. */
static void note_answer(struct stages *s, struct dialog *d,
			const struct message *m, const struct sdp *sdp)
{
	const struct sip_message *sip = m->u.sip;

	if (sip->request || sip->method != SIP_INVITE || sip->cseq != d->cseq ||
	    sip->status >= 300 || !d->caller_offers ||
	    !stages_is_dst(s, &m->from, d->src) || !facts_is_alone(m) ||
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

/* A client says what it has (3.1.5.29); servers say nothing. */
static void note_devices(struct stages *s, struct dialog *d,
			 const struct message *m, const struct sdp *sdp)
{
	bool send, receive;
	uint32_t lacks;

	if (!sdp->device_caps.n ||
	    !sdp_device_of(sdp->device_caps, "audio", &send, &receive))
		return;
	lacks = (send ? 0 : NO_MICROPHONE) | (receive ? 0 : NO_SPEAKER);
	for (size_t i = 0; lacks && i < sdp->media_count; i++)
		if (sdp->media[i].port &&
		    slice_is(sdp->media[i].kind, "audio")) {
			facts_note(s, &d->facts, FACT_NO_DEVICE, lacks, m);
			return;
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
	note_devices(s, d, m, sdp);
	note_streams(s, d, m, sdp);
	note_answer(s, d, m, sdp);
	note_names(s, d, m, sdp);
	note_version(s, d, m, sdp);
	note_private(s, d, m, sdp);
}
