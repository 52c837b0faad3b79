/*
 * The attributes: number, meaning by dialect, layout, document (the IANA
 * registry of STUN parameters, the Microsoft documents, and what programs in
 * the field send).
 *
 * Types stand in four pages by their upper byte; in a page, a row is found by
 * the lower byte.  What a number means in other dialects only stands in a
 * short list beside them.
 */
#include "config.h"

#include "dissectors/stun_parts.h"

#define CLASSIC STUN_BIT(STUN_CLASSIC)
#define RFC STUN_BIT(STUN_RFC)
#define TURN STUN_BIT(STUN_TURN)
#define MS_TURN STUN_BIT(STUN_MS_TURN)
#define MS_ICE2 STUN_BIT(STUN_MS_ICE2)
#define GOOGLE STUN_BIT(STUN_GOOGLE)

#define ALL (CLASSIC | RFC | TURN | MS_TURN | MS_ICE2 | GOOGLE)
#define COOKIE (RFC | TURN | MS_ICE2)	   /* what RFC 5389 began */
#define NO_RELAY (CLASSIC | COOKIE)	   /* all but the old relays */
#define NOT_MS (NO_RELAY | GOOGLE)	   /* [MS-TURN] answers 420 */
#define RELAY (MS_TURN | GOOGLE)	   /* TURN-08 and its children */
#define NOT_GOOGLE (NO_RELAY | MS_TURN)	   /* its relays mean another */

#define ANY 65535 /* no limit but the message */

/* Type, in which dialects, what it suggests, layout, role, length, name. */
#define ROW(type, in, suggests, value, role, min, max, name, source)        \
	{(type), (in), (suggests), STUN_VALUE_##value, STUN_ROLE_##role,    \
	 (min), (max), (name), (source)}
#define AT(type, ...) [(type) & 0xFF] = ROW(type, __VA_ARGS__)

/* clang-format off */

