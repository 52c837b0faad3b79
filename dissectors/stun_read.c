/*
 * Reading the values of attributes, as their rows say, and what can be wrong
 * with one (RFC 8489 14, RFC 8656 18, [MS-TURN] 2.2.2).
 */
#include "config.h"

#include "core/crypto.h"
#include "dissectors/stun_parts.h"

/* No check of an early Microsoft client is longer. */
#define MS_TABLE_MAX 1500

/* What has been met on the way through one message. */
struct reading {
	struct decoding *d;
	struct stun_message *m;
	uint32_t seen; /* bits 1 << enum stun_role */
	bool judges_credentials;
	/* Who has attributes of its own that all must know has a dialect of
	 * its own: that others look different there is no mistake. */
	bool foreign;
	bool behind_any; /* of these: */
	bool behind_integrity;
	bool behind_integrity256;
	bool behind_fingerprint;
};

static struct slice bytes_of(const struct stun_message *m,
			     const struct stun_attribute *a)
{
	return slice_cut(m->whole, a->at, 4 + a->value.n);
}

static void find(struct reading *r, enum stun_rule rule,
		 const struct stun_attribute *a)
{
	stun_find_rule(r->d, rule, bytes_of(r->m, a));
}

static uint32_t u32(struct slice s)
{
	struct cursor c = cursor_over(s);

	return cursor_u32(&c);
}

/*
 * XOR with the bytes that stand in the message from the cookie on: the same
 * as the constant of RFC 8489 14.2, and right for [MS-TURN] 2.2.2.16, too.
 */
static enum status read_address(const struct stun_message *m,
				struct slice value, bool xored,
				struct endpoint *out)
{
	struct cursor c = cursor_over(value);
	uint8_t family;
	uint16_t port;
	struct slice ip;
	uint8_t plain[16];

	cursor_skip(&c, 1);
	family = cursor_u8(&c);
	port = cursor_u16(&c);
	ip = cursor_rest(&c);
	if (c.bad ||
	    !((family == 1 && ip.n == 4) || (family == 2 && ip.n == 16)))
		return STATUS_BAD;
	if (!xored) {
		*out = endpoint_of(ip, port);
		return STATUS_OK;
	}
	for (size_t i = 0; i < ip.n; i++)
		plain[i] = ip.p[i] ^ m->id[i];
	port ^= (uint16_t)((unsigned)m->id[0] << 8 | m->id[1]);
	*out = endpoint_of(slice_of(plain, ip.n), port);
	return STATUS_OK;
}

enum status stun_address(const struct stun_message *m,
			 const struct stun_attribute *a, struct endpoint *out)
{
	if (!a->row || (a->row->value != STUN_VALUE_ADDRESS &&
			a->row->value != STUN_VALUE_XOR_ADDRESS))
		return STATUS_BAD;
	return read_address(m, a->value,
			    a->row->value == STUN_VALUE_XOR_ADDRESS, out);
}

/* An unknown family is passed over (RFC 8489 14.1), a wrong one is wrong. */
static void take_address(struct reading *r, const struct stun_attribute *a,
			 bool first)
{
	struct stun_message *m = r->m;
	struct endpoint e;

	if (stun_address(m, a, &e) != STATUS_OK) {
		if (a->value.p[1] == 1 || a->value.p[1] == 2)
			find(r, STUN_RULE_FAMILY, a);
		return;
	}
	/* Who asked for two families is given an address of each. */
	if (a->row->role == STUN_ROLE_RELAYED && !first &&
	    m->relayed_other.family == FAMILY_NONE &&
	    m->relayed.family != e.family)
		m->relayed_other = e;
	if (!first)
		return;
	switch (a->row->role) {
	case STUN_ROLE_XOR_MAPPED:
		m->mapped = e;
		break;
	case STUN_ROLE_MAPPED:
		if (!(r->seen & 1u << STUN_ROLE_XOR_MAPPED))
			m->mapped = e;
		break;
	case STUN_ROLE_RELAYED:
		m->relayed = e;
		break;
	case STUN_ROLE_PEER:
		m->peer = e;
		break;
	case STUN_ROLE_ALTERNATE_SERVER:
		m->alternate_server = e;
		break;
	default:
		break;
	}
}

static void take_text(struct stun_message *m, const struct stun_attribute *a)
{
	switch (a->row->role) {
	case STUN_ROLE_USERNAME:
		m->username = a->value;
		m->has_username = true;
		break;
	case STUN_ROLE_REALM:
		m->realm = a->value;
		m->has_realm = true;
		break;
	case STUN_ROLE_NONCE:
		m->nonce = a->value;
		m->has_nonce = true;
		break;
	case STUN_ROLE_SOFTWARE:
		m->software = a->value;
		m->has_software = true;
		break;
	case STUN_ROLE_DATA:
		m->data = a->value;
		m->has_data = true;
		break;
	case STUN_ROLE_USERHASH:
		m->userhash = a->value;
		break;
	case STUN_ROLE_CANDIDATE_IDENTIFIER:
		m->candidate_identifier = a->value;
		break;
	case STUN_ROLE_MS_SESSION:
		memcpy(m->ms_session, a->value.p, sizeof(m->ms_session));
		m->has_ms_session = true;
		break;
	default:
		break;
	}
}

