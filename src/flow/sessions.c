/*
 * ICE sessions: two user fragments seen together in USERNAME, whatever the
 * order, and what roles their agents take (RFC 8445 7.1.3, 7.3.1.1).
 */
#include "config.h"

#include "flow/stages_state.h"

/* The two halves of USERNAME: receiver's first (RFC 8445 7.2.2). */
struct halves {
	struct slice receiver, sender;
};

/* [MS-ICE] 69 bytes: two ids of 32 and two components, padded with NULs. */
#define MS_ICE_USERNAME 69u
#define MS_ICE_ID 32u

static bool is_ms_ice(struct slice name)
{
	return name.n >= MS_ICE_USERNAME && name.n <= MS_ICE_USERNAME + 3 &&
	       name.p[MS_ICE_ID] == ':' && name.p[MS_ICE_ID + 2] == ':' &&
	       name.p[2 * MS_ICE_ID + 3] == ':';
}

/*
 * "R:L"; [MS-ICE] has "R:1:L:1" in binary; the MSN dialect puts two names of
 * equal length side by side.  Padding NULs do not count.
 */
static bool split_username(struct slice name, struct halves *out)
{
	struct slice rest, first, second, third;

	if (is_ms_ice(name)) {
		*out = (struct halves){
			slice_first(name, MS_ICE_ID),
			slice_cut(name, MS_ICE_ID + 3, MS_ICE_ID)};
		return true;
	}
	while (name.n && name.p[name.n - 1] == 0)
		name.n--;
	rest = name;
	first = slice_split(&rest, ':');
	if (first.n == name.n) {
		*out = (struct halves){slice_first(name, name.n / 2),
				       slice_from(name, name.n / 2)};
		return name.n >= 2 && name.n % 2 == 0;
	}
	second = slice_split(&rest, ':');
	third = slice_split(&rest, ':');
	*out = (struct halves){first, third.n ? third : second};
	return out->receiver.n && out->sender.n;
}

static bool is_name(const struct model *m, struct slice name, kept_text ufrag)
{
	return slice_is(name, text_or_empty(m, ufrag));
}

/* `rows`: the model. */
static bool same_session(const void *rows, uint32_t row, const void *key)
{
	const struct model *m = rows;
	const struct session *x = list_at(&m->sessions, row);
	const struct halves *h = key;

	return (is_name(m, h->receiver, x->ufrags[0]) &&
		is_name(m, h->sender, x->ufrags[1])) ||
	       (is_name(m, h->receiver, x->ufrags[1]) &&
		is_name(m, h->sender, x->ufrags[0]));
}

static bool is_plain(struct slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= 0x20 || name.p[i] >= 0x7F || name.p[i] == '\\')
			return false;
	return true;
}

/* Names are binary in old dialects. */
struct slice name_text(struct slice name, struct text *to)
{
	if (is_plain(name))
		return name;
	text_escaped(to, name);
	return text_slice(to);
}

static uint32_t new_session(struct stages *s, const struct message *m,
			    const struct halves *h)
{
	struct list *list = &s->model->sessions;
	struct session *x = list_add(list);

	if (!x)
		return INDEX_NONE;
	x->ufrags[0] = model_keep_text(s->model, h->receiver);
	x->ufrags[1] = model_keep_text(s->model, h->sender);
	x->first_pair = LIST_NONE;
	x->call = LIST_NONE;
	x->restarts = LIST_NONE;
	x->first_candidate = LIST_NONE;
	x->told[0] = x->told[1] = CHAIN_END;
	x->first = stages_place(s, &m->from);
	return (uint32_t)list->count - 1;
}

static uint32_t find_session(struct stages *s, const struct message *m,
			     const struct halves *h)
{
	uint64_t hash = hash_mix(stages_hash(s, h->receiver) +
				 stages_hash(s, h->sender));
	uint32_t row =
		index_find(&s->sessions, hash, same_session, s->model, h);

	if (row != INDEX_NONE)
		return row;
	row = new_session(s, m, h);
	if (row != INDEX_NONE &&
	    index_add(&s->sessions, hash, row) != STATUS_OK)
		s->model->out_of_memory = true;
	return row;
}

uint32_t session_of(struct stages *s, const struct message *m, unsigned *sender)
{
	struct text texts[2] = {text_new(NAME_TEXT_MAX),
				text_new(NAME_TEXT_MAX)};
	const struct session *x;
	struct halves h;
	uint32_t row;

	if (!split_username(m->u.stun->username, &h))
		return INDEX_NONE;
	h.receiver = name_text(h.receiver, &texts[0]);
	h.sender = name_text(h.sender, &texts[1]);
	row = find_session(s, m, &h);
	if (row != INDEX_NONE) {
		x = list_at(&s->model->sessions, row);
		*sender = is_name(s->model, h.sender, x->ufrags[1]);
	}
	text_free(&texts[0]);
	text_free(&texts[1]);
	return row;
}

/* ---- roles ---- */

static enum ice_role role_of(const struct stun_message *stun)
{
	if (stun->has_controlling)
		return ROLE_CONTROLLING;
	return stun->has_controlled ? ROLE_CONTROLLED : ROLE_UNKNOWN;
}

static enum word role_word(unsigned role)
{
	if (role == ROLE_UNKNOWN)
		return WORD_NONE;
	return role == ROLE_CONTROLLING ? WORD_CONTROLLING : WORD_CONTROLLED;
}

static void take_role(struct stages *s, struct session *x, unsigned sender,
		      const struct change *change)
{
	struct change row = *change;
	enum ice_role role =
		row.to == WORD_CONTROLLING ? ROLE_CONTROLLING : ROLE_CONTROLLED;

	if (x->role[sender] != ROLE_UNKNOWN)
		x->role_changes++;
	row.from = (uint8_t)role_word(x->role[sender]);
	row.value = sender;
	model_event(s->model, &x->history, &row);
	x->role[sender] = (uint8_t)role;
	if (x->role[!sender] == role && !x->conflict)
		x->conflict = row.place;
}

#define NOMINATION 0xC001

void session_note_check(struct stages *s, struct session *x, unsigned sender,
			const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	enum ice_role role = role_of(stun);

	if (!x->led && role != ROLE_CONTROLLED) {
		x->led = true;
		x->aggressive = stun->use_candidate;
	}
	if (stun->use_candidate && !x->renominates)
		x->renominates = stun_find(stun, NOMINATION) != NULL;
	if (role == ROLE_UNKNOWN)
		return;
	x->roles = true;
	if (x->role[sender] != role)
		take_role(s, x, sender,
			  &(struct change){.place = stages_place(s, &m->from),
					   .what = WORD_ROLE,
					   .to = (uint8_t)role_word(role)});
}
