/* SDP in JSON: over WebSocket or HTTP, or as a browser tells it. */
#include "config.h"

#include "flow/contents.h"
#include "flow/streams_state.h"

/* The same on both sides of a connection. */
static uint32_t exchange_of(const struct reading *r)
{
	const uint64_t key = (uint64_t)r->row << 32 | r->exchange;

	return r->exchange ? (uint32_t)hash_mix(key) | 1 : 0;
}

static void take_item(struct driver *d, const struct message *from,
		      const struct jsep_item *item,
		      const struct told_sdp *common)
{
	struct findings findings = {0};
	struct decoding decoding = {.arena = &d->scratch,
				    .findings = &findings};
	struct message message = *from;
	struct told_sdp told = *common;
	struct sdp sdp;
	size_t used;

	if (sdp_decode(&decoding, item->text, &sdp, &used) != STATUS_OK)
		return;
	told.kind = item->kind;
	told.sdp = &sdp;
	told.text = item->text;
	message.u.told = &told;
	take_told(d, &message);
}

void streams_told(struct reading *r, unsigned side, enum jsep_kind kind,
		  struct slice sdp)
{
	struct message message = {.kind = MESSAGE_TOLD,
				  .from = streams_origin(r, side),
				  .bytes = sdp};

	take_item(r->d, &message, &(struct jsep_item){kind, sdp},
		  &(struct told_sdp){.exchange = exchange_of(r)});
}

void take_jsep(struct driver *d, const struct origin *from, struct slice data,
	       uint32_t exchange)
{
	struct jsep_item items[JSEP_ITEMS_MAX];
	uint32_t marks[JSEP_MARKS_MAX];
	struct told_sdp common = {.exchange = exchange, .marks = marks};
	size_t count = jsep_read(&d->scratch, data, items);
	struct message message = {
		.kind = MESSAGE_TOLD, .from = *from, .bytes = data};

	if (count)
		common.mark_count = jsep_marks(data, marks);
	for (size_t i = 0; i < count; i++)
		take_item(d, &message, &items[i], &common);
}

void streams_jsep(struct reading *r, unsigned side, struct slice data)
{
	const struct origin from = streams_origin(r, side);

	take_jsep(r->d, &from, data, exchange_of(r));
}
