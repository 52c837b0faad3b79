/* Calls as rows. */
#include "config.h"

#include "report/json.h"
#include "report/report_calls.h"
#include "report/secrets.h"

#define CELL_MAX ((size_t)1 << 20)
#define FLUSH_AT ((size_t)1 << 16)

/* What a row tells of a call, beside what the call says itself. */
struct call_row {
	const struct model *m;
	const struct report_json_options *options;
	size_t number;
	const struct call *call;
	uint64_t messages, legs, candidates, pairs, errors, warnings;
	uint64_t packets, lost;
	double jitter_ms; /* the worst */
	const struct pair *selected;
};

enum cell_kind {
	CELL_NONE,
	CELL_TEXT,
	CELL_NUMBER,
	CELL_MS,
	CELL_TIME,
};

struct cell {
	enum cell_kind kind;
	uint64_t number;
	double ms;
	nanoseconds time;
};

/* ---- gathering ---- */

static void count_pairs(struct call_row *r)
{
	const struct session *sessions = r->m->sessions.rows;
	const struct pair *pairs = r->m->pairs.rows;

	for (uint32_t i = 0; i < r->call->sessions.count; i++) {
		size_t k = sessions[r->call->sessions.list[i]].first_pair;

		for (; k != LIST_NONE; k = pairs[k].next) {
			r->pairs++;
			if (pairs[k].selected && !r->selected)
				r->selected = &pairs[k];
		}
	}
}

static void count_media(struct call_row *r)
{
	const struct media *rows = r->m->media.rows;

	for (uint32_t i = 0; i < r->call->media.count; i++) {
		const struct media *s = &rows[r->call->media.list[i]];

		r->packets += s->packets;
		r->lost += s->lost;
		if (s->jitter_ms > r->jitter_ms)
			r->jitter_ms = s->jitter_ms;
	}
}

static void count_notes(struct call_row *r)
{
	const struct note *rows = r->m->notes.rows;
	size_t i = r->call->notes.first;

	for (; i != LIST_NONE; i = rows[i].next) {
		r->errors += note_severity(&rows[i]) == SEVERITY_ERROR;
		r->warnings += note_severity(&rows[i]) == SEVERITY_WARNING;
	}
}

static void count_messages(struct call_row *r)
{
	const struct dialog *rows = r->m->dialogs.rows;

	for (uint32_t i = 0; i < r->call->dialogs.count; i++)
		r->messages += rows[r->call->dialogs.list[i]].messages;
	r->legs = r->call->dialogs.count;
	r->candidates = r->call->candidates.count;
}

static struct call_row row_of(const struct model *m,
			      const struct report_json_options *options,
			      size_t number)
{
	struct call_row r = {.m = m, .options = options, .number = number};

	r.call = list_at(&m->calls, number);
	count_messages(&r);
	count_pairs(&r);
	count_media(&r);
	count_notes(&r);
	return r;
}

/* ---- columns ---- */

/* What a column says: a text goes to `to`, all else into the cell. */
typedef struct cell cell_fn(const struct call_row *r, struct text *to);

static struct cell text_cell(const char *text, struct text *to)
{
	if (text)
		text_puts(to, text);
	return (struct cell){.kind = text ? CELL_TEXT : CELL_NONE};
}

static struct cell number_cell(uint64_t n)
{
	return (struct cell){.kind = CELL_NUMBER, .number = n};
}

static struct cell ms_cell(double ms)
{
	return (struct cell){.kind = CELL_MS, .ms = ms};
}

static struct cell time_cell(nanoseconds time)
{
	return (struct cell){.kind = time ? CELL_TIME : CELL_NONE,
			     .time = time};
}

static struct cell uris_cell(const struct call_row *r, const char *text,
			     struct text *to)
{
	if (!text)
		return (struct cell){0};
	secret_put_uris(slice_of_text(text), r->options->show_secrets, to);
	return (struct cell){.kind = CELL_TEXT};
}

#define COLUMN(name) \
	static struct cell name(const struct call_row *r, struct text *to)

COLUMN(put_schema)
{
	(void)r;
	return text_cell("mrascope.call/1", to);
}

COLUMN(put_key)
{
	key_put(r->options->keys, KEY_CALL, r->number, to);
	return (struct cell){.kind = CELL_TEXT};
}

