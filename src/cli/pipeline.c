/* Captures in, messages out, complaints to standard error. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/order.h"
#include "cli/pipeline.h"
#include "cli/timing.h"
#include "cli/tls_files.h"
#include "core/crypto.h"
#include "core/thread.h"
#include "validate/verdict.h"

#define PROGRESS_EVERY 65536u
/* What stands before a frame, in most formats. */
#define FRAME_HEAD 16u
/* With less it is not worth a thread. */
#define LARGE_BYTES (UINT64_C(2) << 20)
/* So many frames tell what a capture is made of. */
#define SKIM_SAMPLE UINT64_C(16384)
/* Of so many bytes it is seen how long skimming would take: reading takes
 * some three times as long, and both are over in a second where skimming takes
 * less than this. */
#define SKIM_WEIGHED (UINT64_C(6) << 20)
#define SKIM_WORTH (400 * NS_PER_MS)
#define CREDENTIAL_LINE_MAX 8192

/* ---- keys from the command line ---- */

struct credential_taker {
	credential_fn *take;
	void *context;
};

/* The last two colons part user, realm and password: TURN REST user names
 * hold colons themselves. */
static void add_credential(const struct credential_taker *to, const char *text)
{
	const char *password = strrchr(text, ':') + 1;
	const char *realm = password - 1;

	while (realm > text && realm[-1] != ':')
		realm--;
	to->take(to->context, slice_of(text, (size_t)(realm - text) - 1),
		 slice_of(realm, (size_t)(password - realm) - 1),
		 slice_of_text(password));
}

/* "base64:" introduces a binary value; STATUS_BAD when it is not base64. */
static enum status file_value(struct slice *value, uint8_t *buffer)
{
	size_t n;

	if (!slice_starts(*value, SLICE("base64:")))
		return STATUS_OK;
	if (base64_decode(slice_from(*value, 7), buffer, &n) != STATUS_OK)
		return STATUS_BAD;
	*value = slice_of(buffer, n);
	return STATUS_OK;
}

static enum status credential_line(const struct credential_taker *to,
				   struct slice line)
{
	uint8_t bytes[2][CREDENTIAL_LINE_MAX];
	struct slice user, realm, password;

