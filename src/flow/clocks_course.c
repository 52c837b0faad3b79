/* The clock of a log against that of a capture, by the course of things. */
#include "config.h"

#include <stdlib.h>

#include "core/crypto.h"
#include "core/hash.h"
#include "flow/clocks_course.h"

#define USERNAME_MAX 4096u

enum mark_kind {
	MARK_GRANTED, /* capture: a relay's address */
	MARK_OFFERED, /* log: an address in SDP */
	MARK_TOLD,    /* log: a token or a user fragment */
	MARK_USED,    /* capture */
};

/* When something was seen first in a file. */
struct mark {
	uint64_t key;
	nanoseconds time;
	uint32_t file;
	uint8_t kind;
};

/* How far a log is ahead of the Date of each of its responses. */
struct log_dates {
	uint32_t file;
	unsigned count;
	nanoseconds ahead[COURSE_DATES_MAX];
};

struct course course_new(void)
{
	return (struct course){
		.marks = list_of(sizeof(struct mark), COURSE_MARKS_MAX),
		.logs = list_of(sizeof(struct log_dates), COURSE_LOGS_MAX),
	};
}

void course_free(struct course *c)
{
	list_free(&c->marks);
	list_free(&c->logs);
	index_free(&c->index);
}

/* ---- marks ---- */

static bool same_mark(const void *rows, uint32_t row, const void *key)
{
	const struct mark *a = (const struct mark *)rows + row;
	const struct mark *b = key;

	return a->key == b->key && a->file == b->file && a->kind == b->kind;
}

static void add(struct course *c, const struct origin *from,
		enum mark_kind kind, uint64_t key)
{
	struct mark mark = {.key = key,
			    .time = from->time,
			    .file = from->file,
			    .kind = (uint8_t)kind};
	uint64_t hash = hash_mix(key + ((uint64_t)from->file << 8) + kind);
	struct mark *added;

	if (index_find(&c->index, hash, same_mark, c->marks.rows, &mark) !=
	    INDEX_NONE)
		return;
	added = list_add(&c->marks);
	if (!added)
		return;
	*added = mark;
	if (index_add(&c->index, hash, (uint32_t)c->marks.count - 1) !=
	    STATUS_OK)
		c->marks.count--;
}

static void add_end(struct course *c, const struct origin *from,
		    enum mark_kind kind, const struct endpoint *e)
{
	if (e->family != FAMILY_NONE && e->port)
		add(c, from, kind, hash_bytes(3, slice_of(e, sizeof(*e))));
}

static void add_name(struct course *c, const struct origin *from,
		     enum mark_kind kind, struct slice name)
{
	if (name.n)
		add(c, from, kind, hash_bytes(4, name));
}

/* ---- what messages tell ---- */

static void take_sdp(struct course *c, const struct origin *from,
		     const struct sdp *sdp)
{
	add_name(c, from, MARK_TOLD, sdp->transport.ice_ufrag);
	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];

		add_name(c, from, MARK_TOLD, media->transport.ice_ufrag);
		for (size_t k = 0; k < media->candidate_count; k++)
			add_end(c, from, MARK_OFFERED,
				&media->candidates[k].endpoint);
	}
}

static void take_token(struct course *c, const struct origin *from,
		       const struct mras *mras)
{
	uint8_t name[USERNAME_MAX];
	size_t n;

	for (size_t i = 0; mras->kind == MRAS_RESPONSE && i < mras->count;
	     i++) {
		struct slice user = mras->credentials[i].username;

		if (user.n && user.n <= sizeof(name) &&
		    base64_decode(user, name, &n) == STATUS_OK)
			add_name(c, from, MARK_TOLD, slice_of(name, n));
	}
}

/* "Tue, 03 Feb 2015 08:07:12 GMT" (RFC 3261 25.1, rfc1123-date). */
static bool read_date(struct slice s, nanoseconds *out)
{
	struct civil_time civil = {0};
	uint64_t year, day, part[3];
	size_t month;

	(void)slice_split(&s, ',');
	s = slice_trim(s);
	if (slice_number(slice_split(&s, ' '), 31, &day) != STATUS_OK ||
	    !slice_search(SLICE("JanFebMarAprMayJunJulAugSepOctNovDec"),
			  slice_split(&s, ' '), &month) ||
	    month % 3 ||
	    slice_number(slice_split(&s, ' '), 9999, &year) != STATUS_OK)
		return false;
	for (size_t i = 0; i < 3; i++)
		if (slice_number(slice_split(&s, i < 2 ? ':' : ' '), 60,
				 &part[i]) != STATUS_OK)
			return false;
	civil.year = (int)year;
	civil.month = (int)(month / 3) + 1;
	civil.day = (int)day;
	civil.hour = (int)part[0];
	civil.minute = (int)part[1];
	civil.second = (int)part[2];
	return clock_of_civil(&civil, out) == STATUS_OK;
}

static struct log_dates *dates_of(const struct course *c, uint32_t file)
{
	struct log_dates *rows = c->logs.rows;

	for (size_t i = 0; i < c->logs.count; i++)
		if (rows[i].file == file)
			return &rows[i];
	return NULL;
}

