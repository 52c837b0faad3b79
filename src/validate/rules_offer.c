/* Rules of offer and answer (RFC 3264, RFC 8839): stage 4 as well. */
#include "config.h"

#include "dissectors/sdp.h"
#include "dissectors/sip.h"
#include "validate/checks.h"

/* What one offer and its answer agree on: those that make the call, or change
 * it later; or of branches that did not get the call, only. */
struct agreed {
	bool of_branches;
	const struct section *offer, *answer;
	unsigned offer_lines, answer_lines;
	place_number offered, answered;
	const struct agreement *later; /* NULL: the first */
};

/* Both sides of a section that is in use. */
struct sides {
	const struct section *offer, *answer;
};

/* Goes on from the one before: at first all zero.  False: there is no more. */
static bool next_agreed(const struct judging *j, struct agreed *a)
{
	const struct dialog *d = j->dialog;
	const struct agreement *row;
	uint32_t at;

	if (!d)
		return false;
	if (!a->offered && !a->answered && !a->of_branches &&
	    (d->offer.place || d->reply.place)) {
		*a = (struct agreed){
			.offer = d->offer.sections,
			.answer = d->reply.sections,
			.offer_lines = d->offer.media_lines,
			.answer_lines = d->reply.media_lines,
			.offered = d->offer.place,
			.answered = d->reply.heard ? d->reply.heard
						   : d->reply.place,
		};
		return true;
	}
	at = a->later ? a->later->next : d->agreements - 1;
	while (at != CHAIN_END) {
		row = list_at(&j->model->agreements, at);
		at = row->next;
		if (!row->answered || row->of_branch != a->of_branches)
			continue;
		*a = (struct agreed){
			.of_branches = row->of_branch,
			.offer = row->offer,
			.answer = row->answer,
			.offer_lines = row->offer_lines,
			.answer_lines = row->answer_lines,
			.offered = row->offered,
			.answered = row->answered,
			.later = row,
		};
		return true;
	}
	return false;
}

/* Did it do no harm?  Of a change media tells that goes on behind it.  A branch
 * that did not get the call matters where that has nothing else to tell. */
static bool did_well(struct judging *j, const struct agreed *a)
{
	if (a->of_branches)
		return !went_well(j);
	return a->later ? media_goes_on(j, when(j, a->answered))
			: went_well(j);
}

/* " of the re-INVITE"; "" of the first. */
static const char *carrier(const struct agreed *a)
{
	if (!a->later)
		return "";
	if (a->of_branches)
		return " of a branch that did not get the call";
	return a->later->method == SIP_UPDATE  ? " of the UPDATE"
	       : a->later->method == SIP_PRACK ? " of the PRACK"
					       : " of the re-INVITE";
}

static bool sides_of(const struct agreed *a, unsigned i, struct sides *out)
{
	if (!a->offer || !a->answer || a->offer_lines != a->answer_lines)
		return false;
	out->offer = &a->offer[i];
	out->answer = &a->answer[i];
	return !out->offer->refused && !out->answer->refused;
}

static bool any_wrong(const struct agreed *a,
		      bool (*wrong)(const struct sides *sides), unsigned *at)
{
	struct sides sides;

	for (unsigned i = 0; i < a->offer_lines; i++)
		if (sides_of(a, i, &sides) && wrong(&sides)) {
			*at = i;
			return true;
		}
	return false;
}

/* The call does without what a branch answered that did not get it. */
static void ease_branch(struct judging *j, const struct rule *self)
{
	struct note *notes = j->model->notes.rows;

	for (size_t i = j->call->notes.first; i != LIST_NONE; i = notes[i].next)
		if (notes[i].rule == self)
			notes[i].eased = true;
}

