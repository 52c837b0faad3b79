/*
 * Frames of a link type that nobody described: where is the IP header in them
 * (spec "capture-formats" 3.6)?
 *
 * A header whose checksum is right is believed at once; one without a checksum
 * when three packets of this link type had theirs at the same place.
 */
#include "config.h"

#include "core/cursor.h"
#include "net/ip.h"
#include "net/link.h"

#define TIMES_ENOUGH 3u
#define DARWIN_PKTAP 149u
#define PKTAP_HEADER_MIN 108u
#define PKTAP_PACKET 1u

static const uint8_t offsets[] = {0, 2, 4, 8, 12, 14, 16, 18, 20, 24};

static struct guess *guess_of(struct net *net, uint32_t link_type)
{
	for (size_t i = 0; i < NET_GUESSES_MAX; i++) {
		struct guess *guess = &net->guesses[i];

		if (guess->times && guess->link_type == link_type)
			return guess;
		if (guess->times == 0) {
			guess->link_type = link_type;
			return guess;
		}
	}
	return NULL;
}

/* The first offset where IP may stand; sizeof(offsets): nowhere. */
static size_t look(const struct walk *w, struct slice s, enum ip_look *how)
{
	size_t i;

	for (i = 0; i < sizeof(offsets); i++) {
		*how = ip_looks(slice_from(s, offsets[i]), w->missing);
		if (*how != IP_NO)
			break;
	}
	return i;
}

/* LINKTYPE_USER2 is what Darwin called PKTAP at first: length and type. */
static bool is_pktap(uint32_t link_type, struct slice s)
{
	struct cursor c = cursor_over(s);
	uint32_t length = cursor_u32le(&c);
	uint32_t type = cursor_u32le(&c);

	return link_type == DARWIN_PKTAP && type == PKTAP_PACKET &&
	       length >= PKTAP_HEADER_MIN && length <= s.n;
}

static enum status ip_at(struct walk *w, struct slice s, size_t at)
{
	s = slice_from(s, at);
	if (ip_looks(s, w->missing) == IP_NO)
		return STATUS_NOT_MINE;
	return ip_any(w, s);
}

enum status link_guess(struct walk *w, uint32_t link_type, struct slice s)
{
	struct guess *guess = guess_of(w->net, link_type);
	enum ip_look how = IP_NO;
	size_t at;

	if (is_pktap(link_type, s))
		return link_pktap(w, s);
	if (!guess)
		return STATUS_NOT_MINE;
	if (guess->times >= TIMES_ENOUGH)
		return ip_at(w, s, guess->offset);
	at = look(w, s, &how);
	if (at == sizeof(offsets))
		return STATUS_NOT_MINE;
	if (guess->times && guess->offset == offsets[at])
		guess->times++;
	else
		guess->times = 1;
	guess->offset = offsets[at];
	if (how != IP_SURE && guess->times < TIMES_ENOUGH)
		return STATUS_NOT_MINE;
	return ip_any(w, slice_from(s, offsets[at]));
}
