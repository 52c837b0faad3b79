/* TLS connections: which messages records hold, and which keys hold when. */
#include "config.h"

#include <stdlib.h>

#include "net/tls_session_state.h"

bool tls_session_begins(struct tls_decryption *home,
			const struct tls_record *record)
{
	if (record->content != TLS_HANDSHAKE || !record->handshake_readable ||
	    record->handshake != TLS_CLIENT_HELLO)
		return false;
	if (tls_secrets_any(&home->secrets) || home->awaits)
		return true;
	home->secrets.missed = true;
	return false;
}

struct tls_session *tls_session_new(struct tls_decryption *home)
{
	struct tls_session *s;

	if (home->sessions_now >= TLS_SESSIONS_MAX) {
		home->counts.refused++;
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->home = home;
	s->transcript = text_new(TLS_HANDSHAKE_MAX);
	for (unsigned i = 0; i < 2; i++)
		s->sides[i].handshake = text_new(TLS_HANDSHAKE_MAX);
	home->sessions_now++;
	home->counts.sessions++;
	return s;
}

void tls_session_free(struct tls_session *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < 2; i++) {
		tls_direction_clear(&s->sides[i].direction);
		text_free(&s->sides[i].handshake);
		dtls_flight_reset(&s->sides[i].flight, &s->home->waiting_bytes);
	}
	tls_direction_clear(&s->early);
	text_free(&s->transcript);
	s->home->sessions_now--;
	bytes_wipe(s, sizeof(*s));
	free(s);
}

/* ---- keys ---- */

static void without_key(struct tls_session *s, unsigned side)
{
	s->sides[side].closed = true;
	tls_without_key(s);
}

static void change_cipher(struct tls_session *s, unsigned side)
{
	struct tls_side *self = &s->sides[side];

	/* In TLS 1.3 it means nothing, and may come before the ServerHello
	 * that says so (RFC 8446 D.4). */
	if (!s->agreed.server || s->agreed.version == TLS_VERSION_1_3)
		return;
	if (!tls_keys_set(s, side, &self->direction)) {
		without_key(s, side);
		return;
	}
	self->closed = false;
	self->deaf = false;
}

/* False: that secret is not known. */
static bool use_secret(struct tls_session *s, unsigned side, bool traffic)
{
	struct tls_side *self = &s->sides[side];

	if (!tls_traffic_find(s, side, traffic))
		return false;
	self->traffic = traffic;
	self->deaf = false;
	self->closed = tls_traffic_set(s, side, &self->direction) != STATUS_OK;
	return !self->closed;
}

/* Without those of the handshake its records are passed over. */
static void begin_13(struct tls_session *s)
{
	const struct tls_suite *suite = s->agreed.suite;

	for (unsigned side = 0; side < 2; side++) {
		if (suite && cipher_authenticates(suite->cipher) &&
		    (use_secret(s, side, false) || use_secret(s, side, true)))
			tls_now_readable(s);
		else
			without_key(s, side);
	}
}

static void finished_13(struct tls_session *s, unsigned side)
{
	if (!s->sides[side].traffic && !use_secret(s, side, true))
		without_key(s, side);
}

static void update_key(struct tls_session *s, unsigned side)
{
	struct tls_side *self = &s->sides[side];

	tls_traffic_next(s, side);
	self->closed = tls_traffic_set(s, side, &self->direction) != STATUS_OK;
}

/* ---- handshake messages ---- */

static void take_message_13(struct tls_session *s, unsigned side, uint8_t type)
{
	if (type == TLS_FINISHED)
		finished_13(s, side);
	else if (type == TLS_KEY_UPDATE && s->sides[side].traffic)
		update_key(s, side);
}

static void take_message(struct tls_session *s, unsigned side,
			 const struct tls_message *m)
{
	bool agreed = tls_message_take(s, side, m);

	if (!s->agreed.server || s->agreed.version != TLS_VERSION_1_3)
		return;
	if (agreed)
		begin_13(s);
	else
		take_message_13(s, side, m->type);
}

static void take_handshake(struct tls_session *s, unsigned side,
			   struct slice bytes)
{
	struct tls_side *self = &s->sides[side];
	struct tls_message message;
	struct slice rest;