COLUMN(put_kind)
{
	return text_cell(call_kind_name(r->call->kind), to);
}

COLUMN(put_call_id)
{
	return text_cell(r->call->call_id, to);
}

COLUMN(put_from)
{
	return uris_cell(r, r->call->from, to);
}

COLUMN(put_to)
{
	return uris_cell(r, r->call->to, to);
}

COLUMN(put_start)
{
	(void)to;
	return time_cell(r->call->start);
}

COLUMN(put_end)
{
	(void)to;
	return time_cell(r->call->end);
}

COLUMN(put_duration)
{
	(void)to;
	if (!r->call->start || r->call->end < r->call->start)
		return (struct cell){0};
	return ms_cell((double)(r->call->end - r->call->start) / 1e6);
}

COLUMN(put_outcome)
{
	return text_cell(outcome_name(r->call->outcome), to);
}

COLUMN(put_stopped)
{
	return text_cell(r->call->stopped == STAGE_NONE
				 ? NULL
				 : stage_name(r->call->stopped),
			 to);
}

COLUMN(put_rule)
{
	return text_cell(r->call->rule ? r->call->rule->id : NULL, to);
}

COLUMN(put_confidence)
{
	return text_cell(confidence_name((enum confidence)r->call->confidence),
			 to);
}

COLUMN(put_text)
{
	return text_cell(r->call->text, to);
}

