/* Compressed captures, by way of zlib, libzstd and liblz4. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include <lz4frame.h>
#define ZLIB_CONST /* next_in points to const */
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "capture/compress.h"
#include "core/cursor.h"

#define INPUT_SIZE 65536u

#define ZSTD_MAGIC 0xFD2FB528u
#define LZ4_MAGIC 0x184D2204u
#define SKIPPABLE_MAGIC 0x184D2A50u
#define SKIPPABLE_MASK 0xFFFFFFF0u

struct unpacker {
	struct byte_source bytes;
	const struct compression *how;
	struct byte_source *packed;
	size_t left;      /* input not yet used ... */
	const uint8_t *p; /* ... and where it is */
	bool input_ended;
	bool between; /* a piece ended, and none has begun */
	uint64_t in, out;
	enum status failed; /* to be told when all before it was taken */
	int error;          /* errno of STATUS_IO */
	z_stream zlib;
	ZSTD_DStream *zstd;
	LZ4F_dctx *lz4;
	uint8_t input[INPUT_SIZE];
};

/*
 * One library.  `step` unpacks from p and left to `to`, keeps `between` and
 * gives *got.  STATUS_OK; STATUS_END: what follows is none of its own.
 */
struct compression {
	const char *name;
	const char *damaged;
	const char *cut_off;
	bool (*claims)(struct slice first);
	enum status (*start)(struct unpacker *u);
	enum status (*step)(struct unpacker *u, uint8_t *to, size_t n,
			    size_t *got);
	void (*stop)(struct unpacker *u);
};

static void use_input(struct unpacker *u, size_t n)
{
	u->p += n;
	u->left -= n;
	u->in += n;
}

static bool gzip_claims(struct slice first)
{
	return slice_starts(first, SLICE("\x1F\x8B"));
}

static enum status gzip_start(struct unpacker *u)
{
	/* 16: a gzip header and trailer, not zlib's own. */
	return inflateInit2(&u->zlib, 15 + 16) == Z_OK ? STATUS_OK
						       : STATUS_NOMEM;
}

static enum status gzip_step(struct unpacker *u, uint8_t *to, size_t n,
			     size_t *got)
{
	z_stream *z = &u->zlib;
	size_t given = u->left;
	int result;

	if (u->between && u->in > 0) {
		if (u->left == 0)
			return STATUS_OK;
		/* Padding behind the last member, say. */
		if (u->p[0] != 0x1F || inflateReset(z) != Z_OK)
			return STATUS_END;
	}
	u->between = false;
	z->next_in = u->p;
	z->avail_in = (uInt)given;
	z->next_out = to;
	z->avail_out = n < UINT_MAX ? (uInt)n : UINT_MAX;
	result = inflate(z, Z_NO_FLUSH);
	use_input(u, given - z->avail_in);
	*got = (size_t)(z->next_out - to);
	u->between = result == Z_STREAM_END;
	if (result == Z_MEM_ERROR)
		return STATUS_NOMEM;
	return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR
		       ? STATUS_OK
		       : STATUS_BAD;
}

static void gzip_stop(struct unpacker *u)
{
	inflateEnd(&u->zlib);
}

/*
 * The first magic of zstd or lz4, past frames that both let readers skip; 0
 * when it lies further on.
 */
static uint32_t frame_magic(struct slice first)
{
	struct cursor c = cursor_over(first);
	uint32_t magic = cursor_u32le(&c);

	while (!c.bad && (magic & SKIPPABLE_MASK) == SKIPPABLE_MAGIC) {
		cursor_skip(&c, cursor_u32le(&c));
		magic = cursor_u32le(&c);
		if (c.bad)
			return ZSTD_MAGIC;
	}
	return magic;
}

/*
 * Can a further frame begin with what is at hand?  A library keeps what is too
 * short to be a frame, and then it seems to be cut off: some bytes that were
 * appended are told from a frame here.
 */
static bool frame_may_begin(const struct unpacker *u, uint32_t magic)
{
	const uint32_t wanted[] = {magic, SKIPPABLE_MAGIC};
	const uint32_t masks[] = {UINT32_MAX, SKIPPABLE_MASK};
	size_t n = u->left < 4 ? u->left : 4;

	for (unsigned i = 0; i < 2; i++) {
		uint32_t differs = 0;

		for (size_t at = 0; at < n; at++)
			differs |= ((uint32_t)u->p[at] ^ wanted[i] >> 8 * at) &
				   masks[i] >> 8 * at & 0xFF;
		if (!differs)
			return true;
	}
	return false;
}

static bool zstd_claims(struct slice first)
{
	return frame_magic(first) == ZSTD_MAGIC;
}

static enum status zstd_start(struct unpacker *u)
{
	u->zstd = ZSTD_createDStream();
	return u->zstd ? STATUS_OK : STATUS_NOMEM;
}

static enum status zstd_step(struct unpacker *u, uint8_t *to, size_t n,
			     size_t *got)
{
	ZSTD_inBuffer in = {.src = u->p, .size = u->left};
	ZSTD_outBuffer out = {.dst = to, .size = n};
	size_t result;

	if (u->between && u->in && !frame_may_begin(u, ZSTD_MAGIC))
		return STATUS_END;
	result = ZSTD_decompressStream(u->zstd, &out, &in);
	use_input(u, in.pos);
	*got = out.pos;
	if (!ZSTD_isError(result)) {
		if (in.pos || out.pos)
			u->between = result == 0;
		return STATUS_OK;
	}
	switch ((int)ZSTD_getErrorCode(result)) {
	case ZSTD_error_memory_allocation:
		return STATUS_NOMEM;
	case ZSTD_error_frameParameter_windowTooLarge:
		u->bytes.why = "the zstd data needs a window of more than "
			       "128 MiB";
		return STATUS_LIMIT;
	default:
		return STATUS_BAD;
	}
}