static const struct stun_attribute_row page_00[] = {
	AT(0x0001, NO_RELAY, 0, ADDRESS, MAPPED, 8, 20,
	   "MAPPED-ADDRESS", "RFC 8489 14.1"),
	AT(0x0002, NOT_MS, 0, ADDRESS, NONE, 8, 20,
	   "RESPONSE-ADDRESS", "RFC 3489 11.2.2"),
	AT(0x0003, NOT_MS, 0, U32, NONE, 4, 4,
	   "CHANGE-REQUEST", "RFC 5780 7.2"),
	AT(0x0004, NOT_MS, 0, ADDRESS, NONE, 8, 20,
	   "SOURCE-ADDRESS", "RFC 3489 11.2.5"),
	AT(0x0005, NOT_MS, 0, ADDRESS, NONE, 8, 20,
	   "CHANGED-ADDRESS", "RFC 3489 11.2.3"),
	AT(0x0006, NO_RELAY, 0, TEXT, USERNAME, 0, 512,
	   "USERNAME", "RFC 8489 14.3"),
	AT(0x0007, NOT_MS, 0, SECRET, NONE, 0, ANY,
	   "PASSWORD", "RFC 3489 11.2.7"),
	AT(0x0008, NO_RELAY, 0, BYTES, INTEGRITY, 20, 20,
	   "MESSAGE-INTEGRITY", "RFC 8489 14.5"),
	AT(0x0009, ALL, 0, ERROR, ERROR, 4, 767,
	   "ERROR-CODE", "RFC 8489 14.8"),
	AT(0x000A, ALL, 0, TYPES, UNKNOWN_ATTRIBUTES, 0, ANY,
	   "UNKNOWN-ATTRIBUTES", "RFC 8489 14.13"),
	AT(0x000B, NOT_MS, 0, ADDRESS, NONE, 8, 20,
	   "REFLECTED-FROM", "RFC 3489 11.2.11"),
	AT(0x000C, NO_RELAY, TURN, CHANNEL, CHANNEL, 4, 4,
	   "CHANNEL-NUMBER", "RFC 8656 18.1"),
	AT(0x000D, ALL, TURN, U32, LIFETIME, 4, 4,
	   "LIFETIME", "RFC 8656 18.2"),
	AT(0x0010, ALL, TURN, U32, NONE, 4, 4,
	   "BANDWIDTH", "[MS-TURN] 2.2.2.9"),
	AT(0x0012, NO_RELAY, TURN, XOR_ADDRESS, PEER, 8, 20,
	   "XOR-PEER-ADDRESS", "RFC 8656 18.3"),
	AT(0x0013, ALL, TURN, BYTES, DATA, 0, ANY,
	   "DATA", "RFC 8656 18.4"),
	AT(0x0014, NO_RELAY, 0, TEXT, REALM, 0, 763,
	   "REALM", "RFC 8489 14.9"),
	AT(0x0015, NO_RELAY, 0, TEXT, NONCE, 0, 763,
	   "NONCE", "RFC 8489 14.10"),
	AT(0x0016, NO_RELAY, TURN, XOR_ADDRESS, RELAYED, 8, 20,
	   "XOR-RELAYED-ADDRESS", "RFC 8656 18.5"),
	AT(0x0017, ALL, TURN, FAMILY, NONE, 4, 4,
	   "REQUESTED-ADDRESS-FAMILY", "RFC 8656 18.6"),
	AT(0x0018, NO_RELAY, TURN, EVEN_PORT, NONE, 1, 1,
	   "EVEN-PORT", "RFC 8656 18.7"),
	AT(0x0019, NO_RELAY, TURN, PROTOCOL, NONE, 4, 4,
	   "REQUESTED-TRANSPORT", "RFC 8656 18.8"),
	AT(0x001A, NO_RELAY, TURN, EMPTY, NONE, 0, 0,
	   "DONT-FRAGMENT", "RFC 8656 18.9"),
	AT(0x001B, NO_RELAY, 0, SECRET, NONE, 2, ANY,
	   "ACCESS-TOKEN", "RFC 7635 6.2"),
	AT(0x001C, NO_RELAY, 0, BYTES, INTEGRITY256, 16, 32,
	   "MESSAGE-INTEGRITY-SHA256", "RFC 8489 14.6"),
	AT(0x001D, NO_RELAY, 0, ALGORITHMS, NONE, 4, ANY,
	   "PASSWORD-ALGORITHM", "RFC 8489 14.12"),
	AT(0x001E, NO_RELAY, 0, BYTES, USERHASH, 32, 32,
	   "USERHASH", "RFC 8489 14.4"),
	AT(0x0020, NO_RELAY, 0, XOR_ADDRESS, XOR_MAPPED, 8, 20,
	   "XOR-MAPPED-ADDRESS", "RFC 8489 14.2"),
	AT(0x0021, COOKIE, TURN, U32, NONE, 4, 4,
	   "TIMER-VAL", "draft-ietf-behave-turn-04"),
	AT(0x0022, NO_RELAY, TURN, BYTES, NONE, 8, 8,
	   "RESERVATION-TOKEN", "RFC 8656 18.10"),
	AT(0x0024, NO_RELAY, 0, U32, PRIORITY, 4, 4,
	   "PRIORITY", "RFC 8445 16.1"),
	AT(0x0025, NO_RELAY, 0, EMPTY, USE_CANDIDATE, 0, 0,
	   "USE-CANDIDATE", "RFC 8445 16.1"),
	AT(0x0026, NO_RELAY, 0, BYTES, NONE, 0, ANY,
	   "PADDING", "RFC 5780 7.6"),
	AT(0x0027, NO_RELAY, 0, BYTES, NONE, 2, 20,
	   "RESPONSE-PORT", "RFC 5780 7.5"),
	AT(0x002A, NO_RELAY, TURN, U32, NONE, 4, 4,
	   "CONNECTION-ID", "RFC 6062 6.2.1"),
	AT(0x0030, NO_RELAY, TURN, BYTES, NONE, 4, 4,
	   "ICMP", "draft-ietf-behave-turn"),
};

