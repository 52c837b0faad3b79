/*
 * STUN transactions that are open: what a response needs of its request.
 *
 * A ring with a limit: only requests that nobody answered for long are
 * forgotten.
 */
#ifndef FLOW_TRANSACTIONS_H
#define FLOW_TRANSACTIONS_H

#include "core/recent.h"
#include "dissectors/stun.h"

#define TRANSACTIONS_MAX 65536u
#define TRANSACTION_LIFE (40 * NS_PER_S) /* Ti of RFC 8489 6.2.1 */

struct transaction {
	struct recent_row recent;
	uint8_t id[16];
	uint32_t name; /* keyring name, 0: none */
	uint32_t flow;
	uint16_t type;
	bool ms_turn;
};

struct transactions { /* zeroed: empty */
	struct recent rows;
};

/* The row with this id, or NULL; good until the next one is made. */
struct transaction *transaction_find(const struct transactions *t,
				     const uint8_t id[16]);
/* The row with this id, made if need be; NULL when memory is out. */
struct transaction *transaction_note(struct transactions *t,
				     const uint8_t id[16], nanoseconds now);
void transactions_free(struct transactions *t);

#endif /* FLOW_TRANSACTIONS_H */
