/* What a probe found, for people: a table, and what to do next. */
#include "config.h"

#include <string.h>

#include "cli/pipeline.h"
#include "cli/probe_parts.h"

#define TEXT_MAX ((size_t)1 << 20)
#define WIDTH_USUAL 80u
#define FACT 6u   /* hanging under a fact */
#define ADVICE 9u /* under "      -> " */

static void put_endpoint(struct printer *p, const char *before,
			 const struct endpoint *e)
{
	printer_puts(p, before);
	printer_endpoint(p, e);
}

static void put_ip(struct printer *p, const char *before,
		   const struct endpoint *e)
{
	printer_puts(p, before);
	endpoint_ip_text(e, &p->line);
}

static void put_advice(struct printer *p, const char *advice)
{
	if (!advice[0])
		return;
	printer_puts(p, "      -> ");
	printer_puts(p, advice);
	printer_end(p, ADVICE);
}

/* " (401 Unauthorized)", or nothing. */
static void put_reason(struct printer *p, unsigned code, const char *reason)
{
	if (!code && !reason[0])
		return;
	printer_puts(p, " (");
	if (code)
		printer_printf(p, "%u%s", code, reason[0] ? " " : "");
	printer_puts(p, reason);
	printer_puts(p, ")");
}

/* ---- a way ---- */

static void put_addresses(struct printer *p, const struct probe_report *r)
{
	if (r->mapped.family == FAMILY_NONE && r->relayed.family == FAMILY_NONE)
		return;
	printer_puts(p, "    ");
	if (r->mapped.family != FAMILY_NONE)
		put_endpoint(p, "you are ", &r->mapped);
	if (r->relayed.family != FAMILY_NONE) {
		printer_puts(p, r->mapped.family != FAMILY_NONE ? ", " : "");
		put_endpoint(p, "relay ", &r->relayed);
		if (r->additional.family != FAMILY_NONE)
			put_endpoint(p, " and ", &r->additional);
		printer_joined(p, " for %u s", (unsigned)r->lifetime);
	}
	printer_end(p, FACT);
}

/* Two families were asked for, and one came. */
static void put_half(struct printer *p, const struct probe_session *s,
		     const struct probe_report *r)
{
	if (!s->options->relay_both || r->relayed.family == FAMILY_NONE ||
	    r->additional.family != FAMILY_NONE)
		return;
	printer_puts(p, "    ");
	printer_paint(p, PAINT_WARN, "no relay of the other family");
	if (r->additional_code)
		printer_printf(p, " (%u)", r->additional_code);
	else
		printer_puts(p, ", and no word why (RFC 8656 7.1)");
	printer_end(p, FACT);
}

static void put_echo(struct printer *p, const struct probe_report *r)
{
	if (r->peer_kind == PEER_NONE || r->echoes_sent == 0)
		return;
	put_endpoint(p,
		     r->peer_kind == PEER_OWN
			     ? "    echo from a socket of ours at "
			     : "    echo from a second allocation at ",
		     &r->peer);
	if (r->own_trouble) {
		printer_puts(p, " (a socket of ours: ");
		printer_puts(p, probe_trouble_row(r->own_trouble)->text);
		printer_puts(p, ")");
	}
	printer_printf(p, ", %u of %u datagrams came back", r->echoes_back,
		       r->echoes_sent);
	printer_end(p, FACT);
}

static void put_security(struct printer *p, const struct probe_report *r)
{
	if (r->security[0]) {
		printer_puts(p, "    ");
		printer_puts(p, r->security);
		printer_end(p, FACT);
	}
	if (!r->sha256)
		return;
	printer_puts(p, "    signed with SHA-256");
	printer_puts(p, r->anonymous ? ", the user name as a hash" : "");
	printer_end(p, FACT);
}

