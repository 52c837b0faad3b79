/* SDP in JSON, over WebSocket or HTTP. */
#include "config.h"

#include "flow/contents.h"
#include "flow/streams_state.h"

static void take_item(struct reading *r, const struct message *from,
		      const struct jsep_item *item)
{
	struct findings findings = {0};
	struct decoding decoding = {.arena = &r->d->scratch,
				    .findings = &findings};
	struct message message = *from;
	struct told_sdp told = {.kind = item->kind};
	struct sdp sdp;
	size_t used;

	if (sdp_decode(&decoding, item->text, &sdp, &used) != STATUS_OK)
		return;
	told.sdp = &sdp;
	message.u.told = &told;
	take_told(r->d, &message);
}

void streams_told(struct reading *r, unsigned side, enum jsep_kind kind,
		  struct slice sdp)
{
	struct message message = {.kind = MESSAGE_TOLD,
				  .from = streams_origin(r, side),
				  .bytes = sdp};

	take_item(r, &message, &(struct jsep_item){kind, sdp});
}

void streams_jsep(struct reading *r, unsigned side, struct slice data)
{
	struct jsep_item items[JSEP_ITEMS_MAX];
	size_t count = jsep_read(&r->d->scratch, data, items);
	struct message message = {.kind = MESSAGE_TOLD,
				  .from = streams_origin(r, side),
				  .bytes = data};

	for (size_t i = 0; i < count; i++)
		take_item(r, &message, &items[i]);
}
