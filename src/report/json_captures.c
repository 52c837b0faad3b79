/* JSON: what was read. */
#include "config.h"

#include "report/json_parts.h"

/* From where the packets of a file were seen; there is a row for each. */
static const struct vantage *vantage_of(const struct document *d, size_t file,
					size_t *number)
{
	const struct vantage *rows = d->m->vantages.rows;

	if (file >= d->m->vantages.count)
		return NULL;
	*number = rows[file].number;
	return &rows[file];
}

/* By the clock of the first file; null when nothing joins it to that. */
static void put_offset(struct document *d, size_t file, const struct vantage *v)
{
	if (file == 0 || (v && v->offset_known))
		json_m_ms(d, "clock_offset_ms", v ? v->offset : 0);
	else
		json_m_text(d, "clock_offset_ms", NULL);
}

/* A log: what told its clock, if anything did. */
static void put_basis(struct document *d, const struct vantage *v)
{
	static const char *const names[] = {
		[CLOCK_UNKNOWN] = NULL,
		[CLOCK_BY_MESSAGES] = "messages",
		[CLOCK_BY_COURSE] = "course",
		[CLOCK_BY_DATE] = "date",
	};

	json_m_text(d, "clock_by", v ? names[v->basis] : NULL);
}

/* Interfaces that saw messages, each with a clock that may be its own. */
static void put_interfaces(struct document *d, size_t file)
{
	const struct vantage *rows = d->m->vantages.rows;
	size_t files = d->options->capture_count;

	json_array(&d->j);
	for (size_t i = file; i < d->m->vantages.count;
	     i = i < files ? files : i + 1) {
		if (rows[i].file != file)
			continue;
		json_object(&d->j);
		json_m_id(d, "vantage", 'v', rows[i].number);
		if (i == 0 || rows[i].offset_known)
			json_m_ms(d, "clock_offset_ms", rows[i].offset);
		else
			json_m_text(d, "clock_offset_ms", NULL);
		json_object_end(&d->j);
	}
	json_array_end(&d->j);
}

static bool has_interfaces(const struct document *d, size_t file)
{
	const struct vantage *rows = d->m->vantages.rows;

	for (size_t i = d->options->capture_count; i < d->m->vantages.count;
	     i++)
		if (rows[i].file == file)
			return true;
	return false;
}

static void put_log(struct document *d, const struct report_capture *c,
		    const struct vantage *v)
{
	put_basis(d, v);
	json_m_number(d, "truncated", c->truncated);
	json_m_number(d, "passed_over", c->passed);
	json_m_text(d, "passed_over_first", c->passed_first);
}

static void put_list(struct document *d, const char *key,
		     const char *const *texts, size_t count)
{
	json_key(&d->j, key);
	json_array(&d->j);
	for (size_t i = 0; i < count; i++)
		json_text(&d->j, texts[i]);
	json_array_end(&d->j);
}

static void put_capture(struct document *d, size_t file)
{
	const struct report_capture *c = &d->options->captures[file];
	size_t number = file;
	const struct vantage *v = vantage_of(d, file, &number);

	json_break(&d->j);
	json_object(&d->j);
	json_m_text(d, "path", c->path);
	json_m_text(d, "format", c->format);
	put_list(d, "link_types", c->link_types, c->link_type_count);
	json_m_number(d, "frames", c->frames);
	json_m_number(d, "bytes", c->bytes);
	json_m_time(d, "first_time", c->first_time);
	json_m_time(d, "last_time", c->last_time);
	json_m_id(d, "vantage", 'v', number);
	put_offset(d, file, v);
	if (has_interfaces(d, file)) {
		json_key(&d->j, "interfaces");
		put_interfaces(d, file);
	}
	if (c->log)
		put_log(d, c, v);
	json_m_text(d, "damaged", c->damage);
	put_list(d, "warnings", c->warnings, c->warning_count);
	json_object_end(&d->j);
}

void json_captures(struct document *d)
{
	json_key(&d->j, "captures");
	json_array(&d->j);
	for (size_t i = 0; i < d->options->capture_count; i++)
		put_capture(d, i);
	json_array_end(&d->j);
}

void json_counts(struct document *d)
{
	const struct report_counts *c = &d->options->counts;

	json_key(&d->j, "counts");
	json_object(&d->j);
	json_m_number(d, "frames", c->frames);
	json_m_number(d, "sip", c->sip);
	json_m_number(d, "sdp", c->sdp);
	json_m_number(d, "stun", c->stun);
	json_m_number(d, "channel_data", c->channel_data);
	json_m_number(d, "mras", c->mras);
	json_m_number(d, "rtp", c->rtp);
	json_m_number(d, "rtcp", c->rtcp);
	json_m_number(d, "dtls", c->dtls);
	json_m_number(d, "tls", c->tls);
	json_m_number(d, "dns", c->dns);
	json_m_number(d, "malformed", c->malformed);
	json_object_end(&d->j);
}