/* "Allocate: the credentials are refused (401 Unauthorized)", and advice. */
static void put_trouble(struct printer *p, const struct probe_session *s,
			const struct probe_target *t, enum probe_step step)
{
	const struct probe_result *r = &t->report.steps[step];
	const struct probe_trouble_row *row = probe_trouble_row(r->trouble);
	bool is_echo = step == PROBE_ECHO || step == PROBE_ECHO_CHANNEL;

	printer_puts(p, "    ");
	printer_paint(p, r->state == PROBE_FAILED ? PAINT_BAD : PAINT_WARN,
		      probe_step_text(step, s->ms_turn));
	printer_puts(p, ": ");
	printer_puts(p, row->text);
	put_reason(p, r->code, r->reason);
	if (r->unproved)
		printer_puts(p, ", in a reply without integrity");
	if (r->sends > 1)
		printer_printf(p, "; %s %u times", is_echo ? "sent" : "asked",
			       r->sends);
	printer_end(p, FACT);
	put_advice(p, row->advice);
}

static void put_remarks(struct printer *p, const struct probe_session *s,
			const struct probe_target *t)
{
	const struct probe_report *r = &t->report;

	probe_put_way(p, t);
	printer_end(p, 0);
	if (r->redirects) {
		printer_printf(p, "    sent on %u %s, ", r->redirects,
			       r->redirects == 1 ? "time" : "times");
		put_endpoint(p, "to ", &r->server);
		printer_end(p, FACT);
	}
	if (r->moved) {
		printer_puts(p, "    from another port, since the first one is "
				"taken (437)");
		printer_end(p, FACT);
	}
	put_security(p, r);
	put_addresses(p, r);
	put_half(p, s, r);
	put_echo(p, r);
	for (unsigned i = 0; i < PROBE_STEPS; i++)
		if (r->steps[i].trouble)
			put_trouble(p, s, t, (enum probe_step)i);
}

/* ---- NAT ---- */

static const char *nat_obstacle_text(enum nat_obstacle obstacle)
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

static void put_behaviour(struct printer *p, const char *what,
			  enum nat_behaviour is, enum nat_obstacle obstacle)
{
	printer_printf(p, "    %-10s %s", what, nat_behaviour_text(is));
	if (is == NAT_UNKNOWN && obstacle) {
		printer_puts(p, ": ");
		printer_puts(p, nat_obstacle_text(obstacle));
	}
	printer_end(p, FACT);
}

static void put_nat(struct printer *p, const struct nat_report *n)
{
	static const char *const answers[] = {
		[NAT_NO] = "no", [NAT_YES] = "yes", [NAT_NOT_KNOWN] = "-"};
	bool relay_only = n->mapping == NAT_ADDRESS_DEPENDENT ||
			  n->mapping == NAT_ADDRESS_AND_PORT_DEPENDENT;

	put_endpoint(p, "NAT, as RFC 5780 asks: ", &n->local);
	printer_puts(p, " is seen as ");
	if (n->mapping == NAT_NONE)
		printer_puts(p, "it is: no NAT");
	else if (n->mapped.family != FAMILY_NONE)
		printer_endpoint(p, &n->mapped);
	else
		printer_puts(p, "nobody knows");
	printer_end(p, FACT);
	if (n->mapping != NAT_NONE)
		put_behaviour(p, "mapping", n->mapping, n->obstacle);
	put_behaviour(p, "filtering", n->filtering, n->filter_obstacle);
	if (n->mapping != NAT_NONE) {
		printer_printf(p, "    %-10s %s", "hairpin",
			       answers[n->hairpin]);
		printer_end(p, FACT);
	}
	if (relay_only)
		put_advice(p, "between two such NATs only a relay connects");
	printer_end(p, 0);
}

/* ---- a server ---- */

static void put_head(struct printer *p, const struct probe_session *s,
		     const struct probe_target *t)
{
	const struct probe_report *r = &t->report;
	struct endpoint same;

	printer_paint(p, PAINT_BOLD, t->host);
	if (endpoint_parse(slice_of_text(t->host), 0, &same) != STATUS_OK)
		put_ip(p, ", ", &t->server);
	printer_puts(p, s->ms_turn ? ", MS-TURN" : "");
	printer_puts(p, r->realm[0] ? ", realm " : "");
	printer_puts(p, r->realm);
	printer_puts(p, r->software[0] ? ", " : "");
	printer_puts(p, r->software);
	printer_end(p, FACT);
}

