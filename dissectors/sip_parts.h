/*
 * What the files of the SIP dissector share among themselves, and nobody
 * else: its rules, what a header row knows, and the readers of values that
 * tell what was wrong beside what they read.
 */
#ifndef DISSECTORS_SIP_PARTS_H
#define DISSECTORS_SIP_PARTS_H

#include "core/scan.h"
#include "dissectors/sip.h"

/* Rows of sip_rules. */
enum sip_rule {
	SIP_RULE_VERSION,
	SIP_RULE_START_LINE,
	SIP_RULE_STATUS,
	SIP_RULE_REASON_SPACE,
	SIP_RULE_REQUEST_URI,
	SIP_RULE_REQUEST_URI_HEADERS,
	SIP_RULE_LINE_END,
	SIP_RULE_LEADING_LINES,
	SIP_RULE_HEADER_LINE,
	SIP_RULE_NO_EMPTY_LINE,
	SIP_RULE_HEADERS_LIMIT,
	SIP_RULE_BODY_LIMIT,
	SIP_RULE_REPEATED,
	SIP_RULE_NO_CALL_ID,
	SIP_RULE_NO_CSEQ,
	SIP_RULE_NO_FROM,
	SIP_RULE_NO_TO,
	SIP_RULE_NO_VIA,
	SIP_RULE_NO_MAX_FORWARDS,
	SIP_RULE_NO_FROM_TAG,
	SIP_RULE_NO_TO_TAG,
	SIP_RULE_NO_CONTACT,
	SIP_RULE_NO_CHALLENGE,
	SIP_RULE_NO_ACCEPT,
	SIP_RULE_CALL_ID,
	SIP_RULE_CSEQ,
	SIP_RULE_CSEQ_METHOD,
	SIP_RULE_VIA,
	SIP_RULE_BRANCH,
	SIP_RULE_ADDRESS,
	SIP_RULE_ADDRESS_BRACKETS,
	SIP_RULE_DISPLAY_NAME,
	SIP_RULE_URI,
	SIP_RULE_PARAMETER,
	SIP_RULE_NUMBER,
	SIP_RULE_DATE,
	SIP_RULE_CONTACT_STAR,
	SIP_RULE_CONTACT_EXPIRES,
	SIP_RULE_LENGTH_BAD,
	SIP_RULE_LENGTH_CONFLICT,
	SIP_RULE_LENGTH_MISSING,
	SIP_RULE_LENGTH_BEYOND,
	SIP_RULE_SURPLUS,
	SIP_RULE_MULTIPART,
	SIP_RULES
};

extern const struct rule sip_rules[SIP_RULES + 1];

/* `d` may be NULL: then nobody wants to know. */
static inline void sip_find(struct decoding *d, enum sip_rule rule,
			    struct slice where)
{
	if (d)
		decoding_find(d, &sip_rules[rule], where);
}

/* token (RFC 3261 25.1), no slash, no blank? */
extern const uint8_t sip_token_bytes[256];

static inline bool sip_is_token_byte(uint8_t c)
{
	return sip_token_bytes[c] != 0;
}

/* At least one byte and nothing but token bytes? */
bool sip_is_token(struct slice s);

/* LWS without its line ends is SP or HTAB; inside a raw fold also CR, LF. */
static inline bool sip_is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The name of a header as fields have it: "call-id"; "" for OTHER. */
const char *sip_header_field(enum sip_header_name id);
/* May it stand in a message only once (RFC 3261 7.3.1)? */
bool sip_header_once(enum sip_header_name id);

