/*
 * The figures in a dump of chrome://webrtc-internals, of which one matters
 * here: which pair of candidates each transport of a connection used in the
 * end.  They come as the course of each value, in any order:
 *
 *   "T01-selectedCandidatePairId": {
 *    "statsType": "transport",
 *    "values": "[\"CPa_b\",\"CPa_b\"]"
 *   },
 *
 * For the readers of logs only.
 */
#ifndef CAPTURE_LOG_INTERNALS_STATS_H
#define CAPTURE_LOG_INTERNALS_STATS_H

#include "core/text.h"

/* Room for ids, addresses and names of types. */
#define STATS_ID_MAX 48u
#define STATS_VALUE_MAX 64u
/* Values of one connection; more are passed over. */
#define STATS_ROWS_MAX 16384u

struct stats_row {
	char id[STATS_ID_MAX], value[STATS_VALUE_MAX];
	unsigned what; /* which of the values that matter */
};

struct internals_stats {
	struct stats_row *rows;
	size_t count, room;
	struct stats_row reading; /* the value that comes */
	bool is_reading;
	bool needy; /* memory was out */
};

/* Another connection begins. */
void internals_stats_clear(struct internals_stats *stats);
void internals_stats_free(struct internals_stats *stats);
/* Takes a line that is none of the log of the connection. */
void internals_stats_take(struct internals_stats *stats, struct slice line);
/* Writes the pair of the `at`-th transport, "host udp 192.0.2.1:5000 - relay
 * udp 198.51.100.2:6000"; false: there are no more. */
bool internals_stats_pair(const struct internals_stats *stats, size_t at,
			  struct text *to);

#endif /* CAPTURE_LOG_INTERNALS_STATS_H */
