/* From frame to packet: the short way for plain UDP, and the long one. */
#include "config.h"

#include <stdlib.h>

#include "net/ip.h"
#include "net/link.h"
#include "net/plain.h"

static void fill_ipv4(struct endpoint *e, const uint8_t *ip, uint16_t port)
{
	memset(e, 0, sizeof(*e));
	memcpy(e->ip, ip, 4);
	e->port = port;
	e->family = FAMILY_IPV4;
}

bool net_plain(const struct frame *frame, struct plain_packet *out)
{
	return frame->link_type == LINKTYPE_ETHERNET &&
	       plain_find(frame->bytes, out);
}

void net_count_plain(struct net *net, size_t count)
{
	net->more.bytes.n = net->chunks.bytes.n = 0;
	net->counts.packets += count;
}

static inline bool plain_udp(struct slice s, struct packet *out)
{
	struct plain_packet plain;

	if (!plain_find(s, &plain))
		return false;
	walk_begin(out);
	fill_ipv4(&out->src, plain.ends, walk_u16(s, PLAIN_UDP));
	fill_ipv4(&out->dst, plain.ends + 4, walk_u16(s, PLAIN_UDP + 2));
	out->protocol = IP_UDP;
	out->identification = walk_u16(s, PLAIN_IP + 4);
	out->payload = plain.payload;
	out->wire_payload = plain.payload.n;
	return true;
}

static enum status counted(struct net *net, enum status status)
{
	switch (status) {
	case STATUS_OK:
		net->counts.packets++;
		break;
	case STATUS_NOT_MINE:
		net->counts.not_ip++;
		break;
	case STATUS_BAD:
		net->counts.malformed++;
		break;
	case STATUS_LIMIT:
		net->counts.too_deep++;
		break;
	case STATUS_SHORT:
	case STATUS_END:
	case STATUS_NOMEM:
	case STATUS_IO:
		break;
	}
	return status;
}

enum status net_packet(struct net *net, const struct frame *frame,
		       struct packet *out)
{
	struct walk w = {.net = net, .out = out, .time = frame->time};
	enum status status;

	net->more.bytes.n = net->chunks.bytes.n = 0;
	if (frame->link_type == LINKTYPE_ETHERNET &&
	    plain_udp(frame->bytes, out)) {
		net->counts.packets++;
		return STATUS_OK;
	}
	net->mark = (struct frame_mark){frame->time, frame->number, frame->file,
					frame->vantage};
	fragments_recycle(&net->fragments);
	net->piece_count = 0;
	walk_begin(out);
	if (frame_is_cut(frame))
		w.missing = frame->wire_length - frame->bytes.n;
	status = link_frame(&w, frame->link_type, frame->bytes);
	out->left_out = frame->left_out;
	return counted(net, status);
}

enum status net_packet_more(struct net *net, struct packet *out)
{
	struct walk w = {
		.net = net,
		.out = out,
		.time = net->more.time,
		.missing = net->more.missing,
		.layers = net->more.layers,
	};
	enum status status;

	if (net->chunks.bytes.n) {
		w.time = net->mark.time;
		status = transport_more_sctp(&w);
		if (status != STATUS_END)
			return status;
	}
	if (net->more.bytes.n == 0)
		return STATUS_END;
	fragments_recycle(&net->fragments);
	status = link_next_subframe(&w);
	return status == STATUS_END ? status : counted(net, status);
}

size_t net_pieces(const struct net *net, const struct fragment_key **keys)
{
	*keys = net->pieces;
	return net->piece_count;
}

struct net *net_new(void)
{
	struct net *net = calloc(1, sizeof(*net));

	if (!net)
		return NULL;
	net->fragments.lost = &net->counts.fragments_lost;
	net->unpacked = text_new(2 * (size_t)HEP_MAX);
	/* Not the same for every run where addresses are random. */
	net->fragments.key = net->sctp.key =
		(uint64_t)(uintptr_t)net * UINT64_C(0x9e3779b97f4a7c15);
	return net;
}

void net_free(struct net *net)
{
	if (!net)
		return;
	fragments_free(&net->fragments);
	sctp_free(&net->sctp);
	text_free(&net->unpacked);
	free(net);
}

const struct net_counts *net_counts(const struct net *net)
{
	return &net->counts;
}

void net_end(struct net *net)
{
	fragments_end(&net->fragments);
	sctp_end(&net->sctp);
}

static void lost_sctp(const struct sctp_rest *rest, struct net_lost *out)
{
	out->packet.src = rest->src;
	out->packet.dst = rest->dst;
	out->packet.protocol = IP_SCTP;
	out->packet.payload = rest->head;
	out->mark = rest->mark;
}

/* The header of UDP is in the first fragment. */
static void lost_udp(const struct fragment_rest *rest, struct net_lost *out)
{
	out->packet.src = rest->src;
	out->packet.dst = rest->dst;
	out->packet.src.port = walk_u16(rest->head, 0);
	out->packet.dst.port = walk_u16(rest->head, 2);
	out->packet.identification = rest->id;
	out->packet.protocol = IP_UDP;
	out->packet.payload = slice_from(rest->head, 8);
	out->mark = rest->mark;
}

bool net_next_lost(struct net *net, struct net_lost *out)
{
	struct fragment_rest fragment;
	struct sctp_rest rest;

	/* Asked for behind each frame. */
	if (!net->fragments.given_up && !net->sctp.given_up)
		return false;
	walk_begin(&out->packet);
	if (fragments_next_rest(&net->fragments, &fragment))
		lost_udp(&fragment, out);
	else if (sctp_next_rest(&net->sctp, &rest))
		lost_sctp(&rest, out);
	else
		return false;
	out->packet.cut = out->packet.reassembled = true;
	out->packet.wire_payload = out->packet.payload.n;
	return true;
}
