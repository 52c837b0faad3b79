/*
 * mrascope frames: one JSON object a line for every signalling message.
 *
 * Lines go out as they come until something is met that may be judged better
 * by and by (a check whose key is not known yet).  From there on they wait in a
 * temporary file; if the key comes, the captures are read again and the rest
 * is written anew.
 */
#include "config.h"

#include <inttypes.h>

#include "cli/pipeline.h"
#include "report/json.h"
#include "report/secrets.h"

#define BUFFER_FLUSH ((size_t)65536)
#define BUFFER_MAX ((size_t)64 << 20)

/* So many errors in the traffic are said; more are counted. */
#define COMPLAINTS_MAX 20u

struct frames {
	struct text line;
	struct json json; /* writes to it */
	FILE *out;
	FILE *waiting;  /* NULL while lines go straight out */
	uint64_t final; /* lines that went out for good */
	uint64_t skip;  /* of a second telling: those that are out already */
	bool second;
	bool stuck; /* there was no place to wait */
	bool failed;
	const struct pipeline *pipeline;
	bool quiet;
	bool show_secrets;
	uint64_t complaints;
	bool found[SEVERITY_ERROR + 1]; /* by severity */
};

/* Where it stands in a log, and the whole of it as the log has it. */
static void write_record(struct json *j, const struct record *record,
			 bool with_text)
{
	json_key(j, "record");
	json_object(j);
	json_key(j, "offset");
	json_number(j, record->offset);
	json_key(j, "id");
	if (record->id.n)
		json_string(j, record->id);
	else
		json_null(j);
	json_key(j, "truncated");
	json_bool(j, record->cut);
	if (with_text) {
		json_key(j, "text");
		json_string(j, record->text);
	}
	json_object_end(j);
}

static void write_origin(struct json *j, const struct origin *from)
{
	json_key(j, "file");
	json_number(j, from->file);
	json_key(j, "frame");
	json_number(j, from->frame);
	json_key(j, "time");
	json_time(j, from->time);
	json_key(j, "src");
	json_endpoint(j, &from->src);
	json_key(j, "dst");
	json_endpoint(j, &from->dst);
	json_key(j, "transport");
	json_text(j, transport_name(from->transport));
	json_key(j, "wrap");
	json_array(j);
	for (unsigned i = 0; i < from->wrap_count; i++)
		json_text(j, wrap_name((enum wrap)from->wraps[i]));
	json_array_end(j);
}

static void write_sdp(struct json *j, const struct sdp *sdp)
{
	struct slice connection = sdp->transport.connection;

	if (connection.n == 0 && sdp->media_count)
		connection = sdp->media[0].transport.connection;
	json_key(j, "connection");
	if (connection.n)
		json_string(j, connection);
	else
		json_null(j);
	json_key(j, "media");
	json_array(j);
	for (size_t i = 0; i < sdp->media_count; i++)
		if (sdp->media[i].kind.n)
			json_string(j, sdp->media[i].kind);
	json_array_end(j);
	json_key(j, "candidates");
	json_number(j, sdp->candidate_count);
}

/* Number and method: where line ends are damaged other headers stand behind
 * them. */
static void write_cseq(struct json *j, struct slice value)
{
	struct slice number = sip_word(value);
	struct slice rest = slice_from(value, number.n), method;

	while (rest.n && (rest.p[0] == ' ' || rest.p[0] == '\t'))
		rest = slice_from(rest, 1);
	method = sip_word(rest);
	json_string(j,
		    slice_first(value, method.n ? (size_t)(method.p - value.p) +
							  method.n
						: number.n));
}

