/*
 * A set of captures read as one, merged by time.
 *
 * The files in use stand in a heap by the time of their next frame.  Most sets
 * are rings, whose files follow one another: so a file is read as far as its
 * first frame, closed, and opened again when that frame is due.
 */
#include "config.h"

#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/block.h"
#include "capture/bytes.h"
#include "capture/filter.h"
#include "capture/paths.h"
#include "capture/reader.h"
#include "capture/reorder.h"
#include "capture/set.h"
#include "capture/vantages.h"
#include "core/hash.h"

/* More are not read ahead: a thread each. */
#define FILES_AHEAD 4u
/* From so many files on the windows are smaller. */
#define FILES_MANY 16u
#define FILES_VERY_MANY 256u

struct member {
	struct capture_file file;
	struct capture_set *set;
	uint32_t place;
	bool regular; /* it can be opened again */
	dev_t device;
	ino_t inode;
	struct source *source;     /* NULL: closed */
	struct byte_source *bytes; /* its descriptor, while that lives */
	bool told;     /* what stands before its first frame was told */
	bool begun;    /* its first frame was handed out */
	bool lies;     /* frames can be read again where they lie in it */
	bool apart;    /* it follows no other file */
	bool lane;     /* only frames of `only` are read here, */
	bool split;    /* or those of interfaces without a lane */
	uint32_t slot; /* in the heap: files first, then lanes */
	uint32_t only;
	uint32_t chain;     /* see capture/vantages.h */
	uint32_t link_type; /* of its first frame */
	uint32_t interface; /* of the last frame, and its vantage */
	uint32_t vantage;
	nanoseconds shift; /* is taken from its times */
	struct frame head; /* the next frame, if it is open */
	nanoseconds key;   /* the time of that */
	char path[];
};

struct capture_set {
	struct member **members; /* files */
	struct member *lanes[CAPTURE_LANES_MAX];
	size_t lane_count;
	size_t count;
	size_t room;
	struct index known; /* members by device and inode */
	uint32_t *heap;     /* slots; the earliest is the first */
	size_t waiting;     /* members in the heap */
	size_t open;
	size_t open_max;
	bool started;
	bool held;  /* windows will be, by who reads */
	bool taken; /* the head of the first was handed out */
	struct packet_filter *filter;
	struct capture_listener listener;
	struct vantages vantages;
	nanoseconds newest;      /* time of a frame so far */
	bool disordered;         /* a frame was older than one before it */
	struct reorder *reorder; /* NULL: frames go out as they come */
	struct frame ordered;    /* that was handed out of it */
	bool drained;            /* all are in the window */
};

struct capture_set *capture_set_new(void)
{
	struct capture_set *set = calloc(1, sizeof(*set));
	long descriptors = sysconf(_SC_OPEN_MAX);

	if (!set)
		return NULL;
	set->open_max = CAPTURE_FILES_OPEN_MAX;
	/* The rest of the program wants some too. */
	if (descriptors > 0 && (size_t)descriptors / 2 < set->open_max)
		set->open_max = (size_t)descriptors / 2;
	return set;
}

/* Files, and behind them those that are read once more. */
static size_t slots(const struct capture_set *set)
{
	return set->count + set->lane_count;
}

static struct member *in_slot(const struct capture_set *set, uint32_t slot)
{
	return slot < set->count ? set->members[slot]
				 : set->lanes[slot - set->count];
}

static void on_secrets(void *context, uint32_t kind, struct slice secrets)
{
	const struct member *m = context;
	const struct capture_listener *to = &m->set->listener;

	if (!m->told && !m->lane && to->on_secrets)
		to->on_secrets(to->context, m->place, kind, secrets);
}

static void on_comment(void *context, uint64_t frame, struct slice text)
{
	const struct member *m = context;
	const struct capture_listener *to = &m->set->listener;

	if (!m->told && !m->lane && to->on_comment)
		to->on_comment(to->context, m->place, frame, text);
}