/* What was wrong with a value that could be read all the same. */
enum sip_fault {
	SIP_FAULT_NO_URI = 1 << 0,   /* nothing that could be one */
	SIP_FAULT_QUOTE = 1 << 1,    /* a quote that nothing closes */
	SIP_FAULT_ANGLE = 1 << 2,    /* a '<' that nothing closes */
	SIP_FAULT_BLANK = 1 << 3,    /* blanks inside <> */
	SIP_FAULT_TRAIL = 1 << 4,    /* bytes behind '>' but no ';' */
	SIP_FAULT_DISPLAY = 1 << 5,  /* unquoted name of other than tokens */
	SIP_FAULT_BRACKETS = 1 << 6, /* needs <> and has none (20.10) */
	SIP_FAULT_SCHEME = 1 << 7,   /* URI without scheme */
	SIP_FAULT_PARAM = 1 << 8,    /* empty parameter: ";;" */
	SIP_FAULT_VIA = 1 << 9,      /* not SIP/2.0/transport host */
};

/* As sip_address_parse; gives the faults. */
unsigned sip_address_read(struct slice value, struct sip_address *out);
/* Reads ";tag=x": the tag, empty when missing; gives SIP_FAULT_PARAM. */
unsigned sip_tag_read(struct slice params, struct slice *tag);
/* As sip_via_parse. */
unsigned sip_via_read(struct slice entry, struct sip_via *out);

/* A place outside quotes, or s.n. */
size_t sip_find_unquoted(struct slice s, uint8_t byte);

/* A walk over lines; see sip_lines.c for what ends one. */
struct sip_lines {
	struct slice all;
	size_t at;  /* the next line starts here */
	size_t end; /* of the last one, without its line end */
	bool odd;   /* a line ended in other than CRLF */
};

struct sip_lines sip_lines_over(struct slice s);
/* Takes a line without its end; false when what is left has no line end. */
bool sip_line_next(struct sip_lines *lines, struct slice *line);

/* A line and those that continue it (RFC 3261 7.3.1). */
struct sip_field_line {
	struct slice raw; /* without the last line end */
	bool folded;
	bool unended; /* the bytes end in it */
};
struct sip_field_line sip_field_next(struct sip_lines *lines);

/*
 * Takes the line that nearly all are, which ends in CRLF, has no other control
 * character and is not continued.  False: it is another, ask sip_field_next.
 */
static inline bool sip_plain_line(struct sip_lines *lines, struct slice *line)
{
	const struct slice rest = slice_from(lines->all, lines->at);
	const size_t n = scan_first_below(rest, '\r' + 1);

	if (n + 1 >= rest.n || rest.p[n] != '\r' || rest.p[n + 1] != '\n')
		return false;
	if (n && n + 2 < rest.n &&
	    (rest.p[n + 2] == ' ' || rest.p[n + 2] == '\t'))
		return false;
	*line = slice_of(rest.p, n);
	lines->end = lines->at + n;
	lines->at += n + 2;
	return true;
}

/*
 * A copy in which each fold with the blanks around it is one SP; p is NULL
 * when there is no memory.
 */
struct slice sip_unfold(struct arena *arena, struct slice raw);

/*
 * Reads a start line into the message: STATUS_NOT_MINE when it is none,
 * STATUS_BAD when it is one that nobody can use (a status of other than three
 * digits, a Request-URI without a colon).  What is wrong becomes findings of
 * `d`, which may be NULL.
 */
MUST_CHECK enum status sip_start_line_read(struct slice line,
					   struct sip_message *m,
					   struct decoding *d);

/* One finding for each kind of fault (enum sip_fault) in the header. */
void sip_check_faults(struct decoding *d, unsigned faults,
		      const struct sip_header *header);
/* Looks at one header that the decoder does not read itself. */
void sip_check_header(struct decoding *d, const struct sip_message *m,
		      const struct sip_header *header);
/* Looks at the whole; `seen` has bit n set when a header of id n is there. */
void sip_check_message(struct decoding *d, const struct sip_message *m,
		       uint64_t seen);

/* Is the body multipart with a boundary, and closed by it? */
bool sip_multipart_sound(const struct sip_message *m);

#endif /* DISSECTORS_SIP_PARTS_H */
