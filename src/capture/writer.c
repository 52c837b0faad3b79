/* Writes pcapng. */
#include "config.h"

#include "capture/pcapng_format.h"
#include "capture/writer.h"

#define LINK_TYPE_MAX 0xFFFFu

static void put_u16(struct text *to, uint32_t v)
{
	const uint8_t bytes[] = {(uint8_t)v, (uint8_t)(v >> 8)};

	text_put(to, slice_of(bytes, sizeof(bytes)));
}

static void put_u32(struct text *to, uint32_t v)
{
	put_u16(to, v);
	put_u16(to, v >> 16);
}

static size_t padded(size_t n)
{
	return n + (-n & 3);
}

static void put_padded(struct text *to, struct slice s)
{
	static const uint8_t zeros[4];

	text_put(to, s);
	text_put(to, slice_of(zeros, -s.n & 3));
}

static size_t option_size(struct slice value)
{
	return 4 + padded(value.n);
}

static void put_option(struct text *to, uint32_t code, struct slice value)
{
	put_u16(to, code);
	put_u16(to, (uint32_t)value.n);
	put_padded(to, value);
}

void capture_writer_begin(struct capture_writer *writer, struct text *to,
			  const char *program)
{
	struct slice name =
		slice_first(slice_of_text(program), WRITER_COMMENT_MAX);
	uint32_t length = (uint32_t)(28 + option_size(name) + 4);

	*writer = (struct capture_writer){.to = to};
	put_u32(to, PCAPNG_SECTION_HEADER);
	put_u32(to, length);
	put_u32(to, PCAPNG_BYTE_ORDER_MAGIC);
	put_u32(to, 1);          /* version 1.0 */
	put_u32(to, UINT32_MAX); /* of unknown length */
	put_u32(to, UINT32_MAX);
	put_option(to, PCAPNG_OPTION_APPLICATION, name);
	put_u32(to, PCAPNG_OPTION_END);
	put_u32(to, length);
}

/* Empty: it is not known. */
static struct slice name_of(const struct capture_writer *writer,
			    uint32_t interface)
{
	const char *name =
		interface < writer->name_count ? writer->names[interface] : "";

	return slice_first(slice_of_text(name), WRITER_COMMENT_MAX);
}

/* The number of the frame's interface, which is described if it is new. */
static uint32_t interface_of(struct capture_writer *writer,
			     const struct frame *frame)
{
	static const uint8_t nanoseconds_digits = 9;
	struct slice resolution = slice_of(&nanoseconds_digits, 1);
	struct slice name = name_of(writer, frame->interface);
	uint32_t length = (uint32_t)(20 + option_size(resolution) + 4 +
				     (name.n ? option_size(name) : 0));
	struct text *to = writer->to;
	uint32_t i;

	for (i = 0; i < writer->count; i++) {
		const struct writer_interface *in = &writer->interfaces[i];

		if (in->file == frame->file &&
		    in->interface == frame->interface &&
		    in->link_type == frame->link_type)
			return i;
	}
	if (i == WRITER_INTERFACES_MAX)
		return i;
	writer->interfaces[writer->count++] = (struct writer_interface){
		.file = frame->file,
		.interface = frame->interface,
		.link_type = frame->link_type,
	};
	put_u32(to, PCAPNG_INTERFACE_DESCRIPTION);
	put_u32(to, length);
	put_u32(to, frame->link_type);
	put_u32(to, 0); /* no snap length */
	if (name.n)
		put_option(to, PCAPNG_OPTION_IF_NAME, name);
	put_option(to, PCAPNG_OPTION_TSRESOL, resolution);
	put_u32(to, PCAPNG_OPTION_END);
	put_u32(to, length);
	return i;
}

static void put_flags(struct text *to, enum frame_direction direction)
{
	if (direction == FRAME_DIRECTION_UNKNOWN)
		return;
	put_u16(to, PCAPNG_OPTION_FLAGS);
	put_u16(to, 4);
	put_u32(to, direction == FRAME_RECEIVED ? 1 : 2);
}

enum status capture_writer_frame(struct capture_writer *writer,
				 const struct frame *frame,
				 const struct slice *comments, size_t count)
{
	struct text *to = writer->to;
	uint64_t time = frame->time > 0 ? (uint64_t)frame->time : 0;
	size_t length = 32 + padded(frame->bytes.n);
	uint32_t interface;

	if (frame->link_type > LINK_TYPE_MAX)
		return STATUS_NOT_MINE;
	interface = interface_of(writer, frame);
	if (interface == WRITER_INTERFACES_MAX)
		return STATUS_LIMIT;
	for (size_t i = 0; i < count; i++)
		length += option_size(
			slice_first(comments[i], WRITER_COMMENT_MAX));
	if (frame->direction != FRAME_DIRECTION_UNKNOWN)
		length += 8;
	length += 4;
	put_u32(to, PCAPNG_ENHANCED_PACKET);
	put_u32(to, (uint32_t)length);
	put_u32(to, interface);
	put_u32(to, (uint32_t)(time >> 32));
	put_u32(to, (uint32_t)time);
	put_u32(to, (uint32_t)frame->bytes.n);
	put_u32(to, frame->wire_length);
	put_padded(to, frame->bytes);
	for (size_t i = 0; i < count; i++)
		put_option(to, PCAPNG_OPTION_COMMENT,
			   slice_first(comments[i], WRITER_COMMENT_MAX));
	put_flags(to, frame->direction);
	put_u32(to, PCAPNG_OPTION_END);
	put_u32(to, (uint32_t)length);
	return STATUS_OK;
}

void capture_writer_secrets(struct capture_writer *writer, uint32_t kind,
			    struct slice secrets)
{
	struct text *to = writer->to;
	uint32_t length = (uint32_t)(20 + padded(secrets.n));

	put_u32(to, PCAPNG_DECRYPTION_SECRETS);
	put_u32(to, length);
	put_u32(to, kind);
	put_u32(to, (uint32_t)secrets.n);
	put_padded(to, secrets);
	put_u32(to, length);
}
