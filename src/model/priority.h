/*
 * The numbers of ICE: what a priority is made of, which pair goes before which,
 * and what foundations say (RFC 8445 5.1.1.3, 5.1.2.1, 6.1.2.3).
 */
#ifndef MODEL_PRIORITY_H
#define MODEL_PRIORITY_H

#include "model/probing.h"

struct description;
struct model;

struct priority_parts {
	unsigned type;      /* preference, 0 to 126 */
	unsigned local;     /* preference */
	unsigned component; /* 1 to 256 */
};

/* What a priority is made of, and made of that (RFC 8445 5.1.2.1). */
static inline struct priority_parts priority_parts(uint32_t priority)
{
	return (struct priority_parts){priority >> 24, priority >> 8 & 0xFFFF,
				       256 - (priority & 0xFF)};
}

static inline uint32_t priority_of(const struct priority_parts *p)
{
	return (uint32_t)p->type << 24 | (uint32_t)p->local << 8 |
	       ((256 - p->component) & 0xFF);
}

/* Of a pair, from the priorities of its candidates (1 to 2^31 - 1). */
static inline uint64_t priority_of_pair(uint32_t controlling,
					uint32_t controlled)
{
	uint64_t low = controlling < controlled ? controlling : controlled;
	uint64_t high = controlling < controlled ? controlled : controlling;

	return (low << 32) + 2 * high + (controlling > controlled);
}

/* That of a pair as it was checked; 0 when a candidate's priority or who is
 * controlling is not known. */
uint64_t pair_priority(const struct model *model, const struct pair *pair);

/* When a pair of its component should have its turn, and when it had it; from
 * 1, 0: not known, or there are more than PAIR_ORDER_MAX pairs. */
#define PAIR_ORDER_MAX 64u

struct pair_order {
	unsigned expected, begun;
};

/* Higher priorities come first (RFC 8445 6.1.2.3); those that began at the same
 * time count once. */
struct pair_order pair_order(const struct model *model,
			     const struct pair *pair);

/*
 * Do two candidates of one agent have the same foundation though they differ
 * in type, base or transport?  What is hidden (a related address of 0.0.0.0, a
 * name) is not held against them.
 */
bool foundations_clash(const struct model *model, const struct candidate *a,
		       const struct candidate *b);
/*
 * Which of Microsoft's clients wrote a description: each generation prefers its
 * relays by numbers of its own.  NULL: it has none, or they are of others.
 */
const char *relay_generation(const struct model *model,
			     const struct description *d);

/* The first candidate of a description that clashes with one before it, or
 * NULL; of very many the first are looked at. */
const struct candidate *clashing_foundation(const struct model *model,
					    const struct description *d);

#endif /* MODEL_PRIORITY_H */
