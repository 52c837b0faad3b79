/* The driver: frames to packets, packets to flows. */
#include "config.h"

#include <stdlib.h>

#include "flow/driver_state.h"
#include "flow/rules.h"

#define SIP_PORTS 5060u /* and 5061 */

static void forget_flow(void *context, uint32_t row)
{
	struct driver *d = context;
	struct flow *flow = &d->flows.rows[row];

	streams_end(d, row);
	known_media_forget(&d->known);
	flow = &d->flows.rows[row];
	inventory_note_flow(&d->inventory, flow);
	streams_free(d, flow->tcp);
	relay_free(flow->turn);
	dtls_flow_free(d, flow->dtls);
	flow->tcp = NULL;
	flow->turn = NULL;
	flow->dtls = NULL;
}

static void id_set_free(struct id_set *set)
{
	free(set->hashes);
	index_free(&set->index);
}

struct driver *driver_new(struct keyring *keys, const struct message_sink *sink)
{
	struct driver *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->net = net_new();
	if (!d->net) {
		free(d);
		return NULL;
	}
	d->keys = keys;
	d->log_clients = list_of(sizeof(struct log_client), LOG_CLIENTS_MAX);
	d->sink = *sink;
	d->scratch = arena_new(SCRATCH_MAX);
	d->tcp.bytes_max = (uint64_t)256 << 20;
	d->flows.context = d;
	d->flows.on_evict = forget_flow;
	/* Differs from run to run where addresses are random; need not be a
	 * secret offline. */
	d->flows.key = (uint64_t)(uintptr_t)d * UINT64_C(0x9e3779b97f4a7c15);
	return d;
}

static void drop_flows(struct driver *d)
{
	records_drop(d);
	for (uint32_t i = 0; i < d->flows.count; i++) {
		if (!d->flows.rows[i].used)
			continue;
		streams_free(d, d->flows.rows[i].tcp);
		relay_free(d->flows.rows[i].turn);
		dtls_flow_free(d, d->flows.rows[i].dtls);
	}
}

void driver_free(struct driver *d)
{
	if (!d)
		return;
	drop_flows(d);
	records_free(d);
	flow_table_free(&d->flows);
	transactions_free(&d->transactions);
	transactions_free(&d->classic_requests);
	answers_first_free(d->answers);
	id_set_free(&d->classic);
	id_set_free(&d->repeated);
	id_set_free(&d->unsure);
	media_table_free(&d->media);
	known_media_free(&d->known);
	relays_seen_free(&d->relays);
	lost_free(d);
	arena_free(&d->scratch);
	net_free(d->net);
	tls_secrets_free(&d->tls.secrets);
	free(d);
}

struct tls_secrets *driver_tls_secrets(struct driver *d)
{
	return &d->tls.secrets;
}

void driver_await_secrets(struct driver *d)
{
	d->tls.awaits = true;
}

void driver_take_secrets(struct driver *d)
{
	held_take_secrets(d);
}

void driver_skim(struct driver *d)
{
	d->skimming = true;
}

void driver_show_sights(struct driver *d, const struct sight_sink *sink)
{
	d->sights = *sink;
}

void driver_sample(struct driver *d)
{
	d->sampling = true;
}

void driver_mend_order(struct driver *d)
{
	if (!d->answers)
		d->answers = answers_first_new();
	if (!d->answers)
		d->status = STATUS_NOMEM;
}

void driver_restart(struct driver *d)
{
	struct flow_table fresh = {
		.key = d->flows.key, .context = d, .on_evict = forget_flow};

	answers_first_drop(d);
	drop_flows(d);
	flow_table_free(&d->flows);
	d->flows = fresh;
	transactions_free(&d->transactions);
	transactions_free(&d->classic_requests);
	media_table_free(&d->media);
	known_media_forget(&d->known);
	keyring_restart(d->keys);
	tls_secrets_restart(&d->tls.secrets);
	d->tls.counts = (struct tls_counts){0};
	d->counts = (struct driver_counts){0};
	d->inventory = (struct inventory){.row_count = 0};
	d->late &= !d->skimming;
	d->skimming = false;
	d->tcp.refused = 0;
	d->status = STATUS_OK;
	net_free(d->net);
	d->net = net_new();
	if (!d->net)
		d->status = STATUS_NOMEM;
}

static bool same_hash(const void *rows, uint32_t row, const void *key)
{
	const uint64_t *hashes = rows, *k = key;

	return hashes[row] == *k;
}

static uint64_t id_hash(const uint8_t id[16])
{
	return hash_bytes(1, slice_of(id, 16));
}

bool id_set_has(const struct id_set *set, const uint8_t id[16])
{
	uint64_t hash = id_hash(id);

	return index_find(&set->index, hash, same_hash, set->hashes, &hash) !=
	       INDEX_NONE;
}

