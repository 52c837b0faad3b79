/* What the user name of an MRAS token holds (spec mras-and-registration
 * 5.9). */
#include "config.h"

#include "core/cursor.h"
#include "model/signin.h"

#define BLOB_1 0x20u
#define BLOB_2 0x24u
#define HASH 20u

bool token_blob_read(struct slice username, struct token_blob *out)
{
	struct cursor c = cursor_over(username);
	struct token_blob b = {.flags = 0};
	uint64_t low;
	struct slice client;

	b.major = cursor_u8(&c);
	b.minor = cursor_u8(&c);
	b.size = cursor_u16(&c);
	low = cursor_u32(&c);
	b.filetime = (uint64_t)cursor_u32(&c) << 32 | low;
	client = cursor_take(&c, sizeof(b.client));
	b.has_flags = b.size == BLOB_2;
	if (b.has_flags)
		b.flags = cursor_u32(&c);
	/* The hash over all before it ends the name. */
	cursor_skip(&c, HASH);
	if (c.bad || cursor_rest(&c).n || b.minor != 0 ||
	    !((b.major == 1 && b.size == BLOB_1) ||
	      (b.major == 2 && b.size == BLOB_2)))
		return false;
	memcpy(b.client, client.p, sizeof(b.client));
	*out = b;
	return true;
}

bool is_discovery_name(const char *name)
{
	return slice_starts_nocase(slice_of_text(name), "lyncdiscover");
}
