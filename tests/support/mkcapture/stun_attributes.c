/* Attributes by their names in the table of the dissector. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "core/crypto.h"
#include "dissectors/stun_integrity.h"
#include "tests/support/mkcapture/stun_said.h"

/* The row of a name, in lower case in recipes; NULL when there is none. */
static const struct stun_attribute_row *row_of(const char *name,
					       enum stun_dialect dialect)
{
	static const unsigned pages[] = {0x00, 0x80, 0xC0, 0xFF};

	for (size_t page = 0; page < sizeof(pages) / sizeof(pages[0]); page++)
		for (unsigned low = 0; low < 256; low++) {
			const struct stun_attribute_row *row =
				stun_attribute_row(
					(uint16_t)(pages[page] << 8 | low),
					dialect);

			if (row && strcasecmp(row->name, name) == 0)
				return row;
		}
	return NULL;
}

static uint16_t type_of(struct stun_said *x, const struct part *part,
			const struct stun_attribute_row **row)
{
	*row = row_of(part->name, x->dialect);
	if (*row)
		return (*row)->type;
	if (strncmp(part->name, "0x", 2) != 0)
		recipe_stop(x->s->line, "no such attribute: %s", part->name);
	return (uint16_t)recipe_number(x->s->line, part->name, UINT16_MAX);
}

static uint64_t number(struct stun_said *x, const char *text, uint64_t max)
{
	return recipe_number(x->s->line, text, max);
}

/* 420:text or 420 alone. */
static void write_error(struct stun_said *x, const char *text)
{
	struct slice reason = slice_of_text(text);
	const char *digits = maker_keep(x->s->m, slice_split(&reason, ':'));
	unsigned code = (unsigned)number(x, digits, 799);

	if (reason.n == 0)
		reason = slice_of_text(stun_error_text(code, x->dialect));
	stun_write_error(&x->w, code, reason);
}

static void write_types(struct stun_said *x, uint16_t type, const char *text)
{
	struct slice rest = slice_of_text(text);
	struct text list = text_new(256);

	while (rest.n)
		put16(&list,
		      (unsigned)number(
			      x, maker_keep(x->s->m, slice_split(&rest, ',')),
			      UINT16_MAX));
	stun_write_bytes(&x->w, type, text_slice(&list));
	text_free(&list);
}

/* Where the value is an address. */
static bool write_address(struct stun_said *x,
			  const struct stun_attribute_row *row,
			  const char *text)
{
	struct endpoint e;

	if (row->value != STUN_VALUE_ADDRESS &&
	    row->value != STUN_VALUE_XOR_ADDRESS)
		return false;
	e = maker_end(x->s->m, x->s->line, text);
	if (row->value == STUN_VALUE_ADDRESS)
		stun_write_address(&x->w, row->type, &e);
	else
		stun_write_xor_address(&x->w, row->type, &e);
	return true;
}

/* Where the value is a number, and how it stands in its bytes. */
static bool write_number(struct stun_said *x,
			 const struct stun_attribute_row *row, const char *text)
{
	static const struct {
		enum stun_value value;
		unsigned shift;
	} shifts[] = {{STUN_VALUE_U32, 0},
		      {STUN_VALUE_CHANNEL, 16},
		      {STUN_VALUE_FAMILY, 24},
		      {STUN_VALUE_PROTOCOL, 24}};

	for (size_t i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++)
		if (row->value == shifts[i].value) {
			stun_write_u32(&x->w, row->type,
				       (uint32_t)number(x, text, UINT32_MAX)
					       << shifts[i].shift);
			return true;
		}
	if (row->value != STUN_VALUE_U64)
		return false;
	stun_write_u64(&x->w, row->type, number(x, text, UINT64_MAX));
	return true;
}

static void write_value(struct stun_said *x,
			const struct stun_attribute_row *row, const char *text)
{
	if (write_address(x, row, text) || write_number(x, row, text))
		return;
	if (row->value == STUN_VALUE_ERROR)
		write_error(x, text);
	else if (row->value == STUN_VALUE_TYPES)
		write_types(x, row->type, text);
	else
		stun_write_bytes(&x->w, row->type, slice_of_text(text));
}

/* ---- integrity and fingerprint ---- */

#define LOGIN_MAX ((size_t)1024)

/* The same text, or the bytes that it is the base64 of, in `out`. */
static struct slice plain(struct stun_said *x, struct slice text, bool base64,
			  uint8_t out[LOGIN_MAX])
{
	size_t n;

	if (!base64)
		return text;
	if (text.n > LOGIN_MAX - 4 || base64_decode(text, out, &n) != STATUS_OK)
		recipe_stop(x->s->line, "the login is no base64");
	return slice_of(out, n);
}

