/*
 * Cases side by side: some worker processes take the next case each from one
 * list and send results through a pipe of their own.  Results are kept in the
 * order of the cases, so that the number of workers changes nothing.
 *
 * A worker that dies takes one case with it; another one takes its place.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check/judge.h"
#include "cli/check_parts.h"

#define WORKERS_MAX 256u
#define RESULT_MAX ((size_t)64 << 20)
#define NO_CASE UINT32_MAX

/* Before a result: its case and its size; size 0: the case was begun. */
struct head {
	uint32_t at;
	uint32_t size;
};

struct worker {
	pid_t pid;
	int from; /* -1: none */
	uint32_t at;
	struct text text; /* what came and is no whole result yet */
};

struct work {
	struct check_run *run;
	struct check_cache *cache;
	FILE *list; /* of cases to be run: numbers, one read for all */
	size_t left;
	struct worker workers[WORKERS_MAX];
	size_t count;
};

/* ---- in a worker ---- */

static bool write_all(int to, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n) {
		ssize_t wrote = write(to, p, n);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return false;
		p += wrote;
		n -= (size_t)wrote;
	}
	return true;
}

static bool send_result(int to, uint32_t at, const json_t *result)
{
	struct text text = text_new(RESULT_MAX);
	struct head head = {at, 0};
	bool fine;

	if (result)
		tree_put(result, &text);
	head.size = (uint32_t)text.n;
	fine = result && text.failed == STATUS_OK &&
	       write_all(to, &head, sizeof(head)) &&
	       write_all(to, text.p, text.n);
	text_free(&text);
	return fine;
}

/* Standard error becomes a file without name, for what analyses say. */
static bool hide_complaints(void)
{
	FILE *file = tmpfile();

	return file && dup2(fileno(file), STDERR_FILENO) >= 0;
}

static int worker_run(const struct work *w, int to)
{
	int list = fileno(w->list);
	uint32_t at;

	if (!hide_complaints())
		return 1;
	/* One offset for all workers: each number is read once. */
	while (read(list, &at, sizeof(at)) == sizeof(at)) {
		struct head begun = {at, 0};
		json_t *result;
		bool fine;

		if (!write_all(to, &begun, sizeof(begun)))
			return 1;
		(void)alarm((unsigned)w->run->options->timeout);
		result = check_case(w->run, json_array_get(w->run->cases, at));
		(void)alarm(0);
		fine = send_result(to, at, result);
		json_decref(result);
		if (!fine)
			return 1;
	}
	return 0;
}

/* ---- in the parent ---- */

static bool start(struct work *w, struct worker *worker)
{
	int ends[2];

	if (pipe(ends) != 0)
		return false;
	fflush(NULL);
	worker->pid = fork();
	if (worker->pid == 0) {
		close(ends[0]);
		_exit(worker_run(w, ends[1]));
	}
	close(ends[1]);
	if (worker->pid < 0) {
		close(ends[0]);
		return false;
	}
	worker->from = ends[0];
	worker->at = NO_CASE;
	text_clear(&worker->text);
	return true;
}

static void keep(struct work *w, uint32_t at, json_t *result)
{
	if (!result || at >= json_array_size(w->run->results)) {
		json_decref(result);
		return;
	}
	check_cache_keep(w->cache, at, result);
	(void)json_array_set_new(w->run->results, at, result);
	w->left--;
}

/* Takes whole results out of what came. */
static void take_results(struct work *w, struct worker *worker)
{
	struct slice rest = text_slice(&worker->text);
	size_t used = 0;

	while (rest.n >= sizeof(struct head)) {
		struct head head;

		memcpy(&head, rest.p, sizeof(head));
		if (rest.n - sizeof(head) < head.size)
			break;
		if (head.size == 0) {
			worker->at = head.at;
		} else {
			keep(w, head.at,
			     json_loadb((const char *)rest.p + sizeof(head),
					head.size, 0, NULL));
			worker->at = NO_CASE;
		}
		used += sizeof(head) + head.size;
		rest = slice_from(rest, sizeof(head) + head.size);
	}
	if (used) {
		memmove(worker->text.p, worker->text.p + used, rest.n);
		worker->text.n = rest.n;
	}
}

