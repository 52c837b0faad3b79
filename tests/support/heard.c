/* Playing a wire to the middle of the house, and saying what came of it. */
#include "config.h"

#include "flow/stages.h"
#include "net/tls_keylog.h"
#include "tests/support/heard.h"
#include "tests/support/t.h"
#include "validate/verdict.h"

#define HEARD_MAX ((size_t)1 << 20)

static struct frame frame_of(const struct wire *w, size_t at)
{
	return (struct frame){
		.number = at + 1,
		.time = w->times[at],
		.has_time = true,
		.link_type = LINKTYPE_RAW,
		.wire_length = (uint32_t)w->frames[at].n,
		.bytes = w->frames[at],
	};
}

static void play_frames(const struct wire *w, size_t from, size_t to,
			struct driver *driver)
{
	for (size_t i = from; i < to; i++) {
		struct frame frame = frame_of(w, i);

		assert_int_equal(driver_frame(driver, &frame), STATUS_OK);
	}
}

static void play(const struct wire *w, struct driver *driver)
{
	play_frames(w, 0, w->count, driver);
	driver_finish(driver);
}

/* ---- messages as lines ---- */

static void sip_line(const struct sip_message *m, struct text *to)
{
	text_puts(to, "sip ");
	if (!m->request)
		text_printf(to, "%u ", m->status);
	text_put(to, m->request ? m->method_text : m->cseq_method);
}

static const char *findings_line(const struct message *m)
{
	return m->findings && m->findings->count ? m->findings->list[0].rule->id
						 : "nothing";
}

static const char *hello_line(enum hello hello)
{
	static const char *const words[] = {
		[HELLO_OF_CLIENT] = "client", [HELLO_OF_SERVER] = "server",
		[HELLO_AS_TLS] = "tls",       [HELLO_AS_HTTP] = "http",
		[HELLO_AS_OTHER] = "other",   [HELLO_TOO_EARLY] = "early",
	};

	return words[hello];
}

static void what_line(const struct message *m, struct text *to)
{
	switch (m->kind) {
	case MESSAGE_SIP:
		sip_line(m->u.sip, to);
		break;
	case MESSAGE_STUN:
		text_printf(to, "stun %04x %s", m->u.stun->type,
			    integrity_name(m->integrity));
		break;
	case MESSAGE_CHANNEL_DATA:
		text_printf(to, "channel %04x", m->u.channel->channel);
		break;
	case MESSAGE_MALFORMED:
		text_printf(to, "malformed %s", m->u.expected);
		break;
	case MESSAGE_DTLS:
		text_puts(to, "dtls");
		break;
	case MESSAGE_TLS:
		text_puts(to, "tls");
		break;
	case MESSAGE_TOLD:
		text_puts(to, "told");
		break;
	case MESSAGE_DNS:
		text_puts(to, "dns");
		break;
	case MESSAGE_ICMP:
		text_puts(to, "icmp");
		break;
	case MESSAGE_HOLE:
		text_printf(to, "hole %s of %u",
			    m->u.hole.kind == TCP_HOLE_CAPTURE ? "capture"
							       : "network",
			    (unsigned)m->u.hole.size);
		break;
	case MESSAGE_KEEPALIVE:
	case MESSAGE_TCP:
		text_puts(to, "end");
		break;
	case MESSAGE_HELLO:
		text_printf(to, "hello %s", hello_line(m->u.hello));
		break;
	case MESSAGE_FINDING:
		text_puts(to, findings_line(m));
		break;
	case MESSAGE_REMARK:
		text_puts(to, "remark");
		break;
	case MESSAGE_WEB:
		text_puts(to, "web");
		break;
	}
	if (m->payload != PAYLOAD_NONE)
		text_printf(to, " (%s)", payload_name(m->payload));
}

static void take_line(void *context, const struct message *m)
{
	struct text *to = context;

	if (m->kind == MESSAGE_TCP || m->kind == MESSAGE_KEEPALIVE)
		return;
	text_printf(to, "%u ", (unsigned)m->from.frame);
	what_line(m, to);
	text_putc(to, ' ');
	wire_end_text(&m->from.src, to);
	text_puts(to, " > ");
	wire_end_text(&m->from.dst, to);
	if (m->from.transport != TRANSPORT_UDP)
		text_printf(to, " %s", transport_name(m->from.transport));
	for (unsigned i = 0; i < m->from.wrap_count; i++)
		text_printf(to, "%s%s", i ? "," : " in ",
			    wrap_name((enum wrap)m->from.wraps[i]));
	text_putc(to, '\n');
}

static char *string_of(struct text *text)
{
	char *out = calloc(1, text->n + 1);

	assert_non_null(out);
	assert_int_equal(text->failed, STATUS_OK);
	if (text->n)
		memcpy(out, text->p, text->n);
	text_free(text);
	return out;
}