bool id_set_add(struct id_set *set, const uint8_t id[16])
{
	uint64_t hash = id_hash(id);

	if (id_set_has(set, id) || set->count >= CLASSIC_IDS_MAX)
		return false;
	if (set->count == set->room) {
		size_t room = set->room ? set->room * 2 : 64;
		uint64_t *hashes = realloc(set->hashes, room * sizeof(hash));

		if (!hashes)
			return false;
		set->hashes = hashes;
		set->room = room;
	}
	if (index_add(&set->index, hash, (uint32_t)set->count) != STATUS_OK)
		return false;
	set->hashes[set->count++] = hash;
	return true;
}

static enum transport transport_of(uint8_t protocol)
{
	switch (protocol) {
	case IP_TCP:
		return TRANSPORT_TCP;
	case IP_SCTP:
		return TRANSPORT_SCTP;
	default:
		return TRANSPORT_UDP;
	}
}

static void icmp_packet(struct driver *d, const struct origin *from,
			const struct packet *packet)
{
	struct message message = {
		.kind = MESSAGE_ICMP,
		.from = *from,
		.bytes = packet->payload,
		.u.icmp = &packet->icmp,
	};

	take_other(d, &message);
}

/* What is wrong with the traffic of others is not told. */
static bool may_be_sip(const struct flow *flow)
{
	return flow->seen & FLOW_SEEN_SIP ||
	       flow->ends[0].port / 2 == SIP_PORTS / 2 ||
	       flow->ends[1].port / 2 == SIP_PORTS / 2;
}

static void packet_of_flow(struct driver *d, const struct packet *packet,
			   struct origin *from)
{
	uint32_t row = flow_table_find(&d->flows, packet->protocol,
				       &packet->src, &packet->dst, &from->side);
	struct flow *flow;

	if (row == INDEX_NONE) {
		d->status = STATUS_NOMEM;
		return;
	}
	flow = &d->flows.rows[row];
	from->flow = row;
	if (from->exported)
		flow->seen |= FLOW_SEEN_EXPORTED;
	if (!packet->continued)
		flow_count(flow, from->side, from->time);
	if (packet->damaged && may_be_sip(flow))
		take_finding(d, from, &flow_rules[FLOW_RULE_SCTP]);
	if (packet->protocol == IP_TCP) {
		sights_segment(d, from, packet);
		streams_feed(d, row, packet, from);
	} else if (packet->protocol == IP_SCTP) {
		sctp_flow_note(d, row, packet, from);
		classify_sctp(d, from, packet->payload);
	} else {
		classify_datagram(d, from, packet->payload, 0);
	}
}

/* Senders that do not use it say 0 (RFC 6864 4.1).  IPv6 has none: what comes
 * again there before any timer of STUN or SIP can run out is a copy. */
static uint8_t datagram_of(const struct packet *packet)
{
	unsigned id = packet->identification;
	unsigned folded = (id ^ id >> 8) & 0xFF;

	if (id == 0)
		return packet->src.family == FAMILY_IPV6;
	return folded ? (uint8_t)folded : 1;
}

struct origin driver_origin(const struct packet *packet)
{
	return (struct origin){
		.src = packet->src,
		.dst = packet->dst,
		.outer_src = packet->src,
		.outer_dst = packet->dst,
		.transport = transport_of(packet->exported_from
						  ? packet->exported_from
						  : packet->protocol),
		.cut = packet->cut,
		.datagram = datagram_of(packet),
		.exported = packet->exported_from != 0,
	};
}

static void take_packet(struct driver *d, const struct frame *frame,
			const struct packet *packet)
{
	struct origin from = driver_origin(packet);

	from.file = frame->file;
	from.vantage = frame->vantage;
	from.frame = frame->number;
	from.time = frame->time;
	if (packet->has_icmp)
		icmp_packet(d, &from, packet);
	else
		packet_of_flow(d, packet, &from);
}

static bool is_wanted(const struct packet *packet)
{
	return packet->protocol == IP_UDP || packet->protocol == IP_TCP ||
	       packet->protocol == IP_SCTP || packet->has_icmp;
}

static void note_cut(struct driver *d, const struct frame *frame)
{
	d->counts.cut++;
	if (frame->bytes.n > d->inventory.snap_length)
		d->inventory.snap_length = (uint32_t)frame->bytes.n;
}

static bool is_known_media(struct driver *d, const struct frame *frame)
{
	/* The short way does not know how long packets are. */
	return !d->sampling && !d->early && media_run_count(d, frame);
}

static enum status take_frame(struct driver *d, const struct frame *frame)
{
	struct packet packet;
	enum status status;

	d->counts.frames++;
	if (answers_first_wait(d->answers))
		answers_first_due(d, frame->time);
	if (frame->link_type == LINKTYPE_LOG)
		return records_take(d, frame);
	if (frame_is_cut(frame))
		note_cut(d, frame);
	if (d->skimming && d->early && media_run_passes(d, d->early))
		return d->status;
	if (is_known_media(d, frame))
		return d->status;
	status = net_packet(d->net, frame, &packet);
	while (status == STATUS_OK) {
		if (is_wanted(&packet))
			take_packet(d, frame, &packet);
		else
			d->inventory.others[packet.protocol]++;
		status = net_packet_more(d->net, &packet);
	}
	lost_take(d);
	if (d->heads.list.count)
		lost_due(d, frame);
	return d->status;
}

