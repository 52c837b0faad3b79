/* Making the canonical form. */
#include "config.h"

#include <stdlib.h>

#include "check/canon.h"
#include "check/names.h"
#include "core/clock.h"

#define NAME_MAX_BYTES ((size_t)1 << 16)

/* Members that name a row by its id, and lists of such. */
static const char *const references[] = {
	"party", "token",  "call",         "allocation", "dialog",    "parent",
	"offer", "answer", "derived_from", "pair",       "base_pair",
};
static const char *const reference_lists[] = {"refs", "parties", "findings"};

/* Lists whose rows have keys and ids of their own. */
static const char *const keyed[] = {"parties",     "registrations", "tokens",
				    "allocations", "calls",         "findings"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

struct canon {
	json_t *ids;   /* id to name, of the document */
	json_t *inner; /* the same of a call */
	nanoseconds zero;
	struct text scratch;
	bool failed;
};

static json_t *canon_value(struct canon *c, const char *member,
			   const json_t *value);

/* ---- texts ---- */

#define TIME_SIZE 30u /* 2026-11-24T12:00:00.000000000Z */

bool canon_time(struct slice s, nanoseconds *out)
{
	static const char shape[] = "0000-00-00T00:00:00.000000000Z";
	uint64_t n[7];
	static const uint8_t at[7] = {0, 5, 8, 11, 14, 17, 20};
	static const uint8_t size[7] = {4, 2, 2, 2, 2, 2, 9};
	struct civil_time civil;

	if (s.n < TIME_SIZE)
		return false;
	for (size_t i = 0; i < TIME_SIZE; i++)
		if (shape[i] == '0' ? s.p[i] < '0' || s.p[i] > '9'
				    : s.p[i] != (uint8_t)shape[i])
			return false;
	for (size_t i = 0; i < 7; i++)
		if (slice_number(slice_cut(s, at[i], size[i]), 999999999,
				 &n[i]) != STATUS_OK)
			return false;
	civil = (struct civil_time){(int)n[0], (int)n[1], (int)n[2],
				    (int)n[3], (int)n[4], (int)n[5]};
	if (clock_of_civil(&civil, out) != STATUS_OK)
		return false;
	*out += (nanoseconds)n[6];
	return true;
}

/* "+1.250000000", seconds from the first frame. */
static void put_offset(nanoseconds time, struct text *to)
{
	uint64_t ns = time < 0 ? 0 - (uint64_t)time : (uint64_t)time;

	text_printf(to, "%c%llu.%09llu", time < 0 ? '-' : '+',
		    (unsigned long long)(ns / NS_PER_S),
		    (unsigned long long)(ns % NS_PER_S));
}

/* Times become offsets wherever they stand; keys may hold some. */
static json_t *canon_text(struct canon *c, struct slice s)
{
	size_t at = 0;

	text_clear(&c->scratch);
	while (at < s.n) {
		nanoseconds time;

		if (s.p[at] >= '0' && s.p[at] <= '9' &&
		    canon_time(slice_from(s, at), &time)) {
			put_offset(time - c->zero, &c->scratch);
			at += TIME_SIZE;
		} else {
			text_putc(&c->scratch, (char)s.p[at++]);
		}
	}
	if (c->scratch.failed == STATUS_NOMEM)
		c->failed = true;
	if (c->scratch.failed != STATUS_OK)
		return json_stringn((const char *)s.p, s.n);
	return json_stringn(c->scratch.n ? c->scratch.p : "", c->scratch.n);
}

static bool has_time(struct slice s)
{
	nanoseconds time;

	for (; s.n >= TIME_SIZE; s = slice_from(s, 1))
		if (s.p[0] >= '0' && s.p[0] <= '9' && canon_time(s, &time))
			return true;
	return false;
}

/* What stays as it is, is the same value. */
static json_t *canon_string(struct canon *c, const json_t *value)
{
	struct slice s =
		slice_of(json_string_value(value), json_string_length(value));

	return has_time(s) || !json_is_string(value)
		       ? canon_text(c, s)
		       : json_incref((json_t *)(uintptr_t)value);
}

static json_t *canon_id(struct canon *c, const json_t *value)
{
	const char *id = json_string_value(value);
	json_t *name = id ? json_object_get(c->inner, id) : NULL;

	if (id && !name)
		name = json_object_get(c->ids, id);
	return name ? canon_string(c, name)
		    : json_incref((json_t *)(uintptr_t)value);
}

/* ---- lists ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(json_string_value(*(json_t *const *)a),
		      json_string_value(*(json_t *const *)b));
}

/* Texts, sorted. */
static json_t *canon_ids(struct canon *c, const json_t *list)
{
	size_t count = json_array_size(list);
	json_t **rows = calloc(count + 1, sizeof(json_t *));
	json_t *out = json_array();

	for (size_t i = 0; rows && i < count; i++) {
		rows[i] = canon_id(c, json_array_get(list, i));
		if (!json_is_string(rows[i]))
			c->failed = true;
	}
	if (!rows || !out)
		c->failed = true;
	if (!c->failed)
		qsort(rows, count, sizeof(json_t *), by_text);
	for (size_t i = 0; rows && i < count; i++)
		if (json_array_append_new(out, rows[i]) != 0)
			c->failed = true;
	free(rows);
	return out;
}

static json_t *canon_list(struct canon *c, const char *member,
			  const json_t *list)
{
	json_t *out = json_array();

	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_array_append_new(
			    out, canon_value(c, member,
					     json_array_get(list, i))) != 0)
			c->failed = true;
	return out;
}

