/* The columns of the list of calls: sngrep's, and those of the five stages. */
#include "config.h"

#include <string.h>

#include "report/keys.h"
#include "report/secrets.h"
#include "report/wrap.h"
#include "ui/settings.h"
#include "ui/view.h"

/* ---- parts ---- */

/* Appends the value of a header, if the message has it. */
static void header_of(struct slice rest, const char *name, struct text *to)
{
	size_t n = strlen(name);

	while (rest.n) {
		struct slice line = slice_trim(slice_split(&rest, '\n'));

		if (line.n == 0)
			return;
		if (slice_starts_nocase(line, name) && line.n > n &&
		    line.p[n] == ':') {
			text_clear(to);
			text_put(to, slice_trim(slice_from(line, n + 1)));
			return;
		}
	}
}

/* Of the first message of a conversation, by either of its names. */
static void put_other(const struct view_call *v, const char *name,
		      const char *compact, struct text *to)
{
	struct feed *feed = v->feed;
	const struct entry *e = journal_at(feed->journal, v->other->first);
	struct text bytes = text_new((size_t)1 << 20), value = text_new(4096);

	if (feed->bytes(feed, e, &bytes)) {
		header_of(text_slice(&bytes), compact, &value);
		header_of(text_slice(&bytes), name, &value);
	}
	text_put(to, text_slice(&value));
	text_free(&bytes);
	text_free(&value);
}

/* The URI of From or To, which have a short form, too. */
static void put_party(const struct view_call *v, const char *name,
		      const char *compact, struct text *to)
{
	struct text value = text_new(4096);
	struct slice s, rest;
	size_t at;

	put_other(v, name, compact, &value);
	s = text_slice(&value);
	if (slice_find(s, '<', &at)) {
		rest = slice_from(s, at + 1);
		s = slice_split(&rest, '>');
	} else if (slice_find(s, ';', &at)) {
		s = slice_first(s, at);
	}
	if (slice_starts(s, SLICE("sip:")) && !secret_in_uris(s))
		s = slice_from(s, 4);
	secret_put_uris(s, v->feed->show_secrets, to);
	text_free(&value);
}

static const char *from_of(const struct view_call *v)
{
	if (v->call)
		return v->call->from;
	return v->dialog->from;
}

static const char *to_of(const struct view_call *v)
{
	return v->call ? v->call->to : v->dialog->to;
}

/* Passwords in URIs are secrets. */
static void put_uri(const struct view_call *v, const char *uri, struct text *to)
{
	struct slice s = slice_of_text(uri ? uri : "");

	if (slice_starts(s, SLICE("sip:")) && !secret_in_uris(s))
		s = slice_from(s, 4);
	secret_put_uris(s, v->feed->show_secrets, to);
}

static void put_user(const char *uri, struct text *to)
{
	struct slice s = slice_of_text(uri ? uri : "");
	size_t colon, at;

	if (slice_find(s, ':', &colon) && slice_find(s, '@', &at) &&
	    colon < at) {
		s = slice_cut(s, colon + 1, at - colon - 1);
		if (slice_find(s, ':', &at))
			s = slice_first(s, at);
	}
	text_put(to, s);
}

static void put_end(const struct view_call *v, const struct endpoint *e,
		    struct text *to)
{
	const char *alias = settings_alias(v->settings, e);

	if (alias)
		text_puts(to, alias);
	else if (e->family != FAMILY_NONE)
		endpoint_text(e, to);
}

/* Where it was first asked: of a call its INVITE, else a relay or a pair. */
static const struct endpoint *end_of(const struct view_call *v, bool src)
{
	static const struct endpoint none;
	const struct model *m = v->model;
	const struct journal *j = v->feed->journal;

	if (v->other) {
		const struct entry *e = journal_at(j, v->other->first);

		return journal_end_at(j, src ? e->src : e->dst);
	}
	if (v->dialog)
		return end_at(v->model, src ? v->dialog->src : v->dialog->dst);
	if (v->call->registrations.count) {
		const struct registration *r = list_at(
			&m->registrations, v->call->registrations.list[0]);

		return src ? &r->client : &r->server;
	}
	if (v->call->allocations.count) {
		const struct allocation *a =
			list_at(&m->allocations, v->call->allocations.list[0]);

		return end_at(v->model, src ? a->client : a->server);
	}
	if (v->call->sessions.count) {
		const struct session *s =
			list_at(&m->sessions, v->call->sessions.list[0]);

		if (s->first_pair != LIST_NONE) {
			const struct pair *p =
				list_at(&m->pairs, s->first_pair);

			return end_at(v->model, src ? p->a : p->b);
		}
	}
	return &none;
}

