/* The fewest openings that would have connected what failed; pairs that were
 * left out, and why. */
#include "config.h"

#include "model/firewall.h"
#include "model/matrix.h"
#include "tests/support/heard.h"
#include "tests/support/story.h"
#include "tests/support/t.h"

/* "1 > 2:3478 udp turn" and a star where it is only advised. */
static void openings_text(const struct model *m, struct text *to)
{
	struct firewall f = firewall_of(m);

	for (size_t i = 0; i < f.count; i++) {
		const struct path *p = list_at(&m->paths, f.passages[i].path);

		text_puts(to, "open ");
		wire_end_text(end_at(m, p->src), to);
		text_puts(to, " > ");
		wire_end_text(end_at(m, p->dst), to);
		text_printf(to, " %s %s%s\n", p->transport,
			    path_purpose_name(p->purpose),
			    f.passages[i].advised ? " *" : "");
	}
	firewall_free(&f);
}

static void cells_text(const struct model *m, struct text *to)
{
	const struct call *calls = m->calls.rows;
	struct matrix matrix = matrix_of(m, &calls[0]);

	for (size_t i = 0; i < matrix.count; i++) {
		const struct matrix_cell *cell = &matrix.cells[i];
		const struct candidate *a =
			list_at(&m->candidates, cell->offer);
		const struct candidate *b =
			list_at(&m->candidates, cell->answer);

		wire_end_text(end_at(m, a->endpoint), to);
		text_puts(to, " - ");
		wire_end_text(end_at(m, b->endpoint), to);
		text_printf(to, " %s\n",
			    cell->reason == CELL_CHECKED
				    ? "checked"
				    : cell_reason_text(cell->reason));
	}
	matrix_free(&matrix);
}

typedef void show_fn(const struct model *m, struct text *to);

static bool shows(show_fn *show, const char *name,
		  const char *const lines[STORY_MAX], const char *want)
{
	struct text text = text_new(4000);
	struct model model;
	struct wire w;
	bool equal;

	story(&w, lines);
	heard_model(&w, NULL, &model);
	wire_close(&w);
	show(&model, &text);
	text_putc(&text, '\0');
	equal = strcmp((const char *)text.p, want) == 0;
	if (!equal)
		print_error("%s\n got  %s want %s", name, (const char *)text.p,
			    want);
	text_free(&text);
	model_free(&model);
	return equal;
}

struct row {
	const char *name, *want;
	const char *lines[STORY_MAX];
};

#define ALLOCATE "1:5000 2:3478 allocate 1"
#define GRANTED                                                          \
	"1:5000 2:3478 allocate 1", "2:3478 1:5000 refused 1 error=401", \
		"1:5000 2:3478 allocate 2 auth", "2:3478 1:5000 granted 2"
#define CHECK "1:5000 3:6000 check 5 controlling"
#define CALL "> INVITE 1 ice", "< 200 1 tag ice", "> ACK 1 tag"

static const struct row openings[] = {
	{"what worked wants none", "", {GRANTED}},
	{"a relay that is silent",
	 "open 1:0 > 2:3478 udp turn\n",
	 {"> REGISTER 1", "< 200 1 REGISTER", ALLOCATE, "wait 1", ALLOCATE,
	  "wait 1", ALLOCATE}},
	{"of two that are silent one is enough",
	 "open 1:0 > 2:3478 udp turn\n",
	 {"> REGISTER 1", "< 200 1 REGISTER", ALLOCATE,
	  "1:5000 4:3478 allocate 2", "wait 1", ALLOCATE,
	  "1:5000 4:3478 allocate 2", "wait 1", ALLOCATE,
	  "1:5000 4:3478 allocate 2"}},
	{"media between two hosts",
	 "open 1:0 > 3:6000 udp check\n",
	 {CALL, CHECK, "wait 1", CHECK, "wait 1", CHECK}},
	{"a call that is connected wants none",
	 "",
	 {CALL, CHECK, "3:6000 1:5000 answer 5",
	  "1:5000 3:6000 check 6 controlling nominate",
	  "3:6000 1:5000 answer 6"}},
	{"signalling",
	 "open 1:0 > 2:5060 udp sip\n",
	 {"1:5000 2:3478 binding 9", "2:3478 1:5000 bound 9", "> REGISTER 1",
	  "wait 1", "> REGISTER 1", "wait 2", "> REGISTER 1"}},
};

static const struct row matrices[] = {
	{"no check is in the capture",
	 "1:5000 - 3:6000 no check of these agents is in the capture\n",
	 {CALL}},
	{"one was checked", "1:5000 - 3:6000 checked\n", {CALL, CHECK}},
};

static size_t wrong_of(show_fn *show, const struct row *rows, size_t count)
{
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++)
		wrong +=
			!shows(show, rows[i].name, rows[i].lines, rows[i].want);
	return wrong;
}

static void the_fewest_openings_are_wanted(void **state)
{
	(void)state;
	assert_int_equal(wrong_of(openings_text, openings,
				  sizeof(openings) / sizeof(openings[0])),
			 0);
}

/* As a second vantage tells, see judge_vantages.c. */
static void what_arrives_needs_no_opening(void **state)
{
	static const char *const lines[STORY_MAX] = {CALL,  CHECK,    "wait 1",
						     CHECK, "wait 1", CHECK};
	struct text text = text_new(4000);
	struct model model;
	struct wire w;

	(void)state;
	story(&w, lines);
	heard_model(&w, NULL, &model);
	wire_close(&w);
	openings_text(&model, &text);
	assert_true(slice_starts(text_slice(&text), SLICE("open ")));
	text_clear(&text);
	assert_int_equal(model.pairs.count, 1);
	((struct pair *)list_at(&model.pairs, 0))->arrived = 1;
	openings_text(&model, &text);
	assert_int_equal(text.n, 0);
	text_free(&text);
	model_free(&model);
}

static void each_candidate_meets_each_other(void **state)
{
	(void)state;
	assert_int_equal(wrong_of(cells_text, matrices,
				  sizeof(matrices) / sizeof(matrices[0])),
			 0);
}

/* An integrity that fits the sender's own password. */
static void a_wrong_password_is_known_again(void **state)
{
	static const char *const lines[STORY_MAX] = {
		CALL, "1:5000 3:6000 check 5 controlling mistaken"};
	struct model model;
	const struct pair *pairs;
	struct wire w;

	(void)state;
	story(&w, lines);
	heard_model(&w, NULL, &model);
	wire_close(&w);
	assert_int_equal(model.pairs.count, 1);
	pairs = model.pairs.rows;
	assert_non_null(pair_extra_of(&model, &pairs[0])->fits);
	assert_non_null(strstr(pairs[0].why, "who sent it"));
	model_free(&model);
}

static const struct t_case cases[] = {
	{"the_fewest_openings_are_wanted", the_fewest_openings_are_wanted},
	{"what_arrives_needs_no_opening", what_arrives_needs_no_opening},
	{"each_candidate_meets_each_other", each_candidate_meets_each_other},
	{"a_wrong_password_is_known_again", a_wrong_password_is_known_again},
};
T_MAIN(cases)
