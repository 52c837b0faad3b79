/*
 * The parts of the JSON report, and what they write with.  Nobody else
 * includes this.
 */
#ifndef REPORT_JSON_PARTS_H
#define REPORT_JSON_PARTS_H

#include "model/firewall.h"
#include "report/json.h"
#include "report/keys.h"
#include "report/report_json.h"

/* What is being written, and the scratch for strings that need escapes. */
struct document {
	struct json j;
	const struct model *m;
	const struct report_json_options *options;
	struct text scratch;
	struct firewall *firewall; /* while members are written */
};

/*
 * A member of the document: a list, whose rows are written one behind another,
 * or something else that is written as a whole, with its key.
 */
struct member {
	const char *key;
	size_t list; /* where in the model */
	enum selected_list selected;
	void (*row)(struct document *d, size_t row);
	size_t sheet; /* so many rows are worth a thread's while; not 0 */
	void (*whole)(struct document *d);
	bool firewall; /* it reads the firewall table */
};

/* All of them, in the order of the document. */
enum json_member {
	JSON_GENERATOR,
	JSON_CAPTURES,
	JSON_COUNTS,
	JSON_INVENTORY,
	JSON_PARTIES,
	JSON_REGISTRATIONS,
	JSON_TOKENS,
	JSON_ALLOCATIONS,
	JSON_CALLS,
	JSON_PATHS,
	JSON_OPENINGS,
	JSON_FINDINGS,
	JSON_BESIDE,
	JSON_MEMBERS,
};

extern const struct member json_member[JSON_MEMBERS];

/* Writes these in their order, by several threads where that is worth it. */
void json_members(struct document *d, const struct member *members,
		  size_t count);

void json_captures(struct document *d);
void json_counts(struct document *d);
void json_inventory(struct document *d);
void json_openings(struct document *d);
void json_remarks(struct document *d);

/* Rows of those that are lists. */
void json_party(struct document *d, size_t row);
void json_registration(struct document *d, size_t row);
void json_token(struct document *d, size_t row);
void json_allocation(struct document *d, size_t row);
void json_call(struct document *d, size_t row);
/* Without what its stages were told of. */
void json_call_outline(struct document *d, size_t row);
void json_path(struct document *d, size_t row);
void json_finding(struct document *d, size_t row);

/* Of no call, where there is any. */
void json_stray_media(struct document *d);

/* Members of a call. */
void json_dialogs(struct document *d, const struct call *call);
void json_ice(struct document *d, const struct call *call);
void json_candidates(struct document *d, const struct call *call);
void json_pairs(struct document *d, const struct call *call);
/* Pairs of candidates that no check was seen of. */
void json_unchecked(struct document *d, const struct call *call);
void json_media(struct document *d, const struct call *call);
void json_dtls(struct document *d, const struct call *call);
void json_diagnostics(struct document *d, const struct call *call);
void json_quality(struct document *d, const struct call *call);
/* "diagnostics" of a registration or token. */
void json_m_diagnostics(struct document *d, const struct chain *chain);
/* A member of an allocation: "ms_turn", null where it has none. */
void json_ms_turn(struct document *d, const struct allocation *a);
/* json_signin.c: what Lync adds to a registration; the request for a token and
 * what its name holds; what DNS says of a relay. */
void json_m_sign_in(struct document *d, const struct registration *r);
void json_m_lifelines(struct document *d, const struct registration *r);
void json_m_token_request(struct document *d, const struct token *t);
void json_m_resolved(struct document *d, const struct token_relay *relay);
/* Which end of a pair stands on the side of the offer: 0 for a, 1 for b. */
unsigned json_offer_end(const struct document *d, const struct pair *p);

/* Gives what has gathered to the reader when it is much. */
void json_flush(struct document *d);

/* ---- values (json_values.c) ---- */

/* Milliseconds. */
void json_ms(struct document *d, nanoseconds duration);
/* The address alone. */
void json_ip(struct document *d, const struct endpoint *e);
/* Captured text that may hold URIs with passwords; NULL: null. */
void json_uris(struct document *d, const char *text);
void json_secret(struct document *d, struct slice secret);
/* "r1" for row 0; null for LIST_NONE. */
void json_id(struct document *d, char kind, size_t row);
/* "FILE:FRAME", or null when it is nowhere. */
void json_place(struct document *d, place_number place);

/* ---- members: values with their keys ---- */

/* Inline, so that the lengths of keys are known. */
static inline void json_m_text(struct document *d, const char *key,
			       const char *text)
{
	json_key(&d->j, key);
	json_text(&d->j, text);
}

static inline void json_m_number(struct document *d, const char *key,
				 uint64_t n)
{
	json_key(&d->j, key);
	json_number(&d->j, n);
}

/* Null when it is 0. */
static inline void json_m_count(struct document *d, const char *key, uint64_t n)
{
	json_key(&d->j, key);
	if (n)
		json_number(&d->j, n);
	else
		json_null(&d->j);
}

static inline void json_m_bool(struct document *d, const char *key, bool value)
{
	json_key(&d->j, key);
	json_bool(&d->j, value);
}

/* Null for 0. */
static inline void json_m_time(struct document *d, const char *key,
			       nanoseconds time)
{
	json_key(&d->j, key);
	if (time)
		json_time(&d->j, time);
	else
		json_null(&d->j);
}

static inline void json_m_end(struct document *d, const char *key,
			      const struct endpoint *e)
{
	json_key(&d->j, key);
	json_endpoint(&d->j, e);
}

static inline void json_m_ms(struct document *d, const char *key,
			     nanoseconds duration)
{
	json_key(&d->j, key);
	json_ms(d, duration);
}

static inline void json_m_ip(struct document *d, const char *key,
			     const struct endpoint *e)
{
	json_key(&d->j, key);
	json_ip(d, e);
}

static inline void json_m_uris(struct document *d, const char *key,
			       const char *text)
{
	json_key(&d->j, key);
	json_uris(d, text);
}

static inline void json_m_secret(struct document *d, const char *key,
				 struct slice secret)
{
	json_key(&d->j, key);
	json_secret(d, secret);
}

static inline void json_m_id(struct document *d, const char *key, char kind,
			     size_t row)
{
	json_key(&d->j, key);
	json_id(d, kind, row);
}

static inline void json_m_place(struct document *d, const char *key,
				place_number place)
{
	json_key(&d->j, key);
	json_place(d, place);
}

/* "id" and "key" of a row. */
void json_m_names(struct document *d, char kind, enum key_kind key, size_t row);
/* "frames": the first ones and the last. */
void json_m_frames(struct document *d, const struct cited *cited);
void json_m_integrity(struct document *d, const struct integrity_counts *c);
void json_m_history(struct document *d, const struct chain *history);

#endif /* REPORT_JSON_PARTS_H */
