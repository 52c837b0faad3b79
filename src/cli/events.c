/* Windows event logs as further evidence. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "capture/log_utf16.h"
#include "cli/events.h"

#define ARENA_MAX ((size_t)64 << 20)
#define FIRST_ROOM ((size_t)65536)

bool events_check(const struct options *o)
{
	for (size_t i = 0; i < o->event_count; i++) {
		FILE *f = fopen(o->events[i], "rb");

		if (!f) {
			fprintf(stderr, "mrascope: %s: %s\n", o->events[i],
				strerror(errno));
			return false;
		}
		fclose(f);
	}
	return true;
}

/* The whole file; NULL after a message. */
static uint8_t *read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	size_t room = FIRST_ROOM, got = 1;
	uint8_t *p = f ? malloc(room) : NULL;

	*n = 0;
	while (p && got && *n <= EVENTS_FILE_MAX) {
		uint8_t *more;

		got = fread(p + *n, 1, room - *n, f);
		*n += got;
		if (*n < room)
			continue;
		room *= 2;
		more = realloc(p, room);
		if (!more)
			free(p);
		p = more;
	}
	if (f)
		fclose(f);
	if (p && *n <= EVENTS_FILE_MAX)
		return p;
	fprintf(stderr, "mrascope: %s: %s\n", path,
		p ? "larger than 256 MiB" : strerror(errno));
	free(p);
	return NULL;
}

/* UTF-16 becomes UTF-8 in a block of its own. */
static bool to_utf8(uint8_t **p, size_t *n)
{
	struct slice in = slice_of(*p, *n);
	enum utf16_order order = utf16_order_of(in);
	struct utf16_rest rest = {.high = 0};
	size_t room = *n * 2 + 16, used;
	uint8_t *out;

	if (order == UTF16_NO)
		return true;
	out = malloc(room);
	if (!out)
		return false;
	*n = utf16_convert(&rest, order, in, out, room, &used);
	free(*p);
	*p = out;
	return true;
}

/* Is it of a program that this is about, and not only that all is well? */
static bool is_of_interest(const struct winevent *e)
{
	static const char *const words[] = {"LS ",
					    "OCS ",
					    "Lync",
					    "Skype",
					    "Communicator",
					    "Schannel",
					    "Unified Messaging",
					    "Mediation"};
	size_t at;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_search(e->provider, slice_of_text(words[i]), &at))
			return (e->level >= 1 && e->level <= 3) ||
			       (e->id >= 1437 && e->id <= 1441) ||
			       e->id == 25026;
	return false;
}

struct counts {
	uint64_t told, others, bad;
};

static void tell_all(struct slice text, struct stages *stages,
		     struct arena *arena, struct counts *counts)
{
	struct slice element;

	while (winevent_next(&text, &element)) {
		struct winevent event;

		arena_reset(arena);
		if (winevent_read(element, arena, &event) != STATUS_OK) {
			counts->bad++;
		} else if (is_of_interest(&event)) {
			stages_take_event(stages, &event);
			counts->told++;
		} else {
			counts->others++;
		}
	}
}

static void say(const char *path, const struct counts *c)
{
	if (c->told + c->others + c->bad == 0)
		fprintf(stderr,
			"mrascope: %s: no event in it; export the log as XML "
			"(wevtutil qe LOG /f:xml)\n",
			path);
	if (c->bad)
		fprintf(stderr,
			"mrascope: %s: events that cannot be read: %" PRIu64
			"\n",
			path, c->bad);
	if (c->others)
		fprintf(stderr,
			"mrascope: %s: events of other programs or of success, "
			"passed over: %" PRIu64 "\n",
			path, c->others);
}

bool events_tell(const struct options *o, struct stages *stages)
{
	struct arena arena = arena_new(ARENA_MAX);
	bool fine = true;

	for (size_t i = 0; i < o->event_count; i++) {
		struct counts counts = {.told = 0};
		size_t n;
		uint8_t *p = read_file(o->events[i], &n);

		if (!p)
			continue;
		if (to_utf8(&p, &n)) {
			tell_all(slice_of(p, n), stages, &arena, &counts);
			if (!o->quiet)
				say(o->events[i], &counts);
		} else {
			fine = false;
		}
		free(p);
	}
	arena_free(&arena);
	return fine;
}
