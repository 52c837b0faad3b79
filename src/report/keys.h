/*
 * Keys: names for rows of the model that come from their values alone, so that
 * they stay the same when other calls or rules are added.
 *
 * Rows that have all values in common are told apart by "#2", "#3" in order of
 * time.  No key holds a secret.
 */
#ifndef REPORT_KEYS_H
#define REPORT_KEYS_H

#include "model/model.h"

enum key_kind {
	KEY_PARTY,        /* its address of record */
	KEY_REGISTRATION, /* AOR Call-ID */
	KEY_TOKEN,        /* kind and user name, or the request's Call-ID */
	KEY_ALLOCATION,   /* client, server, transport; session, relayed
			   * address, or start */
	KEY_CALL,         /* Call-ID and tags; user fragments and start; the
			   * key of what was attempted */
	KEY_NOTE,         /* the rule and the key of its subject */
	KEY_KINDS,
};

struct keys {
	const struct model *model;
	uint32_t *ordinals[KEY_KINDS]; /* of each row, from 1; or NULL */
};

/* The keys of a finished model, which must outlive them.  When memory is out
 * equal keys are not told apart. */
struct keys keys_of(const struct model *model);
void keys_free(struct keys *keys);

/* Appends the key of a row; `row` counts in the model's list of that kind. */
void key_put(const struct keys *keys, enum key_kind kind, size_t row,
	     struct text *to);

/* The user name of a token as text: itself, or "base64:..." when it is
 * binary. */
void key_put_username(struct slice username, struct text *to);

/* "mras", "turn-rest", ... */
const char *token_kind_name(enum token_kind kind);

/* The To tag of the answer that counts, or NULL. */
const char *dialog_to_tag(const struct dialog *d);

#endif /* REPORT_KEYS_H */
