/*
 * Vantages: from where frames were seen.
 *
 * Each interface of each capture is one, but files that follow one another
 * (a ring, a capture that was split) are one capture: a file begins where
 * another one of the same link type has ended.
 */
#ifndef CAPTURE_VANTAGES_H
#define CAPTURE_VANTAGES_H

#include "core/clock.h"
#include "core/hash.h"

#define VANTAGES_ENDED_MAX 16u /* files that wait for one that follows */

struct vantage_end {
	uint32_t chain;
	uint32_t link_type;
};

struct vantages {
	struct vantage_key {
		uint32_t chain, interface;
	} * rows;
	size_t count, room;
	struct index index;
	struct vantage_end ended[VANTAGES_ENDED_MAX]; /* the newest last */
	size_t ended_count;
};

void vantages_free(struct vantages *v);
/* All is read again: numbers stay, what has ended is forgotten. */
void vantages_restart(struct vantages *v);

/* The chain of a file whose first frame is due: that of a file which it
 * follows, or its own place in the set. */
uint32_t vantages_begin(struct vantages *v, uint32_t place, uint32_t link_type);
/* The file with that chain has ended. */
void vantages_end(struct vantages *v, uint32_t chain, uint32_t link_type);

/* The number of the vantage, from 0 in the order of the first frames; 0 when
 * memory is out. */
uint32_t vantages_number(struct vantages *v, uint32_t chain,
			 uint32_t interface);

#endif /* CAPTURE_VANTAGES_H */