static size_t window_of(const struct capture_set *set)
{
	if (set->count >= FILES_VERY_MANY)
		return BLOCK_SIZE_VERY_MANY;
	return set->count >= FILES_MANY ? BLOCK_SIZE_MANY : BLOCK_SIZE;
}

static enum status member_open(struct member *m)
{
	struct byte_source *bytes;
	enum status status;

	status = bytes_open_file(m->path, &bytes, &m->file.fault);
	if (status != STATUS_OK)
		return status;
	bytes->block = window_of(m->set);
	bytes->ahead =
		m->regular && slots(m->set) <= FILES_AHEAD && !m->set->held;
	m->file.size = bytes->size;
	m->bytes = bytes;
	bytes_watch(bytes, &m->bytes);
	status = source_open(bytes, m->path, &m->source, &m->file.fault);
	if (status != STATUS_OK)
		return status;
	m->source->context = m;
	m->source->on_secrets = on_secrets;
	m->source->on_comment = on_comment;
	m->set->open++;
	return STATUS_OK;
}

static void member_close(struct member *m)
{
	if (!m->source)
		return;
	m->file.info = m->source->info;
	m->source->close(m->source);
	m->source = NULL;
	m->set->open--;
}

/* A time that nobody meant must not make sums wrap. */
static void bound_time(struct member *m)
{
	nanoseconds time = clock_bounded(m->head.time);

	if (time == m->head.time)
		return;
	source_warn(m->source, m->head.offset,
		    "a time outside of the years 1824 to 2115 is not believed");
	m->head.time = time;
}

static bool has_lane(const struct capture_set *set, uint32_t place,
		     uint32_t interface)
{
	for (size_t i = 0; i < set->lane_count; i++)
		if (set->lanes[i]->place == place &&
		    set->lanes[i]->only == interface)
			return true;
	return false;
}

/* Is the frame at the head one that is read elsewhere? */
static bool is_elsewhere(const struct member *m)
{
	if (m->lane)
		return m->head.interface != m->only;
	return m->split && has_lane(m->set, m->place, m->head.interface);
}

/* Reads the next frame to the head; closes the file when there is none. */
static enum status member_advance(struct member *m)
{
	enum status status;

	do
		status = m->source->next(m->source, &m->head);
	while (status == STATUS_OK && is_elsewhere(m));
	if (status != STATUS_OK) {
		m->file.status = status;
		member_close(m);
		return status;
	}
	m->head.file = m->place;
	/* A frame without time stays with the one before it. */
	if (m->head.has_time) {
		bound_time(m);
		m->head.time = clock_bounded(m->head.time - m->shift);
		m->key = m->head.time;
	} else if (m->shift && m->source->info.log) {
		/* Messages that it shares set the clock of a log that has
		 * none. */
		m->head.time = clock_bounded(-m->shift);
		m->key = m->head.time;
	}
	return STATUS_OK;
}

/* Opens a file and reads its first frame. */
static enum status member_begin(struct member *m)
{
	enum status status = member_open(m);

	if (status != STATUS_OK) {
		m->file.status = status;
		return status;
	}
	m->key = INT64_MIN;
	status = member_advance(m);
	if (status == STATUS_OK && m->set->open > m->set->open_max && m->bytes)
		bytes_park(m->bytes);
	return status;
}

static bool earlier(const struct capture_set *set, uint32_t a, uint32_t b)
{
	nanoseconds left = in_slot(set, a)->key;
	nanoseconds right = in_slot(set, b)->key;

	return left < right || (left == right && a < b);
}

/* The first of the heap may stand too high: moves it down. */
static void heap_down(struct capture_set *set, size_t at)
{
	uint32_t place = set->heap[at];

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= set->waiting)
			break;
		if (child + 1 < set->waiting &&
		    earlier(set, set->heap[child + 1], set->heap[child]))
			child++;
		if (!earlier(set, set->heap[child], place))
			break;
		set->heap[at] = set->heap[child];
		at = child;
	}
	set->heap[at] = place;
}

