/* What a probe found, for people: a table, and what to do next. */
#include "config.h"

#include <string.h>

#include "cli/probe_parts.h"

#define TEXT_MAX ((size_t)1 << 20)
#define LABEL 17
#define CELL 9

/* What has a column; the rest is told below where it matters. */
static const enum probe_step columns[] = {
	PROBE_CONNECT, PROBE_SECURE,  PROBE_BINDING,      PROBE_ALLOCATE,
	PROBE_ECHO,    PROBE_CHANNEL, PROBE_ECHO_CHANNEL,
};
static const char *const heads[] = {
	"connect", "TLS", "Binding", "Allocate", "echo", "channel", "echo",
};
static const char *const ms_heads[] = {
	"connect", "hello", "Binding", "Allocate", "echo", "active", "echo",
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void put_right(struct text *to, const char *s, int width)
{
	text_printf(to, "%*s", width, s);
}

static void put_ms(struct text *to, nanoseconds took)
{
	text_printf(to, "%.*f ms", took < 100 * NS_PER_MS ? 1 : 0,
		    (double)took / (double)NS_PER_MS);
}

static void put_cell(struct text *to, const struct probe_result *r)
{
	struct text cell = text_new(32);

	switch (r->state) {
	case PROBE_OK:
		put_ms(&cell, r->took);
		break;
	case PROBE_FAILED:
		if (r->code)
			text_printf(&cell, "FAIL %u", r->code);
		else
			text_puts(&cell, "FAIL");
		break;
	case PROBE_REFUSED_SO:
		text_printf(&cell, "%u", r->code);
		break;
	case PROBE_UNNEEDED:
		text_puts(&cell, "-");
		break;
	case PROBE_UNTRIED:
	case PROBE_RUNS:
		text_puts(&cell, ".");
		break;
	}
	text_putc(&cell, '\0');
	put_right(to, cell.p, CELL);
	text_free(&cell);
}

/* "tcp 3478, IPv6" */
static void put_way(struct text *to, const struct probe_target *t)
{
	text_printf(to, "%s %u%s", probe_transport_text(t->transport),
		    (unsigned)t->server.port,
		    t->server.family == FAMILY_IPV6 ? ", IPv6" : "");
}

static void put_row(struct text *to, const struct probe_target *t)
{
	size_t start = to->n;

	put_way(to, t);
	while (to->n - start < LABEL)
		text_putc(to, ' ');
	for (size_t i = 0; i < COLUMNS; i++)
		put_cell(to, &t->report.steps[columns[i]]);
	text_putc(to, '\n');
}

/* ---- below the table ---- */

static void put_captured(struct text *to, const char *s)
{
	text_escaped(to, slice_of_text(s ? s : ""));
}

static void put_good(struct text *to, const struct probe_target *t)
{
	const struct probe_report *r = &t->report;

	if (r->mapped.family != FAMILY_NONE) {
		text_puts(to, "    you are ");
		endpoint_text(&r->mapped, to);
	}
	if (r->relayed.family != FAMILY_NONE) {
		text_puts(to, ", relay ");
		endpoint_text(&r->relayed, to);
		text_printf(to, " for %u s", (unsigned)r->lifetime);
	}
	if (r->mapped.family != FAMILY_NONE)
		text_putc(to, '\n');
	if (r->peer_kind == PEER_NONE)
		return;
	text_puts(to, r->peer_kind == PEER_OWN
			      ? "    echo from a socket of ours at "
			      : "    echo from a second allocation at ");
	endpoint_text(&r->peer, to);
	if (r->own_trouble)
		text_printf(to, " (a socket of ours: %s)",
			    probe_trouble_row(r->own_trouble)->text);
	text_printf(to, ", %u of %u datagrams came back\n", r->echoes_back,
		    r->echoes_sent);
}

/* "Allocate: 401 Unauthorized: the credentials are refused" and advice. */
static void put_trouble(struct text *to, const struct probe_target *t,
			enum probe_step step)
{
	const struct probe_result *r = &t->report.steps[step];
	const struct probe_trouble_row *row = probe_trouble_row(r->trouble);
	bool ms = t->transport == OVER_PSEUDO_TLS;

	text_printf(to, "    %s: ", probe_step_text(step, ms));
	text_puts(to, row->text);
	if (r->code || r->reason[0])
		text_puts(to, " (");
	if (r->code)
		text_printf(to, "%u%s", r->code, r->reason[0] ? " " : "");
	put_captured(to, r->reason);
	if (r->code || r->reason[0])
		text_putc(to, ')');
	if (r->unproved)
		text_puts(to, ", in a reply without integrity");
	if (r->sends > 1)
		text_printf(to, "; asked %u times", r->sends);
	text_putc(to, '\n');
	if (row->advice[0])
		text_printf(to, "      -> %s\n", row->advice);
}

static void put_remarks(struct text *to, const struct probe_target *t)
{
	put_way(to, t);
	text_puts(to, "\n");
	put_good(to, t);
	for (unsigned i = 0; i < PROBE_STEPS; i++)
		if (t->report.steps[i].trouble)
			put_trouble(to, t, (enum probe_step)i);
	if (t->report.redirects) {
		text_printf(to, "    sent on %u times, to ",
			    t->report.redirects);
		endpoint_text(&t->report.server, to);
		text_putc(to, '\n');
	}
}

/* ---- NAT ---- */

static const char *obstacle_text(enum nat_obstacle obstacle)
{
	static const char *const texts[] = {
		[NAT_OBSTACLE_NONE] = "",
		[NAT_OBSTACLE_UNANSWERED] = "nothing answers",
		[NAT_OBSTACLE_NOT_OFFERED] =
			"the server has no second address (RFC 5780)",
		[NAT_OBSTACLE_OTHER_SILENT] =
			"the server's second address does not answer",
		[NAT_OBSTACLE_NOT_HONOURED] =
			"the server does not answer from its second address",
	};

	return texts[obstacle];
}

static void put_behaviour(struct text *to, const char *what,
			  enum nat_behaviour is, enum nat_obstacle obstacle)
{
	text_printf(to, "    %-10s %s", what, nat_behaviour_text(is));
	if (is == NAT_UNKNOWN && obstacle)
		text_printf(to, ": %s", obstacle_text(obstacle));
	text_putc(to, '\n');
}

static void put_nat(struct text *to, const struct nat_report *n)
{
	static const char *const answers[] = {
		[NAT_NO] = "no", [NAT_YES] = "yes", [NAT_NOT_KNOWN] = "-"};

	text_puts(to, "NAT, as RFC 5780 asks: ");
	endpoint_text(&n->local, to);
	if (n->mapping == NAT_NONE) {
		text_puts(to, " is seen as it is: no NAT\n");
	} else {
		text_puts(to, " is seen as ");
		endpoint_text(&n->mapped, to);
		text_putc(to, '\n');
		put_behaviour(to, "mapping", n->mapping, n->obstacle);
	}
	put_behaviour(to, "filtering", n->filtering, n->filter_obstacle);
	if (n->mapping != NAT_NONE)
		text_printf(to, "    %-10s %s\n", "hairpin",
			    answers[n->hairpin]);
	if (n->mapping == NAT_ADDRESS_DEPENDENT ||
	    n->mapping == NAT_ADDRESS_AND_PORT_DEPENDENT)
		text_puts(to, "      -> between two such NATs only a relay "
			      "connects\n");
}

/* ---- all ---- */

static void put_head(struct text *to, const struct probe_session *s,
		     const struct probe_target *t)
{
	const struct probe_report *r = &t->report;

	put_captured(to, t->host);
	text_puts(to, s->ms_turn ? ", MS-TURN" : "");
	if (r->realm[0]) {
		text_puts(to, ", realm ");
		put_captured(to, r->realm);
	}
	if (r->software[0]) {
		text_puts(to, ", ");
		put_captured(to, r->software);
	}
	text_puts(to, "\n\n");
	for (unsigned i = 0; i < LABEL; i++)
		text_putc(to, ' ');
	for (size_t i = 0; i < COLUMNS; i++)
		put_right(to, (s->ms_turn ? ms_heads : heads)[i], CELL);
	text_putc(to, '\n');
}

static void put_server(struct text *to, const struct probe_session *s,
		       size_t from, size_t end)
{
	size_t named = from;

	/* Who has got furthest knows most of it. */
	for (size_t i = from; i < end; i++)
		if (s->targets[i].report.software[0] ||
		    (!s->targets[named].report.realm[0] &&
		     s->targets[i].report.realm[0]))
			named = i;
	put_head(to, s, &s->targets[named]);
	for (size_t i = from; i < end; i++)
		put_row(to, &s->targets[i]);
	text_putc(to, '\n');
	for (size_t i = from; i < end; i++)
		put_remarks(to, &s->targets[i]);
	text_putc(to, '\n');
	for (size_t i = from; i < end; i++)
		if (s->targets[i].nat_ran) {
			put_nat(to, &s->targets[i].nat);
			text_putc(to, '\n');
		}
}

/* ---- the token ---- */

static void put_relays(struct text *to, const struct probe_token *t)
{
	const struct mras_client_report *r = &t->result.report;

	for (size_t i = 0; i < r->relay_count; i++) {
		text_puts(to, "    relay ");
		put_captured(to, r->relays[i].host);
		if (r->relays[i].location[0])
			text_puts(to, ", ");
		put_captured(to, r->relays[i].location);
		if (r->relays[i].udp_port)
			text_printf(to, ", udp %u", r->relays[i].udp_port);
		if (r->relays[i].tcp_port)
			text_printf(to, ", tcp %u", r->relays[i].tcp_port);
		text_puts(to, t->lost[i] ? ": the name has no address here\n"
					 : "\n");
	}
}

static void put_token(struct text *to, const struct probe_session *s)
{
	const struct probe_token *t = &s->token;
	const struct mras_client_report *r = &t->result.report;
	const struct probe_trouble_row *words = probe_token_words(s);
	const char *reason = t->result.trouble ? t->result.reason : r->reason;

	text_printf(to, "MRAS, %s ", t->tls ? "TLS" : "TCP");
	endpoint_text(&t->server, to);
	text_puts(to, ", for ");
	put_captured(to, t->identity);
	if (!t->result.trouble && r->outcome == MRAS_GRANTED) {
		text_printf(to, ": a token for %u minutes, ",
			    (unsigned)r->duration_min);
		put_ms(to, r->took);
		text_puts(to, "\n");
		put_relays(to, t);
		text_putc(to, '\n');
		return;
	}
	text_printf(to, ": FAIL\n    %s", words->text);
	if (r->status || reason[0])
		text_puts(to, " (");
	if (r->status)
		text_printf(to, "%u%s", r->status, reason[0] ? " " : "");
	put_captured(to, reason);
	text_puts(to, r->status || reason[0] ? ")\n" : "\n");
	text_printf(to, "      -> %s\n\n", words->advice);
}

static void put_findings(struct text *to, const struct probe_session *s)
{
	const json_t *list = tree_part(s->analysis, "findings");
	const json_t *finding;
	size_t i, told = 0;

	json_array_foreach(list, i, finding)
	{
		const char *severity = tree_text(finding, "severity");

		if (!severity || strcmp(severity, "info") == 0)
			continue;
		if (told++ == 0)
			text_puts(to, "What was recorded, judged as a capture "
				      "(see mrascope rules):\n");
		text_printf(to, "    %-7s %s: ", severity,
			    tree_text(finding, "rule"));
		put_captured(to, tree_text(finding, "message"));
		text_putc(to, '\n');
	}
	if (told)
		text_putc(to, '\n');
	else
		text_puts(to, "What was recorded, judged as a capture: no "
			      "error, no warning.\n\n");
}

static void put_verdict(struct text *to, const struct probe_session *s)
{
	size_t good = 0, bad = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct probe_target *t = &s->targets[i];
		bool works =
			t->want == WANT_STUN
				? !probe_target_failed(t)
				: t->report.steps[PROBE_ECHO].state == PROBE_OK;

		good += works;
		bad += probe_target_failed(t);
	}
	if (s->token.asked && s->who.kind != WHO_MRAS)
		text_puts(to, "No token.\n");
	else if (good == 0)
		text_puts(to, bad ? "No way works.\n"
				  : "The server answers; more takes "
				    "credentials.\n");
	else if (bad == 0)
		text_puts(to, "All ways work.\n");
	else
		text_printf(to, "%zu of %zu ways work.\n", good, s->count);
}

void probe_write_text(const struct probe_session *s, FILE *out)
{
	struct text text = text_new(TEXT_MAX);
	size_t from = 0;

	if (s->token.asked)
		put_token(&text, s);

	for (size_t i = 1; i <= s->count; i++) {
		if (!s->targets[from].ran)
			break;
		if (i < s->count &&
		    strcmp(s->targets[i].host, s->targets[from].host) == 0)
			continue;
		put_server(&text, s, from, i);
		from = i;
	}
	if (s->analysis)
		put_findings(&text, s);
	put_verdict(&text, s);
	(void)fwrite(text.n ? text.p : "", 1, text.n, out);
	text_free(&text);
}
