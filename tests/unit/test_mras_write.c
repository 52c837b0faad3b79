/* MRAS and provisioning documents: what is written is read back. */
#include "config.h"

#include "dissectors/mras.h"
#include "dissectors/provisioning.h"
#include "tests/support/t.h"

#define TEXT_MAX ((size_t)65536)

struct again {
	struct arena arena;
	struct text text;
	struct decoding d;
};

static struct again again(void)
{
	return (struct again){.arena = arena_new(TEXT_MAX * 16),
			      .text = text_new(TEXT_MAX)};
}

static void again_end(struct again *a)
{
	text_free(&a->text);
	arena_free(&a->arena);
}

static struct mras write_and_read(struct again *a, const struct mras *m)
{
	struct mras back = {.count = 99};
	size_t used;

	mras_write(m, &a->text);
	a->d.arena = &a->arena;
	assert_int_equal(a->text.failed, STATUS_OK);
	assert_int_equal(mras_decode(&a->d, text_slice(&a->text), &back,
				     &used),
			 STATUS_OK);
	return back;
}

static void request_comes_back(void **state)
{
	struct mras_credentials c = {
		.id = SLICE("7"),
		.identity = SLICE("sip:a&b<c>\"@example.test"),
		.location = SLICE("internet"),
		.route = SLICE("directip"),
		.duration_min = 480,
	};
	struct mras m = {.kind = MRAS_REQUEST,
			 .request_id = SLICE("7"),
			 .version = SLICE("2.0"),
			 .from = SLICE("sip:alice@example.test"),
			 .to = SLICE("sip:edge@example.test;gruu"),
			 .credentials = &c,
			 .count = 1};
	struct again a = again();
	struct mras back = write_and_read(&a, &m);

	(void)state;
	assert_int_equal(back.kind, MRAS_REQUEST);
	assert_int_equal(back.count, 1);
	assert_true(slice_equal(back.from, m.from));
	assert_true(slice_equal(back.to, m.to));
	assert_true(slice_equal(back.credentials[0].identity, c.identity));
	assert_true(slice_equal(back.credentials[0].route, c.route));
	assert_int_equal(back.credentials[0].duration_min, 480);
	again_end(&a);
}

static void response_comes_back(void **state)
{
	struct mras_credentials c = {
		.id = SLICE("7"),
		.username = SLICE("AgAAJA=="),
		.password = SLICE("c2VjcmV0"),
		.duration_min = 60,
		.relays = {{.location = SLICE("internet"),
			    .host = SLICE("av.example.test"),
			    .udp_port = 3478,
			    .tcp_port = 443},
			   {.location = SLICE("intranet"),
			    .direct_ip = SLICE("2001:db8::1"),
			    .udp_port = 3478}},
		.relay_count = 2,
	};
	struct mras m = {.kind = MRAS_RESPONSE,
			 .version = SLICE("3.0"),
			 .server_version = SLICE("3.0"),
			 .reason = SLICE("OK"),
			 .credentials = &c,
			 .count = 1};
	struct again a = again();
	struct mras back = write_and_read(&a, &m);
	const struct mras_credentials *b = &back.credentials[0];

	(void)state;
	assert_true(slice_is(back.reason, "OK"));
	assert_true(slice_equal(b->username, c.username));
	assert_true(slice_equal(b->password, c.password));
	assert_int_equal(b->relay_count, 2);
	assert_true(slice_is(b->relays[0].host, "av.example.test"));
	assert_int_equal(b->relays[0].tcp_port, 443);
	assert_true(slice_is(b->relays[1].direct_ip, "2001:db8::1"));
	assert_int_equal(b->relays[1].tcp_port, 0);
	again_end(&a);
}

static void refusal_comes_back(void **state)
{
	struct mras m = {.kind = MRAS_RESPONSE,
			 .version = SLICE("3.0"),
			 .reason = SLICE("Request Malformed")};
	struct again a = again();
	struct mras back = write_and_read(&a, &m);

	(void)state;
	assert_int_equal(back.count, 0);
	assert_int_equal(back.request_id.n, 0);
	assert_true(slice_is(back.reason, "Request Malformed"));
	again_end(&a);
}

static void provisioning_comes_back(void **state)
{
	static const struct {
		bool has;
		const char *uri;
	} rows[] = {{true, "sip:edge@example.test"}, {true, ""}, {false, ""}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct provisioning m = {
			.has_mras_uri = rows[i].has,
			.mras_uri = slice_of_text(rows[i].uri),
			.has_port_range = true,
			.port_low = 50000,
			.port_high = 50039,
			.encryption = SLICE("RequireEncryption"),
		};
		struct provisioning back;
		struct again a = again();
		size_t used;

		provisioning_write(&m, &a.text);
		a.d.arena = &a.arena;
		assert_int_equal(provisioning_decode(&a.d,
						     text_slice(&a.text),
						     &back, &used),
				 STATUS_OK);
		assert_int_equal(back.has_mras_uri, rows[i].has);
		assert_true(slice_is(back.mras_uri, rows[i].uri));
		assert_int_equal(back.port_high, 50039);
		assert_true(slice_equal(back.encryption, m.encryption));
		again_end(&a);
	}
}

static const struct t_case cases[] = {
	{"mras_request_comes_back", request_comes_back},
	{"mras_response_comes_back", response_comes_back},
	{"mras_refusal_comes_back", refusal_comes_back},
	{"provisioning_comes_back", provisioning_comes_back},
};
T_MAIN(cases)
