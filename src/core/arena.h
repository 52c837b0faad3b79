/*
 * An arena: memory that lives and dies as a whole.
 *
 * Nothing in it is freed singly.  The scratch arena of the driver is reset for
 * each message; a call or an analysis has one for as long as it lives.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include "core/slice.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* newest first */
	size_t used;		    /* bytes taken from the newest chunk */
	size_t total;		    /* bytes held by all chunks */
	size_t max;		    /* never holds more than this */
};

/* An arena that may grow to `max` bytes; takes no memory yet. */
struct arena arena_new(size_t max);

/*
 * `n` bytes, zeroed, aligned for any object, valid until the arena is reset or
 * freed.  NULL when the limit is reached or memory is out.
 */
void *arena_alloc(struct arena *arena, size_t n);

/* The same, not zeroed: for what is written at once. */
void *arena_take(struct arena *arena, size_t n);

/* So many bytes will be wanted soon by a thread that shares the arena with
 * another one. */
void arena_expect(const struct arena *arena, size_t n);

/* Room for `count` objects of `size`; NULL also when the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy of the bytes, not aligned; an empty slice (p NULL) when that is not
 * possible. */
struct slice arena_copy(struct arena *arena, struct slice s);

/* A copy as a C string; bytes that are NUL become '?'.  NULL on failure. */
char *arena_text(struct arena *arena, struct slice s);

/* What is in `from` lives as long as what is in `to` from now on; `from` is
 * empty then. */
void arena_join(struct arena *to, struct arena *from);

/* How much was allocated since it was empty, gaps included. */
size_t arena_taken(const struct arena *arena);

/* Forgets all that was allocated and keeps one chunk for what comes. */
void arena_reset(struct arena *arena);

/* Gives all memory back; the arena may be used again. */
void arena_free(struct arena *arena);

#endif /* CORE_ARENA_H */
