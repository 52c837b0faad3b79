/* Forms whose rows lie in files: made in two passes over the analysis, the
 * first for the names that its rows refer to each other by. */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "check/canon.h"
#include "check/large.h"
#include "check/pieces.h"
#include "check/scenario.h"

#define NAME_MAX_BYTES ((size_t)1 << 16)
#define ROOM_FIRST 1024u

/* ---- rows ---- */

static struct large *new_form(FILE *file)
{
	struct large *form = calloc(1, sizeof(*form));

	if (form)
		form->members = json_object();
	if (form && form->members && file) {
		form->file = file;
		return form;
	}
	large_free(form);
	if (file)
		fclose(file);
	return NULL;
}

void large_free(struct large *form)
{
	if (!form)
		return;
	json_decref(form->members);
	if (form->file)
		fclose(form->file);
	free(form->rows);
	free(form);
}

/* What stands for the row from now on; NULL: memory is out. */
static json_t *add_place(struct large *form, struct large_place place)
{
	if (form->count == form->room) {
		size_t room = form->room ? form->room * 2 : ROOM_FIRST;
		struct large_place *rows =
			realloc(form->rows, room * sizeof(*rows));

		if (!rows)
			return NULL;
		form->rows = rows;
		form->room = room;
	}
	form->rows[form->count] = place;
	return json_integer((json_int_t)form->count++);
}

static const struct large_place *place_of(const struct large *form,
					  const json_t *row)
{
	json_int_t at = json_integer_value(row);

	return json_is_integer(row) && at >= 0 && (size_t)at < form->count
		       ? &form->rows[at]
		       : NULL;
}

const json_t *large_find(const struct large *form, const char *member,
			 const char *name)
{
	return json_object_get(json_object_get(form->members, member), name);
}

