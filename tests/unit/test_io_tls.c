/* TLS and DTLS without sockets: both ends in one program. */
#include "config.h"

#include "io/tls.h"
#include "tests/support/t.h"

#define FLIGHTS 64u

/* What one end told the wire, a piece each, for the other. */
struct wire {
	struct text pieces[FLIGHTS];
	size_t count, taken;
};

struct ends {
	struct tls_context *contexts[2];
	struct tls *ends[2]; /* client, server */
	struct wire wires[2];
	struct text plain[2];
	unsigned secrets;
};

static void told(void *context, struct slice bytes)
{
	struct wire *w = context;

	assert_true(w->count < FLIGHTS);
	w->pieces[w->count] = text_new(1 << 20);
	text_put(&w->pieces[w->count++], bytes);
}

static void secret(void *context, struct slice line)
{
	struct ends *e = context;
	size_t at;

	assert_true(slice_find(line, ' ', &at));
	e->secrets++;
}

static void make(struct ends *e, bool datagrams)
{
	const char *why;

	*e = (struct ends){0};
	for (size_t i = 0; i < 2; i++) {
		struct tls_setup setup = {.client = i == 0,
					  .datagrams = datagrams,
					  .secret = i ? secret : NULL,
					  .context = e};

		assert_int_equal(tls_context_new(&setup, &e->contexts[i], &why),
				 STATUS_OK);
		e->plain[i] = text_new(1 << 20);
		e->ends[i] = tls_new(e->contexts[i], NULL, told, &e->wires[i]);
		assert_non_null(e->ends[i]);
	}
}

static void unmake(struct ends *e)
{
	for (size_t i = 0; i < 2; i++) {
		tls_free(e->ends[i]);
		tls_context_free(e->contexts[i]);
		text_free(&e->plain[i]);
		for (size_t j = 0; j < e->wires[i].count; j++)
			text_free(&e->wires[i].pieces[j]);
	}
}

/* Carries what each end has said, in pieces of up to `n` bytes, until nobody
 * says anything. */
static void carry(struct ends *e, size_t n)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < 2; i++) {
			struct wire *w = &e->wires[i];

			while (w->taken < w->count) {
				struct slice in =
					text_slice(&w->pieces[w->taken++]);

				for (; in.n; in = slice_from(in, n))
					(void)tls_receive(e->ends[!i],
							  slice_first(in, n),
							  &e->plain[!i]);
				more = true;
			}
		}
	}
}

static void streams_carry_both_ways(void **state)
{
	static char big[100000];
	struct ends e;

	(void)state;
	memset(big, 'x', sizeof(big));
	for (size_t n = 1; n < 100000; n *= 60) {
		make(&e, false);
		assert_int_equal(tls_begin(e.ends[0]), TLS_SHAKING);
		carry(&e, n);
		assert_int_equal(tls_state(e.ends[0]), TLS_OPEN);
		assert_int_equal(tls_state(e.ends[1]), TLS_OPEN);
		assert_true(e.secrets >= 4);
		assert_true(tls_send(e.ends[0], slice_of(big, sizeof(big))));
		assert_true(tls_send(e.ends[1], SLICE("answer")));
		carry(&e, n);
		t_equal_bytes(text_slice(&e.plain[1]),
			      slice_of(big, sizeof(big)));
		t_equal_text(text_slice(&e.plain[0]), "answer");
		tls_close(e.ends[0]);
		carry(&e, n);
		assert_int_equal(tls_state(e.ends[1]), TLS_ENDED);
		unmake(&e);
	}
}

static void nonsense_ends_a_stream(void **state)
{
	struct ends e;

	(void)state;
	make(&e, false);
	assert_int_equal(tls_receive(e.ends[1], SLICE("GET / HTTP/1.1\r\n\r\n"),
				     &e.plain[1]),
			 TLS_FAILED);
	assert_false(tls_send(e.ends[1], SLICE("x")));
	assert_int_equal(e.plain[1].n, 0);
	unmake(&e);
}

static const struct endpoint client = {{192, 0, 2, 1}, 5, FAMILY_IPV4, 0};
static const struct endpoint other = {{192, 0, 2, 1}, 6, FAMILY_IPV4, 0};

static struct slice last(const struct wire *w)
{
	return text_slice(&w->pieces[w->count - 1]);
}

/* A first hello gets a cookie; only who has it is let in, and only from where
 * it was sent to. */