struct named {
	const char *name;
	json_t *row;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name,
		      ((const struct named *)b)->name);
}

static bool is_sorted(json_t *object)
{
	const char *key, *before = NULL;
	json_t *value;

	json_object_foreach(object, key, value) {
		if (before && strcmp(before, key) > 0)
			return false;
		before = key;
	}
	return true;
}

/* The members of an object in the order of their names. */
static json_t *sorted(struct canon *c, json_t *object)
{
	size_t count = json_object_size(object), i = 0;
	struct named *rows = calloc(count + 1, sizeof(*rows));
	json_t *out = json_object();
	const char *key;
	json_t *value;

	if (!rows || !out) {
		c->failed = true;
		free(rows);
		json_decref(out);
		return object;
	}
	json_object_foreach(object, key, value)
		rows[i++] = (struct named){key, value};
	qsort(rows, count, sizeof(*rows), by_name);
	for (i = 0; i < count; i++)
		if (json_object_set(out, rows[i].name, rows[i].row) != 0)
			c->failed = true;
	free(rows);
	json_decref(object);
	return out;
}

struct canon_names canon_names_new(void)
{
	return (struct canon_names){json_object(), NULL};
}

/* In the order in which they came. */
static json_t *names_end(struct canon_names *names)
{
	json_decref(names->numbers);
	return names->rows;
}

json_t *canon_names_end(struct canon *c, struct canon_names *names,
			const char *member)
{
	json_t *rows = names_end(names);

	return names_are_timed(member) || is_sorted(rows) ? rows
							  : sorted(c, rows);
}

/* As C has texts. */
static const char *ended(struct text *text)
{
	text_putc(text, '\0');
	return text->failed == STATUS_OK ? text->p : NULL;
}

/* The first name with a number that nothing has; NULL: it cannot be made. */
static const char *numbered(struct canon_names *u, const char *name,
			    struct text *to)
{
	const json_t *last = json_object_get(u->numbers, name);
	json_int_t number = last ? json_integer_value(last) : 1;
	const char *made;

