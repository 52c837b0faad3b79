/* Who can mend what went wrong with a call. */
#include "config.h"

#include "report/helper.h"

/* Does any message of the call bear a header of [MS-OCER]? */
static bool is_told_by_lync(const struct model *m, const struct call *call)
{
	const struct dialog *dialogs = m->dialogs.rows;
	const struct diagnosis *rows = m->diagnoses.rows;

	for (uint32_t i = 0; i < call->dialogs.count; i++) {
		const struct chain *said =
			&dialogs[call->dialogs.list[i]].diagnoses;
		uint32_t at = said->count ? said->first : CHAIN_END;

		for (; at != CHAIN_END; at = rows[at].next)
			if (rows[at].kind == DIAGNOSIS_CLIENT ||
			    rows[at].kind == DIAGNOSIS_SERVER ||
			    rows[at].kind == DIAGNOSIS_PUBLIC)
				return true;
	}
	return false;
}

/* Does anything of the call show Lync, whose relays are Edges: its dialects,
 * its tokens, its sign-in? */
static bool has_edge(const struct model *m, const struct call *call)
{
	const struct allocation *relays = m->allocations.rows;
	const struct token *tokens = m->tokens.rows;
	const struct registration *users = m->registrations.rows;
	const struct session *sessions = m->sessions.rows;

	for (uint32_t i = 0; i < call->allocations.count; i++)
		if (relays[call->allocations.list[i]].ms_turn)
			return true;
	for (uint32_t i = 0; i < call->tokens.count; i++)
		if (tokens[call->tokens.list[i]].kind == TOKEN_MRAS)
			return true;
	for (uint32_t i = 0; i < call->registrations.count; i++)
		if (users[call->registrations.list[i]].sign_in)
			return true;
	for (uint32_t i = 0; i < call->sessions.count; i++)
		if (sessions[call->sessions.list[i]].versions[0] ||
		    sessions[call->sessions.list[i]].versions[1])
			return true;
	return call->shut != 0 || is_told_by_lync(m, call);
}

const char *call_helper(const struct model *m, const struct call *call,
			enum helper helper)
{
	if (helper != HELPER_EDGE || has_edge(m, call))
		return helper_name(helper);
	return call->allocations.count ? "whoever runs the relay"
				       : helper_name(HELPER_NETWORK);
}