	if (self->deaf)
		return;
	text_put(&self->handshake, bytes);
	if (self->handshake.failed != STATUS_OK) {
		text_clear(&self->handshake);
		self->deaf = true;
		return;
	}
	rest = text_slice(&self->handshake);
	while (tls_message_next(&rest, &message))
		take_message(s, side, &message);
	if (rest.n)
		memmove(self->handshake.p, rest.p, rest.n);
	self->handshake.n = rest.n;
}

/* ---- records ---- */

static enum status give_up(struct tls_session *s, unsigned side)
{
	s->sides[side].closed = true;
	tls_direction_clear(&s->sides[side].direction);
	s->home->counts.given_up++;
	return STATUS_BAD;
}

static enum status take_encrypted(struct tls_session *s, unsigned side,
				  const struct tls_record *record,
				  struct slice *plain)
{
	struct tls_opened opened;
	enum status status = tls_direction_open(
		&s->sides[side].direction, record, s->home->plain, &opened);

	if (status == STATUS_SHORT)
		return STATUS_OK;
	if (status != STATUS_OK)
		return give_up(s, side);
	if (opened.content == TLS_HANDSHAKE)
		take_handshake(s, side, opened.text);
	else if (opened.content == TLS_APPLICATION_DATA)
		*plain = opened.text;
	return STATUS_OK;
}

/* ---- early data (RFC 8446 2.3) ---- */

/* It is of the suite of an earlier connection, which the ServerHello that
 * comes behind it must choose again: till then the first that opens it. */
static bool open_early(struct tls_session *s, const struct tls_record *record,
		       struct tls_opened *opened)
{
	static const uint16_t suites[] = {0x1301, 0x1302, 0x1303, 0x1304,
					  0x1305};

	if (s->early.cipher)
		return tls_direction_open(&s->early, record, s->home->plain,
					  opened) == STATUS_OK;
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		if (tls_early_set(s, tls_suite_find(suites[i]), &s->early) &&
		    tls_direction_open(&s->early, record, s->home->plain,
				       opened) == STATUS_OK)
			return true;
		tls_direction_clear(&s->early);
	}
	return false;
}

static void end_early(struct tls_session *s)
{
	tls_direction_clear(&s->early);
	s->early_over = true;
}

/* False: it is none.  One that does not open ends it where keys of the
 * handshake may follow. */
static bool take_early(struct tls_session *s, const struct tls_record *record,
		       struct slice *plain)
{
	struct tls_opened opened;

	if (!s->agreed.client ||
	    (s->agreed.server && s->agreed.version != TLS_VERSION_1_3))
		return false;
	if (!open_early(s, record, &opened)) {
		if (s->agreed.server)
			end_early(s);
		return false;
	}
	tls_now_readable(s);
	if (opened.content == TLS_APPLICATION_DATA)
		*plain = opened.text;
	else if (opened.content == TLS_HANDSHAKE)
		end_early(s); /* EndOfEarlyData */
	return true;
}

enum status tls_session_record(struct tls_session *s, unsigned side,
			       const struct tls_record *record,
			       struct slice *plain)
{
	struct tls_side *self = &s->sides[side];

	*plain = (struct slice){0};
	if (record->content == TLS_CHANGE_CIPHER_SPEC) {
		change_cipher(s, side);
		return STATUS_OK;
	}
	if (side == s->client && !s->early_over &&
	    record->content == TLS_APPLICATION_DATA &&
	    take_early(s, record, plain))
		return STATUS_OK;
	if (self->closed)
		return STATUS_NOT_MINE;
	if (self->direction.cipher)
		return take_encrypted(s, side, record, plain);
	if (record->content == TLS_HANDSHAKE)
		take_handshake(s, side, record->body);
	if (record->content != TLS_APPLICATION_DATA)
		return STATUS_OK;
	/* Early data comes before the ServerHello; else keys are due. */
	if (s->agreed.server || side != s->client)
		without_key(s, side);
	return STATUS_NOT_MINE;
}

enum status tls_session_lose(struct tls_session *s, unsigned side)
{
	struct tls_side *self = &s->sides[side];