	while (line.n &&
	       (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
		line.n--;
	if (line.n == 0 || line.p[0] == '#')
		return STATUS_OK;
	user = slice_split(&line, '\t');
	realm = slice_split(&line, '\t');
	password = slice_split(&line, '\t');
	if (user.n == 0 || password.n == 0 ||
	    file_value(&user, bytes[0]) != STATUS_OK ||
	    file_value(&password, bytes[1]) != STATUS_OK)
		return STATUS_BAD;
	to->take(to->context, user, realm, password);
	return STATUS_OK;
}

static bool credential_file(const struct credential_taker *to, const char *path)
{
	char line[CREDENTIAL_LINE_MAX];
	FILE *f = fopen(path, "r");
	unsigned number = 0;
	bool fine = true;

	if (!f) {
		fprintf(stderr, "mrascope: %s: %s\n", path, strerror(errno));
		return false;
	}
	while (fine && fgets(line, sizeof(line), f)) {
		number++;
		fine = credential_line(to, slice_of_text(line)) == STATUS_OK;
	}
	fclose(f);
	if (!fine)
		fprintf(stderr,
			"mrascope: %s: line %u is not user, realm and "
			"password separated by tabs\n",
			path, number);
	return fine;
}

bool pipeline_credentials(const struct options *o, credential_fn *take,
			  void *context)
{
	struct credential_taker to = {.take = take, .context = context};

	for (size_t i = 0; i < o->credential_count; i++)
		add_credential(&to, o->credentials[i]);
	for (size_t i = 0; i < o->credential_file_count; i++)
		if (!credential_file(&to, o->credential_files[i]))
			return false;
	return true;
}

static void add_key(void *context, struct slice user, struct slice realm,
		    struct slice password)
{
	keyring_add_credential(context, user, realm, password);
}

static bool add_oauth_key(struct keyring *keys, const char *text)
{
	struct access_key key;

	if (access_key_parse(slice_of_text(text), &key) != STATUS_OK) {
		fputs("mrascope: an OAuth key is not KID:ALGORITHM:KEY\n",
		      stderr);
		return false;
	}
	keyring_add_access_key(keys, &key);
	bytes_wipe(&key, sizeof(key));
	return true;
}

static bool add_keys(struct keyring *keys, const struct options *o)
{
	for (size_t i = 0; i < o->turn_secret_count; i++)
		keyring_add_turn_secret(keys,
					slice_of_text(o->turn_secrets[i]));
	for (size_t i = 0; i < o->oauth_key_count; i++)
		if (!add_oauth_key(keys, o->oauth_keys[i]))
			return false;
	return pipeline_credentials(o, add_key, keys);
}

struct keyring *pipeline_keyring(const struct options *options)
{
	struct keyring *keys = keyring_new();

	if (keys && !add_keys(keys, options)) {
		keyring_free(keys);
		return NULL;
	}
	return keys;
}

/* ---- captures ---- */

static void say(const char *kind, const char *path, const struct fault *fault)
{
	if (fault->offset == UINT64_MAX)
		fprintf(stderr, "mrascope: %s%s: %s\n", kind, path,
			fault->text);
	else
		fprintf(stderr, "mrascope: %s%s: at byte %" PRIu64 ": %s\n",
			kind, path, fault->offset, fault->text);
}

static void say_fault(const char *path, const struct fault *fault)
{
	say("", path, fault);
}

static bool add_captures(struct pipeline *p, int *status)
{
	struct fault fault = {.offset = UINT64_MAX};

	for (size_t i = 0; i < p->options->path_count; i++) {
		const char *path = p->options->paths[i];

		if (capture_set_add(p->set, path, &fault) != STATUS_OK) {
			say_fault(path, &fault);
			*status = EXIT_INPUT;
			return false;
		}
	}
	if (p->options->filter && capture_set_filter(p->set, p->options->filter,
						     &fault) != STATUS_OK) {
		say_fault("--filter", &fault);
		*status = EXIT_USAGE;
		return false;
	}
	return true;
}

/* Key logs that captures bring along (pcapng, Decryption Secrets Block). */
static void use_secrets(void *context, const struct ahead_event *event)
{
	struct pipeline *p = context;

	if (event->kind == SECRETS_TLS_KEY_LOG)
		tls_files_embedded(driver_tls_secrets(p->driver),
				   capture_set_path(p->set, event->file),
				   event->bytes,
				   p->options->quiet || p->second || p->skim);
}

static void take_secrets(void *context, uint32_t file, uint32_t kind,
			 struct slice secrets)
{
	struct pipeline *p = context;
	struct ahead_event event = {file, kind, secrets};

	if (!p->ahead)
		use_secrets(p, &event);
	else if (!ahead_tell(p->ahead, &event))
		p->secrets_lost = true;
}

/* To who hears it first, then to the sink, or to the thread that tells it.
 * Clocks hear packets of media as well, in the order of both. */
static void take_message(void *context, const struct message *message)
{
	struct pipeline *p = context;
	struct message whole;

	if (p->clocks)
		clocks_take(p->clocks, message);
	if (p->ends && order_fill_ends(p, message, &whole))
		message = &whole;
	if (p->first.take)
		p->first.take(p->first.context, message);
	if (p->behind)
		behind_take(p->behind, message);
	else
		p->sink.take(p->sink.context, message);
}

bool pipeline_open(struct pipeline *p, const struct options *options,
		   const struct message_sink *sink, int *status)
{
	struct capture_listener listener = {.context = p,
					    .on_secrets = take_secrets};
	struct message_sink here = {.context = p, .take = take_message};

	*p = (struct pipeline){.options = options, .sink = *sink};
	*status = EXIT_LIMIT;
	p->set = capture_set_new();
	p->keys = keyring_new();
	if (p->keys)
		p->driver = driver_new(p->keys, &here);
	if (!p->set || !p->driver) {
		fputs("mrascope: out of memory\n", stderr);
		return false;
	}
	if (!add_keys(p->keys, options) ||
	    !tls_files_read(driver_tls_secrets(p->driver), options)) {
		*status = EXIT_USAGE;
		return false;
	}
	if (options->series || options->format == FORMAT_HTML)
		driver_sample(p->driver);
	capture_set_listen(p->set, &listener);
	return add_captures(p, status);
}

/* ---- reading ---- */

struct progress {
	bool shown;
	bool wanted;
	time_t start;
	uint64_t frames;
};

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void progress(struct progress *show, size_t frames)
{
	uint64_t told = show->frames / PROGRESS_EVERY;

	show->frames += frames;
	if (show->frames / PROGRESS_EVERY == told || !show->wanted ||
	    seconds() - show->start < 1)
		return;
	fprintf(stderr, "\r%" PRIu64 " frames ...", show->frames);
	show->shown = true;
}

static enum status next_of_set(void *context, const struct frame **frame)
{
	return capture_set_step(context, frame);
}

static size_t run_of_set(void *context, struct frame *frames, size_t max)
{
	return capture_set_run(context, frames, max);
}

size_t pipeline_jobs(const struct options *options)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (options->jobs)
		return (size_t)options->jobs;
	return processors > 0 ? (size_t)processors : 1;
}

/* Of all captures as they lie there; UINT64_MAX: not known of one. */
static uint64_t size_of(const struct pipeline *p)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < capture_set_count(p->set); i++) {
		uint64_t size = capture_set_file(p->set, i)->size;

		if (size == UINT64_MAX)
			return size;
		bytes += size;
	}
	return bytes;
}