static const struct stun_attribute_row page_80[] = {
	AT(0x8000, NOT_GOOGLE, TURN, FAMILY, NONE, 4, 4,
	   "ADDITIONAL-ADDRESS-FAMILY", "RFC 8656 18.11"),
	AT(0x8001, NOT_GOOGLE, TURN, BYTES, NONE, 4, 767,
	   "ADDRESS-ERROR-CODE", "RFC 8656 18.12"),
	AT(0x8002, ALL, 0, ALGORITHMS, NONE, 4, ANY,
	   "PASSWORD-ALGORITHMS", "RFC 8489 14.11"),
	AT(0x8003, ALL, 0, TEXT, NONE, 1, 255,
	   "ALTERNATE-DOMAIN", "RFC 8489 14.16"),
	AT(0x8004, ALL, TURN, ICMP, NONE, 8, 8,
	   "ICMP", "RFC 8656 18.13"),
	AT(0x8006, MS_TURN | MS_ICE2, 0, BYTES, NONE, 0, ANY,
	   "MS-8006", "seen from Microsoft clients, no document"),
	AT(0x8008, ALL, 0, U32, MS_VERSION, 4, 4,
	   "MS-VERSION", "[MS-TURN] 2.2.2.17"),
	AT(0x8020, ALL, 0, XOR_ADDRESS, XOR_MAPPED, 8, 20,
	   "XOR-MAPPED-ADDRESS", "[MS-TURN] 2.2.2.16"),
	AT(0x8022, ALL, 0, TEXT, SOFTWARE, 0, 763,
	   "SOFTWARE", "RFC 8489 14.14"),
	AT(0x8023, ALL, 0, ADDRESS, ALTERNATE_SERVER, 8, 20,
	   "ALTERNATE-SERVER", "RFC 8489 14.15"),
	AT(0x8025, ALL, 0, BYTES, NONE, 4, 4,
	   "TRANSACTION-TRANSMIT-COUNTER", "RFC 7982 3"),
	AT(0x8027, ALL, 0, U32, NONE, 4, 4,
	   "CACHE-TIMEOUT", "RFC 5780"),
	AT(0x8028, ALL, 0, BYTES, FINGERPRINT, 4, 4,
	   "FINGERPRINT", "RFC 8489 14.7"),
	AT(0x8029, ALL, 0, U64, CONTROLLED, 8, 8,
	   "ICE-CONTROLLED", "RFC 8445 16.1"),
	AT(0x802A, ALL, 0, U64, CONTROLLING, 8, 8,
	   "ICE-CONTROLLING", "RFC 8445 16.1"),
	AT(0x802B, ALL, 0, ADDRESS, NONE, 8, 20,
	   "RESPONSE-ORIGIN", "RFC 5780 7.3"),
	AT(0x802C, ALL, 0, ADDRESS, NONE, 8, 20,
	   "OTHER-ADDRESS", "RFC 5780 7.4"),
	AT(0x802D, ALL, 0, U32, NONE, 4, 4,
	   "ECN-CHECK", "RFC 6679 7.2.2"),
	AT(0x802E, ALL, 0, TEXT, NONE, 0, ANY,
	   "THIRD-PARTY-AUTHORIZATION", "RFC 7635 6.1"),
	AT(0x802F, ALL, 0, TEXT, NONE, 0, ANY,
	   "ORIGIN", "draft-johnston-tram-stun-origin"),
	AT(0x8030, ALL, TURN, BYTES, NONE, 0, ANY,
	   "MOBILITY-TICKET", "RFC 8016 3.1"),
	AT(0x8032, ALL, 0, TEXT, NONE, 0, ANY,
	   "MS-ALTERNATE-HOST-NAME", "[MS-TURN] 2.2.2.18"),
	AT(0x8033, MS_TURN | MS_ICE2, 0, BYTES, NONE, 0, ANY,
	   "MS-8033", "seen from Microsoft clients, no document"),
	AT(0x8036, MS_TURN | MS_ICE2, 0, BYTES, NONE, 0, ANY,
	   "MS-8036", "seen from Microsoft clients, no document"),
	AT(0x8037, ALL, 0, U32, NONE, 4, 4,
	   "MS-APP-ID", "[MS-TURN] 2.2.2.19"),
	AT(0x8039, ALL, 0, BYTES, NONE, 0, ANY,
	   "MS-SECURE-TAG", "[MS-TURN] 2.2.2.20"),
	AT(0x8050, ALL & ~CLASSIC, 0, SEQUENCE, NONE, 4, 24,
	   "MS-SEQUENCE-NUMBER", "[MS-TURN] 2.2.2.21"),
	AT(0x8054, ALL, MS_ICE2, TEXT, CANDIDATE_IDENTIFIER, 0, ANY,
	   "CANDIDATE-IDENTIFIER", "[MS-ICE2] 2.2"),
	AT(0x8055, ALL, 0, MS_TYPED, NONE, 4, 4,
	   "MS-SERVICE-QUALITY", "[MS-TURN] 2.2.2.22"),
	AT(0x8056, ALL, 0, MS_TYPED, NONE, 4, 4,
	   "BANDWIDTH-ADMISSION-CONTROL-MESSAGE", "[MS-TURNBWM] 2.2.1"),
	AT(0x8057, ALL, 0, BYTES, NONE, 16, 16,
	   "BANDWIDTH-RESERVATION-IDENTIFIER", "[MS-TURNBWM] 2.2.2"),
	AT(0x8058, ALL, 0, BYTES, NONE, 16, 16,
	   "BANDWIDTH-RESERVATION-AMOUNT", "[MS-TURNBWM] 2.2.3"),
	AT(0x8059, ALL, 0, XOR_ADDRESS, NONE, 8, 20,
	   "REMOTE-SITE-ADDRESS", "[MS-TURNBWM] 2.2.4"),
	AT(0x805A, ALL, 0, XOR_ADDRESS, NONE, 8, 20,
	   "REMOTE-RELAY-SITE-ADDRESS", "[MS-TURNBWM] 2.2.5"),
	AT(0x805B, ALL, 0, XOR_ADDRESS, NONE, 8, 20,
	   "LOCAL-SITE-ADDRESS", "[MS-TURNBWM] 2.2.6"),
	AT(0x805C, ALL, 0, XOR_ADDRESS, NONE, 8, 20,
	   "LOCAL-RELAY-SITE-ADDRESS", "[MS-TURNBWM] 2.2.7"),
	AT(0x805D, ALL, 0, BYTES, NONE, 12, 12,
	   "REMOTE-SITE-ADDRESS-RESPONSE", "[MS-TURNBWM] 2.2.8"),
	AT(0x805E, ALL, 0, BYTES, NONE, 12, 12,
	   "REMOTE-RELAY-SITE-ADDRESS-RESPONSE", "[MS-TURNBWM] 2.2.9"),
	AT(0x805F, ALL, 0, BYTES, NONE, 12, 12,
	   "LOCAL-SITE-ADDRESS-RESPONSE", "[MS-TURNBWM] 2.2.10"),
	AT(0x8060, ALL, 0, BYTES, NONE, 12, 12,
	   "LOCAL-RELAY-SITE-ADDRESS-RESPONSE", "[MS-TURNBWM] 2.2.11"),
	AT(0x8061, ALL, 0, BYTES, NONE, 0, ANY,
	   "SIP-DIALOG-IDENTIFIER", "[MS-TURNBWM] 2.2.12"),
	AT(0x8062, ALL, 0, BYTES, NONE, 0, ANY,
	   "SIP-CALL-IDENTIFIER", "[MS-TURNBWM] 2.2.13"),
	AT(0x8068, ALL, 0, BYTES, NONE, 4, 4,
	   "LOCATION-PROFILE", "[MS-TURNBWM] 2.2.14"),
	AT(0x8070, ALL, MS_ICE2, U32, MS_IMPLEMENTATION, 4, 4,
	   "MS-IMPLEMENTATION-VERSION", "[MS-ICE2] 2.2"),
	AT(0x8090, ALL, 0, ADDRESS, NONE, 8, 20,
	   "MS-ALTERNATE-MAPPED-ADDRESS", "[MS-TURN] 2.2.2.23"),
	AT(0x8095, ALL, 0, BYTES, MS_SESSION, 8, 8,
	   "MULTIPLEXED-TURN-SESSION-ID", "[MS-TURN] 2.2.2.24"),
};