static void heap_drop(struct capture_set *set)
{
	const struct member *m = in_slot(set, set->heap[0]);

	if (m->begun && !m->apart)
		vantages_end(&set->vantages, m->chain, m->link_type);
	set->heap[0] = set->heap[--set->waiting];
	if (set->waiting)
		heap_down(set, 0);
}

static bool same_file(const void *rows, uint32_t row, const void *key)
{
	struct member *const *members = rows;
	const struct stat *st = key;

	return members[row]->regular && members[row]->device == st->st_dev &&
	       members[row]->inode == st->st_ino;
}

static uint64_t file_hash(const struct stat *st)
{
	return hash_mix((uint64_t)st->st_ino ^ hash_mix(st->st_dev));
}

/* Is it in the set already?  Fills *st when it is there to be read again. */
static bool is_known(const struct capture_set *set, const char *path,
		     struct stat *st, bool *regular)
{
	bool standard_input = strcmp(path, "-") == 0;
	int failed = standard_input ? fstat(STDIN_FILENO, st) : stat(path, st);

	*regular = failed == 0 && S_ISREG(st->st_mode);
	if (*regular)
		return index_find(&set->known, file_hash(st), same_file,
				  set->members, st) != INDEX_NONE;
	for (size_t i = 0; standard_input && i < set->count; i++)
		if (strcmp(set->members[i]->path, "-") == 0)
			return true;
	return false;
}

static enum status room_for_member(struct capture_set *set)
{
	size_t room = set->room ? set->room * 2 : 8;
	struct member **members;
	uint32_t *heap;

	if (set->count < set->room)
		return STATUS_OK;
	if (set->count >= CAPTURE_FILES_MAX)
		return STATUS_LIMIT;
	members = realloc(set->members, room * sizeof(struct member *));
	if (!members)
		return STATUS_NOMEM;
	set->members = members;
	heap = realloc(set->heap, (room + CAPTURE_LANES_MAX) * sizeof(*heap));
	if (!heap)
		return STATUS_NOMEM;
	set->heap = heap;
	set->room = room;
	return STATUS_OK;
}

/* Makes a member that is not yet in the set. */
static struct member *member_new(struct capture_set *set, const char *path)
{
	size_t n = strlen(path) + 1;
	struct member *m = calloc(1, sizeof(*m) + n);

	if (!m)
		return NULL;
	memcpy(m->path, path, n);
	m->file.path = m->path;
	m->file.size = UINT64_MAX;
	m->set = set;
	m->place = m->slot = (uint32_t)set->count;
	return m;
}

static bool named_like_capture(const char *path)
{
	static const char *const endings[] = {".pcap", ".pcapng", ".cap"};
	size_t n = strlen(path);

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t m = strlen(endings[i]);

		if (n >= m && strcasecmp(path + n - m, endings[i]) == 0)
			return true;
	}
	return false;
}

/*
 * Is a file that lay in a folder a capture?  One that ends inside its header
 * is when its name says so, and one that cannot be opened may be.
 */
static bool is_capture(struct member *m)
{
	enum status status = member_open(m);

	member_close(m);
	if (status == STATUS_SHORT)
		return named_like_capture(m->path);
	return status != STATUS_NOT_MINE;
}

/* What is being added, while paths_expand hands over files. */
struct adding {
	struct capture_set *set;
	struct fault *fault;
	bool known; /* a file was in the set already */
};

static enum status add_file(void *context, const char *path, bool found)
{
	struct adding *adding = context;
	struct capture_set *set = adding->set;
	struct member *m;
	struct stat st;
	bool regular;
	enum status status = room_for_member(set);