/* Where the driver says that nothing came late, the second time tells no
 * more than the first. */
static void play_again(const struct wire *w, struct driver *driver,
		       struct text *text)
{
	bool late = driver_late(driver);
	struct text before = *text;

	*text = text_new(HEARD_MAX);
	driver_restart(driver);
	play(w, driver);
	if (!late)
		t_equal_bytes(text_slice(text), text_slice(&before));
	text_free(&before);
}

struct hearing {
	struct text *lines;
	bool sip_only;
};

static void take_checked(void *context, const struct message *m)
{
	struct hearing *h = context;

	if (h->sip_only) {
		assert_int_equal(m->kind, MESSAGE_SIP);
		assert_int_equal(m->content_count, 0);
	}
	take_line(h->lines, m);
}

/* As play(), but what can be is read early. */
static void play_early(const struct wire *w, struct driver *driver)
{
	struct arena arena = arena_new(SIZE_MAX);
	struct early early;

	for (size_t i = 0; i < w->count; i++) {
		struct frame frame = frame_of(w, i);
		bool any = early_skim(&frame, &arena, &early);

		assert_int_equal(
			driver_frame_early(driver, &frame, any ? &early : NULL),
			STATUS_OK);
		arena_reset(&arena);
	}
	driver_finish(driver);
	arena_free(&arena);
}

/* Whoever skims first, early or not, hears of SIP, and all of it: that makes
 * no difference to the reading that follows. */
static void skim_and_hear(const struct wire *w, struct slice want)
{
	struct keyring *keys = keyring_new();
	struct text text = text_new(HEARD_MAX), early = text_new(HEARD_MAX);
	struct hearing hearing = {.lines = &text, .sip_only = true};
	struct message_sink sink = {.context = &hearing, .take = take_checked};
	struct driver *driver = driver_new(keys, &sink);

	assert_non_null(driver);
	driver_skim(driver);
	play(w, driver);
	driver_restart(driver);
	hearing.lines = &early;
	driver_skim(driver);
	play_early(w, driver);
	driver_restart(driver);
	t_equal_bytes(text_slice(&early), text_slice(&text));
	text_free(&text);
	text_free(&early);
	text = text_new(HEARD_MAX);
	hearing = (struct hearing){.lines = &text};
	play(w, driver);
	t_equal_bytes(text_slice(&text), want);
	text_free(&text);
	driver_free(driver);
	keyring_free(keys);
}

char *heard(const struct wire *w, struct keyring *keys, bool learn)
{
	struct keyring *own = keys ? NULL : keyring_new();
	struct text text = text_new(HEARD_MAX);
	struct message_sink sink = {.context = &text, .take = take_line};
	struct driver *driver = driver_new(keys ? keys : own, &sink);

	assert_non_null(driver);
	play(w, driver);
	if (!keys)
		skim_and_hear(w, text_slice(&text));
	if (learn)
		play_again(w, driver, &text);
	driver_free(driver);
	keyring_free(own);
	return string_of(&text);
}

static void learn_keys(struct driver *driver, const char *keylog)
{
	struct keylog_report report;

	assert_int_equal(keylog_read(slice_of_text(keylog),
				     driver_tls_secrets(driver), &report),
			 STATUS_OK);
	driver_take_secrets(driver);
}

static char *with_keylog(const struct wire *w, const char *keylog,
			 size_t frames, bool live)
{
	struct keyring *keys = keyring_new();
	struct text text = text_new(HEARD_MAX);
	struct message_sink sink = {.context = &text, .take = take_line};
	struct driver *driver = driver_new(keys, &sink);

	assert_non_null(driver);
	if (live)
		driver_await_secrets(driver);
	play_frames(w, 0, frames, driver);
	learn_keys(driver, keylog);
	play_frames(w, frames, w->count, driver);
	driver_finish(driver);
	if (!live && driver_late(driver))
		play_again(w, driver, &text);
	driver_free(driver);
	keyring_free(keys);
	return string_of(&text);
}

char *heard_mended(const struct wire *w)
{
	struct keyring *keys = keyring_new();
	struct text text = text_new(HEARD_MAX);
	struct message_sink sink = {.context = &text, .take = take_line};
	struct driver *driver = driver_new(keys, &sink);

	assert_non_null(driver);
	driver_mend_order(driver);
	play(w, driver);
	play_again(w, driver, &text);
	driver_free(driver);
	keyring_free(keys);
	return string_of(&text);
}

char *heard_tls(const struct wire *w, const char *keylog, size_t frames)
{
	return with_keylog(w, keylog, frames, false);
}

char *heard_tls_live(const struct wire *w, const char *keylog, size_t frames)
{
	return with_keylog(w, keylog, frames, true);
}

