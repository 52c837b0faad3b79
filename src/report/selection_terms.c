/* What a term of a selector asks of a call. */
#include "config.h"

#include "report/selection_parts.h"

/* ---- text ---- */

static bool contains(const char *text, struct slice what)
{
	struct slice s = slice_of_text(text ? text : "");

	for (; s.n >= what.n; s = slice_from(s, 1)) {
		if (slice_equal_nocase(slice_first(s, what.n), what))
			return true;
		if (s.n == 0)
			break;
	}
	return false;
}

static bool from_fits(struct subject *s, const struct term *t)
{
	return contains(s->call->from, t->value);
}

static bool to_fits(struct subject *s, const struct term *t)
{
	return contains(s->call->to, t->value);
}

static bool party_fits(struct subject *s, const struct term *t)
{
	const struct members *parties = &s->call->parties;
	const struct party *rows = s->keys->model->parties.rows;

	for (uint32_t i = 0; i < parties->count; i++)
		if (contains(rows[parties->list[i]].aor, t->value))
			return true;
	return from_fits(s, t) || to_fits(s, t);
}

/* ---- names of one call ---- */

static bool number_fits(struct subject *s, const struct term *t)
{
	return s->number + 1 >= t->from && s->number + 1 <= t->to;
}

static bool call_id_fits(struct subject *s, const struct term *t)
{
	const struct members *legs = &s->call->dialogs;
	const struct dialog *rows = s->keys->model->dialogs.rows;

	for (uint32_t i = 0; i < legs->count; i++)
		if (slice_equal(slice_of_text(rows[legs->list[i]].call_id),
				t->value))
			return true;
	return s->call->call_id &&
	       slice_equal(slice_of_text(s->call->call_id), t->value);
}

static bool key_fits(struct subject *s, const struct term *t)
{
	text_clear(&s->text);
	key_put(s->keys, KEY_CALL, s->number, &s->text);
	return slice_equal(text_slice(&s->text), t->value);
}

static bool name_fits(struct subject *s, const struct term *t)
{
	return call_id_fits(s, t) || key_fits(s, t);
}

/* ---- verdicts ---- */

static bool outcome_fits(struct subject *s, const struct term *t)
{
	return slice_is(t->value, outcome_name(s->call->outcome));
}

static bool stage_fits(struct subject *s, const struct term *t)
{
	enum stage stopped = s->call->stopped;

	return slice_is(t->value,
			stopped == STAGE_NONE ? "none" : stage_name(stopped));
}

static bool kind_fits(struct subject *s, const struct term *t)
{
	return slice_is(t->value, call_kind_name(s->call->kind));
}

static bool rule_fits(struct subject *s, const struct term *t)
{
	const struct note *rows = s->keys->model->notes.rows;

	for (size_t i = s->call->notes.first; i != LIST_NONE; i = rows[i].next)
		if (slice_is(t->value, rows[i].rule->id))
			return true;
	return false;
}

/* ---- messages ---- */

/* Does a message of one of its dialogs begin so? */
static bool line_fits(struct subject *s, struct slice start,
		      bool (*fits)(struct slice line, struct slice start))
{
	const struct model *m = s->keys->model;
	const struct members *legs = &s->call->dialogs;

	for (uint32_t i = 0; i < legs->count; i++) {
		const struct dialog *d = list_at(&m->dialogs, legs->list[i]);
		uint32_t at = d->messages_seen.count ? d->messages_seen.first
						     : CHAIN_END;

		while (at != CHAIN_END) {
			const struct sip_row *row = list_at(&m->sip_rows, at);

			if (fits(sip_row_line(m, row, &s->text), start))
				return true;
			at = row->next;
		}
	}
	return false;
}

static bool is_method(struct slice line, struct slice method)
{
	return line.n > method.n && line.p[method.n] == ' ' &&
	       slice_equal_nocase(slice_first(line, method.n), method);
}

static bool method_fits(struct subject *s, const struct term *t)
{
	const struct call *call = s->call;

	if (slice_is_nocase(t->value, "REGISTER") && call->registrations.count)
		return true;
	if (slice_is_nocase(t->value, "INVITE") && call->dialogs.count)
		return true;
	return line_fits(s, t->value, is_method);
}

/* "486" or "4xx" against three digits. */
static bool is_code(struct slice digits, struct slice code)
{
	for (size_t i = 0; i < code.n && digits.n >= code.n; i++)
		if (code.p[i] != 'x' && code.p[i] != digits.p[i])
			return false;
	return digits.n >= code.n;
}

static bool is_status(struct slice line, struct slice code)
{
	return slice_starts(line, SLICE("SIP/2.0 ")) &&
	       is_code(slice_from(line, 8), code);
}

