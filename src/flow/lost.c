/*
 * Messages of which only the beginning is there: IP or SCTP had more pieces,
 * which did not come.  A head that can be read is handed on as what is cut is.
 *
 * It is only known to be lost when patience ends, and what answers it has come
 * long before.  So a second reading, which is asked for, hands each of those
 * on behind the frame that they are in.
 */
#include "config.h"

#include <stdlib.h>

#include "flow/driver_state.h"
#include "flow/rules.h"

#define HEADS_MAX 4096u
#define HEAD_BYTES_MAX 65536u
#define HEADS_BYTES_MAX ((size_t)8 << 20) /* of all of them */

struct lost_head {
	struct net_lost lost; /* its payload is `bytes` */
	uint8_t *bytes;
};

static uint64_t hash_of(uint32_t file, uint64_t frame)
{
	return hash_mix(frame ^ (uint64_t)file << 48);
}

static bool same(const void *rows, uint32_t row, const void *key)
{
	const struct lost_head *heads = rows;
	const struct net_lost *lost = key;

	return heads[row].lost.mark.number == lost->mark.number &&
	       heads[row].lost.mark.file == lost->mark.file;
}

static uint32_t find(const struct lost_heads *h, const struct net_lost *lost)
{
	return index_find(&h->index,
			  hash_of(lost->mark.file, lost->mark.number), same,
			  h->list.rows, lost);
}

/* Is this the beginning of a message that can be read, or taken for one? */
static bool is_head(struct slice bytes)
{
	return sip_claims(bytes, false) == CLAIM_SURE ||
	       stun_claims(bytes, false) == CLAIM_SURE;
}

static void keep(struct driver *d, const struct net_lost *lost)
{
	struct slice bytes = slice_first(lost->packet.payload, HEAD_BYTES_MAX);
	struct lost_head *head;

	/* Those past it are told late; nobody reads again what is live. */
	if (d->heads.bytes + bytes.n > HEADS_BYTES_MAX)
		return;
	if (d->heads.list.size == 0)
		d->heads.list = list_of(sizeof(*head), HEADS_MAX);
	head = list_add(&d->heads.list);
	if (!head)
		return;
	*head = (struct lost_head){.lost = *lost, .bytes = malloc(bytes.n)};
	if (!head->bytes ||
	    index_add(&d->heads.index,
		      hash_of(lost->mark.file, lost->mark.number),
		      (uint32_t)d->heads.list.count - 1) != STATUS_OK) {
		free(head->bytes);
		d->heads.list.count--;
		return;
	}
	memcpy(head->bytes, bytes.p, bytes.n);
	d->heads.bytes += bytes.n;
	head->lost.packet.payload = slice_of(head->bytes, bytes.n);
	d->late = true;
}

static void hand_on(struct driver *d, const struct net_lost *lost)
{
	struct origin from = driver_origin(&lost->packet);

	from.file = lost->mark.file;
	from.vantage = lost->mark.vantage;
	from.frame = lost->mark.number;
	from.time = lost->mark.time;
	from.in_pieces = true;
	from.flow = flow_table_find(&d->flows, lost->packet.protocol, &from.src,
				    &from.dst, &from.side);
	if (from.flow == INDEX_NONE) {
		d->status = STATUS_NOMEM;
		return;
	}
	take_finding(d, &from, &flow_rules[FLOW_RULE_PIECES]);
	if (lost->packet.protocol == IP_SCTP)
		classify_sctp(d, &from, lost->packet.payload);
	else
		classify_datagram(d, &from, lost->packet.payload, 0);
}

void lost_take(struct driver *d)
{
	struct net_lost lost;

	while (net_next_lost(d->net, &lost)) {
		if (d->skimming || !is_head(lost.packet.payload) ||
		    find(&d->heads, &lost) != INDEX_NONE)
			continue;
		hand_on(d, &lost);
		keep(d, &lost);
	}
}

void lost_due(struct driver *d, const struct frame *frame)
{
	const struct net_lost key = {
		.mark = {.file = frame->file, .number = frame->number}};
	uint32_t row = find(&d->heads, &key);
	const struct lost_head *head;

	if (row == INDEX_NONE || d->skimming)
		return;
	head = list_at(&d->heads.list, row);
	hand_on(d, &head->lost);
}

void lost_free(struct driver *d)
{
	for (size_t i = 0; i < d->heads.list.count; i++) {
		struct lost_head *head = list_at(&d->heads.list, i);

		free(head->bytes);
	}
	list_free(&d->heads.list);
	index_free(&d->heads.index);
}