static void put_duration(nanoseconds duration, struct text *to)
{
	double s = (double)duration / (double)NS_PER_S;

	if (duration < 0)
		return;
	if (s < 60)
		text_printf(to, "%.1fs", s);
	else if (s < 3600)
		text_printf(to, "%d:%02d", (int)s / 60, (int)s % 60);
	else
		text_printf(to, "%d:%02d:%02d", (int)(s / 3600),
			    (int)s / 60 % 60, (int)s % 60);
}

/* ---- columns ---- */

static void put_index(const struct view_call *v, struct text *to)
{
	text_number(to, v->number + 1u);
}

static int64_t value_index(const struct view_call *v)
{
	return v->number;
}

static void put_stages(const struct view_call *v, struct text *to)
{
	for (int i = 0; i < STAGES; i++) {
		bool begun;
		enum stage_state state = view_stage(v, (enum stage)i, &begun);

		text_code(to, view_mark(state, begun));
	}
}

/* How far it came: the stage that it stopped at, or all. */
static int64_t value_stages(const struct view_call *v)
{
	return v->call ? (int64_t)v->call->stopped : -1;
}

static void put_verdict(const struct view_call *v, struct text *to)
{
	text_puts(to, view_outcome(v));
}

/* Who asked a relay, where no SIP says who it is. */
static void put_client(const struct view_call *v, struct text *to)
{
	const struct members *tokens = &v->call->tokens;
	const struct members *allocations = &v->call->allocations;
	const struct endpoint *client = NULL;

	if (tokens->count) {
		const struct token *t =
			list_at(&v->model->tokens, tokens->list[0]);

		client = &t->client;
		if (t->identity && t->identity[0])
			text_puts(to, t->identity);
		else if (t->kind != TOKEN_MRAS)
			key_put_username(t->username, to);
	}
	if (to->n == 0 && allocations->count) {
		const struct allocation *a =
			list_at(&v->model->allocations, allocations->list[0]);

		client = end_at(v->model, a->client);
	}
	if (to->n == 0 && client)
		put_end(v, client, to);
}

static void put_from(const struct view_call *v, struct text *to)
{
	const char *uri = v->other ? NULL : from_of(v);

	if (v->other)
		put_party(v, "From", "f", to);
	else if (!uri && v->call && v->call->kind == CALL_ATTEMPT)
		put_client(v, to);
	else
		put_uri(v, uri, to);
}

static void put_to(const struct view_call *v, struct text *to)
{
	const char *uri = v->other ? NULL : to_of(v);

	if (v->other)
		put_party(v, "To", "t", to);
	else if (!uri && v->call && v->call->kind == CALL_ICE)
		text_puts(to, "(ICE session)");
	else
		put_uri(v, uri, to);
}

/* "alice" of "alice@example.test". */
static void put_other_user(const struct view_call *v, const char *name,
			   const char *compact, struct text *to)
{
	struct text uri = text_new(4096);
	struct slice rest;

	put_party(v, name, compact, &uri);
	rest = text_slice(&uri);
	text_put(to, slice_split(&rest, '@'));
	text_free(&uri);
}

static void put_from_user(const struct view_call *v, struct text *to)
{
	if (v->other)
		put_other_user(v, "From", "f", to);
	else
		put_user(from_of(v), to);
}

static void put_to_user(const struct view_call *v, struct text *to)
{
	if (v->other)
		put_other_user(v, "To", "t", to);
	else
		put_user(to_of(v), to);
}

static void put_src(const struct view_call *v, struct text *to)
{
	put_end(v, end_of(v, true), to);
}

static void put_dst(const struct view_call *v, struct text *to)
{
	put_end(v, end_of(v, false), to);
}

static void put_call_id(const struct view_call *v, struct text *to)
{
	if (v->dialog)
		text_puts(to, v->dialog->call_id);
	else if (v->other)
		put_other(v, "Call-ID", "i", to);
}

/* The Call-ID of the leg that this one hangs on. */
static void put_x_call_id(const struct view_call *v, struct text *to)
{
	const struct model *m = v->model;

	for (uint32_t i = 1; v->call && i < v->call->dialogs.count; i++) {
		const struct dialog *d =
			list_at(&m->dialogs, v->call->dialogs.list[i]);

		text_printf(to, "%s%s", i > 1 ? " " : "", d->call_id);
	}
}

static void put_date(const struct view_call *v, struct text *to)
{
	struct civil_time c = clock_civil(view_start(v));

	text_printf(to, "%04d-%02d-%02d", c.year, c.month, c.day);
}

static void put_time(const struct view_call *v, struct text *to)
{
	clock_of_day(view_start(v), to);
}

static int64_t value_time(const struct view_call *v)
{
	return view_start(v);
}

