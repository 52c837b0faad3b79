/*
 * What the files of the SDP dissector share among themselves, and nobody else.
 */
#ifndef DISSECTORS_SDP_PARTS_H
#define DISSECTORS_SDP_PARTS_H

#include "dissectors/sdp.h"

/* Rows of sdp_rules. */
enum sdp_rule {
	SDP_RULE_LINE,
	SDP_RULE_ORDER,
	SDP_RULE_VERSION,
	SDP_RULE_REQUIRED,
	SDP_RULE_ORIGIN,
	SDP_RULE_FIELD,
	SDP_RULE_CONNECTION,
	SDP_RULE_NO_CONNECTION,
	SDP_RULE_MEDIA,
	SDP_RULE_REPEATED,
	SDP_RULE_LEVEL,
	SDP_RULE_VALUE,
	SDP_RULE_CRYPTO,
	SDP_RULE_FINGERPRINT,
	SDP_RULE_ICE_LENGTH,
	SDP_RULE_ICE_CHARACTERS,
	SDP_RULE_ICE_MISSING,
	SDP_RULE_CANDIDATE,
	SDP_RULE_PRIORITY,
	SDP_RULE_RELATED,
	SDP_RULE_TCPTYPE,
	SDP_RULE_EXTENSION,
	SDP_RULE_CANDIDATE_REPEATED,
	SDP_RULE_EXTMAP,
	SDP_RULE_LIMIT,
	SDP_RULES
};

extern const struct rule sdp_rules[SDP_RULES + 1];

/* What the pass over the lines carries along. */
struct sdp_pass {
	struct decoding *d;
	struct sdp *sdp;
	struct sdp_media *media;    /* room for media_room, moves to grow */
	struct sdp_media *current;  /* NULL at session level */
	struct slice section;       /* the m= line of the current one */
	struct sdp_codec *codecs;   /* of the current one */
	struct sdp_crypto *cryptos; /* the same; room for SDP_CRYPTOS_MAX */
	struct sdp_candidate *candidates; /* room for candidate_room */
	size_t media_room, candidate_room;
	uint64_t seen;               /* attributes of this level, by row */
	uint32_t letters;            /* met anywhere; bit 0 is 'a' */
	unsigned rank;               /* of the last line, for the order */
	struct slice encryption;     /* a=encryption of the session */
	struct sdp_extmaps *extmaps; /* NULL: there are none */
	bool disorder, limit;
	bool key_mgmt;       /* a=key-mgmt of the session */
	bool dropped;        /* the current section is past the limit */
	bool has_connection; /* this level had its c= */
};

/* sdp_microsoft.c: the attributes of [MS-SDPEXT] in section `at`, from 1, or of
 * the session (0), which only a view asks for. */
void sdp_microsoft_walk(struct slice text, size_t at, struct field_sink *to);

/* sdp_bundle.c: a=extmap of a section; whether those of all fit together. */
enum status sdp_extmap_read(struct sdp_pass *p, struct slice value);
void sdp_extmap_check(struct sdp_pass *p);

/* Was there a line of this letter? */
static inline bool sdp_has_letter(const struct sdp_pass *p, char letter)
{
	return p->letters >> (letter - 'a') & 1u;
}

static inline void sdp_find(struct sdp_pass *p, enum sdp_rule rule,
			    struct slice where)
{
	decoding_find(p->d, &sdp_rules[rule], where);
}

static inline bool sdp_is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* token (RFC 8866 9): visible, and none of "(),/:;<=>?@[\]. */
bool sdp_is_token(struct slice s);

/* The next word that blanks end; empty at the end.  In line, since words are
 * short and many. */
static inline struct slice sdp_word(struct slice *rest)
{
	const struct slice s = *rest;
	size_t from = 0, n;

	while (from < s.n && sdp_is_blank(s.p[from]))
		from++;
	for (n = from; n < s.n && s.p[n] != ' ' && s.p[n] != '\t';)
		n++;
	*rest = slice_from(s, n);
	return slice_cut(s, from, n - from);
}

/* c= and the like: "IN IP4 192.0.2.1/127"; false when it is not that. */
bool sdp_address_read(struct slice value, uint16_t port, struct endpoint *out);

/*
 * Opens a section with the value of m=, or, with an empty one, one that only
 * a=mid or a candidate announces.  A section past the limit is dropped and
 * noted; STATUS_NOMEM.
 */
MUST_CHECK enum status sdp_media_open(struct sdp_pass *p, struct slice line);
/* Judges what can only be judged when the last line of it was read. */
void sdp_media_close(struct sdp_pass *p);

/* One a= line, without "a=". */
MUST_CHECK enum status sdp_attribute_read(struct sdp_pass *p,
					  struct slice line);

/* Judge the values of a=crypto, a=fingerprint, a=ice-ufrag and a=ice-pwd. */
void sdp_crypto_read(struct sdp_pass *p, struct slice value);
/* Keeps tag and suite of it, or of a=cryptoscale. */
void sdp_crypto_keep(struct sdp_pass *p, struct slice value, bool scale);
void sdp_fingerprint_check(struct sdp_pass *p, struct slice value);
void sdp_ice_check(struct sdp_pass *p, struct slice value, size_t least);

/* What was wrong with a candidate that could be read all the same. */
enum sdp_candidate_fault {
	SDP_FAULT_BAD = 1 << 0, /* it could not */
	SDP_FAULT_PRIORITY = 1 << 1,
	SDP_FAULT_RELATED = 1 << 2,
	SDP_FAULT_TCPTYPE = 1 << 3,
	SDP_FAULT_EXTENSION = 1 << 4,
};

/* As sdp_candidate_parse; gives the faults. */
unsigned sdp_candidate_read(struct slice value, struct sdp_candidate *out);

/* Judges and keeps the value of a=candidate or a=x-candidate-ipv6. */
MUST_CHECK enum status sdp_candidate_keep(struct sdp_pass *p,
					  struct slice value, bool ipv6);

#endif /* DISSECTORS_SDP_PARTS_H */
