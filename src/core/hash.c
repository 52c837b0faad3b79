/* Keyed hash and open-addressing index. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"

/* Homes of the first cells, and how many more there are behind the last home
 * for those whose home is taken. */
#define INDEX_FIRST ((size_t)48)
#define INDEX_BEHIND ((size_t)16)

static uint64_t word_at(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static uint64_t half_at(const uint8_t *p)
{
	uint32_t half;

	memcpy(&half, p, sizeof(half));
	return half;
}

/* Fewer bytes than a word; the length is told apart from them elsewhere. */
static uint64_t short_word(struct slice s)
{
	if (s.n >= 4)
		return half_at(s.p) << 32 | half_at(s.p + s.n - 4);
	if (s.n == 0)
		return 0;
	return (uint64_t)s.p[0] << 16 | (uint64_t)s.p[s.n / 2] << 8 |
	       s.p[s.n - 1];
}

/* Both halves of the product: each bit of it hangs on all of both. */
static uint64_t product(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	__extension__ typedef unsigned __int128 wide;
	wide all = (wide)a * b;

	return (uint64_t)(all >> 64) ^ (uint64_t)all;
#else
	uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX);
	uint64_t left = (a >> 32) * (b & UINT32_MAX) + (low >> 32);
	uint64_t right = (a & UINT32_MAX) * (b >> 32) + (left & UINT32_MAX);

	return ((a >> 32) * (b >> 32) + (left >> 32) + (right >> 32)) ^
	       (right << 32 | (low & UINT32_MAX));
#endif
}

#define ODD_1 UINT64_C(0x9fb21c651e98df25)
#define ODD_2 UINT64_C(0xd6e8feb86659fd93)
#define ODD_3 UINT64_C(0x9e3779b97f4a7c15)

uint64_t hash_bytes(uint64_t key, struct slice s)
{
	uint64_t h = key ^ (s.n * ODD_3);
	/* A factor of 0 would forget the other one: who chooses the bytes must
	 * not know how to make one. */
	uint64_t secret = key * ODD_3 ^ ODD_1;

	if (s.n < 8)
		return hash_mix(h ^ short_word(s));
	for (size_t at = 0; at + 16 < s.n; at += 16)
		h = product(word_at(s.p + at) ^ secret,
			    word_at(s.p + at + 8) ^ h);
	/* The last words may take some bytes a second time. */
	if (s.n > 8)
		h = product(word_at(s.n > 16 ? s.p + s.n - 16 : s.p) ^ secret,
			    h ^ ODD_3);
	return product(word_at(s.p + s.n - 8) ^ secret, h ^ ODD_2);
}

static uint32_t upper(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

uint32_t index_find(const struct index *index, uint64_t hash,
		    index_same_fn *same, const void *rows, const void *key)
{
	return index_seek(index, hash, same, rows, key);
}

/* Behind all with this hash or a lower one, where those that follow make
 * place; false: there is no free cell left behind them. */
static bool place(struct index *index, struct index_cell cell)
{
	struct index_cell *at = &index->cells[index_home(index, cell.hash)];
	struct index_cell *end;

	while (at->row && at->hash <= cell.hash)
		at++;
	for (end = at; end->row; end++)
		;
	if (end == &index->cells[index->room - 1])
		return false;
	memmove(at + 1, at, (size_t)(end - at) * sizeof(*at));
	*at = cell;
	return true;
}

/* At seven eighths most cells stand a few behind their home. */
static bool is_full(const struct index *index, size_t rows)
{
	return rows >= index->size / 8 * 7;
}

/* Cells in order, each to its home or behind the one before; false: they need
 * more behind the last home. */
static bool place_all(struct index *index, const struct index *from)
{
	size_t next = 0;

	for (size_t i = 0; i < from->room; i++) {
		size_t home;

		if (!from->cells[i].row)
			continue;
		home = index_home(index, from->cells[i].hash);
		next = home > next ? home : next;
		if (next + 1 >= index->room)
			return false;
		index->cells[next++] = from->cells[i];
	}
	return true;
}

#define PAGE ((size_t)4096)

/* A page of fresh memory that is read first and written then is made twice, and
 * other threads are told of it: all are written at once. */
static void write_pages(void *memory, size_t bytes)
{
	volatile uint8_t *p = memory;

	for (size_t at = 0; at < bytes; at += PAGE)
		p[at] = 0;
}

static enum status resize(struct index *index, size_t size, size_t behind)
{
	struct index more = *index;

	for (;; behind *= 2) {
		more.size = size;
		more.room = size + behind;
		more.cells = calloc(more.room, sizeof(*more.cells));
		if (!more.cells)
			return STATUS_NOMEM;
		write_pages(more.cells, more.room * sizeof(*more.cells));
		if (place_all(&more, index))
			break;
		free(more.cells);
	}
	free(index->cells);
	*index = more;
	return STATUS_OK;
}

enum status index_reserve(struct index *index, size_t rows)
{
	size_t size = index->size;
	size_t behind = index->room - size;

	if (!is_full(index, rows))
		return STATUS_OK;
	size = size ? size : INDEX_FIRST;
	while (rows >= size / 8 * 7)
		size += size / 4;
	return resize(index, size, behind ? behind : INDEX_BEHIND);
}

enum status index_add(struct index *index, uint64_t hash, uint32_t row)
{
	struct index_cell cell = {.row = row + 1, .hash = upper(hash)};

	if (is_full(index, index->used) &&
	    index_reserve(index, index->used) != STATUS_OK)
		return STATUS_NOMEM;
	while (!place(index, cell))
		if (resize(index, index->size,
			   (index->room - index->size) * 2) != STATUS_OK)
			return STATUS_NOMEM;
	index->used++;
	return STATUS_OK;
}

/* Those behind this cell that are not at home move up. */
static void close_gap(struct index *index, size_t gap)
{
	size_t next = gap + 1;

	while (index->cells[next].row &&
	       index_home(index, index->cells[next].hash) < next)
		next++;
	memmove(&index->cells[gap], &index->cells[gap + 1],
		(next - gap - 1) * sizeof(*index->cells));
	index->cells[next - 1] = (struct index_cell){0};
}

bool index_remove(struct index *index, uint64_t hash, uint32_t row)
{
	uint32_t h = upper(hash);

	if (!index->cells)
		return false;
	for (size_t i = index_home(index, h);
	     index->cells[i].row && index->cells[i].hash <= h; i++) {
		/* A row may be there by another hash, too. */
		if (index->cells[i].row == row + 1 &&
		    index->cells[i].hash == h) {
			close_gap(index, i);
			index->used--;
			return true;
		}
	}
	return false;
}

bool index_copy(struct index *to, const struct index *from)
{
	size_t bytes = from->room * sizeof(*from->cells);

	*to = (struct index){0};
	if (bytes == 0)
		return true;
	to->cells = malloc(bytes);
	if (!to->cells)
		return false;
	memcpy(to->cells, from->cells, bytes);
	to->used = from->used;
	to->size = from->size;
	to->room = from->room;
	return true;
}

void index_free(struct index *index)
{
	free(index->cells);
	*index = (struct index){0};
}
