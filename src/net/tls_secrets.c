/* The table of TLS secrets. */
#include "config.h"

#include <stdlib.h>

#include "net/tls_secrets.h"

#define ROOM_FIRST 64u

struct secret_key {
	enum tls_label label;
	struct slice id;
};

/* Differs from run to run where addresses are random; need not be a secret
 * offline. */
static uint64_t hash_of(const struct tls_secrets *s,
			const struct secret_key *key)
{
	uint64_t own = (uint64_t)(uintptr_t)s * UINT64_C(0x9e3779b97f4a7c15);

	return hash_bytes(own + (uint64_t)key->label, key->id);
}

static bool is_same(const void *rows, uint32_t row, const void *wanted)
{
	const struct tls_secret *secret = (const struct tls_secret *)rows + row;
	const struct secret_key *key = wanted;

	return secret->label == key->label &&
	       memcmp(secret->id, key->id.p, TLS_ID_SIZE) == 0;
}

static uint32_t find(const struct tls_secrets *s, const struct secret_key *key)
{
	return index_find(&s->index, hash_of(s, key), is_same, s->rows, key);
}

/* A larger block; the old one is wiped. */
static bool grow(struct tls_secrets *s)
{
	size_t room = s->room ? s->room * 2 : ROOM_FIRST;
	struct tls_secret *rows = calloc(room, sizeof(*rows));

	if (!rows)
		return false;
	if (s->count) {
		memcpy(rows, s->rows, s->count * sizeof(*rows));
		bytes_wipe(s->rows, s->count * sizeof(*rows));
	}
	free(s->rows);
	s->rows = rows;
	s->room = room;
	return true;
}

static enum status add_row(struct tls_secrets *s, const struct secret_key *key,
			   uint32_t *row)
{
	if (s->count >= TLS_SECRETS_MAX) {
		s->refused++;
		return STATUS_LIMIT;
	}
	if (s->count == s->room && !grow(s))
		return STATUS_NOMEM;
	*row = (uint32_t)s->count;
	s->rows[*row].label = (uint8_t)key->label;
	memcpy(s->rows[*row].id, key->id.p, TLS_ID_SIZE);
	if (index_add(&s->index, hash_of(s, key), *row) != STATUS_OK)
		return STATUS_NOMEM;
	s->count++;
	return STATUS_OK;
}

static bool is_as_known(const struct tls_secret *row, struct slice secret)
{
	return slice_equal(slice_of(row->bytes, row->size), secret);
}

enum status tls_secrets_add(struct tls_secrets *s, enum tls_label label,
			    struct slice id, struct slice secret)
{
	struct secret_key key = {label, id};
	enum status status = STATUS_OK;
	uint32_t row;

	if (id.n != TLS_ID_SIZE || secret.n == 0 ||
	    secret.n > TLS_SECRET_SIZE_MAX)
		return STATUS_BAD;
	row = find(s, &key);
	if (row == INDEX_NONE)
		status = add_row(s, &key, &row);
	else if (is_as_known(&s->rows[row], secret))
		return STATUS_OK;
	if (status != STATUS_OK)
		return status;
	s->rows[row].size = (uint8_t)secret.n;
	memcpy(s->rows[row].bytes, secret.p, secret.n);
	if (label < TLS_LABELS)
		s->changes++;
	if (s->missed && label < TLS_LABELS)
		s->late = true;
	return STATUS_OK;
}

enum status tls_secrets_add_rsa(struct tls_secrets *s, struct rsa_key *key)
{
	if (s->rsa_count >= TLS_RSA_KEYS_MAX) {
		rsa_key_free(key);
		return STATUS_LIMIT;
	}
	s->rsa[s->rsa_count++] = key;
	return STATUS_OK;
}

struct slice tls_secrets_find(const struct tls_secrets *s, enum tls_label label,
			      struct slice id)
{
	struct secret_key key = {label, id};
	uint32_t row = INDEX_NONE;

	if (s->count && id.n == TLS_ID_SIZE)
		row = find(s, &key);
	if (row == INDEX_NONE)
		return (struct slice){0};
	return slice_of(s->rows[row].bytes, s->rows[row].size);
}

void tls_secrets_forget_older(struct tls_secrets *s)
{
	size_t kept = s->count / 2, gone = s->count - kept;

	index_free(&s->index);
	if (kept)
		memmove(s->rows, s->rows + gone, kept * sizeof(*s->rows));
	if (gone)
		bytes_wipe(s->rows + kept, gone * sizeof(*s->rows));
	s->count = 0;
	for (size_t i = 0; i < kept; i++) {
		struct secret_key key = {(enum tls_label)s->rows[i].label,
					 slice_of(s->rows[i].id, TLS_ID_SIZE)};

		if (index_add(&s->index, hash_of(s, &key), (uint32_t)i) !=
		    STATUS_OK)
			return;
		s->count++;
	}
}

void tls_secrets_restart(struct tls_secrets *s)
{
	s->missed = false;
	s->late = false;
}

void tls_secrets_free(struct tls_secrets *s)
{
	if (s->count)
		bytes_wipe(s->rows, s->count * sizeof(*s->rows));
	free(s->rows);
	index_free(&s->index);
	for (size_t i = 0; i < s->rsa_count; i++)
		rsa_key_free(s->rsa[i]);
	*s = (struct tls_secrets){.count = 0};
}