/* ice:UFRAG, long:USER:REALM:PASSWORD, long64: with both in base64, or a
 * password. */
static void key_of(struct stun_said *x, const char *text, bool sha256,
		   struct stun_key *key)
{
	struct maker *m = x->s->m;
	const char *last = strrchr(text, ':'), *realm = last;
	bool base64 = strncmp(text, "long64:", 7) == 0;
	uint8_t user[LOGIN_MAX], password[LOGIN_MAX];

	if (strncmp(text, "ice:", 4) == 0) {
		stun_key_short_term(
			slice_of_text(maker_password(m, x->s->line, text + 4)),
			key);
		return;
	}
	if (!base64 && strncmp(text, "long:", 5) != 0) {
		stun_key_short_term(slice_of_text(text), key);
		return;
	}
	text += base64 ? 7 : 5;
	while (realm > text && realm[-1] != ':')
		realm--;
	if (realm <= text)
		recipe_stop(x->s->line, "not USER:REALM:PASSWORD: %s", text);
	stun_key_long_term(plain(x, slice_of(text, (size_t)(realm - text) - 1),
				 base64, user),
			   slice_of(realm, (size_t)(last - realm)),
			   plain(x, slice_of_text(last + 1), base64, password),
			   sha256, key);
}

static void write_integrity(struct stun_said *x,
			    const struct stun_attribute_row *row,
			    const char *text)
{
	bool sha256 = row->role == STUN_ROLE_INTEGRITY256;
	struct stun_key key;

	key_of(x, text, sha256, &key);
	stun_write_integrity(&x->w, &key, sha256, x->dialect == STUN_MS_TURN);
}

/* Its last byte wrong, when the recipe says so. */
static void write_fingerprint(struct stun_said *x, const char *text)
{
	stun_write_fingerprint(&x->w);
	if (!text)
		return;
	if (strcmp(text, "wrong") != 0)
		recipe_stop(x->s->line, "fingerprint, fingerprint=wrong, or "
					"fingerprint=hex:digits");
	x->s->to->p[x->s->to->n - 1] ^= 1;
}

static void write_attribute(struct stun_said *x, const struct part *part)
{
	const struct stun_attribute_row *row;
	uint16_t type = type_of(x, part, &row);

	if (part->value && strncmp(part->value, "hex:", 4) == 0)
		stun_write_bytes(&x->w, type,
				 maker_bytes(x->s->m, x->s->line, part->value));
	else if (row && row->role == STUN_ROLE_FINGERPRINT)
		write_fingerprint(x, part->value);
	else if (!part->value)
		stun_write_bytes(&x->w, type, (struct slice){0});
	else if (row && (row->role == STUN_ROLE_INTEGRITY ||
			 row->role == STUN_ROLE_INTEGRITY256))
		write_integrity(x, row, part->value);
	else if (row)
		write_value(x, row, part->value);
	else
		stun_write_bytes(&x->w, type, slice_of_text(part->value));
}

/* Where an attribute stands: 0 first, then integrity, fingerprint, and what
 * the recipe puts behind them. */
static unsigned place_of(const struct stun_said *x, const struct part *part)
{
	const struct stun_attribute_row *row = row_of(part->name, x->dialect);

	if (part->behind)
		return 3;
	if (row && row->role == STUN_ROLE_FINGERPRINT)
		return 2;
	return row && (row->role == STUN_ROLE_INTEGRITY ||
		       row->role == STUN_ROLE_INTEGRITY256);
}

void stun_said_write(struct stun_said *x)
{
	uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7};

	id[14] = (uint8_t)(x->id >> 8);
	id[15] = (uint8_t)(x->id & 0xFF);
	if (x->dialect == STUN_CLASSIC || x->dialect == STUN_MS_TURN)
		id[0] = 0xD0;
	x->w = (struct stun_writer){.to = x->s->to,
				    .aligned = x->dialect != STUN_MS_TURN};
	if (x->s->to->n)
		recipe_stop(x->s->line, "a STUN message stands alone");
	stun_write_begin(&x->w, x->type, id);
	for (unsigned place = 0; place <= 3; place++)
		for (size_t i = 0; i < x->f.count; i++)
			if (place_of(x, &x->f.list[i]) == place)
				write_attribute(x, &x->f.list[i]);
}
