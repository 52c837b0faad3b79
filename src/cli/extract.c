/*
 * mrascope extract: the chosen calls with all that belongs to them, as pcapng
 * with comments on the frames that are evidence.
 *
 * The captures are analysed, then read once more to mark the frames, then to
 * write them.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "capture/log_export.h"
#include "capture/writer.h"
#include "cli/analysis.h"
#include "cli/extract_parts.h"
#include "net/fragment.h"

#define HEARD_MAX ((size_t)1 << 24)
#define NOTED_MAX ((size_t)1 << 22)
#define PARTS_MAX ((size_t)1 << 26)
#define OUTPUT_MAX ((size_t)64 << 20)
#define FLUSH_AT ((size_t)1 << 20)
#define COMMENT_MAX 4096u
#define COMMENTS_MAX 16u
/* Fragments wait for the one that completes them. */
#define FRAGMENTS_KEPT 64u
#define FRAGMENT_AGE (30 * NS_PER_S)

/* A comment on a frame. */
struct frame_remark {
	uint32_t file;
	uint64_t frame;
	size_t order;
	const char *text; /* in the model's arena */
};

/* A frame that completes nothing by itself. */
struct piece {
	uint32_t file;
	uint64_t frame;
	nanoseconds time;
	struct fragment_key keys[NET_PIECES_MAX];
	size_t count;
};

struct extraction {
	const struct options *options;
	struct list heard;
	struct list carried; /* struct carried: each once */
	struct index carried_index;
	struct belongings belongings;
	struct frame_marks marks;
	struct list parts;         /* struct part */
	struct frame_marks behind; /* frames behind what is left out */
	struct list remarks;       /* struct frame_remark, by place */
	struct report_job *job;
	struct piece pieces[FRAGMENTS_KEPT];
	size_t next_piece;
	struct capture_writer writer;
	struct text out;
	struct text exported; /* a message of a log */
	uint64_t written, left_out;
	bool failed;
	bool dumped; /* a log tells descriptions of a browser */
};

/* ---- hearing ---- */

static bool is_carried_so(const void *rows, uint32_t row, const void *key)
{
	const struct carried *all = rows;

	return memcmp(&all[row], key, sizeof(all[row])) == 0;
}

static void hear_carried(struct extraction *x, const struct origin *from)
{
	struct carried key, *row;
	uint64_t hash;

	memset(&key, 0, sizeof(key));
	key.src = from->src;
	key.dst = from->dst;
	key.outer_src = from->outer_src;
	key.outer_dst = from->outer_dst;
	hash = hash_bytes(1, slice_of(&key, sizeof(key)));
	if (index_find(&x->carried_index, hash, is_carried_so, x->carried.rows,
		       &key) != INDEX_NONE)
		return;
	row = list_add(&x->carried);
	if (row)
		*row = key;
	if (!row || index_add(&x->carried_index, hash,
			      (uint32_t)x->carried.count - 1) != STATUS_OK)
		x->failed = true;
}

static void hear(void *context, const struct message *message)
{
	struct extraction *x = context;
	const struct origin *from = &message->from;
	struct heard *row;

	if (message->kind == MESSAGE_STUN && from->wrap_count)
		hear_carried(x, from);
	x->dumped |= message->kind == MESSAGE_TOLD && from->logged;
	if (message->kind != MESSAGE_SIP)
		return;
	row = list_add(&x->heard);
	if (!row) {
		x->failed = true;
		return;
	}
	*row = (struct heard){
		.call_id = belongings_hash(message->u.sip->call_id),
		.frame = from->frame,
		.file = from->file,
		.stream = from->transport != TRANSPORT_UDP,
		.apart = from->transport == TRANSPORT_TCP ||
			 from->transport == TRANSPORT_SCTP,
		.size = (uint32_t)(message->bytes.n < UINT32_MAX
					   ? message->bytes.n
					   : UINT32_MAX),
		.src = from->outer_src,
		.dst = from->outer_dst,
	};
}

static void restart(void *context)
{
	struct extraction *x = context;

	x->heard.count = x->carried.count = 0;
	index_free(&x->carried_index);
}

/* ---- remarks ---- */

static void remark(struct extraction *x, struct place place, const char *text)
{
	struct frame_remark *row = place.frame ? list_add(&x->remarks) : NULL;

	if (row)
		*row = (struct frame_remark){.file = place.file,
					     .frame = place.frame,
					     .order = x->remarks.count,
					     .text = text};
}

static void remark_stages(struct extraction *x, size_t number)
{
	struct model *m = x->job->model;
	const struct call *call = list_at(&m->calls, number);

	for (int stage = 0; stage < STAGES; stage++) {
		const struct stage_view *v = &call->stages[stage];
		const char *text;

		if (!v->cited.count)
			continue;
		text = model_sentence(m, "mrascope: call %zu, %s: %s",
				      number + 1, stage_name((enum stage)stage),
				      state_name(v->state));
		for (size_t i = 0; i < v->cited.kept; i++)
			remark(x, place_at(m, cited_at(&v->cited, i)), text);
	}
}