static void put_method(const struct view_call *v, struct text *to)
{
	if (v->other)
		text_puts(to, v->feed->method(v->other->method));
	else if (v->dialog)
		text_puts(to, "INVITE");
	else if (v->call->registrations.count)
		text_puts(to, "REGISTER");
	else if (v->call->kind == CALL_ICE)
		text_puts(to, "Binding");
	else if (v->call->allocations.count)
		text_puts(to, "Allocate");
	else if (v->call->tokens.count)
		text_puts(to, "SERVICE");
}

/* The message that the dialog began with, in the journal; NULL. */
static const struct entry *first_message(const struct view_call *v)
{
	const struct sip_row *row;

	if (v->other)
		return journal_at(v->feed->journal, v->other->first);
	if (!v->dialog || !v->dialog->messages_seen.count)
		return NULL;
	row = list_at(&v->model->sip_rows, v->dialog->messages_seen.first);
	return view_entry_at(v->feed, place_at(v->model, row->place));
}

static void put_transport(const struct view_call *v, struct text *to)
{
	const struct entry *e = first_message(v);

	if (e)
		text_puts(to, v->feed->transports[e->transport]);
}

static int64_t value_messages(const struct view_call *v)
{
	int64_t count = 0;

	if (v->other)
		return v->other->messages;
	if (!v->call)
		return v->dialog->messages_seen.count;
	for (uint32_t i = 0; i < v->call->dialogs.count; i++) {
		const struct dialog *d =
			list_at(&v->model->dialogs, v->call->dialogs.list[i]);

		count += d->messages_seen.count;
	}
	for (uint32_t i = 0; i < v->call->registrations.count; i++) {
		const struct registration *r =
			list_at(&v->model->registrations,
				v->call->registrations.list[i]);

		count += (int64_t)r->cited.count;
	}
	return count;
}

static void put_messages(const struct view_call *v, struct text *to)
{
	text_number(to, (uint64_t)value_messages(v));
}

static int64_t value_conversation(const struct view_call *v)
{
	const struct dialog *d = v->dialog;
	nanoseconds end;

	if (!d || !d->answer || d->final < 200 || d->final >= 300)
		return -1;
	end = d->ended ? place_time(v->model, d->ended) : view_end(v);
	if (v->at && v->at < end)
		end = v->at;
	return end - place_time(v->model, d->answer);
}

static void put_conversation(const struct view_call *v, struct text *to)
{
	put_duration(value_conversation(v), to);
}

static int64_t value_total(const struct view_call *v)
{
	nanoseconds end = view_end(v);

	if (v->at && v->at < end)
		end = v->at;
	return end - view_start(v);
}

static void put_total(const struct view_call *v, struct text *to)
{
	put_duration(value_total(v), to);
}

const struct cause *view_cause(const struct view_call *v)
{
	const struct call *call = v->call;

	if (!call || !call->causes.count || (v->at && v->at < view_end(v)) ||
	    view_may_change(v))
		return NULL;
	return list_at(&v->model->causes, call->causes.first);
}

static void put_why(const struct view_call *v, struct text *to)
{
	const struct call *call = v->call;
	const struct cause *cause;

	if (v->at && v->at < view_end(v)) {
		view_waits_for(v, to);
	} else if (v->other && v->other->final >= 300) {
		text_number(to, v->other->final);
	} else if (call && call->stopped != STAGE_NONE &&
		   call->outcome != OUTCOME_CANCELLED) {
		cause = view_cause(v);
		text_printf(to, "%s: %s", stage_name(call->stopped),
			    cause ? cause->headline : call_stop_text(call));
	}
}

void view_put_why(const struct view_call *v, size_t room, struct text *to)
{
	const struct cause *cause;

	put_why(v, to);
	if (to->n == 0 || wrap_columns(text_slice(to)) <= room)
		return;
	cause = view_cause(v);
	if (!cause)
		return;
	text_clear(to);
	text_puts(to, strlen(cause->headline) <= room ? cause->headline
						      : cause->id);
}

/* A header of the messages of the first leg, of the newest that has it. */
static void put_header(const struct view_call *v, const char *name,
		       struct text *to)
{
	struct text bytes = text_new((size_t)1 << 20);
	uint32_t at = v->dialog && v->dialog->messages_seen.count
			      ? v->dialog->messages_seen.first
			      : CHAIN_END;

	while (at != CHAIN_END) {
		const struct sip_row *row = list_at(&v->model->sip_rows, at);
		const struct entry *e =
			view_entry_at(v->feed, place_at(v->model, row->place));

		text_clear(&bytes);
		if (e && v->feed->bytes(v->feed, e, &bytes))
			header_of(text_slice(&bytes), name, to);
		at = row->next;
	}
	text_free(&bytes);
}

