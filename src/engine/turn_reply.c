/* Replies: what each carries beside its own attributes. */
#include "config.h"

#include "core/hash.h"
#include "engine/turn_state.h"

void turn_send(struct turn_server *s, const struct turn_path *to,
	       struct slice bytes)
{
	s->provider.send(s->provider.context, to, bytes);
}

/* Permissions and channels can be had twice; over a stream nothing comes
 * again. */
bool reply_again(struct turn_ask *ask)
{
	struct turn_server *s = ask->s;
	uint64_t key;
	struct slice kept;

	if (ask->path->stream || ask->m->class != STUN_REQUEST ||
	    (ask->m->method != STUN_ALLOCATE && ask->m->method != STUN_REFRESH))
		return false;
	key = hash_bytes(turn_path_hash(s, ask->path), ask->m->whole);
	kept = reply_cache_find(&s->replies, key, ask->now);
	ask->repeat = key;
	if (!kept.n)
		return false;
	s->counts.requests++;
	turn_send(s, ask->path, kept);
	return true;
}

void reply_keep(const struct turn_ask *ask)
{
	if (ask->repeat && ask->key)
		reply_cache_keep(&ask->s->replies, ask->repeat,
				 text_slice(&ask->s->out), ask->now);
}

void reply_begin(struct turn_ask *ask, struct stun_writer *w,
		 enum stun_class class)
{
	struct turn_server *s = ask->s;

	text_clear(&s->out);
	*w = (struct stun_writer){.to = &s->out, .aligned = true};
	stun_write_begin(w, stun_type(class, ask->m->method), ask->m->id);
}

/* A reply to classic STUN has neither (RFC 8489 11); one to somebody unknown
 * is kept small. */
static void write_software(struct turn_ask *ask, struct stun_writer *w)
{
	if (ask->s->config.software.n && ask->m->cookie && ask->key)
		stun_write_bytes(w, AT_SOFTWARE, ask->s->config.software);
}

void reply_end(struct turn_ask *ask, struct stun_writer *w)
{
	write_software(ask, w);
	if (ask->key)
		stun_write_integrity(w, ask->key, ask->sha256, false);
	if (ask->m->fingerprint_at)
		stun_write_fingerprint(w);
	if (ask->s->out.failed != STATUS_OK)
		return;
	reply_keep(ask);
	turn_send(ask->s, ask->path, text_slice(&ask->s->out));
}

/* RFC 7635 6.1: a client that can should come with a token. */
static void write_third_party(struct turn_ask *ask, struct stun_writer *w)
{
	if (ask->s->issuer_count)
		stun_write_bytes(w, AT_THIRD_PARTY, access_name(ask->s));
}

static void write_challenge(struct turn_ask *ask, struct stun_writer *w)
{
	struct turn_server *s = ask->s;
	char nonce[NONCE_SIZE];

	nonce_make(&s->nonces, &ask->path->client, ask->now, nonce);
	stun_write_bytes(w, AT_REALM, s->config.realm);
	stun_write_bytes(w, AT_NONCE, slice_of(nonce, NONCE_SIZE));
	if (s->config.algorithms)
		stun_write_bytes(w, AT_PASSWORD_ALGORITHMS, turn_algorithms());
}

#define UNKNOWN_MAX 32u

static void write_unknown(struct turn_ask *ask, const struct turn_row *row,
			  struct stun_writer *w)
{
	uint8_t list[2 * UNKNOWN_MAX];
	size_t n = 0;

	for (size_t i = 0; i < ask->m->attribute_count && n < sizeof(list);
	     i++) {
		uint16_t type = ask->m->attributes[i].type;
		bool unknown =
			row->reason == REASON_NO_DONT_FRAGMENT
				? type == AT_DONT_FRAGMENT
				: turn_understands(ask->m, i, &ask->s->can) ==
					  CLAIM_NO;

		if (!unknown)
			continue;
		list[n++] = (uint8_t)(type >> 8);
		list[n++] = (uint8_t)(type & 0xFF);
	}
	stun_write_bytes(w, AT_UNKNOWN_ATTRIBUTES, slice_of(list, n));
}

static void reply_error(struct turn_ask *ask, const struct turn_row *row)
{
	const char *text = stun_error_text(row->code, STUN_TURN);
	struct stun_writer w;

	reply_begin(ask, &w, STUN_ERROR);
	stun_write_error(&w, row->code, slice_of_text(text));
	if (row->code == 401 || row->code == 438) {
		/* Who has no valid nonce has proved nothing. */
		ask->key = NULL;
		write_challenge(ask, &w);
	}
	if (row->code == 401)
		write_third_party(ask, &w);
	if (row->code == 420)
		write_unknown(ask, row, &w);
	if (row->code == 300)
		stun_write_address(&w, AT_ALTERNATE_SERVER,
				   &ask->s->config.alternate_server);
	ask->s->counts.errors++;
	reply_end(ask, &w);
}

void reply_success(struct turn_ask *ask)
{
	struct stun_writer w;

	reply_begin(ask, &w, STUN_SUCCESS);
	ask->s->counts.successes++;
	reply_end(ask, &w);
}

bool reply_unless_refused(struct turn_ask *ask)
{
	struct turn_forecast forecast;

	turn_climb(&ask->claims, ORDER_RFC8489, ask->request, &forecast);
	if (forecast.success)
		return true;
	reply_error(ask, forecast.rows[forecast.count - 1]);
	return false;
}