static void remark_notes(struct extraction *x)
{
	struct model *m = x->job->model;
	const struct note *notes = m->notes.rows;

	for (size_t i = 0; i < m->notes.count; i++)
		if (selection_has(x->job->selection, SELECTED_NOTES, i))
			remark(x, place_at(m, notes[i].first),
			       model_sentence(
				       m, "mrascope: %s %s: %s",
				       severity_name(note_severity(&notes[i])),
				       notes[i].rule->id,
				       notes[i].rule->title));
}

static int by_place(const void *a, const void *b)
{
	const struct frame_remark *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->frame != y->frame)
		return x->frame < y->frame ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void gather_remarks(struct extraction *x)
{
	const struct model *m = x->job->model;

	for (size_t i = 0; i < m->calls.count; i++)
		if (selection_has(x->job->selection, SELECTED_CALLS, i))
			remark_stages(x, i);
	remark_notes(x);
	if (x->remarks.count)
		qsort(x->remarks.rows, x->remarks.count,
		      sizeof(struct frame_remark), by_place);
}

/* The first remark on a frame; they stand together. */
static size_t remarks_on(const struct extraction *x, const struct frame *f,
			 struct slice out[COMMENTS_MAX])
{
	const struct frame_remark *rows = x->remarks.rows;
	size_t low = 0, high = x->remarks.count, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct frame_remark *row = &rows[middle];

		if (row->file < f->file ||
		    (row->file == f->file && row->frame < f->number))
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < x->remarks.count && n < COMMENTS_MAX &&
	       rows[low].file == f->file && rows[low].frame == f->number;
	     low++)
		out[n++] =
			slice_first(slice_of_text(rows[low].text), COMMENT_MAX);
	return n;
}

/* ---- marking ---- */

static void piece_of(const struct net *net, const struct frame *f,
		     struct piece *out)
{
	const struct fragment_key *keys;

	out->file = f->file;
	out->frame = f->number;
	out->time = f->time;
	out->count = net_pieces(net, &keys);
	memcpy(out->keys, keys, out->count * sizeof(*keys));
}

static bool is_of_same(const struct piece *a, const struct piece *b)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < b->count; k++)
			if (memcmp(&a->keys[i], &b->keys[k],
				   sizeof(a->keys[i])) == 0)
				return true;
	return false;
}

/* The pieces of what this one is of, and of what those are of. */
static void mark_pieces(struct extraction *x, const struct piece *last,
			unsigned nests)
{
	for (size_t i = 0; i < FRAGMENTS_KEPT; i++) {
		const struct piece *one = &x->pieces[i];

		if (one->count == 0 || one->file != last->file ||
		    one->time < last->time - FRAGMENT_AGE ||
		    !is_of_same(one, last) ||
		    marks_has(&x->marks, one->file, one->frame))
			continue;
		marks_set(&x->marks, one->file, one->frame);
		if (nests)
			mark_pieces(x, one, nests - 1);
	}
}

/* Those of a message of SCTP, which was heard with the last of them. */
static void mark_chunks(struct extraction *x, const struct packet *packet)
{
	for (size_t i = 0; i < packet->piece_count; i++)
		marks_set(&x->marks, packet->pieces[i].file,
			  packet->pieces[i].number);
}

static void mark_packet(struct extraction *x, const struct net *net,
			const struct frame *f, const struct packet *packet)
{
	struct piece last;
	bool belongs = marks_has(&x->marks, f->file, f->number) ||
		       belongings_has_packet(&x->belongings, packet, f->time);

	if (belongings_parts(&x->belongings, packet))
		belongs |= !parts_add(&x->parts, &x->belongings, f, packet);
	if (!belongs)
		return;
	marks_set(&x->marks, f->file, f->number);
	mark_chunks(x, packet);
	if (!packet->reassembled)
		return;
	piece_of(net, f, &last);
	mark_pieces(x, &last, NET_PIECES_MAX);
}

static void mark_frame(struct extraction *x, struct net *net,
		       const struct frame *f)
{
	struct packet packet;
	enum status status = net_packet(net, f, &packet);

	if (status == STATUS_SHORT)
		piece_of(net, f, &x->pieces[x->next_piece++ % FRAGMENTS_KEPT]);
	for (; status == STATUS_OK; status = net_packet_more(net, &packet))
		mark_packet(x, net, f, &packet);
}

/* Messages were heard in the frame that completed them. */
static void mark_heard(struct extraction *x)
{
	for (size_t i = 0; i < x->heard.count; i++) {
		const struct heard *h = list_at(&x->heard, i);

		if (belongings_has_call(&x->belongings, h->call_id))
			marks_set(&x->marks, h->file, h->frame);
	}
}

/* ---- reading again ---- */

/* A log comes into the capture by the clock of the others. */
static void set_clocks(const struct extraction *x, struct capture_set *set)
{
	const struct list *vantages = &x->job->model->vantages;

	for (size_t i = 0; i < vantages->count && i < capture_set_count(set);
	     i++) {
		const struct vantage *v = list_at(vantages, i);

		if (v->offset_known && v->offset &&
		    capture_set_file(x->job->pipeline->set, i)->info.log)
			capture_set_shift(set, i, v->offset, true);
	}
}