static bool found_sides(struct judging *j, const struct rule *self,
			struct agreed a,
			bool (*wrong)(const struct sides *sides), bool harmful)
{
	unsigned at;

	while (next_agreed(j, &a)) {
		if (!any_wrong(&a, wrong, &at) ||
		    ((harmful || a.of_branches) && did_well(j, &a)))
			continue;
		found_answer(j, self, a.offered, a.answered,
			     model_sentence(j->model, "section %u%s", at + 1,
					    carrier(&a)));
		if (a.of_branches)
			ease_branch(j, self);
		return true;
	}
	return false;
}

/* Does any section in use have this fault?  Notes it at the first answer that
 * has it; `harmful`: unless that did no harm. */
static void check_sides(struct judging *j, const struct rule *self,
			bool (*wrong)(const struct sides *sides), bool harmful)
{
	if (!found_sides(j, self, (struct agreed){.of_branches = false}, wrong,
			 harmful))
		(void)found_sides(j, self, (struct agreed){.of_branches = true},
				  wrong, harmful);
}

/* Does any section of this description have it? */
static bool found_section(struct judging *j, const struct rule *self,
			  const struct agreed *a, bool answer,
			  bool (*wrong)(const struct section *section))
{
	const struct section *list = answer ? a->answer : a->offer;
	unsigned count = answer ? a->answer_lines : a->offer_lines;

	for (unsigned i = 0; list && i < count; i++) {
		if (list[i].refused || !wrong(&list[i]))
			continue;
		found(j, self, answer ? a->answered : a->offered,
		      model_sentence(j->model, "section %u of the %s%s", i + 1,
				     answer ? "answer" : "offer", carrier(a)));
		return true;
	}
	return false;
}

static void check_sections(struct judging *j, const struct rule *self,
			   bool (*wrong)(const struct section *section),
			   bool harmful)
{
	struct agreed a = {0};

	while (next_agreed(j, &a)) {
		if (harmful && did_well(j, &a))
			continue;
		if (found_section(j, self, &a, false, wrong) ||
		    found_section(j, self, &a, true, wrong))
			return;
	}
}

/* ---- offer against answer ---- */

static void check_lines(struct judging *j, const struct rule *self)
{
	struct agreed a = {0};

	while (next_agreed(j, &a))
		if (a.offer && a.answer && a.offer_lines != a.answer_lines) {
			found_answer(j, self, a.offered, a.answered,
				     model_sentence(j->model,
						    "%u in the offer, %u in "
						    "the answer%s",
						    a.offer_lines,
						    a.answer_lines,
						    carrier(&a)));
			return;
		}
}

static bool no_codec_in_common(const struct sides *s)
{
	if (!s->offer->rtp || !s->answer->rtp || s->offer->codecs_unnamed ||
	    s->answer->codecs_unnamed || !s->offer->codec_count ||
	    !s->answer->codec_count)
		return false;
	for (unsigned i = 0; i < s->answer->codec_count; i++)
		for (unsigned k = 0; k < s->offer->codec_count; k++)
			if (s->answer->codecs[i] == s->offer->codecs[k])
				return false;
	return true;
}

static void check_codecs(struct judging *j, const struct rule *self)
{
	check_sides(j, self, no_codec_in_common, true);
}

/* [MS-SDPEXT] 3.1.5: keys beside RTP/AVP offer encryption, the answer with
 * RTP/SAVP takes it. */
static bool takes_encryption(const struct sides *s)
{
	return !s->offer->secure && s->offer->crypto && s->answer->secure &&
	       s->answer->crypto;
}

/* RFC 5939 3.6.2: the answer takes what the offer has beside its m= line. */
static bool takes_configuration(const struct sides *s)
{
	return s->offer->potential && s->answer->taken;
}

static bool profiles_differ(const struct sides *s)
{
	return s->offer->rtp && s->answer->rtp && !takes_encryption(s) &&
	       !takes_configuration(s) &&
	       (s->offer->secure != s->answer->secure ||
		s->offer->feedback != s->answer->feedback);
}

static void check_profiles(struct judging *j, const struct rule *self)
{
	check_sides(j, self, profiles_differ, false);
}

