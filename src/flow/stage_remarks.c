/*
 * What programs say beside their messages becomes evidence, and is joined to
 * the call that it is about: by Call-ID, else by the time of a single call.
 */
#include "config.h"

#include "core/record.h"
#include "flow/stages_state.h"

/* Longer texts are cut. */
#define REMARK_TEXT_MAX 1024u

static const char *keep(struct stages *s, struct slice text)
{
	return model_text(s->model,
			  slice_first(slice_trim(text), REMARK_TEXT_MAX));
}

/* "ICEWarn=0x4000320" */
static void read_warn(struct remark *r, struct slice text)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	uint64_t warn;
	size_t at, n = 0;

	if (!slice_search(text, SLICE("ICEWarn=0x"), &at))
		return;
	text = slice_from(text, at + 10);
	while (n < text.n && text.p[n] && strchr(digits, text.p[n]))
		n++;
	if (slice_hex(slice_first(text, n), UINT32_MAX, &warn) != STATUS_OK)
		return;
	r->warn = (uint32_t)warn;
	r->has_warn = true;
}

/* ---- diagnostic records of servers ---- */

/* "0xc3e93d6f SIPPROXY_E_ROUTING", and either alone. */
static void read_result(struct stages *s, struct remark *r, struct slice text)
{
	struct slice word = slice_split(&text, ' ');
	uint64_t code;

	if (slice_starts_nocase(word, "0x") &&
	    slice_hex(slice_from(word, 2), UINT32_MAX, &code) == STATUS_OK) {
		r->code = (uint32_t)code;
		word = slice_trim(text);
		word = slice_split(&word, ' ');
	}
	if (word.n)
		r->result = keep(s, word);
}

/* The Text of a record may have its result at its end. */
static struct slice read_glued(struct stages *s, struct remark *r,
			       struct slice text)
{
	size_t at;

	if (!slice_search(text, SLICE("Result-Code:"), &at))
		return text;
	read_result(s, r, slice_trim(slice_from(text, at + 12)));
	return slice_trim(slice_first(text, at));
}

static void read_line(struct stages *s, struct remark *r, struct slice line,
		      struct text *said)
{
	struct slice value = line;
	struct slice name = slice_split(&value, ':');

	value = slice_trim(value);
	if (slice_is_nocase(name, "SIP-Call-ID")) {
		r->call_id = keep(s, value);
	} else if (slice_is_nocase(name, "SIP-CSeq")) {
		slice_split(&value, ' ');
		r->method = keep(s, value);
	} else if (slice_is_nocase(name, "Result-Code")) {
		read_result(s, r, value);
	} else if (slice_is_nocase(name, "Text")) {
		text_put(said, read_glued(s, r, value));
	} else if (slice_is_nocase(name, "Data")) {
		r->data = keep(s, value);
	} else if (slice_is_nocase(name, "Peer")) {
		text_puts(said, said->n ? "; peer " : "peer ");
		text_put(said, value);
	}
}

/* Spec "capture-formats" 4.3.2. */
static void read_diagnostic(struct stages *s, struct remark *r,
			    struct slice text)
{
	struct text said = text_new(REMARK_TEXT_MAX);

	while (text.n)
		read_line(s, r, slice_trim(slice_split(&text, '\n')), &said);
	if (said.n)
		r->said = keep(s, text_slice(&said));
	text_free(&said);
}

static enum remark_level level_of(uint8_t level)
{
	static const enum remark_level levels[] = {
		[RECORD_PLAIN] = REMARK_INFO,
		[RECORD_WARNS] = REMARK_WARNING,
		[RECORD_FAILS] = REMARK_ERROR,
	};

	return levels[level];
}

void stage_remark(struct stages *s, const struct message *m)
{
	const struct record *record = m->u.record;
	struct remark *r = list_add(&s->model->remarks);

	if (!r)
		return;
	*r = (struct remark){
		.place = stages_place(s, &m->from),
		.text = keep(s, record->text),
		.kind = record->kind == RECORD_DIAGNOSTIC ? REMARK_DIAGNOSTIC
							  : REMARK_TRACE,
		.level = (uint8_t)level_of(record->level),
		.call = LIST_NONE,
		.told = stage_agent_says(s, m),
		.next = CHAIN_END,
	};
	read_warn(r, record->text);
	if (r->kind == REMARK_DIAGNOSTIC)
		read_diagnostic(s, r, record->text);
}

/* ---- events ---- */

static const char *event_text(struct stages *s, const struct winevent *e)
{
	struct text text = text_new(REMARK_TEXT_MAX);
	const char *kept;

	text_put(&text, slice_first(e->message, REMARK_TEXT_MAX));
	for (size_t i = 0; e->message.n == 0 && i < e->data_count; i++) {
		if (text.n)
			text_puts(&text, "; ");
		text_put(&text, e->data[i]);
	}
	kept = keep(s, text_slice(&text));
	text_free(&text);
	return kept;
}

