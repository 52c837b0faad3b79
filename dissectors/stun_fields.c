/* The fields of a STUN message, for whoever listens. */
#include "config.h"

#include "dissectors/stun_parts.h"

/* One attribute on its way out. */
struct shown {
	const struct stun_message *m;
	const struct stun_attribute *a;
	struct field_sink *to;
};

static void show(const struct shown *s, struct field field)
{
	field.where = s->a->value;
	s->to->take(s->to->context, &field);
}

static void show_number(const struct shown *s, const char *name, uint64_t n)
{
	show(s, (struct field){
			.kind = FIELD_NUMBER, .name = name, .number = n});
}

static void show_code(const struct shown *s, const char *name, uint64_t n,
		      const char *meaning)
{
	show(s, (struct field){.kind = FIELD_CODE,
			       .name = name,
			       .number = n,
			       .text = slice_of_text(meaning)});
}

static void show_slice(const struct shown *s, enum field_kind kind,
		       const char *name, struct slice text)
{
	show(s, (struct field){.kind = kind, .name = name, .text = text});
}

static const char *family_text(uint8_t family)
{
	return family == 1 ? "IPv4" : family == 2 ? "IPv6" : "";
}

static const char *protocol_text(uint8_t protocol)
{
	return protocol == 17 ? "UDP" : protocol == 6 ? "TCP" : "";
}

static const char *algorithm_text(uint16_t algorithm)
{
	return algorithm == 1 ? "MD5" : algorithm == 2 ? "SHA-256" : "";
}

static void show_address(const struct shown *s, const char *name)
{
	struct endpoint e;

	if (stun_address(s->m, s->a, &e) == STATUS_OK)
		show(s, (struct field){.kind = FIELD_ENDPOINT,
				       .name = name,
				       .endpoint = e});
	else
		show_slice(s, FIELD_BYTES, name, s->a->value);
}

static void show_error(const struct shown *s, const char *name)
{
	struct cursor c = cursor_over(s->a->value);
	unsigned code;

	cursor_skip(&c, 2);
	code = (cursor_u8(&c) & 7u) * 100;
	code += cursor_u8(&c);
	show_code(s, name, code, stun_error_text(code, s->m->dialect));
	if (c.left)
		show_slice(s, FIELD_TEXT, "reason", cursor_rest(&c));
}

static void show_types(const struct shown *s, const char *name)
{
	struct cursor c = cursor_over(s->a->value);

	while (c.left >= 2) {
		uint16_t type = cursor_u16(&c);
		const struct stun_attribute_row *row;

		row = stun_attribute_row(type, s->m->dialect);
		show_code(s, name, type, row ? row->name : "");
	}
}

/* RFC 8489 14.11: number, length of parameters, parameters, padding. */
static void show_algorithms(const struct shown *s, const char *name)
{
	struct cursor c = cursor_over(s->a->value);

	while (c.left >= 4) {
		uint16_t algorithm = cursor_u16(&c);
		size_t length = cursor_u16(&c);

		show_code(s, name, algorithm, algorithm_text(algorithm));
		cursor_skip(&c, (length + 3) / 4 * 4);
		if (c.bad)
			return;
	}
}

/* RFC 8656 18.13: 16 bits of nothing, then type, code and data. */
static void show_icmp(const struct shown *s, const char *name)
{
	struct cursor c = cursor_over(s->a->value);
	uint16_t both;

	cursor_skip(&c, 2);
	both = cursor_u16(&c);
	field_group(s->to, name);
	show_number(s, "type", both >> 9);
	show_number(s, "code", both & 0x1FF);
	show_number(s, "data", cursor_u32(&c));
	field_end(s->to);
}

/* A connection id stands before the number in all but some requests. */
static void show_sequence(const struct shown *s, const char *name)
{
	struct cursor c = cursor_over(s->a->value);

	field_group(s->to, name);
	if (c.left > 4)
		show_slice(s, FIELD_BYTES, "connection-id",
			   cursor_take(&c, c.left - 4));
	show_number(s, "sequence", cursor_u32(&c));
	field_end(s->to);
}

static void show_pair(const struct shown *s, const char *name)
{
	struct cursor c = cursor_over(s->a->value);

	field_group(s->to, name);
	show_number(s, "first", cursor_u16(&c));
	show_number(s, "second", cursor_u16(&c));
	field_end(s->to);
}