static bool mux_refused(const struct sides *s)
{
	return s->offer->rtcp_mux_only && !s->answer->rtcp_mux &&
	       !s->answer->rtcp_mux_only;
}

static void check_mux(struct judging *j, const struct rule *self)
{
	check_sides(j, self, mux_refused, false);
}

static bool answers_actpass(const struct sides *s)
{
	return s->answer->setup == SDP_SETUP_ACTPASS && s->answer->fingerprint;
}

static void check_actpass(struct judging *j, const struct rule *self)
{
	check_sides(j, self, answers_actpass, false);
}

/* Both wait, or both begin. */
static bool same_setup(const struct sides *s)
{
	return s->offer->fingerprint && s->answer->fingerprint &&
	       s->offer->setup == s->answer->setup &&
	       (s->offer->setup == SDP_SETUP_ACTIVE ||
		s->offer->setup == SDP_SETUP_PASSIVE);
}

static void check_setup(struct judging *j, const struct rule *self)
{
	check_sides(j, self, same_setup, true);
}

/* ---- keys of SDES (RFC 4568 5.1.2) ---- */

static const struct section_crypto *crypto_with(const struct section *s,
						uint32_t tag)
{
	for (unsigned i = 0; i < s->crypto_count; i++)
		if (s->cryptos[i].tag == tag)
			return &s->cryptos[i];
	return NULL;
}

/* Where all that was offered is known. */
static bool is_keyed(const struct sides *s)
{
	return s->offer->crypto_count && !s->offer->cryptos_dropped &&
	       s->answer->crypto_count;
}

static bool takes_unknown_tag(const struct sides *s)
{
	return is_keyed(s) && !crypto_with(s->offer, s->answer->cryptos[0].tag);
}

static bool changes_suite(const struct sides *s)
{
	const struct section_crypto *taken =
		is_keyed(s) ? crypto_with(s->offer, s->answer->cryptos[0].tag)
			    : NULL;

	return taken && taken->suite != s->answer->cryptos[0].suite;
}

static bool answers_several(const struct sides *s)
{
	return is_keyed(s) && s->answer->crypto_count > 1;
}

static void check_tag(struct judging *j, const struct rule *self)
{
	check_sides(j, self, takes_unknown_tag, true);
}

static void check_suite(struct judging *j, const struct rule *self)
{
	check_sides(j, self, changes_suite, true);
}

static void check_several(struct judging *j, const struct rule *self)
{
	check_sides(j, self, answers_several, false);
}

static bool repeats_tag(const struct section *s)
{
	for (unsigned i = 0; i < s->crypto_count; i++)
		if (crypto_with(s, s->cryptos[i].tag) != &s->cryptos[i])
			return true;
	return false;
}

static void check_repeated_tag(struct judging *j, const struct rule *self)
{
	check_sections(j, self, repeats_tag, false);
}

static void check_without_ice(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	/* Whoever is heard without ICE needs none. */
	if (d && d->offer.ice && d->reply.place && !d->reply.ice &&
	    dialog_answered(d) && !dialog_bypasses(d) && !went_well(j))
		found_answer(j, self, d->offer.place, d->reply.place, NULL);
}

/* RFC 4733 2.5.1.1: tones can be sent as events where both say so. */
static bool loses_tones(const struct sides *s)
{
	return s->offer->rtp && s->answer->rtp && s->offer->tones &&
	       !s->answer->tones;
}

/* Then digits, if there are any, go in INFO (RFC 6086), or as sound. */
static bool has_info(struct judging *j)
{
	const struct sip_row *rows = j->model->sip_rows.rows;
	const struct chain *seen = &j->dialog->messages_seen;
	uint32_t at = seen->count ? seen->first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next) {
		const char *method = text_at(j->model, rows[at].method);

		if (method && strcmp(method, "INFO") == 0)
			return true;
	}
	return false;
}

