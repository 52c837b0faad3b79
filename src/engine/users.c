/* Users and their keys. */
#include "config.h"

#include <stdlib.h>

#include "engine/rest.h"
#include "engine/users.h"

void users_init(struct users *users, struct slice realm, struct slice secret,
		uint64_t key)
{
	*users = (struct users){.realm = realm,
				.secret = secret,
				.key = key,
				.free = USER_NONE};
}

void users_free(struct users *users)
{
	for (size_t i = 0; i < users->count; i++)
		free(users->rows[i].name);
	bytes_wipe(users->rows, users->count * sizeof(*users->rows));
	free(users->rows);
	index_free(&users->by_name);
	index_free(&users->by_hash);
	*users = (struct users){0};
}

static uint64_t hash_of(const struct users *users, struct slice s)
{
	return hash_bytes(users->key, s);
}

static struct slice name_of(const struct user *user)
{
	return slice_of(user->name, user->name_size);
}

static bool same_name(const void *rows, uint32_t row, const void *key)
{
	return slice_equal(name_of((const struct user *)rows + row),
			   *(const struct slice *)key);
}

static bool same_hash(const void *rows, uint32_t row, const void *key)
{
	const struct user *user = (const struct user *)rows + row;

	return slice_equal(slice_of(user->hash, SHA256_SIZE),
			   *(const struct slice *)key);
}

static uint32_t row_of_name(const struct users *users, struct slice name)
{
	return index_find(&users->by_name, hash_of(users, name), same_name,
			  users->rows, &name);
}

/* A row that is free, or a new one; NULL at the limit or without memory. */
static struct user *free_row(struct users *users)
{
	size_t room = users->room ? users->room * 2 : 16;
	struct user *rows;

	if (users->free != USER_NONE) {
		rows = &users->rows[users->free];
		users->free = rows->allocations;
		rows->allocations = 0;
		return rows;
	}
	if (users->count < users->room)
		return &users->rows[users->count++];
	if (users->count >= USERS_MAX)
		return NULL;
	rows = realloc(users->rows, room * sizeof(*rows));
	if (!rows)
		return NULL;
	memset(rows + users->room, 0, (room - users->room) * sizeof(*rows));
	users->rows = rows;
	users->room = room;
	return &rows[users->count++];
}

static enum status index_row(struct users *users, uint32_t row)
{
	const struct user *user = &users->rows[row];
	uint64_t by_name = hash_of(users, name_of(user));
	uint64_t by_hash = hash_of(users, slice_of(user->hash, SHA256_SIZE));

	if (index_add(&users->by_name, by_name, row) != STATUS_OK)
		return STATUS_NOMEM;
	if (index_add(&users->by_hash, by_hash, row) != STATUS_OK) {
		(void)index_remove(&users->by_name, by_name, row);
		return STATUS_NOMEM;
	}
	return STATUS_OK;
}

/* Nothing secret stays in a row that is given back. */
static void give_back(struct users *users, uint32_t row)
{
	struct user *user = &users->rows[row];

	free(user->name);
	bytes_wipe(user, sizeof(*user));
	*user = (struct user){.allocations = users->free};
	users->free = row;
}

static void forget_row(struct users *users, uint32_t row)
{
	struct user *user = &users->rows[row];

	(void)index_remove(&users->by_name, hash_of(users, name_of(user)), row);
	(void)index_remove(&users->by_hash,
			   hash_of(users, slice_of(user->hash, SHA256_SIZE)),
			   row);
	give_back(users, row);
}

/* A new row with these keys, in the indexes; USER_NONE. */
static uint32_t add_row(struct users *users, const struct user_found *who)
{
	struct slice pieces[] = {who->name, SLICE(":"), users->realm};
	struct user *user = free_row(users);
	uint32_t row;

	if (!user)
		return USER_NONE;
	row = (uint32_t)(user - users->rows);
	user->name = malloc(who->name.n);
	if (!user->name) {
		give_back(users, row);
		return USER_NONE;
	}
	memcpy(user->name, who->name.p, who->name.n);
	user->name_size = (uint16_t)who->name.n;
	user->md5 = *who->md5_key;
	user->sha256 = *who->sha256_key;
	sha256(pieces, 3, user->hash);
	if (index_row(users, row) == STATUS_OK)
		return row;
	give_back(users, row);
	return USER_NONE;
}

