/*
 * Methods, classes and error codes by number (RFC 8489 18.2, 18.3, RFC 8656
 * 17, RFC 6062 6, [MS-TURN] 2.2.1) and by dialect where they collide.
 */
#include "config.h"

#include "dissectors/stun_parts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ALL 0xFFu
#define OLD_RELAYS (STUN_BIT(STUN_MS_TURN) | STUN_BIT(STUN_GOOGLE))
#define OLD (OLD_RELAYS | STUN_BIT(STUN_CLASSIC))

/* Classes a method may have. */
#define ASKED (1u << STUN_REQUEST | 1u << STUN_SUCCESS | 1u << STUN_ERROR)
#define TOLD (1u << STUN_INDICATION)

struct method_row {
	unsigned method;
	unsigned classes;
	bool turn;
	const char *name;
};

static const struct method_row methods[] = {
	{STUN_BINDING, ASKED | TOLD, false, "Binding"},
	{STUN_SHARED_SECRET, ASKED, false, "SharedSecret"},
	{STUN_ALLOCATE, ASKED, true, "Allocate"},
	{STUN_REFRESH, ASKED, true, "Refresh"},
	{STUN_SEND, TOLD, true, "Send"},
	{STUN_DATA, TOLD, true, "Data"},
	{STUN_CREATE_PERMISSION, ASKED, true, "CreatePermission"},
	{STUN_CHANNEL_BIND, ASKED, true, "ChannelBind"},
	{STUN_CONNECT, ASKED, true, "Connect"},
	{STUN_CONNECTION_BIND, ASKED, true, "ConnectionBind"},
	{STUN_CONNECTION_ATTEMPT, TOLD, true, "ConnectionAttempt"},
	{STUN_GOOG_PING, ASKED, false, "GOOG-PING"},
	{STUN_SET_ACTIVE_DESTINATION, ASKED, true, "Set Active Destination"},
};

/* Types of TURN-08 that mean something else, or nothing, to the RFCs. */
struct old_type {
	uint16_t type;
	enum stun_class class;
	unsigned method;
};

static const struct old_type old_types[] = {
	{0x0004, STUN_REQUEST, STUN_SEND},
	{0x0006, STUN_REQUEST, STUN_SET_ACTIVE_DESTINATION},
	{0x0104, STUN_SUCCESS, STUN_SEND},
	{0x0106, STUN_SUCCESS, STUN_SET_ACTIVE_DESTINATION},
	{0x0114, STUN_ERROR, STUN_SEND},
	{0x0115, STUN_INDICATION, STUN_DATA},
	{0x0116, STUN_ERROR, STUN_SET_ACTIVE_DESTINATION},
};

struct error_row {
	unsigned code;
	unsigned dialects;
	const char *text;
};

static const struct error_row errors[] = {
	{274, STUN_BIT(STUN_MS_ICE2), "Disable Candidate"},
	{275, STUN_BIT(STUN_MS_ICE2), "Disable Candidate Pair"},
	{300, ALL, "Try Alternate"},
	{400, ALL, "Bad Request"},
	{401, OLD, "Unauthorized"},
	{401, ALL, "Unauthenticated"},
	{403, ALL, "Forbidden"},
	{405, ALL, "Mobility Forbidden"},
	{420, ALL, "Unknown Attribute"},
	{430, ALL, "Stale Credentials"},
	{431, ALL, "Integrity Check Failure"},
	{432, ALL, "Missing Username"},
	{433, ALL, "Use TLS"},
	{434, ALL, "Missing Realm"},
	{435, ALL, "Missing Nonce"},
	{436, ALL, "Unknown User"},
	{437, OLD_RELAYS, "No Binding"},
	{437, ALL, "Allocation Mismatch"},
	{438, ALL, "Stale Nonce"},
	{439, OLD_RELAYS, "Transitioning"},
	{439, ALL, "Wrong Credentials"},
	{440, OLD_RELAYS, "No Destination"},
	{440, ALL, "Address Family not Supported"},
	{441, OLD_RELAYS, "Wrong Username"},
	{441, ALL, "Wrong Credentials"},
	{442, ALL, "Unsupported Transport Protocol"},
	{443, ALL, "Peer Address Family Mismatch"},
	{446, ALL, "Connection Already Exists"},
	{447, ALL, "Connection Timeout or Failure"},
	{481, ALL, "Connection does not exist"},
	{486, ALL, "Allocation Quota Reached"},
	{487, ALL, "Role Conflict"},
	{500, ALL, "Server Error"},
	{503, ALL, "Service Unavailable"},
	{507, ALL, "Insufficient Bandwidth Capacity"},
	{508, ALL, "Insufficient Capacity"},
	{600, ALL, "Global Failure"},
};

