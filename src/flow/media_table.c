/* Media: finding a packet's stream and counting it. */
#include "config.h"

#include <stdlib.h>

#include "flow/media_table.h"
#include "model/series.h"

#define TONE_TYPES_FIRST 96u
/* As much of "telephone-event" as copy_name() keeps. */
#define TONE_NAME "telephone-even"

struct stream_key {
	const struct endpoint *src, *dst;
	uint32_t ssrc;
	uint32_t vantage;
};

/* At whatever vantage. */
static bool same_stream(const void *rows, uint32_t row, const void *key)
{
	const struct media_stream *s = (const struct media_stream *)rows + row;
	const struct stream_key *k = key;

	return s->ssrc == k->ssrc && endpoint_equal(&s->dst, k->dst) &&
	       endpoint_equal(&s->src, k->src);
}

static bool same_row(const void *rows, uint32_t row, const void *key)
{
	const struct media_stream *s = (const struct media_stream *)rows + row;
	const struct stream_key *k = key;

	return s->vantage == k->vantage && same_stream(rows, row, key);
}

static uint64_t endpoint_hash(uint64_t key, const struct endpoint *e)
{
	return hash_bytes(key, slice_of(e, sizeof(*e)));
}

static uint64_t stream_hash(const struct stream_key *k)
{
	return endpoint_hash(endpoint_hash(k->ssrc, k->src), k->dst);
}

uint64_t media_stream_hash(const struct media_stream *s)
{
	struct stream_key k = {&s->src, &s->dst, s->ssrc, s->vantage};

	return stream_hash(&k);
}

static bool same_address(const void *rows, uint32_t row, const void *key)
{
	const struct media_announced *a = rows;

	return endpoint_equal(&a[row].at, key);
}

void media_table_free(struct media_table *table)
{
	free(table->rows);
	index_free(&table->index);
	free(table->announced);
	index_free(&table->announced_index);
	free(table->sets);
	free(table->codecs);
	index_free(&table->set_index);
	list_free(&table->series);
	list_free(&table->byes);
	*table = (struct media_table){0};
}

static bool more_room(void **rows, size_t *room, size_t size)
{
	size_t wanted = *room ? *room * 2 : 64;
	void *grown = realloc(*rows, wanted * size);

	if (!grown)
		return false;
	*rows = grown;
	*room = wanted;
	return true;
}

static void copy_name(char out[15], struct slice name)
{
	size_t n = name.n < 14 ? name.n : 14;

	for (size_t i = 0; i < n; i++)
		out[i] = name.p[i] > 0x20 && name.p[i] < 0x7F ? (char)name.p[i]
							      : '?';
	out[n] = '\0';
}

/* The oldest makes room. */
static struct media_announced *announced_again(struct media_table *table,
					       const struct endpoint *at,
					       uint64_t hash)
{
	uint32_t row = (uint32_t)table->announced_next;
	struct media_announced *a = &table->announced[row];

	index_remove(&table->announced_index, endpoint_hash(1, &a->at), row);
	if (index_add(&table->announced_index, hash, row) != STATUS_OK)
		return NULL;
	table->announced_next = (row + 1) % MEDIA_ANNOUNCED_MAX;
	*a = (struct media_announced){.at = *at};
	return a;
}

static struct media_announced *announced_row(struct media_table *table,
					     const struct endpoint *at)
{
	uint64_t hash = endpoint_hash(1, at);
	uint32_t row = index_find(&table->announced_index, hash, same_address,
				  table->announced, at);

	if (row != INDEX_NONE)
		return &table->announced[row];
	if (table->announced_count >= MEDIA_ANNOUNCED_MAX)
		return announced_again(table, at, hash);
	if (table->announced_count == table->announced_room) {
		void *rows = table->announced;

		if (!more_room(&rows, &table->announced_room,
			       sizeof(*table->announced)))
			return NULL;
		table->announced = rows;
	}
	row = (uint32_t)table->announced_count;
	if (index_add(&table->announced_index, hash, row) != STATUS_OK)
		return NULL;
	table->announced_count++;
	table->announced[row] = (struct media_announced){.at = *at};
	return &table->announced[row];
}

