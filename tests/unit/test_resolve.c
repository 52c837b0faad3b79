/* What a DNS server says of a service: records, their order, a refusal. */
#include "config.h"

#include "io/resolve.h"
#include "tests/support/t.h"

#define HEAD "1234 8180 0001 "
#define QUESTION "05 5f7475726e 04 5f756470 02 6578 00 0021 0001"
/* A record of the name that was asked for: priority, weight, port, target. */
#define SRV "c00c 0021 0001 0000003c "
#define ALPHA "05 616c706861 02 6578 00" /* alpha.ex */
#define BRAVO "05 627261766f 02 6578 00"
#define DELTA "05 64656c7461 02 6578 00"

#define MAX 4u

static enum resolve_answer read_it(const char *digits, struct srv_host *out,
				   size_t *count)
{
	struct slice in = t_hex(digits);
	enum resolve_answer answer = resolve_read(in, out, MAX, count);

	t_release(in);
	return answer;
}

static void first_come_first(void **state)
{
	struct srv_host out[MAX];
	size_t count;

	(void)state;
	assert_int_equal(read_it(HEAD "0003 0000 0000" QUESTION SRV
				      "0010 0014 0000 0d96" ALPHA SRV
				      "0010 000a 0001 0d97" BRAVO SRV
				      "0010 000a 0005 0d98" DELTA,
				 out, &count),
			 RESOLVE_FOUND);
	assert_int_equal(count, 3);
	assert_string_equal(out[0].host, "delta.ex");
	assert_int_equal(out[0].port, 3480);
	assert_string_equal(out[1].host, "bravo.ex");
	assert_string_equal(out[2].host, "alpha.ex");
	assert_int_equal(out[2].priority, 20);
}

static void no_is_told_from_nothing(void **state)
{
	struct srv_host out[MAX];
	size_t count;

	(void)state;
	assert_int_equal(read_it(HEAD "0001 0000 0000" QUESTION SRV
				      "0007 0000 0000 0000 00",
				 out, &count),
			 RESOLVE_DENIED);
	assert_int_equal(read_it(HEAD "0000 0000 0000" QUESTION, out, &count),
			 RESOLVE_NONE);
	assert_int_equal(
		read_it("1234 8183 0001 0000 0000 0000" QUESTION, out, &count),
		RESOLVE_NONE);
	/* A question is no answer, nor is nonsense. */
	assert_int_equal(read_it("1234 0100 0001 0001 0000 0000" QUESTION SRV
				 "0010 0014 0000 0d96" ALPHA,
				 out, &count),
			 RESOLVE_NONE);
	assert_int_equal(read_it("1234", out, &count), RESOLVE_NONE);
	assert_int_equal(count, 0);
}

static void there_is_an_end(void **state)
{
	struct srv_host out[MAX];
	size_t count;

	(void)state;
	assert_int_equal(read_it(HEAD "0005 0000 0000" QUESTION SRV
				      "0010 0001 0000 0001" ALPHA SRV
				      "0010 0002 0000 0002" ALPHA SRV
				      "0010 0003 0000 0003" ALPHA SRV
				      "0010 0004 0000 0004" ALPHA SRV
				      "0010 0005 0000 0005" ALPHA,
				 out, &count),
			 RESOLVE_FOUND);
	assert_int_equal(count, MAX);
}

static const struct t_case cases[] = {
	{"first_come_first", first_come_first},
	{"no_is_told_from_nothing", no_is_told_from_nothing},
	{"there_is_an_end", there_is_an_end},
};

T_MAIN(cases)
