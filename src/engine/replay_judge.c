/* A reply against the forecast: its code, and what stands in it. */
#include "config.h"

#include <stdio.h>

#include "engine/contents.h"
#include "engine/replay_state.h"

#define SET_TEXT_MAX 96u

/* Both orders are right (spec stun-turn 4.5: servers of RFC 5389 look at the
 * nonce first). */
struct outlook {
	struct turn_forecast of[2];
	bool success;
};

static void look_out(const struct waiting *w, struct outlook *out)
{
	turn_climb(&w->claims, ORDER_RFC8489, (enum turn_request)w->request,
		   &out->of[0]);
	turn_climb(&w->claims, ORDER_RFC5389, (enum turn_request)w->request,
		   &out->of[1]);
	out->success = out->of[0].success || out->of[1].success;
}

static const struct turn_row *row_of(const struct outlook *o, unsigned code)
{
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < o->of[k].count; i++)
			if (o->of[k].rows[i]->code == code)
				return o->of[k].rows[i];
	return NULL;
}

/* The reason that surely holds, or NULL. */
static const struct turn_row *sure_row(const struct outlook *o)
{
	const struct turn_forecast *f = &o->of[0];

	return f->success || f->count == 0 ? NULL : f->rows[f->count - 1];
}

/* "success, 438, 486": what could have been answered. */
static const char *set_text(const struct outlook *o, char out[SET_TEXT_MAX])
{
	const struct turn_forecast *f = &o->of[0];
	size_t n = 0;

	out[0] = 0;
	if (o->success)
		n += (size_t)snprintf(out, SET_TEXT_MAX, "success");
	for (size_t i = 0; i < f->count && n + 8 < SET_TEXT_MAX; i++) {
		bool known = false;

		for (size_t k = 0; k < i; k++)
			known |= f->rows[k]->code == f->rows[i]->code;
		if (!known)
			n += (size_t)snprintf(out + n, SET_TEXT_MAX - n, "%s%u",
					      n ? ", " : "",
					      (unsigned)f->rows[i]->code);
	}
	return out;
}

static const char *request_name(const struct waiting *w)
{
	switch ((enum turn_request)w->request) {
	case ASK_ALLOCATE:
		return "Allocate";
	case ASK_REFRESH:
		return "Refresh";
	case ASK_PERMISSION:
		return "CreatePermission";
	case ASK_CHANNEL:
		return "ChannelBind";
	case ASK_CONNECT:
		return "Connect";
	case ASK_CONNECTION_BIND:
		return "ConnectionBind";
	case ASK_BINDING:
		break;
	}
	return "Binding";
}

/* ---- what servers are known to do otherwise ---- */

struct difference {
	uint16_t seen, due;
	uint8_t requests;
	bool without_nonce; /* the reply is no challenge */
	bool old_coturn;
	const char *who;
};

/* Spec stun-turn 3.10 and 4.5. */
static const struct difference differences[] = {
	{400, 401, ASK_ANY, true, false,
	 "pion/turn answers 400 to a wrong user or password"},
	{441, 437, ASK_REFRESH | ASK_PERMISSION | ASK_CHANNEL, true, false,
	 "some servers answer 441 where there is no allocation"},
	{401, 403, ASK_CHANNEL, true, false,
	 "pion/turn answers 401 for a peer that it does not relay to"},
	{400, 508, ASK_ALLOCATE, true, true,
	 "coturn before 4.16 answers 400 where a port is not to be had"},
	{440, 508, ASK_ALLOCATE, true, true,
	 "coturn before 4.16 answers 440 where a port is not to be had"},
};

static const char *difference_of(const struct trial *t, const struct outlook *o)
{
	for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]);
	     i++) {
		const struct difference *d = &differences[i];
		const struct turn_row *row = row_of(o, d->due);

		if (row && row->reason != REASON_NO_INTEGRITY &&
		    d->seen == t->code && (d->requests & t->w->request) &&
		    !(d->without_nonce && t->m->stun->has_nonce) &&
		    !(d->old_coturn && !(t->s && t->s->coturn_before_416)))
			return d->who;
	}
	return NULL;
}

/* ---- the code ---- */

static void judge_success(struct trial *t, const struct outlook *o)
{
	const struct turn_row *row = sure_row(o);
	char set[SET_TEXT_MAX];

	if (o->success || !row)
		return;
	replay_find(t, REPLAY_ACCEPTED_WRONGLY,
		    "%s had success where %s was due: %s (%s)",
		    request_name(t->w), set_text(o, set), row->title,
		    row->source);
}

/* RFC 8489 6.3.1: is an attribute of the request said to be unknown?  Then at
 * least this server does not speak all of TURN, as ejabberd, which has no
 * EVEN-PORT. */