static bool any_loses_tones(struct judging *j, struct agreed a)
{
	unsigned at;

	while (next_agreed(j, &a))
		if (any_wrong(&a, loses_tones, &at))
			return true;
	return false;
}

/* Most agree on them: that costs less than to look through the messages. */
static void check_tones(struct judging *j, const struct rule *self)
{
	if (j->dialog &&
	    (any_loses_tones(j, (struct agreed){.of_branches = false}) ||
	     any_loses_tones(j, (struct agreed){.of_branches = true})) &&
	    has_info(j))
		check_sides(j, self, loses_tones, false);
}

static void check_both_lite(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	if (d && d->offer.lite && d->reply.lite)
		found_answer(j, self, d->offer.place, d->reply.place, NULL);
}

/* ---- one description ---- */

/* `over`: none came later, either. */
static bool lacks_candidates(const struct description *d, bool over)
{
	return d->place && d->ice && d->ufrag && !d->candidate_count &&
	       (over || !d->trickles);
}

static void check_candidates(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;
	bool over = j->first[STAGE_PROBING] == self;

	if (!dialog_answered(d) || went_well(j))
		return;
	if (lacks_candidates(&d->offer, over) && !d->other)
		found(j, self, d->offer.place, "the offer");
	else if (lacks_candidates(&d->reply, over))
		found_answer(j, self, d->offer.place, d->reply.place,
			     "the answer");
}

static bool no_fingerprint(const struct section *s)
{
	return s->dtls && s->secure && !s->fingerprint && !s->crypto;
}

static void check_fingerprint(struct judging *j, const struct rule *self)
{
	check_sections(j, self, no_fingerprint, true);
}

static bool no_key(const struct section *s)
{
	return s->rtp && s->secure && !s->dtls && !s->crypto && !s->fingerprint;
}

static void check_key(struct judging *j, const struct rule *self)
{
	check_sections(j, self, no_key, false);
}

/* RFC 3264 6.1: who may only send gets nothing back, who may only receive is
 * sent to, and where both may not, neither does. */
static bool direction_wrong(const struct sides *s)
{
	switch ((enum sdp_direction)s->offer->direction) {
	case SDP_SENDONLY:
		return s->answer->direction == SDP_SENDRECV ||
		       s->answer->direction == SDP_SENDONLY;
	case SDP_RECVONLY:
		return s->answer->direction == SDP_SENDRECV ||
		       s->answer->direction == SDP_RECVONLY;
	case SDP_INACTIVE:
		return s->answer->direction != SDP_INACTIVE;
	case SDP_SENDRECV:
		break;
	}
	return false;
}

static void check_direction(struct judging *j, const struct rule *self)
{
	check_sides(j, self, direction_wrong, false);
}

static bool is_stopped(const struct sides *s)
{
	return s->offer->rtp && s->offer->direction != SDP_INACTIVE &&
	       s->answer->direction == SDP_INACTIVE;
}

static void check_stopped(struct judging *j, const struct rule *self)
{
	check_sides(j, self, is_stopped, true);
}

static bool families_differ(const struct sides *s)
{
	return s->offer->rtp && ((s->offer->at_ipv4 && s->answer->at_ipv6) ||
				 (s->offer->at_ipv6 && s->answer->at_ipv4));
}

/* With ICE other candidates may fit. */
static void check_families(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	if (d && !d->offer.ice && !d->reply.ice)
		check_sides(j, self, families_differ, true);
}

static void check_mismatch(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_ICE_MISMATCH);

	if (f)
		found_fact(j, self, f, NULL);
}

static void check_private(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_PRIVATE_OFFER);

	/* A server in between may send to where media comes from. */
	if (f && !media_both_ways(j))
		found_fact(j, self, f, NULL);
}