static enum remark_level level_of_event(unsigned level)
{
	if (level == 3)
		return REMARK_WARNING;
	return level == 1 || level == 2 ? REMARK_ERROR : REMARK_INFO;
}

void stages_take_event(struct stages *s, const struct winevent *e)
{
	struct remark *r = list_add(&s->model->remarks);
	struct place when = {.time = clock_bounded(e->time)};

	if (!r)
		return;
	*r = (struct remark){
		.place = model_place(s->model, &when),
		.text = event_text(s, e),
		.provider = model_text(s->model, e->provider),
		.record = e->record,
		.event = e->id,
		.kind = REMARK_EVENT,
		.level = (uint8_t)level_of_event(e->level),
		.call = LIST_NONE,
		.told = CHAIN_END,
		.next = CHAIN_END,
	};
}

/* ---- joins ---- */

/* Calls by the Call-IDs of their parts. */
struct named_call {
	const char *call_id;
	size_t call;
};

struct naming {
	struct list rows; /* struct named_call */
	struct index index;
};

static bool same_call_id(const void *rows, uint32_t row, const void *key)
{
	const struct named_call *a = (const struct named_call *)rows + row;

	return strcmp(a->call_id, key) == 0;
}

static uint64_t hash_of(const char *call_id)
{
	return hash_bytes(5, slice_of_text(call_id));
}

static void name_call(struct naming *to, const char *call_id, size_t call)
{
	struct named_call *row;

	if (!call_id || !call_id[0] ||
	    index_find(&to->index, hash_of(call_id), same_call_id,
		       to->rows.rows, call_id) != INDEX_NONE)
		return;
	row = list_add(&to->rows);
	if (!row)
		return;
	*row = (struct named_call){call_id, call};
	if (index_add(&to->index, hash_of(call_id),
		      (uint32_t)to->rows.count - 1) != STATUS_OK)
		to->rows.count--;
}

static void name_parts(struct stages *s, struct naming *to, size_t number)
{
	const struct model *m = s->model;
	const struct call *call = list_at(&m->calls, number);

	for (size_t i = 0; i < call->dialogs.count; i++) {
		const struct dialog *d =
			list_at(&m->dialogs, call->dialogs.list[i]);

		name_call(to, d->call_id, number);
	}
	for (size_t i = 0; i < call->registrations.count; i++) {
		const struct registration *r =
			list_at(&m->registrations, call->registrations.list[i]);

		name_call(to, r->call_id, number);
	}
	for (size_t i = 0; i < call->tokens.count; i++) {
		const struct token *t =
			list_at(&m->tokens, call->tokens.list[i]);

		name_call(to, t->call_id, number);
	}
}

/* The only call that was going on then. */
static size_t call_at_time(const struct model *m, nanoseconds time)
{
	const struct call *calls = m->calls.rows;
	size_t found = LIST_NONE;

	for (size_t i = 0; i < m->calls.count; i++) {
		if (time < calls[i].start || time > calls[i].end)
			continue;
		if (found != LIST_NONE)
			return LIST_NONE;
		found = i;
	}
	return found;
}

static size_t find_call(const struct model *m, const struct naming *names,
			const struct remark *r)
{
	uint32_t row;

	if (r->told != CHAIN_END)
		return ((const struct told_description *)list_at(&m->told,
								 r->told))
			->call;
	if (r->call_id) {
		row = index_find(&names->index, hash_of(r->call_id),
				 same_call_id, names->rows.rows, r->call_id);
		return row == INDEX_NONE ? LIST_NONE
					 : ((const struct named_call *)
						    names->rows.rows)[row]
						   .call;
	}
	if (r->kind != REMARK_TRACE || m->calls.count > REMARK_CALLS_MAX)
		return LIST_NONE;
	return call_at_time(m, place_time(m, r->place));
}

static void list_diagnostic(struct model *m, size_t row)
{
	struct remark *rows = m->remarks.rows;
	struct remark *r = &rows[row];
	struct chain *chain;

	r->next = CHAIN_END;
	if (r->kind != REMARK_DIAGNOSTIC || r->call == LIST_NONE)
		return;
	chain = &((struct call *)list_at(&m->calls, r->call))->logged;
	model_chain(chain, (uint32_t)row,
		    chain->count ? &rows[chain->last].next : NULL);
}

void remarks_join(struct stages *s)
{
	struct model *m = s->model;
	struct naming names = {
		.rows = list_of(sizeof(struct named_call), MODEL_CALLS_MAX)};
	struct remark *rows = m->remarks.rows;

	if (m->remarks.count == 0)
		return;
	for (size_t i = 0; i < m->calls.count; i++)
		name_parts(s, &names, i);
	for (size_t i = 0; i < m->remarks.count; i++) {
		rows[i].call = find_call(m, &names, &rows[i]);
		list_diagnostic(m, i);
	}
	list_free(&names.rows);
	index_free(&names.index);
}
