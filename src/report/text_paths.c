/*
 * The firewall table: what would have to be let through, worded for who keeps
 * the firewall; and all ways that were tried.
 */
#include "config.h"

#include <inttypes.h>

#include "model/firewall.h"
#include "report/report_paths.h"
#include "report/text_parts.h"

#define HANGING 6
#define OPENINGS_SHOWN 20u

static void print_ip(struct printer *p, const struct endpoint *e)
{
	char buffer[ENDPOINT_TEXT_MAX];
	struct endpoint host = *e;
	struct slice text;

	host.port = 1;
	text = slice_of_text(endpoint_string(&host, buffer));
	text_put(&p->line, slice_first(text, text.n - 2));
}

static const char *protocol(const struct path *path)
{
	return strcmp(path->transport, "udp") == 0    ? "UDP"
	       : strcmp(path->transport, "dtls") == 0 ? "UDP"
	       : strcmp(path->transport, "sctp") == 0 ? "SCTP"
						      : "TCP";
}

static const char *what_for(const struct path *path)
{
	switch (path->purpose) {
	case PATH_SIP:
		return "signalling";
	case PATH_STUN:
		return "STUN";
	case PATH_TURN:
		return "the relay";
	case PATH_CHECK:
		return "media";
	case PATH_DNS:
		return "DNS";
	}
	return "";
}

static void print_evidence(struct printer *p, const struct path *path,
			   const struct passage *passage)
{
	printer_printf(p, ": asked %" PRIu32 " time%s, ", passage->asked,
		       passage->asked == 1 ? "" : "s");
	if (path->icmp_type >= 0)
		printer_printf(p, "refused by ICMP %d/%d", path->icmp_type,
			       path->icmp_code);
	else if (path->reset)
		printer_puts(p, "refused by a reset");
	else
		printer_puts(p, "never answered");
	printer_color(p, PAINT_DIM);
	printer_joined(p, " [from frame ");
	printer_place(p, path->first);
	printer_printf(p, ", for call%s %" PRIu32,
		       passage->calls == 1 ? "" : "s", passage->call + 1);
	if (passage->calls > 1)
		printer_printf(p, " and %" PRIu32 " more", passage->calls - 1);
	printer_puts(p, "]");
	printer_color(p, PAINT_NONE);
}

static void print_ports(struct printer *p, const struct port_range *ports)
{
	printer_joined(p, ports->low == ports->high ? "port " : "ports ");
	ports_text(ports->low, ports->high, &p->line);
}

static void print_opening(struct printer *p, const struct passage *passage)
{
	const struct path *path = list_at(&p->model->paths, passage->path);
	const char *why = ports_by_text(passage->ports.by);

	printer_puts(p, "    - let ");
	printer_joined(p, "%s from ", protocol(path));
	print_ip(p, end_at(p->model, path->src));
	/* A client of TCP has another port each time. */
	if (strcmp(protocol(path), "TCP") != 0) {
		printer_joined(p, " (");
		print_ports(p, &passage->from);
		printer_joined(p, ")");
	}
	/* Two addresses of IPv6 are too long for a line. */
	if (end_at(p->model, path->dst)->family == FAMILY_IPV6)
		printer_puts(p, " to ");
	else
		printer_joined(p, " to ");
	print_ip(p, end_at(p->model, path->dst));
	printer_joined(p, " ");
	print_ports(p, &passage->ports);
	if (why)
		printer_printf(p, " (%s)", why);
	printer_puts(p, ", and the answers back, for ");
	printer_puts(p, what_for(path));
	if (passage->advised)
		printer_puts(p,
			     " (the call found another way, which is worse)");
	print_evidence(p, path, passage);
	printer_end(p, HANGING);
}

static void print_openings(struct printer *p, const struct firewall *f)
{
	size_t shown = 0;

	if (f->count == 0)
		return;
	printer_end(p, 0);
	printer_paint(p, PAINT_BOLD, "For the firewall");
	printer_puts(p, ": the fewest openings that would have connected what "
			"failed, if the other side listens there");
	printer_end(p, 2);
	for (size_t i = 0; i < f->count && shown < OPENINGS_SHOWN; i++) {
		if (!selection_has(p->options->selection, SELECTED_PATHS,
				   f->passages[i].path))
			continue;
		print_opening(p, &f->passages[i]);
		shown++;
	}
	if (f->count > OPENINGS_SHOWN && shown == OPENINGS_SHOWN) {
		printer_printf(p, "      and %zu more, see --paths -f csv",
			       f->count - shown);
		printer_end(p, HANGING);
	}
}

void text_openings(struct printer *p)
{
	struct firewall f = firewall_of(p->model);

	print_openings(p, &f);
	firewall_free(&f);
}

static void print_path(struct printer *p, const struct path *path, bool needed)
{
	enum paint paint = path->verdict == PATH_OPEN ? PAINT_GOOD
			   : needed                   ? PAINT_BAD
						      : PAINT_WARN;

	printer_puts(p, "  ");
	printer_color(p, paint);
	printer_printf(p, "%-10s", path_verdict_name(path->verdict));
	printer_color(p, PAINT_NONE);
	printer_joined(p, " %-6s ", needed ? "needed" : "");
	printer_joined(p, "%-10s ", path->transport);
	print_ip(p, end_at(p->model, path->src));
	printer_joined(p, ":");
	ports_text(path->src_low, path->src_high, &p->line);
	printer_puts(p, " -> ");
	printer_endpoint(p, end_at(p->model, path->dst));
	printer_printf(p, " (%s), asked %" PRIu32 ", answered %" PRIu32,
		       what_for(path), path->asked, path->answered);
	if (path->icmp_type >= 0)
		printer_printf(p, ", ICMP %d/%d", path->icmp_type,
			       path->icmp_code);
	else if (path->reset)
		printer_puts(p, ", RST");
	printer_end(p, HANGING);
}

void text_paths(struct printer *p)
{
	struct firewall f = firewall_of(p->model);
	const struct path *rows = p->model->paths.rows;

	printer_paint(p, PAINT_BOLD, "Ways that were tried");
	printer_end(p, 0);
	for (size_t i = 0; i < p->model->paths.count; i++)
		if (selection_has(p->options->selection, SELECTED_PATHS, i)) {
			print_path(p, &rows[i], f.needed && f.needed[i]);
			printer_flush(p);
		}
	if (p->model->paths.count == 0) {
		printer_puts(p, "  none");
		printer_end(p, 2);
	}
	print_openings(p, &f);
	firewall_free(&f);
}