static const struct old_type *old_type(uint16_t type,
				       enum stun_dialect dialect)
{
	if (!(STUN_BIT(dialect) & OLD_RELAYS))
		return NULL;
	for (size_t i = 0; i < COUNT(old_types); i++)
		if (old_types[i].type == type)
			return &old_types[i];
	return NULL;
}

enum stun_class stun_class_of(uint16_t type, enum stun_dialect dialect)
{
	static const enum stun_class classes[] = {
		STUN_REQUEST, STUN_INDICATION, STUN_SUCCESS, STUN_ERROR};
	const struct old_type *old = old_type(type, dialect);

	return old ? old->class
		   : classes[(type >> 4 & 1u) | (type >> 7 & 2u)];
}

unsigned stun_method_of(uint16_t type, enum stun_dialect dialect)
{
	const struct old_type *old = old_type(type, dialect);

	return old ? old->method
		   : (type & 0x000Fu) | (type >> 1 & 0x0070u) |
			     (type >> 2 & 0x0F80u);
}

uint16_t stun_type(enum stun_class class, unsigned method)
{
	unsigned c = (unsigned)class;

	for (size_t i = 0; i < COUNT(old_types); i++)
		if (method == STUN_SET_ACTIVE_DESTINATION &&
		    old_types[i].method == method &&
		    old_types[i].class == class)
			return old_types[i].type;
	return (uint16_t)((method & 0x000Fu) | (method & 0x0070u) << 1 |
			  (method & 0x0F80u) << 2 | (c & 1u) << 4 |
			  (c & 2u) << 7);
}

static const struct method_row *method_row(unsigned method)
{
	for (size_t i = 0; i < COUNT(methods); i++)
		if (methods[i].method == method)
			return &methods[i];
	return NULL;
}

bool stun_method_is_turn(unsigned method)
{
	const struct method_row *row = method_row(method);

	return row && row->turn;
}

bool stun_method_has_class(unsigned method, enum stun_class class)
{
	const struct method_row *row = method_row(method);

	return !row || row->classes & 1u << class;
}

const char *stun_method_name(unsigned method)
{
	const struct method_row *row = method_row(method);

	return row ? row->name : "";
}

void stun_method_text(const struct stun_message *m, struct text *to)
{
	const struct method_row *row = method_row(m->method);

	if (row)
		text_puts(to, row->name);
	else
		text_printf(to, "0x%02x", m->method);
}

const char *stun_class_text(enum stun_class class)
{
	static const char *const names[] = {
		[STUN_REQUEST] = "request",
		[STUN_INDICATION] = "indication",
		[STUN_SUCCESS] = "success",
		[STUN_ERROR] = "error",
	};

	return names[class];
}

const char *stun_dialect_text(enum stun_dialect dialect)
{
	static const char *const names[] = {
		[STUN_CLASSIC] = "classic", [STUN_RFC] = "stun",
		[STUN_TURN] = "turn",	    [STUN_MS_TURN] = "ms-turn",
		[STUN_MS_ICE2] = "ms-ice2", [STUN_GOOGLE] = "google",
	};

	return names[dialect];
}

const char *stun_error_text(unsigned code, enum stun_dialect dialect)
{
	for (size_t i = 0; i < COUNT(errors) && errors[i].code <= code; i++)
		if (errors[i].code == code &&
		    errors[i].dialects & STUN_BIT(dialect))
			return errors[i].text;
	return "";
}
