/*
 * The line with which a program tells in its log that a message follows:
 * whether it was sent or received, and whom from or to.
 *
 * Each program has words of its own for it, and changes them, so words of the
 * same meaning are read wherever they stand: "recv 903 bytes from
 * udp/[192.0.2.1]:5060 at 20:07:57.811303:" of Sofia-SIP, "<--- Transmitting
 * SIP response (543 bytes) to UDP:192.0.2.1:5060 --->" of Asterisk, "TX 910
 * bytes Request msg INVITE/cseq=1 (tdta0) to UDP 192.0.2.1:5060:" of PJSIP,
 * "Outgoing SIP TCP message to 192.0.2.1 on port 5060 index 12" of CUCM,
 * "Sent:" of IOS, "<--- 192.0.2.1:5060 1 1028" of others.  Such a line counts
 * only where a message comes behind it.
 *
 * For the readers of logs only.
 */
#ifndef CAPTURE_LOG_ANNOUNCED_H
#define CAPTURE_LOG_ANNOUNCED_H

#include "core/record.h"

enum announced_way {
	ANNOUNCED_NOT,      /* the line tells neither */
	ANNOUNCED_SENT,     /* by the program whose log it is */
	ANNOUNCED_RECEIVED, /* by it */
};

struct announced {
	uint8_t way;          /* enum announced_way */
	uint8_t transport;    /* enum record_transport */
	struct endpoint peer; /* the other program; FAMILY_NONE: untold */
	struct endpoint own;  /* the program's own end; mostly untold */
};

/* False where the line has no word of a direction, nor an arrow in front of an
 * address. */
bool announced_of(struct slice line, struct announced *out);

/* The way of an arrow as a word: "<---", "-->", "==>". */
enum announced_way announced_arrow(struct slice word);

#endif /* CAPTURE_LOG_ANNOUNCED_H */
