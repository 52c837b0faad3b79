/*
 * Who may use the server: users with passwords, and a secret from which the
 * passwords of time-limited user names follow (TURN REST: "expiry:user").
 *
 * Each user's keys are prepared once.  A user that is not in the list has a
 * row while it holds allocations, so that they can be counted.
 */
#ifndef ENGINE_USERS_H
#define ENGINE_USERS_H

#include "core/clock.h"
#include "core/hash.h"
#include "dissectors/stun_integrity.h"

#define USERS_MAX ((size_t)1 << 20)
#define USER_NAME_MAX 512u

struct user {
	struct stun_key md5, sha256; /* long-term keys of both algorithms */
	uint8_t *name;               /* as in USERNAME */
	uint8_t hash[SHA256_SIZE];   /* USERHASH (RFC 8489 14.4) */
	uint16_t name_size;
	bool listed;  /* stays without allocations */
	bool keyless; /* found by users_named only: tokens have the key */
	uint32_t allocations; /* that it holds; of a free row: the next one */
};

struct users {
	struct slice realm;  /* borrowed, good as long as this is */
	struct slice secret; /* of TURN REST; empty: none; borrowed */
	struct user *rows;
	size_t count, room;
	uint32_t free; /* row that was given back, or USER_NONE */
	struct index by_name, by_hash;
	uint64_t key; /* of the indexes */
};

#define USER_NONE UINT32_MAX

/* `realm` and `secret` are borrowed; `key` of hashes comes from the dice. */
void users_init(struct users *users, struct slice realm, struct slice secret,
		uint64_t key);
void users_free(struct users *users);

/* A user of the list.  STATUS_BAD: the name is empty or too long, or there
 * already; STATUS_LIMIT, STATUS_NOMEM. */
MUST_CHECK enum status users_add(struct users *users, struct slice name,
				 struct slice password);

/* A name without password (RFC 7635: a kid).  Likewise. */
MUST_CHECK enum status users_add_keyless(struct users *users,
					 struct slice name);

/* Who a request says it is, and the keys of that. */
struct user_found {
	struct stun_key md5, sha256; /* of one that has no row */
	const struct stun_key *md5_key, *sha256_key;
	uint32_t row; /* or USER_NONE: one by the secret */
	struct slice name;
};

/*
 * The user of a request, by USERNAME or USERHASH; false when it is not known,
 * or its time is over.  A user of the secret is known by its name alone: the
 * integrity tells.
 */
bool users_find(const struct users *users, const struct stun_message *m,
		nanoseconds now, struct user_found *out);

/* The row of a name, or USER_NONE. */
uint32_t users_named(const struct users *users, struct slice name);

/* Is it this user? */
bool users_is(const struct users *users, uint32_t row,
	      const struct user_found *who);

/* The row of a user that was found, made if need be; USER_NONE when memory is
 * out. */
uint32_t users_row(struct users *users, const struct user_found *who);

/* One more, or one less, allocation; a row that is not listed goes with the
 * last. */
void users_hold(struct users *users, uint32_t row);
void users_release(struct users *users, uint32_t row);

#endif /* ENGINE_USERS_H */
