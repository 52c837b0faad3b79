/*
 * Saving from the screens: the frames of calls out of their captures, or
 * their messages as text, or the report as JSON.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "capture/log_export.h"
#include "capture/writer.h"
#include "cli/reports.h"
#include "cli/tui_feed.h"
#include "core/record.h"
#include "net/packet.h"
#include "ui/message_page.h"
#include "ui/settings.h"

#define TEXT_MAX ((size_t)64 << 20)
#define TEXT_FLUSH ((size_t)1 << 20)

/* What is written, and where to. */
struct saving {
	struct tui_feed *f;
	const struct save *what;
	FILE *out;
	struct text text; /* that waits to be written */
	/* Frames: file << 48 | number, sorted. */
	uint64_t *frames;
	size_t frame_count;
	/* Ends of media, as hashes of both, sorted. */
	uint64_t *ends;
	size_t end_count;
	struct view_messages messages;
	uint64_t written;
	bool failed;
	int error; /* why; 0: nothing is known */
};

static void flush(struct saving *s)
{
	bool whole = s->text.failed == STATUS_OK;

	errno = 0;
	if (whole && s->text.n)
		whole = fwrite(s->text.p, 1, s->text.n, s->out) == s->text.n;
	if (!whole && !s->failed)
		s->error = errno;
	s->failed |= !whole;
	text_clear(&s->text);
}

