/*
 * The tables behind the frames of a Network Monitor file (capture-formats
 * 1.7).
 */
#include "config.h"

#include <stdlib.h>

#include "capture/netmon_tables.h"

#include "capture/reader.h"
#include "capture/wintext.h"

/* Lengths that stand before and between the texts of a comment. */
#define NOTE_HEAD 12u
#define NOTE_MIN 17u

/* Reads `n` bytes at a place; an empty slice when they are not there. */
static enum status bytes_at(struct block *in, uint64_t at, size_t n,
			    struct slice *out)
{
	enum status status = block_seek(in, at);

	*out = (struct slice){0};
	if (status == STATUS_OK)
		status = block_need(in, n, out);
	if (status != STATUS_OK)
		*out = (struct slice){0};
	return status;
}

/*
 * Measures the comment at `at`, of which no more than `left` bytes can be.
 * STATUS_BAD when it does not fit.
 */
static enum status note_measure(struct block *in, uint64_t at, uint64_t left,
				struct netmon_note *out)
{
	struct slice head, middle;
	struct cursor c;
	uint64_t n;
	enum status status = bytes_at(in, at, NOTE_HEAD, &head);

	if (status != STATUS_OK)
		return netmon_is_grave(status) ? status : STATUS_BAD;
	c = cursor_over(head);
	cursor_skip(&c, 4); /* how many frames it is on: one */
	out->record = cursor_u32le(&c);
	n = UINT64_C(12) + cursor_u32le(&c);
	if (n + 4 > left)
		return STATUS_BAD;
	status = bytes_at(in, at + n, 4, &middle);
	if (status != STATUS_OK)
		return netmon_is_grave(status) ? status : STATUS_BAD;
	c = cursor_over(middle);
	n += UINT64_C(4) + cursor_u32le(&c);
	if (n > left)
		return STATUS_BAD;
	out->at = (uint32_t)at;
	out->n = (uint32_t)n;
	return STATUS_OK;
}

static bool add_note(struct netmon_notes *notes, const struct netmon_note *add)
{
	size_t n = notes->count;

	/* Doubles at each power of two. */
	if ((n & (n - 1)) == 0) {
		size_t room = n ? n * 2 : 1;
		void *p = realloc(notes->list, room * sizeof(*notes->list));

		if (!p)
			return false;
		notes->list = p;
	}
	notes->list[notes->count++] = *add;
	return true;
}