static const struct stun_attribute_row page_c0[] = {
	AT(0xC000, ALL, 0, BYTES, NONE, 0, ANY,
	   "CISCO-STUN-FLOWDATA", "IANA"),
	AT(0xC001, ALL, 0, BYTES, NONE, 0, ANY,
	   "NOMINATION", "draft-thatcher-ice-renomination; IANA: "
	   "ENF-FLOW-DESCRIPTION"),
	AT(0xC002, ALL, 0, BYTES, NONE, 0, ANY,
	   "ENF-NETWORK-STATUS", "IANA"),
	AT(0xC003, ALL, 0, BYTES, NONE, 0, ANY,
	   "CISCO-WEBEX-FLOW-INFO", "IANA"),
	AT(0xC056, ALL, 0, BYTES, NONE, 0, ANY,
	   "CITRIX-TRANSACTION-ID", "IANA"),
	AT(0xC057, ALL, 0, MS_TYPED, NONE, 4, 4,
	   "GOOG-NETWORK-INFO", "IANA; libwebrtc"),
	AT(0xC058, ALL, 0, BYTES, NONE, 0, ANY,
	   "GOOG-LAST-ICE-CHECK-RECEIVED", "IANA; libwebrtc"),
	AT(0xC059, ALL, 0, BYTES, NONE, 0, ANY,
	   "GOOG-MISC-INFO", "IANA; libwebrtc"),
	AT(0xC05A, ALL, 0, BYTES, NONE, 0, ANY,
	   "GOOG-OBSOLETE-1", "IANA"),
	AT(0xC05B, ALL, 0, U32, NONE, 4, 4,
	   "GOOG-CONNECTION-ID", "IANA; libwebrtc"),
	AT(0xC05C, ALL, 0, BYTES, NONE, 0, ANY,
	   "GOOG-DELTA", "IANA; libwebrtc"),
	AT(0xC05D, ALL, 0, U64, NONE, 8, 8,
	   "GOOG-DELTA-ACK", "IANA; libwebrtc"),
	AT(0xC05E, ALL, 0, BYTES, NONE, 0, ANY,
	   "GOOG-DELTA-SYNC-REQ", "IANA; libwebrtc"),
	AT(0xC060, ALL, 0, BYTES, INTEGRITY32, 4, 4,
	   "GOOG-MESSAGE-INTEGRITY-32", "IANA; libwebrtc"),
	AT(0xC070, ALL, 0, BYTES, NONE, 0, ANY,
	   "DTLS-IN-STUN", "IANA"),
	AT(0xC071, ALL, 0, BYTES, NONE, 0, ANY,
	   "DTLS-IN-STUN-ACKNOWLEDGEMENT", "IANA"),
};

