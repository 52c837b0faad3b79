/*
 * STUN transactions that are open: what a response needs of its request.
 *
 * A table of fixed size; where it is full the oldest of a few makes room, so
 * only requests that nobody answered for long are forgotten.
 */
#ifndef FLOW_TRANSACTIONS_H
#define FLOW_TRANSACTIONS_H

#include "core/clock.h"
#include "dissectors/stun.h"

#define TRANSACTION_SETS ((size_t)16384)
#define TRANSACTION_WAYS ((size_t)4)

struct transaction {
	uint8_t id[16];
	nanoseconds time; /* of the newest request with this id */
	uint32_t name;	  /* keyring name, 0: none */
	uint32_t flow;
	uint16_t type;
	bool used;
	bool ms_turn;
};

struct transactions {
	struct transaction *rows; /* NULL until the first request */
};

/* The row with this id, or NULL. */
struct transaction *transaction_find(struct transactions *t,
				     const uint8_t id[16]);
/* The row with this id, made if need be; NULL when memory is out. */
struct transaction *transaction_note(struct transactions *t,
				     const uint8_t id[16], nanoseconds now);
void transactions_free(struct transactions *t);

#endif /* FLOW_TRANSACTIONS_H */
