/*
 * STUN and TURN: "stun ENDS METHOD[-success|-error|-indication] ID words",
 * each word an attribute by its name in the table of the dissector.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "dissectors/stun_integrity.h"
#include "tests/support/mkcapture/parts.h"

struct stun_said {
	struct saying *s;
	struct parts f;
	unsigned method;
	enum stun_class class;
	uint16_t type;
	unsigned id;
	enum stun_dialect dialect;
	const char *login; /* USER:REALM:PASSWORD, or NULL */
	struct stun_writer w;
};

/* ---- attributes ---- */

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

/* ice:UFRAG, long:USER:REALM:PASSWORD, or a password. */
static void key_of(struct stun_said *x, const char *text, bool sha256,
		   struct stun_key *key)
{
	struct maker *m = x->s->m;
	const char *last = strrchr(text, ':'), *realm = last;

	if (strncmp(text, "ice:", 4) == 0) {
		stun_key_short_term(
			slice_of_text(maker_password(m, x->s->line, text + 4)),
			key);
		return;
	}
	if (strncmp(text, "long:", 5) != 0) {
		stun_key_short_term(slice_of_text(text), key);
		return;
	}
	text += 5;
	while (realm > text && realm[-1] != ':')
		realm--;
	if (realm <= text)
		recipe_stop(x->s->line, "not USER:REALM:PASSWORD: %s", text);
	stun_key_long_term(slice_of(text, (size_t)(realm - text) - 1),
			   slice_of(realm, (size_t)(last - realm)),
			   slice_of_text(last + 1), sha256, key);
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

static void write_message(struct stun_said *x)
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

/* ---- types ---- */

static const struct method_row {
	const char *name;
	unsigned method;
	uint16_t ms_types[4]; /* by class, of [MS-TURN]; 0: as computed */
	bool indication;      /* without a suffix */
} methods[] = {
	{"binding", STUN_BINDING, {0}, false},
	{"allocate", STUN_ALLOCATE, {0}, false},
	{"refresh", STUN_REFRESH, {0x0003, 0, 0x0103, 0x0113}, false},
	{"send", STUN_SEND, {0x0004, 0x0004, 0x0104, 0x0114}, true},
	{"data", STUN_DATA, {0x0115, 0x0115, 0, 0}, true},
	{"create-permission", STUN_CREATE_PERMISSION, {0}, false},
	{"channel-bind", STUN_CHANNEL_BIND, {0}, false},
	{"set-active-destination", 0x006, {0x0006, 0, 0x0106, 0x0116}, false},
	{"connect", STUN_CONNECT, {0}, false},
	{"connection-bind", STUN_CONNECTION_BIND, {0}, false},
	{"connection-attempt", STUN_CONNECTION_ATTEMPT, {0}, true},
};

static bool class_of(const char *suffix, bool indication, enum stun_class *out)
{
	static const struct {
		const char *suffix;
		enum stun_class class;
	} rows[] = {{"-request", STUN_REQUEST},
		    {"-indication", STUN_INDICATION},
		    {"-success", STUN_SUCCESS},
		    {"-error", STUN_ERROR}};

	*out = indication ? STUN_INDICATION : STUN_REQUEST;
	if (!*suffix)
		return true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].suffix, suffix) == 0) {
			*out = rows[i].class;
			return true;
		}
	return false;
}

static void set_type(struct stun_said *x, const char *name)
{
	bool ms = x->dialect == STUN_MS_TURN;

	if (strncmp(name, "0x", 2) == 0) {
		x->type = (uint16_t)recipe_number(x->s->line, name, UINT16_MAX);
		return;
	}
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		const struct method_row *row = &methods[i];
		size_t n = strlen(row->name);

		if (strncmp(name, row->name, n) != 0 ||
		    !class_of(name + n, row->indication, &x->class))
			continue;
		x->method = row->method;
		x->type = stun_type(x->class, row->method);
		if (ms && row->ms_types[x->class])
			x->type = row->ms_types[x->class];
		return;
	}
	recipe_stop(x->s->line, "no such STUN message: %s", name);
}

/* ---- defaults ---- */

static const char *end_text(struct stun_said *x, const struct endpoint *e)
{
	char buffer[ENDPOINT_TEXT_MAX];

	return maker_text(x->s->m, "%s", endpoint_string(e, buffer));
}

static void add_ms_defaults(struct stun_said *x)
{
	if (x->dialect != STUN_MS_TURN)
		return;
	parts_default(&x->f, "magic-cookie", "0x72C64BC6");
	parts_default(&x->f, "ms-version", "2");
}

/* A login signs all; requests show the name, the realm and the nonce. */
static void add_login(struct stun_said *x)
{
	const char *realm, *last;

	x->login = words_value(&x->s->words, "login");
	if (!x->login)
		return;
	last = strrchr(x->login, ':');
	for (realm = last; realm > x->login && realm[-1] != ':';)
		realm--;
	if (!last || realm <= x->login)
		recipe_stop(x->s->line, "not USER:REALM:PASSWORD: %s",
			    x->login);
	if (x->class == STUN_REQUEST) {
		parts_default(&x->f, "username",
			      maker_text(x->s->m, "%.*s",
					 (int)(realm - x->login) - 1,
					 x->login));
		parts_default(&x->f, "realm",
			      maker_text(x->s->m, "%.*s", (int)(last - realm),
					 realm));
		parts_default(&x->f, "nonce", "0123456789abcdef");
	}
	parts_default(&x->f, "message-integrity",
		      maker_text(x->s->m, "long:%s", x->login));
}