	do {
		text_clear(to);
		text_printf(to, "%s#%" JSON_INTEGER_FORMAT, name, ++number);
		made = ended(to);
	} while (made && json_object_get(u->rows, made));
	if (!u->numbers)
		u->numbers = json_object();
	if (json_object_set_new(u->numbers, name, json_integer(number)) != 0)
		return NULL;
	return made;
}

bool canon_names_add(struct canon_names *u, struct slice name, json_t *value)
{
	struct text text = text_new(NAME_MAX_BYTES);
	struct text other = text_new(NAME_MAX_BYTES);
	const char *own;
	bool fine;

	text_put(&text, name);
	own = ended(&text);
	if (own && json_object_get(u->rows, own))
		own = numbered(u, own, &other);
	fine = own && json_object_set(u->rows, own, value) == 0;
	text_free(&text);
	text_free(&other);
	return fine;
}

static void name_row(struct canon *c, const char *member, const json_t *row,
		     size_t number, struct text *name)
{
	json_t *said;

	text_clear(name);
	if (!names_put(member, row, name))
		text_printf(name, "%zu", number + 1);
	if (name->failed == STATUS_NOMEM)
		c->failed = true;
	said = canon_text(c, text_slice(name));
	text_clear(name);
	if (said)
		text_put(name, slice_of(json_string_value(said),
					json_string_length(said)));
	if (!said || name->failed == STATUS_NOMEM)
		c->failed = true;
	json_decref(said);
}

json_t *canon_row(struct canon *c, const char *member, const json_t *row,
		  size_t number, struct text *name)
{
	json_t *made = canon_value(c, member, row);

	/* What has no name of its own is named by what its references name. */
	name_row(c, member, tree_text(row, "id") ? row : made, number, name);
	if (!made)
		c->failed = true;
	return made;
}

/* A list of rows as an object. */
static json_t *canon_rows(struct canon *c, const char *member,
			  const json_t *list)
{
	struct text name = text_new(NAME_MAX_BYTES);
	struct canon_names names = canon_names_new();

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *made =
			canon_row(c, member, json_array_get(list, i), i, &name);

		if (!made || !canon_names_add(&names, text_slice(&name), made))
			c->failed = true;
		json_decref(made);
	}
	text_free(&name);
	return canon_names_end(c, &names, member);
}

/* ---- values ---- */

/* The names of a call's own rows, which others of its rows refer to. */
static json_t *inner_names(struct canon *c, const json_t *call)
{
	static const char *const members[] = {"dialogs", "candidates", "pairs"};
	struct text name = text_new(NAME_MAX_BYTES);
	json_t *ids = json_object();

	for (size_t m = 0; m < COUNT(members); m++) {
		const json_t *list = json_object_get(call, members[m]);
		struct canon_names taken = canon_names_new();
		json_t *rows;
		const char *key;
		json_t *id;

		for (size_t i = 0; i < json_array_size(list); i++) {
			const json_t *row = json_array_get(list, i);

			name_row(c, members[m], row, i, &name);
			if (!canon_names_add(&taken, text_slice(&name),
					     json_object_get(row, "id")))
				c->failed = true;
		}
		rows = names_end(&taken);
		json_object_foreach(rows, key, id) {
			if (!tree_set(ids, json_string_value(id), key))
				c->failed = true;
		}
		json_decref(rows);
	}
	text_free(&name);
	return ids;
}

static bool is_dropped(const char *member)
{
	static const char *const dropped[] = {"id", "key", "path"};

	return tree_is_one_of(dropped, COUNT(dropped), member);
}

static json_t *canon_object(struct canon *c, const json_t *object)
{
	json_t *out = json_object();
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		json_t *made;

		if (is_dropped(key))
			continue;
		made = canon_value(c, key, value);
		if (!made || json_object_set_new(out, key, made) != 0)
			c->failed = true;
	}
	return out;
}

static json_t *canon_call(struct canon *c, const json_t *call)
{
	json_t *out;

	c->inner = inner_names(c, call);
	out = canon_object(c, call);
	json_decref(c->inner);
	c->inner = NULL;
	return out;
}