#define STAGE_COLUMNS(name, stage)                                           \
	COLUMN(put_##name)                                                   \
	{                                                                    \
		return text_cell(state_name(r->call->stages[stage].state),   \
				 to);                                        \
	}                                                                    \
	COLUMN(put_##name##_ms)                                              \
	{                                                                    \
		const struct stage_view *v = &r->call->stages[stage];        \
                                                                             \
		(void)to;                                                    \
		return v->start ? ms_cell((double)(v->end - v->start) / 1e6) \
				: (struct cell){0};                          \
	}

STAGE_COLUMNS(registration, STAGE_REGISTRATION)
STAGE_COLUMNS(token, STAGE_TOKEN)
STAGE_COLUMNS(gathering, STAGE_GATHERING)
STAGE_COLUMNS(exchange, STAGE_EXCHANGE)
STAGE_COLUMNS(probing, STAGE_PROBING)

#define NUMBER_COLUMN(name)                  \
	COLUMN(put_##name)                   \
	{                                    \
		(void)to;                    \
		return number_cell(r->name); \
	}

NUMBER_COLUMN(messages)
NUMBER_COLUMN(legs)
NUMBER_COLUMN(candidates)
NUMBER_COLUMN(pairs)
NUMBER_COLUMN(packets)
NUMBER_COLUMN(lost)
NUMBER_COLUMN(errors)
NUMBER_COLUMN(warnings)

COLUMN(put_via)
{
	return text_cell(!r->selected           ? NULL
			 : r->selected->relayed ? "relay"
						: "direct",
			 to);
}

COLUMN(put_rtt)
{
	nanoseconds rtt = 0;

	(void)to;
	if (r->selected)
		rtt = r->selected->way[0].rtt ? r->selected->way[0].rtt
					      : r->selected->way[1].rtt;
	return rtt ? ms_cell((double)rtt / 1e6) : (struct cell){0};
}

COLUMN(put_jitter)
{
	(void)to;
	return r->packets ? ms_cell(r->jitter_ms) : (struct cell){0};
}

/* The order is a promise, too: more are added at the end. */
static const struct column {
	const char *name;
	cell_fn *put;
} columns[] = {
	{"schema", put_schema},
	{"key", put_key},
	{"kind", put_kind},
	{"call_id", put_call_id},
	{"from", put_from},
	{"to", put_to},
	{"start", put_start},
	{"end", put_end},
	{"duration_ms", put_duration},
	{"outcome", put_outcome},
	{"stopped_at", put_stopped},
	{"rule", put_rule},
	{"confidence", put_confidence},
	{"text", put_text},
	{"registration", put_registration},
	{"token", put_token},
	{"gathering", put_gathering},
	{"exchange", put_exchange},
	{"probing", put_probing},
	{"registration_ms", put_registration_ms},
	{"token_ms", put_token_ms},
	{"gathering_ms", put_gathering_ms},
	{"exchange_ms", put_exchange_ms},
	{"probing_ms", put_probing_ms},
	{"messages", put_messages},
	{"legs", put_legs},
	{"candidates", put_candidates},
	{"pairs", put_pairs},
	{"via", put_via},
	{"rtt_ms", put_rtt},
	{"packets", put_packets},
	{"lost", put_lost},
	{"jitter_ms", put_jitter},
	{"errors", put_errors},
	{"warnings", put_warnings},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* ---- lines of JSON ---- */

static void put_json_cell(struct json *j, const struct cell *cell,
			  const struct text *text)
{
	switch (cell->kind) {
	case CELL_NONE:
		json_null(j);
		break;
	case CELL_TEXT:
		json_string(j, text_slice(text));
		break;
	case CELL_NUMBER:
		json_number(j, cell->number);
		break;
	case CELL_MS:
		json_double(j, cell->ms, 3);
		break;
	case CELL_TIME:
		json_time(j, cell->time);
		break;
	}
}

static void flush(const struct report_json_options *options, struct text *to)
{
	if (to->n > FLUSH_AT && options->flush)
		options->flush(options->context, to);
}

void report_calls_ndjson(const struct model *model,
			 const struct report_json_options *options,
			 struct text *to)
{
	struct text scratch = text_new(CELL_MAX);
	struct json j = json_to(to);

	for (size_t i = 0; i < model->calls.count; i++) {
		struct call_row r;

		if (!selection_has(options->selection, SELECTED_CALLS, i))
			continue;
		r = row_of(model, options, i);
		j = json_to(to);
		json_object(&j);
		for (size_t k = 0; k < COLUMNS; k++) {
			struct cell cell;

			text_clear(&scratch);
			cell = columns[k].put(&r, &scratch);
			json_key(&j, columns[k].name);
			put_json_cell(&j, &cell, &scratch);
		}
		json_object_end(&j);
		text_putc(to, '\n');
		flush(options, to);
	}
	text_free(&scratch);
}

/* ---- CSV ---- */

/* RFC 4180 2.6 and 2.7; text that a spreadsheet would take for a formula gets
 * a quote in front. */
static void put_csv_text(struct slice s, struct text *to)
{
	size_t at;
	bool quoted = slice_find(s, ',', &at) || slice_find(s, '"', &at) ||
		      slice_find(s, '\n', &at) || slice_find(s, '\r', &at);

	if (quoted)
		text_putc(to, '"');
	if (s.n && memchr("=+-@\t\r", s.p[0], 6))
		text_putc(to, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			text_putc(to, '"');
		text_putc(to, (char)s.p[i]);
	}
	if (quoted)
		text_putc(to, '"');
}

static void put_csv_cell(const struct cell *cell, struct text *said,
			 struct text *to)
{
	struct text clean = text_new(CELL_MAX);

	switch (cell->kind) {
	case CELL_NONE:
		break;
	case CELL_TEXT:
		text_escaped(&clean, text_slice(said));
		put_csv_text(text_slice(&clean), to);
		break;
	case CELL_NUMBER:
		text_number(to, cell->number);
		break;
	case CELL_MS:
		text_printf(to, "%.3f", cell->ms);
		break;
	case CELL_TIME:
		clock_rfc3339(cell->time, to);
		break;
	}
	text_free(&clean);
}

void report_calls_csv(const struct model *model,
		      const struct report_json_options *options,
		      struct text *to)
{
	struct text scratch = text_new(CELL_MAX);

	for (size_t k = 0; k < COLUMNS; k++)
		text_printf(to, "%s%s", k ? "," : "", columns[k].name);
	text_puts(to, "\r\n");
	for (size_t i = 0; i < model->calls.count; i++) {
		struct call_row r;

		if (!selection_has(options->selection, SELECTED_CALLS, i))
			continue;
		r = row_of(model, options, i);
		for (size_t k = 0; k < COLUMNS; k++) {
			struct cell cell;

			text_clear(&scratch);
			cell = columns[k].put(&r, &scratch);
			text_puts(to, k ? "," : "");
			put_csv_cell(&cell, &scratch, to);
		}
		text_puts(to, "\r\n");
		flush(options, to);
	}
	text_free(&scratch);
}