/* ---- kinds ---- */

static const char *const kind_names[] = {
	[MEDIA_UNKNOWN] = NULL,  [MEDIA_AUDIO] = "audio",
	[MEDIA_VIDEO] = "video", [MEDIA_TEXT] = "text",
	[MEDIA_IMAGE] = "image", [MEDIA_APPLICATION] = "application",
};

#define KINDS (sizeof(kind_names) / sizeof(kind_names[0]))

const char *media_kind_name(enum media_kind kind)
{
	return kind_names[kind];
}

static unsigned kind_of(struct slice name)
{
	for (unsigned i = MEDIA_AUDIO; i < KINDS; i++)
		if (slice_is_nocase(name, kind_names[i]))
			return i;
	return MEDIA_UNKNOWN;
}

/* ---- what descriptions announce ---- */

struct codec_list {
	const struct media_codec *codecs;
	size_t count;
};

static struct codec_list list_at_set(const struct media_table *table,
				     uint32_t row)
{
	return (struct codec_list){table->codecs + table->sets[row].first,
				   table->sets[row].count};
}

static bool same_set(const void *rows, uint32_t row, const void *key)
{
	const struct codec_list *wanted = key;
	struct codec_list is = list_at_set(rows, row);

	return is.count == wanted->count &&
	       memcmp(is.codecs, wanted->codecs,
		      is.count * sizeof(*is.codecs)) == 0;
}

/* Room for one more set with so many codecs? */
static bool room_for_set(struct media_table *table, size_t count)
{
	void *sets = table->sets, *codecs = table->codecs;

	if (table->set_count >= MEDIA_CODEC_SETS_MAX ||
	    table->codec_count + count > MEDIA_CODEC_ROWS_MAX)
		return false;
	if (table->set_count == table->set_room &&
	    !more_room(&sets, &table->set_room, sizeof(*table->sets)))
		return false;
	table->sets = sets;
	while (table->codec_count + count > table->codec_room) {
		if (!more_room(&codecs, &table->codec_room,
			       sizeof(*table->codecs)))
			return false;
		table->codecs = codecs;
	}
	return true;
}

/* The number of a set, + 1; 0 when there is no room. */
static uint32_t set_number(struct media_table *table,
			   const struct codec_list *list)
{
	uint64_t hash = hash_bytes(
		2, slice_of(list->codecs, list->count * sizeof(*list->codecs)));
	uint32_t row =
		index_find(&table->set_index, hash, same_set, table, list);

	if (row != INDEX_NONE)
		return row + 1;
	row = (uint32_t)table->set_count;
	if (!room_for_set(table, list->count) ||
	    index_add(&table->set_index, hash, row) != STATUS_OK)
		return 0;
	table->sets[table->set_count++] = (struct codec_set){
		(uint32_t)table->codec_count, (uint32_t)list->count};
	memcpy(table->codecs + table->codec_count, list->codecs,
	       list->count * sizeof(*list->codecs));
	table->codec_count += list->count;
	return row + 1;
}

static struct codec_list announced_list(const struct media_table *table,
					const struct media_announced *row)
{
	return row && row->codecs ? list_at_set(table, row->codecs - 1)
				  : (struct codec_list){NULL, 0};
}

static void announce(struct media_codec *c, const struct sdp_codec *from,
		     unsigned kind)
{
	uint32_t rate = from->clock_rate;

	memset(c, 0, sizeof(*c)); /* sets are compared as bytes */
	c->payload_type = from->payload_type;
	c->clock_rate = (rate <= MEDIA_CLOCK_MAX ? rate : 0) & MEDIA_CLOCK_MAX;
	c->kind = kind & 15u;
	copy_name(c->name, from->name);
}

