/*
 * The firewall table: which of the ways that set-up tried were needed, and the
 * smallest set of openings that would have connected what failed.
 *
 * Made when a view asks for it.  A call that failed could have been connected
 * in several ways (any pair of candidates, any transport to the relay); the one
 * that wants the fewest openings beside those that others want already is
 * taken, and of equal ones the one that a firewall opens most easily.
 */
#ifndef MODEL_FIREWALL_H
#define MODEL_FIREWALL_H

#include "model/port_range.h"

struct model;

struct passage {
	uint32_t path;           /* the first that wants it */
	struct port_range ports; /* of the destination, */
	struct port_range from;  /* and of the source */
	uint32_t asked;
	uint32_t calls; /* that it would have helped */
	uint32_t call;  /* the first of them */
	bool advised;   /* the call found another way, which is worse */
};

struct firewall {
	struct passage *passages;
	size_t count;
	bool *needed; /* of each path: what connected, or would have */
};

/* For firewall_free; empty when memory is out or nothing failed. */
struct firewall firewall_of(const struct model *model);
void firewall_free(struct firewall *firewall);

#endif /* MODEL_FIREWALL_H */