	text_clear(&self->handshake);
	if (side == s->client && s->early.cipher)
		(void)tls_direction_lose(&s->early);
	if (self->closed)
		return STATUS_OK;
	if (!self->direction.cipher) {
		self->deaf = true;
		return STATUS_OK;
	}
	/* Its Finished may have been among them. */
	if (s->agreed.version == TLS_VERSION_1_3 && !self->traffic)
		finished_13(s, side);
	if (!self->direction.cipher ||
	    tls_direction_lose(&self->direction) != STATUS_OK)
		return give_up(s, side);
	return STATUS_OK;
}

/* ---- again ---- */

static bool is_resumable(const struct tls_session *s, bool has,
			 const uint8_t id[TLS_ID_SIZE])
{
	return has && tls_secrets_find(&s->home->secrets, TLS_RESUMED,
				       slice_of(id, TLS_ID_SIZE))
			      .n;
}

/* Which secrets there are for it. */
unsigned tls_known_now(const struct tls_session *s)
{
	const struct tls_agreed *a = &s->agreed;
	unsigned known = 0;

	if (!a->client)
		return 0;
	for (int label = 0; label < TLS_LABELS; label++)
		if (tls_secrets_find(&s->home->secrets, (enum tls_label)label,
				     tls_client_random(s))
			    .n)
			known |= 1u << label;
	if (is_resumable(s, a->has_session, a->session) ||
	    is_resumable(s, a->has_ticket, a->ticket))
		known |= 1u << TLS_RESUMED;
	return known;
}

bool tls_session_gains(const struct tls_session *s)
{
	return (tls_known_now(s) & ~s->known) != 0;
}

bool tls_session_is_open(const struct tls_session *s, unsigned side)
{
	return s->sides[side].direction.cipher && !s->sides[side].closed;
}

bool tls_session_was_read(const struct tls_session *s)
{
	return s->readable;
}

static bool is_final(const struct tls_session *s, unsigned side)
{
	const struct tls_side *self = &s->sides[side];

	return tls_session_is_open(s, side) &&
	       (s->agreed.version != TLS_VERSION_1_3 || self->traffic);
}

bool tls_session_is_settled(const struct tls_session *s)
{
	const struct tls_agreed *a = &s->agreed;

	/* Of a datagram's hello the rest may follow. */
	if (!a->client)
		return !s->datagrams;
	if (a->server && !a->suite && a->version < TLS_VERSION_1_3)
		return true;
	/* Records of DTLS 1.3 are not read. */
	if (s->datagrams && a->server && a->version == TLS_VERSION_1_3)
		return true;
	return a->server && is_final(s, 0) && is_final(s, 1);
}

static void uncount(const struct tls_session *s)
{
	struct tls_counts *counts = &s->home->counts;

	if (!s->counted)
		return;
	if (s->readable)
		counts->decrypted--;
	else
		--*s->unread;
}

void tls_session_restart(struct tls_session *s)
{
	struct tls_session old = *s;

	uncount(s);
	*s = (struct tls_session){.home = old.home,
				  .datagrams = old.datagrams,
				  .known = tls_known_now(&old)};
	tls_direction_clear(&old.early);
	s->transcript = old.transcript;
	text_clear(&s->transcript);
	for (unsigned i = 0; i < 2; i++) {
		tls_direction_clear(&old.sides[i].direction);
		dtls_flight_reset(&old.sides[i].flight,
				  &s->home->waiting_bytes);
		s->sides[i].handshake = old.sides[i].handshake;
		text_clear(&s->sides[i].handshake);
	}
	bytes_wipe(&old, sizeof(old));
}

void tls_session_resume(struct tls_session *s)
{
	s->known = tls_known_now(s);
}

enum status tls_session_skip(struct tls_session *s, unsigned side,
			     uint64_t records)
{
	struct tls_side *self = &s->sides[side];

	text_clear(&self->handshake);
	if (self->closed || !self->direction.cipher)
		return STATUS_OK;
	if (tls_direction_skip(&self->direction, records) != STATUS_OK)
		return give_up(s, side);
	return STATUS_OK;
}
