/*
 * What the files of the STUN dissector share among themselves, and nobody
 * else: its rules, bare attributes before their dialect is known, and the
 * decision about the dialect.
 */
#ifndef DISSECTORS_STUN_PARTS_H
#define DISSECTORS_STUN_PARTS_H

#include "core/cursor.h"
#include "dissectors/stun.h"

#define STUN_BIT(dialect) (1u << (dialect))
#define STUN_FINGERPRINT_XOR UINT32_C(0x5354554E)

/* Rows of stun_rules. */
enum stun_rule {
	STUN_RULE_COOKIE,
	STUN_RULE_LENGTH,
	STUN_RULE_ALIGNMENT,
	STUN_RULE_OVERRUN,
	STUN_RULE_NO_PADDING,
	STUN_RULE_PADDING,
	STUN_RULE_VALUE_LENGTH,
	STUN_RULE_PLACE,
	STUN_RULE_FINGERPRINT,
	STUN_RULE_FINGERPRINT_MS,
	STUN_RULE_UNKNOWN,
	STUN_RULE_UNEXPECTED,
	STUN_RULE_CHECK_UNEXPECTED,
	STUN_RULE_ERROR_CODE,
	STUN_RULE_NO_UNKNOWN_LIST,
	STUN_RULE_FAMILY,
	STUN_RULE_CLASS,
	STUN_RULE_MS_SECRET,
	STUN_RULE_TEXT_LENGTH,
	STUN_RULE_LIMIT,
	STUN_RULES
};

extern const struct rule stun_rules[STUN_RULES + 1];

/* `d` may be NULL: then nobody wants to know. */
static inline void stun_find_rule(struct decoding *d, enum stun_rule rule,
				  struct slice where)
{
	if (d)
		decoding_find(d, &stun_rules[rule], where);
}

/* The row that most dialects share; NULL when only some dialect, or none,
 * knows the type. */
const struct stun_attribute_row *stun_common_row(uint16_t type);

/*
 * The table itself, for the tests: part 0 and on are pages with a row's place
 * given by its type's lower byte (unused places have no name), the last is
 * the list of other meanings, sorted.  NULL behind it.
 */
#define STUN_ATTRIBUTE_PAGES 4
const struct stun_attribute_row *stun_attribute_rows(size_t part,
						     size_t *count);

/* Does the body begin with Microsoft's cookie attribute? */
static inline bool stun_has_ms_cookie(struct slice body)
{
	static const uint8_t mark[8] = {0x00, 0x0F, 0x00, 0x04,
					0x72, 0xC6, 0x4B, 0xC6};

	return body.n >= sizeof(mark) &&
	       memcmp(body.p, mark, sizeof(mark)) == 0;
}

/*
 * The dialect of a message whose type, cookie, attributes (with the rows that
 * most dialects share) and fingerprint are known; `suggests` is the sum of
 * what these rows suggest.
 */
enum stun_dialect stun_dialect_of(const struct stun_message *m,
				  unsigned suggests);

/* Class and method of a type in a dialect. */
enum stun_class stun_class_of(uint16_t type, enum stun_dialect dialect);
unsigned stun_method_of(uint16_t type, enum stun_dialect dialect);

/* "Binding"; "" when unknown. */
const char *stun_method_name(unsigned method);

/* Does the method belong to TURN (RFC 8656, RFC 6062)? */
bool stun_method_is_turn(unsigned method);
/* May a message of this method have this class (RFC 8656 17)? */
bool stun_method_has_class(unsigned method, enum stun_class class);

/* How far a walk over attributes gets. */
struct stun_extent {
	size_t count; /* attributes that are whole */
	bool exact;   /* it ends at the end, to the byte */
	bool odd;     /* some length is no multiple of four */
};

/*
 * Gives each attribute in `list` (m->attributes) its row where the dialect has
 * one of its own, marks those behind the integrity as ignored, and reads the
 * values into the message.  Dialect, class and method are known by then.
 */
void stun_read_attributes(struct decoding *d, struct stun_message *m,
			  struct stun_attribute *list);

/* The value of a FINGERPRINT at the offset, against the bytes before it. */
enum stun_fingerprint stun_fingerprint_at(struct slice whole, size_t at);

/* The header's length becomes that of `n` bytes of attributes. */
void stun_write_length(struct text *to, size_t n);

/* Type, length and attributes as a classic message must have them? */
bool stun_may_be_classic(struct slice datagram);

#endif /* DISSECTORS_STUN_PARTS_H */