/* The bytes of a row; free them. */
static char *read_row(const struct large *form, const struct large_place *place)
{
	char *bytes = malloc(place->n + 1);
	size_t done = 0;

	while (bytes && done < place->n) {
		ssize_t n = pread(fileno(form->file), bytes + done,
				  place->n - done, (off_t)(place->at + done));

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (done == place->n)
		return bytes;
	free(bytes);
	return NULL;
}

json_t *large_row(const struct large *form, const json_t *row)
{
	const struct large_place *place = place_of(form, row);
	char *bytes = place ? read_row(form, place) : NULL;
	json_t *made = NULL;

	if (bytes)
		made = json_loadb(bytes, place->n,
				  JSON_DECODE_ANY | JSON_REJECT_DUPLICATES,
				  NULL);
	free(bytes);
	return made;
}

json_t *large_whole(const struct large *form, const json_t *rows)
{
	json_t *out = json_object(), *row;
	const char *name;

	json_object_foreach((json_t *)(uintptr_t)rows, name, row)
		(void)json_object_set_new(out, name, large_row(form, row));
	return out;
}

bool large_same(const struct large *a, const json_t *x, const struct large *b,
		const json_t *y)
{
	const struct large_place *p = place_of(a, x), *q = place_of(b, y);
	char *one, *other;
	bool same;

	if (!p || !q || p->n != q->n)
		return false;
	one = read_row(a, p);
	other = read_row(b, q);
	same = one && other && memcmp(one, other, p->n) == 0;
	free(one);
	free(other);
	return same;
}

/* ---- making ---- */

struct making {
	struct large *form;
	struct scenario *scenario; /* NULL: of all that is in it */
	struct canon *canon;
	/* The first pass: what tells of a row how others name it. */
	json_t *heads, *head;
	nanoseconds zero;
	/* The second one: the list at hand. */
	struct canon_names names;
	struct text member, name, written, scratch;
	uint64_t at;
	bool failed;
};

/* Of a row with an id; in a scenario it is named by the last ones. */
static bool is_of_head(struct slice member)
{
	static const char *const members[] = {
		"\"id\"",   "\"key\"",    "\"from\"",   "\"to\"",
		"\"kind\"", "\"client\"", "\"server\"", "\"transport\""};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (slice_is(member, members[i]))
			return true;
	return false;
}

static void note_text(void *context, unsigned depth, struct slice member,
		      struct slice value)
{
	struct making *m = context;

	if (m->scenario)
		scenario_note(m->scenario, member, value);
	if (!m->head || depth != 1 || !is_of_head(member))
		return;
	if (!pieces_decode(member, &m->name) ||
	    !pieces_decode(value, &m->scratch) ||
	    !tree_set(m->head, m->name.p, m->scratch.p))
		m->failed = true;
}

static void note_zero(struct making *m, const struct piece *piece)
{
	json_t *row = json_loadb((const char *)piece->text.p, piece->text.n,
				 JSON_DECODE_ANY, NULL);
	const char *text = tree_text(row, "first_time");
	nanoseconds time;

	if (text && canon_time(slice_of_text(text), &time) &&
	    (m->zero == 0 || time < m->zero))
		m->zero = time;
	json_decref(row);
}

static bool note(void *context, const struct piece *piece)
{
	struct making *m = context;

	m->head = NULL;
	if (piece->row && canon_has_ids(piece->member)) {
		m->head = json_object();
		if (!m->head || !tree_set(m->head, "member", piece->member) ||
		    json_array_append_new(m->heads, m->head) != 0)
			m->failed = true;
	}
	/* In a scenario there are no times. */
	if (piece->row && !m->scenario &&
	    strcmp(piece->member, "captures") == 0)
		note_zero(m, piece);
	if (m->scenario || m->head)
		pieces_texts(piece->text, note_text, m);
	return !m->failed;
}

/* The names of rows by their ids. */
static json_t *ids_of(struct making *m)
{
	json_t *ids = json_object();

	for (size_t i = 0; i < json_array_size(m->heads); i++) {
		json_t *head = json_incref(json_array_get(m->heads, i));
		char member[32];
		const char *id;

		snprintf(member, sizeof(member), "%s",
			 tree_text(head, "member"));
		if (m->scenario)
			head = scenario_take(m->scenario, member, head);
		m->failed |= !head;
		id = tree_text(head, "id");
		if (id && !tree_set(ids, id, tree_text(head, "key")))
			m->failed = true;
		json_decref(head);
	}
	json_decref(m->heads);
	m->heads = NULL;
	return ids;
}

static int put_bytes(const char *bytes, size_t n, void *to)
{
	text_put(to, slice_of(bytes, n));
	return 0;
}

/* Writes a row; what stands for it. */
static json_t *keep_row(struct making *m, const json_t *row)
{
	struct large_place place = {.at = m->at};

	text_clear(&m->written);
	if (!row ||
	    json_dump_callback(row, put_bytes, &m->written,
			       JSON_ENCODE_ANY | JSON_COMPACT) != 0 ||
	    m->written.failed != STATUS_OK ||
	    fwrite(m->written.p, 1, m->written.n, m->form->file) !=
		    m->written.n)
		return NULL;
	place.n = m->written.n;
	m->at += place.n;
	return add_place(m->form, place);
}

/* The list at hand is over. */
static void end_list(struct making *m)
{
	json_t *rows;

	if (!m->names.rows)
		return;
	rows = canon_names_end(m->canon, &m->names, m->member.p);
	m->names = (struct canon_names){NULL, NULL};
	if (json_object_set_new(m->form->members, m->member.p, rows) != 0)
		m->failed = true;
}

static bool begin_list(struct making *m, const char *member)
{
	text_clear(&m->member);
	text_puts(&m->member, member);
	text_putc(&m->member, '\0');
	if (m->member.failed == STATUS_OK)
		m->names = canon_names_new();
	return m->names.rows;
}

static void take_row(struct making *m, const struct piece *piece, json_t *value)
{
	json_t *made, *kept;

	if (!m->names.rows && !begin_list(m, piece->member)) {
		m->failed = true;
		return;
	}
	made = canon_row(m->canon, piece->member, value, piece->number,
			 &m->name);
	kept = keep_row(m, made);
	if (!kept || !canon_names_add(&m->names, text_slice(&m->name), kept))
		m->failed = true;
	json_decref(kept);
	json_decref(made);
}

/* An object's members are rows, too. */
static void take_whole(struct making *m, const struct piece *piece,
		       json_t *value)
{
	json_t *made = canon_member(m->canon, piece->member, value);
	json_t *inner;
	const char *key;

	json_object_foreach(made, key, inner) {
		json_t *kept = keep_row(m, inner);

		if (json_object_set_new(made, key, kept) != 0)
			m->failed = true;
	}
	if (json_object_set_new(m->form->members, piece->member, made) != 0)
		m->failed = true;
}

static bool is_kept(const struct making *m, const struct piece *piece)
{
	return canon_keeps(piece->member) &&
	       !(m->scenario && scenario_drops(piece->member));
}

static bool take(void *context, const struct piece *piece)
{
	struct making *m = context;
	json_t *value;

	if (piece->number == 0)
		end_list(m);
	if (strcmp(piece->member, "schema") == 0)
		return pieces_decode(piece->text, &m->scratch) &&
		       tree_set(m->form->members, "analysis", m->scratch.p);
	if (!is_kept(m, piece))
		return true;
	value = json_loadb((const char *)piece->text.p, piece->text.n,
			   JSON_DECODE_ANY, NULL);
	if (value && m->scenario)
		value = scenario_take(m->scenario, piece->member, value);
	if (!value)
		m->failed = true;
	else if (piece->row)
		take_row(m, piece, value);
	else
		take_whole(m, piece, value);
	json_decref(value);
	return !m->failed;
}

static bool make(struct making *m, FILE *analysis)
{
	rewind(analysis);
	if (pieces_read(analysis, false, note, m) != STATUS_OK)
		return false;
	m->canon = canon_new(ids_of(m), m->zero);
	if (!m->canon || m->failed)
		return false;
	rewind(analysis);
	if (pieces_read(analysis, false, take, m) != STATUS_OK)
		return false;
	end_list(m);
	return !m->failed && !canon_failed(m->canon) &&
	       !(m->scenario && scenario_failed(m->scenario)) &&
	       fflush(m->form->file) == 0;
}

struct large *large_of(FILE *analysis, FILE *rows, bool same)
{
	struct making m = {.form = new_form(rows),
			   .heads = json_array(),
			   .scenario = same ? scenario_new() : NULL,
			   .member = text_new(NAME_MAX_BYTES),
			   .name = text_new(NAME_MAX_BYTES),
			   .scratch = text_new(NAME_MAX_BYTES),
			   .written = text_new(PIECE_MAX)};
	struct large *form = m.form;

	if (!form || !m.heads || (same && !m.scenario) ||
	    !tree_set(form->members, "schema", GOLDEN_SCHEMA) ||
	    !make(&m, analysis)) {
		large_free(form);
		form = NULL;
	}
	json_decref(m.heads);
	json_decref(m.names.rows);
	json_decref(m.names.numbers);
	canon_free(m.canon);
	scenario_free(m.scenario);
	text_free(&m.member);
	text_free(&m.name);
	text_free(&m.scratch);
	text_free(&m.written);
	return form;
}

/* ---- goldens ---- */

static bool take_golden(void *context, const struct piece *piece)
{
	struct large *form = context;
	struct large_place place = {piece->at, piece->text.n};
	json_t *of = form->members;
	json_t *value;

	if ((!piece->row || piece->number == 0) &&
	    json_object_get(of, piece->member))
		return false;
	if (!piece->row) {
		value = json_loadb((const char *)piece->text.p, piece->text.n,
				   JSON_DECODE_ANY | JSON_REJECT_DUPLICATES,
				   NULL);
		return value &&
		       json_object_set_new(of, piece->member, value) == 0;
	}
	if (piece->number == 0 &&
	    json_object_set_new(of, piece->member, json_object()) != 0)
		return false;
	of = json_object_get(of, piece->member);
	if (json_object_get(of, piece->name))
		return false;
	value = add_place(form, place);
	return value && json_object_set_new(of, piece->name, value) == 0;
}

struct large *large_golden(FILE *file)
{
	struct large *form = new_form(file);

	if (!form)
		return NULL;
	rewind(file);
	if (pieces_read(file, true, take_golden, form) == STATUS_OK)
		return form;
	large_free(form);
	return NULL;
}

/* ---- whole forms ---- */

static bool equal_rows(const struct large *a, const json_t *x,
		       const struct large *b, const json_t *y)
{
	const char *name;
	json_t *row;

	if (json_object_size(x) != json_object_size(y))
		return false;
	json_object_foreach((json_t *)(uintptr_t)x, name, row) {
		const json_t *other = json_object_get(y, name);
		json_t *p, *q;
		bool same;

		if (!other)
			return false;
		if (large_same(a, row, b, other))
			continue;
		p = large_row(a, row);
		q = large_row(b, other);
		same = p && json_equal(p, q);
		json_decref(p);
		json_decref(q);
		if (!same)
			return false;
	}
	return true;
}

bool large_equal(const struct large *a, const struct large *b)
{
	const char *name;
	json_t *value;

	if (json_object_size(a->members) != json_object_size(b->members))
		return false;
	json_object_foreach(a->members, name, value) {
		const json_t *other = json_object_get(b->members, name);
		bool rows = json_is_object(value) && json_is_object(other);

		if (rows ? !equal_rows(a, value, b, other)
			 : !json_equal(value, other))
			return false;
	}
	return true;
}

/* So many rows need more than a line. */
#define ROWS_OF_A_LINE 32u

static bool flush(struct text *text, FILE *to)
{
	bool fine = text->failed == STATUS_OK &&
		    fwrite(text->p, 1, text->n, to) == text->n;

	text_clear(text);
	return fine;
}

static bool write_rows(const struct large *form, const char *member,
		       const json_t *rows, struct text *text, FILE *to)
{
	const char *name, *before = "";
	bool fine = true;
	json_t *row;

	tree_write_name(member, 1, text);
	text_putc(text, '{');
	json_object_foreach((json_t *)(uintptr_t)rows, name, row) {
		json_t *value = large_row(form, row);

		text_puts(text, before);
		tree_write_member(name, value, 2, text);
		fine = fine && value && flush(text, to);
		json_decref(value);
		before = ",";
	}
	text_puts(text, "\n }");
	return fine;
}

static bool write_part(const struct large *form, const char *member,
		       const json_t *value, struct text *text, FILE *to)
{
	json_t *whole;
	bool fine;

	if (!json_is_object(value)) {
		tree_write_member(member, value, 1, text);
		return true;
	}
	if (json_object_size(value) > ROWS_OF_A_LINE)
		return write_rows(form, member, value, text, to);
	whole = large_whole(form, value);
	fine = json_object_size(whole) == json_object_size(value);
	tree_write_member(member, whole, 1, text);
	json_decref(whole);
	return fine;
}

bool large_write(const struct large *form, FILE *to)
{
	struct text text = text_new(PIECE_MAX);
	const char *member, *before = "{";
	json_t *value;
	bool fine = true;

	json_object_foreach(form->members, member, value) {
		text_puts(&text, before);
		fine = fine && write_part(form, member, value, &text, to) &&
		       flush(&text, to);
		before = ",";
	}
	text_puts(&text, "\n}\n");
	fine = flush(&text, to) && fine;
	text_free(&text);
	return fine;
}

/* ---- the gist ---- */

static bool keep_gist(json_t *gist, const struct piece *piece, bool call)
{
	static const char *const members[] = {"id", "key", "verdict"};
	json_t *row =
		json_loadb((const char *)piece->text.p, piece->text.n, 0, NULL);
	json_t *kept = call ? json_object() : json_incref(row);
	bool fine = row && kept;

	for (size_t i = 0; call && i < 3; i++) {
		json_t *value = json_object_get(row, members[i]);

		if (value && json_object_set(kept, members[i], value) != 0)
			fine = false;
	}
	json_decref(row);
	if (json_array_append_new(json_object_get(gist, piece->member), kept) !=
	    0)
		fine = false;
	return fine;
}

static bool take_gist(void *context, const struct piece *piece)
{
	bool call = strcmp(piece->member, "calls") == 0;

	if (!piece->row || (!call && strcmp(piece->member, "findings") != 0))
		return true;
	return keep_gist(context, piece, call);
}

json_t *large_gist(FILE *analysis)
{
	json_t *gist = json_object();

	rewind(analysis);
	if (gist && json_object_set_new(gist, "calls", json_array()) == 0 &&
	    json_object_set_new(gist, "findings", json_array()) == 0 &&
	    pieces_read(analysis, false, take_gist, gist) == STATUS_OK)
		return gist;
	json_decref(gist);
	return NULL;
}