static const struct stun_attribute_row page_ff[] = {
	AT(0xFF04, ALL, 0, BYTES, NONE, 0, ANY,
	   "GOOG-MULTI-MAPPING", "libwebrtc"),
	AT(0xFF05, ALL, 0, BYTES, NONE, 0, ANY,
	   "GOOG-LOGGING-ID", "libwebrtc"),
};

/* Other meanings of numbers above; sorted by type. */
static const struct stun_attribute_row others[] = {
	ROW(0x0001, RELAY, 0, ADDRESS, RELAYED, 8, 20,
	    "MAPPED-ADDRESS", "[MS-TURN] 2.2.2.1"),
	ROW(0x0006, RELAY, 0, BYTES, USERNAME, 0, ANY,
	    "USERNAME", "[MS-TURN] 2.2.2.2"),
	ROW(0x0008, RELAY, 0, BYTES, INTEGRITY, 20, 32,
	    "MESSAGE-INTEGRITY", "[MS-TURN] 2.2.2.3"),
	ROW(0x000E, RELAY, 0, ADDRESS, ALTERNATE_SERVER, 8, 20,
	    "ALTERNATE-SERVER", "[MS-TURN] 2.2.2.7"),
	ROW(0x000F, RELAY, 0, U32, NONE, 4, 4,
	    "MAGIC-COOKIE", "[MS-TURN] 2.2.2.8"),
	ROW(0x0011, RELAY, 0, ADDRESS, PEER, 8, 20,
	    "DESTINATION-ADDRESS", "[MS-TURN] 2.2.2.10"),
	ROW(0x0012, RELAY, 0, ADDRESS, PEER, 8, 20,
	    "REMOTE-ADDRESS", "[MS-TURN] 2.2.2.11"),
	ROW(0x0014, RELAY, 0, BYTES, NONCE, 0, 128,
	    "NONCE", "[MS-TURN] 2.2.2.13"),
	ROW(0x0015, RELAY, 0, TEXT, REALM, 0, 128,
	    "REALM", "[MS-TURN] 2.2.2.14"),
	ROW(0x0021, CLASSIC, 0, EMPTY, NONE, 0, 0,
	    "XOR-ONLY", "Vovida stund"),
	ROW(0x8000, GOOGLE, 0, ADDRESS, XOR_MAPPED, 8, 20,
	    "REFLEXIVE-ADDRESS", "old MSN relays"),
	ROW(0x8001, GOOGLE, 0, U32, NONE, 4, 4,
	    "OPTIONS", "old Google relays"),
	ROW(0x8050, CLASSIC, 0, ADDRESS, NONE, 8, 8,
	    "SECONDARY-ADDRESS", "Vovida stund"),
};

