/* The pair that a connection used, out of the figures of a dump. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "capture/log_internals_stats.h"
#include "capture/log_json.h"

enum {
	PAIR_OF_TRANSPORT,
	LOCAL_OF_PAIR,
	REMOTE_OF_PAIR,
	ADDRESS,
	PORT,
	TYPE,
	PROTOCOL,
	RELAY_PROTOCOL,
	WHATS
};

static const char *const names[WHATS] = {
	[PAIR_OF_TRANSPORT] = "selectedCandidatePairId",
	[LOCAL_OF_PAIR] = "localCandidateId",
	[REMOTE_OF_PAIR] = "remoteCandidateId",
	[ADDRESS] = "address",
	[PORT] = "port",
	[TYPE] = "candidateType",
	[PROTOCOL] = "protocol",
	[RELAY_PROTOCOL] = "relayProtocol",
};

void internals_stats_clear(struct internals_stats *stats)
{
	stats->count = 0;
	stats->is_reading = false;
}

void internals_stats_free(struct internals_stats *stats)
{
	free(stats->rows);
}

static bool keep(struct slice s, char *to, size_t room)
{
	if (s.n >= room)
		return false;
	if (s.n)
		memcpy(to, s.p, s.n);
	to[s.n] = 0;
	return true;
}

/* "T01-selectedCandidatePairId": {  Ids may hold the mark, too. */
static void begin(struct internals_stats *stats, struct slice name)
{
	struct slice id = name, what;

	stats->is_reading = false;
	if (!slice_split_last(&id, '-', &what) ||
	    !keep(id, stats->reading.id, STATS_ID_MAX))
		return;
	for (unsigned i = 0; i < WHATS; i++)
		if (slice_is(what, names[i])) {
			stats->reading.what = i;
			stats->is_reading = true;
		}
}

/* The last of [\"a\",\"b\"] or [1,2], as it is written. */
static struct slice last_of(struct slice values)
{
	struct slice last = values, tail;

	if (slice_ends(last, SLICE("]")))
		last.n--;
	if (slice_starts(last, SLICE("[")))
		last = slice_from(last, 1);
	if (slice_split_last(&last, ',', &tail))
		last = tail;
	if (slice_starts(last, SLICE("\\\"")))
		last = slice_from(last, 2);
	if (slice_ends(last, SLICE("\\\"")))
		last.n -= 2;
	return last;
}

static void add(struct internals_stats *stats)
{
	if (stats->count == STATS_ROWS_MAX)
		return;
	if (stats->count == stats->room) {
		size_t room = stats->room ? stats->room * 2 : 64;
		struct stats_row *rows =
			realloc(stats->rows, room * sizeof(*rows));

		stats->needy |= !rows;
		if (!rows)
			return;
		stats->rows = rows;
		stats->room = room;
	}
	stats->rows[stats->count++] = stats->reading;
}

void internals_stats_take(struct internals_stats *stats, struct slice line)
{
	struct slice name, value, text;

	if (!json_take_member(line, &name, &value))
		return;
	if (slice_is(value, "{")) {
		begin(stats, name);
	} else if (stats->is_reading && slice_is(name, "values") &&
		   json_take_written(&value, &text)) {
		stats->is_reading = false;
		if (keep(last_of(text), stats->reading.value, STATS_VALUE_MAX))
			add(stats);
	}
}

/* ---- what they say ---- */

static const char *value_of(const struct internals_stats *stats, const char *id,
			    unsigned what)
{
	for (size_t i = 0; i < stats->count; i++)
		if (stats->rows[i].what == what &&
		    strcmp(stats->rows[i].id, id) == 0)
			return stats->rows[i].value;
	return NULL;
}

static void put_candidate(const struct internals_stats *stats, const char *id,
			  struct text *to)
{
	const char *address = value_of(stats, id, ADDRESS);
	const char *port = value_of(stats, id, PORT);
	const char *type = value_of(stats, id, TYPE);
	const char *protocol = value_of(stats, id, PROTOCOL);
	const char *relay = value_of(stats, id, RELAY_PROTOCOL);
	const bool is_v6 = address && strchr(address, ':');

	text_printf(to, "%s %s ", type ? type : "?", protocol ? protocol : "?");
	/* That of another network is hidden from pages. */
	text_printf(to, is_v6 ? "[%s]:%s" : "%s:%s",
		    address && address[0] ? address : "?", port ? port : "?");
	if (relay && relay[0])
		text_printf(to, " (over %s)", relay);
}

bool internals_stats_pair(const struct internals_stats *stats, size_t at,
			  struct text *to)
{
	for (size_t i = 0; i < stats->count; i++) {
		const char *pair = stats->rows[i].value, *local, *remote;

		if (stats->rows[i].what != PAIR_OF_TRANSPORT)
			continue;
		local = value_of(stats, pair, LOCAL_OF_PAIR);
		remote = value_of(stats, pair, REMOTE_OF_PAIR);
		if (!local || !remote || at-- > 0)
			continue;
		put_candidate(stats, local, to);
		text_puts(to, " - ");
		put_candidate(stats, remote, to);
		return true;
	}
	return false;
}