enum status driver_frame(struct driver *d, const struct frame *frame)
{
	return driver_frame_early(d, frame, NULL);
}

enum status driver_frame_early(struct driver *d, const struct frame *frame,
			       const struct early *early)
{
	enum status status;

	d->early = early;
	status = take_frame(d, frame);
	d->early = NULL;
	return status;
}

nanoseconds driver_last_packet(const struct driver *d,
			       const struct origin *from)
{
	static const uint8_t protocols[] = {IP_UDP, IP_TCP, IP_SCTP};
	nanoseconds last = INT64_MIN;
	unsigned side;

	for (size_t i = 0; i < sizeof(protocols); i++) {
		uint32_t row = flow_table_peek(&d->flows, protocols[i],
					       &from->outer_src,
					       &from->outer_dst, &side);

		if (row != INDEX_NONE && d->flows.rows[row].last > last)
			last = d->flows.rows[row].last;
	}
	return last;
}

/* Names are numbers in a ring. */
static void forget_names(struct driver *d)
{
	for (uint32_t i = 0; i < d->flows.count; i++) {
		struct turn_flow *turn = d->flows.rows[i].turn;

		if (!d->flows.rows[i].used || !turn)
			continue;
		turn->name = KEYRING_NO_NAME;
		turn->key_proven = false;
	}
	transactions_free(&d->transactions);
}

static bool forget_media(struct driver *d, nanoseconds before)
{
	uint32_t *map = calloc(d->media.count + 1, sizeof(*map));
	bool ok = map && media_table_forget(&d->media, before, map);

	for (uint32_t i = 0; ok && i < d->flows.count; i++) {
		uint32_t *last = d->flows.rows[i].media_last;

		for (unsigned side = 0; side < 2; side++)
			last[side] = last[side] ? map[last[side] - 1] : 0;
	}
	if (ok)
		known_media_forget(&d->known);
	free(map);
	return ok;
}

size_t driver_held(const struct driver *d)
{
	return d->flows.count - d->flows.free_count + d->media.count;
}

bool driver_forget(struct driver *d, nanoseconds before)
{
	bool ok = flow_table_forget(&d->flows, before);

	return forget_media(d, before) && ok;
}

bool driver_renew(struct driver *d, struct keyring *keys, nanoseconds before)
{
	d->keys = keys;
	forget_names(d);
	return driver_forget(d, before);
}

void driver_finish(struct driver *d)
{
	answers_first_finish(d);
	for (uint32_t i = 0; i < d->flows.count; i++)
		if (d->flows.rows[i].used)
			streams_end(d, i);
	records_finish(d);
	net_end(d->net);
	lost_take(d);
}

void driver_rest(struct driver *d)
{
	uint64_t evicted = d->flows.evicted;

	drop_flows(d);
	flow_table_free(&d->flows);
	transactions_free(&d->transactions);
	transactions_free(&d->classic_requests);
	known_media_free(&d->known);
	arena_free(&d->scratch);
	d->flows.evicted = evicted;
}

bool driver_unsure(const struct driver *d)
{
	return d->unsure.count || keyring_missed(d->keys) ||
	       d->tls.secrets.missed;
}

bool driver_late(const struct driver *d)
{
	return d->late || keyring_late(d->keys) || d->tls.secrets.late;
}

const struct driver_counts *driver_counts(const struct driver *d)
{
	return &d->counts;
}

struct driver_limits driver_limits(const struct driver *d)
{
	return (struct driver_limits){
		.flows_evicted = d->flows.evicted,
		.fragments_lost = net_counts(d->net)->fragments_lost,
		.tcp_refused = d->tcp.refused,
		.media_refused = d->media.refused,
		.tls_refused = d->tls.counts.refused,
		.tls_read = d->tls.counts.decrypted,
		.tls_without_key = d->tls.counts.without_key,
		.dtls_without_key = d->tls.counts.datagrams_without_key,
		.ssl3 = d->tls.counts.ssl3,
		.dtls13 = d->tls.counts.dtls13,
	};
}

void driver_inventory(const struct driver *d, struct inventory *to)
{
	const struct net_counts *net = net_counts(d->net);
	struct inventory all = d->inventory;

	for (uint32_t i = 0; i < d->flows.count; i++)
		if (d->flows.rows[i].used)
			inventory_note_flow(&all, &d->flows.rows[i]);
	memcpy(to->rows, all.rows, sizeof(all.rows));
	memcpy(to->others, all.others, sizeof(all.others));
	to->row_count = all.row_count;
	to->snap_length = all.snap_length;
	to->frames = d->counts.frames;
	to->cut = d->counts.cut;
	to->not_ip = net->not_ip;
	to->malformed = net->malformed;
	to->fragments = net->fragments;
	to->fragments_lost = net->fragments_lost;
}

const struct media_table *driver_media(const struct driver *d)
{
	return &d->media;
}
