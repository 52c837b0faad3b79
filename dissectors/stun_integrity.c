/*
 * MESSAGE-INTEGRITY: keys, checking, writing.
 *
 * What is hashed is the message up to the attribute; the forms differ in the
 * length that its header shows (as sent, or as if the attribute were the last)
 * and in zeros behind it up to a multiple of 64:
 *
 *	RFC 3489 11.2.8, [MS-TURN]	as sent, padded
 *	[MS-ICE2] checks		as sent (with FINGERPRINT), padded
 *	RFC 5389 15.4, RFC 8489 14.5/6	rewritten, not padded
 *
 * The message is const: its length is changed in a copy of the first block.
 */
#include "config.h"

#include "dissectors/stun_integrity.h"
#include "dissectors/stun_parts.h"

#define BLOCK 64
#define COVERAGES 4
#define MESSAGE_INTEGRITY 0x0008
#define MESSAGE_INTEGRITY_SHA256 0x001C

/* ---- keys ---- */

static void prepare(struct slice key, struct stun_key *out)
{
	hmac_prepare(HASH_SHA1, key, &out->sha1);
	hmac_prepare(HASH_SHA256, key, &out->sha256);
}

void stun_key_short_term(struct slice password, struct stun_key *out)
{
	prepare(password, out);
}

void stun_key_short_term_sha1(struct slice password, struct stun_key *out)
{
	hmac_prepare(HASH_SHA1, password, &out->sha1);
}

/* Without quotes at both ends and NULs at the end (RFC 8489 9.2.2). */
static struct slice trim(struct slice s)
{
	while (s.n && s.p[0] == '"')
		s = slice_from(s, 1);
	while (s.n && (s.p[s.n - 1] == '"' || s.p[s.n - 1] == 0))
		s = slice_first(s, s.n - 1);
	return s;
}

void stun_key_long_term(struct slice user, struct slice realm,
			struct slice password, bool with_sha256,
			struct stun_key *out)
{
	struct slice pieces[] = {trim(user), SLICE(":"), trim(realm),
				 SLICE(":"), trim(password)};
	uint8_t hash[SHA256_SIZE];

	if (with_sha256)
		sha256(pieces, 5, hash);
	else
		md5(pieces, 5, hash);
	prepare(slice_of(hash, with_sha256 ? SHA256_SIZE : MD5_SIZE), out);
}

size_t turn_rest_password(struct slice secret, struct slice user, char out[28])
{
	struct hmac_key key;
	uint8_t hash[SHA256_SIZE];

	hmac_prepare(HASH_SHA1, secret, &key);
	hmac_compute(&key, &user, 1, hash);
	return base64_encode(slice_of(hash, SHA1_SIZE), out);
}

/* ---- checking ---- */

/* What goes into the hash beside the bytes before the attribute. */
struct cover {
	uint16_t length; /* in the header */
	uint8_t padding; /* zeros */
};

/* One integrity attribute on trial. */
struct trial {
	struct slice whole;
	size_t at;          /* of the attribute */
	struct slice value; /* what must come out, or the front of it */
};

static const uint8_t zeros[BLOCK] = {0};

static struct cover cover_of(const struct trial *t, enum stun_coverage how)
{
	struct cursor c = cursor_over(slice_from(t->whole, 2));
	uint16_t sent = cursor_u16(&c);
	/* Message and value are no longer than 16 bits can say. */
	uint16_t rewritten = (uint16_t)(t->at + 4 + t->value.n - STUN_HEADER);
	uint8_t padding = (uint8_t)((BLOCK - t->at % BLOCK) % BLOCK);

	switch (how) {
	case COVERAGE_PADDED:
		return (struct cover){sent, padding};
	case COVERAGE_AS_SENT:
		return (struct cover){sent, 0};
	case COVERAGE_REWRITTEN_PADDED:
		return (struct cover){rewritten, padding};
	case COVERAGE_RFC:
	case COVERAGE_NONE:
		break;
	}
	return (struct cover){rewritten, 0};
}

/*
 * The first block is put together here, the rest stays where it is: two calls
 * of the hash, both from the start of a block.
 */
static bool fits(const struct trial *t, struct cover cover,
		 const struct hmac_key *key)
{
	struct slice before = slice_first(t->whole, t->at);
	struct slice front = slice_first(before, BLOCK);
	uint8_t block[BLOCK];
	uint8_t hash[SHA256_SIZE];
	struct slice pieces[] = {
		slice_of(block, front.n),
		slice_from(before, BLOCK),
		slice_of(zeros, cover.padding),
	};

	memcpy(block, front.p, front.n);
	block[2] = (uint8_t)(cover.length >> 8);
	block[3] = (uint8_t)(cover.length & 0xFF);
	hmac_compute(key, pieces, 3, hash);
	return bytes_equal_constant_time(slice_of(hash, t->value.n), t->value);
}

