/* Web services of Lync over TCP, or inside of TLS that can be read. */
#include "config.h"

#include "flow/streams_state.h"

size_t streams_web(struct reading *r, unsigned side, struct slice bytes)
{
	return streams_web_of(r, side, 0, bytes);
}

size_t streams_web_of(struct reading *r, unsigned side, uint32_t stream,
		      struct slice bytes)
{
	struct decoding decoding = {.arena = &r->d->scratch, .stream = true};
	struct web_message web;
	struct message message = {.kind = MESSAGE_WEB, .u.web = &web};
	enum status status;
	size_t used;

	arena_reset(&r->d->scratch);
	status = web_decode(&decoding, bytes, &web, &used);
	if (status == STATUS_SHORT)
		return 0;
	if (status != STATUS_OK) {
		r->sides[side].framing = FRAMING_OTHER;
		return bytes.n;
	}
	web.stream = stream;
	message.from = streams_origin(r, side);
	message.bytes = slice_first(bytes, used);
	take_other(r->d, &message);
	return used;
}

/* The other side answers in kind. */
void streams_web_begin(struct reading *r, unsigned side)
{
	r->sides[side].framing = FRAMING_WEB;
	if (r->sides[!side].framing == FRAMING_UNKNOWN)
		r->sides[!side].framing = FRAMING_WEB;
	streams_note_http(r);
}
