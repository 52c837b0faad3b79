/* Messages of HEP as exported PDUs. */
#include "config.h"

#include "capture/hep_export.h"
#include "capture/log_export.h"
#include "core/record.h"

#define IP_TCP 6
#define IP_SCTP 132

static uint8_t transport_of(const struct hep *hep)
{
	if (hep->protocol == IP_TCP)
		return RECORD_TCP;
	return hep->protocol == IP_SCTP ? RECORD_SCTP : RECORD_UDP;
}

enum status hep_export(struct hep *hep, struct text *unpacked,
		       struct text *bytes, struct frame *frame)
{
	struct exported message = {.dissector = "sip"};
	enum status status = hep_unpack(hep, unpacked);

	if (status != STATUS_OK)
		return status;
	if (!hep_is_sip(hep)) {
		if (hep->content != HEP_RTP)
			return STATUS_NOT_MINE;
		message.dissector = "rtp";
	}
	message.src = hep->src;
	message.dst = hep->dst;
	message.transport = transport_of(hep);
	message.text = hep->payload;
	if (hep->has_time) {
		frame->time = hep->time;
		frame->has_time = true;
	}
	return log_export_message(&message, bytes, frame);
}
