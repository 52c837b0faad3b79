/*
 * The evidence: registrations, tokens, allocations, dialogs, ICE sessions with
 * their pairs, media, and the calls that the joins make of them.
 *
 * Plain structs in lists, referred to by number.  Strings live in the model's
 * arena.  Stages only add; views only read.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "core/arena.h"
#include "core/hash.h"
#include "model/call.h"
#include "model/diagnosis.h"
#include "model/facts.h"
#include "model/gathering.h"
#include "model/inventory.h"
#include "model/probing.h"
#include "model/remark.h"
#include "model/signalling.h"
#include "model/signin.h"
#include "model/unplaced.h"

#define MODEL_ARENA_MAX ((size_t)4 << 30)
#define MODEL_REGISTRATIONS_MAX ((size_t)1 << 18)
#define MODEL_TOKENS_MAX ((size_t)1 << 16)
#define MODEL_ALLOCATIONS_MAX ((size_t)1 << 18)
#define MODEL_DIALOGS_MAX ((size_t)1 << 18)
#define MODEL_SESSIONS_MAX ((size_t)1 << 18)
#define MODEL_PAIRS_MAX ((size_t)1 << 20)
#define MODEL_CALLS_MAX ((size_t)1 << 18)
#define MODEL_NOTES_MAX ((size_t)1 << 20)
/* Findings of further messages are those of the input. */
#define MODEL_UNPLACED_MAX ((size_t)1 << 12)
#define MODEL_PARTIES_MAX ((size_t)1 << 18)
#define MODEL_CHANGES_MAX ((size_t)1 << 23)
#define MODEL_SIP_ROWS_MAX ((size_t)1 << 23)
#define MODEL_TEXTS_MAX ((size_t)1 << 22)
#define MODEL_PLACES_MAX ((size_t)1 << 26)
#define MODEL_ENDS_MAX ((size_t)1 << 22)
#define MODEL_OPENINGS_MAX ((size_t)1 << 21)
#define MODEL_FACTS_MAX ((size_t)1 << 22)
#define MODEL_PATHS_MAX ((size_t)1 << 18)
#define MODEL_CROSSINGS_MAX ((size_t)1 << 21)
#define MODEL_DIAGNOSES_MAX ((size_t)1 << 20)
#define MODEL_RESOLVED_MAX ((size_t)1 << 16)
#define MODEL_SHUTS_MAX ((size_t)256)
#define MODEL_HIDDEN_RELAYS_MAX ((size_t)1 << 16) /* one a call */
#define MODEL_STUCK_MAX ((size_t)256)
#define MODEL_MEDIA_POINTS_MAX ((size_t)1 << 18)
#define MODEL_WEBS_MAX ((size_t)256)
#define MODEL_TOLD_MAX ((size_t)1 << 16)
#define MODEL_VANTAGES_MAX ((size_t)1 << 16)
#define MODEL_VANTAGES_TOLD 16u /* told apart where messages got lost */

extern const struct endpoint endpoint_nowhere;

/*
 * There are many places, and most stand a little behind those before: a row
 * holds how far in time and, in the lower bits, in frames the place lies behind
 * the base of so many rows, which is the first of them.  What lies in another
 * file, before the base or too far behind it stands in a list of its own: then
 * this bit is set, and the others are its row there.
 */
#define PLACES_A_BASE ((size_t)64)
#define PLACE_FRAME_BITS 26
#define PLACE_FRAMES ((UINT64_C(1) << PLACE_FRAME_BITS) - 1)
#define PLACE_FAR (UINT64_C(1) << 63)

struct model {
	struct arena arena;
	struct list places; /* uint64_t, see place_at: by number, from 1 */
	struct list place_bases, far_places; /* struct place */
	struct list ends;   /* struct endpoint: each once, by number */
	struct index ends_index;
	struct list texts; /* const char *: each once, by number */
	struct index texts_index;
	uint64_t texts_key;
	struct list remarks, parties, changes, sip_rows, openings, paths,
		vantages, crossings, facts, ms_turns, finals;
	struct list diagnoses, media_debugs, qualities;
	struct list sign_ins, provisioned, token_requests, resolved, causes,
		proofs, shuts, series, webs, lifelines, media_points,
		hops,   /* struct hop: behind the first of a dialog */
		agreements, /* struct agreement */
		extras, /* struct candidate_extra */
		pair_extras, told, /* struct told_description */
		stuck,             /* struct stuck */
		hidden_relays,
		unplaced;          /* struct unplaced, see there */
	uint64_t unplaced_key;
	struct list registrations, tokens, allocations, bindings, dialogs,
		candidates, sessions, pairs, media, handshakes, calls, notes;
	struct note_chain notes_alone; /* of no call */
	bool several_vantages;         /* files, or interfaces of one */
	struct inventory inventory;    /* of all traffic, ours or not */
	nanoseconds first_time, last_time;
	/* When each of the first vantages had its newest message; in the end,
	 * that of a file its last frame. */
	nanoseconds heard_until[MODEL_VANTAGES_TOLD];
	uint64_t holes;
	/* When a message came last of which nobody can tell whose it is; 0:
	 * never.  What seems to be missing before may be that one. */
	nanoseconds unreadable;
	uint64_t answers;         /* of SIP, JSON, STUN that it shows */
	size_t unasked;           /* ways with answers of STUN, no request */
	uint64_t members_refused; /* by CALL_MEMBERS_MAX */
	uint64_t names_refused;   /* by OWNERS_MAX: joins that may be missing */
	uint64_t requests_forgotten; /* their answers would not be known */
	bool out_of_memory;
};