/* The one that the dialect uses first. */
static const enum stun_coverage *order_of(enum stun_dialect dialect)
{
	static const enum stun_coverage rfc[COVERAGES] = {
		COVERAGE_RFC, COVERAGE_AS_SENT, COVERAGE_PADDED,
		COVERAGE_REWRITTEN_PADDED};
	static const enum stun_coverage old[COVERAGES] = {
		COVERAGE_PADDED, COVERAGE_AS_SENT, COVERAGE_RFC,
		COVERAGE_REWRITTEN_PADDED};

	return dialect == STUN_RFC || dialect == STUN_TURN ? rfc : old;
}

/* Has one of the first `n` ways hashed the same bytes already? */
static bool tried(const struct trial *t, const enum stun_coverage *order,
		  size_t n)
{
	struct cover now = cover_of(t, order[n]);

	for (size_t i = 0; i < n; i++) {
		struct cover then = cover_of(t, order[i]);

		if (then.length == now.length && then.padding == now.padding)
			return true;
	}
	return false;
}

static enum stun_coverage try_all(const struct trial *t,
				  enum stun_dialect dialect,
				  const struct hmac_key *key)
{
	const enum stun_coverage *order = order_of(dialect);

	for (size_t i = 0; i < COVERAGES; i++)
		if (!tried(t, order, i) && fits(t, cover_of(t, order[i]), key))
			return order[i];
	return COVERAGE_NONE;
}

/* The attribute at the offset, which the walk found whole. */
static struct trial trial_at(const struct stun_message *m, size_t at)
{
	struct cursor c = cursor_over(slice_from(m->whole, at));
	struct trial t = {.whole = m->whole, .at = at};

	cursor_skip(&c, 2);
	t.value = cursor_take(&c, cursor_u16(&c));
	return t;
}

/*
 * 20 bytes are SHA-1, 32 are SHA-256 ([MS-TURN] from version 3 on).  Clients
 * of MS-ICE2 from implementation version 3 on may have cut SHA-256 to 20
 * bytes; nobody has proved it.
 */
static enum stun_coverage check_message_integrity(const struct stun_message *m,
						  const struct stun_key *key)
{
	struct trial t = trial_at(m, m->integrity_at);
	enum stun_coverage fit = COVERAGE_NONE;

	if (t.value.n == SHA1_SIZE)
		fit = try_all(&t, m->dialect, &key->sha1);
	if (fit == COVERAGE_NONE &&
	    (t.value.n == SHA256_SIZE ||
	     (t.value.n == SHA1_SIZE && m->dialect == STUN_MS_ICE2)))
		fit = try_all(&t, m->dialect, &key->sha256);
	return fit;
}

bool stun_wants_sha256(const struct stun_message *m)
{
	return m->integrity256_at ||
	       (m->integrity_at &&
		(m->dialect == STUN_MS_ICE2 ||
		 trial_at(m, m->integrity_at).value.n != SHA1_SIZE));
}

/* May be cut, but to no less than 16 bytes (RFC 8489 14.6). */
static enum stun_coverage check_sha256(const struct stun_message *m,
				       const struct stun_key *key)
{
	struct trial t = trial_at(m, m->integrity256_at);

	if (t.value.n < 16 || t.value.n > SHA256_SIZE || t.value.n % 4)
		return COVERAGE_NONE;
	return try_all(&t, m->dialect, &key->sha256);
}

/* libwebrtc's: four bytes of the SHA-1, always as the RFC covers it. */
static enum stun_coverage check_short(const struct stun_message *m,
				      const struct stun_key *key)
{
	struct trial t = trial_at(m, m->integrity32_at);

	if (t.value.n != 4 || !fits(&t, cover_of(&t, COVERAGE_RFC), &key->sha1))
		return COVERAGE_NONE;
	return COVERAGE_RFC;
}

enum stun_coverage stun_check_integrity(const struct stun_message *m,
					const struct stun_key *key)
{
	/* The strongest that is there decides (RFC 8489 9.2.4). */
	if (m->integrity256_at)
		return check_sha256(m, key);
	if (m->integrity_at)
		return check_message_integrity(m, key);
	if (m->integrity32_at)
		return check_short(m, key);
	return COVERAGE_NONE;
}

/* ---- writing ---- */

void stun_write_integrity(struct stun_writer *w, const struct stun_key *key,
			  bool with_sha256, bool ms_turn)
{
	size_t size = with_sha256 ? SHA256_SIZE : SHA1_SIZE;
	uint8_t hash[SHA256_SIZE];
	struct slice pieces[2];

	if (w->to->failed != STATUS_OK || w->to->n < STUN_HEADER)
		return;
	stun_write_length(w->to, w->to->n - STUN_HEADER + 4 + size);
	pieces[0] = text_slice(w->to);
	pieces[1] = slice_of(zeros, (BLOCK - w->to->n % BLOCK) % BLOCK);
	hmac_compute(with_sha256 ? &key->sha256 : &key->sha1, pieces,
		     ms_turn ? 2 : 1, hash);
	stun_write_bytes(w,
			 with_sha256 && !ms_turn ? MESSAGE_INTEGRITY_SHA256
						 : MESSAGE_INTEGRITY,
			 slice_of(hash, size));
}