/* Is it worth a thread?  Whoever asks for two gets them. */
static bool is_large(const struct pipeline *p)
{
	uint64_t bytes;

	if (p->options->jobs > 1)
		return true;
	bytes = size_of(p);
	return bytes != UINT64_MAX && bytes >= LARGE_BYTES &&
	       pipeline_jobs(p->options) > 1;
}

static void release_batch(void *context, uint64_t number)
{
	ahead_release(context, number);
}

static void pass_batch(void *context, uint64_t number)
{
	behind_pass(context, number);
}

/* From its first frame on nobody else touches the set. */
static void read_ahead(struct pipeline *p)
{
	struct frame_source source = {.context = p->set,
				      .next = next_of_set,
				      .run = run_of_set,
				      .skim = p->skim};

	if (p->threads && p->rereadable && is_large(p)) {
		capture_set_hold(p->set);
		thread_works_through();
		ahead_new(&p->ahead, &source, use_secrets, p);
	}
	if (p->ahead && p->apart)
		p->behind = behind_new(&p->sink, release_batch, p->ahead);
	if (p->behind)
		ahead_lend(p->ahead, pass_batch, p->behind);
}

static enum status next_ahead(struct pipeline *p, const struct early **early)
{
	enum status status = ahead_next(p->ahead, &p->frame, early);

	if (status != STATUS_OK)
		return status;
	if (p->behind)
		behind_frame(p->behind, p->frame, *early,
			     ahead_arena(p->ahead));
	return status;
}

/* The first frame is read before: then all is known of the files that counts,
 * and the thread begins when that frame is done with. */
static enum status next_frame(struct pipeline *p, const struct early **early)
{
	enum status status;

	if (p->frames == 1)
		read_ahead(p);
	p->frames++;
	if (p->ahead)
		return next_ahead(p, early);
	*early = NULL;
	status = capture_set_step(p->set, &p->frame);
	if (p->frames > 1)
		return status;
	p->rereadable = capture_set_rereadable(p->set);
	if (status == STATUS_OK && !p->second)
		order_started(p);
	return status;
}

/* Packets of known media, of which but a count is left; at most so many. */
static size_t pass_media(struct pipeline *p, size_t frames)
{
	const struct early *run;
	size_t count = ahead_run(p->ahead, &run);

	count = driver_count_run(p->driver, run,
				 count < frames ? count : frames);
	for (size_t i = 0; i < count; i++)
		p->bytes += run[i].media.length + FRAME_HEAD;
	p->frames += count;
	ahead_pass(p->ahead, count);
	return count;
}

/* Reads at most so many frames; STATUS_END: that were all. */
static enum status read_some(struct pipeline *p, const bool *stop,
			     struct progress *show, size_t frames)
{
	const struct early *early;

	for (size_t i = 0; i < frames; i++) {
		enum status status = next_frame(p, &early);
		size_t media;

		if (status == STATUS_NOMEM)
			p->out_of_memory = true;
		if (status != STATUS_OK)
			return STATUS_END;
		p->bytes += p->frame->bytes.n + FRAME_HEAD;
		if (driver_frame_early(p->driver, p->frame, early) !=
		    STATUS_OK) {
			p->out_of_memory = true;
			return STATUS_NOMEM;
		}
		media = p->ahead ? pass_media(p, frames - i - 1) : 0;
		i += media;
		if (show)
			progress(show, 1 + media);
		if (stop && *stop)
			return STATUS_IO;
	}
	return STATUS_OK;
}

static void end_threads(struct pipeline *p)
{
	behind_free(p->behind);
	p->behind = NULL;
	ahead_free(p->ahead);
	p->ahead = NULL;
}

static void end_reading(struct pipeline *p)
{
	end_threads(p);
	p->frames = p->bytes = 0;
	p->out_of_memory |= p->secrets_lost;
	driver_finish(p->driver);
}

