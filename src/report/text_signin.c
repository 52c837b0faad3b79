/* How a client signed in, what it was told, and how it got its token: what
 * Lync adds to stages 1 and 2. */
#include "config.h"

#include <inttypes.h>

#include "report/text_parts.h"

#define HANGING 6

static void print_frames(struct printer *p, place_number first,
			 place_number last)
{
	bool several = last && !place_same(p->model, first, last);

	if (!first)
		return;
	printer_puts(p, " ");
	printer_color(p, PAINT_DIM);
	printer_joined(p, "[%s ", several ? "frames" : "frame");
	printer_place(p, first);
	if (several) {
		printer_puts(p, ", ");
		printer_place(p, last);
	}
	printer_puts(p, "]");
	printer_color(p, PAINT_NONE);
}

/* ---- legs ---- */

static const char *leg_word(uint8_t kind)
{
	static const char *const words[] = {
		[LEG_BARE] = "without credentials",   [LEG_BEGIN] = "opening",
		[LEG_CHALLENGE] = "a server's token", [LEG_PROOF] = "proof",
		[LEG_SIGNED] = "signature",
	};

	return words[kind];
}

static void print_attempt(struct printer *p, const struct sign_in *x,
			  unsigned *at, unsigned kept)
{
	uint8_t attempt = x->legs[*at].attempt;
	const char *between = "";

	printer_printf(p, "    attempt %u: ", attempt);
	for (; *at < kept && x->legs[*at].attempt == attempt; (*at)++) {
		const struct auth_leg *leg = &x->legs[*at];

		printer_printf(p, "%s%s", between, leg_word(leg->kind));
		if (leg->status)
			printer_printf(p, " -> %u", leg->status);
		else
			printer_puts(p, " -> no answer");
		print_frames(p, leg->request, leg->answer);
		between = ", ";
	}
	printer_end(p, HANGING);
}

static void print_legs(struct printer *p, const struct sign_in *x)
{
	unsigned kept =
		x->leg_count < AUTH_LEGS_KEPT ? x->leg_count : AUTH_LEGS_KEPT;

	for (unsigned at = 0; at < kept;)
		print_attempt(p, x, &at, kept);
}

static const char *fits_word(uint8_t fits)
{
	static const char *const words[] = {
		[FITS_UNKNOWN] = "",
		[FITS_YES] = ", as computed",
		[FITS_NO] = ", not as computed",
	};

	return words[fits];
}

static void print_identity(struct printer *p, const struct sign_in *x)
{
	if (!x->epid)
		return;
	printer_puts(p, "    endpoint ");
	printer_puts(p, x->epid);
	if (x->instance) {
		printer_puts(p, ", instance ");
		printer_puts(p, x->instance);
		printer_puts(p, fits_word(x->instance_fits));
		if (x->instance_fits == FITS_NO) {
			printer_puts(p, ": ");
			printer_puts(p, x->computed);
		}
	}
	if (x->gruu) {
		printer_puts(p, ", GRUU ");
		printer_puts(p, x->gruu);
		printer_puts(p, fits_word(x->gruu_fits));
	}
	printer_end(p, HANGING);
}

