/* Ends of messages that a log does not tell, from a capture of the same. */
#include "config.h"

#include "dissectors/sip.h"
#include "flow/shared_ends.h"
#include "tests/support/failing.h"
#include "tests/support/t.h"

static struct endpoint end(const char *text)
{
	struct endpoint e = {.family = FAMILY_NONE};

	if (*text)
		assert_int_equal(
			endpoint_parse_with_port(slice_of_text(text), &e),
			STATUS_OK);
	return e;
}

/* A response to the request of this branch. */
struct sample {
	const char *branch, *src, *dst;
	bool logged;
};

static struct message message(const struct sample *s, struct sip_message *sip)
{
	*sip = (struct sip_message){.status = 200,
				    .cseq = 1,
				    .call_id = SLICE("a@b"),
				    .cseq_method = SLICE("INVITE")};
	sip->via.branch = slice_of_text(s->branch);
	return (struct message){
		.kind = MESSAGE_SIP,
		.from = {.src = end(s->src),
			 .dst = end(s->dst),
			 .logged = s->logged,
			 .transport_guessed = s->logged,
			 .transport =
				 s->logged ? TRANSPORT_UDP : TRANSPORT_TCP},
		.u.sip = sip,
	};
}

static void take(struct shared_ends *e, struct sample s)
{
	struct sip_message sip;
	struct message m = message(&s, &sip);

	shared_ends_take(e, &m);
}

static void fills(const struct shared_ends *e, struct sample s, const char *src,
		  const char *dst)
{
	struct sip_message sip;
	struct message m = message(&s, &sip);
	struct endpoint want_src = end(src), want_dst = end(dst);
	struct origin got;

	assert_true(shared_ends_fill(e, &m, &got));
	assert_true(endpoint_equal(&got.src, &want_src));
	assert_true(endpoint_equal(&got.dst, &want_dst));
	assert_true(endpoint_equal(&got.outer_src, &want_src));
	assert_int_equal(got.transport, TRANSPORT_TCP);
	assert_false(got.transport_guessed);
	assert_true(got.logged);
}

static void leaves(const struct shared_ends *e, struct sample s)
{
	struct sip_message sip;
	struct message m = message(&s, &sip);
	struct origin got;

	assert_false(shared_ends_fill(e, &m, &got));
}

#define A "192.0.2.1:5060"
#define B "192.0.2.2:5062"
#define C "192.0.2.3:5060"

static void a_copy_tells_the_ends(void **state)
{
	struct shared_ends *e = shared_ends_new();

	(void)state;
	assert_non_null(e);
	/* The log may be ahead of the capture. */
	take(e, (struct sample){"z9hG4bK1", "", "", true});
	assert_false(shared_ends_help(e));
	take(e, (struct sample){"z9hG4bK1", A, B, false});
	assert_true(shared_ends_help(e));
	fills(e, (struct sample){"z9hG4bK1", "", "", true}, A, B);
	fills(e, (struct sample){"z9hG4bK1", A, "", true}, A, B);
	fills(e, (struct sample){"z9hG4bK1", "", B, true}, A, B);
	shared_ends_free(e);
}

static void others_stay_as_they_are(void **state)
{
	struct shared_ends *e = shared_ends_new();

	(void)state;
	assert_non_null(e);
	take(e, (struct sample){"z9hG4bK1", A, B, false});
	/* The same on another hop of its way. */
	take(e, (struct sample){"z9hG4bK1", C, B, false});
	take(e, (struct sample){"z9hG4bK2", "", "", true});
	take(e, (struct sample){"z9hG4bK1", A, B, true});
	assert_false(shared_ends_help(e));
	leaves(e, (struct sample){"z9hG4bK1", A, B, true});
	leaves(e, (struct sample){"z9hG4bK2", "", "", true});
	leaves(e, (struct sample){"z9hG4bK1", C, "", true});
	leaves(e, (struct sample){"z9hG4bK1", "", "", false});
	shared_ends_free(e);
}

static bool take_in_need(void *context)
{
	struct shared_ends *e = shared_ends_new();

	(void)context;
	if (!e)
		return false;
	take(e, (struct sample){"z9hG4bK1", "", "", true});
	take(e, (struct sample){"z9hG4bK1", A, B, false});
	if (!t_failure_met())
		assert_true(shared_ends_help(e));
	shared_ends_free(e);
	return !t_failure_met();
}

static void without_memory(void **state)
{
	(void)state;
	t_failing_walk(take_in_need, NULL);
}

static const struct t_case cases[] = {
	{"a_copy_tells_the_ends", a_copy_tells_the_ends},
	{"others_stay_as_they_are", others_stay_as_they_are},
	{"without_memory", without_memory},
};

T_MAIN(cases)
