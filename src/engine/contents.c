/* The table of what stands in replies. */
#include "config.h"

#include "engine/attributes.h"
#include "engine/contents.h"
#include "engine/ladder.h"

#define ANY_ERROR CONTENT_ANY_ERROR

static const struct content_row rows[] = {
	{AT_XOR_MAPPED_ADDRESS, ASK_ALLOCATE | ASK_BINDING, NEED_ALWAYS, 0},
	{AT_XOR_RELAYED_ADDRESS, ASK_ALLOCATE, NEED_ALWAYS, 0},
	{AT_LIFETIME, ASK_ALLOCATE | ASK_REFRESH, NEED_ALWAYS, 0},
	{AT_RESERVATION_TOKEN, ASK_ALLOCATE, NEED_IF_RESERVED, 0},
	{AT_MOBILITY_TICKET, ASK_ALLOCATE | ASK_REFRESH, NEED_IF_TICKET, 0},
	{AT_ADDRESS_ERROR_CODE, ASK_ALLOCATE, NEED_IF_TWO, 0},
	{AT_CONNECTION_ID, ASK_CONNECT, NEED_ALWAYS, 0},
	/* pion says it again; RFC 6062 5.4 asks for none. */
	{AT_CONNECTION_ID, ASK_CONNECTION_BIND, NEED_NEVER_MUST, 0},
	{AT_MAPPED_ADDRESS, ASK_BINDING, NEED_NEVER_MUST, 0},
	{AT_SOURCE_ADDRESS, ASK_BINDING, NEED_NEVER_MUST, 0},
	{AT_CHANGED_ADDRESS, ASK_BINDING, NEED_NEVER_MUST, 0},
	{AT_RESPONSE_ORIGIN, ASK_BINDING, NEED_NEVER_MUST, 0},
	{AT_OTHER_ADDRESS, ASK_BINDING, NEED_NEVER_MUST, 0},
	{AT_PADDING, ASK_BINDING, NEED_IF_BEHAVIOUR, 0},

	{AT_ERROR_CODE, ASK_ANY, NEED_ALWAYS, ANY_ERROR},
	{AT_REALM, ASK_ANY, NEED_ALWAYS, 401},
	{AT_NONCE, ASK_ANY, NEED_ALWAYS, 401},
	{AT_REALM, ASK_ANY, NEED_ALWAYS, 438},
	{AT_NONCE, ASK_ANY, NEED_ALWAYS, 438},
	{AT_PASSWORD_ALGORITHMS, ASK_ANY, NEED_NEVER_MUST, 401},
	{AT_PASSWORD_ALGORITHMS, ASK_ANY, NEED_NEVER_MUST, 438},
	{AT_UNKNOWN_ATTRIBUTES, ASK_ANY, NEED_ALWAYS, 420},
	{AT_ALTERNATE_SERVER, ASK_ANY, NEED_ALWAYS, 300},

	/* Everywhere. */
	{AT_INTEGRITY, ASK_ANY, NEED_NEVER_MUST, 0},
	{AT_INTEGRITY, ASK_ANY, NEED_NEVER_MUST, ANY_ERROR},
	{AT_INTEGRITY_SHA256, ASK_ANY, NEED_NEVER_MUST, 0},
	{AT_INTEGRITY_SHA256, ASK_ANY, NEED_NEVER_MUST, ANY_ERROR},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

bool content_applies(const struct content_row *row, unsigned request,
		     unsigned code)
{
	if (!(row->request & request))
		return false;
	if (row->code == ANY_ERROR)
		return code != 0;
	return row->code == code;
}

const struct content_row *content_row(unsigned request, unsigned code,
				      uint16_t type)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].type == type &&
		    content_applies(&rows[i], request, code))
			return &rows[i];
	return NULL;
}

const struct content_row *content_row_at(size_t i)
{
	return i < ROWS ? &rows[i] : NULL;
}
