/* A front that was read ahead. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "capture/front_bytes.h"

struct front_bytes {
	struct byte_source source;
	struct byte_source *from;
	size_t n, at; /* bytes of the front, and those that were handed out */
	enum status ended; /* how reading ahead did */
	uint8_t front[];
};

static enum status front_read(struct byte_source *self, uint8_t *to, size_t n,
			      size_t *got)
{
	struct front_bytes *f = (struct front_bytes *)self;
	size_t left = f->n - f->at;
	enum status status;

	*got = left < n ? left : n;
	if (left) {
		memcpy(to, f->front + f->at, *got);
		f->at += *got;
		return STATUS_OK;
	}
	if (f->ended != STATUS_OK)
		return f->ended;
	status = f->from->read(f->from, to, n, got);
	f->source.why = f->from->why;
	return status;
}

static void front_close(struct byte_source *self)
{
	struct front_bytes *f = (struct front_bytes *)self;

	f->from->close(f->from);
	free(f);
}

enum status bytes_with_front(struct byte_source *bytes, struct slice first,
			     size_t most, struct byte_source **out,
			     struct slice *front)
{
	struct front_bytes *f = malloc(sizeof(*f) + most);
	size_t got = 1;

	if (!f)
		return STATUS_NOMEM;
	*f = (struct front_bytes){.from = bytes, .n = first.n, .at = first.n};
	if (first.n)
		memcpy(f->front, first.p, first.n);
	while (f->n < most && got && f->ended == STATUS_OK) {
		got = 0;
		f->ended =
			bytes->read(bytes, f->front + f->n, most - f->n, &got);
		f->n += got;
	}
	f->source = (struct byte_source){
		.read = front_read,
		.size = bytes->size,
		.block = bytes->block,
		.ahead = bytes->ahead,
		.why = bytes->why,
		.close = front_close,
	};
	*out = &f->source;
	*front = slice_of(f->front, f->n);
	return STATUS_OK;
}
