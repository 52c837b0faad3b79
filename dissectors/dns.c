/* DNS messages (RFC 1035 4). */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/dns.h"

#define HEADER 12u
#define LABELS_MAX 128u
#define POINTERS_MAX 32u

struct reader {
	struct decoding *d;
	struct slice whole;
	struct cursor at;
	enum status status;
};

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

struct name {
	uint8_t text[DNS_NAME_MAX];
	size_t n;
};

static bool add_label(struct name *name, struct slice label)
{
	if (label.n + (name->n != 0) > sizeof(name->text) - name->n)
		return false;
	if (name->n)
		name->text[name->n++] = '.';
	for (size_t i = 0; i < label.n; i++)
		name->text[name->n++] = lower(label.p[i]);
	return true;
}

static struct slice keep_name(struct reader *r, const struct name *name)
{
	struct slice kept = arena_copy(r->d->arena,
				       slice_of(name->text, name->n));

	if (kept.n != name->n)
		r->status = STATUS_NOMEM;
	return kept;
}

/*
 * Follows labels and pointers; the cursor of the message stands behind the
 * name afterwards.  Pointers must lead backwards, so that loops end.
 */
static struct slice read_name(struct reader *r)
{
	struct cursor c = r->at;
	struct name name = {.n = 0};
	size_t limit = r->whole.n - r->at.left;
	bool jumped = false;

	for (unsigned labels = 0, jumps = 0; labels < LABELS_MAX;) {
		uint8_t length = cursor_u8(&c);

		if (c.bad || (length & 0xC0) == 0x40 || (length & 0xC0) == 0x80)
			break;
		if (length == 0) {
			if (!jumped)
				r->at = c;
			return keep_name(r, &name);
		}
		if (length & 0xC0) {
			size_t to = (size_t)(length & 0x3F) << 8 |
				    cursor_u8(&c);

			if (c.bad || to >= limit || ++jumps > POINTERS_MAX)
				break;
			if (!jumped)
				r->at = c;
			jumped = true;
			limit = to;
			c = cursor_over(slice_from(r->whole, to));
			continue;
		}
		labels++;
		if (!add_label(&name, cursor_take(&c, length)) || c.bad)
			break;
	}
	r->status = STATUS_BAD;
	return (struct slice){0};
}

/* A name inside record data, which may point into the whole message. */
static struct slice name_at(struct reader *r, struct slice data, size_t skip)
{
	struct reader inner = *r;
	struct slice name;

	if (data.n < skip)
		return (struct slice){0};
	inner.at = cursor_over(slice_from(r->whole, 0));
	cursor_skip(&inner.at, (size_t)(data.p - r->whole.p) + skip);
	inner.status = STATUS_OK;
	name = read_name(&inner);
	if (inner.status == STATUS_NOMEM)
		r->status = STATUS_NOMEM;
	return inner.status == STATUS_OK ? name : (struct slice){0};
}

static void read_naptr(struct reader *r, struct slice data,
		       struct dns_record *out)
{
	struct cursor c = cursor_over(data);

	out->priority = cursor_u16(&c);
	out->weight = cursor_u16(&c);
	cursor_skip(&c, cursor_u8(&c)); /* flags */
	out->service = cursor_take(&c, cursor_u8(&c));
	cursor_skip(&c, cursor_u8(&c)); /* regular expression */
	if (!c.bad)
		out->target = name_at(r, data, data.n - c.left);
}

static void read_data(struct reader *r, struct slice data,
		      struct dns_record *out)
{
	struct cursor c = cursor_over(data);

	switch (out->type) {
	case DNS_A:
	case DNS_AAAA:
		out->address = endpoint_of(data, 0);
		break;
	case DNS_CNAME:
	case DNS_PTR:
		out->target = name_at(r, data, 0);
		break;
	case DNS_SRV:
		out->priority = cursor_u16(&c);
		out->weight = cursor_u16(&c);
		out->address.port = cursor_u16(&c);
		out->target = name_at(r, data, 6);
		break;
	case DNS_NAPTR:
		read_naptr(r, data, out);
		break;
	default:
		break;
	}
}