static bool is_unknown_to_server(struct trial *t)
{
	uint16_t type = t->code == 420 ? replay_named_unknown(t) : 0;
	const struct stun_attribute_row *row =
		type ? stun_attribute_row(type, STUN_TURN) : NULL;

	if (row)
		replay_find(t, REPLAY_KNOWN_DIFFERENCE,
			    "%s: 420; the server does not know %s",
			    request_name(t->w), row->name);
	return row != NULL;
}

/* RFC 8489 12: a server should not ask for credentials there, and may. */
static bool is_binding_challenged(struct trial *t)
{
	if (t->w->request != ASK_BINDING || t->code != 401 ||
	    !t->m->stun->has_nonce || !t->m->stun->has_realm)
		return false;
	replay_find(t, REPLAY_KNOWN_DIFFERENCE,
		    "Binding: 401; the server wants credentials there, too, "
		    "as coturn does with --secure-stun");
	return true;
}

static void judge_error(struct trial *t, const struct outlook *o)
{
	const struct turn_row *row = sure_row(o);
	const char *known;
	char set[SET_TEXT_MAX];

	/* A fault of its own, or a redirection, may come at any time. */
	if (row_of(o, t->code) || t->code == 500 || t->code == 300)
		return;
	known = difference_of(t, o);
	if (known)
		replay_find(t, REPLAY_KNOWN_DIFFERENCE, "%s: %u; %s",
			    request_name(t->w), t->code, known);
	else if (is_unknown_to_server(t) || is_binding_challenged(t))
		return;
	else if (o->success)
		replay_find(t, REPLAY_REFUSED_WRONGLY,
			    "%s was answered with %u; nothing in the request "
			    "asks for that, right were %s",
			    request_name(t->w), t->code, set_text(o, set));
	else
		replay_find(t, REPLAY_OTHER_ERROR,
			    "%s was answered with %u, %s was due: %s (%s)",
			    request_name(t->w), t->code, set_text(o, set),
			    row ? row->title : "", row ? row->source : "");
}

/* ---- what stands in it ---- */

static const char *name_of(uint16_t type)
{
	const struct stun_attribute_row *row =
		stun_attribute_row(type, STUN_TURN);

	return row ? row->name : "an attribute that is not known";
}

/* Those of the optional range that mean something here only; all others may be
 * anywhere. */
static bool is_placed(uint16_t type)
{
	return type < 0x8000 || type == AT_MOBILITY_TICKET ||
	       type == AT_ADDRESS_ERROR_CODE ||
	       type == AT_PASSWORD_ALGORITHMS || type == AT_ALTERNATE_SERVER;
}

static bool belongs(const struct trial *t, uint16_t type)
{
	const struct content_row *row =
		content_row(t->w->request, t->code, type);

	if (!row)
		return false;
	switch ((enum content_need)row->need) {
	case NEED_IF_RESERVED:
		return t->w->reserves;
	case NEED_IF_TICKET:
		/* One that lets allocations move may give a new ticket with
		 * any Refresh; coturn does. */
		return t->w->ticket || t->w->request == ASK_REFRESH;
	case NEED_IF_TWO:
		return t->w->two;
	case NEED_IF_BEHAVIOUR:
		return t->w->behaviour;
	case NEED_ALWAYS:
	case NEED_NEVER_MUST:
		break;
	}
	return true;
}

static void judge_present(struct trial *t)
{
	const struct stun_message *m = t->m->stun;

	for (size_t i = 0; i < m->attribute_count; i++) {
		const struct stun_attribute *a = &m->attributes[i];

		if (a->ignored) {
			if (a->type < 0x8000)
				replay_find(t, REPLAY_ATTRIBUTE_BEHIND,
					    "%s stands behind the integrity, "
					    "where nobody reads it",
					    name_of(a->type));
		} else if (a->type == AT_RESERVATION_TOKEN && t->w->even &&
			   !t->w->reserves && t->code == 0) {
			replay_find(t, REPLAY_KNOWN_DIFFERENCE,
				    "RESERVATION-TOKEN though no port was to "
				    "be reserved; pion/turn does that");
		} else if (is_placed(a->type) && !belongs(t, a->type)) {
			replay_find(t, REPLAY_ATTRIBUTE_FOREIGN,
				    "%s (0x%04x) does not belong into the %s "
				    "of %s",
				    name_of(a->type), (unsigned)a->type,
				    t->code ? "error" : "success",
				    request_name(t->w));
		}
	}
}

/* A server of RFC 3489 gives MAPPED-ADDRESS, also to who asks with the cookie,
 * and the client takes it (RFC 5389 12.2); one that says RESPONSE-ORIGIN is
 * younger. */
static bool is_excused(const struct trial *t, uint16_t type)
{
	return type == AT_XOR_MAPPED_ADDRESS && t->w->request == ASK_BINDING &&
	       stun_find(t->m->stun, AT_MAPPED_ADDRESS) &&
	       !stun_find(t->m->stun, AT_RESPONSE_ORIGIN);
}

