/* Rules of what servers and clients say themselves ([MS-OCER], [MS-QoE]). */
#include "config.h"

#include "validate/checks.h"

/* Who hangs up so soon leaves warnings behind without a fault. */
#define SOON (2 * NS_PER_S)
/* A report and the capture may see another part of the stream. */
#define LOSS_APART 300u /* hundredths of a percent */

static const struct dialog *dialog_at(struct judging *j, size_t i)
{
	return list_at(&j->model->dialogs, j->call->dialogs.list[i]);
}

static const struct diagnosis *first_of(struct judging *j,
					const struct chain *chain)
{
	return chain->count ? list_at(&j->model->diagnoses, chain->first)
			    : NULL;
}

static const struct diagnosis *next_of(struct judging *j,
				       const struct diagnosis *d)
{
	return d->next == CHAIN_END ? NULL
				    : list_at(&j->model->diagnoses, d->next);
}

static bool is_error_id(const struct diagnosis *d)
{
	return d->kind == DIAGNOSIS_SERVER || d->kind == DIAGNOSIS_PUBLIC ||
	       d->kind == DIAGNOSIS_CLIENT || d->kind == DIAGNOSIS_SDP;
}

static const char *what(struct judging *j, const struct diagnosis *d)
{
	const struct meaning *m =
		diagnosis_meaning((enum diagnosis_kind)d->kind, d->id);

	if (d->kind == DIAGNOSIS_CONFERENCE)
		return d->text;
	return model_sentence(j->model, "%u: %s", d->id,
			      m         ? m->text
			      : d->text ? d->text
					: "no text");
}

typedef bool wanted_fn(const struct diagnosis *d);

static void find_in(struct judging *j, const struct rule *self,
		    const struct chain *chain, wanted_fn *wanted)
{
	for (const struct diagnosis *d = first_of(j, chain); d;
	     d = next_of(j, d))
		if (wanted(d))
			found(j, self, d->place, what(j, d));
}

static void find_all(struct judging *j, const struct rule *self,
		     wanted_fn *wanted)
{
	if (j->model->diagnoses.count == 0)
		return;
	for (size_t i = 0; i < j->call->registrations.count; i++)
		find_in(j, self, &call_registration(j, i)->diagnoses, wanted);
	for (size_t i = 0; i < j->call->tokens.count; i++)
		find_in(j, self, &call_token(j, i)->diagnoses, wanted);
	for (size_t i = 0; i < j->call->dialogs.count; i++)
		find_in(j, self, &dialog_at(j, i)->diagnoses, wanted);
}

static bool server_blames(const struct diagnosis *d)
{
	const struct meaning *m =
		diagnosis_meaning((enum diagnosis_kind)d->kind, d->id);

	return (d->kind == DIAGNOSIS_SERVER || d->kind == DIAGNOSIS_PUBLIC) &&
	       !(m && m->harmless);
}

static bool tells_source(const struct diagnosis *d)
{
	return d->kind == DIAGNOSIS_PUBLIC && d->source;
}

static bool finds_no_way(const struct diagnosis *d)
{
	return d->kind == DIAGNOSIS_CLIENT &&
	       ((d->id >= 21 && d->id <= 30) || d->id == 52031);
}

const struct diagnosis *said_no_way(struct judging *j)
{
	for (size_t i = 0; i < j->call->dialogs.count; i++)
		for (const struct diagnosis *d =
			     first_of(j, &dialog_at(j, i)->diagnoses);
		     d; d = next_of(j, d))
			if (finds_no_way(d))
				return d;
	return NULL;
}

const char *said_text(struct judging *j, const struct diagnosis *d)
{
	return what(j, d);
}

static bool loses_media(const struct diagnosis *d)
{
	return d->kind == DIAGNOSIS_CLIENT && d->id >= 31 && d->id <= 36;
}

static bool wants_other_encryption(const struct diagnosis *d)
{
	return (d->kind == DIAGNOSIS_CLIENT && d->id == 52017) ||
	       (d->kind == DIAGNOSIS_WARNING && d->id == 308);
}

static bool is_over_limit(const struct diagnosis *d)
{
	return is_error_id(d) && (d->id == 4 || d->id == 53000);
}

static void check_server(struct judging *j, const struct rule *self)
{
	find_all(j, self, server_blames);
}

static const char *logged_text(struct judging *j, const struct remark *r)
{
	if (!r->result)
		return r->said;
	return model_sentence(j->model, "%s (%s)", r->said, r->result);
}