static struct capture_set *open_set(struct extraction *x)
{
	struct capture_set *set = capture_set_new();
	struct fault fault;

	for (size_t i = 0; set && i < x->options->path_count; i++)
		(void)!capture_set_add(set, x->options->paths[i], &fault);
	if (set && x->options->filter)
		(void)!capture_set_filter(set, x->options->filter, &fault);
	if (set && !capture_set_rereadable(set)) {
		fputs("mrascope: what comes but once cannot be extracted "
		      "from; name a file\n",
		      stderr);
		capture_set_free(set);
		set = NULL;
	}
	if (set)
		set_clocks(x, set);
	return set;
}

static bool mark_all(struct extraction *x, struct capture_set *set)
{
	struct net *net = net_new();
	struct frame frame;

	mark_heard(x);
	while (net && capture_set_next(set, &frame) == STATUS_OK)
		mark_frame(x, net, &frame);
	net_free(net);
	parts_mark(&x->parts, &x->belongings, &x->heard, &x->marks, &x->behind);
	return net && !x->marks.failed && !x->behind.failed &&
	       !x->belongings.failed;
}

static void flush_out(struct extraction *x)
{
	if (x->out.failed != STATUS_OK ||
	    (x->out.n &&
	     fwrite(x->out.p, 1, x->out.n, x->job->out) != x->out.n))
		x->failed = true;
	text_clear(&x->out);
}

static void take_secrets(void *context, uint32_t file, uint32_t kind,
			 struct slice secrets)
{
	struct extraction *x = context;

	(void)file;
	capture_writer_secrets(&x->writer, kind, secrets);
}

static void write_frame(struct extraction *x, const struct frame *frame)
{
	struct slice comments[COMMENTS_MAX + 1];
	size_t count = remarks_on(x, frame, comments);
	struct frame exported;

	if (frame->left_out ||
	    marks_has(&x->behind, frame->file, frame->number))
		comments[count++] = SLICE(FRAME_LEFT_OUT);

	if (log_export(frame, &x->exported, &exported) == STATUS_OK)
		frame = &exported;
	if (capture_writer_frame(&x->writer, frame, comments, count) ==
	    STATUS_OK)
		x->written++;
	else
		x->left_out++;
	if (x->out.n > FLUSH_AT)
		flush_out(x);
}

static bool write_all(struct extraction *x, struct capture_set *set)
{
	struct capture_listener listener = {.context = x,
					    .on_secrets = take_secrets};
	struct frame frame;

	x->out = text_new(OUTPUT_MAX);
	x->exported = text_new(FRAME_MAX);
	capture_writer_begin(&x->writer, &x->out, "mrascope " MRASCOPE_VERSION);
	capture_set_listen(set, &listener);
	if (capture_set_rewind(set) != STATUS_OK)
		return false;
	while (capture_set_next(set, &frame) == STATUS_OK)
		if (marks_has(&x->marks, frame.file, frame.number))
			write_frame(x, &frame);
	flush_out(x);
	text_free(&x->out);
	text_free(&x->exported);
	return !x->failed;
}

static bool write_capture(void *context, struct report_job *job)
{
	struct extraction *x = context;
	struct capture_set *set;
	bool fine = false;

	x->job = job;
	set = open_set(x);
	if (!set)
		return false;
	belongings_gather(&x->belongings, job, &x->heard, &x->carried);
	gather_remarks(x);
	if (mark_all(x, set))
		fine = write_all(x, set);
	capture_set_free(set);
	if (!x->options->quiet)
		fprintf(stderr, "mrascope: %" PRIu64 " frames\n", x->written);
	if (x->left_out)
		fprintf(stderr,
			"mrascope: %" PRIu64 " frames are of a kind that "
			"pcapng cannot hold\n",
			x->left_out);
	if (x->dumped && !x->written)
		fputs("mrascope: what a browser's dump tells is no packet: "
		      "give a capture beside it\n",
		      stderr);
	return fine;
}

int command_extract(const struct options *options)
{
	struct extraction *x = calloc(1, sizeof(*x));
	struct analysis_reader reader = {.context = x,
					 .hear = hear,
					 .restart = restart,
					 .write = write_capture};
	int status = EXIT_LIMIT;

	if (!options->output && isatty(STDOUT_FILENO)) {
		fputs("mrascope: extract: not to a terminal; use -o\n", stderr);
		free(x);
		return EXIT_USAGE;
	}
	if (x) {
		x->options = options;
		x->heard = list_of(sizeof(struct heard), HEARD_MAX);
		x->carried = list_of(sizeof(struct carried), HEARD_MAX);
		x->parts = list_of(sizeof(struct part), PARTS_MAX);
		x->remarks = list_of(sizeof(struct frame_remark), NOTED_MAX);
		status = analysis_read(options, NULL, &reader);
		belongings_free(&x->belongings);
		marks_free(&x->marks);
		marks_free(&x->behind);
		list_free(&x->parts);
		list_free(&x->heard);
		list_free(&x->carried);
		index_free(&x->carried_index);
		list_free(&x->remarks);
	}
	free(x);
	return status;
}