static void take_date(struct course *c, const struct message *m)
{
	struct log_dates *log = dates_of(c, m->from.file);
	nanoseconds date;

	if (!log) {
		log = list_add(&c->logs);
		if (!log)
			return;
		log->file = m->from.file;
	}
	/* A log without times has no zone. */
	if (m->kind == MESSAGE_SIP && !m->u.sip->request &&
	    m->from.time != 0 && log->count < COURSE_DATES_MAX &&
	    read_date(sip_value(m->u.sip, SIP_DATE), &date))
		log->ahead[log->count++] =
			clock_bounded(m->from.time - clock_bounded(date));
}

static void take_logged(struct course *c, const struct message *m)
{
	take_date(c, m);
	for (size_t i = 0; m->kind == MESSAGE_SIP && i < m->content_count;
	     i++) {
		if (m->contents[i].sdp)
			take_sdp(c, &m->from, m->contents[i].sdp);
		if (m->contents[i].mras)
			take_token(c, &m->from, m->contents[i].mras);
	}
}

/* Checks name both user fragments (RFC 8445 7.2.2). */
static void take_stun(struct course *c, const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	struct slice rest = stun->username;

	if (stun->class == STUN_SUCCESS) {
		add_end(c, &m->from, MARK_GRANTED, &stun->relayed);
		add_end(c, &m->from, MARK_GRANTED, &stun->relayed_other);
	}
	if (stun->class != STUN_REQUEST)
		return;
	add_name(c, &m->from, MARK_USED, stun->username);
	if (stun->method == STUN_BINDING)
		while (rest.n)
			add_name(c, &m->from, MARK_USED,
				 slice_split(&rest, ':'));
}

void course_take(struct course *c, const struct message *m)
{
	if (m->from.logged)
		take_logged(c, m);
	else if (m->kind == MESSAGE_STUN)
		take_stun(c, m);
}

bool course_is_log(const struct course *c, uint32_t file)
{
	return dates_of(c, file) != NULL;
}

/* ---- what they come to ---- */

/* `a` came before `b`, so the log's clock is no more than this ahead, or no
 * less. */
static void bound(struct course_bounds *out, const struct mark *ours,
		  nanoseconds theirs)
{
	nanoseconds ahead = clock_bounded(ours->time - theirs);

	if (ours->kind == MARK_OFFERED) {
		if (!out->has_high || ahead < out->high)
			out->high = ahead;
		out->has_high = true;
	} else {
		if (!out->has_low || ahead > out->low)
			out->low = ahead;
		out->has_low = true;
	}
}

/* All marks of one key: ours against those of the files that are known. */
static void bound_group(struct course_bounds *out, uint32_t log,
			const struct mark *rows, size_t count,
			const struct course_known *with)
{
	for (size_t i = 0; i < count; i++) {
		const struct mark *ours = &rows[i];
		enum mark_kind partner =
			ours->kind == MARK_OFFERED ? MARK_GRANTED : MARK_USED;

		if (ours->file != log ||
		    (ours->kind != MARK_OFFERED && ours->kind != MARK_TOLD))
			continue;
		for (size_t k = 0; k < count; k++)
			if (rows[k].kind == partner &&
			    with->known[rows[k].file])
				bound(out, ours,
				      clock_bounded(
					      rows[k].time -
					      with->offsets[rows[k].file]));
	}
}

static int by_key(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->time > y->time) - (x->time < y->time);
}

struct course_bounds course_bounds_of(struct course *c, uint32_t log,
				      const struct course_known *with)
{
	struct mark *rows = c->marks.rows;
	struct course_bounds out = {.has_low = false};

	if (!c->sorted && c->marks.count)
		qsort(rows, c->marks.count, sizeof(*rows), by_key);
	c->sorted = true;
	for (size_t i = 0, n; i < c->marks.count; i += n) {
		n = 1;
		while (i + n < c->marks.count && rows[i + n].key == rows[i].key)
			n++;
		bound_group(&out, log, &rows[i], n, with);
	}
	return out;
}

static nanoseconds floor_zone(nanoseconds time)
{
	nanoseconds rest = time % COURSE_ZONE;

	return time - rest - (rest < 0 ? COURSE_ZONE : 0);
}

nanoseconds course_offset(const struct course_bounds *b)
{
	nanoseconds high = b->high + COURSE_SLACK, low = b->low - COURSE_SLACK;
	nanoseconds zone;

	if (!b->has_low)
		return floor_zone(high);
	if (!b->has_high)
		return -floor_zone(-low);
	zone = floor_zone(high);
	return zone >= low ? zone : b->low + (b->high - b->low) / 2;
}

static int by_time(const void *a, const void *b)
{
	const nanoseconds *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

bool course_zone(const struct course *c, uint32_t log, nanoseconds *out)
{
	struct log_dates *dates = dates_of(c, log);

	if (!dates || dates->count == 0)
		return false;
	qsort(dates->ahead, dates->count, sizeof(*dates->ahead), by_time);
	*out = floor_zone(dates->ahead[dates->count / 2] + COURSE_ZONE / 2);
	return true;
}
