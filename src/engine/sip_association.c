/* Security associations by NTLM. */
#include "config.h"

#include "engine/sip_association.h"

#define TEXT_MAX ((size_t)1 << 16)
#define WINDOW 64u

static void put_hex(struct slice s, char *out)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		*out++ = digits[s.p[i] >> 4];
		*out++ = digits[s.p[i] & 15];
	}
	*out = '\0';
}

void association_begin(
	struct association *a,
	const uint8_t dice[NTLM_NONCE_SIZE + ASSOCIATION_OPAQUE / 2])
{
	bytes_wipe(a, sizeof(*a));
	a->state = ASSOCIATION_CHALLENGED;
	memcpy(a->nonce, dice, NTLM_NONCE_SIZE);
	put_hex(slice_of(dice + NTLM_NONCE_SIZE, ASSOCIATION_OPAQUE / 2),
		a->opaque);
}

/* ---- signatures ---- */

static void sign(const struct association *a, bool server,
		 const struct association_text *what,
		 char out[2 * NTLM_SIGNATURE_SIZE + 1])
{
	struct text text = text_new(TEXT_MAX);
	uint8_t bytes[NTLM_SIGNATURE_SIZE] = {0};

	association_write(what, a->version, &text);
	/* What is too long has the signature of nobody. */
	if (text.failed == STATUS_OK)
		ntlm_sign(&a->keys, server, text_slice(&text), bytes);
	put_hex(slice_of(bytes, sizeof(bytes)), out);
	text_free(&text);
}

void association_sign(const struct association *a,
		      const struct association_text *what,
		      char out[2 * NTLM_SIGNATURE_SIZE + 1])
{
	sign(a, !a->client, what, out);
}

/* Messages may overtake each other, but none counts twice. */
static bool is_new(const struct association *a, uint32_t number)
{
	if (number == 0)
		return false;
	if (number > a->highest)
		return true;
	return a->highest - number < WINDOW &&
	       !(a->seen >> (a->highest - number) & 1);
}

static void note_number(struct association *a, uint32_t number)
{
	uint32_t ahead = number > a->highest ? number - a->highest : 0;

	if (ahead) {
		a->seen = ahead < WINDOW ? a->seen << ahead : 0;
		a->highest = number;
	}
	a->seen |= UINT64_C(1) << (a->highest - number);
}

/* In any case of letters. */
static bool same_hex(struct slice theirs, const char *ours)
{
	uint8_t big[2 * NTLM_SIGNATURE_SIZE];

	if (theirs.n != sizeof(big))
		return false;
	for (size_t i = 0; i < sizeof(big); i++) {
		uint8_t c = theirs.p[i];

		big[i] = c >= 'a' && c <= 'f' ? (uint8_t)(c - 32) : c;
	}
	return bytes_equal_constant_time(slice_of(big, sizeof(big)),
					 slice_of(ours, sizeof(big)));
}

bool association_verify(struct association *a,
			const struct association_text *what)
{
	char ours[2 * NTLM_SIGNATURE_SIZE + 1];
	uint64_t number;

	if (slice_number(what->claim.number, UINT32_MAX, &number) !=
		    STATUS_OK ||
	    !is_new(a, (uint32_t)number))
		return false;
	sign(a, a->client, what, ours);
	if (!same_hex(what->claim.signature, ours) || ours[1] != '1')
		return false;
	note_number(a, (uint32_t)number);
	return true;
}