static void keep_dead(struct work *w, const struct worker *worker, int how)
{
	json_t *expected = json_array_get(w->run->cases, worker->at);
	char why[128] = "the analysis came to an end without a result";

	if (WIFSIGNALED(how) && WTERMSIG(how) == SIGALRM)
		snprintf(why, sizeof(why),
			 "given up after %llu s (see --timeout)",
			 (unsigned long long)w->run->options->timeout);
	else if (WIFSIGNALED(how))
		snprintf(why, sizeof(why), "the analysis died of signal %d",
			 WTERMSIG(how));
	keep(w, worker->at, judge_error(expected, EXIT_LIMIT, why));
}

/* The pipe has ended. */
static void finish(struct work *w, struct worker *worker)
{
	int how = 0;

	close(worker->from);
	worker->from = -1;
	while (waitpid(worker->pid, &how, 0) < 0 && errno == EINTR)
		;
	if (worker->at == NO_CASE)
		return;
	keep_dead(w, worker, how);
	if (w->left)
		(void)start(w, worker);
}

static void hear(struct work *w, struct worker *worker)
{
	char *room = text_room(&worker->text, 65536);
	ssize_t n = room ? read(worker->from, room, 65536) : 0;

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		finish(w, worker);
		return;
	}
	worker->text.n += (size_t)n;
	take_results(w, worker);
}

static bool wait_for_results(struct work *w)
{
	struct pollfd ends[WORKERS_MAX];
	size_t open = 0;

	for (size_t i = 0; i < w->count; i++) {
		ends[i] = (struct pollfd){.fd = w->workers[i].from,
					  .events = POLLIN};
		open += w->workers[i].from >= 0;
	}
	if (!open)
		return false;
	if (poll(ends, w->count, -1) < 0)
		return errno == EINTR;
	for (size_t i = 0; i < w->count; i++)
		if (ends[i].fd >= 0 && ends[i].revents)
			hear(w, &w->workers[i]);
	return true;
}

static size_t workers_wanted(const struct work *w)
{
	long there = sysconf(_SC_NPROCESSORS_ONLN);
	size_t count = w->run->options->jobs;

	if (!count)
		count = there > 0 ? (size_t)there : 1;
	if (count > w->left)
		count = w->left;
	return count < WORKERS_MAX ? count : WORKERS_MAX;
}

static void run_workers(struct work *w)
{
	w->count = workers_wanted(w);
	for (size_t i = 0; i < w->count; i++) {
		w->workers[i].from = -1;
		w->workers[i].text = text_new(2 * RESULT_MAX);
	}
	for (size_t i = 0; i < w->count; i++)
		if (!start(w, &w->workers[i]))
			break;
	while (wait_for_results(w))
		;
	for (size_t i = 0; i < w->count; i++)
		text_free(&w->workers[i].text);
}

/* What is known from an earlier run, and the list of the rest. */
static bool list_cases(struct work *w)
{
	size_t count = json_array_size(w->run->cases);

	w->list = tmpfile();
	for (size_t i = 0; w->list && i < count; i++) {
		json_t *known = check_cache_find(w->cache, i);
		uint32_t at = (uint32_t)i;

		if (known) {
			(void)json_array_append_new(w->run->results, known);
			continue;
		}
		if (json_array_append_new(w->run->results, json_null()) != 0 ||
		    fwrite(&at, sizeof(at), 1, w->list) != 1)
			return false;
		w->left++;
	}
	return w->list && fflush(w->list) == 0 &&
	       lseek(fileno(w->list), 0, SEEK_SET) == 0;
}

bool check_work(struct check_run *run)
{
	struct work *w = calloc(1, sizeof(*w));
	bool fine = false;

	if (w) {
		w->run = run;
		w->cache = check_cache_open(run);
		fine = list_cases(w);
		if (fine && w->left)
			run_workers(w);
		fine = fine && !w->left;
		check_cache_close(w->cache);
		if (w->list)
			fclose(w->list);
	}
	free(w);
	if (!fine) {
		fputs("mrascope: some cases could not be run\n", stderr);
		run->status = EXIT_LIMIT;
	}
	return fine;
}