/* Media in a bundle share an address and differ in payload types (RFC 9143
 * 8): the newest description of a kind replaces what was said of that kind. */
static size_t replace_kind(struct media_codec to[MEDIA_CODECS_MAX],
			   struct codec_list old, const struct sdp_media *media)
{
	unsigned kind = kind_of(media->kind);
	size_t count = 0;

	for (size_t i = 0; i < old.count; i++)
		if (old.codecs[i].kind != kind)
			to[count++] = old.codecs[i];
	for (size_t i = 0; i < media->codec_count && count < MEDIA_CODECS_MAX;
	     i++)
		announce(&to[count++], &media->codecs[i], kind);
	return count;
}

void media_table_announce(struct media_table *table, const struct endpoint *at,
			  const struct sdp_media *media)
{
	struct media_announced *row;
	struct media_codec codecs[MEDIA_CODECS_MAX];
	struct codec_list list = {.codecs = codecs};

	if (at->family == FAMILY_NONE || at->port == 0)
		return;
	row = announced_row(table, at);
	if (!row)
		return;
	list.count = replace_kind(codecs, announced_list(table, row), media);
	row->codecs = list.count ? set_number(table, &list) : 0;
}

static const struct media_announced *
announced_at(const struct media_table *table, const struct endpoint *at)
{
	uint32_t row = index_find(&table->announced_index, endpoint_hash(1, at),
				  same_address, table->announced, at);

	return row == INDEX_NONE ? NULL : &table->announced[row];
}

/* A place in the table that no packet has. */
static struct endpoint place_of(struct slice ufrag)
{
	const uint64_t hashes[2] = {hash_bytes(1, ufrag), hash_bytes(2, ufrag)};
	struct endpoint at = {.port = 1, .family = FAMILY_NAME, .spare = 1};

	memcpy(at.ip, hashes, sizeof(at.ip));
	return at;
}

void media_table_announce_fragment(struct media_table *table,
				   struct slice ufrag,
				   const struct sdp_media *media)
{
	struct endpoint at = place_of(ufrag);

	media_table_announce(table, &at, media);
	table->fragments = true;
}

void media_table_place_fragment(struct media_table *table, struct slice ufrag,
				const struct endpoint *at)
{
	struct endpoint named = place_of(ufrag);
	const struct media_announced *from = announced_at(table, &named);
	uint32_t codecs = from ? from->codecs : 0;
	struct media_announced *row = codecs ? announced_row(table, at) : NULL;

	if (row && !row->codecs)
		row->codecs = codecs;
}

/* Static payload types of RFC 3551 table 4 and 5. */
static const struct media_codec static_codecs[] = {
	{0, "PCMU", 8000, MEDIA_AUDIO},     {3, "GSM", 8000, MEDIA_AUDIO},
	{4, "G723", 8000, MEDIA_AUDIO},     {5, "DVI4", 8000, MEDIA_AUDIO},
	{6, "DVI4", 16000, MEDIA_AUDIO},    {7, "LPC", 8000, MEDIA_AUDIO},
	{8, "PCMA", 8000, MEDIA_AUDIO},     {9, "G722", 8000, MEDIA_AUDIO},
	{10, "L16", 44100, MEDIA_AUDIO},    {11, "L16", 44100, MEDIA_AUDIO},
	{12, "QCELP", 8000, MEDIA_AUDIO},   {13, "CN", 8000, MEDIA_AUDIO},
	{14, "MPA", 90000, MEDIA_AUDIO},    {15, "G728", 8000, MEDIA_AUDIO},
	{16, "DVI4", 11025, MEDIA_AUDIO},   {17, "DVI4", 22050, MEDIA_AUDIO},
	{18, "G729", 8000, MEDIA_AUDIO},    {25, "CelB", 90000, MEDIA_VIDEO},
	{26, "JPEG", 90000, MEDIA_VIDEO},   {28, "nv", 90000, MEDIA_VIDEO},
	{31, "H261", 90000, MEDIA_VIDEO},   {32, "MPV", 90000, MEDIA_VIDEO},
	{33, "MP2T", 90000, MEDIA_UNKNOWN}, {34, "H263", 90000, MEDIA_VIDEO},
};

