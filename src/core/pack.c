/* Packing with zlib. */
#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "core/crypto.h"
#include "core/pack.h"

#define LEVEL 3 /* quick; text shrinks to a tenth all the same */

struct packer {
	z_stream stream;
	struct text packed;
};

struct packer *packer_new(void)
{
	struct packer *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	/* Negative: without the header of zlib. */
	if (deflateInit2(&p->stream, LEVEL, Z_DEFLATED, -MAX_WBITS, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK) {
		free(p);
		return NULL;
	}
	p->packed = text_new(UINT_MAX / 2);
	return p;
}

void packer_free(struct packer *p)
{
	if (!p)
		return;
	(void)deflateEnd(&p->stream);
	text_free(&p->packed);
	free(p);
}

static bool deflate_all(struct packer *p, struct slice in)
{
	size_t most = deflateBound(&p->stream, in.n);
	char *room;

	text_clear(&p->packed);
	room = in.n < UINT_MAX / 4 ? text_room(&p->packed, most) : NULL;
	if (!room || deflateReset(&p->stream) != Z_OK)
		return false;
	/* zlib does not write to its input, but says so only if asked. */
	p->stream.next_in = (Bytef *)(uintptr_t)in.p;
	p->stream.avail_in = (unsigned)in.n;
	p->stream.next_out = (Bytef *)room;
	p->stream.avail_out = (unsigned)most;
	if (deflate(&p->stream, Z_FINISH) != Z_STREAM_END)
		return false;
	p->packed.n = most - p->stream.avail_out;
	return true;
}

void packer_put(struct packer *p, struct slice in, struct text *to)
{
	char *room;

	if (!deflate_all(p, in)) {
		to->failed = STATUS_LIMIT;
		return;
	}
	room = text_room(to, (p->packed.n + 2) / 3 * 4);
	if (room)
		to->n += base64_encode(text_slice(&p->packed), room);
}
