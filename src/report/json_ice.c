/* JSON: ICE as a call had it, and its candidates. */
#include "config.h"

#include "report/json_parts.h"

/* ---- the two agents ---- */

struct agent {
	kept_text ufrag, pwd; /* or 0 */
	uint8_t role;
	uint8_t version; /* of [MS-ICE2]; 0: none */
	bool lite;
};

static const struct dialog *dialog_of(const struct document *d,
				      const struct call *call)
{
	return call->dialog == LIST_NONE
		       ? NULL
		       : list_at(&d->m->dialogs, call->dialog);
}

static const struct session *session_at(const struct document *d,
					const struct call *call, uint32_t i)
{
	return list_at(&d->m->sessions, call->sessions.list[i]);
}

/* What checks say of the agent with this user fragment, the newest first. */
static uint8_t role_of(const struct document *d, const struct call *call,
		       kept_text ufrag)
{
	for (uint32_t i = call->sessions.count; ufrag && i-- > 0;) {
		const struct session *x = session_at(d, call, i);

		for (int side = 0; side < 2; side++)
			if (x->role[side] && x->ufrags[side] == ufrag)
				return x->role[side];
	}
	return ROLE_UNKNOWN;
}

/* The same of the version that they tell. */
static uint8_t version_of(const struct document *d, const struct call *call,
			  kept_text ufrag)
{
	for (uint32_t i = call->sessions.count; ufrag && i-- > 0;) {
		const struct session *x = session_at(d, call, i);

		for (int side = 0; side < 2; side++)
			if (x->versions[side] && x->ufrags[side] == ufrag)
				return x->versions[side];
	}
	return 0;
}

static struct agent described(const struct document *d, const struct call *call,
			      const struct description *from)
{
	return (struct agent){
		.ufrag = from->ufrag,
		.pwd = from->pwd,
		.role = role_of(d, call, from->ufrag),
		.version = version_of(d, call, from->ufrag),
		.lite = from->lite,
	};
}

/* Without descriptions: who was seen checking first stands for the offerer,
 * unless a candidate says otherwise. */
static void from_checks(const struct document *d, const struct call *call,
			struct agent agents[2])
{
	const struct session *x = session_at(d, call, 0);
	const struct pair *p;
	unsigned own;

	if (x->first_pair == LIST_NONE)
		return;
	p = list_at(&d->m->pairs, x->first_pair);
	own = json_offer_end(d, p) ^ p->ufrag_of_a;
	for (unsigned i = 0; i < 2; i++) {
		agents[i].ufrag = x->ufrags[own ^ i];
		agents[i].role = role_of(d, call, agents[i].ufrag);
		agents[i].version = version_of(d, call, agents[i].ufrag);
	}
}

static void put_agent(struct document *d, const struct agent *agent)
{
	json_object(&d->j);
	json_m_text(d, "role", role_name((enum ice_role)agent->role));
	json_m_text(d, "ufrag", text_at(d->m, agent->ufrag));
	json_m_secret(d, "pwd", text_slice_at(d->m, agent->pwd));
	json_m_bool(d, "lite", agent->lite);
	json_m_count(d, "ms_version", agent->version);
	json_object_end(&d->j);
}

void json_ice(struct document *d, const struct call *call)
{
	const struct dialog *dialog = dialog_of(d, call);
	struct agent agents[2] = {{.ufrag = 0}, {.ufrag = 0}};

	if (dialog) {
		agents[0] = described(d, call, &dialog->offer);
		agents[1] = described(d, call, &dialog->reply);
	}
	if (!agents[0].ufrag && !agents[1].ufrag && call->sessions.count)
		from_checks(d, call, agents);
	json_key(&d->j, "ice");
	json_object(&d->j);
	json_key(&d->j, "offerer");
	put_agent(d, &agents[0]);
	json_key(&d->j, "answerer");
	put_agent(d, &agents[1]);
	json_m_number(d, "restarts", model_restarts(d->m, call));
	json_object_end(&d->j);
}