static void write_sip(struct json *j, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;

	json_key(j, "sip");
	json_object(j);
	json_key(j, "method");
	if (sip->request)
		json_string(j, sip->method_text);
	else
		json_null(j);
	json_key(j, "status");
	if (sip->request)
		json_null(j);
	else
		json_number(j, sip->status);
	json_key(j, "call_id");
	json_string(j, sip->call_id);
	json_key(j, "cseq");
	write_cseq(j, sip_value(sip, SIP_CSEQ));
	json_key(j, "bodies");
	json_array(j);
	for (size_t i = 0; i < m->content_count; i++) {
		json_object(j);
		json_key(j, "type");
		if (m->contents[i].body.type.n)
			json_string(j, m->contents[i].body.type);
		else
			json_null(j);
		if (m->contents[i].sdp)
			write_sdp(j, m->contents[i].sdp);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

static const char *fingerprint_word(enum stun_fingerprint fingerprint)
{
	switch (fingerprint) {
	case FINGERPRINT_OK:
	case FINGERPRINT_OK_MS_TABLE:
		return "ok";
	case FINGERPRINT_BAD:
		return "bad";
	case FINGERPRINT_ABSENT:
		break;
	}
	return "absent";
}

static void write_payload(struct json *j, enum payload payload)
{
	json_key(j, "payload");
	if (payload == PAYLOAD_NONE)
		json_null(j);
	else
		json_text(j, payload_name(payload));
}

static void write_stun(struct json *j, const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	struct text method = text_new(64);

	stun_method_text(stun, &method);
	json_key(j, "stun");
	json_object(j);
	json_key(j, "class");
	json_text(j, stun_class_text(stun->class));
	json_key(j, "method");
	json_string(j, text_slice(&method));
	json_key(j, "type");
	json_code(j, stun->type);
	json_key(j, "txid");
	json_hex(j, stun_transaction(stun));
	json_key(j, "dialect");
	json_text(j, stun_dialect_text(stun->dialect));
	json_key(j, "attributes");
	json_array(j);
	for (size_t i = 0; i < stun->attribute_count; i++)
		json_code(j, stun->attributes[i].type);
	json_array_end(j);
	write_payload(j, m->payload);
	json_key(j, "integrity");
	json_text(j, integrity_name(m->integrity));
	json_key(j, "fingerprint");
	json_text(j, fingerprint_word(m->fingerprint));
	json_key(j, "error");
	if (stun->error)
		json_number(j, stun->error);
	else
		json_null(j);
	json_object_end(j);
	text_free(&method);
}

static void write_channel_data(struct json *j, const struct message *m)
{
	json_key(j, "channel_data");
	json_object(j);
	json_key(j, "channel");
	json_code(j, m->u.channel->channel);
	json_key(j, "length");
	json_number(j, m->u.channel->data.n);
	write_payload(j, m->payload);
	json_object_end(j);
}

/* The finding that weighs most; NULL when there is none. */
static const struct rule *worst(const struct findings *findings)
{
	const struct rule *rule = NULL;

	for (size_t i = 0; findings && i < findings->count; i++)
		if (!rule || findings->list[i].rule->severity > rule->severity)
			rule = findings->list[i].rule;
	return rule;
}

/* The first candidate; NULL: there is none. */
static const struct sdp_candidate *candidate_of(const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->media_count; i++)
		if (sdp->media[i].candidate_count)
			return &sdp->media[i].candidates[0];
	return NULL;
}

/* A description, or a candidate, in JSON. */
static void write_told(struct json *j, const struct message *m)
{
	const struct told_sdp *told = m->u.told;
	const struct sdp_candidate *candidate = candidate_of(told->sdp);

	json_key(j, "told");
	json_object(j);
	json_key(j, "kind");
	json_text(j, jsep_kind_name(told->kind));
	write_sdp(j, told->sdp);
	json_key(j, "candidate");
	if (told->kind == JSEP_CANDIDATE && candidate && !candidate->password.n)
		json_string(j, candidate->line);
	else
		json_null(j);
	json_object_end(j);
}

static void write_malformed(struct json *j, const struct message *m)
{
	const struct rule *rule = worst(m->findings);

	json_key(j, "malformed");
	json_object(j);
	json_key(j, "expected");
	json_text(j, m->u.expected);
	json_key(j, "reason");
	json_text(j, rule ? rule->title : m->reason);
	json_object_end(j);
}

/* What a program says beside its messages. */
static void write_remark(struct json *j, const struct message *m)
{
	static const char *const levels[] = {[RECORD_PLAIN] = "info",
					     [RECORD_WARNS] = "warning",
					     [RECORD_FAILS] = "error"};
	const struct record *record = m->u.record;

	json_key(j, "log");
	json_object(j);
	json_key(j, "kind");
	json_text(j,
		  record->kind == RECORD_DIAGNOSTIC ? "diagnostic" : "trace");
	json_key(j, "level");
	json_text(j, levels[record->level]);
	json_object_end(j);
}

struct kind_row {
	enum message_kind kind;
	const char *name;
	void (*write)(struct json *j, const struct message *m);
};

static const struct kind_row kind_rows[] = {
	{MESSAGE_SIP, "sip", write_sip},
	{MESSAGE_STUN, "stun", write_stun},
	{MESSAGE_CHANNEL_DATA, "channel_data", write_channel_data},
	{MESSAGE_MALFORMED, "malformed", write_malformed},
	{MESSAGE_REMARK, "log", write_remark},
	{MESSAGE_TOLD, "told", write_told},
};

static void flush(struct frames *f)
{
	FILE *to = f->waiting ? f->waiting : f->out;

	if (f->line.n && fwrite(f->line.p, 1, f->line.n, to) != f->line.n)
		f->failed = true;
	text_clear(&f->line);
}

/* From here on lines may have to be written anew. */
static void hold_back(struct frames *f)
{
	if (f->second || f->waiting || f->stuck || !f->pipeline->rereadable ||
	    !driver_unsure(f->pipeline->driver))
		return;
	flush(f);
	f->waiting = tmpfile();
	f->stuck = !f->waiting;
}

static void let_go(struct frames *f)
{
	char block[16384];
	size_t n;

	flush(f);
	if (!f->waiting)
		return;
	rewind(f->waiting);
	while ((n = fread(block, 1, sizeof(block), f->waiting)) > 0)
		if (fwrite(block, 1, n, f->out) != n)
			f->failed = true;
	if (ferror(f->waiting))
		f->failed = true;
	fclose(f->waiting);
	f->waiting = NULL;
}

/* Without a place to wait all lines are out: the first telling stands. */
static bool start_over(void *context)
{
	struct frames *f = context;

	if (f->stuck)
		return false;
	/* No line came since something was unsure: all of them stand. */
	if (!f->waiting) {
		flush(f);
	} else {
		text_clear(&f->line);
		fclose(f->waiting);
		f->waiting = NULL;
	}
	f->second = true;
	f->skip = f->final;
	f->quiet = true; /* what is wrong was said the first time */
	return true;
}

/* A message shows its tokens and passwords. */
static bool shows_text(const struct frames *f, const struct message *m)
{
	return f->show_secrets || (m->kind == MESSAGE_REMARK &&
				   !secret_may_be_in(m->from.record->text));
}

static void write_line(struct frames *f, const struct kind_row *row,
		       const struct message *m)
{
	struct json *j = &f->json;

	hold_back(f);
	if (f->second && f->skip) {
		f->skip--;
		return;
	}
	if (!f->waiting)
		f->final++;
	json_object(j);
	write_origin(j, &m->from);
	if (m->from.record)
		write_record(j, m->from.record, shows_text(f, m));
	json_key(j, "proto");
	json_text(j, row->name);
	row->write(j, m);
	json_object_end(j);
	text_putc(&f->line, '\n');
	if (f->line.n >= BUFFER_FLUSH)
		flush(f);
}

static void complain(struct frames *f, const struct origin *from,
		     const char *what, const char *source)
{
	if (f->quiet || ++f->complaints > COMPLAINTS_MAX)
		return;
	fprintf(stderr, "mrascope: %s: frame %" PRIu64 ": %s%s%s%s\n",
		capture_set_path(f->pipeline->set, from->file), from->frame,
		what, source ? " [" : "", source ? source : "",
		source ? "]" : "");
}

/* What is wrong enough to be said aloud, beside the lines. */
static void complain_of(struct frames *f, const struct message *m)
{
	bool said = false;

	for (size_t i = 0; m->findings && i < m->findings->count; i++) {
		const struct rule *rule = m->findings->list[i].rule;

		f->found[rule->severity] = true;
		if (rule->severity != SEVERITY_ERROR &&
		    m->kind != MESSAGE_FINDING && m->kind != MESSAGE_MALFORMED)
			continue;
		complain(f, &m->from, rule->title, rule->source);
		said = true;
	}
	if (m->kind == MESSAGE_MALFORMED && !said)
		complain(f, &m->from,
			 m->reason ? m->reason : "a message cannot be read",
			 NULL);
}

static void take(void *context, const struct message *m)
{
	complain_of(context, m);
	for (size_t i = 0; i < sizeof(kind_rows) / sizeof(kind_rows[0]); i++)
		if (kind_rows[i].kind == m->kind)
			write_line(context, &kind_rows[i], m);
}

int command_frames(const struct options *options)
{
	struct pipeline pipeline = {0};
	struct frames frames = {.line = text_new(BUFFER_MAX),
				.pipeline = &pipeline,
				.quiet = options->quiet,
				.show_secrets = options->show_secrets};
	struct message_sink sink = {.context = &frames, .take = take};
	struct pipeline_listener listener = {.context = &frames,
					     .again = start_over,
					     .stop = &frames.failed};
	int status;

	frames.json = json_to(&frames.line);
	if (!pipeline_open(&pipeline, options, &sink, &status)) {
		pipeline_close(&pipeline);
		return status;
	}
	frames.out = pipeline_output(options);
	if (!frames.out) {
		pipeline_close(&pipeline);
		return EXIT_USAGE;
	}
	(void)pipeline_run(&pipeline, &listener);
	let_go(&frames);
	if (frames.complaints > COMPLAINTS_MAX)
		fprintf(stderr, "mrascope: and %" PRIu64 " more like these\n",
			frames.complaints - COMPLAINTS_MAX);
	status = pipeline_status(&pipeline);
	if (!pipeline_output_close(options, frames.out) && status == EXIT_FINE)
		status = EXIT_INPUT;
	if (status == EXIT_FINE && options->fails &&
	    (frames.found[SEVERITY_ERROR] ||
	     (options->fail_on == SEVERITY_WARNING &&
	      frames.found[SEVERITY_WARNING])))
		status = EXIT_FINDINGS;
	text_free(&frames.line);
	pipeline_close(&pipeline);
	return status;
}