/* Who has got furthest knows most of it. */
static const struct probe_target *best_of(const struct probe_target *const *t,
					  size_t count)
{
	const struct probe_target *best = t[0];

	for (size_t i = 0; i < count; i++)
		if (t[i]->report.software[0] ||
		    (!best->report.realm[0] && t[i]->report.realm[0]))
			best = t[i];
	return best;
}

/* All ways to one address. */
static void put_server(struct printer *p, const struct probe_session *s,
		       const struct probe_target *const *ways, size_t count)
{
	put_head(p, s, best_of(ways, count));
	printer_end(p, 0);
	probe_put_table(p, s, ways, count);
	printer_end(p, 0);
	for (size_t i = 0; i < count; i++)
		put_remarks(p, s, ways[i]);
	printer_end(p, 0);
	for (size_t i = 0; i < count; i++)
		if (ways[i]->nat_ran)
			put_nat(p, &ways[i]->nat);
}

static bool same_server(const struct probe_target *a,
			const struct probe_target *b)
{
	return strcmp(a->host, b->host) == 0 &&
	       endpoint_same_ip(&a->server, &b->server);
}

/* Does one before it stand for the same server? */
static bool is_told(const struct probe_session *s, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (same_server(&s->targets[i], &s->targets[at]))
			return true;
	return false;
}

static void put_servers(struct printer *p, const struct probe_session *s)
{
	const struct probe_target *ways[PROBE_TARGETS_MAX];

	for (size_t i = 0; i < s->count; i++) {
		size_t count = 0;

		if (!s->targets[i].ran || is_told(s, i))
			continue;
		for (size_t j = i; j < s->count; j++)
			if (s->targets[j].ran &&
			    same_server(&s->targets[i], &s->targets[j]))
				ways[count++] = &s->targets[j];
		put_server(p, s, ways, count);
	}
}

/* ---- the token ---- */

static void put_relays(struct printer *p, const struct probe_token *t)
{
	const struct mras_client_report *r = &t->result.report;

	for (size_t i = 0; i < r->relay_count; i++) {
		const struct mras_client_relay *relay = &r->relays[i];

		printer_puts(p, "    relay ");
		printer_puts(p, relay->host);
		printer_puts(p, relay->location[0] ? ", " : "");
		printer_puts(p, relay->location);
		if (relay->udp_port)
			printer_printf(p, ", udp %u", relay->udp_port);
		if (relay->tcp_port)
			printer_printf(p, ", tcp %u", relay->tcp_port);
		printer_puts(p, t->lost[i] ? ": the name has no address here"
					   : "");
		printer_end(p, FACT);
	}
}

/* By what it was signed in, and what was learned of that. */
static void put_sign_in(struct printer *p, const struct probe_session *s)
{
	const struct mras_client_report *r = &s->token.result.report;

	if (r->scheme) {
		printer_printf(p, "    %s by %s",
			       r->registered ? "signed in" : "asked",
			       signer_scheme_text(r->scheme));
		if (r->verified)
			printer_printf(p, ", %u %s signed rightly", r->verified,
				       r->verified == 1 ? "answer is"
							: "answers are");
		printer_end(p, FACT);
	}
	if (!s->options->mras && r->uri[0]) {
		printer_puts(p, "    provisioning names ");
		printer_puts(p, r->uri);
		printer_end(p, FACT);
	}
}

/* What no token is for. */
static void put_refusal(struct printer *p, const struct probe_session *s)
{
	const struct probe_mras *result = &s->token.result;
	const struct mras_client_report *r = &result->report;
	const struct probe_trouble_row *words = probe_token_words(s);

	printer_puts(p, "    ");
	if (!result->trouble)
		printer_printf(p, "%s: ", mras_step_text(r->step));
	printer_puts(p, words->text);
	put_reason(p, r->status, result->trouble ? result->reason : r->reason);
	if (r->unproved)
		printer_puts(p, ", in an answer without signature");
	printer_end(p, FACT);
	put_advice(p, words->advice);
}

