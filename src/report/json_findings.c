/* JSON: the ways that were tried, and what was found. */
#include "config.h"

#include "model/firewall.h"
#include "report/json_parts.h"
#include "report/report_paths.h"
#include "report/secrets.h"

/* "3/13": type and code. */
static void put_icmp(struct document *d, const struct path *p)
{
	json_key(&d->j, "icmp");
	if (p->icmp_type < 0) {
		json_null(&d->j);
		return;
	}
	text_printf(json_open_raw(&d->j), "\"%d/%d\"", p->icmp_type,
		    p->icmp_code < 0 ? 0 : p->icmp_code);
	json_close_raw(&d->j);
}

static void put_ports(struct document *d, unsigned low, unsigned high)
{
	char *at = d->j.at;

	*at++ = '"';
	at = ports_put(low, high, at);
	*at++ = '"';
	json_wrote(&d->j, at);
}

void json_path(struct document *d, size_t row)
{
	const struct path *p = list_at(&d->m->paths, row);
	const bool *needed = d->firewall->needed;

	json_break(&d->j);
	json_object(&d->j);
	json_m_ip(d, "src", end_at(d->m, p->src));
	json_m_end(d, "dst", end_at(d->m, p->dst));
	json_m_text(d, "transport", p->transport);
	json_m_text(d, "purpose", path_purpose_name(p->purpose));
	json_m_number(d, "asked", p->asked);
	json_m_number(d, "answered", p->answered);
	put_icmp(d, p);
	json_m_bool(d, "reset", p->reset);
	json_m_text(d, "verdict", path_verdict_name(p->verdict));
	json_key(&d->j, "src_ports");
	put_ports(d, p->src_low, p->src_high);
	json_m_bool(d, "needed", needed && needed[row]);
	json_m_place(d, "first", p->first);
	json_object_end(&d->j);
	json_flush(d);
}

/* What a firewall would have to let through. */
static void put_opening(struct document *d, const struct passage *passage)
{
	const struct path *p = list_at(&d->m->paths, passage->path);

	json_break(&d->j);
	json_object(&d->j);
	json_m_ip(d, "src", end_at(d->m, p->src));
	json_key(&d->j, "src_ports");
	put_ports(d, passage->from.low, passage->from.high);
	json_m_ip(d, "dst", end_at(d->m, p->dst));
	json_key(&d->j, "dst_ports");
	put_ports(d, passage->ports.low, passage->ports.high);
	json_m_text(d, "dst_ports_by", ports_by_name(passage->ports.by));
	json_m_text(d, "transport", p->transport);
	json_m_text(d, "purpose", path_purpose_name(p->purpose));
	json_m_text(d, "kind", passage->advised ? "advised" : "needed");
	json_m_number(d, "asked", passage->asked);
	json_m_number(d, "calls", passage->calls);
	json_m_id(d, "call", 'c', passage->call);
	json_m_place(d, "first", p->first);
	json_object_end(&d->j);
	json_flush(d);
}

void json_openings(struct document *d)
{
	const struct firewall *f = d->firewall;

	json_key(&d->j, "openings");
	json_array(&d->j);
	for (size_t i = 0; i < f->count; i++)
		if (selection_has(d->options->selection, SELECTED_PATHS,
				  f->passages[i].path))
			put_opening(d, &f->passages[i]);
	json_array_end(&d->j);
}

/* What the rule says, and what exactly. */
static void put_message(struct document *d, const struct note *note)
{
	json_key(&d->j, "message");
	text_clear(&d->scratch);
	text_puts(&d->scratch, note->rule->title);
	if (note->text && note->text[0]) {
		text_put(&d->scratch, SLICE(": "));
		text_puts(
			&d->scratch,
			secret_sentence(note->text, d->options->show_secrets));
	}
	json_string(&d->j, text_slice(&d->scratch));
}

void json_finding(struct document *d, size_t row)
{
	const struct note *note = list_at(&d->m->notes, row);
	const struct rule *rule = note->rule;
	struct cited cited;

	note_cited(d->m, note, &cited);
	json_break(&d->j);
	json_object(&d->j);
	json_m_names(d, 'f', KEY_NOTE, row);
	json_m_text(d, "rule", rule->id);
	json_m_text(d, "severity", severity_name(note_severity(note)));
	json_m_text(d, "stage",
		    rule->stage <= STAGE_MEDIA ? stage_name(rule->stage)
					       : NULL);
	json_m_id(d, "call", 'c', note->call);
	json_m_text(d, "subject", note->subject);
	put_message(d, note);
	json_m_number(d, "count", note->count);
	json_m_frames(d, &cited);
	json_m_text(d, "source", rule->source);
	json_m_text(d, "remedy", rule->remedy);
	if (rule->blames)
		json_m_text(d, "blames", rule->blames);
	json_object_end(&d->j);
	json_flush(d);
}
