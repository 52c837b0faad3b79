/*
 * Users of Lync behind one address: the name of an MRAS token holds a pseudonym
 * of who got it ([MS-AVEDGEA] leaves the form open; model/signin.h).
 */
#include "config.h"

#include <string.h>

#include "flow/stages_state.h"

void mras_user_add(struct mras_users *users, const struct allocation *a)
{
	struct token_blob blob;

	if (!a || users->count == MRAS_USERS_TOLD ||
	    !token_blob_read(a->username, &blob))
		return;
	for (unsigned i = 0; i < users->count; i++)
		if (memcmp(users->names[i], blob.client, sizeof(blob.client)) ==
		    0)
			return;
	memcpy(users->names[users->count++], blob.client, sizeof(blob.client));
}

bool mras_users_differ(const struct mras_users *a, const struct mras_users *b)
{
	for (unsigned i = 0; i < a->count; i++)
		for (unsigned k = 0; k < b->count; k++)
			if (memcmp(a->names[i], b->names[k],
				   sizeof(a->names[i])) == 0)
				return false;
	return a->count && b->count;
}
