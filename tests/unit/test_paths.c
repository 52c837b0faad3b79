/* The ways that set-up tried, and what came back on each. */
#include "config.h"

#include "tests/support/heard.h"
#include "tests/support/story.h"
#include "tests/support/t.h"

/* "192.0.2.1 > 192.0.2.2:3478 udp turn 2/1 open" */
static void paths_text(const struct model *model, struct text *to)
{
	const struct path *rows = model->paths.rows;

	for (size_t i = 0; i < model->paths.count; i++) {
		const struct path *p = &rows[i];

		wire_end_text(end_at(model, p->src), to);
		text_puts(to, " > ");
		wire_end_text(end_at(model, p->dst), to);
		text_printf(to, " %s %s %u/%u", p->transport,
			    path_purpose_name(p->purpose), p->asked,
			    p->answered);
		if (p->icmp_type >= 0)
			text_printf(to, " icmp %d/%d", p->icmp_type,
				    p->icmp_code);
		text_printf(to, "%s %s\n", p->reset ? " reset" : "",
			    path_verdict_name(p->verdict));
	}
	text_putc(to, '\0');
}

static bool same(const char *name, const struct model *model, const char *want)
{
	struct text text = text_new(4000);
	bool equal;

	paths_text(model, &text);
	equal = strcmp((const char *)text.p, want) == 0;
	if (!equal)
		print_error("%s\n got  %s want %s", name,
			    (const char *)text.p, want);
	text_free(&text);
	return equal;
}

#define ASK "1:5000 2:3478 allocate 1"

static const struct row {
	const char *name, *want;
	const char *lines[STORY_MAX];
} rows[] = {
	{"each purpose for itself",
	 "1:0 > 2:5060 udp sip 1/1 open\n"
	 "1:0 > 2:3478 udp turn 1/1 open\n"
	 "1:0 > 2:3478 udp stun 1/1 open\n"
	 "1:0 > 3:6000 udp check 1/1 open\n",
	 {"> REGISTER 1", "< 200 1 REGISTER", ASK, "2:3478 1:5000 granted 1",
	  "1:5001 2:3478 binding 2", "2:3478 1:5001 bound 2",
	  "1:5000 3:6000 check 3 controlling", "3:6000 1:5000 answer 3"}},
	{"an error is an answer",
	 "1:0 > 2:3478 udp turn 1/1 open\n",
	 {ASK, "2:3478 1:5000 refused 1 error=401"}},
	{"another server answers for it",
	 "1:0 > 2:3478 udp turn 1/1 open\n",
	 {ASK, "7:3478 1:5000 granted 1"}},
	{"an ACK wants no answer",
	 "1:0 > 2:5060 udp sip 1/1 open\n",
	 {"> INVITE 1 plain", "< 200 1 plain", "> ACK 1 tag"}},
	{"asked twice proves nothing",
	 "1:0 > 2:5060 udp sip 1/1 open\n"
	 "1:0 > 2:3478 udp turn 2/0 unanswered\n",
	 {"> REGISTER 1", "< 200 1 REGISTER", ASK, "wait 1", ASK}},
	{"asked three times is blocked",
	 "1:0 > 2:5060 udp sip 1/1 open\n"
	 "1:0 > 2:3478 udp turn 3/0 blocked\n",
	 {"> REGISTER 1", "< 200 1 REGISTER", ASK, "wait 1", ASK, "wait 1",
	  ASK}},
	{"where no answer is seen at all it may be the capture",
	 "1:0 > 2:3478 udp turn 3/0 unanswered\n",
	 {ASK, "wait 1", ASK, "wait 1", ASK}},
};

static void a_way_is_open_when_answers_came(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model model;
		struct wire w;

		story(&w, rows[i].lines);
		heard_model(&w, NULL, &model);
		wire_close(&w);
		wrong += !same(rows[i].name, &model, rows[i].want);
		model_free(&model);
	}
	assert_int_equal(wrong, 0);
}

static void icmp_says_refused(void **state)
{
	struct model model;
	struct wire w;

	(void)state;
	wire_open(&w);
	story_line(&w, ASK);
	wire_unreachable(&w, "1:5000", "2:3478");
	heard_model(&w, NULL, &model);
	wire_close(&w);
	assert_true(same("icmp", &model,
			 "1:0 > 2:3478 udp turn 1/0 icmp 3/3 refused\n"));
	model_free(&model);
}

static void connections_are_ways_too(void **state)
{
	struct wire_tcp open = {.ends = {"1:5000", "2:5061"}};
	struct model model;
	struct wire w;

	(void)state;
	wire_open(&w);
	wire_tcp_syn(&w, &open);
	heard_model(&w, NULL, &model);
	wire_close(&w);
	assert_true(same("tcp", &model, "1:0 > 2:5061 tcp sip 1/1 open\n"));
	model_free(&model);
}

static const struct t_case cases[] = {
	{"a_way_is_open_when_answers_came", a_way_is_open_when_answers_came},
	{"icmp_says_refused", icmp_says_refused},
	{"connections_are_ways_too", connections_are_ways_too},
};
T_MAIN(cases)
