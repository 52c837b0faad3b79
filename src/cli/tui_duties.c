/* --save, and --hep-send of files. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/tui_duties.h"

static const struct {
	const char *name;
	enum save_format format;
} formats[] = {
	{"pcapng", SAVE_PCAPNG},
	{"pcap", SAVE_PCAP},
	{"text", SAVE_TEXT},
	{"json", SAVE_JSON},
};

/* "text=FILE"; false: that is no form, or no file. */
static bool read_save(const char *word, struct save *save)
{
	struct slice rest = slice_of_text(word);
	struct slice name = slice_split(&rest, '=');

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (!slice_is(name, formats[i].name) || !rest.n)
			continue;
		*save = (struct save){.path = word + name.n + 1,
				      .format = formats[i].format,
				      .replace = true,
				      .message = LIST_NONE};
		return true;
	}
	return false;
}

bool tui_duties_open(struct tui_duties *d, const struct options *o, bool live)
{
	struct save save;

	*d = (struct tui_duties){.options = o};
	for (size_t i = 0; i < o->save_count; i++)
		if (!read_save(o->saves[i], &save)) {
			fprintf(stderr,
				"mrascope: --save %s: not pcapng=FILE, "
				"pcap=FILE, text=FILE or json=FILE\n",
				o->saves[i]);
			return false;
		}
	if (o->hep_send && !live) {
		d->hep = hep_sender_open(o);
		if (!d->hep)
			return false;
	}
	d->any = d->hep || o->save_count;
	return true;
}

void tui_duties_close(struct tui_duties *d)
{
	hep_sender_close(d->hep);
}

bool tui_duties_do(struct tui_duties *d, struct app *app, struct text *said)
{
	struct save listed = {.message = LIST_NONE}, save;
	bool fine = true;

	while (app_work(app))
		;
	listed.call_count = calls_listed(app, &listed.calls);
	d->listed = listed.call_count;
	d->done = true;
	for (size_t i = 0; i < d->options->save_count; i++) {
		if (!read_save(d->options->saves[i], &save))
			continue;
		save.media = d->options->save_media;
		save.calls = listed.calls;
		save.call_count = listed.call_count;
		text_puts(said, said->n ? "; " : "");
		fine &= app->feed->save(app->feed, &save, said);
	}
	if (d->hep) {
		text_puts(said, said->n ? "; " : "");
		fine &= tui_send(app->feed, &listed, d->hep, said);
	}
	return fine;
}