static void put_reason(const struct view_call *v, struct text *to)
{
	put_header(v, "Reason", to);
	if (to->n == 0 && v->dialog && v->dialog->final >= 300)
		text_printf(to, "%u %s", v->dialog->final,
			    v->dialog->final_reason ? v->dialog->final_reason
						    : "");
}

static void put_warning(const struct view_call *v, struct text *to)
{
	put_header(v, "Warning", to);
}

static void put_contact(const struct view_call *v, struct text *to)
{
	struct text raw = text_new(4096);

	if (v->other)
		put_other(v, "Contact", "m", &raw);
	else
		put_header(v, "Contact", &raw);
	secret_put_uris(text_slice(&raw), v->feed->show_secrets, to);
	text_free(&raw);
}

/* Of the worst stream: what of it was lost, in thousandths. */
static int64_t value_quality(const struct view_call *v)
{
	int64_t worst = -1;

	for (uint32_t i = 0; v->call && i < v->call->media.count; i++) {
		const struct media *s =
			list_at(&v->model->media, v->call->media.list[i]);
		uint64_t all = s->packets + s->lost;
		int64_t lost = all ? (int64_t)(s->lost * 1000 / all) : 0;

		worst = lost > worst ? lost : worst;
	}
	return worst;
}

static void put_quality(const struct view_call *v, struct text *to)
{
	int64_t lost = value_quality(v);
	double jitter = 0;

	if (lost < 0)
		return;
	for (uint32_t i = 0; i < v->call->media.count; i++) {
		const struct media *s =
			list_at(&v->model->media, v->call->media.list[i]);

		jitter = s->jitter_ms > jitter ? s->jitter_ms : jitter;
	}
	text_printf(to, "%lld.%lld%% %.0fms", (long long)lost / 10,
		    (long long)lost % 10, jitter);
}

static int64_t value_findings(const struct view_call *v)
{
	const struct note *rows = v->model->notes.rows;
	int64_t count = 0;
	size_t at = v->call ? v->call->notes.first : LIST_NONE;

	for (; at != LIST_NONE; at = rows[at].next)
		count += note_severity(&rows[at]) >= SEVERITY_WARNING;
	return count;
}

static void put_findings(const struct view_call *v, struct text *to)
{
	int64_t count = value_findings(v);

	if (count)
		text_number(to, (uint64_t)count);
}

const struct view_column view_columns[] = {
	{"index", "Idx", 5, false, true, true, put_index, value_index},
	{"stages", "12345", 5, false, true, false, put_stages, value_stages},
	{"verdict", "Verdict", 11, false, true, false, put_verdict, NULL},
	{"sipfrom", "From", 18, true, true, false, put_from, NULL},
	{"sipfromuser", "From user", 14, true, false, false, put_from_user,
	 NULL},
	{"sipto", "To", 18, true, true, false, put_to, NULL},
	{"siptouser", "To user", 14, true, false, false, put_to_user, NULL},
	{"msgcnt", "Msgs", 4, false, true, true, put_messages, value_messages},
	{"totaldur", "Lasted", 7, false, true, true, put_total, value_total},
	{"why", "Why", 24, true, true, false, put_why, NULL},
	{"quality", "Lost Jitter", 11, false, true, true, put_quality,
	 value_quality},
	{"src", "Source", 21, false, false, false, put_src, NULL},
	{"dst", "Destination", 21, false, false, false, put_dst, NULL},
	{"callid", "Call-ID", 24, true, false, false, put_call_id, NULL},
	{"xcallid", "Other legs", 24, true, false, false, put_x_call_id, NULL},
	{"date", "Date", 10, false, false, false, put_date, value_time},
	{"time", "Begin", 12, false, false, false, put_time, value_time},
	{"method", "Method", 8, false, false, false, put_method, NULL},
	{"transport", "Trans", 5, false, false, false, put_transport, NULL},
	{"convdur", "Talked", 7, false, false, true, put_conversation,
	 value_conversation},
	{"reason", "Reason", 20, true, false, false, put_reason, NULL},
	{"warning", "Warning", 20, true, false, false, put_warning, NULL},
	{"contact", "Contact", 24, true, false, false, put_contact, NULL},
	{"findings", "Find", 4, false, false, true, put_findings,
	 value_findings},
};

const unsigned view_column_count =
	sizeof(view_columns) / sizeof(view_columns[0]);

uint8_t view_column_find(struct slice name)
{
	/* sngrep calls the verdict state, and --call has from and to. */
	static const struct {
		const char *name, *column;
	} others[] = {
		{"state", "verdict"}, {"from", "sipfrom"}, {"to", "sipto"}};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (slice_is(name, others[i].name))
			name = slice_of_text(others[i].column);
	for (unsigned i = 0; i < view_column_count; i++)
		if (slice_is(name, view_columns[i].name))
			return (uint8_t)i;
	return (uint8_t)view_column_count;
}