static bool is_of_exchange(const struct remark *r)
{
	return r->said && r->level != REMARK_INFO &&
	       !(r->method && strcmp(r->method, "REGISTER") == 0);
}

static void check_log(struct judging *j, const struct rule *self)
{
	const struct remark *rows = j->model->remarks.rows;
	uint32_t at = j->call->logged.count ? j->call->logged.first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		if (is_of_exchange(&rows[at]))
			found(j, self, rows[at].place,
			      logged_text(j, &rows[at]));
}

static void check_source(struct judging *j, const struct rule *self)
{
	find_all(j, self, tells_source);
}

static void check_no_way(struct judging *j, const struct rule *self)
{
	find_all(j, self, finds_no_way);
}

static void check_lost(struct judging *j, const struct rule *self)
{
	find_all(j, self, loses_media);
}

static void check_encryption(struct judging *j, const struct rule *self)
{
	find_all(j, self, wants_other_encryption);
}

static void check_bandwidth(struct judging *j, const struct rule *self)
{
	find_all(j, self, is_over_limit);
}

static bool refuses_to_join(const struct diagnosis *d)
{
	return d->kind == DIAGNOSIS_CONFERENCE && d->refused;
}

static void check_conference(struct judging *j, const struct rule *self)
{
	find_all(j, self, refuses_to_join);
}

static bool is_in_description(const struct diagnosis *d)
{
	return d->kind == DIAGNOSIS_SDP;
}

static void check_description(struct judging *j, const struct rule *self)
{
	find_all(j, self, is_in_description);
}

/* ---- ICE warnings ---- */

static uint32_t unusual(enum ice_table table, uint32_t warn)
{
	uint32_t bits = 0;

	for (const struct ice_bit *b = ice_bits(table); b->bit; b++)
		if (!b->usual)
			bits |= b->bit & warn;
	return bits;
}

uint32_t said_of_relays(uint32_t warn)
{
	uint32_t bits = 0;

	for (const struct ice_bit *b = ice_bits(ICE_TABLE_HEADER); b->bit; b++)
		if (b->stage == STAGE_GATHERING || b->stage == STAGE_TOKEN)
			bits |= b->bit & unusual(ICE_TABLE_HEADER, warn);
	return bits;
}

size_t remarks_near(const struct judging *j)
{
	return j->model->calls.count > REMARK_CALLS_MAX
		       ? 0
		       : j->model->remarks.count;
}

/* The user's own end, soon after the answer or before it. */
bool said_too_soon(struct judging *j, const struct diagnosis *d)
{
	const struct dialog *x = j->dialog;
	nanoseconds from = x && x->answer ? when(j, x->answer) : j->call->start;

	return d->id == 51004 && when(j, d->place) - from <= SOON;
}

static const char *bits_text(struct judging *j, const char *label,
			     enum ice_table table, uint32_t warn,
			     uint32_t bits)
{
	for (const struct ice_bit *b = ice_bits(table); b->bit; b++)
		if (bits & b->bit)
			return model_sentence(j->model, "%s: 0x%x of 0x%x, %s",
					      label ? label : "media", b->bit,
					      warn, b->text);
	return NULL;
}

/* The bits of a block that the rule is about. */
typedef uint32_t bits_fn(const struct media_debug *m);

static void find_bits(struct judging *j, const struct rule *self,
		      bits_fn *wanted)
{
	const struct media_debug *rows = j->model->media_debugs.rows;

	for (size_t i = 0; i < j->call->dialogs.count; i++)
		for (const struct diagnosis *d =
			     first_of(j, &dialog_at(j, i)->diagnoses);
		     d; d = next_of(j, d))
			for (uint32_t at = d->debug;
			     at != CHAIN_END && !said_too_soon(j, d);
			     at = rows[at].next)
				if (wanted(&rows[at]))
					found(j, self, d->place,
					      bits_text(j, rows[at].label,
							debug_table(&rows[at]),
							rows[at].warn,
							wanted(&rows[at])));
}

static uint32_t bad_bits(const struct media_debug *m)
{
	return unusual(debug_table(m), m->warn) & ~m->denied;
}

static uint32_t denied_bits(const struct media_debug *m)
{
	return m->denied;
}

/* Of lines of a log, where nothing that was captured speaks about relays. */
static void find_remarks(struct judging *j, const struct rule *self)
{
	const struct remark *rows = j->model->remarks.rows;

	if (j->call->allocations.count || j->call->bindings.count)
		return;
	for (size_t i = 0; i < remarks_near(j); i++)
		if (rows[i].call == j->number && rows[i].has_warn &&
		    said_of_relays(rows[i].warn))
			found(j, self, rows[i].place,
			      bits_text(j, NULL, ICE_TABLE_HEADER,
					rows[i].warn,
					said_of_relays(rows[i].warn)));
}