static struct dns_record read_record(struct reader *r, bool question)
{
	struct dns_record record = {.name = read_name(r)};
	struct slice data;

	record.type = cursor_u16(&r->at);
	record.class = cursor_u16(&r->at);
	if (question)
		return record;
	cursor_skip(&r->at, 4); /* TTL */
	data = cursor_take(&r->at, cursor_u16(&r->at));
	if (!r->at.bad)
		read_data(r, data, &record);
	return record;
}

static const struct dns_record *read_section(struct reader *r, size_t wanted,
					     bool question, size_t *count)
{
	size_t room = wanted < DNS_RECORDS_MAX ? wanted : DNS_RECORDS_MAX;
	struct dns_record *rows;

	if (room == 0)
		return NULL;
	rows = arena_array(r->d->arena, room, sizeof(*rows));
	if (!rows) {
		r->status = STATUS_NOMEM;
		return NULL;
	}
	while (*count < room && r->at.left && r->status == STATUS_OK) {
		rows[*count] = read_record(r, question);
		if (r->at.bad || r->status != STATUS_OK)
			break;
		(*count)++;
	}
	return rows;
}

enum claim dns_claims(struct slice in, bool stream)
{
	struct cursor c = cursor_over(in);
	uint16_t flags, questions, answers;

	(void)stream;
	cursor_skip(&c, 2);
	flags = cursor_u16(&c);
	questions = cursor_u16(&c);
	answers = cursor_u16(&c);
	cursor_skip(&c, 4);
	if (c.bad || (flags >> 11 & 15) > 5 || (flags & 0x40))
		return CLAIM_NO;
	return questions + answers > 0 && questions <= 32 && answers <= 512
		       ? CLAIM_MAYBE
		       : CLAIM_NO;
}

enum status dns_decode(struct decoding *d, struct slice in, struct dns *out,
		       size_t *used)
{
	struct reader r = {.d = d, .whole = in, .at = cursor_over(in)};
	struct dns m = {.id = cursor_u16(&r.at)};
	uint16_t flags = cursor_u16(&r.at);
	size_t questions = cursor_u16(&r.at);
	size_t records = cursor_u16(&r.at);

	records += cursor_u16(&r.at);
	records += cursor_u16(&r.at);
	if (r.at.bad)
		return d->cut ? STATUS_SHORT : STATUS_BAD;
	m.response = flags >> 15;
	m.rcode = flags & 15;
	m.questions = read_section(&r, questions, true, &m.question_count);
	if (r.status == STATUS_OK && m.question_count == questions)
		m.answers = read_section(&r, records, false, &m.answer_count);
	if (r.status == STATUS_NOMEM)
		return r.status;
	if (m.question_count + m.answer_count == 0)
		return d->cut ? STATUS_SHORT : STATUS_BAD;
	*out = m;
	*used = in.n;
	return STATUS_OK;
}

static void walk_record(const struct dns_record *r, const char *group,
			struct field_sink *to)
{
	field_group(to, group);
	field_text(to, "name", r->name);
	field_number(to, "type", r->type);
	if (r->address.family != FAMILY_NONE)
		field_endpoint(to, "address", &r->address);
	if (r->target.n)
		field_text(to, "target", r->target);
	if (r->type == DNS_SRV)
		field_number(to, "port", r->address.port);
	field_end(to);
}

void dns_walk(const struct dns *m, struct field_sink *to)
{
	field_number(to, "id", m->id);
	field_number(to, "response", m->response);
	field_number(to, "rcode", m->rcode);
	for (size_t i = 0; i < m->question_count; i++)
		walk_record(&m->questions[i], "question", to);
	for (size_t i = 0; i < m->answer_count; i++)
		walk_record(&m->answers[i], "record", to);
}

static enum status decode_any(struct decoding *d, struct slice in, void *out,
			      size_t *used)
{
	return dns_decode(d, in, out, used);
}

static void walk_any(const void *message, struct field_sink *to)
{
	dns_walk(message, to);
}

const struct dissector dns_dissector = {
	.name = "dns",
	.size = sizeof(struct dns),
	.claims = dns_claims,
	.decode = decode_any,
	.walk = walk_any,
};