static void zstd_stop(struct unpacker *u)
{
	ZSTD_freeDStream(u->zstd);
}

static bool lz4_claims(struct slice first)
{
	return frame_magic(first) == LZ4_MAGIC;
}

static enum status lz4_start(struct unpacker *u)
{
	size_t result = LZ4F_createDecompressionContext(&u->lz4, LZ4F_VERSION);

	return LZ4F_isError(result) ? STATUS_NOMEM : STATUS_OK;
}

static enum status lz4_step(struct unpacker *u, uint8_t *to, size_t n,
			    size_t *got)
{
	size_t in = u->left, out = n;
	size_t result;

	if (u->between && u->in && !frame_may_begin(u, LZ4_MAGIC))
		return STATUS_END;
	result = LZ4F_decompress(u->lz4, to, &out, u->p, &in, NULL);
	if (LZ4F_isError(result))
		return STATUS_BAD;
	use_input(u, in);
	*got = out;
	if (in || out)
		u->between = result == 0;
	return STATUS_OK;
}

static void lz4_stop(struct unpacker *u)
{
	LZ4F_freeDecompressionContext(u->lz4);
}

static const struct compression compressions[] = {
	{
		.name = "gzip",
		.damaged = "the gzip data is damaged",
		.cut_off = "the gzip data is cut off",
		.claims = gzip_claims,
		.start = gzip_start,
		.step = gzip_step,
		.stop = gzip_stop,
	},
	{
		.name = "zstd",
		.damaged = "the zstd data is damaged",
		.cut_off = "the zstd data is cut off",
		.claims = zstd_claims,
		.start = zstd_start,
		.step = zstd_step,
		.stop = zstd_stop,
	},
	{
		.name = "lz4",
		.damaged = "the lz4 data is damaged",
		.cut_off = "the lz4 data is cut off",
		.claims = lz4_claims,
		.start = lz4_start,
		.step = lz4_step,
		.stop = lz4_stop,
	},
};

const struct compression *compression_find(struct slice first)
{
	for (size_t i = 0; i < sizeof(compressions) / sizeof(compressions[0]);
	     i++)
		if (compressions[i].claims(first))
			return &compressions[i];
	return NULL;
}

const char *compression_name(const struct compression *compression)
{
	return compression->name;
}

/* Gets input when all was used. */
static enum status refill(struct unpacker *u)
{
	size_t got = 0;
	enum status status;

	if (u->left || u->input_ended)
		return STATUS_OK;
	status = u->packed->read(u->packed, u->input, INPUT_SIZE, &got);
	u->error = errno;
	if (status != STATUS_OK) {
		u->bytes.why = u->packed->why;
		return status;
	}
	u->p = u->input;
	u->left = got;
	u->input_ended = got == 0;
	return STATUS_OK;
}

static enum status check_limits(struct unpacker *u)
{
	if (u->out > UNPACKED_MAX)
		u->bytes.why = "it unpacks to more than 64 GiB";
	else if (u->out > UNPACKED_RATIO_FROM &&
		 u->out / UNPACKED_RATIO_MAX > u->in)
		u->bytes.why = "it unpacks to more than 1000 times its size";
	else
		return STATUS_OK;
	return STATUS_LIMIT;
}

/* Unpacks a little; STATUS_END at the end. */
static enum status unpack_some(struct unpacker *u, uint8_t *to, size_t n,
			       size_t *got)
{
	uint64_t in = u->in;
	enum status status = refill(u);

	if (status != STATUS_OK)
		return status;
	status = u->how->step(u, to, n, got);
	u->out += *got;
	if (status == STATUS_BAD)
		u->bytes.why = u->how->damaged;
	if (status != STATUS_OK)
		return status;
	if (*got || u->in != in)
		return check_limits(u);
	if (u->left == 0 && u->between)
		return STATUS_END;
	u->bytes.why = u->left ? u->how->damaged : u->how->cut_off;
	return STATUS_BAD;
}

static enum status unpacker_read(struct byte_source *self, uint8_t *to,
				 size_t n, size_t *got)
{
	struct unpacker *u = (struct unpacker *)self;

	*got = 0;
	while (*got == 0 && n > 0 && u->failed == STATUS_OK)
		u->failed = unpack_some(u, to, n, got);
	if (*got || u->failed == STATUS_END)
		return STATUS_OK;
	errno = u->error;
	return u->failed;
}

static void unpacker_close(struct byte_source *self)
{
	struct unpacker *u = (struct unpacker *)self;

	u->how->stop(u);
	u->packed->close(u->packed);
	free(u);
}

enum status compression_open(const struct compression *compression,
			     struct byte_source *packed, struct slice first,
			     struct byte_source **out)
{
	struct unpacker *u = NULL;
	enum status status = STATUS_NOMEM;

	if (first.n <= INPUT_SIZE)
		u = calloc(1, sizeof(*u));
	if (!u)
		goto fail;
	u->how = compression;
	u->packed = packed;
	u->between = true;
	if (first.n)
		memcpy(u->input, first.p, first.n);
	u->p = u->input;
	u->left = first.n;
	u->bytes.read = unpacker_read;
	u->bytes.close = unpacker_close;
	u->bytes.size = UINT64_MAX;
	u->bytes.block = packed->block;
	u->bytes.ahead = packed->ahead;
	status = compression->start(u);
	if (status != STATUS_OK)
		goto fail;
	*out = &u->bytes;
	return STATUS_OK;
fail:
	free(u);
	packed->close(packed);
	return status;
}