/* Does the first reading have to begin anew? */
static bool read_by_interface(struct pipeline *p,
			      const struct pipeline_listener *with)
{
	if (!with->orderly || p->second || !order_missed_interfaces(p) ||
	    !capture_set_rereadable(p->set) || !with->again(with->context))
		return false;
	if (order_begin_anew(p) != STATUS_OK)
		p->out_of_memory = true;
	driver_restart(p->driver);
	return true;
}

/* Is there more to tell in a second reading?  Then it begins. */
static bool read_again(struct pipeline *p, const struct pipeline_listener *with)
{
	bool mended = with->orderly && order_mend(p);

	if (p->second || (!driver_late(p->driver) && !mended) ||
	    !capture_set_rereadable(p->set) || !with->again(with->context))
		return false;
	driver_restart(p->driver);
	p->second = true;
	return true;
}

static enum status begin(struct pipeline *p,
			 const struct pipeline_listener *with)
{
	p->begun = true;
	p->skim &= capture_set_rereadable(p->set);
	if (with->orderly)
		driver_mend_order(p->driver);
	if (p->skim)
		driver_skim(p->driver);
	else if (with->orderly && order_begin(p) != STATUS_OK) {
		p->out_of_memory = true;
		return STATUS_NOMEM;
	}
	return STATUS_OK;
}

/* Would all be skimmed in so little time that there is no need to?  How long
 * it takes to begin tells nothing. */
static bool is_soon_read(struct pipeline *p)
{
	nanoseconds now;

	if (p->weighed || p->bytes < p->skimmed_by_then + SKIM_WEIGHED)
		return false;
	now = timing_now();
	if (!p->skimmed_by_then) {
		p->skimmed_by_then = p->bytes;
		p->skim_at = now;
		return false;
	}
	p->weighed = true;
	return (double)(now - p->skim_at) * (double)size_of(p) <
	       (double)SKIM_WORTH * (double)(p->bytes - p->skimmed_by_then);
}

/* Reading media once takes about as long as skimming them. */
static bool is_skimmed_in_vain(struct pipeline *p)
{
	const struct driver_counts *c = driver_counts(p->driver);

	return p->skim &&
	       ((c->frames > SKIM_SAMPLE && c->rtp > c->frames / 2) ||
		is_soon_read(p));
}

/* What was skimmed is read. */
static enum status end_skim(struct pipeline *p,
			    const struct pipeline_listener *with, bool in_vain)
{
	p->skim = !in_vain;
	if (!with->again(with->context))
		return STATUS_END;
	driver_restart(p->driver);
	p->skim = p->begun = false;
	return capture_set_rewind(p->set) == STATUS_OK ? STATUS_OK : STATUS_IO;
}

/* All of the captures, once; STATUS_END when nothing is left to be done. */
static enum status run(struct pipeline *p, const struct pipeline_listener *with,
		       struct progress *show, size_t frames)
{
	enum status status = STATUS_OK;
	bool in_vain;

	if (!p->begun)
		status = begin(p, with);
	if (status == STATUS_OK)
		status = read_some(p, with->stop, show, frames);
	in_vain = is_skimmed_in_vain(p);
	if (status != STATUS_END && !in_vain)
		return status;
	end_reading(p);
	if (p->skim)
		return end_skim(p, with, in_vain);
	if (!read_by_interface(p, with) && !read_again(p, with))
		return STATUS_END;
	return capture_set_rewind(p->set) == STATUS_OK ? STATUS_OK : STATUS_IO;
}

enum status pipeline_step(struct pipeline *p,
			  const struct pipeline_listener *with, size_t frames)
{
	enum status status = run(p, with, NULL, frames);

	return status == STATUS_IO ? STATUS_END : status;
}

void pipeline_settle(struct pipeline *p)
{
	if (p->behind)
		behind_drain(p->behind);
}

bool pipeline_run(struct pipeline *p, const struct pipeline_listener *with)
{
	struct progress show = {
		.wanted = !p->options->quiet && isatty(STDERR_FILENO),
		.start = seconds(),
	};
	enum status status;

	p->threads = true;
	do {
		status = run(p, with, &show, SIZE_MAX);
	} while (status == STATUS_OK);
	end_threads(p);
	if (show.shown)
		fputs("\r                              \r", stderr);
	if (p->out_of_memory)
		fputs("mrascope: out of memory; what was read by then is "
		      "reported\n",
		      stderr);
	return status == STATUS_END;
}

/* ---- what was wrong ---- */

static bool is_damaged(const struct capture_file *file)
{
	return file->fault.set || file->info.damage.set ||
	       (file->status != STATUS_END && file->status != STATUS_OK);
}