static void take_number(struct stun_message *m, const struct stun_attribute *a)
{
	struct cursor c = cursor_over(a->value);

	switch (a->row->role) {
	case STUN_ROLE_LIFETIME:
		m->lifetime = cursor_u32(&c);
		m->has_lifetime = true;
		break;
	case STUN_ROLE_PRIORITY:
		m->priority = cursor_u32(&c);
		m->has_priority = true;
		break;
	case STUN_ROLE_CHANNEL:
		m->channel = cursor_u16(&c);
		m->has_channel = true;
		break;
	case STUN_ROLE_CONTROLLING:
		m->tie_breaker = cursor_u64(&c);
		m->has_controlling = true;
		break;
	case STUN_ROLE_CONTROLLED:
		m->tie_breaker = cursor_u64(&c);
		m->has_controlled = true;
		break;
	case STUN_ROLE_USE_CANDIDATE:
		m->use_candidate = true;
		break;
	case STUN_ROLE_MS_VERSION:
		m->ms_version = cursor_u32(&c);
		break;
	case STUN_ROLE_MS_IMPLEMENTATION:
		m->ms_implementation = cursor_u32(&c);
		break;
	default:
		break;
	}
}

/* RFC 8489 14.8; [MS-ICE2BWN] uses 274 and 275. */
static void take_error(struct reading *r, const struct stun_attribute *a)
{
	struct stun_message *m = r->m;
	struct cursor c = cursor_over(a->value);
	unsigned class, number, code;
	bool disable;

	cursor_skip(&c, 2);
	class = cursor_u8(&c) & 7;
	number = cursor_u8(&c);
	m->error_reason = cursor_rest(&c);
	code = class * 100 + number;
	disable = (code == 274 || code == 275) &&
		  (m->dialect == STUN_MS_ICE2 || m->dialect == STUN_MS_TURN);
	if (number > 99 || ((class < 3 || class > 6) && !disable))
		find(r, STUN_RULE_ERROR_CODE, a);
	if (number <= 99)
		m->error = code;
}

static void take(struct reading *r, const struct stun_attribute *a)
{
	/* Of several, the first counts (RFC 8489 14). */
	bool first = !(r->seen & 1u << a->row->role);

	r->seen |= 1u << a->row->role;
	if (!first && a->row->value != STUN_VALUE_ADDRESS &&
	    a->row->value != STUN_VALUE_XOR_ADDRESS)
		return;
	switch (a->row->value) {
	case STUN_VALUE_ADDRESS:
	case STUN_VALUE_XOR_ADDRESS:
		take_address(r, a, first);
		break;
	case STUN_VALUE_TEXT:
	case STUN_VALUE_BYTES:
		take_text(r->m, a);
		break;
	case STUN_VALUE_ERROR:
		take_error(r, a);
		break;
	default:
		take_number(r->m, a);
		break;
	}
}

/*
 * Only MESSAGE-INTEGRITY-SHA256 and FINGERPRINT count behind the integrity
 * (RFC 8489 14.5, 14.6), nothing should stand behind the fingerprint (14.7).
 */
static void place(struct reading *r, struct stun_attribute *a, unsigned role)
{
	bool may_follow =
		role == STUN_ROLE_FINGERPRINT ||
		(role == STUN_ROLE_INTEGRITY256 && !r->behind_integrity256);

	if ((r->behind_integrity || r->behind_integrity256) && !may_follow)
		a->ignored = true;
	if (a->ignored || r->behind_fingerprint)
		find(r, STUN_RULE_PLACE, a);
	if (a->ignored)
		return;
	r->behind_any = true;
	if (role == STUN_ROLE_INTEGRITY) {
		r->m->integrity_at = a->at;
		r->behind_integrity = true;
	} else if (role == STUN_ROLE_INTEGRITY256) {
		r->m->integrity256_at = a->at;
		r->behind_integrity256 = true;
	} else if (role == STUN_ROLE_INTEGRITY32 && !r->m->integrity32_at) {
		r->m->integrity32_at = a->at;
	} else if (role == STUN_ROLE_FINGERPRINT) {
		r->behind_fingerprint = true;
	}
}

/* Numbers that Microsoft took without IANA are taken by others, too, and so is
 * one where it means nothing; nobody has to know them (FaceTime has another
 * 0x8008, and puts 0x8023 into successes). */