/* Where only one kind is announced it is that of any payload type. */
static unsigned only_kind(const struct codec_list *a)
{
	unsigned kind = a->count ? a->codecs[0].kind : MEDIA_UNKNOWN;

	for (size_t i = 1; i < a->count; i++)
		if (a->codecs[i].kind != kind)
			return MEDIA_UNKNOWN;
	return kind;
}

static uint32_t tone_types_of(const struct codec_list *set)
{
	uint32_t types = 0;

	for (size_t i = 0; i < set->count; i++)
		if (set->codecs[i].payload_type >= TONE_TYPES_FIRST &&
		    slice_is_nocase(slice_of_text(set->codecs[i].name),
				    TONE_NAME))
			types |= UINT32_C(1) << (set->codecs[i].payload_type -
						 TONE_TYPES_FIRST) %
							32;
	return types;
}

static void name_codec(const struct media_table *table, struct media_stream *s)
{
	const struct media_announced *a = announced_at(table, &s->dst);
	struct codec_list set = announced_list(table, a);
	const struct media_codec *list = static_codecs;
	size_t count = sizeof(static_codecs) / sizeof(static_codecs[0]);

	if (set.count) {
		list = set.codecs;
		count = set.count;
	}
	if (a) {
		s->believed = true;
		s->kind = (uint8_t)only_kind(&set);
		s->tone_types = tone_types_of(&set);
	}
	for (size_t i = 0; i < count; i++) {
		if (list[i].payload_type != s->payload_type)
			continue;
		s->clock_rate = list[i].clock_rate;
		s->kind = list[i].kind;
		memcpy(s->codec, list[i].name, sizeof(s->codec));
		return;
	}
	s->foreign = set.count != 0;
}

static void stream_start(const struct media_table *table,
			 struct media_stream *s, const struct media_packet *p)
{
	*s = (struct media_stream){
		.src = *p->src,
		.dst = *p->dst,
		.ssrc = p->rtp.ssrc,
		.length = p->length,
		.payload_type = p->rtp.payload_type,
		.believed = p->trusted,
		.wrapped = p->wrapped,
		.first = p->time,
		.last = p->time,
		.first_frame = p->frame,
		.file = p->file,
		.vantage = p->vantage,
	};
	name_codec(table, s);
}

/* A row that nobody believed may be taken for the next guess. */
static uint32_t new_stream(struct media_table *table, uint32_t last,
			   const struct media_packet *p, uint64_t hash)
{
	uint32_t row;

	if (last && !table->rows[last - 1].believed) {
		struct media_stream *old = &table->rows[last - 1];

		row = last - 1;
		index_remove(&table->index, media_stream_hash(old), row);
	} else if (table->count >= MEDIA_STREAMS_MAX) {
		table->refused++;
		return INDEX_NONE;
	} else {
		if (table->count == table->room) {
			void *rows = table->rows;

			if (!more_room(&rows, &table->room,
				       sizeof(*table->rows)))
				return INDEX_NONE;
			table->rows = rows;
		}
		row = (uint32_t)table->count++;
	}
	stream_start(table, &table->rows[row], p);
	table->several |= p->vantage != table->rows[0].vantage;
	if (index_add(&table->index, hash, row) != STATUS_OK)
		return INDEX_NONE;
	return row;
}