/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct page {
	const struct stun_attribute_row *rows;
	size_t count;
};

static const struct page no_page = {NULL, 0};

static const struct page pages[] = {
	{page_00, COUNT(page_00)},
	{page_80, COUNT(page_80)},
	{page_c0, COUNT(page_c0)},
	{page_ff, COUNT(page_ff)},
};

static const struct page *page_of(uint16_t type)
{
	switch (type >> 8) {
	case 0x00:
		return &pages[0];
	case 0x80:
		return &pages[1];
	case 0xC0:
		return &pages[2];
	case 0xFF:
		return &pages[3];
	default:
		return &no_page;
	}
}

const struct stun_attribute_row *stun_common_row(uint16_t type)
{
	const struct page *page = page_of(type);
	size_t at = type & 0xFFu;

	return at < page->count && page->rows[at].name ? &page->rows[at]
						       : NULL;
}

const struct stun_attribute_row *stun_attribute_row(uint16_t type,
						    enum stun_dialect dialect)
{
	const struct stun_attribute_row *row = stun_common_row(type);

	if (row && row->dialects & STUN_BIT(dialect))
		return row;
	for (size_t i = 0; i < COUNT(others) && others[i].type <= type; i++)
		if (others[i].type == type &&
		    others[i].dialects & STUN_BIT(dialect))
			return &others[i];
	return NULL;
}

const struct stun_attribute_row *stun_attribute_rows(size_t part,
						     size_t *count)
{
	if (part < COUNT(pages)) {
		*count = pages[part].count;
		return pages[part].rows;
	}
	*count = COUNT(others);
	return part == COUNT(pages) ? others : NULL;
}
