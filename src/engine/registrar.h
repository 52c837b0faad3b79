/*
 * Bindings: where a user can be reached, by address of record (RFC 3261 10.3).
 *
 * A binding is one contact.  One with the same URI, or the same +sip.instance,
 * takes its place; of those that an address may have, the one that ends first
 * gives way.  A contact that stands for its connection (proxy=replace) is gone
 * with it.
 */
#ifndef ENGINE_REGISTRAR_H
#define ENGINE_REGISTRAR_H

#include "core/clock.h"
#include "core/hash.h"

#define REGISTRAR_CONTACTS_MAX 16u /* of an address, and of a request */
#define REGISTRAR_TEXT_MAX 1024u   /* of the texts of one binding */

struct registrar_binding {
	struct slice aor, contact, instance, epid, call_id;
	uint64_t connection; /* it lives as long as this; 0: it does not care */
	uint64_t flow;       /* that it came over */
	nanoseconds until;
	uint32_t cseq;
	uint32_t next; /* of the same hash, or of the free ones */
	bool used;
	uint8_t *text; /* that the slices borrow from */
};

struct registrar {
	struct registrar_binding *rows;
	size_t count, room, max, live;
	uint32_t free;
	struct index by_aor;
	uint64_t key;
	void *context;
	/* Does the connection of this serial number stand? */
	bool (*stands)(void *context, uint64_t connection);
};

/* At most `max` contacts; `key` of hashes comes from the dice. */
void registrar_init(struct registrar *r, size_t max, uint64_t key);
void registrar_free(struct registrar *r);

struct registrar_contact {
	struct slice uri, instance, epid;
	uint32_t seconds; /* 0: remove it */
};

/* What one REGISTER wants. */
struct registrar_update {
	struct slice aor, call_id;
	uint32_t cseq;
	uint64_t connection, flow;
	const struct registrar_contact *contacts;
	size_t count;
	bool all; /* remove all ("*") */
};

/*
 * All of it, or nothing: STATUS_BAD (a CSeq that is not above that of the
 * binding's Call-ID), STATUS_LIMIT (too many, or too long), STATUS_NOMEM.
 */
MUST_CHECK enum status registrar_apply(struct registrar *r,
				       const struct registrar_update *update,
				       nanoseconds now);

/* The live bindings of an address, at most `max`; their number. */
size_t registrar_list(const struct registrar *r, struct slice aor,
		      nanoseconds now, const struct registrar_binding **out,
		      size_t max);

/* Removes what is over. */
void registrar_sweep(struct registrar *r, nanoseconds now);

#endif /* ENGINE_REGISTRAR_H */
