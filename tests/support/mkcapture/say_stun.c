/*
 * STUN and TURN: "stun ENDS METHOD[-success|-error|-indication] ID words",
 * each word an attribute by its name in the table of the dissector.
 */
#include "config.h"

#include <string.h>

#include "core/crypto.h"
#include "tests/support/mkcapture/stun_said.h"

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

#define MS_DATA 0x0115u

static void add_ms_defaults(struct stun_said *x)
{
	if (x->dialect != STUN_MS_TURN)
		return;
	parts_default(&x->f, "magic-cookie", "0x72C64BC6");
	/* Relays of Teams leave it out of Data. */
	if (x->type != MS_DATA)
		parts_default(&x->f, "ms-version", "2");
}

#define USER_MAX ((size_t)1024)

/* With the word base64 the name is one: what MRAS gives is used decoded. */
static const char *user_text(struct stun_said *x, struct slice user)
{
	struct text hex = text_new(PAYLOAD_MAX);
	uint8_t bytes[USER_MAX];
	const char *kept;
	size_t n;

	if (!words_has(&x->s->words, "base64"))
		return maker_keep(x->s->m, user);
	if (user.n > USER_MAX - 4 ||
	    base64_decode(user, bytes, &n) != STATUS_OK)
		recipe_stop(x->s->line, "the user is no base64");
	text_puts(&hex, "hex:");
	text_hex(&hex, slice_of(bytes, n));
	kept = maker_keep(x->s->m, text_slice(&hex));
	text_free(&hex);
	return kept;
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
	/* What clients of Teams send through the relay shows the name alone. */
	if (x->class == STUN_REQUEST ||
	    (x->method == STUN_SEND && x->dialect == STUN_MS_TURN))
		parts_default(&x->f, "username",
			      user_text(x, slice_of(x->login,
						    (size_t)(realm - x->login) -
							    1)));
	if (x->class == STUN_REQUEST) {
		parts_default(&x->f, "realm",
			      maker_text(x->s->m, "%.*s", (int)(last - realm),
					 realm));
		parts_default(&x->f, "nonce", "0123456789abcdef");
	}
	parts_default(&x->f, "message-integrity",
		      maker_text(x->s->m, "%s:%s",
				 words_has(&x->s->words, "base64") ? "long64"
								   : "long",
				 x->login));
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
	static const char *const settings[] = {"ms", "classic", "base64",
						"login="};

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
	stun_said_write(&x);
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
	stun_said_write(&x);
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
	stun_said_write(&x);
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
