/* Messages for the screens: in a line, and field by field. */
#include "config.h"

#include "cli/tui_feed.h"
#include "flow/contents.h"
#include "report/masking.h"

#define MESSAGE_MAX ((size_t)1 << 20)

const char *tui_method(unsigned code)
{
	const char *text = sip_method_text((enum sip_method)code);

	return text[0] ? text : "other";
}

/* The first word of a request, or what follows it in a response. */
static void put_start(struct feed *feed, const struct entry *e, struct text *to)
{
	struct text bytes = text_new(MESSAGE_MAX);
	struct slice line = {0}, word, rest;

	if (feed->bytes(feed, e, &bytes)) {
		rest = text_slice(&bytes);
		line = slice_trim(slice_split(&rest, '\n'));
	}
	word = slice_split(&line, ' ');
	if (e->kind == ENTRY_SIP_REQUEST)
		text_put(to, word);
	else if (line.n)
		text_put(to, line);
	else
		text_printf(to, "%u", e->code);
	text_free(&bytes);
}

/* "POST /WebTicket/...", "401 Unauthorized"; a query may tell secrets. */
static void put_web(struct feed *feed, const struct entry *e, struct text *to)
{
	struct text bytes = text_new(MESSAGE_MAX);
	struct slice line = {0}, rest;

	if (feed->bytes(feed, e, &bytes)) {
		rest = text_slice(&bytes);
		line = slice_trim(slice_split(&rest, '\n'));
	}
	text_puts(to, "HTTP ");
	if (e->code) {
		(void)slice_split(&line, ' ');
		text_put(to, line);
	} else {
		text_put(to, slice_split(&line, ' '));
		text_putc(to, ' ');
		line = slice_split(&line, ' ');
		text_put(to, slice_split(&line, '?'));
	}
	text_free(&bytes);
}

static void put_sip(struct feed *feed, const struct entry *e, struct text *to)
{
	const char *method = sip_method_text((enum sip_method)e->code);

	if (e->kind == ENTRY_SIP_REQUEST && method[0])
		text_puts(to, method);
	else
		put_start(feed, e, to);
	if (e->flags & ENTRY_SDP)
		text_puts(to, " (SDP)");
	if (e->flags & ENTRY_MRAS)
		text_puts(to, " (MRAS)");
}

static void put_stun(const struct entry *e, struct text *to)
{
	struct stun_message m = {
		.class = (enum stun_class)e->class,
		.method = e->code,
		.dialect = (enum stun_dialect)e->dialect,
		.error = e->error,
	};

	stun_method_text(&m, to);
	switch (m.class) {
	case STUN_SUCCESS:
		text_puts(to, " ok");
		break;
	case STUN_ERROR:
		text_printf(to, " %u %s", e->error,
			    stun_error_text(e->error, m.dialect));
		break;
	case STUN_REQUEST:
	case STUN_INDICATION:
		break;
	}
	if (e->flags & ENTRY_NOMINATES)
		text_puts(to, " nominates");
	if (e->flags & ENTRY_BAD)
		text_puts(to, " (bad integrity)");
}

struct handshake_row {
	uint16_t type;
	const char *name;
};

static const struct handshake_row handshake_rows[] = {
	{1, "Client Hello"},
	{2, "Server Hello"},
	{3, "Hello Verify Request"},
	{4, "New Session Ticket"},
	{11, "Certificate"},
	{12, "Server Key Exchange"},
	{13, "Certificate Request"},
	{14, "Server Hello Done"},
	{15, "Certificate Verify"},
	{16, "Client Key Exchange"},
	{20, "Finished"},
};

static void put_dtls(const struct entry *e, struct text *to)
{
	const size_t count = sizeof(handshake_rows) / sizeof(handshake_rows[0]);

	text_puts(to, "DTLS ");
	for (size_t i = 0; i < count; i++)
		if (handshake_rows[i].type == e->code) {
			text_puts(to, handshake_rows[i].name);
			return;
		}
	text_puts(to, e->code ? "handshake" : "alert");
}

static void put_icmp(const struct entry *e, struct text *to)
{
	const struct obstacle what = {.kind = (uint8_t)e->error};

	if (e->error == OBSTACLE_NONE)
		text_printf(to, "ICMP error %u/%u", e->code >> 8,
			    e->code & 0xFFu);
	else
		text_puts(to, obstacle_text(&what));
}

static void put_address(const struct sdp_candidate *c, struct text *to)
{
	if (c->endpoint.family != FAMILY_NONE) {
		endpoint_text(&c->endpoint, to);
		return;
	}
	text_put(to, c->host);
	text_printf(to, ":%u", c->port);
}