static void add_defaults(struct stun_said *x)
{
	bool mapped = x->class == STUN_SUCCESS &&
		      (x->method == STUN_BINDING || x->method == STUN_ALLOCATE);
	bool lives =
		(x->class == STUN_SUCCESS &&
		 (x->method == STUN_ALLOCATE || x->method == STUN_REFRESH)) ||
		(x->class == STUN_REQUEST && x->method == STUN_REFRESH);

	add_ms_defaults(x);
	if (x->class == STUN_REQUEST && x->method == STUN_ALLOCATE &&
	    x->dialect != STUN_MS_TURN)
		parts_default(&x->f, "requested-transport", "17");
	if (mapped)
		parts_default(&x->f,
			      x->dialect == STUN_CLASSIC ? "mapped-address"
							 : "xor-mapped-address",
			      end_text(x, &x->s->dst));
	if (lives)
		parts_default(&x->f, "lifetime", "600");
	add_login(x);
}

/* ---- words ---- */

static bool is_setting(const char *word)
{
	static const char *const settings[] = {"ms", "classic", "login="};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (strncmp(word, settings[i], strlen(settings[i])) == 0 &&
		    (word[strlen(settings[i])] == '\0' ||
		     settings[i][strlen(settings[i]) - 1] == '='))
			return true;
	return false;
}

static void add_words(struct stun_said *x, size_t first)
{
	const struct words *w = &x->s->words;

	for (size_t i = first; i < w->count; i++) {
		const char *word = w->list[i];
		const char *equals = strchr(word, '=');
		const char *name;

		if (is_setting(word))
			continue;
		if (word[0] == '-') {
			parts_drop(&x->f, word + 1);
			continue;
		}
		name = maker_text(
			x->s->m, "%.*s",
			(int)(equals ? equals - word : (long)strlen(word)) -
				(word[0] == '+'),
			word + (word[0] == '+'));
		if (word[0] == '+') {
			parts_default(&x->f, name, equals ? equals + 1 : NULL);
			x->f.list[x->f.count - 1].behind = true;
		} else {
			parts_give(&x->f, name, equals ? equals + 1 : NULL);
		}
	}
}

/* What stands in DATA, when something belongs to the line. */
static void add_data(struct stun_said *x)
{
	struct text inner = text_new(PAYLOAD_MAX);
	struct text hex = text_new(2 * PAYLOAD_MAX + 8);
	const struct recipe *r = x->s->m->recipe;

	for (size_t i = recipe_child(r, x->s->at); i != RECIPE_NONE;
	     i = recipe_next(r, i)) {
		struct words w;

		recipe_words(&r->lines[i], &w);
		if (!say_find(w.list[0]))
			continue;
		say_inner(x->s, i, &inner);
		text_puts(&hex, "hex:");
		text_hex(&hex, text_slice(&inner));
		parts_default(&x->f, "data",
			      maker_keep(x->s->m, text_slice(&hex)));
		break;
	}
	text_free(&inner);
	text_free(&hex);
}

static void begin(struct stun_said *x, struct saying *s)
{
	*x = (struct stun_said){.s = s, .f = {.line = s->line}};
	x->dialect = words_has(&s->words, "ms")        ? STUN_MS_TURN
		     : words_has(&s->words, "classic") ? STUN_CLASSIC
						       : STUN_TURN;
}

static void set_id(struct stun_said *x, size_t at)
{
	x->id = (unsigned)recipe_number(
		x->s->line,
		words_at(x->s->line, &x->s->words, at, "the transaction"),
		UINT16_MAX);
}

void say_stun(struct saying *s)
{
	struct stun_said x;

	begin(&x, s);
	set_type(&x, words_at(s->line, &s->words, s->first, "the message"));
	set_id(&x, s->first + 1);
	add_defaults(&x);
	add_words(&x, s->first + 2);
	add_data(&x);
	write_message(&x);
}

/* ---- checks of ICE ---- */

static void add_ice(struct stun_said *x, const char *owner)
{
	parts_default(&x->f, "message-integrity",
		      maker_text(x->s->m, "ice:%s", owner));
	parts_default(&x->f, "fingerprint", NULL);
}

/* check ENDS ID FROM TO words: user fragments of who asks and who is asked. */
void say_check(struct saying *s)
{
	struct stun_said x;
	const char *from, *to;

	begin(&x, s);
	set_type(&x, "binding");
	set_id(&x, s->first);
	from = words_at(s->line, &s->words, s->first + 1, "who asks");
	to = words_at(s->line, &s->words, s->first + 2, "who is asked");
	parts_default(&x.f, "username", maker_text(s->m, "%s:%s", to, from));
	parts_default(&x.f, "priority", "1845501695");
	add_ice(&x, to);
	add_words(&x, s->first + 3);
	write_message(&x);
}

static void say_reply(struct saying *s, const char *type)
{
	struct stun_said x;

	begin(&x, s);
	set_type(&x, type);
	set_id(&x, s->first);
	add_defaults(&x);
	add_ice(&x, words_at(s->line, &s->words, s->first + 1, "who answers"));
	add_words(&x, s->first + 2);
	write_message(&x);
}

/* answer ENDS ID OWNER words: signed with the password of who was asked. */
void say_answer(struct saying *s)
{
	say_reply(s, "binding-success");
}

/* denied ENDS ID OWNER error-code=487 */
void say_denied(struct saying *s)
{
	say_reply(s, "binding-error");
}
