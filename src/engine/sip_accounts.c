/* Accounts by name. */
#include "config.h"

#include <stdlib.h>

#include "engine/sip_accounts.h"

void sip_accounts_init(struct sip_accounts *a, size_t max, uint64_t key)
{
	*a = (struct sip_accounts){.max = max, .key = key};
}

void sip_accounts_free(struct sip_accounts *a)
{
	free(a->rows);
	index_free(&a->by_name);
	*a = (struct sip_accounts){0};
}

static uint64_t name_hash(const struct sip_accounts *a, struct slice name)
{
	uint8_t small[SIP_ACCOUNT_NAME_MAX];

	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i];

		small[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c | 32) : c;
	}
	return hash_bytes(a->key, slice_of(small, name.n));
}

static bool same_name(const void *rows, uint32_t row, const void *key)
{
	const struct sip_account *list = rows;
	const struct slice *name = key;

	return slice_equal_nocase(list[row].name, *name);
}

static uint32_t row_of(const struct sip_accounts *a, struct slice name)
{
	if (name.n == 0 || name.n > SIP_ACCOUNT_NAME_MAX)
		return SIP_ACCOUNT_NONE;
	return index_find(&a->by_name, name_hash(a, name), same_name, a->rows,
			  &name);
}

static bool make_room(struct sip_accounts *a)
{
	size_t room = a->room ? a->room * 2 : 16;
	struct sip_account *rows;

	if (a->count < a->room)
		return true;
	rows = realloc(a->rows, room * sizeof(*rows));
	if (!rows)
		return false;
	a->rows = rows;
	a->room = room;
	return true;
}

enum status sip_accounts_add(struct sip_accounts *a, struct slice name,
			     struct slice password)
{
	if (name.n == 0 || name.n > SIP_ACCOUNT_NAME_MAX ||
	    row_of(a, name) != SIP_ACCOUNT_NONE)
		return STATUS_BAD;
	if (a->count == a->max)
		return STATUS_LIMIT;
	if (!make_room(a) || index_add(&a->by_name, name_hash(a, name),
				       (uint32_t)a->count) != STATUS_OK)
		return STATUS_NOMEM;
	a->rows[a->count++] =
		(struct sip_account){.name = name, .password = password};
	return STATUS_OK;
}

uint32_t sip_accounts_find(const struct sip_accounts *a, struct slice name,
			   struct slice host)
{
	uint8_t whole[SIP_ACCOUNT_NAME_MAX];
	uint32_t row = row_of(a, name);
	size_t at;

	if (row != SIP_ACCOUNT_NONE)
		return row;
	if (slice_find(name, '@', &at)) {
		row = row_of(a, slice_first(name, at));
	} else if (host.n && name.n + 1 + host.n <= sizeof(whole)) {
		if (name.n)
			memcpy(whole, name.p, name.n);
		whole[name.n] = '@';
		memcpy(whole + name.n + 1, host.p, host.n);
		row = row_of(a, slice_of(whole, name.n + 1 + host.n));
	}
	return row;
}

bool sip_account_is(const struct sip_account *account, struct slice user,
		    struct slice host)
{
	struct slice rest = account->name;
	struct slice name = slice_split(&rest, '@');

	return slice_equal_nocase(name, user) &&
	       (rest.n == 0 || slice_equal_nocase(rest, host));
}