static void believe(struct media_stream *s, const struct media_packet *p)
{
	uint16_t expected = (uint16_t)(s->statistics.highest + 1);
	uint16_t off = (uint16_t)(p->rtp.sequence - expected + MEDIA_NEAR);

	if (p->trusted) {
		s->believed = true;
		return;
	}
	/* A copy proves nothing, either way. */
	if (rtp_statistics_knows(&s->statistics, p->rtp.sequence))
		return;
	if (s->statistics.packets && p->rtp.sequence != expected)
		s->in_a_row = 0;
	if (s->statistics.packets && off > 2 * MEDIA_NEAR)
		s->nearby = 0;
	if (++s->in_a_row >= MEDIA_BELIEVE_AFTER ||
	    ++s->nearby >= MEDIA_BELIEVE_NEAR)
		s->believed = true;
}

/* All packets of an event bear the time stamp of its beginning (RFC 4733
 * 2.2.2), so that they tell nothing of jitter; nor does the one behind them, by
 * them. */
static void add_tone(struct media_stream *s, const struct rtp *rtp,
		     nanoseconds time)
{
	struct rtp_statistics *statistics = &s->statistics;
	struct rtp_statistics before = *statistics;

	rtp_statistics_add(statistics, rtp, time, 0);
	if (statistics->packets == before.packets)
		return;
	if (before.packets) {
		statistics->last_timestamp = before.last_timestamp;
		statistics->last_arrival = before.last_arrival;
	}
	if (s->tones == 0 || s->tone != rtp->timestamp)
		s->tones++;
	s->tone = rtp->timestamp;
}

static inline bool is_tone(const struct media_stream *s, uint8_t payload_type)
{
	return payload_type >= TONE_TYPES_FIRST &&
	       (s->tone_types >> (payload_type - TONE_TYPES_FIRST) % 32 & 1);
}

/* Less than that no ear takes for an interruption of the call. */
#define GAP_LEAST (2 * NS_PER_S)
/* A packet is sent at least so often while somebody speaks; who is silent
 * (RFC 3389 4), or on hold, leaves no numbers out. */
#define PACKET_LONGEST (100 * NS_PER_MS)
/* Numbers that jump by more began anew (RFC 3550 A.1). */
#define GAP_LOST_MAX 0x7FFFu

static void note_gap(struct media_stream *s, const struct rtp *rtp,
		     nanoseconds time)
{
	uint32_t missing =
		(uint16_t)(rtp->sequence - s->statistics.highest - 1);
	nanoseconds gap = time - s->last;

	if (!s->statistics.packets || gap / NS_PER_MS > UINT32_MAX ||
	    gap / NS_PER_MS <= s->gap_ms || missing > GAP_LOST_MAX ||
	    (nanoseconds)missing < gap / PACKET_LONGEST)
		return;
	s->gap_from = s->last;
	s->gap_ms = (uint32_t)(gap / NS_PER_MS);
	s->gap_lost = missing;
}

void media_stream_add(struct media_stream *s, const struct rtp *rtp,
		      nanoseconds time)
{
	if (time - s->last > GAP_LEAST)
		note_gap(s, rtp, time);
	s->last = time;
	if (s->tone_types && is_tone(s, rtp->payload_type)) {
		add_tone(s, rtp, time);
		return;
	}
	rtp_statistics_add(&s->statistics, rtp, time, s->clock_rate);
}

static struct media_series *series_of(struct media_table *table,
				      struct media_stream *s)
{
	if (!s->series) {
		if (!table->series.size)
			table->series = list_of(sizeof(struct media_series),
						SERIES_MAX);
		if (!list_add(&table->series))
			return NULL;
		s->series = (uint32_t)table->series.count;
	}
	return list_at(&table->series, s->series - 1);
}

