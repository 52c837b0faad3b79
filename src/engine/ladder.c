/* The rungs of the ladder, and climbing it. */
#include "config.h"

#include "dissectors/stun.h"
#include "engine/ladder.h"

#define ASK_OWNED (ASK_REFRESH | ASK_PERMISSION | ASK_CHANNEL | ASK_CONNECT)
#define ASK_PEERS (ASK_PERMISSION | ASK_CHANNEL | ASK_CONNECT)
#define ASK_TURN (ASK_ANY & ~(unsigned)ASK_BINDING)

#define ROW(id, reason, methods, code, source, title)             \
	{                                                         \
		id, source, title, code, methods, REASON_##reason \
	}

/* Who asks: RFC 8489 looks at the nonce last, RFC 5389 before the user. */
static const struct turn_row row_no_integrity =
	ROW("C1", NO_INTEGRITY, ASK_TURN, 401, "RFC 8489 9.2.4",
	    "the request carries no credentials");
static const struct turn_row row_no_names =
	ROW("C2", NO_NAMES, ASK_TURN, 400, "RFC 8489 9.2.4",
	    "USERNAME, REALM or NONCE is missing beside the integrity");
static const struct turn_row row_algorithms =
	ROW("C3", ALGORITHMS, ASK_TURN, 400, "RFC 8489 9.2.4",
	    "the password algorithms are not those that were offered");
static const struct turn_row row_user =
	ROW("C4", USER_UNKNOWN, ASK_TURN, 401, "RFC 8489 9.2.4",
	    "the user is not known in this realm");
static const struct turn_row row_token =
	ROW("C4t", ACCESS_TOKEN, ASK_TURN, 401, "RFC 7635 7",
	    "the access token is not for this server, or out of its time");
static const struct turn_row row_integrity =
	ROW("C5", INTEGRITY_WRONG, ASK_TURN, 401, "RFC 8489 9.2.4",
	    "the integrity does not fit the password");
static const struct turn_row row_nonce =
	ROW("C6", NONCE_STALE, ASK_TURN, 438, "RFC 8489 9.2.4",
	    "the nonce is not valid any more");

static const struct turn_row *const rows_8489[] = {
	&row_no_integrity, &row_no_names,  &row_algorithms, &row_user,
	&row_token,        &row_integrity, &row_nonce,
};

static const struct turn_row *const rows_5389[] = {
	&row_no_integrity, &row_no_names, &row_algorithms, &row_nonce,
	&row_user,         &row_token,    &row_integrity,
};

#define AUTH_ROWS (sizeof(rows_8489) / sizeof(rows_8489[0]))