static void make_keys(const struct users *users, struct slice password,
		      struct user_found *who)
{
	stun_key_long_term(who->name, users->realm, password, false, &who->md5);
	stun_key_long_term(who->name, users->realm, password, true,
			   &who->sha256);
	who->md5_key = &who->md5;
	who->sha256_key = &who->sha256;
	who->row = USER_NONE;
}

enum status users_add(struct users *users, struct slice name,
		      struct slice password)
{
	struct user_found who = {.name = name};
	uint32_t row;

	if (name.n == 0 || name.n > USER_NAME_MAX ||
	    row_of_name(users, name) != INDEX_NONE)
		return STATUS_BAD;
	if (users->count >= USERS_MAX)
		return STATUS_LIMIT;
	make_keys(users, password, &who);
	row = add_row(users, &who);
	bytes_wipe(&who, sizeof(who));
	if (row == USER_NONE)
		return STATUS_NOMEM;
	users->rows[row].listed = true;
	return STATUS_OK;
}

enum status users_add_keyless(struct users *users, struct slice name)
{
	enum status status = users_add(users, name, (struct slice){0});
	struct user *user;

	if (status != STATUS_OK)
		return status;
	user = &users->rows[row_of_name(users, name)];
	user->keyless = true;
	bytes_wipe(&user->md5, sizeof(user->md5));
	bytes_wipe(&user->sha256, sizeof(user->sha256));
	return STATUS_OK;
}

/* ---- time-limited names ---- */

static bool find_by_secret(const struct users *users, struct slice name,
			   nanoseconds now, struct user_found *out)
{
	char password[28];
	size_t n;

	if (users->secret.n == 0 || name.n == 0 || name.n > USER_NAME_MAX ||
	    rest_is_over(name, now))
		return false;
	n = turn_rest_password(users->secret, name, password);
	out->name = name;
	make_keys(users, slice_of(password, n), out);
	bytes_wipe(password, sizeof(password));
	return true;
}

bool users_find(const struct users *users, const struct stun_message *m,
		nanoseconds now, struct user_found *out)
{
	uint32_t row;

	if (m->has_username)
		row = row_of_name(users, m->username);
	else
		row = index_find(&users->by_hash, hash_of(users, m->userhash),
				 same_hash, users->rows, &m->userhash);
	if (row == INDEX_NONE)
		return m->has_username &&
		       find_by_secret(users, m->username, now, out);
	if (users->rows[row].keyless)
		return false;
	if (!users->rows[row].listed &&
	    rest_is_over(name_of(&users->rows[row]), now))
		return false;
	out->row = row;
	out->name = name_of(&users->rows[row]);
	out->md5_key = &users->rows[row].md5;
	out->sha256_key = &users->rows[row].sha256;
	return true;
}

uint32_t users_named(const struct users *users, struct slice name)
{
	uint32_t row = row_of_name(users, name);

	return row == INDEX_NONE ? USER_NONE : row;
}

bool users_is(const struct users *users, uint32_t row,
	      const struct user_found *who)
{
	return slice_equal(name_of(&users->rows[row]), who->name);
}

uint32_t users_row(struct users *users, const struct user_found *who)
{
	return who->row != USER_NONE ? who->row : add_row(users, who);
}

void users_hold(struct users *users, uint32_t row)
{
	users->rows[row].allocations++;
}

void users_release(struct users *users, uint32_t row)
{
	struct user *user = &users->rows[row];

	if (user->allocations)
		user->allocations--;
	if (user->allocations == 0 && !user->listed)
		forget_row(users, row);
}
