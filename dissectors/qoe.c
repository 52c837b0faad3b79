/* Quality reports ([MS-QoE] 2.2.1). */
#include "config.h"

#include "core/xml.h"
#include "dissectors/qoe.h"

enum claim qoe_claims(struct slice in, bool stream)
{
	size_t at;

	(void)stream;
	return slice_search(in, SLICE(QOE_NAMESPACE), &at) ? CLAIM_MAYBE
							   : CLAIM_NO;
}

static struct slice text_of(const struct xml_element *of, const char *name)
{
	const struct xml_element *e = of ? xml_descendant(of, name) : NULL;

	return e ? e->text : (struct slice){0};
}

static uint32_t number_of(const struct xml_element *of, const char *name,
			  uint32_t otherwise)
{
	struct slice text = text_of(of, name);
	uint64_t value;

	text = slice_split(&text, '.');
	return slice_number(text, UINT32_MAX - 1, &value) == STATUS_OK
		       ? (uint32_t)value
		       : otherwise;
}

/* A decimal fraction times `scale`, at most four digits behind the point. */
static uint32_t fraction_of(const struct xml_element *of, const char *name,
			    uint32_t scale)
{
	struct slice rest = text_of(of, name);
	struct slice whole = slice_split(&rest, '.');
	uint64_t value, part;

	if (slice_number(whole, 100000, &value) != STATUS_OK)
		return QOE_UNTOLD;
	value *= scale;
	for (size_t i = 0; i < rest.n && i < 4; i++) {
		scale /= 10;
		if (slice_number(slice_cut(rest, i, 1), 9, &part) != STATUS_OK)
			break;
		value += part * scale;
	}
	return (uint32_t)value;
}

static struct endpoint address_of(const struct xml_element *of,
				  const char *name)
{
	const struct xml_element *e = of ? xml_descendant(of, name) : NULL;
	struct endpoint end;
	uint32_t port = number_of(e, "Port", 0);

	if (!e || port > UINT16_MAX ||
	    endpoint_parse(text_of(e, "IPAddr"), (uint16_t)port, &end) !=
		    STATUS_OK)
		return (struct endpoint){.family = FAMILY_NONE};
	return end;
}

static uint32_t ssrc_of(const struct xml_element *e)
{
	struct slice id = xml_attribute_value(e, "Id");
	uint64_t value;

	if (slice_starts_nocase(id, "0x")) {
		id = slice_from(id, 2);
		return slice_hex(id, UINT32_MAX, &value) == STATUS_OK
			       ? (uint32_t)value
			       : 0;
	}
	return slice_number(id, UINT32_MAX, &value) == STATUS_OK
		       ? (uint32_t)value
		       : 0;
}

static struct qoe_stream stream_of(const struct xml_element *line,
				   const char *name)
{
	const struct xml_element *e = xml_child(line, name);

	if (!e)
		return (struct qoe_stream){.present = false};
	return (struct qoe_stream){
		.present = true,
		.ssrc = ssrc_of(e),
		.packets = number_of(e, "Packets", 0),
		.loss_permyriad = fraction_of(e, "LossRate", 10000),
		.jitter_ms = number_of(e, "InterArrival", QOE_UNTOLD),
		.round_trip_ms = number_of(e, "RoundTrip", QOE_UNTOLD),
		.mos_hundredth = fraction_of(e, "RecvListenMOS", 100),
	};
}

static void read_line(const struct xml_element *e, struct qoe_line *line)
{
	uint32_t warn = number_of(e, "IceWarningFlags", QOE_UNTOLD);

	*line = (struct qoe_line){
		.label = xml_attribute_value(e, "Label"),
		.connectivity = text_of(e, "Ice"),
		.transport = text_of(e, "Transport"),
		.local = address_of(e, "LocalAddr"),
		.remote = address_of(e, "RemoteAddr"),
		.relay = address_of(e, "RelayAddr"),
		.has_warn = warn != QOE_UNTOLD,
		.warn = warn != QOE_UNTOLD ? warn : 0,
		.inbound = stream_of(e, "InboundStream"),
		.outbound = stream_of(e, "OutboundStream"),
	};
}

static enum status read_lines(struct decoding *d,
			      const struct xml_element *report, struct qoe *m)
{
	struct qoe_line *rows =
		arena_array(d->arena, QOE_LINES_MAX, sizeof(*rows));

	if (!rows)
		return STATUS_NOMEM;
	for (const struct xml_element *e = report->first;
	     e && m->count < QOE_LINES_MAX; e = e->next)
		if (slice_is(e->name, "MediaLine"))
			read_line(e, &rows[m->count++]);
	m->lines = rows;
	return STATUS_OK;
}

enum status qoe_decode(struct decoding *d, struct slice in, struct qoe *out,
		       size_t *used)
{
	const struct xml_element *root, *report, *dialog;
	struct qoe m = {0};
	enum status status = xml_parse(in, d->arena, &root);

	if (status != STATUS_OK)
		return status;
	if (!slice_is(root->name, "VQReportEvent") ||
	    !slice_starts(root->space, SLICE(QOE_NAMESPACE)))
		return STATUS_NOT_MINE;
	report = xml_descendant(root, "VQSessionReport");
	if (!report)
		return STATUS_NOT_MINE;
	dialog = xml_descendant(report, "DialogInfo");
	if (dialog) {
		m.call_id = xml_attribute_value(dialog, "CallId");
		m.from_tag = xml_attribute_value(dialog, "FromTag");
		m.to_tag = xml_attribute_value(dialog, "ToTag");
		m.local_agent = text_of(dialog, "LocalUserAgent");
	}
	status = read_lines(d, report, &m);
	if (status != STATUS_OK)
		return status;
	*out = m;
	*used = in.n;
	return STATUS_OK;
}

static void walk_told(struct field_sink *to, const char *name, uint32_t value)
{
	if (value != QOE_UNTOLD)
		field_number(to, name, value);
}

static void walk_stream(const struct qoe_stream *s, const char *name,
			struct field_sink *to)
{
	if (!s->present)
		return;
	field_group(to, name);
	field_number(to, "ssrc", s->ssrc);
	if (s->packets)
		field_number(to, "packets", s->packets);
	walk_told(to, "loss-permyriad", s->loss_permyriad);
	walk_told(to, "jitter-ms", s->jitter_ms);
	walk_told(to, "round-trip-ms", s->round_trip_ms);
	walk_told(to, "mos-hundredth", s->mos_hundredth);
	field_end(to);
}

void qoe_walk(const struct qoe *m, struct field_sink *to)
{
	field_text(to, "call-id", m->call_id);
	for (size_t i = 0; i < m->count; i++) {
		const struct qoe_line *line = &m->lines[i];

		field_group(to, "media-line");
		field_text(to, "label", line->label);
		field_text(to, "connectivity", line->connectivity);
		field_text(to, "transport", line->transport);
		if (line->has_warn)
			field_number(to, "ice-warning-flags", line->warn);
		walk_stream(&line->inbound, "inbound", to);
		walk_stream(&line->outbound, "outbound", to);
		field_end(to);
	}
}

static enum status decode_any(struct decoding *d, struct slice in, void *out,
			      size_t *used)
{
	return qoe_decode(d, in, out, used);
}

static void walk_any(const void *message, struct field_sink *to)
{
	qoe_walk(message, to);
}

const struct dissector qoe_dissector = {
	.name = "qoe",
	.size = sizeof(struct qoe),
	.claims = qoe_claims,
	.decode = decode_any,
	.walk = walk_any,
};