void media_table_sample(struct media_table *table, uint32_t row,
			nanoseconds time, size_t bytes)
{
	struct media_stream *s = row ? &table->rows[row - 1] : NULL;
	struct media_series *series;
	struct media_sample now;

	if (!s || !s->believed)
		return;
	series = series_of(table, s);
	if (!series)
		return;
	now = (struct media_sample){
		.packets = (uint32_t)s->statistics.packets,
		.lost = (uint32_t)rtp_statistics_lost(&s->statistics),
		.jitter_ms = (float)rtp_statistics_jitter_ms(&s->statistics,
							     s->clock_rate)};
	series_add(series, time, bytes, &now);
}

/* The row that counts a packet: that of its vantage, but none is made there
 * for what nobody believes. */
static uint32_t row_of(struct media_table *table, uint32_t last,
		       const struct media_packet *p)
{
	struct stream_key k = {p->src, p->dst, p->rtp.ssrc, p->vantage};
	uint64_t hash = stream_hash(&k);
	uint32_t row = index_find(&table->index, hash, same_row, table->rows,
				  &k),
		 other = INDEX_NONE;

	if (row != INDEX_NONE)
		return row;
	if (table->count)
		other = index_find(&table->index, hash, same_stream,
				   table->rows, &k);
	if (other == INDEX_NONE)
		return new_stream(table, last, p, hash);
	if (!table->rows[other].believed)
		return other;
	row = new_stream(table, 0, p, hash);
	if (row != INDEX_NONE)
		table->rows[row].believed = true;
	return row;
}

uint32_t media_table_add(struct media_table *table, uint32_t last,
			 const struct media_packet *p)
{
	struct stream_key k = {p->src, p->dst, p->rtp.ssrc, p->vantage};
	struct media_stream *s;
	uint32_t row = last && same_row(table->rows, last - 1, &k)
			       ? last - 1
			       : row_of(table, last, p);

	if (row == INDEX_NONE)
		return 0;
	s = &table->rows[row];
	if (!s->believed)
		believe(s, p);
	media_stream_add(s, &p->rtp, p->time);
	return row + 1;
}

uint64_t media_table_count(struct media_table *table, uint32_t row)
{
	struct media_stream *s = row ? &table->rows[row - 1] : NULL;
	bool counted = !s || s->counted;

	if (counted || !s->believed)
		return counted;
	s->counted = true;
	return s->statistics.packets + s->statistics.duplicates;
}

static struct media_stream *stream_at(struct media_table *table,
				      const struct endpoint *src,
				      const struct endpoint *dst, uint32_t ssrc)
{
	struct stream_key k = {src, dst, ssrc, 0};
	uint32_t row = index_find(&table->index, stream_hash(&k), same_stream,
				  table->rows, &k);

	return row == INDEX_NONE ? NULL : &table->rows[row];
}

void media_table_end(struct media_table *table, const struct endpoint *src,
		     const struct endpoint *dst, uint32_t ssrc,
		     const struct place *place)
{
	struct media_stream *s = stream_at(table, src, dst, ssrc);
	struct endpoint a = *src, b = *dst;
	struct place *row;

	a.port--;
	b.port--;
	if (!s)
		s = stream_at(table, &a, &b, ssrc);
	if (!s || s->bye)
		return;
	if (!table->byes.size)
		table->byes = list_of(sizeof(*row), MEDIA_BYES_MAX);
	row = list_add(&table->byes);
	if (!row)
		return;
	*row = *place;
	s->bye = (uint32_t)table->byes.count;
}

bool media_table_forget(struct media_table *table, nanoseconds before,
			uint32_t *map)
{
	struct index index = {0};
	uint32_t kept = 0;

	if (index_reserve(&index, table->count) != STATUS_OK)
		return false;
	for (uint32_t i = 0; i < table->count; i++) {
		struct media_stream *s = &table->rows[i];

		map[i] = 0;
		if (s->last < before ||
		    index_add(&index, media_stream_hash(s), kept) != STATUS_OK)
			continue;
		table->rows[kept] = *s;
		map[i] = ++kept;
	}
	table->count = kept;
	index_free(&table->index);
	table->index = index;
	return true;
}