	if (status != STATUS_OK)
		goto failed;
	if (is_known(set, path, &st, &regular)) {
		adding->known = true;
		return STATUS_OK;
	}
	status = STATUS_NOMEM;
	m = member_new(set, path);
	if (!m)
		goto failed;
	if (found && !is_capture(m)) {
		free(m);
		return STATUS_OK;
	}
	if (regular) {
		m->regular = true;
		m->device = st.st_dev;
		m->inode = st.st_ino;
		status = index_add(&set->known, file_hash(&st), m->place);
		if (status != STATUS_OK) {
			free(m);
			goto failed;
		}
	}
	set->members[set->count++] = m;
	return STATUS_OK;
failed:
	if (status == STATUS_LIMIT)
		fault_say(adding->fault, UINT64_MAX, "more than %u files",
			  CAPTURE_FILES_MAX);
	else
		fault_say(adding->fault, UINT64_MAX, "out of memory");
	return status;
}

enum status capture_set_add(struct capture_set *set, const char *path,
			    struct fault *fault)
{
	struct adding adding = {.set = set, .fault = fault};
	struct path_taker to = {.context = &adding, .take = add_file};
	size_t before = set->count;
	enum status status;

	*fault = (struct fault){0};
	status = paths_expand(path, &to, fault);
	if (status != STATUS_OK)
		return status;
	if (adding.known) {
		fault_say(fault, UINT64_MAX, "given more than once, read once");
	} else if (set->count == before) {
		fault_say(fault, UINT64_MAX, "no captures in this folder");
		return STATUS_NOT_MINE;
	}
	return STATUS_OK;
}

enum status capture_set_filter(struct capture_set *set, const char *expression,
			       struct fault *fault)
{
	struct packet_filter *filter;
	enum status status;

	*fault = (struct fault){0};
	status = packet_filter_new(expression, &filter, fault);
	if (status != STATUS_OK)
		return status;
	packet_filter_free(set->filter);
	set->filter = filter;
	return STATUS_OK;
}

void capture_set_listen(struct capture_set *set,
			const struct capture_listener *listener)
{
	set->listener = listener ? *listener : (struct capture_listener){0};
}

/* Bytes that were read just now lie in the cache of whoever read them. */
void capture_set_hold(struct capture_set *set)
{
	set->held = true;
	for (uint32_t i = 0; i < slots(set); i++)
		if (in_slot(set, i)->bytes)
			in_slot(set, i)->bytes->ahead = false;
}

/* Reads the first frame of every file; the heap is in order then. */
static void start(struct capture_set *set)
{
	set->started = true;
	for (uint32_t i = 0; i < slots(set); i++) {
		struct member *m = in_slot(set, i);

		if (m->file.status != STATUS_OK || member_begin(m) != STATUS_OK)
			continue;
		set->heap[set->waiting++] = m->slot;
		if (set->count > CAPTURE_FILES_READY_MAX && m->regular) {
			m->told = true;
			member_close(m);
		}
	}
	for (size_t i = set->waiting / 2; i-- > 0;)
		heap_down(set, i);
}

/* Goes on in the file whose frame was handed out. */
static void step(struct capture_set *set)
{
	struct member *m = in_slot(set, set->heap[0]);

	set->taken = false;
	if (member_advance(m) != STATUS_OK) {
		heap_drop(set);
		return;
	}
	heap_down(set, 0);
	if (set->open > set->open_max && m->bytes && set->heap[0] != m->slot)
		bytes_park(m->bytes);
}

/* The file whose frame is due, opened; NULL when none is left. */
static struct member *first_open(struct capture_set *set)
{
	while (set->waiting) {
		struct member *m = in_slot(set, set->heap[0]);

		if (m->source)
			return m;
		if (member_begin(m) == STATUS_OK) {
			m->told = false;
			return m;
		}
		heap_drop(set);
	}
	return NULL;
}

static bool passes(struct capture_set *set, struct member *m)
{
	uint32_t link_type = m->head.link_type;

	switch (packet_filter_test(set->filter, &m->head)) {
	case FILTER_MATCH:
		return true;
	case FILTER_NO_MATCH:
		return false;
	case FILTER_UNABLE:
		break;
	}
	/* What holds no packet was not meant. */
	if (link_type <= LINKTYPE_UNKNOWN)
		source_warn(m->source, m->head.offset,
			    "the filter does not apply to link type %u",
			    link_type);
	return true;
}

