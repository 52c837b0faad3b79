/*
 * Who may sign in: accounts by name, in any case of ASCII letters, as NTLM
 * wants it.  A name is "alice" (in any domain) or "alice@example.org".
 */
#ifndef ENGINE_SIP_ACCOUNTS_H
#define ENGINE_SIP_ACCOUNTS_H

#include "core/hash.h"

#define SIP_ACCOUNT_NAME_MAX 256u
#define SIP_ACCOUNT_NONE UINT32_MAX

struct sip_account {
	struct slice name, password; /* borrowed */
};

struct sip_accounts {
	struct sip_account *rows;
	size_t count, room, max;
	struct index by_name;
	uint64_t key;
};

/* At most `max` accounts; `key` of hashes comes from the dice. */
void sip_accounts_init(struct sip_accounts *accounts, size_t max, uint64_t key);
void sip_accounts_free(struct sip_accounts *accounts);

/* STATUS_BAD: it stands there, or the name is empty or too long. */
MUST_CHECK enum status sip_accounts_add(struct sip_accounts *accounts,
					struct slice name,
					struct slice password);

/* The row of this name; "alice" also finds "alice@host", and "alice@host" also
 * "alice".  SIP_ACCOUNT_NONE: nobody. */
uint32_t sip_accounts_find(const struct sip_accounts *accounts,
			   struct slice name, struct slice host);

/* Is user@host this account's address? */
bool sip_account_is(const struct sip_account *account, struct slice user,
		    struct slice host);

#endif /* ENGINE_SIP_ACCOUNTS_H */
