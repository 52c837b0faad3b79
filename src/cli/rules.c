/* mrascope rules: the table of all rules, whoever finds them. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "cli/pipeline.h"
#include "cli/rules.h"
#include "dissectors/dns.h"
#include "dissectors/mras.h"
#include "dissectors/provisioning.h"
#include "dissectors/qoe.h"
#include "dissectors/rtp.h"
#include "dissectors/sdp.h"
#include "dissectors/sip.h"
#include "dissectors/stun.h"
#include "dissectors/tls.h"
#include "dissectors/turn.h"
#include "flow/rules.h"
#include "report/report_rules.h"
#include "validate/rules.h"

#define TEXT_MAX ((size_t)16 << 20)

static const struct dissector *const dissectors[] = {
#define DISSECTOR(name) &name##_dissector,
#include "dissectors/dissectors.def"
#undef DISSECTOR
};

#define DISSECTORS (sizeof(dissectors) / sizeof(dissectors[0]))

struct table {
	const struct rule **rows;
	size_t count, room;
};

static bool add(struct table *t, const struct rule *rule)
{
	if (t->count == t->room) {
		size_t room = t->room ? t->room * 2 : 64;
		const struct rule **rows =
			realloc(t->rows, room * sizeof(*rows));

		if (!rows)
			return false;
		t->rows = rows;
		t->room = room;
	}
	t->rows[t->count++] = rule;
	return true;
}

/* A table that ends with a row without id; NULL has none. */
static bool add_all(struct table *t, const struct rule *rules)
{
	for (; rules && rules->id; rules++)
		if (!add(t, rules))
			return false;
	return true;
}

static int by_stage(const void *a, const void *b)
{
	const struct rule *const *x = a, *const *y = b;

	if ((*x)->stage != (*y)->stage)
		return (*x)->stage < (*y)->stage ? -1 : 1;
	return strcmp((*x)->id, (*y)->id);
}

static bool gather(struct table *t)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rules_at(i)) != NULL; i++)
		if (!add(t, rule))
			return false;
	if (!add_all(t, flow_rules))
		return false;
	for (size_t i = 0; i < DISSECTORS; i++)
		if (!add_all(t, dissectors[i]->rules))
			return false;
	qsort(t->rows, t->count, sizeof(const struct rule *), by_stage);
	return true;
}

/* Is it the rule, or the stage of it? */
static bool fits(const char *asked, const struct rule *rule)
{
	size_t n = strlen(asked);

	return strncmp(rule->id, asked, n) == 0 &&
	       (rule->id[n] == '\0' || rule->id[n] == '/');
}

static bool is_asked(const struct options *o, const struct rule *rule)
{
	for (size_t i = 0; i < o->path_count; i++)
		if (fits(o->paths[i], rule))
			return true;
	return o->path_count == 0;
}

/* Leaves what was asked for; false when something of that is nowhere. */
static bool choose(struct table *t, const struct options *o)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->path_count; i++) {
		size_t k = 0;

		while (k < t->count && !fits(o->paths[i], t->rows[k]))
			k++;
		if (k == t->count) {
			fprintf(stderr, "mrascope: %s: no such rule or stage\n",
				o->paths[i]);
			return false;
		}
	}
	for (size_t i = 0; i < t->count; i++)
		if (is_asked(o, t->rows[i]))
			t->rows[kept++] = t->rows[i];
	t->count = kept;
	return true;
}

static int print(const struct table *t, const struct options *o)
{
	struct text text = text_new(TEXT_MAX);
	FILE *out = pipeline_output(o);
	int status = EXIT_FINE;

	if (!out)
		return EXIT_USAGE;
	if (o->format == FORMAT_JSON)
		report_rules_json(t->rows, t->count, &text);
	else
		report_rules_text(t->rows, t->count, &text);
	if (text.failed != STATUS_OK)
		status = EXIT_LIMIT;
	else
		(void)fwrite(text.p, 1, text.n, out);
	text_free(&text);
	if (!pipeline_output_close(o, out))
		status = EXIT_INPUT;
	return status;
}

static bool is_in(const struct rule *rules, const char *id)
{
	for (; rules && rules->id; rules++)
		if (strcmp(rules->id, id) == 0)
			return true;
	return false;
}

bool rules_know(const char *id)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rules_at(i)) != NULL; i++)
		if (strcmp(rule->id, id) == 0)
			return true;
	for (size_t i = 0; i < DISSECTORS; i++)
		if (is_in(dissectors[i]->rules, id))
			return true;
	return is_in(flow_rules, id);
}

int command_rules(const struct options *options)
{
	struct table table = {0};
	int status = EXIT_LIMIT;

	if (!gather(&table))
		fputs("mrascope: out of memory\n", stderr);
	else if (!choose(&table, options))
		status = EXIT_USAGE;
	else
		status = print(&table, options);
	free(table.rows);
	return status;
}