static void show_small(const struct shown *s, enum stun_value value,
		       const char *name)
{
	struct cursor c = cursor_over(s->a->value);

	if (value == STUN_VALUE_U32) {
		show_number(s, name, cursor_u32(&c));
	} else if (value == STUN_VALUE_U64) {
		show_number(s, name, cursor_u64(&c));
	} else if (value == STUN_VALUE_CHANNEL) {
		show_number(s, name, cursor_u16(&c));
	} else if (value == STUN_VALUE_EVEN_PORT) {
		show_number(s, name, cursor_u8(&c) >> 7);
	} else if (value == STUN_VALUE_FAMILY) {
		uint8_t family = cursor_u8(&c);

		show_code(s, name, family, family_text(family));
	} else if (value == STUN_VALUE_PROTOCOL) {
		uint8_t protocol = cursor_u8(&c);

		show_code(s, name, protocol, protocol_text(protocol));
	}
}

static void show_value(const struct shown *s)
{
	const struct stun_attribute_row *row = s->a->row;
	enum stun_value value = (enum stun_value)row->value;

	switch (value) {
	case STUN_VALUE_BYTES:
		show_slice(s, FIELD_BYTES, row->name, s->a->value);
		break;
	case STUN_VALUE_TEXT:
		show_slice(s, FIELD_TEXT, row->name, s->a->value);
		break;
	case STUN_VALUE_SECRET:
		show(s, (struct field){.kind = FIELD_BYTES,
				       .name = row->name,
				       .text = s->a->value,
				       .secret = true});
		break;
	case STUN_VALUE_EMPTY:
		show(s, (struct field){.kind = FIELD_FLAG,
				       .name = row->name,
				       .number = 1});
		break;
	case STUN_VALUE_ADDRESS:
	case STUN_VALUE_XOR_ADDRESS:
		show_address(s, row->name);
		break;
	case STUN_VALUE_ERROR:
		show_error(s, row->name);
		break;
	case STUN_VALUE_TYPES:
		show_types(s, row->name);
		break;
	case STUN_VALUE_ALGORITHMS:
		show_algorithms(s, row->name);
		break;
	case STUN_VALUE_ICMP:
		show_icmp(s, row->name);
		break;
	case STUN_VALUE_SEQUENCE:
		show_sequence(s, row->name);
		break;
	case STUN_VALUE_MS_TYPED:
		show_pair(s, row->name);
		break;
	case STUN_VALUE_U32:
	case STUN_VALUE_U64:
	case STUN_VALUE_CHANNEL:
	case STUN_VALUE_FAMILY:
	case STUN_VALUE_PROTOCOL:
	case STUN_VALUE_EVEN_PORT:
		show_small(s, value, row->name);
		break;
	}
}

/* A value whose length is wrong is shown as the bytes that it has. */
static void show_attribute(const struct shown *s)
{
	const struct stun_attribute_row *row = s->a->row;

	if (!row) {
		field_group(s->to, "attribute");
		show_number(s, "type", s->a->type);
		show_slice(s, FIELD_BYTES, "value", s->a->value);
		field_end(s->to);
	} else if (row->value != STUN_VALUE_SECRET &&
		   row->value != STUN_VALUE_TEXT &&
		   (s->a->value.n < row->min || s->a->value.n > row->max)) {
		show_slice(s, FIELD_BYTES, row->name, s->a->value);
	} else {
		show_value(s);
	}
}

static void show_header(const struct stun_message *m, struct field_sink *to)
{
	field_text(to, "class", slice_of_text(stun_class_text(m->class)));
	field_code(to, "method", m->method, stun_method_name(m->method));
	field_number(to, "type", m->type);
	field_text(to, "dialect",
		   slice_of_text(stun_dialect_text(m->dialect)));
	field_bytes(to, "transaction-id", stun_transaction(m));
}

static const char *fingerprint_text(enum stun_fingerprint fingerprint)
{
	static const char *const names[] = {
		[FINGERPRINT_ABSENT] = "absent",
		[FINGERPRINT_OK] = "ok",
		[FINGERPRINT_OK_MS_TABLE] = "ok with Microsoft's table",
		[FINGERPRINT_BAD] = "bad",
	};

	return names[fingerprint];
}

void stun_walk(const struct stun_message *m, struct field_sink *to)
{
	show_header(m, to);
	for (size_t i = 0; i < m->attribute_count; i++) {
		struct shown s = {m, &m->attributes[i], to};

		if (s.a->ignored)
			field_group(to, "ignored");
		show_attribute(&s);
		if (s.a->ignored)
			field_end(to);
	}
	if (m->fingerprint != FINGERPRINT_ABSENT)
		field_text(to, "fingerprint",
			   slice_of_text(fingerprint_text(m->fingerprint)));
}
