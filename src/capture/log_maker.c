/* Lines through a maker, from a front and as a byte source. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "capture/log_maker.h"

#define INPUT_SIZE 65536u

void log_maker_clear(struct log_maker *self, struct text *text)
{
	self->needy |= text->failed == STATUS_NOMEM;
	text_clear(text);
}

struct slice log_maker_convert(struct log_maker *maker, struct slice first,
			       uint8_t *to, size_t room)
{
	size_t made;

	if (!maker)
		return (struct slice){0};
	while (first.n)
		maker->line(maker, slice_split(&first, '\n'));
	maker->end(maker);
	made = maker->out.n < room ? maker->out.n : room;
	if (made)
		memcpy(to, maker->out.p, made);
	maker->close(maker);
	return slice_of(to, made);
}

struct made_source {
	struct byte_source source;
	struct byte_source *packed;
	struct log_maker *maker;
	struct text line; /* that has not ended yet */
	size_t given;     /* of what was made */
	bool ended;
};

static void make_line(struct made_source *self)
{
	self->maker->line(self->maker, text_slice(&self->line));
	log_maker_clear(self->maker, &self->line);
}

static void make(struct made_source *self, struct slice s)
{
	size_t at;

	while (slice_find(s, '\n', &at)) {
		text_put(&self->line, slice_first(s, at));
		make_line(self);
		s = slice_from(s, at + 1);
	}
	text_put(&self->line, s);
	/* A line without an end is none that a maker knows. */
	if (self->line.n >= LOG_MAKER_MAX)
		make_line(self);
}

static enum status refill(struct made_source *self)
{
	struct log_maker *maker = self->maker;
	uint8_t input[INPUT_SIZE];
	size_t got = 0;
	enum status status =
		self->packed->read(self->packed, input, sizeof(input), &got);

	self->source.why = self->packed->why;
	if (status != STATUS_OK)
		return status;
	log_maker_clear(maker, &maker->out);
	self->given = 0;
	make(self, slice_of(input, got));
	self->ended = got == 0;
	if (self->ended) {
		if (self->line.n)
			make_line(self);
		maker->end(maker);
	}
	return maker->needy || maker->out.failed == STATUS_NOMEM ||
			       self->line.failed == STATUS_NOMEM
		       ? STATUS_NOMEM
		       : STATUS_OK;
}

static enum status made_read(struct byte_source *source, uint8_t *to, size_t n,
			     size_t *got)
{
	struct made_source *self = (struct made_source *)source;
	struct slice left;

	*got = 0;
	while (self->given == self->maker->out.n && !self->ended) {
		enum status status = refill(self);

		if (status != STATUS_OK)
			return status;
	}
	left = slice_from(text_slice(&self->maker->out), self->given);
	*got = n < left.n ? n : left.n;
	if (*got)
		memcpy(to, left.p, *got);
	self->given += *got;
	return STATUS_OK;
}

static void made_close(struct byte_source *source)
{
	struct made_source *self = (struct made_source *)source;

	self->packed->close(self->packed);
	self->maker->close(self->maker);
	text_free(&self->line);
	free(self);
}

enum status log_maker_open(struct log_maker *maker, struct byte_source *packed,
			   struct slice first, struct byte_source **out)
{
	struct made_source *self = maker ? calloc(1, sizeof(*self)) : NULL;

	if (!self) {
		if (maker)
			maker->close(maker);
		packed->close(packed);
		return STATUS_NOMEM;
	}
	self->maker = maker;
	self->line = text_new(2 * (size_t)LOG_MAKER_MAX);
	make(self, first);
	self->packed = packed;
	self->source.size = UINT64_MAX;
	self->source.block = packed->block;
	self->source.read = made_read;
	self->source.close = made_close;
	*out = &self->source;
	return STATUS_OK;
}