static void check_warnings(struct judging *j, const struct rule *self)
{
	find_bits(j, self, bad_bits);
	find_remarks(j, self);
}

static void check_denied(struct judging *j, const struct rule *self)
{
	find_bits(j, self, denied_bits);
}

static void find_absent_relays(struct judging *j, const struct rule *self,
			       const struct diagnosis *d)
{
	const struct media_debug *rows = j->model->media_debugs.rows;
	char memory[ENDPOINT_TEXT_MAX];

	for (uint32_t at = d->debug; at != CHAIN_END; at = rows[at].next) {
		const char *relay =
			endpoint_string(&rows[at].local_relay, memory);

		if (rows[at].relay_absent)
			found(j, self, d->place,
			      model_text(j->model, slice_of_text(relay)));
	}
}

static void check_relay(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->dialogs.count; i++)
		for (const struct diagnosis *d =
			     first_of(j, &dialog_at(j, i)->diagnoses);
		     d; d = next_of(j, d))
			find_absent_relays(j, self, d);
}

/* ---- channels ---- */

static const char *channel_text(struct judging *j, const struct media_debug *m)
{
	const char *label = m->label ? m->label : "media";

	if (m->network_error)
		return model_sentence(j->model, "%s: %s", label,
				      m->network_error);
	return model_sentence(j->model, "%s: none came any more", label);
}

static void check_channel(struct judging *j, const struct rule *self)
{
	const struct media_debug *rows = j->model->media_debugs.rows;

	for (size_t i = 0; i < j->call->dialogs.count; i++)
		for (const struct diagnosis *d =
			     first_of(j, &dialog_at(j, i)->diagnoses);
		     d; d = next_of(j, d))
			for (uint32_t at = d->debug; at != CHAIN_END;
			     at = rows[at].next)
				if (rows[at].network_error ||
				    rows[at].timed_out)
					found(j, self, d->place,
					      channel_text(j, &rows[at]));
}

/* ---- quality reports ---- */

static uint32_t measured_loss(const struct media *m)
{
	uint64_t all = m->packets + m->lost;

	return all ? (uint32_t)(m->lost * 10000 / all) : 0;
}

static void check_quality(struct judging *j, const struct rule *self)
{
	const struct quality *rows = j->model->qualities.rows;

	for (size_t i = 0; i < j->call->dialogs.count; i++) {
		const struct chain *chain = &dialog_at(j, i)->qualities;
		uint32_t at = chain->count ? chain->first : CHAIN_END;

		for (; at != CHAIN_END; at = rows[at].next) {
			const struct quality *q = &rows[at];
			uint32_t loss;

			if (q->media == LIST_NONE ||
			    q->loss_permyriad == QUALITY_UNTOLD)
				continue;
			loss = measured_loss(
				list_at(&j->model->media, q->media));
			if (loss + LOSS_APART < q->loss_permyriad ||
			    q->loss_permyriad + LOSS_APART < loss)
				found(j, self, q->place,
				      model_sentence(
					      j->model,
					      "%.2f %% reported, %.2f %% here",
					      (double)q->loss_permyriad / 100,
					      (double)loss / 100));
		}
	}
}

/* ---- what a browser says of its checks ---- */

static place_number first(place_number a, place_number b)
{
	return a ? a : b;
}

struct agent_said agent_said(struct judging *j)
{
	struct agent_said sum = {0};

	for (unsigned side = 0; side < 2; side++) {
		const struct told_description *t = told_of(j, side == 1);

		if (!t)
			continue;
		sum.checking = first(sum.checking, t->checking);
		sum.connected = first(sum.connected, t->connected);
		sum.failed = first(sum.failed, t->failed);
		sum.used = sum.used ? sum.used : t->used;
	}
	return sum;
}

static void check_agent(struct judging *j, const struct rule *self)
{
	struct agent_said said = agent_said(j);

	if (said.failed)
		found(j, self, said.failed,
		      said.connected ? "after it was connected"
				     : "it never connected");
}

static void check_relays_alone(struct judging *j, const struct rule *self)
{
	for (unsigned side = 0; side < 2; side++) {
		const struct told_description *t = told_of(j, side == 1);

		if (t && t->relays_alone && t->description.candidate_count == 0)
			found(j, self, t->relays_alone, NULL);
	}
}

const struct rule *rule_agent_failed(void)
{
	const struct rule *rule = rules_said;

	while (rule->check != check_agent)
		rule++;
	return rule;
}

