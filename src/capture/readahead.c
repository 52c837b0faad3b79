/* A ring of blocks between a thread that reads and one that looks. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "capture/readahead.h"
#include "core/thread.h"

#define BLOCKS 4u
#define BLOCK_BYTES ((size_t)262144)

struct ahead_block {
	uint8_t *p; /* READAHEAD_HEADROOM + BLOCK_BYTES */
	size_t n;   /* bytes in it */
	enum status status;
	int error; /* errno of STATUS_IO */
};

struct readahead {
	struct byte_source *bytes;
	uint64_t offset; /* of the thread's next read */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct ahead_block blocks[BLOCKS];
	/* Blocks counted from the start: what the thread has filled, what was
	 * given back to it. */
	uint64_t filled, freed;
	bool stop;
	/* Of the one who looks: */
	uint64_t at;  /* the block */
	size_t taken; /* of it */
};

static struct ahead_block *block_at(struct readahead *r, uint64_t number)
{
	return &r->blocks[number % BLOCKS];
}

static void fill(struct readahead *r, struct ahead_block *b)
{
	uint8_t *to = b->p + READAHEAD_HEADROOM;

	b->n = 0;
	b->error = 0;
	if (r->bytes->read_at)
		b->status = r->bytes->read_at(r->bytes, r->offset, to,
					      BLOCK_BYTES, &b->n);
	else
		b->status = r->bytes->read(r->bytes, to, BLOCK_BYTES, &b->n);
	if (b->status == STATUS_IO)
		b->error = errno;
	else if (b->status == STATUS_OK && b->n == 0)
		b->status = STATUS_END;
	r->offset += b->n;
}

/* Until the source ends, or nobody wants more. */
static void *read_on(void *context)
{
	struct readahead *r = context;
	struct ahead_block *b;

	pthread_mutex_lock(&r->lock);
	do {
		while (!r->stop && r->filled - r->freed == BLOCKS)
			pthread_cond_wait(&r->changed, &r->lock);
		if (r->stop)
			break;
		b = block_at(r, r->filled);
		pthread_mutex_unlock(&r->lock);
		fill(r, b);
		pthread_mutex_lock(&r->lock);
		r->filled++;
		pthread_cond_signal(&r->changed);
	} while (b->status == STATUS_OK);
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

static bool make_blocks(struct readahead *r)
{
	for (size_t i = 0; i < BLOCKS; i++) {
		r->blocks[i].p = malloc(READAHEAD_HEADROOM + BLOCK_BYTES);
		if (!r->blocks[i].p)
			return false;
	}
	return true;
}

static void drop(struct readahead *r)
{
	for (size_t i = 0; i < BLOCKS; i++)
		free(r->blocks[i].p);
	free(r);
}

struct readahead *readahead_new(struct byte_source *bytes, uint64_t offset)
{
	struct readahead *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->bytes = bytes;
	r->offset = offset;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
	if (make_blocks(r) && thread_start(&r->thread, read_on, r))
		return r;
	drop(r);
	return NULL;
}

void readahead_free(struct readahead *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	drop(r);
}

static void wait_for(struct readahead *r, uint64_t number)
{
	pthread_mutex_lock(&r->lock);
	while (r->filled <= number)
		pthread_cond_wait(&r->changed, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

static void give_back(struct readahead *r, uint64_t end)
{
	pthread_mutex_lock(&r->lock);
	r->freed = end;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

enum status readahead_peek(struct readahead *r, struct slice *bytes,
			   bool *fresh, int *error)
{
	struct ahead_block *b = block_at(r, r->at);

	wait_for(r, r->at);
	/* The last block that has bytes is followed by one that has none. */
	if (r->taken && r->taken == b->n && b->status == STATUS_OK) {
		wait_for(r, r->at + 1);
		r->at++;
		r->taken = 0;
		b = block_at(r, r->at);
	}
	*fresh = r->taken == 0;
	*error = b->error;
	*bytes =
		slice_of(b->p + READAHEAD_HEADROOM + r->taken, b->n - r->taken);
	return bytes->n ? STATUS_OK : b->status;
}

void readahead_take(struct readahead *r, size_t n)
{
	if (r->taken == 0 && r->at)
		give_back(r, r->at);
	r->taken += n;
}
