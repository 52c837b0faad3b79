/*
 * DTLS associations (RFC 6347): records say their epoch and number, so keys are
 * chosen by these and not by the order in which packets come.
 */
#include "config.h"

#include "net/tls_session_state.h"

/* So many records that the keys at hand do not open, where they never opened
 * any; behind one that they did, TLS_UNOPENED_MAX. */
#define UNOPENED_AT_FIRST 3u

struct tls_session *dtls_session_new(struct tls_decryption *home)
{
	struct tls_session *s = tls_session_new(home);

	if (s)
		s->datagrams = true;
	return s;
}

size_t dtls_session_id_size(const struct tls_session *s, unsigned side)
{
	const struct tls_agreed *a = &s->agreed;

	if (!a->client_has_id || !a->server_has_id)
		return 0;
	return side == s->client ? a->client_id_size : a->server_id_size;
}

/* ---- handshake messages ---- */

/* Whole messages of a side: those whose turn it is, or all. */
static void hear(struct tls_session *s, unsigned side, bool late)
{
	struct dtls_flight *flight = &s->sides[side].flight;
	struct dtls_message m;
	uint16_t next = flight->next;

	while (dtls_flight_take(flight, late, &s->home->waiting_bytes, &m)) {
		struct tls_message message = {
			.type = m.type,
			.whole = dtls_message_whole(&m),
			.body = dtls_message_body(&m),
		};

		/* Nothing before a hello counts (RFC 6347 4.2.1). */
		if (m.type == TLS_CLIENT_HELLO)
			s->gap = false;
		else if (m.type != TLS_SERVER_HELLO && m.number != next)
			s->gap = true;
		(void)tls_message_take(s, side, &message);
		dtls_message_free(&m);
		next = flight->next;
	}
}

/* The random of a ClientHello behind its version, if the fragment has it. */
static bool has_random(const struct dtls_fragment *part, struct slice *random)
{
	*random = slice_cut(part->bytes, 2, TLS_ID_SIZE);
	return part->type == TLS_CLIENT_HELLO && part->offset == 0 &&
	       random->n == TLS_ID_SIZE;
}

/* The client asks once more with its cookie, or because it heard nothing; all
 * else is a new handshake, whose messages count from 0 again. */
static bool is_another(const struct tls_session *s,
		       const struct dtls_fragment *part)
{
	struct slice random;

	return has_random(part, &random) &&
	       (s->handshakes == 0 ||
		(s->agreed.client &&
		 !slice_equal(random, tls_client_random(s))));
}

static void begin_handshake(struct tls_session *s)
{
	for (unsigned side = 0; s->handshakes && side < 2; side++) {
		dtls_flight_reset(&s->sides[side].flight,
				  &s->home->waiting_bytes);
		s->sides[side].closed = false;
		s->sides[side].unopened = 0;
	}
	s->handshakes++;
}

static void take_handshake(struct tls_session *s, unsigned side,
			   struct slice body)
{
	struct dtls_fragment part;

	while (body.n && dtls_fragment_next(&body, &part)) {
		if (is_another(s, &part))
			begin_handshake(s);
		dtls_flight_put(&s->sides[side].flight, &part,
				&s->home->waiting_bytes);
		hear(s, side, part.type == TLS_CLIENT_HELLO);
	}
}

/* ---- keys ---- */

static uint64_t number_of(const struct tls_record *record)
{
	return (uint64_t)record->epoch << 48 | record->sequence;
}

static bool has_keys(const struct tls_side *self,
		     const struct tls_record *record)
{
	return self->direction.cipher && self->epoch == record->epoch;
}

/* The keys of the latest handshake, which open its first record: those before
 * stay until then.  False: there are none. */
static bool new_keys(struct tls_session *s, unsigned side,
		     struct tls_direction *to)
{
	hear(s, 0, true);
	hear(s, 1, true);
	return s->sides[side].handshake_number != s->handshakes &&
	       s->agreed.server && s->agreed.version != TLS_VERSION_1_3 &&
	       tls_keys_set(s, side, to);
}

static void use_keys(struct tls_session *s, unsigned side, uint16_t epoch,
		     struct tls_direction *keys)
{
	struct tls_side *self = &s->sides[side];

	tls_direction_clear(&self->direction);
	self->direction = *keys;
	self->epoch = epoch;
	self->handshake_number = s->handshakes;
	bytes_wipe(keys, sizeof(*keys));
}

/* STATUS_NOT_MINE: no keys are known; STATUS_BAD: they do not fit. */
static enum status open_record(struct tls_session *s, unsigned side,
			       const struct tls_record *record,
			       struct tls_opened *opened)
{
	struct tls_side *self = &s->sides[side];
	uint64_t number = number_of(record);
	struct tls_direction fresh = {.cipher = NULL};

	if (has_keys(self, record) &&
	    tls_direction_open_number(&self->direction, record, number,
				      s->home->plain, opened))
		return STATUS_OK;
	if (!new_keys(s, side, &fresh))
		return self->direction.cipher ? STATUS_BAD : STATUS_NOT_MINE;
	if (!tls_direction_open_number(&fresh, record, number, s->home->plain,
				       opened)) {
		tls_direction_clear(&fresh);
		return STATUS_BAD;
	}
	use_keys(s, side, record->epoch, &fresh);
	return STATUS_OK;
}

/* ---- records ---- */

static enum status without_key(struct tls_session *s, unsigned side,
			       const struct tls_record *record)
{
	/* Where keys of media were all that was wanted, nothing is amiss. */
	if (record->content == TLS_APPLICATION_DATA ||
	    record->content == TLS_CONNECTION_ID) {
		s->sides[side].closed = true;
		s->sides[side].changes = s->home->secrets.changes;
		tls_without_key(s);
	}
	return STATUS_NOT_MINE;
}

/* Closed for want of a key, which may have come by now. */
static bool is_closed(const struct tls_session *s, unsigned side)
{
	const struct tls_side *self = &s->sides[side];

	return self->closed && (self->unopened != 0 ||
				self->changes == s->home->secrets.changes);
}

/* A single one may be damaged, late, or of somebody else. */
static enum status pass(struct tls_session *s, unsigned side)
{
	struct tls_side *self = &s->sides[side];
	unsigned most =
		self->direction.cipher ? TLS_UNOPENED_MAX : UNOPENED_AT_FIRST;

	if (++self->unopened < most)
		return STATUS_OK;
	self->closed = true;
	s->home->counts.given_up++;
	return STATUS_BAD;
}

static enum status take_encrypted(struct tls_session *s, unsigned side,
				  const struct tls_record *record,
				  struct slice *plain)
{
	struct tls_side *self = &s->sides[side];
	struct tls_opened opened;
	enum status status;

	if (is_closed(s, side))
		return STATUS_NOT_MINE;
	self->closed = false;
	status = open_record(s, side, record, &opened);
	if (status == STATUS_NOT_MINE)
		return without_key(s, side, record);
	if (status != STATUS_OK)
		return pass(s, side);
	self->unopened = 0;
	if (opened.content == TLS_HANDSHAKE)
		take_handshake(s, side, opened.text);
	else if (opened.content == TLS_APPLICATION_DATA)
		*plain = opened.text;
	return STATUS_OK;
}

enum status dtls_session_record(struct tls_session *s, unsigned side,
				const struct tls_record *record,
				struct slice *plain)
{
	*plain = (struct slice){0};
	if (record->sealed)
		return STATUS_NOT_MINE;
	if (record->epoch)
		return take_encrypted(s, side, record, plain);
	if (record->content == TLS_HANDSHAKE)
		take_handshake(s, side, record->body);
	return STATUS_OK;
}
