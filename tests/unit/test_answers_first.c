/* Answers that a capture has before their requests (flow/answers_first.h). */
#include "config.h"

#include "tests/support/heard.h"
#include "tests/support/t.h"

#define CLIENT "1:5000"
#define SERVER "2:3478"
#define OTHER "3:3478"

#define MS NS_PER_MS

/* The next frame comes so much later. */
static void after(struct wire *w, nanoseconds time)
{
	wire_wait(w, time - WIRE_STEP);
}

static void ask(struct wire *w, uint8_t id)
{
	wire_stun(w, CLIENT, SERVER, &(struct wire_stun){.type = 1, .id = id});
}

static void answer(struct wire *w, uint8_t id)
{
	wire_stun(w, SERVER, CLIENT,
		  &(struct wire_stun){
			  .type = 0x0101, .id = id, .mapped = CLIENT});
}

/* Something that no answer waits for. */
static void other(struct wire *w, uint8_t id)
{
	wire_stun(w, CLIENT, OTHER, &(struct wire_stun){.type = 1, .id = id});
}

static void check(struct wire *w, const char *want)
{
	char *told = heard_mended(w);

	assert_string_equal(told, want);
	free(told);
	wire_close(w);
}

static void answer_is_told_behind_its_request(void **state)
{
	struct wire w;

	(void)state;
	wire_open(&w);
	answer(&w, 7);
	after(&w, MS);
	other(&w, 8);
	after(&w, MS);
	ask(&w, 7);
	other(&w, 9);
	check(&w, "2 stun 0001 absent 1:5000 > 3:3478\n"
		  "3 stun 0001 absent 1:5000 > 2:3478\n"
		  "1 stun 0101 absent 2:3478 > 1:5000\n"
		  "4 stun 0001 absent 1:5000 > 3:3478\n");
}

/* What was told waits no more when the others are due. */
static void each_is_told_once(void **state)
{
	struct wire w;

	(void)state;
	wire_open(&w);
	answer(&w, 6);
	after(&w, MS);
	answer(&w, 7);
	after(&w, MS);
	ask(&w, 7);
	other(&w, 8);
	check(&w, "3 stun 0001 absent 1:5000 > 2:3478\n"
		  "2 stun 0101 absent 2:3478 > 1:5000\n"
		  "1 stun 0101 absent 2:3478 > 1:5000\n"
		  "4 stun 0001 absent 1:5000 > 3:3478\n");
}

static void answer_to_nothing_is_told_in_time(void **state)
{
	struct wire w;

	(void)state;
	wire_open(&w);
	answer(&w, 7);
	after(&w, 5 * MS);
	other(&w, 8);
	after(&w, 1);
	other(&w, 9);
	answer(&w, 6);
	check(&w, "2 stun 0001 absent 1:5000 > 3:3478\n"
		  "1 stun 0101 absent 2:3478 > 1:5000\n"
		  "3 stun 0001 absent 1:5000 > 3:3478\n"
		  "4 stun 0101 absent 2:3478 > 1:5000\n");
}

static unsigned times_told(const char *told, unsigned frame)
{
	char line[32];
	unsigned n = 0;

	(void)snprintf(line, sizeof(line), "\n%u stun 0101", frame);
	while ((told = strstr(told, line))) {
		told++;
		n++;
	}
	return n;
}

static void who_waits_longest_makes_room(void **state)
{
	struct wire w;
	char *told;

	(void)state;
	wire_open(&w);
	for (uint8_t i = 0; i < 40; i++) {
		answer(&w, i);
		after(&w, 1000);
	}
	ask(&w, 0);
	after(&w, 1000);
	ask(&w, 39);
	told = heard_mended(&w);
	assert_ptr_equal(strstr(told, "1 stun 0101"), told);
	assert_non_null(strstr(told, "42 stun 0001 absent 1:5000 > 2:3478\n"
				     "40 stun 0101 absent"));
	for (unsigned i = 2; i <= 40; i++)
		assert_int_equal(times_told(told, i), 1);
	free(told);
	wire_close(&w);
}

static void answer_in_an_envelope_waits_too(void **state)
{
	struct text text = text_new(65536);
	struct wire w;

	(void)state;
	wire_stun_text(
		&text,
		&(struct wire_stun){.type = 0x0101, .id = 7, .mapped = CLIENT});
	wire_open(&w);
	wire_stun(&w, CLIENT, SERVER,
		  &(struct wire_stun){.type = 0x0016,
				      .id = 1,
				      .peer = OTHER,
				      .data = text_slice(&text)});
	text_clear(&text);
	wire_stun_text(&text, &(struct wire_stun){.type = 1, .id = 7});
	after(&w, MS);
	wire_stun(&w, SERVER, CLIENT,
		  &(struct wire_stun){.type = 0x0017,
				      .id = 2,
				      .peer = OTHER,
				      .data = text_slice(&text)});
	text_free(&text);
	check(&w, "1 stun 0016 absent (stun) 1:5000 > 2:3478\n"
		  "2 stun 0017 absent (stun) 2:3478 > 1:5000\n"
		  "2 stun 0001 absent 3:3478 > 1:5000 in data\n"
		  "1 stun 0101 absent 1:5000 > 3:3478 in send\n");
}

static const struct t_case cases[] = {
	{"answer_is_told_behind_its_request",
	 answer_is_told_behind_its_request},
	{"each_is_told_once", each_is_told_once},
	{"answer_to_nothing_is_told_in_time",
	 answer_to_nothing_is_told_in_time},
	{"who_waits_longest_makes_room", who_waits_longest_makes_room},
	{"answer_in_an_envelope_waits_too", answer_in_an_envelope_waits_too},
};
T_MAIN(cases)