/* ---- candidates ---- */

static const char *side_word(uint8_t side)
{
	static const char *const words[] = {
		[SIDE_UNKNOWN] = "unknown",
		[SIDE_OFFER] = "offer",
		[SIDE_ANSWER] = "answer",
	};

	return words[side];
}

static const char *tcp_word(const struct candidate *c)
{
	static const char *const words[] = {NULL, "active", "passive", "so",
					    "active/passive"};

	return c->tcp && c->tcp_type < 5 ? words[c->tcp_type] : NULL;
}

/* "ip:port", or "name:port" where the wire had a name. */
static void put_address(struct document *d, const struct candidate *c)
{
	const char *host = candidate_extra_of(d->m, c)->host;

	if (!host) {
		json_m_end(d, "address", end_at(d->m, c->endpoint));
		return;
	}
	text_clear(&d->scratch);
	text_puts(&d->scratch, host);
	text_putc(&d->scratch, ':');
	text_number(&d->scratch, end_at(d->m, c->endpoint)->port);
	json_key(&d->j, "address");
	json_string(&d->j, text_slice(&d->scratch));
}

static size_t row_of(uint32_t number)
{
	return number == CHAIN_END ? LIST_NONE : number;
}

/* Of multiplexed TURN, as its bytes stand ([MS-TURN] 2.2.2.24). */
static void put_turn_session(struct document *d, const struct candidate *c)
{
	uint64_t session = candidate_extra_of(d->m, c)->turn_session;
	uint8_t id[8];

	json_key(&d->j, "turn_session");
	if (!session) {
		json_null(&d->j);
		return;
	}
	for (unsigned i = 0; i < sizeof(id); i++)
		id[i] = (uint8_t)(session >> (56 - 8 * i));
	json_hex(&d->j, slice_of(id, sizeof(id)));
}

static void put_candidate(struct document *d, size_t row)
{
	const struct candidate *c = list_at(&d->m->candidates, row);

	json_object(&d->j);
	json_m_id(d, "id", 'k', row);
	json_m_text(d, "side", side_word(c->side));
	json_m_id(d, "dialog", 'd', row_of(c->dialog));
	json_m_text(d, "ufrag", text_at(d->m, c->ufrag));
	json_m_text(d, "mid", candidate_extra_of(d->m, c)->mid);
	json_m_count(d, "component", c->component);
	json_m_text(d, "foundation", text_at(d->m, c->foundation));
	json_m_text(d, "transport", c->tcp ? "tcp" : "udp");
	json_m_text(d, "tcptype", tcp_word(c));
	json_m_text(d, "type", candidate_word(c->type));
	put_address(d, c);
	json_m_end(d, "related", end_at(d->m, c->related));
	json_m_count(d, "priority", c->priority);
	json_m_id(d, "allocation", 'a', row_of(c->allocation));
	put_turn_session(d, c);
	if (candidate_extra_of(d->m, c)->network)
		json_m_text(d, "network", candidate_extra_of(d->m, c)->network);
	json_m_bool(d, "learned", c->learned);
	json_m_place(d, "frame", c->place);
	json_object_end(&d->j);
}

static void put_described(struct document *d, const struct description *from)
{
	const struct candidate *rows = d->m->candidates.rows;
	size_t at = from->candidate_count ? from->first_candidate : LIST_NONE;

	for (; at != LIST_NONE; at = rows[at].next)
		put_candidate(d, at);
}

void json_candidates(struct document *d, const struct call *call)
{
	const struct dialog *dialog = dialog_of(d, call);

	json_key(&d->j, "candidates");
	json_array(&d->j);
	for (uint32_t i = 0; i < call->candidates.count; i++)
		put_candidate(d, call->candidates.list[i]);
	if (call->candidates.count == 0 && dialog) {
		put_described(d, &dialog->offer);
		put_described(d, &dialog->reply);
	}
	json_array_end(&d->j);
	json_flush(d);
}