/* An empty model, and what gives all of it back. */
void model_init(struct model *model);
void model_free(struct model *model);
/* The same rows in lists of their own, list by list, while `from` stays as it
 * is: an empty copy, then its parts, numbered from 0.  Texts stay those of
 * `from`, which must outlive the copy.  *more is false behind the last part.
 * False: memory is out; the copy is to be freed in any case. */
void model_copy_begin(struct model *to, const struct model *from);
MUST_CHECK bool model_copy_part(struct model *to, struct model *from,
				size_t part, bool *more);

/* A copy of captured text as a C string in the arena; never NULL ("" when
 * memory is out, which the model remembers). */
const char *model_text(struct model *model, struct slice s);
/* The same with any bytes and no end mark; empty when memory is out. */
struct slice model_bytes(struct model *model, struct slice s);
/* Is `text` what model_text would make of `s`? */
bool model_text_is(const char *text, struct slice s);
/* Sets *text to a copy of `s` unless it says that already. */
void model_set_text(struct model *model, const char **text, struct slice s);
/* A formatted sentence in the arena. */
const char *model_sentence(struct model *model, const char *format, ...)
	PRINTF_LIKE(2, 3);

/* The number of a text that is kept once; 0: it is empty, or there is no
 * room. */
kept_text model_keep_text(struct model *model, struct slice s);

/* The text of a number; NULL of 0. */
static inline const char *text_at(const struct model *model, kept_text number)
{
	return number ? ((const char *const *)model->texts.rows)[number - 1]
		      : NULL;
}

static inline const char *text_or_empty(const struct model *model,
					kept_text number)
{
	return number ? text_at(model, number) : "";
}

static inline struct slice text_slice_at(const struct model *model,
					 kept_text number)
{
	return slice_of_text(text_or_empty(model, number));
}

/* The first line of a message; it may stand in `to`, which it then fills. */
struct slice sip_row_line(const struct model *model, const struct sip_row *row,
			  struct text *to);
/* Does its method, or the line of what is no request, start so? */
bool sip_row_starts(const struct model *model, const struct sip_row *row,
		    const char *start);

/* The number of a place, the one that it got last if that was this very place;
 * PLACE_NONE when there is no room. */
place_number model_place(struct model *model, const struct place *place);

/* The place of a number. */
static inline struct place place_at(const struct model *model,
				    place_number number)
{
	const uint64_t *rows = model->places.rows;
	const struct place *bases = model->place_bases.rows;
	struct place place;
	uint64_t row;

	if (!number)
		return (struct place){0};
	row = rows[number - 1];
	if (row & PLACE_FAR)
		return ((const struct place *)
				model->far_places.rows)[row & ~PLACE_FAR];
	place = bases[(number - 1) / PLACES_A_BASE];
	place.frame = (place.frame + (row & PLACE_FRAMES)) & PLACE_FRAME_MAX;
	place.time += (nanoseconds)(row >> PLACE_FRAME_BITS);
	return place;
}

/* The endpoint of a number, good until the next one is added. */
static inline const struct endpoint *end_at(const struct model *model,
					    end_number number)
{
	return number ? (const struct endpoint *)model->ends.rows + number - 1
		      : &endpoint_nowhere;
}

/* Was the same nomination seen on both sides of a NAT, in two files or by a
 * router?  There one of the ends is another one, and of two NATs both. */
bool pairs_are_one(const struct model *model, const struct pair *p,
		   const struct pair *q);

/* Are both on one host, whatever the ports? */
static inline bool ends_share_host(const struct model *model, end_number a,
				   end_number b)
{
	return a == b || endpoint_same_ip(end_at(model, a), end_at(model, b));
}

static inline nanoseconds place_time(const struct model *model,
				     place_number number)
{
	return place_at(model, number).time;
}

/* Is it the same frame? */
bool place_same(const struct model *model, place_number a, place_number b);

/* Adds a frame; the one that was added last is not added again. */
void cite(const struct model *model, struct cited *cited, place_number place);

/* Adds those that another one has kept. */
void cite_again(const struct model *model, struct cited *cited,
		const struct cited *from);

/*
 * Notes a finding of a call, or of none (LIST_NONE).  The new note, good until
 * the next one, to add what exactly; NULL when the same rule of the same call
 * was noted before and is only counted, or when there is no room.
 */
struct note *model_note(struct model *model, const struct rule *rule,
			place_number place, size_t call);

/* The same of a finding that was made `count` times, in those frames. */
void model_note_all(struct model *model, const struct rule *rule,
		    const struct cited *cited, uint64_t count, size_t call);

