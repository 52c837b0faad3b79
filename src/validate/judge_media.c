/* What came after set-up: did DTLS and media flow? */
#include "config.h"

#include "dissectors/tls.h"
#include "validate/verdict_state.h"

/* A call shorter than this need not have had media. */
#define MEDIA_PATIENCE (2 * NS_PER_S)

static const struct media *media_at(struct judging *j, size_t i)
{
	return list_at(&j->model->media, j->call->media.list[i]);
}

static bool are_opposite(const struct media *a, const struct media *b)
{
	return endpoint_same_ip(&a->src, &b->dst) &&
	       endpoint_same_ip(&a->dst, &b->src);
}

/* Does any host get media back from where it sends to, and later than that? */
static bool flows_behind(struct judging *j, nanoseconds time)
{
	for (size_t i = 0; i < j->call->media.count; i++)
		for (size_t k = 0; k < i; k++)
			if (are_opposite(media_at(j, i), media_at(j, k)) &&
			    media_at(j, i)->last >= time &&
			    media_at(j, k)->last >= time)
				return true;
	return false;
}

bool media_both_ways(struct judging *j)
{
	return flows_behind(j, 0);
}

bool media_goes_on(struct judging *j, nanoseconds since)
{
	return flows_behind(j, since + MEDIA_PATIENCE);
}

/* Does any host both send and get media? */
static bool sends_and_gets(struct judging *j)
{
	for (size_t i = 0; i < j->call->media.count; i++)
		for (size_t k = 0; k < j->call->media.count; k++)
			if (endpoint_same_ip(&media_at(j, i)->src,
					     &media_at(j, k)->dst))
				return true;
	return false;
}

enum handshakes handshakes_of(struct judging *j)
{
	enum handshakes all = HANDSHAKES_OPEN;

	for (size_t i = 0; i < j->call->handshakes.count; i++) {
		const struct handshake *h = list_at(
			&j->model->handshakes, j->call->handshakes.list[i]);

		if (h->finished[0] && h->finished[1])
			return HANDSHAKES_DONE;
		if (h->alert)
			all = HANDSHAKES_FAILED;
	}
	return all;
}

bool certificates_differ(struct judging *j)
{
	bool any = false;

	if (media_both_ways(j))
		return false;
	for (size_t i = 0; i < j->call->handshakes.count; i++) {
		const struct handshake *h = list_at(
			&j->model->handshakes, j->call->handshakes.list[i]);

		if (h->fingerprint != CERTIFICATE_DIFFERS)
			return false;
		any = true;
	}
	return any;
}

/* The alert of a side that does not take the other one's certificate; one that
 * cannot be read comes where that is looked at (RFC 8827 6.5). */
#define DECRYPT_ERROR 51u

static bool is_refusal(const struct handshake *h)
{
	return h->alert == ALERT_SEALED + 1 ||
	       tls_alert_is_about_certificate(h->alert - 1u) ||
	       h->alert - 1u == DECRYPT_ERROR;
}

static const char *alert_text(struct judging *j, const struct handshake *h)
{
	char by[ENDPOINT_TEXT_MAX];

	endpoint_string(h->alert_by_b ? &h->b : &h->a, by);
	if (h->alert == ALERT_SEALED + 1)
		return model_sentence(j->model, "encrypted, of %s", by);
	return model_sentence(j->model, "%s (%u), says %s",
			      tls_alert_name(h->alert - 1u), h->alert - 1u, by);
}

static void judge_handshakes(struct judging *j)
{
	for (size_t i = 0; i < j->call->handshakes.count; i++) {
		const struct handshake *h = list_at(
			&j->model->handshakes, j->call->handshakes.list[i]);

		if (h->alert && !(h->finished[0] && h->finished[1]))
			blame_all(j,
				  is_refusal(h) ? RULE_MEDIA_DTLS_FAILED
						: RULE_MEDIA_DTLS_NOT_AGREED,
				  &h->cited, h->last, alert_text(j, h));
	}
}

/* Was there time for media that the capture would show? */
static bool had_time(struct judging *j)
{
	const struct dialog *d = j->dialog;
	nanoseconds end =
		d->ended ? when(j, d->ended) : seen_until(j, d->answer);

	return end - when(j, d->answer) >= MEDIA_PATIENCE;
}

/* Where to, of what there is most: the first question of who looks. */
static const char *one_way_text(struct judging *j)
{
	char src[ENDPOINT_TEXT_MAX], dst[ENDPOINT_TEXT_MAX];
	const struct media *most = media_at(j, 0);

	for (size_t i = 1; i < j->call->media.count; i++)
		if (media_at(j, i)->packets > most->packets)
			most = media_at(j, i);
	return model_sentence(j->model, "only from %s to %s",
			      endpoint_string(&most->src, src),
			      endpoint_string(&most->dst, dst));
}

bool is_half_captured(struct judging *j)
{
	const struct session *rows = j->model->sessions.rows;
	const struct pair *pairs = j->model->pairs.rows;

	for (uint32_t i = 0; i < j->call->sessions.count; i++)
		for (size_t k = rows[j->call->sessions.list[i]].first_pair;
		     k != LIST_NONE; k = pairs[k].next)
			if (pairs[k].half_seen)
				return true;
	return false;
}

/* With ICE the two directions may take different ways. */
static void judge_directions(struct judging *j, place_number place)
{
	if (media_both_ways(j) || is_half_captured(j))
		return;
	if (!sends_and_gets(j))
		blame(j, RULE_MEDIA_ONE_WAY, place, one_way_text(j));
	else if (j->call->sessions.count == 0)
		blame(j, RULE_MEDIA_NOT_RETURNED, place, NULL);
}

/* So many calls are not all without media: who made the capture left it out,
 * as a filter for SIP and STUN does. */
#define FILTERED_LEAST 5u

/* Is the way that was chosen captured?  Its checks are, which go between the
 * same ports. */
static bool would_show_media(struct judging *j)
{
	const struct session *rows = j->model->sessions.rows;
	const struct pair *pairs = j->model->pairs.rows;

	if (j->model->calls.count >= FILTERED_LEAST)
		return false;
	for (uint32_t i = 0; i < j->call->sessions.count; i++)
		for (size_t k = rows[j->call->sessions.list[i]].first_pair;
		     k != LIST_NONE; k = pairs[k].next)
			if (pairs[k].selected && pairs[k].way[0].responses &&
			    pairs[k].way[1].responses)
				return true;
	return false;
}

/* Without a handshake there is more to say than that (media/dtls-not-begun). */
static bool waits_for_keys(struct judging *j)
{
	return j->dialog->offer.fingerprint && j->dialog->reply.fingerprint &&
	       j->call->handshakes.count == 0;
}

void judge_media(struct judging *j)
{
	const struct dialog *d = j->dialog;
	bool there, back;

	judge_handshakes(j);
	if (j->call->outcome != OUTCOME_ESTABLISHED || !d || !d->reply.place ||
	    !had_time(j))
		return;
	/* What the descriptions let flow (RFC 3264 5.1). */
	there = d->offer.sends && d->reply.receives;
	back = d->reply.sends && d->offer.receives;
	if (j->call->media.count) {
		if (there && back)
			judge_directions(j, d->answer);
	} else if ((there || back) && !j->call->media_shared &&
		   (j->model->media.count ||
		    (would_show_media(j) && !waits_for_keys(j)))) {
		/* A capture without any media was made that way. */
		blame(j, RULE_MEDIA_NONE, d->answer, NULL);
	}
}
