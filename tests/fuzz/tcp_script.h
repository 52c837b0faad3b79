/*
 * TCP segments from arbitrary bytes, whose payload is a function of side and
 * sequence number; so the reader knows what it must be shown.
 */
#ifndef TESTS_FUZZ_TCP_SCRIPT_H
#define TESTS_FUZZ_TCP_SCRIPT_H

#include "core/cursor.h"
#include "net/tcp.h"

#define SCRIPT_SPAN 65536u /* bytes of each side */

struct tcp_script {
	struct tcp_stream *stream;
	struct tcp_limits limits;
	struct tcp_reader reader;
	struct script_side {
		uint32_t position; /* from the first byte; not taken yet */
		uint32_t whole;	   /* all before this was fed */
		bool ended, hole;
		bool short_end; /* a FIN or RST, wherever it was */
		bool fed[SCRIPT_SPAN + 512];
	} sides[2];
	uint32_t isn;
	unsigned appetite; /* 0: the reader takes all, else it leaves some */
};

/* Both sides have sent their SYN; `isn` near its end makes numbers wrap. */
struct tcp_script *tcp_script_new(uint32_t isn, unsigned appetite);

/* Feeds one segment made of the next bytes. */
void tcp_script_step(struct tcp_script *script, struct cursor *c);

/* The end: aborts when something was not shown though nothing was missing. */
void tcp_script_end(struct tcp_script *script);

#endif /* TESTS_FUZZ_TCP_SCRIPT_H */