static void say_limits(const struct pipeline *p)
{
	struct driver_limits l = driver_limits(p->driver);
	const struct {
		uint64_t count;
		const char *text;
	} rows[] = {
		{l.flows_evicted, "flows forgotten, too many at once"},
		{l.fragments_lost, "fragmented datagrams, incomplete"},
		{l.tcp_refused, "TCP segments dropped, too many wait"},
		{l.tls_refused,
		 "TLS or DTLS connections unread, too many at once"},
		{l.tls_without_key,
		 "TLS connections unread, no key that is known fits"},
		{l.dtls_without_key,
		 "DTLS associations unread, no key that is known fits"},
		{l.ssl3, "TLS connections unread, SSL 3 is not decrypted"},
		{l.dtls13,
		 "DTLS associations unread, DTLS 1.3 is not decrypted"},
		{l.media_refused, "RTP streams not counted, too many at once"},
		{driver_counts(p->driver)->cut,
		 "frames cut by the snap length"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].count)
			fprintf(stderr, "mrascope: warning: %s: %" PRIu64 "\n",
				rows[i].text, rows[i].count);
}

int pipeline_status(const struct pipeline *p)
{
	int status = p->out_of_memory ? EXIT_LIMIT : EXIT_FINE;
	uint64_t frames = 0;
	bool damaged = false;

	for (size_t i = 0; i < capture_set_count(p->set); i++) {
		const struct capture_file *file = capture_set_file(p->set, i);

		frames += file->info.frames;
		if (file->info.warning.set && !p->options->quiet)
			say("warning: ", file->path, &file->info.warning);
		if (!is_damaged(file))
			continue;
		damaged = true;
		say_fault(file->path,
			  file->fault.set ? &file->fault : &file->info.damage);
	}
	if (!p->options->quiet)
		say_limits(p);
	if (status == EXIT_FINE && frames == 0 && !damaged) {
		fputs("mrascope: no frame in the input\n", stderr);
		damaged = true;
	}
	return status == EXIT_FINE && damaged ? EXIT_INPUT : status;
}

bool pipeline_trouble(const struct pipeline *p, char *to, size_t size)
{
	size_t count = 0, n;

	for (size_t i = 0; i < capture_set_count(p->set); i++) {
		const struct capture_file *file = capture_set_file(p->set, i);
		const char *slash = strrchr(file->path, '/');

		if (!is_damaged(file) || ++count > 1)
			continue;
		snprintf(to, size, "%s: %s",
			 slash && slash[1] ? slash + 1 : file->path,
			 (file->fault.set ? &file->fault : &file->info.damage)
				 ->text);
	}
	n = count ? strlen(to) : 0;
	if (count > 1)
		snprintf(to + n, size - n, " (and %zu more)", count - 1);
	return count != 0;
}

void pipeline_note_limits(const struct pipeline *p, struct model *model)
{
	struct driver_limits l = driver_limits(p->driver);
	struct reading_limits limits = {
		.flows = l.flows_evicted,
		.fragments = l.fragments_lost,
		.segments = l.tcp_refused,
		.media = l.media_refused,
		.cut = driver_counts(p->driver)->cut,
	};

	verdict_note_limits(model, &limits);
}

void pipeline_rest(struct pipeline *p)
{
	driver_rest(p->driver);
}

void pipeline_close(struct pipeline *p)
{
	end_threads(p);
	order_end(p);
	driver_free(p->driver);
	keyring_free(p->keys);
	if (p->set)
		capture_set_free(p->set);
}

FILE *pipeline_output(const struct options *options)
{
	FILE *out;

	if (!options->output || strcmp(options->output, "-") == 0)
		return stdout;
	out = fopen(options->output, "w");
	if (!out)
		fprintf(stderr, "mrascope: %s: %s\n", options->output,
			strerror(errno));
	return out;
}

bool pipeline_output_close(const struct options *options, FILE *out)
{
	bool failed = fflush(out) != 0 || ferror(out);

	if (out != stdout)
		failed |= fclose(out) != 0;
	if (failed)
		fprintf(stderr, "mrascope: %s: cannot write: %s\n",
			options->output ? options->output : "standard output",
			strerror(errno));
	return !failed;
}

bool pipeline_color(const struct options *options, FILE *out)
{
	const char *no_color = getenv("NO_COLOR");

	if (options->color != COLOR_AUTO)
		return options->color == COLOR_ALWAYS;
	return !(no_color && no_color[0]) && isatty(fileno(out)) == 1;
}

size_t pipeline_width(FILE *out)
{
	struct winsize size;

	if (isatty(fileno(out)) != 1 ||
	    ioctl(fileno(out), TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col;
}