static bool number_is(unsigned status, struct slice code)
{
	char digits[3] = {(char)('0' + status / 100 % 10),
			  (char)('0' + status / 10 % 10),
			  (char)('0' + status % 10)};

	return status && is_code(slice_of(digits, 3), code);
}

static bool status_fits(struct subject *s, const struct term *t)
{
	const struct model *m = s->keys->model;
	const struct members *list = &s->call->registrations;

	for (uint32_t i = 0; i < list->count; i++) {
		const struct registration *r =
			list_at(&m->registrations, list->list[i]);

		for (size_t k = 0; k < r->attempt_count && k < ATTEMPTS_KEPT;
		     k++)
			if (number_is(r->attempts[k].status, t->value))
				return true;
	}
	list = &s->call->dialogs;
	for (uint32_t i = 0; i < list->count; i++) {
		const struct dialog *d = list_at(&m->dialogs, list->list[i]);

		if (number_is(d->final, t->value))
			return true;
	}
	return line_fits(s, t->value, is_status);
}

/* ---- reading ---- */

#define OUTCOMES                                                              \
	"established, failed, rejected, cancelled, unanswered, in-progress, " \
	"ok, unknown"
#define STAGES "registration, token, gathering, exchange, probing, media, none"
#define KINDS "call, ice, attempt"

static const struct term_field field_rows[] = {
	{"from", from_fits, NULL, NULL},
	{"to", to_fits, NULL, NULL},
	{"party", party_fits, NULL, NULL},
	{"call-id", call_id_fits, NULL, NULL},
	{"key", key_fits, NULL, NULL},
	{"outcome", outcome_fits, OUTCOMES, "is none of " OUTCOMES},
	{"stage", stage_fits, STAGES, "is none of " STAGES},
	{"kind", kind_fits, KINDS, "is none of " KINDS},
	{"rule", rule_fits, NULL, NULL},
	{"method", method_fits, NULL, NULL},
	{"status", status_fits, NULL, NULL},
};

static const struct term_field by_number = {NULL, number_fits, NULL, NULL};
static const struct term_field by_name = {NULL, name_fits, NULL, NULL};

bool term_names(const struct term *t)
{
	return !t->negated &&
	       (t->field == &by_number || t->field == &by_name ||
		t->field->fits == call_id_fits || t->field->fits == key_fits);
}

/* "3", "c3" or "3-5". */
static bool read_numbers(struct slice text, struct term *t)
{
	struct slice from, to = text;
	uint64_t first, last;
	size_t at;

	if (text.n && text.p[0] == 'c')
		to = slice_from(text, 1);
	from = to;
	if (slice_find(to, '-', &at)) {
		from = slice_first(to, at);
		to = slice_from(to, at + 1);
	}
	if (slice_number(from, UINT32_MAX, &first) != STATUS_OK ||
	    slice_number(to, UINT32_MAX, &last) != STATUS_OK)
		return false;
	t->from = (uint32_t)first;
	t->to = (uint32_t)last;
	t->field = &by_number;
	return true;
}

static bool is_one_of(const char *words, struct slice value)
{
	struct slice rest = slice_of_text(words);

	while (rest.n)
		if (slice_equal(slice_trim(slice_split(&rest, ',')), value))
			return true;
	return false;
}

static const char *check_value(const struct term *t)
{
	bool digits = t->value.n == 3;

	if (t->value.n == 0)
		return "has no value";
	if (t->field->words && !is_one_of(t->field->words, t->value))
		return t->field->wants;
	if (t->field->fits != status_fits)
		return NULL;
	for (size_t i = 0; i < t->value.n; i++)
		digits &= (t->value.p[i] >= '0' && t->value.p[i] <= '9') ||
			  (i && t->value.p[i] == 'x');
	return digits ? NULL : "is no status such as 486 or 4xx";
}

const char *term_read(struct slice text, struct term *t)
{
	struct slice value = text;
	struct slice name;

	*t = (struct term){.negated = text.n && text.p[0] == '!'};
	text = value = slice_from(text, t->negated);
	if (text.n == 0)
		return "is empty";
	if (read_numbers(text, t))
		return t->from && t->from <= t->to ? NULL
						   : "is no range of numbers";
	name = slice_split(&value, ':');
	for (size_t i = 0; i < sizeof(field_rows) / sizeof(field_rows[0]); i++)
		if (name.n < text.n && slice_is(name, field_rows[i].name)) {
			t->field = &field_rows[i];
			t->value = value;
			return check_value(t);
		}
	t->field = &by_name;
	t->value = text;
	return NULL;
}
