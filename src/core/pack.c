/* Packing and unpacking with zlib. */
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

/* ---- unpacking ---- */

#define PIECE ((size_t)4096)

struct unpacker {
	z_stream stream;
	struct text plain;
	size_t most;
};

struct unpacker *unpacker_new(size_t most)
{
	struct unpacker *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	if (inflateInit2(&u->stream, -MAX_WBITS) != Z_OK) {
		free(u);
		return NULL;
	}
	u->most = most;
	u->plain = text_new(most + PIECE);
	return u;
}

void unpacker_free(struct unpacker *u)
{
	if (!u)
		return;
	(void)inflateEnd(&u->stream);
	text_free(&u->plain);
	free(u);
}

void unpacker_reset(struct unpacker *u)
{
	(void)inflateReset(&u->stream);
}

/* All that comes of these bytes.  Behind a last block (RFC 7692 7.2.3.4) it
 * begins anew. */
static enum status inflate_all(struct unpacker *u, struct slice in)
{
	int result = Z_OK;

	u->stream.next_in = (Bytef *)(uintptr_t)in.p;
	u->stream.avail_in = (unsigned)in.n;
	do {
		char *room = text_room(&u->plain, PIECE);

		if (!room)
			return STATUS_NOMEM;
		u->stream.next_out = (Bytef *)room;
		u->stream.avail_out = PIECE;
		result = inflate(&u->stream, Z_SYNC_FLUSH);
		u->plain.n += PIECE - u->stream.avail_out;
		if (u->plain.n > u->most)
			return STATUS_LIMIT;
		if (result == Z_STREAM_END)
			result = inflateReset(&u->stream);
	} while (result == Z_OK &&
		 (u->stream.avail_in || u->stream.avail_out == 0));
	return result == Z_OK || result == Z_BUF_ERROR ? STATUS_OK : STATUS_BAD;
}

enum status unpacker_put(struct unpacker *u, struct slice in, struct slice *out)
{
	static const uint8_t end[] = {0, 0, 0xff, 0xff};
	enum status status = in.n < UINT_MAX ? STATUS_OK : STATUS_LIMIT;

	text_clear(&u->plain);
	if (status == STATUS_OK)
		status = inflate_all(u, in);
	if (status == STATUS_OK)
		status = inflate_all(u, slice_of(end, sizeof(end)));
	*out = text_slice(&u->plain);
	if (status != STATUS_OK)
		unpacker_reset(u);
	return status;
}

/* ---- a whole stream ---- */

static enum status inflate_whole(z_stream *z, struct text *to)
{
	int result = Z_OK;

	while (result == Z_OK) {
		char *room = text_room(to, PIECE);

		if (!room)
			return to->failed;
		z->next_out = (Bytef *)room;
		z->avail_out = PIECE;
		result = inflate(z, Z_NO_FLUSH);
		to->n += PIECE - z->avail_out;
	}
	return result == Z_STREAM_END ? STATUS_OK : STATUS_BAD;
}

enum status unpack_whole(struct slice in, struct text *to)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)in.p,
		      .avail_in = (unsigned)in.n};
	enum status status;

	if (in.n > UINT_MAX / 4)
		return STATUS_LIMIT;
	/* 32: whichever of the two it is. */
	if (inflateInit2(&z, MAX_WBITS + 32) != Z_OK)
		return STATUS_NOMEM;
	status = inflate_whole(&z, to);
	(void)inflateEnd(&z);
	return status;
}
