/*
 * TZSP, in which MikroTik's routers and sensors of wireless networks send the
 * packets that they see to a computer that captures them (Wireshark's
 * packet-tzsp.c; there is no document any more).
 *
 *   version 1, type, encapsulation: 4 bytes; fields of a tag, a length and a
 *   value, up to the tag 1; the frame
 */
#include "config.h"

#include "core/cursor.h"
#include "net/ip.h"
#include "net/link.h"

#define TYPE_RECEIVED 0u
#define TYPE_TO_SEND 1u
#define TAG_PAD 0u
#define TAG_END 1u
#define FIELDS_MAX 32u

static const struct {
	uint16_t encapsulation;
	walk_fn *inside;
} frames[] = {
	{1, link_ethernet},
	{18, link_80211},
	{119, link_prism},
	{127, link_avs},
};

/* The frame behind the fields; empty where these do not end. */
static struct slice behind_fields(struct cursor *c)
{
	for (unsigned i = 0; i < FIELDS_MAX && !c->bad; i++) {
		unsigned tag = cursor_u8(c);

		if (tag == TAG_END)
			return cursor_rest(c);
		if (tag != TAG_PAD)
			cursor_skip(c, cursor_u8(c));
	}
	return (struct slice){0};
}

enum status tunnel_tzsp(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	unsigned version = cursor_u8(&c), type = cursor_u8(&c);
	unsigned encapsulation = cursor_u16(&c);
	struct slice frame = behind_fields(&c);

	if (version != 1 || frame.n == 0 ||
	    (type != TYPE_RECEIVED && type != TYPE_TO_SEND))
		return STATUS_NOT_MINE;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		if (frames[i].encapsulation == encapsulation)
			return frames[i].inside(w, frame);
	return STATUS_NOT_MINE;
}