char *heard_tls_growing(const struct wire *w, const char *const keylogs[2],
			const size_t frames[2])
{
	struct keyring *keys = keyring_new();
	struct text text = text_new(HEARD_MAX);
	struct message_sink sink = {.context = &text, .take = take_line};
	struct driver *driver = driver_new(keys, &sink);

	assert_non_null(driver);
	driver_await_secrets(driver);
	play_frames(w, 0, frames[0], driver);
	learn_keys(driver, keylogs[0]);
	play_frames(w, frames[0], frames[1], driver);
	learn_keys(driver, keylogs[1]);
	play_frames(w, frames[1], w->count, driver);
	driver_finish(driver);
	driver_free(driver);
	keyring_free(keys);
	return string_of(&text);
}

static void compare(char *got, const char *want, const char *file, int line)
{
	bool same = strcmp(got, want) == 0;

	if (!same)
		print_error("heard:\n%swanted:\n%s", got, want);
	free(got);
	if (!same)
		_fail(file, line);
}

void assert_heard_at(const struct wire *w, const char *want, const char *file,
		     int line)
{
	compare(heard(w, NULL, true), want, file, line);
}

void assert_heard_tls_at(const struct wire *w, const char *keylog,
			 size_t frames, const char *want, const char *file,
			 int line)
{
	compare(heard_tls(w, keylog, frames), want, file, line);
}

static void take_nothing(void *context, const struct message *m)
{
	(void)context;
	(void)m;
}

struct driver_counts heard_counts(const struct wire *w)
{
	struct keyring *keys = keyring_new();
	struct message_sink sink = {.take = take_nothing};
	struct driver *driver = driver_new(keys, &sink);
	struct driver_counts counts;

	assert_non_null(driver);
	play(w, driver);
	counts = *driver_counts(driver);
	driver_free(driver);
	keyring_free(keys);
	return counts;
}

/* ---- the model ---- */

/* NULL: what comes first only teaches the driver. */
static void take_at_last(void *context, const struct message *m)
{
	struct stages **stages = context;

	if (*stages)
		stages_take(*stages, m);
}

void heard_model(const struct wire *w, struct keyring *keys,
		 struct model *model)
{
	struct keyring *own = keys ? NULL : keyring_new();
	struct stages *stages = NULL;
	struct message_sink sink = {&stages, take_at_last};
	struct driver *driver;

	model_init(model);
	driver = driver_new(keys ? keys : own, &sink);
	assert_non_null(driver);
	play(w, driver);
	driver_restart(driver);
	stages = stages_new(model, keys ? keys : own);
	assert_non_null(stages);
	play(w, driver);
	stages_finish(stages, driver_media(driver));
	driver_inventory(driver, &model->inventory);
	verdict_all(model, 1);
	driver_free(driver);
	stages_free(stages);
	keyring_free(own);
}

static char state_letter(enum stage_state state)
{
	switch (state) {
	case STATE_OK:
		return 'O';
	case STATE_FAILED:
		return 'F';
	case STATE_INCOMPLETE:
		return 'I';
	case STATE_INFERRED:
		return '~';
	case STATE_UNSEEN:
		return '?';
	case STATE_UNNEEDED:
		return '-';
	}
	return '!';
}

/* Of a single message's bytes: stories leave much out of theirs. */
static bool is_of_bytes(const struct rule *rule)
{
	return strstr(rule->id, "/sip-") || strstr(rule->id, "/sdp-") ||
	       strstr(rule->id, "/stun-");
}

static const char *rule_text(const struct model *model, const struct call *call)
{
	if (call->rule)
		return call->rule->id;
	for (size_t i = call->notes.first; i != LIST_NONE;) {
		const struct note *note = list_at(&model->notes, i);

		if (!note->rule->check && !is_of_bytes(note->rule))
			return note->rule->id;
		i = note->next;
	}
	return "-";
}

void call_text(const struct model *model, const struct call *call,
	       struct text *to)
{
	static const char *const kinds[] = {
		[CALL_DIALOG] = "call",
		[CALL_ICE] = "ice",
		[CALL_ATTEMPT] = "attempt",
	};

	text_printf(to, "%s %s %s %s ", kinds[call->kind],
		    outcome_name(call->outcome),
		    call->stopped == STAGE_NONE ? "-"
						: stage_name(call->stopped),
		    rule_text(model, call));
	for (size_t i = 0; i < STAGES; i++)
		text_putc(to, state_letter(call->stages[i].state));
	text_putc(to, '\n');
}

char *heard_calls(const struct wire *w)
{
	struct text text = text_new(HEARD_MAX);
	struct model model;

	heard_model(w, NULL, &model);
	for (size_t i = 0; i < model.calls.count; i++)
		call_text(&model, list_at(&model.calls, i), &text);
	model_free(&model);
	return string_of(&text);
}
