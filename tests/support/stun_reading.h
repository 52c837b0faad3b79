/* Decoding one STUN message in a test, and asking what was found in it. */
#ifndef TESTS_SUPPORT_STUN_READING_H
#define TESTS_SUPPORT_STUN_READING_H

#include "dissectors/stun.h"
#include "tests/support/t.h"

struct stun_reading {
	struct arena arena;
	struct findings findings;
	struct decoding d;
	struct slice bytes; /* a block of just that size */
	struct stun_message m;
	size_t used;
	enum status status;
};

/* Copies the bytes and decodes them as a datagram. */
static inline void read_stun(struct stun_reading *r, struct slice bytes)
{
	memset(r, 0, sizeof(*r));
	r->arena = arena_new((size_t)1 << 20);
	r->d.arena = &r->arena;
	r->d.findings = &r->findings;
	r->bytes = t_exact(bytes);
	r->status = stun_decode(&r->d, r->bytes, &r->m, &r->used);
}

static inline void read_stun_hex(struct stun_reading *r, const char *digits)
{
	struct slice bytes = t_hex(digits);

	read_stun(r, bytes);
	t_release(bytes);
}

#define STUN_ID_COOKIE "2112a442 00112233445566778899aabb"
#define STUN_ID_PLAIN "d0112233 445566778899aabbccddeeff"

/* A message of this type, with an id and attributes; length filled in. */
static inline void read_stun_of(struct stun_reading *r, unsigned type,
				const char *id, const char *attributes)
{
	struct slice id_bytes = t_hex(id), body = t_hex(attributes);
	uint8_t bytes[2048];

	assert_true(id_bytes.n == 16 && body.n <= sizeof(bytes) - 20);
	bytes[0] = (uint8_t)(type >> 8);
	bytes[1] = (uint8_t)(type & 0xFF);
	bytes[2] = (uint8_t)(body.n >> 8);
	bytes[3] = (uint8_t)(body.n & 0xFF);
	memcpy(bytes + 4, id_bytes.p, 16);
	memcpy(bytes + 20, body.p, body.n);
	read_stun(r, slice_of(bytes, 20 + body.n));
	t_release(id_bytes);
	t_release(body);
}

static inline void read_stun_done(struct stun_reading *r)
{
	arena_free(&r->arena);
	t_release(r->bytes);
}

static inline bool stun_found(const struct stun_reading *r, const char *id)
{
	for (size_t i = 0; i < r->findings.count; i++)
		if (strcmp(r->findings.list[i].rule->id, id) == 0)
			return true;
	return false;
}

/* Nothing found but `id` (NULL: nothing at all); says what is there. */
static inline void assert_only_found(const struct stun_reading *r,
				     const char *id)
{
	size_t others = 0;

	for (size_t i = 0; i < r->findings.count; i++) {
		if (id && strcmp(r->findings.list[i].rule->id, id) == 0)
			continue;
		print_message("# found %s\n", r->findings.list[i].rule->id);
		others++;
	}
	assert_int_equal(others, 0);
	if (id && !stun_found(r, id))
		fail_msg("%s is not found", id);
}

#endif /* TESTS_SUPPORT_STUN_READING_H */