static void datagrams_want_a_cookie(void **state)
{
	struct ends e;

	(void)state;
	make(&e, true);
	(void)tls_begin(e.ends[0]);
	assert_false(tls_listen(e.ends[1], &client, last(&e.wires[0])));
	assert_int_equal(e.wires[1].count, 1);
	assert_true(last(&e.wires[1]).n < last(&e.wires[0]).n);
	(void)tls_receive(e.ends[0], last(&e.wires[1]), &e.plain[0]);
	assert_int_equal(e.wires[0].count, 2);
	assert_false(tls_listen(e.ends[1], &other, last(&e.wires[0])));
	assert_false(tls_listen(e.ends[1], &client, SLICE("nonsense")));
	assert_true(tls_listen(e.ends[1], &client, last(&e.wires[0])));
	/* What was said to the other one is not for this. */
	e.wires[0].taken = 2;
	e.wires[1].taken = 2;
	carry(&e, 65536);
	assert_int_equal(tls_state(e.ends[0]), TLS_OPEN);
	assert_int_equal(tls_state(e.ends[1]), TLS_OPEN);
	assert_true(e.secrets >= 1);
	unmake(&e);
}

static void records_of_datagrams_stay_apart(void **state)
{
	struct text both = text_new(4096);
	struct ends e;

	(void)state;
	make(&e, true);
	(void)tls_begin(e.ends[0]);
	carry(&e, 65536);
	assert_int_equal(tls_state(e.ends[1]), TLS_OPEN);
	assert_true(tls_send(e.ends[0], SLICE("one")));
	text_put(&both, last(&e.wires[0]));
	assert_true(tls_send(e.ends[0], SLICE("two")));
	text_put(&both, last(&e.wires[0]));
	(void)tls_receive(e.ends[1], text_slice(&both), &e.plain[1]);
	t_equal_text(text_slice(&e.plain[1]), "one");
	assert_true(tls_next(e.ends[1], &e.plain[1]));
	t_equal_text(text_slice(&e.plain[1]), "two");
	assert_false(tls_next(e.ends[1], &e.plain[1]));
	assert_int_equal(e.plain[1].n, 0);
	text_free(&both);
	unmake(&e);
}

static void what_cannot_be_read_is_told(void **state)
{
	struct tls_setup setup = {.certificate = "no/such/file"};
	struct tls_context *context = NULL;
	const char *why = NULL;

	(void)state;
	assert_int_equal(tls_context_new(&setup, &context, &why), STATUS_BAD);
	assert_string_equal(why, "the certificate cannot be read");
	assert_null(context);
}

/* The server's certificate is one of its own: nobody has signed it. */
static void a_strange_certificate_is_refused(void **state)
{
	struct text words = text_new(1000);
	struct tls_setup careful = {.client = true, .verify = true};
	struct tls_context *context;
	const char *why;
	struct ends e;

	(void)state;
	make(&e, false);
	tls_free(e.ends[0]);
	assert_int_equal(tls_context_new(&careful, &context, &why), STATUS_OK);
	e.ends[0] = tls_new(context, "turn.example.org", told, &e.wires[0]);
	assert_non_null(e.ends[0]);
	assert_int_equal(tls_begin(e.ends[0]), TLS_SHAKING);
	assert_int_equal(tls_fault(e.ends[0]), TLS_FAULT_NONE);
	tls_describe(e.ends[0], &words);
	tls_reason(e.ends[0], &words);
	assert_int_equal(words.n, 0);
	carry(&e, 1000);
	assert_int_equal(tls_state(e.ends[0]), TLS_FAILED);
	assert_int_equal(tls_fault(e.ends[0]), TLS_FAULT_TRUST);
	tls_reason(e.ends[0], &words);
	t_equal_text(text_slice(&words), "self-signed certificate");
	assert_false(tls_send(e.ends[0], SLICE("hello")));
	unmake(&e);
	tls_context_free(context);
	text_free(&words);
}

static void what_is_spoken_can_be_told(void **state)
{
	struct text words = text_new(1000);
	struct ends e;

	(void)state;
	make(&e, false);
	(void)tls_begin(e.ends[0]);
	carry(&e, 1000);
	tls_describe(e.ends[0], &words);
	assert_true(slice_starts(text_slice(&words), SLICE("TLSv1.3, TLS_")));
	unmake(&e);
	text_free(&words);
}

static const struct t_case cases[] = {
	{"a_strange_certificate_is_refused", a_strange_certificate_is_refused},
	{"what_is_spoken_can_be_told", what_is_spoken_can_be_told},
	{"streams_carry_both_ways", streams_carry_both_ways},
	{"nonsense_ends_a_stream", nonsense_ends_a_stream},
	{"datagrams_want_a_cookie", datagrams_want_a_cookie},
	{"records_of_datagrams_stay_apart", records_of_datagrams_stay_apart},
	{"what_cannot_be_read_is_told", what_cannot_be_read_is_told},
};

T_MAIN(cases)
