/* Putting handshake messages of DTLS together. */
#include "config.h"

#include <stdlib.h>

#include "net/dtls_message.h"

#define TAKEN_BITS 64u

/* ---- one message ---- */

static void put_head(struct dtls_message *m)
{
	uint8_t *p = m->bytes;

	p[0] = m->type;
	for (unsigned i = 0; i < 3; i++) {
		p[1 + i] = (uint8_t)(m->length >> 8 * (2 - i));
		p[9 + i] = p[1 + i];
	}
	p[4] = (uint8_t)(m->number >> 8);
	p[5] = (uint8_t)m->number;
}

bool dtls_message_begin(struct dtls_message *m,
			const struct dtls_fragment *part)
{
	if (part->length > DTLS_MESSAGE_MAX)
		return false;
	*m = (struct dtls_message){
		.type = part->type,
		.number = part->message,
		.length = part->length,
		.missing = part->length,
		.bytes =
			calloc(1, DTLS_MESSAGE_HEAD + 2 * (size_t)part->length),
	};
	if (m->bytes)
		put_head(m);
	return m->bytes != NULL;
}

void dtls_message_add(struct dtls_message *m, const struct dtls_fragment *part)
{
	uint8_t *body = m->bytes + DTLS_MESSAGE_HEAD;

	if (part->type != m->type || part->length != m->length)
		return;
	for (size_t i = 0; i < part->bytes.n; i++) {
		size_t at = part->offset + i;

		m->missing -= !body[m->length + at];
		body[m->length + at] = 1;
		body[at] = part->bytes.p[i];
	}
}

void dtls_message_free(struct dtls_message *m)
{
	free(m->bytes);
	*m = (struct dtls_message){.bytes = NULL};
}

struct slice dtls_message_whole(const struct dtls_message *m)
{
	return slice_of(m->bytes, DTLS_MESSAGE_HEAD + (size_t)m->length);
}

struct slice dtls_message_body(const struct dtls_message *m)
{
	return slice_from(dtls_message_whole(m), DTLS_MESSAGE_HEAD);
}

/* ---- those of a side ---- */

static void give_back(struct dtls_message *m, size_t *bytes)
{
	*bytes -= m->length;
	dtls_message_free(m);
}

static bool was_taken(const struct dtls_flight *f, uint16_t number)
{
	return number < TAKEN_BITS ? f->taken >> number & 1 : number < f->next;
}

/* The place of a message, else a free one; NULL: all are taken. */
static struct dtls_message *place_of(struct dtls_flight *f, uint16_t number)
{
	struct dtls_message *free_one = NULL;

	for (unsigned i = 0; i < DTLS_WAITING_MAX; i++) {
		struct dtls_message *m = &f->waiting[i];

		if (m->bytes && m->number == number)
			return m;
		if (!m->bytes)
			free_one = m;
	}
	return free_one;
}

/* What waits longest makes room: what is not whole, else the lowest. */
static struct dtls_message *make_room(struct dtls_flight *f, size_t *bytes)
{
	struct dtls_message *worst = f->waiting;

	for (unsigned i = 1; i < DTLS_WAITING_MAX; i++) {
		struct dtls_message *m = &f->waiting[i];

		if (m->missing != 0 && worst->missing == 0)
			worst = m;
		else if ((m->missing != 0) == (worst->missing != 0) &&
			 m->number < worst->number)
			worst = m;
	}
	give_back(worst, bytes);
	return worst;
}

void dtls_flight_put(struct dtls_flight *f, const struct dtls_fragment *part,
		     size_t *bytes)
{
	struct dtls_message *m;

	if (was_taken(f, part->message))
		return;
	if (!f->waiting)
		f->waiting = calloc(DTLS_WAITING_MAX, sizeof(*f->waiting));
	if (!f->waiting)
		return;
	m = place_of(f, part->message);
	if (!m)
		m = make_room(f, bytes);
	if (!m->bytes) {
		if (part->length > DTLS_WAITING_BYTES_MAX - *bytes ||
		    !dtls_message_begin(m, part))
			return;
		*bytes += part->length;
	}
	dtls_message_add(m, part);
}

/* The whole message with the lowest number; NULL: none is whole. */
static struct dtls_message *lowest(struct dtls_flight *f)
{
	struct dtls_message *found = NULL;

	for (unsigned i = 0; f->waiting && i < DTLS_WAITING_MAX; i++) {
		struct dtls_message *m = &f->waiting[i];

		if (m->bytes && m->missing == 0 &&
		    (!found || m->number < found->number))
			found = m;
	}
	return found;
}

bool dtls_flight_take(struct dtls_flight *f, bool late, size_t *bytes,
		      struct dtls_message *out)
{
	struct dtls_message *m = lowest(f);

	if (!m || (m->number > f->next && !late))
		return false;
	if (m->number < TAKEN_BITS)
		f->taken |= UINT64_C(1) << m->number;
	if (m->number >= f->next)
		f->next = (uint16_t)(m->number + 1);
	*bytes -= m->length;
	*out = *m;
	*m = (struct dtls_message){.bytes = NULL};
	return true;
}

void dtls_flight_reset(struct dtls_flight *f, size_t *bytes)
{
	for (unsigned i = 0; f->waiting && i < DTLS_WAITING_MAX; i++)
		if (f->waiting[i].bytes)
			give_back(&f->waiting[i], bytes);
	free(f->waiting);
	*f = (struct dtls_flight){.waiting = NULL};
}