static bool may_be_anothers(const struct reading *r,
			    const struct stun_attribute *a)
{
	if (a->type < 0x8000)
		return false;
	if (a->row->role == STUN_ROLE_ALTERNATE_SERVER)
		return r->m->class == STUN_SUCCESS;
	return strncmp(a->row->source, "[MS-", 4) == 0 &&
	       r->m->dialect != STUN_MS_TURN && r->m->dialect != STUN_MS_ICE2;
}

/* A text may be too long and is read all the same. */
static bool judge_length(struct reading *r, const struct stun_attribute *a)
{
	const struct stun_attribute_row *row = a->row;
	bool fits = a->value.n >= row->min && a->value.n <= row->max;

	if (row->role == STUN_ROLE_INTEGRITY256 && a->value.n % 4)
		fits = false;
	if (fits)
		return true;
	if (a->value.n > row->max &&
	    (row->value == STUN_VALUE_TEXT || row->role == STUN_ROLE_NONCE)) {
		find(r, STUN_RULE_TEXT_LENGTH, a);
		return true;
	}
	if (!r->foreign && !may_be_anothers(r, a))
		find(r, STUN_RULE_VALUE_LENGTH, a);
	return false;
}

/* Credentials have no place in a success: long-term ones (RFC 8489 9.2.4), nor
 * those of checks, which have no realm (9.1.3). */
static void judge_credentials(struct reading *r, struct stun_attribute *a,
			      unsigned role)
{
	const struct stun_message *m = r->m;

	if (role == STUN_ROLE_REALM || role == STUN_ROLE_NONCE ||
	    role == STUN_ROLE_USERHASH)
		find(r, STUN_RULE_UNEXPECTED, a);
	else if (role == STUN_ROLE_USERNAME)
		find(r,
		     m->method == STUN_BINDING ? STUN_RULE_CHECK_UNEXPECTED
					       : STUN_RULE_UNEXPECTED,
		     a);
}

static void read_one(struct reading *r, struct stun_attribute *a)
{
	unsigned role;

	if (!a->row || !(a->row->dialects & STUN_BIT(r->m->dialect)))
		a->row = stun_attribute_row(a->type, r->m->dialect);
	role = a->row ? a->row->role : STUN_ROLE_NONE;
	if (r->behind_any || role >= STUN_ROLE_INTEGRITY)
		place(r, a, role);
	if (!a->row) {
		if (a->type < 0x8000 && !a->ignored) {
			find(r, STUN_RULE_UNKNOWN, a);
			r->foreign = true;
		}
		return;
	}
	if (!judge_length(r, a) || a->ignored)
		return;
	if (r->judges_credentials)
		judge_credentials(r, a, role);
	take(r, a);
}

void stun_read_attributes(struct decoding *d, struct stun_message *m,
			  struct stun_attribute *list)
{
	struct reading r = {.d = d, .m = m};

	r.judges_credentials =
		m->class == STUN_SUCCESS &&
		(m->dialect == STUN_RFC || m->dialect == STUN_TURN);
	for (size_t i = 0; i < m->attribute_count; i++)
		read_one(&r, &list[i]);
	if (m->error == 420 && !(r.seen & 1u << STUN_ROLE_UNKNOWN_ATTRIBUTES) &&
	    !m->cut)
		stun_find_rule(d, STUN_RULE_NO_UNKNOWN_LIST, m->whole);
}

/*
 * CRC-32 with the one wrong entry in the table of early Microsoft clients
 * ([MS-ICE2], as libnice found it).  Slow, and rarely asked for.
 */
static uint32_t crc32_ms_table(struct slice s)
{
	uint32_t crc = UINT32_C(0xFFFFFFFF);

	for (size_t i = 0; i < s.n; i++) {
		uint32_t entry = (crc ^ s.p[i]) & 0xFF;

		for (int bit = 0; bit < 8; bit++)
			entry = entry & 1 ? entry >> 1 ^ UINT32_C(0xEDB88320)
					  : entry >> 1;
		if (entry == UINT32_C(0x8BBEB8EA))
			entry = UINT32_C(0x08BBE8EA);
		crc = crc >> 8 ^ entry;
	}
	return crc ^ UINT32_C(0xFFFFFFFF);
}

enum stun_fingerprint stun_fingerprint_at(struct slice whole, size_t at)
{
	struct slice before = slice_first(whole, at);
	uint32_t value = u32(slice_cut(whole, at + 4, 4));

	value ^= STUN_FINGERPRINT_XOR;
	if (crc32_update(0, before) == value)
		return FINGERPRINT_OK;
	if (at <= MS_TABLE_MAX && crc32_ms_table(before) == value)
		return FINGERPRINT_OK_MS_TABLE;
	return FINGERPRINT_BAD;
}
