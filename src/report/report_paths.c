/* The firewall table as CSV. */
#include "config.h"

#include "model/firewall.h"
#include "report/report_paths.h"

char *ports_put(unsigned low, unsigned high, char *to)
{
	to = decimal_put(low, to);
	if (high == low)
		return to;
	*to++ = '-';
	return decimal_put(high, to);
}

void ports_text(unsigned low, unsigned high, struct text *to)
{
	char at[PORTS_MAX];

	text_put(to, slice_of(at, (size_t)(ports_put(low, high, at) - at)));
}

static void put_ip(const struct endpoint *e, struct text *to)
{
	struct endpoint host = *e;
	char buffer[ENDPOINT_TEXT_MAX];
	struct slice text;
	size_t end;

	host.port = 1;
	text = slice_of_text(endpoint_string(&host, buffer));
	/* Without ":1", and without brackets. */
	text = slice_first(text, text.n - 2);
	if (slice_find(text, '[', &end))
		text = slice_cut(text, 1, text.n - 2);
	text_put(to, text);
}

static void put_network(const struct path *p, struct text *to)
{
	if (p->icmp_type >= 0)
		text_printf(to, "ICMP %d/%d", p->icmp_type, p->icmp_code);
	else if (p->reset)
		text_puts(to, "RST");
}

static const struct passage *passage_of(const struct firewall *f, size_t row)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->passages[i].path == row)
			return &f->passages[i];
	return NULL;
}

static void put_opening(const struct passage *passage, struct text *to)
{
	if (!passage) {
		text_putc(to, ',');
		return;
	}
	text_puts(to, passage->advised ? "advised," : "open,");
	ports_text(passage->ports.low, passage->ports.high, to);
}

static void put_row(const struct model *m, const struct firewall *f, size_t row,
		    struct text *to)
{
	const struct path *p = list_at(&m->paths, row);
	const struct passage *passage = passage_of(f, row);
	struct place first = place_at(m, p->first);

	put_ip(end_at(m, p->src), to);
	text_putc(to, ',');
	ports_text(p->src_low, p->src_high, to);
	text_putc(to, ',');
	put_ip(end_at(m, p->dst), to);
	text_printf(to, ",%u,%s,%s,%u,%u,", end_at(m, p->dst)->port,
		    p->transport, path_purpose_name(p->purpose), p->asked,
		    p->answered);
	put_network(p, to);
	text_printf(to, ",%s,%s,", path_verdict_name(p->verdict),
		    f->needed && f->needed[row] ? "yes" : "no");
	put_opening(passage, to);
	text_printf(to, ",%u:%llu,", (unsigned)first.file,
		    (unsigned long long)first.frame);
	if (passage)
		text_puts(to, ports_by_name(passage->ports.by));
	text_puts(to, "\r\n");
}

void report_paths_csv(const struct model *model,
		      const struct report_json_options *options,
		      struct text *to)
{
	struct firewall f = firewall_of(model);

	text_puts(to, "src,src_ports,dst,dst_port,transport,purpose,asked,"
		      "answered,network,verdict,needed,opening,open_ports,"
		      "first_frame,open_ports_by\r\n");
	for (size_t i = 0; i < model->paths.count; i++) {
		if (!selection_has(options->selection, SELECTED_PATHS, i))
			continue;
		put_row(model, &f, i, to);
		if (options->flush)
			options->flush(options->context, to);
	}
	firewall_free(&f);
}