/* A file that is read once more keeps the chain of the first reading. */
static uint32_t chain_of(struct capture_set *set, const struct member *m)
{
	if (m->lane)
		return m->chain;
	if (m->apart)
		return m->place;
	return vantages_begin(&set->vantages, m->place, m->link_type);
}

static void begin_member(struct capture_set *set, struct member *m)
{
	m->begun = true;
	m->lies = m->source->info.rereadable;
	m->link_type = m->head.link_type;
	m->chain = chain_of(set, m);
	m->interface = m->head.interface;
	m->vantage = vantages_number(&set->vantages, m->chain, m->interface);
}

/* Where the frame was seen, and whether it can be read there again. */
static inline void note_place(struct capture_set *set, struct member *m,
			      struct frame *frame)
{
	if (!m->begun)
		begin_member(set, m);
	if (frame->interface != m->interface) {
		m->interface = frame->interface;
		m->vantage =
			vantages_number(&set->vantages, m->chain, m->interface);
	}
	frame->vantage = m->vantage;
	if (!m->lies)
		frame->offset = FRAME_NOWHERE;
	if (!frame->has_time)
		return;
	set->disordered |= frame->time < set->newest &&
			   set->newest - frame->time < REORDER_SPAN;
	if (frame->time > set->newest)
		set->newest = frame->time;
}

/* Most often there is one file, or one is left: no order is to be kept. */
static bool next_of_one(struct capture_set *set, const struct frame **frame)
{
	struct member *m;

	if (set->waiting != 1 || !set->taken || set->filter)
		return false;
	m = in_slot(set, set->heap[0]);
	if (member_advance(m) != STATUS_OK) {
		set->taken = false;
		heap_drop(set);
		return false;
	}
	note_place(set, m, &m->head);
	*frame = &m->head;
	return true;
}

static enum status next_of_files(struct capture_set *set,
				 const struct frame **frame)
{
	struct member *m;

	if (next_of_one(set, frame))
		return STATUS_OK;
	if (!set->started)
		start(set);
	do {
		if (set->taken)
			step(set);
		m = first_open(set);
		if (!m)
			return STATUS_END;
		set->taken = true;
	} while (set->filter && !passes(set, m));
	note_place(set, m, &m->head);
	*frame = &m->head;
	return STATUS_OK;
}

enum status capture_set_step(struct capture_set *set,
			     const struct frame **frame)
{
	const struct frame *next;

	if (!set->reorder)
		return next_of_files(set, frame);
	while (!reorder_get(set->reorder, set->drained, &set->ordered)) {
		if (set->drained)
			return STATUS_END;
		if (next_of_files(set, &next) != STATUS_OK)
			set->drained = true;
		else if (reorder_put(set->reorder, next) != STATUS_OK)
			return STATUS_NOMEM;
	}
	*frame = &set->ordered;
	return STATUS_OK;
}

/* Before which time the frames of the first file are due. */
static nanoseconds due_before(const struct capture_set *set)
{
	nanoseconds due = INT64_MAX;

	for (size_t i = 1; i < 3 && i < set->waiting; i++) {
		nanoseconds key = in_slot(set, set->heap[i])->key;

		due = key < due ? key : due;
	}
	return due;
}

static void place_run(struct capture_set *set, struct member *m,
		      struct frame *frames, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct frame *frame = &frames[i];

		frame->file = m->place;
		frame->time = clock_bounded(frame->time - m->shift);
		note_place(set, m, frame);
	}
}

size_t capture_set_run(struct capture_set *set, struct frame *frames,
		       size_t max)
{
	nanoseconds before;
	struct member *m;
	size_t count;

	if (!set->taken || set->filter || set->reorder)
		return 0;
	m = in_slot(set, set->heap[0]);
	if (!m->source || !m->source->run || m->lane || m->split)
		return 0;
	before = due_before(set);
	if (before != INT64_MAX)
		before = clock_bounded(before + m->shift);
	count = m->source->run(m->source, frames, max, before);
	place_run(set, m, frames, count);
	if (count)
		m->key = frames[count - 1].time;
	return count;
}