/* RFC 3261 13.2.1: an answer that comes again is the same. */
static void check_changed(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_ANSWER);

	for (; f; f = fact_after(j->model, f))
		for (const struct fact *g = fact_after(j->model, f); g;
		     g = fact_after(j->model, g))
			if (f->value >> 16 == g->value >> 16) {
				found_fact(j, self, g, NULL);
				return;
			}
}

static void check_version(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_VERSION_KEPT);

	if (f)
		found_fact(j, self, f, NULL);
}

const struct rule *rule_no_candidates(void)
{
	const struct rule *rule = rules_offer;

	while (rule->check != check_candidates)
		rule++;
	return rule;
}

/* RFC 3261 13.2.1: an offer in the 2xx is answered in the ACK. */
static void check_offer_left(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;
	const struct fact *f = dialog_fact(j, FACT_ACK_BARE);

	if (f && d->offer.place && !d->reply.place && !d->caller_offers)
		found_answer(j, self, d->offer.place, f->first, NULL);
}

/* ---- the table ---- */

const struct rule rules_offer[] = {
	{
		.id = "exchange/no-tones",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "telephone-event is offered and not taken, and digits "
			 "go in INFO",
		.source = "RFC 4733 2.5.1.1, RFC 3264 6.1",
		.remedy = "menus may not hear them: let the gateway take "
			  "telephone-event",
		.check = check_tones,
	},
	{
		.id = "exchange/both-lite",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "both sides are ICE-lite: nobody checks",
		.source = "RFC 8445 2.5, 6.1.1",
		.remedy = "media goes to the default addresses unproven; let "
			  "one side do full ICE",
		.check = check_both_lite,
	},
	{
		.id = "exchange/no-candidates",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a description has ICE credentials and no candidate",
		.source = "RFC 8839 4.2.1, 5.1",
		.remedy = "gathering failed there, or a server takes "
			  "candidates out: let it pass ICE",
		.check = check_candidates,
	},
	{
		.id = "exchange/answer-sections-differ",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the answer has another number of media sections "
			 "than the offer",
		.source = "RFC 3264 6",
		.remedy = "strict clients refuse it: correct the answerer",
		.check = check_lines,
	},
	{
		.id = "exchange/direction-differs",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the answer lets media go in a direction that the "
			 "offer does not have",
		.source = "RFC 3264 6.1",
		.remedy = "a call on hold may be heard, or nobody sends "
			  "after it: correct the answerer",
		.check = check_direction,
	},
	{
		.id = "exchange/answered-inactive",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "media is offered, and the answer lets none go: it "
			 "is inactive",
		.source = "RFC 3264 6.1, 8.4",
		.remedy = "it is silent until one side offers anew: see "
			  "whether who answers holds the call, or did not "
			  "leave hold",
		.check = check_stopped,
	},
	{
		.id = "exchange/family-differs",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "offer and answer name addresses of different "
			 "families for media: IPv4 and IPv6",
		.source = "RFC 6157 4.1, RFC 8866 5.7",
		.remedy = "media passes only between hosts that have both: "
			  "put a media relay between, or use ICE",
		.check = check_families,
	},
	{
		.id = "exchange/no-common-codec",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "a section is accepted with codecs that were not "
			 "offered",
		.source = "RFC 3264 6.1",
		.remedy = "nobody can play that: correct the answerer, or "
			  "transcode",
		.check = check_codecs,
	},
	{
		.id = "exchange/profile-differs",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the answer has another RTP profile than the offer",
		.source = "RFC 3264 6, RFC 5939",
		.remedy = "one side may encrypt and the other not: make "
			  "profiles and keys equal",
		.check = check_profiles,
	},
	{
		.id = "exchange/rtcp-mux-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "RTCP was to use only the port of RTP, and the "
			 "answer does not allow that",
		.source = "RFC 8858 4.3",
		.remedy = "the offerer closes that section: let the answerer "
			  "use rtcp-mux",
		.check = check_mux,
	},
	{
		.id = "exchange/setup-actpass-answered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the answer leaves the DTLS role open "
			 "(a=setup:actpass)",
		.source = "RFC 4145 4.1, RFC 8842 5.3",
		.remedy = "answer active or passive",
		.check = check_actpass,
	},
	{
		.id = "exchange/setup-conflict",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "both sides want the same DTLS role",
		.source = "RFC 4145 4.1, RFC 8842 5.3",
		.remedy = "no handshake comes of it: offer actpass, answer "
			  "active",
		.check = check_setup,
	},
	{
		.id = "exchange/answer-without-ice",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "ICE was offered and the answer does not take it",
		.source = "RFC 8839 4.2.2, 4.2.5",
		.remedy = "media goes to the default addresses: they must be "
			  "reachable, else let the peer do ICE",
		.check = check_without_ice,
	},
	{
		.id = "exchange/ice-mismatch",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the answerer found other addresses than the "
			 "candidates name: ICE is off",
		.source = "RFC 8839 4.2.5, 5.3",
		.remedy = "a device on the way rewrites SDP (an ALG): switch "
			  "that off, or use TLS",
		.check = check_mismatch,
	},
	{
		.id = "exchange/fingerprint-missing",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "a section for DTLS has no fingerprint",
		.source = "RFC 5763 5, RFC 8842 5.1",
		.remedy = "no handshake can be trusted without it",
		.check = check_fingerprint,
	},
	{
		.id = "exchange/key-missing",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a section for SRTP has neither a key nor a "
			 "fingerprint",
		.source = "RFC 4568 5.1.1, RFC 5763 5",
		.remedy = "the peer cannot decrypt media",
		.check = check_key,
	},
	{
		.id = "exchange/crypto-tag-not-offered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the answer takes a key by a tag that was not offered",
		.source = "RFC 4568 5.1.2, 5.1.3",
		.remedy = "the offerer must refuse it, and media is lost: "
			  "correct the answerer",
		.check = check_tag,
	},
	{
		.id = "exchange/crypto-suite-differs",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the answer has another crypto suite than was offered "
			 "by that tag",
		.source = "RFC 4568 5.1.2, 5.1.3",
		.remedy = "nobody can decrypt media: correct the answerer, or "
			  "what rewrites SDP on the way",
		.check = check_suite,
	},
	{
		.id = "exchange/crypto-several-answered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the answer has several keys for one section",
		.source = "RFC 4568 5.1.2",
		.remedy = "it has to choose one: correct the answerer",
		.check = check_several,
	},
	{
		.id = "exchange/crypto-tag-repeated",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "two keys of one section have the same tag",
		.source = "RFC 4568 4.1, 9.1, [MS-SDPEXT] 3.1.5.2",
		.remedy = "nobody can tell which one an answer takes: "
			  "correct the offerer",
		.check = check_repeated_tag,
	},
	{
		.id = "exchange/private-address",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a description from outside names a private address "
			 "for media, without ICE",
		.source = "RFC 1918 3, RFC 3264 5.1",
		.remedy = "media sent there is lost: use ICE, or let the "
			  "server latch on the source address",
		.check = check_private,
	},
	{
		.id = "exchange/answer-changed",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "one answer comes twice and lets media go to "
			 "different places",
		.source = "RFC 3261 13.2.1",
		.remedy = "keep addresses and ICE credentials of 183 in the "
			  "200",
		.check = check_changed,
	},
	{
		.id = "exchange/version-not-raised",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a side changes its description and keeps the version "
			 "in o=",
		.source = "RFC 3264 8",
		.remedy = "the other side may take it for the old one: a hold "
			  "that is not ended, media that goes to the old place",
		.check = check_version,
	},
	{
		.id = "exchange/offer-unanswered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the offer in the 2xx gets no answer in the ACK",
		.source = "RFC 3261 13.2.1, 13.2.2.4",
		.remedy = "an INVITE without an offer asks the other side "
			  "for one: let its sender answer in the ACK",
		.check = check_offer_left,
	},
	{.id = NULL},
};