/* "told candidate host 192.0.2.1:5000" */
static void put_candidate(struct feed *feed, const struct entry *e,
			  struct text *to)
{
	struct text bytes = text_new(MESSAGE_MAX);
	struct sdp_candidate candidate;
	struct slice rest;
	size_t at;

	text_puts(to, "told candidate");
	if (feed->bytes(feed, e, &bytes) &&
	    slice_search(text_slice(&bytes), SLICE("candidate:"), &at)) {
		rest = slice_from(text_slice(&bytes), at + 10);
		if (sdp_candidate_parse(slice_trim(slice_split(&rest, '\n')),
					&candidate) == STATUS_OK) {
			text_putc(to, ' ');
			text_put(to, candidate.type_text);
			text_putc(to, ' ');
			put_address(&candidate, to);
		}
	}
	text_free(&bytes);
}

static void put_told(struct feed *feed, const struct entry *e, struct text *to)
{
	if (e->code == JSEP_CANDIDATE)
		put_candidate(feed, e, to);
	else
		text_printf(to, "told %s (SDP)",
			    jsep_kind_name((enum jsep_kind)e->code));
}

/* "says ICE: checking" */
static void put_said(struct feed *feed, const struct entry *e, struct text *to)
{
	struct text bytes = text_new(MESSAGE_MAX);
	struct slice rest;

	text_puts(to, "says");
	if (feed->bytes(feed, e, &bytes)) {
		rest = text_slice(&bytes);
		text_putc(to, ' ');
		masking_text(slice_trim(slice_split(&rest, '\n')),
			     feed->show_secrets, to);
	}
	text_free(&bytes);
}

void tui_label(struct feed *feed, const struct entry *e, struct text *to)
{
	switch ((enum entry_kind)e->kind) {
	case ENTRY_SIP_REQUEST:
	case ENTRY_SIP_RESPONSE:
		put_sip(feed, e, to);
		break;
	case ENTRY_STUN:
		put_stun(e, to);
		break;
	case ENTRY_DTLS:
		put_dtls(e, to);
		break;
	case ENTRY_ICMP:
		put_icmp(e, to);
		break;
	case ENTRY_MALFORMED:
		text_puts(to, "unreadable");
		break;
	case ENTRY_WEB:
		put_web(feed, e, to);
		break;
	case ENTRY_TOLD:
		put_told(feed, e, to);
		break;
	case ENTRY_SAID:
		put_said(feed, e, to);
		break;
	case ENTRY_RTP:
		text_puts(to, "RTP");
		break;
	}
}

/* ---- fields ---- */

static const struct dissector *dissector_of(const struct entry *e)
{
	switch ((enum entry_kind)e->kind) {
	case ENTRY_SIP_REQUEST:
	case ENTRY_SIP_RESPONSE:
		return &sip_dissector;
	case ENTRY_STUN:
		return &stun_dissector;
	case ENTRY_DTLS:
		return &dtls_dissector;
	case ENTRY_TOLD:
		return &sdp_dissector;
	case ENTRY_ICMP:
	case ENTRY_MALFORMED:
	case ENTRY_WEB:
	case ENTRY_SAID:
	case ENTRY_RTP:
		break;
	}
	return NULL;
}

/* What the bodies of a message hold, each as a group. */
static void walk_bodies(struct arena *arena, const struct sip_message *sip,
			struct field_sink *to)
{
	struct sip_content *contents =
		arena_array(arena, SIP_BODIES_MAX, sizeof(*contents));
	struct findings none = {0};
	size_t count =
		contents ? contents_read(arena, sip, &none, contents) : 0;

	for (size_t i = 0; i < count; i++) {
		const struct sip_content *c = &contents[i];

		if (!c->sdp && !c->mras && !c->provisioning && !c->qoe)
			continue;
		field_group(to, c->sdp            ? "sdp"
				: c->mras         ? "mras"
				: c->provisioning ? "provisioning"
						  : "qoe");
		if (c->sdp)
			sdp_walk(c->sdp, to);
		else if (c->mras)
			mras_walk(c->mras, to);
		else if (c->provisioning)
			provisioning_walk(c->provisioning, to);
		else
			qoe_walk(c->qoe, to);
		field_end(to);
	}
}

bool tui_fields(struct feed *feed, const struct entry *e, struct slice bytes,
		struct field_sink *to)
{
	struct tui_feed *f = tui_feed_of(feed);
	const struct dissector *dissector = dissector_of(e);
	struct decoding d = {.arena = &f->scratch};
	size_t used;
	void *message;

	arena_reset(&f->scratch);
	message = dissector ? arena_alloc(&f->scratch, dissector->size) : NULL;
	if (!message ||
	    dissector->decode(&d, bytes, message, &used) != STATUS_OK)
		return false;
	dissector->walk(message, to);
	if (dissector == &sip_dissector)
		walk_bodies(&f->scratch, message, to);
	return true;
}