static void put_token(struct printer *p, const struct probe_session *s)
{
	const struct probe_token *t = &s->token;
	const struct mras_client_report *r = &t->result.report;

	printer_paint(p, PAINT_BOLD, "MRAS");
	put_endpoint(p, t->tls ? ", TLS " : ", TCP ", &t->server);
	printer_puts(p, ", for ");
	printer_puts(p, t->identity);
	if (!t->result.trouble && r->outcome == MRAS_GRANTED) {
		printer_printf(p, ": a token for %u minutes, ",
			       (unsigned)r->duration_min);
		printer_duration(p, r->took);
		printer_end(p, FACT);
		put_sign_in(p, s);
		put_relays(p, t);
	} else {
		printer_puts(p, ": ");
		printer_paint(p, PAINT_BAD, "FAIL");
		printer_end(p, FACT);
		put_sign_in(p, s);
		put_refusal(p, s);
	}
	printer_end(p, 0);
}

/* ---- what was found ---- */

static bool probe_failed(const struct probe_session *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (probe_target_failed(&s->targets[i]))
			return true;
	return s->token.asked && s->who.kind != WHO_MRAS;
}

static void put_finding(struct printer *p, const json_t *finding)
{
	const char *severity = tree_text(finding, "severity");
	const char *remedy = tree_text(finding, "remedy");
	bool error = strcmp(severity, "error") == 0;

	printer_puts(p, "    ");
	printer_paint(p, error ? PAINT_BAD : PAINT_WARN, severity);
	printer_puts(p, error ? "   " : " ");
	printer_puts(p, tree_text(finding, "rule"));
	printer_puts(p, ": ");
	printer_puts(p, tree_text(finding, "message"));
	printer_end(p, FACT);
	put_advice(p, remedy ? remedy : "");
}

static void put_findings(struct printer *p, const struct probe_session *s)
{
	const json_t *list = tree_part(s->analysis, "findings"), *finding;
	size_t i, told = 0;

	json_array_foreach(list, i, finding) {
		const char *severity = tree_text(finding, "severity");

		if (!severity || strcmp(severity, "info") == 0)
			continue;
		if (told++ == 0) {
			printer_puts(p, "What was recorded, judged as a "
					"capture (see mrascope-rules(7)):");
			printer_end(p, 0);
		}
		put_finding(p, finding);
	}
	if (!told) {
		printer_puts(p, "What was recorded, judged as a capture: ");
		printer_puts(p, probe_failed(s) ? "no rule names the cause."
						: "no error, no warning.");
		printer_end(p, 0);
	}
	printer_end(p, 0);
}

static void put_verdict(struct printer *p, const struct probe_session *s)
{
	size_t good = 0, bad = 0;

	for (size_t i = 0; i < s->count; i++) {
		bool failed = probe_target_failed(&s->targets[i]);

		bad += failed;
		good += !failed && s->targets[i].ran &&
			probe_target_works(&s->targets[i]);
	}
	if (s->token.asked && s->who.kind != WHO_MRAS)
		printer_paint(p, PAINT_BAD, "No token.");
	else if (good == 0 && bad)
		printer_paint(p, PAINT_BAD, "No way works.");
	else if (good == 0)
		printer_paint(p, PAINT_WARN,
			      "The server answers; more takes "
			      "credentials.");
	else if (good == s->count)
		printer_paint(p, PAINT_GOOD,
			      s->count == 1 ? "It works." : "All ways work.");
	else
		printer_printf(p, "%zu of %zu ways work.", good, s->count);
	printer_end(p, 0);
}

void probe_write_text(const struct probe_session *s, FILE *out)
{
	struct text text = text_new(TEXT_MAX);
	size_t width = pipeline_width(out);
	struct report_options how = {.color = pipeline_color(s->options, out),
				     .width = width ? width : WIDTH_USUAL};
	struct printer p = {
		.options = &how, .to = &text, .line = text_new(TEXT_MAX)};

	if (s->token.asked)
		put_token(&p, s);
	put_servers(&p, s);
	if (s->analysis)
		put_findings(&p, s);
	put_verdict(&p, s);
	(void)fwrite(text.n ? text.p : "", 1, text.n, out);
	text_free(&p.line);
	text_free(&text);
}
