/* Replies of [MS-TURN]: the cookie first, the integrity last (3.1.8). */
#include "config.h"

#include "engine/ms_state.h"

#define UNKNOWN_MAX 32u
#define QUOTED_MAX 130u

void ms_send(struct turn_server *s, const struct turn_path *to, unsigned type,
	     struct slice bytes)
{
	uint8_t header[4] = {(uint8_t)type, 0, (uint8_t)(bytes.n >> 8 & 0xFF),
			     (uint8_t)(bytes.n & 0xFF)};

	if (to->framing != TURN_FRAMING_MS) {
		turn_send(s, to, bytes);
		return;
	}
	if (bytes.n > UINT16_MAX)
		return;
	text_clear(&s->framed);
	text_put(&s->framed, slice_of(header, sizeof(header)));
	text_put(&s->framed, bytes);
	if (s->framed.failed == STATUS_OK)
		turn_send(s, to, text_slice(&s->framed));
}

static uint16_t reply_type(const struct ms_ask *ask, enum stun_class class)
{
	unsigned bits = class == STUN_SUCCESS ? 0x0100 : 0x0110;

	return (uint16_t)(ask->turn.m->type | bits);
}

/* MSN's clients are of RFC 3489, and have no version. */
void ms_begin(struct ms_ask *ask, struct stun_writer *w, enum stun_class class)
{
	struct turn_server *s = ask->turn.s;

	text_clear(&s->out);
	*w = (struct stun_writer){.to = &s->out, .aligned = ask->msn};
	stun_write_begin(w, reply_type(ask, class), ask->turn.m->id);
	stun_write_u32(w, MS_COOKIE, MS_TURN_COOKIE);
	if (!ask->msn && ask->request == MS_ALLOCATE)
		stun_write_u32(w, MS_VERSION, s->config.ms.version);
}

void ms_end(struct ms_ask *ask, struct stun_writer *w)
{
	struct turn_server *s = ask->turn.s;

	if (ask->turn.key)
		stun_write_integrity(w, ask->turn.key, ask->sha256, true);
	if (s->out.failed != STATUS_OK)
		return;
	reply_keep(&ask->turn);
	ms_send(s, ask->turn.path, MS_CONTROL, text_slice(&s->out));
}

/* ---- errors ---- */

static void write_realm(struct turn_server *s, struct stun_writer *w)
{
	struct slice realm = slice_first(s->config.realm, QUOTED_MAX - 2);
	uint8_t quoted[QUOTED_MAX];

	quoted[0] = '"';
	if (realm.n)
		memcpy(quoted + 1, realm.p, realm.n);
	quoted[1 + realm.n] = '"';
	stun_write_bytes(w, MS_REALM, slice_of(quoted, realm.n + 2));
}

void ms_session_of(const struct turn_server *s, const struct turn_path *path,
		   uint8_t out[MS_SESSION_ID])
{
	struct slice pieces[] = {
		SLICE("session"),
		slice_of(&path->client, sizeof(path->client)),
		slice_of(&path->server, sizeof(path->server)),
		slice_of(&path->connection, sizeof(path->connection)),
	};
	uint8_t hash[SHA256_SIZE];

	hmac_compute(&s->nonces.key, pieces, 4, hash);
	memcpy(out, hash, MS_SESSION_ID);
}

bool ms_shares(const struct ms_ask *ask)
{
	const struct turn_server *s = ask->turn.s;
	uint32_t from = ask->turn.path->stream ? 6 : 5;

	return s->config.ms.shared_port && !ask->msn &&
	       s->config.ms.version >= from && ask->turn.m->ms_version >= from;
}

/* As a Teams relay does it: session and shared relay come with the 401. */
static void write_session(struct ms_ask *ask, struct stun_writer *w)
{
	struct turn_server *s = ask->turn.s;
	uint32_t relay = ms_shared_relay(s, FAMILY_IPV4);
	uint8_t session[MS_SESSION_ID];

	if (relay == ROW_NONE)
		return;
	ms_session_of(s, ask->turn.path, session);
	stun_write_address(w, MS_RELAY_ADDRESS, &relay_row(s, relay)->at);
	stun_write_bytes(w, MS_SESSION, slice_of(session, sizeof(session)));
	stun_write_xor_address(w, MS_XOR_MAPPED, &ask->turn.path->client);
}

static void write_challenge(struct ms_ask *ask, struct stun_writer *w)
{
	struct turn_server *s = ask->turn.s;
	const struct ms_turn_config *c = &s->config.ms;
	char nonce[NONCE_SIZE];

	nonce_make(&s->nonces, &ask->turn.path->client, ask->turn.now, nonce);
	stun_write_address(w, MS_ALTERNATE_SERVER,
			   c->alternate_server.family != FAMILY_NONE
				   ? &c->alternate_server
				   : &ask->turn.path->server);
	stun_write_bytes(w, MS_NONCE, slice_of(nonce, NONCE_SIZE));
	write_realm(s, w);
	if (c->host_name.n)
		stun_write_bytes(w, MS_HOST_NAME, c->host_name);
	if (ms_shares(ask))
		write_session(ask, w);
}

static void write_unknown(struct ms_ask *ask, struct stun_writer *w)
{
	const struct stun_message *m = ask->turn.m;
	uint8_t list[2 * UNKNOWN_MAX];
	size_t n = 0;

	for (size_t i = 0; i < m->attribute_count && n < sizeof(list); i++) {
		uint16_t type = m->attributes[i].type;

		if (!ms_is_unknown(type))
			continue;
		list[n++] = (uint8_t)(type >> 8);
		list[n++] = (uint8_t)(type & 0xFF);
	}
	stun_write_bytes(w, AT_UNKNOWN_ATTRIBUTES, slice_of(list, n));
}

/* Errors of who has proved nothing are challenges, and not signed. */
static bool is_challenge(unsigned code)
{
	return code == 401 || code == 438 || (code >= 431 && code <= 436);
}

static void refuse(struct ms_ask *ask, const struct turn_row *row)
{
	const char *text = stun_error_text(row->code, STUN_MS_TURN);
	struct stun_writer w;

	ms_begin(ask, &w, STUN_ERROR);
	stun_write_error(&w, row->code, slice_of_text(text));
	if (is_challenge(row->code)) {
		ask->turn.key = NULL;
		write_challenge(ask, &w);
	}
	if (row->code == 420)
		write_unknown(ask, &w);
	if (row->code == 300)
		stun_write_address(&w, MS_ALTERNATE_SERVER,
				   &ask->turn.s->config.ms.redirect);
	ask->turn.s->counts.errors++;
	ms_end(ask, &w);
}

bool ms_unless_refused(struct ms_ask *ask)
{
	struct turn_forecast forecast;

	ms_climb(&ask->turn.claims, ask->request, &forecast);
	if (forecast.success)
		return true;
	if (ask->request == MS_SEND)
		ask->turn.s->counts.dropped++;
	else
		refuse(ask, forecast.rows[forecast.count - 1]);
	return false;
}
