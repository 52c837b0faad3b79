/* Compressed bytes for tests. */
#include "config.h"

#include <lz4frame.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include "tests/support/packer.h"
#include "tests/support/t.h"

static size_t pack_gzip(struct slice s, uint8_t *to, size_t room)
{
	z_stream z = {0};
	size_t n;

	z.next_in = s.p;
	z.avail_in = (uInt)s.n;
	z.next_out = to;
	z.avail_out = (uInt)room;
	if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
		    Z_OK ||
	    deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	n = z.total_out;
	deflateEnd(&z);
	return n;
}

static size_t pack_zstd(struct slice s, uint8_t *to, size_t room)
{
	size_t n = ZSTD_compress(to, room, s.p, s.n, 3);

	if (ZSTD_isError(n))
		abort();
	return n;
}

static size_t pack_lz4(struct slice s, uint8_t *to, size_t room)
{
	LZ4F_preferences_t preferences = LZ4F_INIT_PREFERENCES;
	size_t n;

	preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
	n = LZ4F_compressFrame(to, room, s.p, s.n, &preferences);
	if (LZ4F_isError(n))
		abort();
	return n;
}

struct slice t_pack(enum packer how, struct slice s)
{
	size_t room = s.n + s.n / 10 + 1024;
	uint8_t *to = malloc(room);
	struct slice packed;
	size_t n;

	if (!to)
		abort();
	if (how == PACKER_GZIP)
		n = pack_gzip(s, to, room);
	else if (how == PACKER_ZSTD)
		n = pack_zstd(s, to, room);
	else
		n = pack_lz4(s, to, room);
	packed = t_exact(slice_of(to, n));
	free(to);
	return packed;
}