const struct rule *rule_no_way(void)
{
	const struct rule *rule = rules_said;

	while (rule->check != check_no_way)
		rule++;
	return rule;
}

const struct rule *rule_ice_warning(void)
{
	const struct rule *rule = rules_said;

	while (rule->check != check_warnings)
		rule++;
	return rule;
}

/* ---- the table ---- */

#define ROW(level, at, slug, what, document, todo, function)                   \
	{                                                                      \
		.id = slug, .severity = SEVERITY_##level, .stage = STAGE_##at, \
		.title = what, .source = document, .remedy = todo,             \
		.check = function                                              \
	}

const struct rule rules_said[] = {
	ROW(INFO, EXCHANGE, "exchange/server-says-why",
	    "a server says what went wrong", "[MS-OCER] 2.2.1.1", NULL,
	    check_server),
	ROW(INFO, EXCHANGE, "exchange/server-log-says",
	    "the log of a server says what went wrong",
	    "Microsoft: centralized logging, TF_DIAG", NULL, check_log),
	ROW(WARNING, EXCHANGE, "exchange/diagnostics-source",
	    "ms-diagnostics-public names a server", "[MS-OCER] 2.2.1.2",
	    "names inside are told outside: look at the Access Edge",
	    check_source),
	ROW(WARNING, EXCHANGE, "exchange/encryption-differs",
	    "one side refuses the encryption of the other",
	    "[MS-SDPEXT] 3.1.5, RFC 3261 20.43",
	    "align the encryption policies of both", check_encryption),
	ROW(WARNING, EXCHANGE, "exchange/bandwidth-policy",
	    "bandwidth policy does not allow the call", "[MS-OCER] 9.2.2",
	    "raise the limit of the site link, or allow another way",
	    check_bandwidth),
	ROW(WARNING, EXCHANGE, "exchange/description-says-why",
	    "a description tells why media is not taken",
	    "[MS-SDPEXT] 3.1.5.26, [MS-OCER] 2.2.1",
	    "see what its number means above", check_description),
	ROW(WARNING, EXCHANGE, "exchange/conference-refuses",
	    "a conference refuses what it is asked for",
	    "[MS-CONFBAS] 3 (form unproven)",
	    "see who may join it, and whether the conferencing service of the "
	    "pool runs",
	    check_conference),
	ROW(WARNING, MEDIA, "media/client-says-network-error",
	    "a client says that the network broke its media",
	    "ms-client-diagnostics, MediaChanBlob of Skype for Business "
	    "(undocumented, seen in the field)",
	    "look at the client's network, firewall and VPN", check_channel),
	ROW(WARNING, PROBING, "probing/client-says-no-way",
	    "a client says that media found no path",
	    "[MS-OCER] 2.2.1, Microsoft KB 2386684",
	    "see its ICE warnings, and which pairs were tried above",
	    check_no_way),
	ROW(WARNING, PROBING, "probing/browser-says-failed",
	    "a browser says that ICE failed", "W3C WebRTC 5.6.4",
	    "see which pairs were tried, and capture the packets beside it",
	    check_agent),
	ROW(WARNING, GATHERING, "gathering/browser-has-no-relay",
	    "a browser may use only relays, and has no relay candidate",
	    "W3C WebRTC 4.2.3, iceTransportPolicy",
	    "check the relay's address, port and credentials, and whether the "
	    "browser can reach it",
	    check_relays_alone),
	ROW(INFO, MEDIA, "media/client-says-lost",
	    "a client says that media was lost in the call", "[MS-OCER] 2.2.1",
	    "look for a change of network, or a NAT timeout", check_lost),
	ROW(WARNING, GATHERING, "gathering/ice-warning",
	    "a client warns that something in ICE is unusual",
	    "ICEWarn, Lync Server 2010 Resource Kit",
	    "each bit is explained above", check_warnings),
	ROW(INFO, PROBING, "probing/ice-warning-denied",
	    "a client warns of what packets speak against",
	    "ICEWarn, Lync Server 2010 Resource Kit", NULL, check_denied),
	ROW(INFO, GATHERING, "gathering/relay-not-seen",
	    "a client names a relay address that no relay gave it here",
	    "[MS-OCER] 2.2.1", "the allocation may be in another capture",
	    check_relay),
	ROW(INFO, MEDIA, "media/quality-differs",
	    "a quality report tells another loss than was measured here",
	    "[MS-QoE] 2.2.1",
	    "the loss is on the other side of where the capture was taken",
	    check_quality),
	{.id = NULL},
};
