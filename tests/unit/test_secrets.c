/* Fingerprints of passwords, also of those in URIs (RFC 3261 19.1.1). */
#include "config.h"

#include "report/secrets.h"
#include "tests/support/t.h"

/* The first digits of SHA-256 of "abc" (FIPS 180-4, B.1). */
static void secrets_have_fingerprints(void **state)
{
	struct text t = text_new(100);

	(void)state;
	secret_put(SLICE("abc"), false, &t);
	t_equal_text(text_slice(&t), "secret:ba7816bf");
	text_clear(&t);
	secret_put(SLICE("abc"), true, &t);
	t_equal_text(text_slice(&t), "abc");
	text_free(&t);
}

static void passwords_in_uris_are_found(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"sip:alice@192.0.2.1:5060", "sip:alice@192.0.2.1:5060"},
		{"INVITE sip:alice:abc@h SIP/2.0",
		 "INVITE sip:alice:secret:ba7816bf@h SIP/2.0"},
		{"SIPS:alice:abc@h", "SIPS:alice:secret:ba7816bf@h"},
		{"<sip:a:abc@h>, <sip:b:abc@i>",
		 "<sip:a:secret:ba7816bf@h>, <sip:b:secret:ba7816bf@i>"},
		{"sip:alice:@h", "sip:alice:@h"},
		{"SIP/2.0 200 call me at 3:4@5",
		 "SIP/2.0 200 call me at 3:4@5"},
		{"@", "@"},
		{"sip:@", "sip:@"},
		{"", ""},
	};
	struct text t = text_new(200);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_exact(slice_of_text(rows[i].in));

		text_clear(&t);
		secret_put_uris(in, false, &t);
		t_equal_text(text_slice(&t), rows[i].out);
		assert_int_equal(secret_in_uris(in),
				 strcmp(rows[i].in, rows[i].out) != 0);
		text_clear(&t);
		secret_put_uris(in, true, &t);
		t_equal_text(text_slice(&t), rows[i].in);
		t_release(in);
	}
	text_free(&t);
}

static const struct t_case cases[] = {
	{"secrets_have_fingerprints", secrets_have_fingerprints},
	{"passwords_in_uris_are_found", passwords_in_uris_are_found},
};
T_MAIN(cases)
