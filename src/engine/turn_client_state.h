/* What the files of the client machine share.  Nobody else includes this. */
#ifndef ENGINE_TURN_CLIENT_STATE_H
#define ENGINE_TURN_CLIENT_STATE_H

#include "engine/credential.h"
#include "engine/transaction.h"
#include "engine/turn_client.h"

#define CLIENT_MESSAGE_MAX 66000u
#define CLIENT_ODDITY 64u

/* [MS-TURN] 2.2.2. */
enum ms_client_type {
	MS_AT_MAGIC_COOKIE = 0x000F,
	MS_AT_DESTINATION = 0x0011,
	MS_AT_REQUESTED_FAMILY = 0x0017,
	MS_AT_VERSION = 0x8008,
	MS_AT_SEQUENCE = 0x8050,
	MS_AT_SESSION = 0x8095,
};

#define MS_CONNECTION_ID 20u /* bytes, in front of the sequence number */

struct turn_client {
	struct client_config config;
	struct client_provider provider;
	struct credential who;
	struct transaction timer;
	struct client_request request;
	uint8_t id[16];
	bool running;
	bool is_signed;    /* what runs */
	struct text out;   /* the request, as it is sent again */
	struct text aside; /* what is sent once: data, frames */
	struct text in;    /* a stream, up to a whole message */
	struct text held;  /* an error that proved nothing */
	struct arena scratch;
	unsigned challenges, passed_over;
	uint16_t channel; /* the last that was asked for */
	bool greeted, broken;
	uint8_t oddity[CLIENT_ODDITY];
	size_t oddity_size;
	/* [MS-TURN] */
	uint8_t connection_id[MS_CONNECTION_ID], session[8];
	uint32_t sequence;
	bool has_sequence, has_session;
	struct endpoint active;
};

/* ---- turn_client_write.c ---- */

/* Writes the request into `out`; false without memory. */
bool client_write_request(struct turn_client *c);
/* Out it goes, framed as the transport has it. */
void client_transmit(struct turn_client *c, struct slice message);
void client_send_hello(struct turn_client *c);

/* ---- turn_client_read.c ---- */

/* One message, or payload, without the frame. */
void client_read_message(struct turn_client *c, struct slice bytes,
			 nanoseconds now);
void client_read_stream(struct turn_client *c, nanoseconds now);

/* ---- turn_client.c ---- */

void client_answered(struct turn_client *c, const struct stun_message *m,
		     nanoseconds now);
/* The error that was held is told after all. */
void client_finish(struct turn_client *c, enum client_outcome outcome,
		   const struct stun_message *m, nanoseconds now);

#endif /* ENGINE_TURN_CLIENT_STATE_H */
