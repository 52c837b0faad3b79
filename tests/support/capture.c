/* Capture files made by hand, and what a reader makes of them. */
#include "config.h"

#include "tests/support/capture.h"
#include "tests/support/t.h"

void t_put(struct t_file_bytes *to, struct slice s)
{
	if (s.n > sizeof(to->p) - to->n)
		abort();
	if (s.n)
		memcpy(to->p + to->n, s.p, s.n);
	to->n += s.n;
}

void t_put_text(struct t_file_bytes *to, const char *text)
{
	t_put(to, slice_of_text(text));
}

void t_put_le(struct t_file_bytes *to, uint64_t value, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * i);

		t_put(to, slice_of(&byte, 1));
	}
}

void t_put_be(struct t_file_bytes *to, uint64_t value, size_t n)
{
	while (n--) {
		uint8_t byte = (uint8_t)(value >> 8 * n);

		t_put(to, slice_of(&byte, 1));
	}
}

void t_put_zeros(struct t_file_bytes *to, size_t n)
{
	while (n--)
		t_put_le(to, 0, 1);
}

void t_patch_le32(struct t_file_bytes *to, size_t at, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		to->p[at + i] = (uint8_t)(value >> 8 * i);
}

static void take_comment(void *context, uint64_t frame, struct slice text)
{
	struct t_frames *out = context;
	char *to = out->comments + out->comments_n;
	size_t room = sizeof(out->comments) - out->comments_n;
	int n = snprintf(to, room, "%u:%.*s;", (unsigned)frame, (int)text.n,
			 (const char *)text.p);

	if (n > 0 && (size_t)n < room)
		out->comments_n += (size_t)n;
}

static void take_frame(struct t_frames *out, const struct frame *frame)
{
	struct slice s = frame->bytes;

	/* Reads every byte, for the sanitizer's eyes. */
	if (s.n && s.n <= sizeof(out->store) - out->stored)
		memcpy(out->store + out->stored, s.p, s.n);
	else
		s.n = 0;
	if (out->count < T_FRAMES_MAX) {
		out->list[out->count] = *frame;
		out->list[out->count].bytes =
			slice_of(out->store + out->stored, s.n);
		out->stored += s.n;
	}
	out->count++;
}

/* As source_open does: looks at the front, then asks the format. */
static enum status open_source(const struct capture_format *format,
			       struct byte_source *bytes, struct source **out,
			       struct fault *fault)
{
	uint8_t first[FORMAT_PROBE_SIZE];
	size_t n = 0, got = 1;
	enum status status = STATUS_OK;

	while (n < sizeof(first) && got && status == STATUS_OK) {
		got = 0;
		status = bytes->read(bytes, first + n, sizeof(first) - n, &got);
		n += got;
	}
	if (format->claims(slice_of(first, n)))
		return format->open(bytes, slice_of(first, n), out, fault);
	bytes->close(bytes);
	return STATUS_NOT_MINE;
}

void t_read_source(const struct capture_format *format,
		   struct byte_source *bytes, struct t_frames *out)
{
	struct source *source;
	struct frame frame;

	memset(out, 0, sizeof(*out));
	out->opened = open_source(format, bytes, &source, &out->fault);
	if (out->opened != STATUS_OK)
		return;
	source->context = out;
	source->on_comment = take_comment;
	while ((out->end = source->next(source, &frame)) == STATUS_OK)
		take_frame(out, &frame);
	/* The end stays the end. */
	if (source->next(source, &frame) != out->end)
		abort();
	out->info = source->info;
	source->close(source);
}

void t_read_capture(const struct capture_format *format, struct slice file,
		    struct t_frames *out)
{
	struct slice exact = t_exact(file);
	struct byte_source *bytes;

	memset(out, 0, sizeof(*out));
	out->opened = bytes_open_memory(exact, &bytes);
	if (out->opened == STATUS_OK)
		t_read_source(format, bytes, out);
	t_release(exact);
}

struct stream {
	struct byte_source bytes;
	struct slice rest;
	enum status failure;
};

/* Odd pieces, so that nothing can lean on whole blocks. */
static enum status stream_read(struct byte_source *self, uint8_t *to, size_t n,
			       size_t *got)
{
	struct stream *stream = (struct stream *)self;
	struct slice s = slice_first(stream->rest, n < 37 ? n : 37);

	*got = s.n;
	if (s.n == 0)
		return stream->failure;
	memcpy(to, s.p, s.n);
	stream->rest = slice_from(stream->rest, s.n);
	return STATUS_OK;
}

static void stream_close(struct byte_source *self)
{
	free(self);
}

struct byte_source *t_stream(struct slice bytes, enum status failure)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return NULL;
	stream->rest = bytes;
	stream->failure = failure;
	stream->bytes.size = UINT64_MAX;
	stream->bytes.why = "the stream breaks";
	stream->bytes.read = stream_read;
	stream->bytes.close = stream_close;
	return &stream->bytes;
}