static int by_record(const void *a, const void *b)
{
	const struct netmon_note *x = a, *y = b;

	if (x->record != y->record)
		return x->record < y->record ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

enum status netmon_notes_read(struct source *self, struct block *in,
			      const struct netmon_header *header,
			      struct netmon_notes *out)
{
	uint64_t at = header->comments.at;
	uint64_t end = at + header->comments.n;
	struct netmon_note note = {0};
	enum status status = STATUS_OK;

	*out = (struct netmon_notes){0};
	while (end - at >= NOTE_MIN && at <= UINT32_MAX) {
		if (out->count == NETMON_COMMENTS_MAX) {
			source_warn(self, at, "more than %u comments",
				    NETMON_COMMENTS_MAX);
			break;
		}
		status = note_measure(in, at, end - at, &note);
		if (status != STATUS_OK)
			break;
		if (!add_note(out, &note))
			return STATUS_NOMEM;
		at += note.n;
	}
	if (status == STATUS_BAD)
		source_warn(self, at,
			    "the comment table is damaged or cut off");
	if (out->count)
		qsort(out->list, out->count, sizeof(*out->list), by_record);
	return netmon_is_grave(status) ? status : STATUS_OK;
}

static void tell(struct source *self, struct slice note, uint64_t number)
{
	/* A byte of Windows-1252 becomes three bytes at most. */
	struct text text = text_new(3 * (size_t)NETMON_COMMENT_MAX);
	struct cursor c = cursor_over(note);
	struct slice title, description;

	cursor_skip(&c, 8);
	title = cursor_take(&c, cursor_u32le(&c));
	description = cursor_take(&c, cursor_u32le(&c));
	wintext_utf16(title, &text);
	if (description.n)
		text_putc(&text, '\n');
	wintext_rtf(description, &text);
	if (text.failed == STATUS_OK)
		self->on_comment(self->context, number,
				 slice_trim(text_slice(&text)));
	text_free(&text);
}

/* The first comment on a record at `place` or behind it. */
static size_t lower_bound(const struct netmon_notes *notes, uint32_t place)
{
	size_t low = 0, high = notes->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (notes->list[middle].record < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The same, fast while records come in the order of the file. */
static size_t find_notes(struct netmon_notes *notes, uint32_t place)
{
	size_t at = notes->next;

	if ((at < notes->count && notes->list[at].record < place) ||
	    (at > 0 && notes->list[at - 1].record >= place))
		at = lower_bound(notes, place);
	notes->next = at;
	return at;
}

enum status netmon_notes_tell(struct source *self, struct block *in,
			      struct netmon_notes *notes, uint32_t place,
			      uint64_t number)
{
	size_t i;

	if (!self->on_comment || !notes->count)
		return STATUS_OK;
	for (i = find_notes(notes, place);
	     i < notes->count && notes->list[i].record == place; i++) {
		const struct netmon_note *note = &notes->list[i];
		struct slice bytes;
		enum status status;

		if (note->n > NETMON_COMMENT_MAX) {
			source_warn(self, note->at,
				    "a comment of %u bytes, more than %u",
				    note->n, NETMON_COMMENT_MAX);
			continue;
		}
		status = bytes_at(in, note->at, note->n, &bytes);
		if (netmon_is_grave(status))
			return status;
		tell(self, bytes, number);
	}
	notes->next = i;
	return STATUS_OK;
}

void netmon_notes_free(struct netmon_notes *notes)
{
	free(notes->list);
	*notes = (struct netmon_notes){0};
}

/* IPv4 is stored as a little-endian number, in the first four bytes. */
static struct endpoint address(struct slice ip, bool is_ipv6, uint16_t port)
{
	uint8_t turned[4];

	if (is_ipv6 || ip.n < sizeof(turned))
		return endpoint_of(ip, port);
	for (size_t i = 0; i < sizeof(turned); i++)
		turned[i] = ip.p[sizeof(turned) - 1 - i];
	return endpoint_of(slice_of(turned, sizeof(turned)), port);
}

/* What stands behind the icon. */
static void process_rest(struct slice in, struct netmon_process *out)
{
	struct cursor c = cursor_over(in);
	uint16_t local, remote;
	struct slice ip;
	bool is_ipv6;

	out->id = cursor_u32le(&c);
	local = cursor_u16le(&c);
	cursor_skip(&c, 2);
	remote = cursor_u16le(&c);
	cursor_skip(&c, 2);
	is_ipv6 = cursor_u32le(&c) != 0;
	ip = cursor_take(&c, 16);
	out->local = address(ip, is_ipv6, local);
	ip = cursor_take(&c, 16);
	out->remote = address(ip, is_ipv6, remote);
}

/* A length and that many bytes of path, at the window's place. */
static enum status process_path(struct block *in, struct text *path)
{
	struct slice bytes;
	struct cursor c;
	size_t n;
	enum status status = block_need(in, 4, &bytes);

	if (status != STATUS_OK)
		return status;
	c = cursor_over(bytes);
	n = cursor_u32le(&c);
	if (n > NETMON_PATH_MAX)
		return STATUS_BAD;
	block_take(in, 4);
	status = block_need(in, n, &bytes);
	if (status != STATUS_OK)
		return status;
	text_clear(path);
	wintext_utf16(bytes, path);
	block_take(in, n);
	return path->failed;
}

static enum status process_read(struct block *in, struct text *path,
				struct netmon_process *out)
{
	struct slice bytes;
	struct cursor c;
	enum status status = process_path(in, path);

	if (status == STATUS_OK)
		status = block_need(in, 4, &bytes);
	if (status != STATUS_OK)
		return status;
	c = cursor_over(bytes);
	status = block_skip(in, UINT64_C(4) + cursor_u32le(&c));
	if (status == STATUS_OK)
		status = block_need(in, 48, &bytes);
	if (status != STATUS_OK)
		return status;
	process_rest(bytes, out);
	block_take(in, 48);
	out->path = text_slice(path);
	return STATUS_OK;
}

enum status netmon_processes_read(struct source *self, struct block *in,
				  const struct netmon_header *header,
				  netmon_process_fn *each, void *context)
{
	/* UTF-16 grows to three bytes for two at most. */
	struct text path = text_new(2 * (size_t)NETMON_PATH_MAX);
	/* Behind the version, which nobody minds. */
	uint64_t at = UINT64_C(2) + header->processes.at;
	enum status status = STATUS_OK;

	if (header->processes.n)
		status = block_seek(in, at);
	for (uint32_t row = 0; row < header->processes.n; row++) {
		struct netmon_process process;

		if (row == NETMON_PROCESSES_MAX) {
			source_warn(self, at, "more than %u processes",
				    NETMON_PROCESSES_MAX);
			break;
		}
		if (status == STATUS_OK)
			status = process_read(in, &path, &process);
		if (status != STATUS_OK) {
			source_warn(self, block_offset(in),
				    "the process table is damaged or cut off");
			break;
		}
		if (each)
			each(context, row, &process);
	}
	text_free(&path);
	return netmon_is_grave(status) ? status : STATUS_OK;
}

/* TIME_ZONE_INFORMATION: UTC is local time and so many minutes. */
static int64_t zone_bias(struct slice zone)
{
	struct cursor c = cursor_over(zone);
	int64_t bias = cursor_u32le(&c);

	return bias > INT32_MAX ? bias - (INT64_C(1) << 32) : bias;
}

nanoseconds netmon_start(struct source *self, struct block *in,
			 const struct netmon_header *header, bool *known)
{
	struct slice bytes, zone;
	struct cursor c;
	nanoseconds start = header->start;
	int64_t bias;

	*known = false;
	if (!header->extended.n)
		return start;
	if (header->extended.n < 11 ||
	    bytes_at(in, header->extended.at, 11, &bytes) != STATUS_OK) {
		source_warn(self, header->extended.at,
			    "the extended information is cut off");
		return start;
	}
	c = cursor_over(bytes);
	cursor_skip(&c, 2); /* version */
	*known = netmon_filetime(cursor_u64le(&c), &start);
	if (*known || !header->start_valid || cursor_u8(&c) == 0)
		return start;
	if (bytes_at(in, UINT64_C(11) + header->extended.at, 4, &zone) !=
	    STATUS_OK)
		return start;
	/* No zone is further away than a day. */
	bias = zone_bias(zone);
	*known = bias > -24 * 60 && bias < 24 * 60;
	return *known ? start + bias * 60 * NS_PER_S : start;
}