/* A file may take bytes and lose them when it is closed. */
static void close_it(struct saving *s)
{
	bool lost = ferror(s->out) != 0;

	errno = 0;
	lost |= fclose(s->out) != 0;
	if (lost && !s->error)
		s->error = errno;
	s->failed |= lost;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static bool has(const uint64_t *set, size_t count, uint64_t value)
{
	return count &&
	       bsearch(&value, set, count, sizeof(value), compare) != NULL;
}

/* ---- what belongs to the calls ---- */

static size_t chosen_count(const struct saving *s)
{
	return s->what->calls || s->what->call_count ? s->what->call_count
						     : view_count(&s->f->feed);
}

static size_t chosen(const struct saving *s, size_t i)
{
	return s->what->calls ? s->what->calls[i] : i;
}

static bool collect_messages(struct saving *s, const struct settings *none)
{
	size_t count = chosen_count(s);
	struct view_call *calls;
	enum status status;

	if (s->what->message != LIST_NONE) {
		s->messages.rows = malloc(sizeof(uint32_t));
		if (!s->messages.rows)
			return false;
		s->messages.rows[0] = (uint32_t)s->what->message;
		s->messages.count = 1;
		return true;
	}
	calls = calloc(count + 1, sizeof(*calls));
	if (!calls)
		return false;
	for (size_t i = 0; i < count; i++)
		calls[i] = view_call(&s->f->feed, chosen(s, i), none, 0);
	status = view_messages(calls, count, true, &s->messages);
	free(calls);
	return status == STATUS_OK;
}

static bool collect_frames(struct saving *s)
{
	s->frames = calloc(s->messages.count + 1, sizeof(*s->frames));
	if (!s->frames)
		return false;
	for (size_t i = 0; i < s->messages.count; i++) {
		const struct entry *e = journal_at(&s->f->looked_up->journal,
						   s->messages.rows[i]);

		s->frames[s->frame_count++] =
			(uint64_t)e->place.file << 48 | e->place.frame;
	}
	qsort(s->frames, s->frame_count, sizeof(*s->frames), compare);
	return true;
}

static uint64_t hash_ends(const struct endpoint *a, const struct endpoint *b)
{
	return hash_mix(hash_bytes(1, slice_of(a, sizeof(*a))) +
			hash_bytes(2, slice_of(b, sizeof(*b))));
}

/* NULL: it is no call, but a conversation. */
static const struct call *call_at(const struct model *m, size_t number)
{
	return number < m->calls.count ? list_at(&m->calls, number) : NULL;
}

/* Media, and the streams that signalling came in: their frames are told by
 * their ends. */
static bool collect_ends(struct saving *s)
{
	const struct model *m = s->f->feed.model;
	const struct journal *j = &s->f->looked_up->journal;
	size_t room = s->messages.count * 2 + m->media.count + 1;

	s->ends = calloc(room, sizeof(*s->ends));
	if (!s->ends)
		return false;
	for (size_t i = 0; i < s->messages.count; i++) {
		const struct entry *e = journal_at(j, s->messages.rows[i]);
		const struct endpoint *a = journal_end_at(j, e->outer_src);
		const struct endpoint *b = journal_end_at(j, e->outer_dst);

		if (e->transport == TRANSPORT_UDP)
			continue;
		s->ends[s->end_count++] = hash_ends(a, b);
		s->ends[s->end_count++] = hash_ends(b, a);
	}
	for (size_t i = 0; s->what->media && i < chosen_count(s); i++) {
		const struct call *c = call_at(m, chosen(s, i));

		for (uint32_t k = 0; c && k < c->media.count; k++) {
			const struct media *x =
				list_at(&m->media, c->media.list[k]);

			if (s->end_count < room)
				s->ends[s->end_count++] =
					hash_ends(&x->src, &x->dst);
		}
	}
	qsort(s->ends, s->end_count, sizeof(*s->ends), compare);
	return true;
}

/* ---- captures ---- */

static bool is_wanted(const struct saving *s, struct net *net,
		      const struct frame *frame)
{
	struct packet packet;
	enum status status;
	bool wanted = has(s->frames, s->frame_count,
			  (uint64_t)frame->file << 48 | frame->number);

	if (wanted || !s->end_count)
		return wanted;
	status = net_packet(net, frame, &packet);
	while (status == STATUS_OK) {
		wanted |= has(s->ends, s->end_count,
			      hash_ends(&packet.src, &packet.dst));
		status = net_packet_more(net, &packet);
	}
	return wanted;
}

static void put_u32(struct text *to, uint32_t v)
{
	const uint8_t bytes[] = {(uint8_t)v, (uint8_t)(v >> 8),
				 (uint8_t)(v >> 16), (uint8_t)(v >> 24)};

	text_put(to, slice_of(bytes, sizeof(bytes)));
}

#define PCAP_MAGIC_NS UINT32_C(0xA1B23C4D)

/* The classic format has one link type for all. */
static bool put_pcap(struct saving *s, const struct frame *frame,
		     uint32_t *link_type)
{
	if (s->written == 0) {
		put_u32(&s->text, PCAP_MAGIC_NS);
		put_u32(&s->text, 4u << 16 | 2u);
		put_u32(&s->text, 0);
		put_u32(&s->text, 0);
		put_u32(&s->text, FRAME_MAX);
		put_u32(&s->text, frame->link_type);
		*link_type = frame->link_type;
	}
	if (frame->link_type != *link_type ||
	    frame->link_type >= LINKTYPE_UNKNOWN)
		return false;
	put_u32(&s->text, (uint32_t)(frame->time / NS_PER_S));
	put_u32(&s->text, (uint32_t)(frame->time % NS_PER_S));
	put_u32(&s->text, (uint32_t)frame->bytes.n);
	put_u32(&s->text, frame->wire_length);
	text_put(&s->text, frame->bytes);
	return true;
}

/* All captures once more, from a set of their own. */
static struct capture_set *open_again(struct saving *s)
{
	struct capture_set *set = capture_set_new();
	struct fault fault;

	for (size_t i = 0; set && i < s->f->options->path_count; i++)
		if (capture_set_add(set, s->f->options->paths[i], &fault) !=
		    STATUS_OK) {
			capture_set_free(set);
			return NULL;
		}
	return set;
}

static bool put_frame(struct saving *s, struct capture_writer *writer,
		      const struct frame *frame, uint32_t *link_type,
		      struct text *why)
{
	bool fine = s->what->format == SAVE_PCAPNG
			    ? capture_writer_frame(writer, frame, NULL, 0) ==
				      STATUS_OK
			    : put_pcap(s, frame, link_type);

	if (!fine)
		text_puts(why, "pcap holds one link type only: save as pcapng");
	return fine;
}

static bool write_frames(struct saving *s, struct capture_set *set,
			 struct net *net, struct text *why)
{
	struct capture_writer writer;
	uint32_t link_type = 0;
	struct frame frame;

	if (s->what->format == SAVE_PCAPNG)
		capture_writer_begin(&writer, &s->text, "mrascope");
	while (!s->failed && capture_set_next(set, &frame) == STATUS_OK) {
		if (!is_wanted(s, net, &frame))
			continue;
		if (!put_frame(s, &writer, &frame, &link_type, why))
			return false;
		s->written++;
		if (s->text.n > TEXT_FLUSH)
			flush(s);
	}
	return true;
}

/* ---- live: the frames that the journal has kept ---- */

static bool read_spilled(struct saving *s, uint64_t at, struct text *bytes,
			 struct frame *frame)
{
	struct spill *spill = s->f->looked_up->spill;
	struct spilled_frame head;

	text_clear(bytes);
	if (!spill_get(spill, at, sizeof(head), bytes))
		return false;
	memcpy(&head, bytes->p, sizeof(head));
	text_clear(bytes);
	if (!spill_get(spill, at + sizeof(head), head.length, bytes))
		return false;
	*frame = (struct frame){
		.file = head.file,
		.number = head.number,
		.time = head.time,
		.has_time = true,
		.link_type = head.link_type,
		.interface = head.interface,
		.wire_length = head.wire_length,
		.bytes = text_slice(bytes),
	};
	return true;
}

/* Does the frame hold all of the message?  Not one that TCP brought in pieces,
 * nor what TLS hid. */
static bool is_whole(const struct entry *e, const struct frame *frame)
{
	uint64_t begin = e->frame + sizeof(struct spilled_frame);

	return e->offset >= begin &&
	       e->offset + e->length <= begin + frame->bytes.n;
}

static uint8_t record_transport_of(const struct entry *e)
{
	if (e->transport == TRANSPORT_UDP || e->transport == TRANSPORT_DTLS)
		return RECORD_UDP;
	return e->transport == TRANSPORT_SCTP ? RECORD_SCTP : RECORD_TCP;
}

/* Wireshark's name for who reads it; NULL: it is inside of another message, or
 * nothing that is exported. */
static const char *dissector_of(const struct entry *e)
{
	if (e->kind <= ENTRY_SIP_RESPONSE)
		return "sip";
	return e->kind == ENTRY_STUN && !(e->flags & ENTRY_RELAYED) ? "stun-udp"
								    : NULL;
}

/* Without the hellos of its connection such a frame says nothing. */
static bool is_encrypted(const struct entry *e)
{
	return e->transport == TRANSPORT_TLS || e->transport == TRANSPORT_WSS ||
	       e->transport == TRANSPORT_DTLS;
}

/* A message that no frame holds becomes an exported PDU; false: it is left as
 * it is. */
static bool export_it(struct saving *s, const struct entry *e,
		      struct text bytes[2], struct frame *frame)
{
	const struct journal *j = &s->f->looked_up->journal;
	struct exported message = {dissector_of(e),
				   *journal_end_at(j, e->src),
				   *journal_end_at(j, e->dst),
				   record_transport_of(e),
				   {0}};

	if (!message.dissector || is_whole(e, frame))
		return false;
	text_clear(&bytes[0]);
	if (!s->f->feed.bytes(&s->f->feed, e, &bytes[0]))
		return false;
	message.text = text_slice(&bytes[0]);
	return log_export_message(&message, &bytes[1], frame) == STATUS_OK;
}

static bool save_live(struct saving *s, struct text *why)
{
	struct text bytes[3] = {text_new(FRAME_MAX), text_new(FRAME_MAX),
				text_new(FRAME_MAX)};
	struct capture_writer writer;
	uint64_t last = UINT64_MAX;
	uint32_t link_type = 0;
	bool fine = true;

	if (s->what->format == SAVE_PCAPNG)
		capture_writer_begin(&writer, &s->text, "mrascope");
	for (size_t i = 0; fine && i < s->messages.count; i++) {
		const struct entry *e = journal_at(&s->f->looked_up->journal,
						   s->messages.rows[i]);
		struct frame frame;

		if (e->frame == UINT64_MAX ||
		    !read_spilled(s, e->frame, &bytes[0], &frame))
			continue;
		/* Two messages may lie in one frame; and of one whose key
		 * came late the frame is gone. */
		if (!export_it(s, e, &bytes[1], &frame) &&
		    (e->frame == last || frame.bytes.n == 0 || is_encrypted(e)))
			continue;
		last = e->frame;
		fine = put_frame(s, &writer, &frame, &link_type, why);
		s->written += fine;
		if (s->text.n > TEXT_FLUSH)
			flush(s);
	}
	for (size_t i = 0; i < 3; i++)
		text_free(&bytes[i]);
	return fine;
}

static bool save_capture(struct saving *s, struct text *why)
{
	struct capture_set *set;
	struct net *net;
	bool fine = false;

	if (s->f->looked_up->live && s->what->media) {
		text_puts(why, "live media is not kept: --write keeps all");
		return false;
	}
	if (s->f->looked_up->live)
		return save_live(s, why);
	if (!capture_set_rereadable(s->f->pipeline.set)) {
		text_puts(why, "this input cannot be read again: save as text "
			       "or JSON");
		return false;
	}
	set = open_again(s);
	net = net_new();
	if (set && net && collect_frames(s) && collect_ends(s))
		fine = write_frames(s, set, net, why);
	else
		text_puts(why, "the captures cannot be read again");
	net_free(net);
	if (set)
		capture_set_free(set);
	return fine;
}

/* ---- text ---- */

static void put_message(struct saving *s, const struct entry *e,
			struct text *bytes)
{
	const struct journal *j = &s->f->looked_up->journal;
	struct feed *feed = &s->f->feed;

	clock_rfc3339(e->place.time, &s->text);
	text_putc(&s->text, ' ');
	endpoint_text(journal_end_at(j, e->src), &s->text);
	text_puts(&s->text, " -> ");
	endpoint_text(journal_end_at(j, e->dst), &s->text);
	text_printf(&s->text, " [frame %" PRIu64 "] ",
		    (uint64_t)e->place.frame);
	feed->label(feed, e, &s->text);
	text_puts(&s->text, "\n");
	text_clear(bytes);
	if ((e->kind <= ENTRY_SIP_RESPONSE || e->kind == ENTRY_TOLD) &&
	    feed->bytes(feed, e, bytes)) {
		struct slice rest;
		struct text clean = text_new(TEXT_MAX);

		message_masked(feed, e, text_slice(bytes), &clean);
		rest = text_slice(&clean);
		while (rest.n) {
			struct slice line = slice_split(&rest, '\n');

			if (line.n && line.p[line.n - 1] == '\r')
				line.n--;
			text_escaped(&s->text, line);
			text_putc(&s->text, '\n');
		}
		text_free(&clean);
	}
	text_putc(&s->text, '\n');
}

static bool save_text(struct saving *s)
{
	struct text bytes = text_new(TEXT_MAX);

	for (size_t i = 0; i < s->messages.count && !s->failed; i++) {
		put_message(s,
			    journal_at(&s->f->looked_up->journal,
				       s->messages.rows[i]),
			    &bytes);
		s->written++;
		if (s->text.n > TEXT_FLUSH)
			flush(s);
	}
	text_free(&bytes);
	return true;
}

/* ---- JSON ---- */

#define NUMBER_SIZE 24

static bool save_json(struct saving *s, struct text *why)
{
	struct options options = *s->f->options;
	size_t all = s->what->call_count, count = 0;
	struct report_job job = {
		.options = &options,
		.pipeline = s->f->source,
		.model = s->f->shown,
		.out = s->out,
	};
	char *numbers = calloc(all + 1, NUMBER_SIZE);
	const char **calls = calloc(all + 1, sizeof(*calls));
	bool fine = numbers && calls;

	for (size_t i = 0; fine && i < all; i++) {
		char *number = numbers + i * NUMBER_SIZE;

		/* The document holds calls and nothing else. */
		if (!call_at(s->f->shown, chosen(s, i)))
			continue;
		snprintf(number, NUMBER_SIZE, "%zu", chosen(s, i) + 1);
		calls[count++] = number;
	}
	options.format = FORMAT_JSON;
	options.calls = calls;
	options.call_count = s->what->calls ? count : 0;
	if (options.call_count > SELECTION_TERMS_MAX) {
		text_printf(why, "JSON of more than %u single calls: save all",
			    SELECTION_TERMS_MAX);
		fine = false;
	}
	if (s->what->calls && count == 0) {
		text_puts(why, "JSON is of calls, and none is chosen");
		fine = false;
	}
	fine = fine && reports_select(&job) &&
	       reports_choose(&job) == STATUS_OK;
	if (fine) {
		errno = 0;
		reports_write(&job);
		s->written = s->what->calls ? count : s->f->shown->calls.count;
		s->failed |= job.failed;
		s->error = job.failed ? errno : 0;
	}
	reports_free(&job);
	free(numbers);
	free(calls);
	return fine;
}

/* ---- all of it ---- */

static bool write_it(struct saving *s, struct text *why)
{
	switch (s->what->format) {
	case SAVE_PCAP:
	case SAVE_PCAPNG:
		return save_capture(s, why);
	case SAVE_TEXT:
		return save_text(s);
	case SAVE_JSON:
		return save_json(s, why);
	}
	return false;
}

static const char *noun(const struct save *what)
{
	if (what->format == SAVE_TEXT)
		return "messages";
	return what->format == SAVE_JSON ? "calls" : "frames";
}

bool tui_save(struct feed *feed, const struct save *what, struct text *why)
{
	struct settings *none = calloc(1, sizeof(*none));
	struct saving s = {.f = tui_feed_of(feed),
			   .what = what,
			   .text = text_new(TEXT_MAX)};
	bool fine = false;

	s.out = none ? fopen(what->path, what->replace ? "w" : "wx") : NULL;
	if (!s.out) {
		text_printf(why, "%s: %s", what->path,
			    none ? strerror(errno) : "out of memory");
		free(none);
		return false;
	}
	if (collect_messages(&s, none))
		fine = write_it(&s, why);
	flush(&s);
	close_it(&s);
	if (fine && s.failed) {
		text_printf(why, "%s: cannot write%s%s", what->path,
			    s.error ? ": " : "",
			    s.error ? strerror(s.error) : "");
		fine = false;
	}
	if (fine)
		text_printf(why, "%" PRIu64 " %s written to %s", s.written,
			    noun(what), what->path);
	else if (!why->n)
		text_printf(why, "%s: out of memory", what->path);
	free(s.frames);
	free(s.ends);
	view_messages_free(&s.messages);
	text_free(&s.text);
	free(none);
	return fine;
}

/* ---- to a collector ---- */

static bool send_message(struct saving *s, const struct entry *e,
			 struct hep_sender *to)
{
	const struct journal *j = &s->f->looked_up->journal;
	struct hep hep = {.src = *journal_end_at(j, e->src),
			  .dst = *journal_end_at(j, e->dst),
			  .protocol =
				  hep_protocol_of((enum transport)e->transport),
			  .content = HEP_SIP,
			  .time = e->place.time};

	text_clear(&s->text);
	if (e->kind > ENTRY_SIP_RESPONSE ||
	    !s->f->feed.bytes(&s->f->feed, e, &s->text))
		return false;
	hep.payload = text_slice(&s->text);
	hep_send_slowly(to, &hep);
	return true;
}

bool tui_send(struct feed *feed, const struct save *what, struct hep_sender *to,
	      struct text *why)
{
	struct settings *none = calloc(1, sizeof(*none));
	struct saving s = {.f = tui_feed_of(feed),
			   .what = what,
			   .text = text_new(TEXT_MAX)};
	bool fine = none && collect_messages(&s, none);

	for (size_t i = 0; fine && i < s.messages.count; i++)
		s.written += send_message(&s,
					  journal_at(&s.f->looked_up->journal,
						     s.messages.rows[i]),
					  to);
	if (fine)
		text_printf(why, "%" PRIu64 " messages sent to the collector",
			    s.written);
	else
		text_puts(why, "out of memory");
	view_messages_free(&s.messages);
	text_free(&s.text);
	free(none);
	return fine;
}