static json_t *canon_value(struct canon *c, const char *member,
			   const json_t *value)
{
	const json_t *first = json_array_get(value, 0);

	if (json_is_array(value) && json_is_object(first))
		return canon_rows(c, member, value);
	if (json_is_array(value) && (c->inner || json_is_string(first)) &&
	    tree_is_one_of(reference_lists, COUNT(reference_lists), member))
		return canon_ids(c, value);
	if (json_is_array(value) && names_are_known(member) && !first)
		return json_object();
	if (json_is_array(value))
		return canon_list(c, member, value);
	if (json_is_object(value) && json_object_get(value, "verdict"))
		return canon_call(c, value);
	if (json_is_object(value))
		return canon_object(c, value);
	if (json_is_string(value) &&
	    tree_is_one_of(references, COUNT(references), member))
		return canon_id(c, value);
	if (json_is_string(value))
		return canon_string(c, value);
	return json_incref((json_t *)(uintptr_t)value);
}

/* ---- the document ---- */

static json_t *document_ids(const json_t *analysis, bool *failed)
{
	json_t *ids = json_object();

	for (size_t k = 0; k < COUNT(keyed); k++) {
		const json_t *list = json_object_get(analysis, keyed[k]);

		for (size_t i = 0; i < json_array_size(list); i++) {
			const json_t *row = json_array_get(list, i);
			const char *id = tree_text(row, "id");

			if (id && !tree_set(ids, id, tree_text(row, "key")))
				*failed = true;
		}
	}
	return ids;
}

static nanoseconds first_time(const json_t *analysis)
{
	const json_t *list = json_object_get(analysis, "captures");
	nanoseconds first = 0, time;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text =
			tree_text(json_array_get(list, i), "first_time");

		if (text && canon_time(slice_of_text(text), &time) &&
		    (first == 0 || time < first))
			first = time;
	}
	return first;
}

struct canon *canon_new(json_t *ids, nanoseconds zero)
{
	struct canon *c = calloc(1, sizeof(*c));

	if (!c) {
		json_decref(ids);
		return NULL;
	}
	c->ids = ids;
	c->zero = zero;
	c->scratch = text_new(NAME_MAX_BYTES);
	return c;
}

void canon_free(struct canon *c)
{
	if (!c)
		return;
	json_decref(c->ids);
	text_free(&c->scratch);
	free(c);
}

bool canon_failed(const struct canon *c)
{
	return c->failed;
}

bool canon_has_ids(const char *member)
{
	return tree_is_one_of(keyed, COUNT(keyed), member);
}

bool canon_keeps(const char *member)
{
	/* The inventory has sums over flows, which say no more than what they
	 * are sums of. */
	static const char *const left_out[] = {"schema", "generator",
					       "inventory"};

	return !is_dropped(member) &&
	       !tree_is_one_of(left_out, COUNT(left_out), member);
}

json_t *canon_member(struct canon *c, const char *member, const json_t *value)
{
	return canon_value(c, member, value);
}

json_t *canon_of(const json_t *analysis)
{
	bool failed = false;
	struct canon *c = canon_new(document_ids(analysis, &failed),
				    first_time(analysis));
	json_t *out = json_object(), *value;
	const char *key;

	if (!c || !tree_set(out, "schema", GOLDEN_SCHEMA) ||
	    !tree_set(out, "analysis", tree_text(analysis, "schema")))
		failed = true;
	json_object_foreach((json_t *)(uintptr_t)analysis, key, value) {
		if (failed)
			break;
		failed = canon_keeps(key) &&
			 json_object_set_new(out, key,
					     canon_value(c, key, value)) != 0;
	}
	failed |= c && c->failed;
	canon_free(c);
	if (!failed)
		return out;
	json_decref(out);
	return NULL;
}