/* What is asked, in the order in which it is looked at. */
static const struct turn_row rows[] = {
	ROW("Q1", TICKET_BAD, ASK_REFRESH, 400, "RFC 8016 3.2.2",
	    "the mobility ticket is none of this server"),
	ROW("Q2", NO_MOBILITY, ASK_REFRESH, 405, "RFC 8016 3.2.2",
	    "mobility is forbidden here"),
	ROW("Q3", OTHER_USER, ASK_OWNED, 441, "RFC 8656 5",
	    "the allocation belongs to another user"),
	ROW("Q4", UNKNOWN_ATTRIBUTE, ASK_ANY, 420, "RFC 8489 6.3.1",
	    "an attribute that must be understood is not known"),
	ROW("Q5", MALFORMED, ASK_ANY, 400, "RFC 8489 14",
	    "an attribute has a size or value that cannot be"),
	ROW("A2", ALLOCATED, ASK_ALLOCATE, 437, "RFC 8656 7.2",
	    "the client has an allocation already"),
	ROW("A3", TRANSPORT_MALFORMED, ASK_ALLOCATE, 400, "RFC 8656 7.2",
	    "REQUESTED-TRANSPORT is absent or malformed"),
	ROW("A4", TRANSPORT_OTHER, ASK_ALLOCATE, 442, "RFC 8656 7.2",
	    "the transport that is asked for is not supported"),
	ROW("A5", TCP_CLASH, ASK_ALLOCATE, 400, "RFC 6062 5.1",
	    "a TCP allocation cannot be had that way"),
	ROW("A6", NO_DONT_FRAGMENT, ASK_ALLOCATE, 420, "RFC 8656 7.2",
	    "the server cannot send with DF set"),
	ROW("A7", TOKEN_CLASH, ASK_ALLOCATE, 400, "RFC 8656 7.2",
	    "RESERVATION-TOKEN excludes EVEN-PORT and families"),
	ROW("A8", TOKEN_GONE, ASK_ALLOCATE, 508, "RFC 8656 7.2",
	    "the reservation is not known or over"),
	ROW("A9", FAMILIES_CLASH, ASK_ALLOCATE, 400, "RFC 8656 7.2",
	    "both a requested and an additional family"),
	ROW("A10", FAMILY_UNSUPPORTED, ASK_ALLOCATE, 440, "RFC 8656 7.2",
	    "the address family is not supported"),
	ROW("A11", EVEN_CLASH, ASK_ALLOCATE, 400, "RFC 8656 7.2",
	    "a port to reserve and an additional family"),
	ROW("A12", NO_EVEN_PORT, ASK_ALLOCATE, 508, "RFC 8656 7.2",
	    "no even port, or no pair, is free"),
	ROW("A13", ADDITIONAL_IPV4, ASK_ALLOCATE, 400, "RFC 8656 7.2",
	    "IPv4 cannot be the additional family"),
	ROW("A14", QUOTA, ASK_ALLOCATE, 486, "RFC 8656 7.2",
	    "the quota of the user is reached"),
	ROW("A15", REDIRECTED, ASK_ALLOCATE, 300, "RFC 8656 7.2",
	    "the server sends its clients elsewhere"),
	ROW("A16", NO_PORT, ASK_ALLOCATE, 508, "RFC 8656 7.2",
	    "no port or address is left"),
	ROW("A17", NO_MOBILITY, ASK_ALLOCATE, 405, "RFC 8016 3.1.2",
	    "mobility is forbidden here"),
	ROW("R2", NO_ALLOCATION, ASK_REFRESH, 437, "RFC 8656 8.2",
	    "the client has no allocation"),
	ROW("R3", FAMILY_NOT_RELAYED, ASK_REFRESH, 443, "RFC 8656 8.2",
	    "the allocation has no address of that family"),
	ROW("P2", NO_ALLOCATION, ASK_PERMISSION, 437, "RFC 8656 10.2",
	    "the client has no allocation"),
	ROW("B2", NO_ALLOCATION, ASK_CHANNEL, 437, "RFC 8656 12.2",
	    "the client has no allocation"),
	ROW("B2t", TCP_ALLOCATION, ASK_CHANNEL, 403, "RFC 6062 5",
	    "a TCP allocation has no channels"),
	ROW("T1", NO_ALLOCATION, ASK_CONNECT, 437, "RFC 6062 5.2",
	    "the client has no allocation"),
	ROW("T2", UDP_ALLOCATION, ASK_CONNECT, 437, "RFC 6062 5.2",
	    "the allocation is none for TCP"),
	ROW("B3", CHANNEL_MALFORMED, ASK_CHANNEL, 400, "RFC 8656 12.2",
	    "CHANNEL-NUMBER is absent or malformed"),
	ROW("P3", PEER_MALFORMED, ASK_PEERS, 400, "RFC 8656 10.2, 12.2",
	    "XOR-PEER-ADDRESS is absent or malformed"),
	ROW("B4", CHANNEL_RANGE, ASK_CHANNEL, 400, "RFC 8656 12.2",
	    "the channel number is outside of what the server has"),
	ROW("B5", CHANNEL_TAKEN, ASK_CHANNEL, 400, "RFC 8656 12.2",
	    "the channel, or the peer, is bound otherwise"),
	ROW("P4", PEER_FAMILY, ASK_PEERS, 443, "RFC 8656 10.2, 12.2",
	    "the allocation has no address of the peer's family"),
	ROW("P5", PEER_DENIED, ASK_PEERS, 403, "RFC 8656 10.2, 12.2",
	    "the server does not relay to that peer"),
	ROW("T4", CONNECTED, ASK_CONNECT, 446, "RFC 6062 5.2",
	    "there is a connection to that peer already"),
	ROW("P6", NO_ROOM, ASK_PEERS, 508, "RFC 8656 10.2, 12.2",
	    "the allocation can hold no more peers"),
	ROW("T5", CONNECT_FAILED, ASK_CONNECT, 447, "RFC 6062 5.2",
	    "the peer cannot be reached"),
	ROW("T6", CONNECTION_BAD, ASK_CONNECTION_BIND, 400, "RFC 6062 5.4",
	    "no connection of this user waits under that number"),
	ROW("C9", SERVER_ERROR, ASK_ANY, 500, "RFC 8489 14.8",
	    "the server has a fault of its own"),
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct turn_row *turn_row_at(size_t i)
{
	if (i < AUTH_ROWS)
		return rows_8489[i];
	return i - AUTH_ROWS < ROWS ? &rows[i - AUTH_ROWS] : NULL;
}

/* False: it surely holds, nothing behind it is looked at. */
static bool climb(const struct turn_claims *claims, const struct turn_row *row,
		  enum turn_request request, struct turn_forecast *out)
{
	enum claim holds = (enum claim)claims->of[row->reason];

	if (!(row->methods & request) || holds == CLAIM_NO)
		return true;
	if (out->count < FORECAST_MAX)
		out->rows[out->count++] = row;
	return holds != CLAIM_SURE;
}

void turn_climb(const struct turn_claims *claims, enum turn_order order,
		enum turn_request request, struct turn_forecast *out)
{
	const struct turn_row *const *who =
		order == ORDER_RFC5389 ? rows_5389 : rows_8489;

	out->count = 0;
	out->success = false;
	for (size_t i = 0; i < AUTH_ROWS; i++)
		if (!climb(claims, who[i], request, out))
			return;
	for (size_t i = 0; i < ROWS; i++)
		if (!climb(claims, &rows[i], request, out))
			return;
	out->success = true;
}

unsigned turn_request_of(unsigned method)
{
	static const struct {
		uint16_t method;
		uint8_t request;
	} requests[] = {
		{STUN_BINDING, ASK_BINDING},
		{STUN_ALLOCATE, ASK_ALLOCATE},
		{STUN_REFRESH, ASK_REFRESH},
		{STUN_CREATE_PERMISSION, ASK_PERMISSION},
		{STUN_CHANNEL_BIND, ASK_CHANNEL},
		{STUN_CONNECT, ASK_CONNECT},
		{STUN_CONNECTION_BIND, ASK_CONNECTION_BIND},
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].method == method)
			return requests[i].request;
	return 0;
}
