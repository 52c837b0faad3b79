/* Arena: chunks of growing size, given back together. */
#include "config.h"

#include <stdlib.h>

#include "core/arena.h"
#include "core/fetch.h"

#define CHUNK_FIRST ((size_t)4096)
#define CHUNK_LARGEST ((size_t)1 << 20)
#define ALIGNMENT ((size_t)16)

struct arena_chunk {
	struct arena_chunk *older;
	size_t size; /* of the bytes that follow the header */
};

#define HEADER ((sizeof(struct arena_chunk) + ALIGNMENT - 1) & ~(ALIGNMENT - 1))

struct arena arena_new(size_t max)
{
	return (struct arena){.max = max};
}

static uint8_t *chunk_bytes(struct arena_chunk *chunk)
{
	return (uint8_t *)(void *)chunk + HEADER;
}

static bool grow(struct arena *arena, size_t n)
{
	size_t size = arena->chunks ? arena->chunks->size * 2 : CHUNK_FIRST;
	struct arena_chunk *chunk;

	if (size > CHUNK_LARGEST)
		size = CHUNK_LARGEST;
	if (size < n)
		size = n;
	if (arena->total > arena->max || size > arena->max - arena->total)
		size = n;
	if (arena->total > arena->max || size > arena->max - arena->total)
		return false;
	chunk = malloc(HEADER + size);
	if (!chunk)
		return false;
	chunk->older = arena->chunks;
	chunk->size = size;
	arena->chunks = chunk;
	arena->total += size;
	arena->used = 0;
	return true;
}

/* Bytes of text need no alignment; what comes behind them may. */
static void *take_bytes(struct arena *arena, size_t n)
{
	void *p;

	if (n > SIZE_MAX / 2)
		return NULL;
	if (!arena->chunks || n > arena->chunks->size - arena->used)
		if (!grow(arena, n))
			return NULL;
	p = chunk_bytes(arena->chunks) + arena->used;
	arena->used += n;
	return p;
}

void *arena_take(struct arena *arena, size_t n)
{
	size_t gap = -arena->used & (ALIGNMENT - 1);

	if (arena->chunks && gap <= arena->chunks->size - arena->used)
		arena->used += gap;
	else if (arena->chunks)
		arena->used = arena->chunks->size;
	return take_bytes(arena, n);
}

void arena_expect(const struct arena *arena, size_t n)
{
	size_t left = arena->chunks ? arena->chunks->size - arena->used : 0;

	if (left)
		fetch_to_write(chunk_bytes(arena->chunks) + arena->used,
			       n < left ? n : left);
}

void *arena_alloc(struct arena *arena, size_t n)
{
	void *p = arena_take(arena, n);

	if (p)
		memset(p, 0, n);
	return p;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return NULL;
	return arena_alloc(arena, count * size);
}

struct slice arena_copy(struct arena *arena, struct slice s)
{
	void *p;

	if (s.n == 0)
		return (struct slice){0};
	p = take_bytes(arena, s.n);
	if (!p)
		return (struct slice){0};
	memcpy(p, s.p, s.n);
	return slice_of(p, s.n);
}

char *arena_text(struct arena *arena, struct slice s)
{
	char *text = take_bytes(arena, s.n + 1);

	if (!text)
		return NULL;
	if (s.n)
		memcpy(text, s.p, s.n);
	text[s.n] = 0;
	/* Few have a NUL in them. */
	for (char *nul = text;
	     (nul = memchr(nul, 0, s.n - (size_t)(nul - text)));)
		*nul = '?';
	return text;
}

size_t arena_taken(const struct arena *arena)
{
	if (!arena->chunks)
		return 0;
	return arena->total - arena->chunks->size + arena->used;
}

void arena_reset(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunks;

	arena->used = 0;
	while (chunk && chunk->older) {
		struct arena_chunk *older = chunk->older;

		/* The newest is the largest: keep that one. */
		chunk->older = older->older;
		arena->total -= older->size;
		free(older);
	}
}

void arena_free(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *older = arena->chunks->older;

		free(arena->chunks);
		arena->chunks = older;
	}
	arena->used = 0;
	arena->total = 0;
}

void arena_join(struct arena *to, struct arena *from)
{
	struct arena_chunk **oldest = &to->chunks;

	if (!to->chunks)
		to->used = from->used;
	while (*oldest)
		oldest = &(*oldest)->older;
	*oldest = from->chunks;
	to->total += from->total;
	*from = arena_new(from->max);
}