/* "RTC/6.0": the product, by its version; NULL: none that is known. */
static const char *product_of(const char *server)
{
	static const struct {
		const char *start, *name;
	} rows[] = {
		{"RTC/3.0", "Office Communications Server 2007"},
		{"RTC/3.5", "Office Communications Server 2007 R2"},
		{"RTC/4.0", "Lync Server 2010"},
		{"RTC/5.0", "Lync Server 2013"},
		{"RTC/6.0", "Skype for Business Server 2015"},
		{"RTC/7.0", "Skype for Business Server 2019"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(server, rows[i].start, strlen(rows[i].start)) == 0)
			return rows[i].name;
	return NULL;
}

static void print_server(struct printer *p, const struct sign_in *x)
{
	if (!x->target && !x->server && !x->subnet)
		return;
	printer_puts(p, "    server ");
	printer_puts(p, x->target ? x->target : "not named");
	if (x->server) {
		printer_puts(p, ", ");
		printer_puts(p, x->server);
		if (product_of(x->server))
			printer_joined(p, " (%s)", product_of(x->server));
	}
	if (x->subnet) {
		printer_puts(p, "; the client's subnet is ");
		printer_puts(p, x->subnet);
	}
	if (x->remote)
		printer_puts(p, "; the user comes from outside");
	if (x->has_skew)
		printer_printf(p,
			       "; its clock minus that of the capture: "
			       "%.0f s",
			       (double)(x->skew / NS_PER_S));
	if (x->keep_alive_s)
		printer_printf(p, "; keep-alive within %" PRIu32 " s",
			       x->keep_alive_s);
	printer_end(p, HANGING);
}

static void print_certificates(struct printer *p, const struct sign_in *x)
{
	if (!x->sts_uri)
		return;
	printer_puts(p, "    certificates from ");
	printer_puts(p, x->sts_uri);
	printer_puts(p, x->sts_seen ? ", which was asked over TLS"
				    : ", which nobody asks in the capture");
	printer_end(p, HANGING);
}

/* Of all clients: TLS does not tell for whom. */
static void print_discovery(struct printer *p)
{
	const struct inventory *seen = &p->model->inventory;

	for (size_t i = 0; i < seen->name_count; i++) {
		if (!is_discovery_name(seen->names[i].name))
			continue;
		printer_puts(p, "    autodiscovery over TLS: ");
		printer_puts(p, seen->names[i].name);
		printer_end(p, HANGING);
	}
}

static void print_webs(struct printer *p, const struct sign_in *x)
{
	uint32_t at = x->webs.count ? x->webs.first : CHAIN_END;

	while (at != CHAIN_END) {
		const struct web_call *web = list_at(&p->model->webs, at);

		printer_printf(p, "    asked for %s at ",
			       web_service_word(web->service));
		printer_puts(p, web->host ? web->host : "");
		printer_puts(p, web->target);
		if (web->status)
			printer_printf(p, ": %u", web->status);
		else
			printer_puts(p, ": no answer");
		if (web->fault) {
			printer_puts(p, ", ");
			printer_puts(p, web->fault);
		}
		printer_end(p, HANGING);
		at = web->next;
	}
}

/* What is not checked is said to be so, and why. */
static void print_signatures(struct printer *p, const struct registration *r,
			     const struct integrity_counts *n)
{
	const char *between = "; signatures: ";

	if (n->verified || n->bad) {
		printer_printf(p, "%s%" PRIu32 " verified, %" PRIu32 " wrong",
			       between, n->verified, n->bad);
		between = ", ";
	}
	if (!n->unchecked)
		return;
	printer_printf(p, "%s%" PRIu32 " not checked (", between, n->unchecked);
	printer_puts(p, r->scheme && strcmp(r->scheme, "NTLM") == 0
				? "no password that fits NTLMv2 is given)"
				: "their key is in no trace)");
}

static void print_association(struct printer *p, const struct registration *r,
			      const struct sign_in *x)
{
	if (!x->associated)
		return;
	printer_puts(p, "    security association used for ");
	printer_duration(p, place_time(p->model, x->used) -
				    place_time(p->model, x->associated));
	printer_puts(p, " of at most 8 h");
	print_signatures(p, r, &x->signatures);
	print_frames(p, x->associated, x->used);
	printer_end(p, HANGING);
}

static void print_lifeline(struct printer *p, const struct lifeline *l)
{
	printer_puts(p, "    connection ");
	printer_endpoint(p, &l->client);
	printer_puts(p, " -> ");
	printer_endpoint(p, &l->server);
	printer_printf(p, ": keep-alives %" PRIu32, l->pings);
	if (l->timeout)
		printer_printf(p, " (within %" PRIu32 " s)", l->timeout);
	if (l->silence) {
		printer_puts(p, ", longest silence of the client ");
		printer_duration(p, l->silence);
		print_frames(p, l->quiet_from, l->quiet_to);
	}
	if (l->closed) {
		printer_puts(p, l->reset       ? ", reset"
				: l->by_server ? ", closed by the server"
					       : ", closed by the client");
		print_frames(p, l->closed, PLACE_NONE);
	}
	printer_end(p, HANGING);
}

static void print_lifelines(struct printer *p, const struct registration *r)
{
	uint32_t at = r->lifeline;

	while (at) {
		const struct lifeline *l =
			list_at(&p->model->lifelines, at - 1);

		if (l->timeout && l->stream)
			print_lifeline(p, l);
		at = l->before;
	}
}

/* Only what the capture can show: it may end, or the way there may be another,
 * or inside of TLS. */
static void print_followed(struct printer *p, const struct sign_in *x)
{
	nanoseconds rest =
		p->model->last_time - place_time(p->model, x->redirected);

	if (x->followed) {
		printer_puts(p, ", and asked there");
		return;
	}
	printer_puts(p, "; no REGISTER to it can be read in the ");
	printer_duration(p, rest);
	printer_puts(p, " that the capture goes on");
}

static void print_ends(struct printer *p, const struct sign_in *x)
{
	if (x->redirect) {
		printer_puts(p, "    sent on to ");
		printer_puts(p, x->redirect);
		print_followed(p, x);
		print_frames(p, x->redirected, PLACE_NONE);
		printer_end(p, HANGING);
	}
	if (x->event) {
		printer_puts(p, "    deregistered by the server: ");
		printer_puts(p, x->event);
		print_frames(p, x->deregistered, PLACE_NONE);
		printer_end(p, HANGING);
	}
}

/* ---- provisioning ---- */

static void print_range(struct printer *p, const struct provisioned *t,
			enum port_kind kind, const char *name)
{
	if (t->port_low[kind] || t->port_high[kind])
		printer_printf(p, ", %s ports %u-%u", name, t->port_low[kind],
			       t->port_high[kind]);
}

static void print_bypass(struct printer *p, const struct provisioned *t)
{
	if (!t->bypass)
		return;
	printer_puts(p, ", media bypass for id ");
	printer_puts(p, t->bypass_id ? t->bypass_id : "(none)");
	if (t->bypass_internal) {
		printer_puts(p, ", inside ");
		printer_puts(p, t->bypass_internal);
	}
	if (t->bypass_external) {
		printer_puts(p, ", outside ");
		printer_puts(p, t->bypass_external);
	}
}

static void print_provisioned(struct printer *p, const struct provisioned *t,
			      const char *mras)
{
	printer_puts(p, "    provisioning: ");
	if (mras && mras[0]) {
		printer_puts(p, "MRAS at ");
		printer_puts(p, mras);
	} else {
		printer_puts(p, t->has_server ? "no Edge (mrasUri is empty)"
					      : "no server settings");
	}
	if (t->encryption) {
		printer_puts(p, ", ");
		printer_puts(p, t->encryption);
	}
	if (t->ranges_enabled) {
		print_range(p, t, PORTS_MEDIA, "media");
		print_range(p, t, PORTS_AUDIO, "audio");
		print_range(p, t, PORTS_VIDEO, "video");
		print_range(p, t, PORTS_SHARING, "sharing");
		print_range(p, t, PORTS_FILES, "file");
	}
	if (t->bandwidth_policy)
		printer_puts(p, ", bandwidth policy");
	print_bypass(p, t);
	print_frames(p, t->place, PLACE_NONE);
	printer_end(p, HANGING);
}

static void print_sign_in(struct printer *p, const struct registration *r)
{
	const struct sign_in *x = list_at(&p->model->sign_ins, r->sign_in - 1);

	printer_heading(p, "Sign-in");
	printer_puts(p, "    ");
	if (r->aor[0])
		printer_paint(p, PAINT_BOLD, r->aor);
	else
		endpoint_ip_text(&r->client, &p->line);
	printer_end(p, HANGING);
	print_legs(p, x);
	print_server(p, x);
	print_identity(p, x);
	print_certificates(p, x);
	print_discovery(p);
	print_webs(p, x);
	print_association(p, r, x);
	print_lifelines(p, r);
	print_ends(p, x);
	if (x->provisioned)
		print_provisioned(
			p, list_at(&p->model->provisioned, x->provisioned - 1),
			r->mras_uri);
}

/* ---- tokens ---- */

static void print_hops(struct printer *p, const struct token_request *q)
{
	for (unsigned i = 0; i < q->hop_count; i++) {
		const struct token_hop *hop = &q->hops[i];

		printer_printf(p, "      hop %u: ", i + 1);
		printer_endpoint(p, &hop->src);
		printer_puts(p, " -> ");
		printer_endpoint(p, &hop->dst);
		if (hop->status)
			printer_printf(p, ": %u", hop->status);
		else
			printer_puts(p, ": no answer in the capture");
		if (hop->sent > 1)
			printer_printf(p, ", sent %" PRIu32 " times",
				       hop->sent);
		print_frames(p, hop->request, hop->answer);
		printer_end(p, HANGING + 3);
	}
}

static void print_request(struct printer *p, const struct token_request *q)
{
	printer_puts(p, "    asked by ");
	printer_puts(p, q->requester ? q->requester : "somebody");
	if (q->identity) {
		printer_puts(p, " for ");
		printer_puts(p, q->identity);
	}
	if (q->version) {
		printer_puts(p, ", version ");
		printer_puts(p, q->version);
	}
	if (q->server_version) {
		printer_puts(p, " (server ");
		printer_puts(p, q->server_version);
		printer_puts(p, ")");
	}
	if (q->location) {
		printer_puts(p, ", location ");
		printer_puts(p, q->location);
	}
	if (q->route) {
		printer_puts(p, ", route ");
		printer_puts(p, q->route);
	}
	if (q->asked_min)
		printer_printf(p, ", for %" PRIu32 " minutes", q->asked_min);
	printer_end(p, HANGING);
	print_hops(p, q);
}

static void print_relay(struct printer *p, const struct token_relay *relay)
{
	const struct resolved *rows = p->model->resolved.rows;
	uint32_t at = relay->resolved ? relay->resolved - 1 : CHAIN_END;

	printer_puts(p, "      relay ");
	printer_puts(p, relay->host);
	if (relay->location) {
		printer_puts(p, " (");
		printer_puts(p, relay->location);
		printer_puts(p, ")");
	}
	if (relay->udp_port)
		printer_printf(p, ", UDP %u", relay->udp_port);
	if (relay->tcp_port)
		printer_printf(p, ", TCP %u", relay->tcp_port);
	for (; at != CHAIN_END; at = rows[at].next) {
		if (rows[at].address.family == FAMILY_NONE) {
			printer_puts(p, ", DNS: no such name");
			continue;
		}
		printer_puts(p, ", DNS: ");
		endpoint_ip_text(&rows[at].address, &p->line);
	}
	printer_end(p, HANGING + 3);
}

static void print_token(struct printer *p, const struct token *t)
{
	struct token_blob b;

	printer_heading(p, "Token from MRAS");
	if (t->asked)
		print_request(p,
			      list_at(&p->model->token_requests, t->asked - 1));
	for (unsigned i = 0; i < t->relay_count; i++)
		print_relay(p, &t->relays[i]);
	if (!token_blob_read(t->username, &b))
		return;
	printer_printf(p, "      the name holds: version %u, client ", b.major);
	text_hex(&p->line, slice_of(b.client, sizeof(b.client)));
	printer_puts(p, ", until ");
	printer_date(p, clock_of_filetime(b.filetime));
	printer_joined(p, " ");
	clock_of_day(clock_of_filetime(b.filetime), &p->line);
	printer_joined(p, " UTC (decoded, for display only)");
	printer_end(p, HANGING + 3);
}

void text_signin(struct printer *p, const struct call *call)
{
	const struct registration *r = p->model->registrations.rows;
	const struct token *t = p->model->tokens.rows;

	for (uint32_t i = 0; i < call->registrations.count; i++)
		if (r[call->registrations.list[i]].sign_in)
			print_sign_in(p, &r[call->registrations.list[i]]);
	for (uint32_t i = 0; i < call->tokens.count; i++) {
		const struct token *token = &t[call->tokens.list[i]];

		if (token->asked || token->kind == TOKEN_MRAS)
			print_token(p, token);
	}
}