enum status capture_set_next(struct capture_set *set, struct frame *frame)
{
	const struct frame *next;
	enum status status = capture_set_step(set, &next);

	if (status == STATUS_OK)
		*frame = *next;
	return status;
}

bool capture_set_disordered(const struct capture_set *set)
{
	return set->disordered;
}

enum status capture_set_reorder(struct capture_set *set)
{
	if (!set->reorder)
		set->reorder = reorder_new();
	return set->reorder ? STATUS_OK : STATUS_NOMEM;
}

void capture_set_shift(struct capture_set *set, size_t at, nanoseconds offset,
		       bool apart)
{
	set->members[at]->shift = offset;
	set->members[at]->apart = apart;
}

enum status capture_set_shift_vantage(struct capture_set *set, size_t at,
				      uint32_t vantage, nanoseconds offset)
{
	struct member *file = set->members[at], *lane;

	if (vantage >= set->vantages.count)
		return STATUS_NOT_MINE;
	if (set->lane_count == CAPTURE_LANES_MAX)
		return STATUS_LIMIT;
	lane = member_new(set, file->path);
	if (!lane)
		return STATUS_NOMEM;
	lane->place = file->place;
	lane->slot = (uint32_t)slots(set);
	lane->regular = file->regular;
	lane->lane = lane->apart = true;
	lane->only = set->vantages.rows[vantage].interface;
	lane->chain = set->vantages.rows[vantage].chain;
	lane->shift = offset;
	file->split = true;
	set->lanes[set->lane_count++] = lane;
	return STATUS_OK;
}

size_t capture_set_vantages(const struct capture_set *set)
{
	return set->vantages.count;
}

uint32_t capture_set_vantage(const struct capture_set *set, size_t at)
{
	return set->members[at]->vantage;
}

bool capture_set_rereadable(const struct capture_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct member *m = set->members[i];

		if (!m->regular && !m->file.fault.set)
			return false;
	}
	return true;
}

/* Is the file still the one that was added? */
static bool still_there(const struct member *m)
{
	struct stat st;
	int failed = strcmp(m->path, "-") == 0 ? fstat(STDIN_FILENO, &st)
					       : stat(m->path, &st);

	return failed == 0 && st.st_dev == m->device && st.st_ino == m->inode;
}

enum status capture_set_rewind(struct capture_set *set)
{
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < slots(set); i++) {
		struct member *m = in_slot(set, i);

		member_close(m);
		if (m->file.fault.set)
			continue;
		if (!m->lane && (!m->regular || !still_there(m)))
			status = STATUS_IO;
		m->file.info = (struct source_info){0};
		m->file.status = STATUS_OK;
		m->told = false;
		m->begun = false;
	}
	if (set->reorder)
		reorder_clear(set->reorder);
	set->drained = false;
	vantages_restart(&set->vantages);
	set->newest = 0;
	set->waiting = 0;
	set->taken = false;
	set->started = false;
	return status;
}

size_t capture_set_count(const struct capture_set *set)
{
	return set->count;
}

const struct capture_file *capture_set_file(const struct capture_set *set,
					    size_t at)
{
	struct member *m = set->members[at];

	if (m->source)
		m->file.info = m->source->info;
	return &m->file;
}

const char *capture_set_path(const struct capture_set *set, size_t at)
{
	return set->members[at]->path;
}

void capture_set_free(struct capture_set *set)
{
	if (!set)
		return;
	for (uint32_t i = 0; i < slots(set); i++) {
		member_close(in_slot(set, i));
		free(in_slot(set, i));
	}
	index_free(&set->known);
	vantages_free(&set->vantages);
	reorder_free(set->reorder);
	packet_filter_free(set->filter);
	free(set->heap);
	free(set->members);
	free(set);
}