/* What was noted showed `count` times more, for the last time in that frame. */
void model_note_more(struct model *model, const struct rule *rule,
		     place_number last, uint64_t count, size_t call);

/* One more frame that proves what was noted; nothing where it was not.  The
 * first few and the last are kept. */
void model_prove(struct model *model, const struct rule *rule,
		 place_number place, size_t call);

/* The frames of a finding: where it shows, then the others in their order. */
void note_cited(const struct model *model, const struct note *note,
		struct cited *to);

/* Adds a number unless it is there; what is over the limit is counted. */
void model_member(struct model *model, struct members *members, size_t number);

/* A new call without members; NULL at the limit. */
struct call *model_call(struct model *model, enum call_kind kind,
			nanoseconds start);

/* Gives a candidate what it has beside the rest. */
void candidate_set_extra(struct model *model, struct candidate *candidate,
			 const struct candidate_extra *extra);
/* What it was given; all empty: nothing. */
const struct candidate_extra *
candidate_extra_of(const struct model *model,
		   const struct candidate *candidate);
/* The same of a pair: what it has, all zero where that is nothing; and what may
 * be changed, made if need be, or NULL when there is no room. */
const struct pair_extra *pair_extra_of(const struct model *model,
				       const struct pair *pair);
struct pair_extra *pair_extra_make(struct model *model, struct pair *pair);

/*
 * Has the relay, which is silent now, spoken to this client before?  Only its
 * 401 has the nonce that the client shows.  Then the way is open, or was, and
 * no port of a firewall is closed.
 */
bool allocation_was_challenged(const struct model *model,
			       const struct allocation *a);

/* Hop `i` < hop_count of a dialog, from the caller on. */
static inline const struct hop *dialog_hop(const struct model *model,
					   const struct dialog *d, unsigned i)
{
	return i ? list_at(&model->hops, d->further[i - 1] - 1) : &d->hop;
}

/* The number of an endpoint, each once; 0 when it is none, or when there is no
 * room. */
end_number model_end(struct model *model, const struct endpoint *e);
/* The same without adding it; false: there is no such endpoint. */
bool model_find_end(const struct model *model, const struct endpoint *e,
		    end_number *out);

/* Is that (one of) the address(es) that was given? */
bool allocation_gave(const struct model *model, const struct allocation *a,
		     const struct endpoint *e);

/* Is it an end of the pair, as it lies there or as its peer sees it? */
bool pair_lies_at(const struct model *model, const struct pair *pair,
		  const struct endpoint *e);

/* Puts row `number` of its list at the end of a chain; *next is the `next` of
 * the row that was last, or NULL for the first. */
void model_chain(struct chain *chain, uint32_t number, uint32_t *next);

/* A row of history: `what` goes over to `to` from what the chain said last.
 * Nothing is added when that says so already with the same value. */
void model_change(struct model *model, struct chain *history,
		  const struct change *change);
/* The same row as it is, with its own `from`, also when it says nothing new:
 * what happened again. */
void model_event(struct model *model, struct chain *history,
		 const struct change *change);
const struct change *model_last_change(const struct model *model,
				       const struct chain *history,
				       enum word what);
/* The state of a subject: it becomes that at this place, `value` with it. */
void model_becomes(struct model *model, struct chain *history,
		   place_number place, enum word to, uint32_t value);
/* It was refreshed; each time is a row, also with the same value. */
void model_refreshed(struct model *model, struct chain *history,
		     place_number place, uint32_t value);

/* Of the message that told a registration its settings; NULL: none seen. */
const char *provisioning_call_id(const struct model *model,
				 const struct registration *registration);

/* How often ICE was restarted: told by descriptions or, where none is readable,
 * by checks. */
unsigned model_restarts(const struct model *m, const struct call *call);

/* A tap has an interface, or a file, for each direction, and what one of them
 * does not see says nothing.  So is an interface of a file which shows no
 * message that another one shows, and what shows answers to checks alone, or
 * checks that are answered there alone. */
bool vantage_is_half(const struct model *m, uint32_t vantage);

/* "ICMP port unreachable", ... */
const char *obstacle_text(const struct obstacle *obstacle);
/* Each word as text; NULL for WORD_NONE. */
const char *word_text(enum word word);
const char *leg_link_name(enum leg_link link);
const char *path_purpose_name(enum path_purpose purpose);
const char *path_verdict_name(enum path_verdict verdict);
const char *confidence_name(enum confidence confidence);
const char *role_name(enum ice_role role);

/* As the JSON contract has it; and shorter and plainer, for people. */
const char *state_name(enum stage_state state);
const char *state_word(enum stage_state state);
const char *outcome_name(enum outcome outcome);
const char *call_kind_name(enum call_kind kind);
/* "host", "srflx", ... for the numbers of struct candidate. */
const char *candidate_word(uint8_t type);
/* "web ticket", ... for those of struct web_call. */
const char *web_service_word(uint8_t service);

#define MODEL_ROWS(type, list) ((struct type *)(list).rows)

#endif /* MODEL_MODEL_H */
