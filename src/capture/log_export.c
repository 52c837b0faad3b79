/* Messages of logs as exported PDUs. */
#include "config.h"

#include <string.h>

#include "capture/log_export.h"
#include "core/record.h"

#define TAG_DISSECTOR 12u
#define TAG_IPV4_SRC 20u
#define TAG_IPV4_DST 21u
#define TAG_IPV6_SRC 22u
#define TAG_IPV6_DST 23u
#define TAG_PORT_TYPE 24u
#define TAG_SRC_PORT 25u
#define TAG_DST_PORT 26u

#define PORT_TYPE_SCTP 1u
#define PORT_TYPE_TCP 2u
#define PORT_TYPE_UDP 3u

static void put_number(struct text *to, uint32_t n, unsigned bytes)
{
	while (bytes-- > 0)
		text_putc(to, (char)(uint8_t)(n >> bytes * 8));
}

static void put_tag(struct text *to, unsigned tag, struct slice value)
{
	put_number(to, tag, 2);
	put_number(to, (uint32_t)value.n, 2);
	text_put(to, value);
}

/* Names end with NUL, and are padded to words. */
static void put_padded(struct text *to, unsigned tag, const char *name)
{
	uint8_t value[32] = {0};
	size_t n = strlen(name);

	if (n > sizeof(value) - 4)
		n = sizeof(value) - 4;
	memcpy(value, name, n);
	put_tag(to, tag, slice_of(value, (n + 4) & ~(size_t)3));
}

static void put_tag_number(struct text *to, unsigned tag, uint32_t n)
{
	put_number(to, tag, 2);
	put_number(to, 4, 2);
	put_number(to, n, 4);
}

static void put_address(struct text *to, const struct endpoint *e, bool src)
{
	if (e->family == FAMILY_IPV4)
		put_tag(to, src ? TAG_IPV4_SRC : TAG_IPV4_DST,
			slice_of(e->ip, 4));
	else
		put_tag(to, src ? TAG_IPV6_SRC : TAG_IPV6_DST,
			slice_of(e->ip, 16));
}

/* What TLS carried is told as TCP: it is plain here. */
static uint32_t port_type_of(uint8_t transport)
{
	if (transport == RECORD_UDP)
		return PORT_TYPE_UDP;
	return transport == RECORD_SCTP ? PORT_TYPE_SCTP : PORT_TYPE_TCP;
}

enum status log_export_message(const struct exported *m, struct text *bytes,
			       struct frame *frame)
{
	if (m->src.family < FAMILY_IPV4 || m->src.family != m->dst.family)
		return STATUS_NOT_MINE;
	text_clear(bytes);
	put_padded(bytes, TAG_DISSECTOR, m->dissector);
	put_address(bytes, &m->src, true);
	put_address(bytes, &m->dst, false);
	put_tag_number(bytes, TAG_PORT_TYPE, port_type_of(m->transport));
	put_tag_number(bytes, TAG_SRC_PORT, m->src.port);
	put_tag_number(bytes, TAG_DST_PORT, m->dst.port);
	put_number(bytes, 0, 4);
	text_put(bytes, m->text);
	if (bytes->failed != STATUS_OK)
		return STATUS_NOMEM;
	frame->link_type = LINKTYPE_WIRESHARK_UPPER_PDU;
	frame->bytes = text_slice(bytes);
	frame->wire_length = (uint32_t)bytes->n;
	return STATUS_OK;
}

enum status log_export(const struct frame *log, struct text *bytes,
		       struct frame *out)
{
	struct exported message;
	struct record record;
	struct frame frame = *log;
	enum status status;

	if (log->link_type != LINKTYPE_LOG ||
	    record_read(log->bytes, &record) != STATUS_OK ||
	    record.kind != RECORD_MESSAGE)
		return STATUS_NOT_MINE;
	message = (struct exported){"sip", record.src, record.dst,
				    record.transport, record.text};
	status = log_export_message(&message, bytes, &frame);
	if (status == STATUS_OK)
		*out = frame;
	return status;
}