static void judge_missing(struct trial *t)
{
	const struct content_row *row;
	char answer[REPLAY_ANSWER_MAX];

	for (size_t i = 0; (row = content_row_at(i)); i++) {
		bool must = row->need == NEED_ALWAYS ||
			    (row->need == NEED_IF_RESERVED && t->w->reserves);

		if (!must || !content_applies(row, t->w->request, t->code) ||
		    stun_find(t->m->stun, row->type) ||
		    is_excused(t, row->type))
			continue;
		replay_find(t, REPLAY_ATTRIBUTE_MISSING,
			    "%s is missing in the %s that answers %s",
			    name_of(row->type), replay_answer(t->code, answer),
			    request_name(t->w));
	}
}

/* Errors that may come before the server knows who asks carry none, nor do
 * those to a Binding, for which nobody has to sign (RFC 8489 12). */
static bool wants_integrity(const struct trial *t)
{
	if (t->code && t->w->request == ASK_BINDING)
		return false;
	switch (t->code) {
	case 300:
	case 400:
	case 401:
	case 438:
	case 500:
		return false;
	default:
		return t->w->integrity != REPLAY_ABSENT;
	}
}

/* RFC 8489 9.2.4: signed as the request is.  Who sends both attributes may be
 * answered with either. */
static void judge_algorithm(struct trial *t)
{
	const struct stun_message *m = t->m->stun;
	bool sha1 = m->integrity_at != 0, sha256 = m->integrity256_at != 0;

	if (t->w->sha1 == t->w->sha256)
		return;
	if (t->w->sha256 && !sha256)
		replay_find(t, REPLAY_VALUE_WRONG,
			    "MESSAGE-INTEGRITY signs the answer to %s, which "
			    "was signed by MESSAGE-INTEGRITY-SHA256",
			    request_name(t->w));
	else if (t->w->sha1 && !sha1)
		replay_find(t, REPLAY_VALUE_WRONG,
			    "MESSAGE-INTEGRITY-SHA256 signs the answer to %s, "
			    "which was signed by MESSAGE-INTEGRITY",
			    request_name(t->w));
}

static void judge_integrity(struct trial *t)
{
	const struct stun_message *m = t->m->stun;
	char answer[REPLAY_ANSWER_MAX];

	if (m->integrity_at || m->integrity256_at)
		judge_algorithm(t);
	if (!m->integrity_at && !m->integrity256_at) {
		if (!wants_integrity(t))
			return;
		if (t->w->request == ASK_CONNECTION_BIND)
			replay_find(t, REPLAY_KNOWN_DIFFERENCE,
				    "the answer to ConnectionBind is not "
				    "signed; pion/turn does that");
		else
			replay_find(t, REPLAY_ATTRIBUTE_MISSING,
				    "MESSAGE-INTEGRITY is missing in the %s "
				    "that answers a signed %s",
				    replay_answer(t->code, answer),
				    request_name(t->w));
	} else if (t->w->integrity == REPLAY_VERIFIED &&
		   (t->m->integrity == REPLAY_BAD ||
		    t->m->integrity == REPLAY_NO_KEY_FITS)) {
		replay_find(t, REPLAY_INTEGRITY_WRONG,
			    "MESSAGE-INTEGRITY of the answer to %s does not "
			    "fit the key that the request was signed with",
			    request_name(t->w));
	}
}

/* ---- all of it ---- */

static void note_software(struct trial *t)
{
	struct slice rest = t->m->stun->software;
	struct slice digits;
	uint64_t minor;

	if (!t->s || !slice_starts_nocase(rest, "coturn-4."))
		return;
	rest = slice_from(rest, 9);
	digits = slice_split(&rest, '.');
	if (slice_number(digits, 1000, &minor) == STATUS_OK)
		t->s->coturn_before_416 = minor < 16;
}

void replay_judge(struct trial *t)
{
	struct outlook outlook;

	if (t->m->stun->method != t->w->method) {
		replay_find(t, REPLAY_OTHER_METHOD,
			    "%s was answered with a message of method 0x%03x",
			    request_name(t->w), (unsigned)t->m->stun->method);
		return;
	}
	note_software(t);
	look_out(t->w, &outlook);
	if (t->m->stun->class == STUN_SUCCESS)
		judge_success(t, &outlook);
	else if (t->code)
		judge_error(t, &outlook);
	judge_present(t);
	if (t->m->stun->class == STUN_ERROR && !t->code) {
		replay_find(t, REPLAY_ATTRIBUTE_MISSING,
			    "ERROR-CODE is missing in the error that answers "
			    "%s",
			    request_name(t->w));
		return;
	}
	judge_missing(t);
	judge_integrity(t);
	replay_values(t);
}
