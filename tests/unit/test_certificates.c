/* Certificates of DTLS handshakes against what SDP promises (RFC 8122). */
#include "config.h"

#include "core/crypto.h"
#include "dissectors/tls.h"
#include "tests/support/heard.h"
#include "tests/support/t.h"

/* Certificate messages in records: the list has one of five bytes. */
#define RECORD "16 fefd 0000 000000000001 "
#define WHOLE \
	RECORD "0017 0b 00000b 0001 000000 00000b 000008 000005 3003020101"
#define PART_1 RECORD "0010 0b 00000b 0001 000000 000004 00000800"
#define PART_2 RECORD "0013 0b 00000b 0001 000004 000007 0005 3003020101"
/* Two messages in one record: ServerHelloDone stands for any other. */
#define SECOND                                      \
	RECORD "0023 0e 000000 0001 000000 000000 " \
	       "0b 00000b 0002 000000 00000b 000008 000005 3003020101"
#define OTHER \
	RECORD "0017 0b 00000b 0001 000000 00000b 000008 000005 3003020102"
#define LYING RECORD "0010 0b 00000b 0001 000009 000004 00000800"
#define ENCRYPTED                                                      \
	"16 fefd 0001 000000000001 0017 0b 00000b 0001 000000 00000b " \
	"000008 000005 3003020101"

static const struct slice certificate = WIRE_BYTES("\x30\x03\x02\x01\x01");

/* The description of an INVITE, or its 200, with a fingerprint of the
 * certificate. */
static void promise(struct wire *w, const char *hash, bool upper, bool answer)
{
	uint8_t digest[SHA256_SIZE];
	char body[600], hex[200];
	size_t n, at = 0;

	if (strcmp(hash, "sha-1") == 0)
		sha1(&certificate, 1, digest);
	else
		sha256(&certificate, 1, digest);
	n = strcmp(hash, "sha-1") == 0 ? SHA1_SIZE : SHA256_SIZE;
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(hex + at, sizeof(hex) - at,
				       upper ? "%s%02X" : "%s%02x",
				       i ? ":" : "", digest[i]);
	snprintf(body, sizeof(body),
		 "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"
		 "m=audio 5000 UDP/TLS/RTP/SAVP 0\r\n"
		 "c=IN IP4 192.0.2.1\r\na=setup:actpass\r\n"
		 "a=fingerprint:%s %s\r\n",
		 hash, hex);
	wire_sip(w, answer ? "2:5060" : "1:5060", answer ? "1:5060" : "2:5060",
		 &(struct wire_sip){.start = answer ? "200 OK"
						    : "INVITE "
						      "sip:bob@example.org",
				    .call = "call-1",
				    .cseq = "1 INVITE",
				    .to_tag = answer ? "t" : NULL,
				    .body = body});
}

static const struct row {
	const char *name;
	const char *hash; /* NULL: nothing is promised */
	bool upper, certified, answered;
	enum certificate_state want;
	const char *records[3];
} rows[] = {
	{"whole", "sha-256", true, true, false, CERTIFICATE_MATCHES, {WHOLE}},
	{"in small letters",
	 "sha-256",
	 false,
	 true,
	 false,
	 CERTIFICATE_MATCHES,
	 {WHOLE}},
	{"with another hash",
	 "sha-1",
	 true,
	 true,
	 false,
	 CERTIFICATE_MATCHES,
	 {WHOLE}},
	{"in two parts",
	 "sha-256",
	 true,
	 true,
	 false,
	 CERTIFICATE_MATCHES,
	 {PART_1, PART_2}},
	{"in two parts, the second first, one twice",
	 "sha-256",
	 true,
	 true,
	 false,
	 CERTIFICATE_MATCHES,
	 {PART_2, PART_2, PART_1}},
	{"behind another message",
	 "sha-256",
	 true,
	 true,
	 false,
	 CERTIFICATE_MATCHES,
	 {SECOND}},
	{"a part is missing",
	 "sha-256",
	 true,
	 false,
	 false,
	 CERTIFICATE_UNCHECKED,
	 {PART_2}},
	{"longer than it says",
	 "sha-256",
	 true,
	 false,
	 false,
	 CERTIFICATE_UNCHECKED,
	 {LYING}},
	{"encrypted",
	 "sha-256",
	 true,
	 false,
	 false,
	 CERTIFICATE_UNCHECKED,
	 {ENCRYPTED}},
	{"nothing is promised",
	 NULL,
	 true,
	 true,
	 false,
	 CERTIFICATE_UNCHECKED,
	 {WHOLE}},
	{"another one, and both descriptions",
	 "sha-256",
	 true,
	 true,
	 true,
	 CERTIFICATE_DIFFERS,
	 {OTHER}},
	/* It may be what the other description promises. */
	{"another one, and one description",
	 "sha-256",
	 true,
	 true,
	 false,
	 CERTIFICATE_UNCHECKED,
	 {OTHER}},
};

static void a_certificate_is_what_was_promised(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct handshake *h;
		struct model model;
		struct wire w;

		wire_open(&w);
		if (rows[i].hash)
			promise(&w, rows[i].hash, rows[i].upper, false);
		if (rows[i].answered)
			promise(&w, rows[i].hash, rows[i].upper, true);
		for (size_t k = 0; k < 3 && rows[i].records[k]; k++) {
			struct slice record = t_hex(rows[i].records[k]);

			wire_udp(&w, "1:5000", "3:6000", record);
			t_release(record);
		}
		heard_model(&w, NULL, &model);
		wire_close(&w);
		assert_int_equal(model.handshakes.count, 1);
		h = list_at(&model.handshakes, 0);
		if (h->fingerprint != rows[i].want ||
		    h->certified[0] != rows[i].certified || h->certified[1] ||
		    h->cited.count == 0) {
			print_error("%s: %u\n", rows[i].name, h->fingerprint);
			wrong++;
		}
		model_free(&model);
	}
	assert_int_equal(wrong, 0);
}

static void fragments_stay_inside_their_message(void **state)
{
	static const struct {
		size_t count;
		const char *body;
	} cases[] = {
		{1, "0b 000002 0001 000000 000002 aabb"},
		{2, "0b 000002 0001 000000 000001 aa 0b 000002 0001 000001 "
		    "000001 bb"},
		{0, "0b 000002 0001 000001 000002 aabb"},
		{0, "0b 000002 0001 000003 000000"},
		{0, "0b 000002 0001 000000 000002 aa"},
		{0, "0b 000002 0001 000000"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice in = t_hex(cases[i].body), rest = in;
		struct dtls_fragment part;
		size_t count = 0;

		while (rest.n && dtls_fragment_next(&rest, &part))
			count++;
		assert_int_equal(count, cases[i].count);
		t_release(in);
	}
}

static const struct t_case cases[] = {
	{"a_certificate_is_what_was_promised",
	 a_certificate_is_what_was_promised},
	{"fragments_stay_inside_their_message",
	 fragments_stay_inside_their_message},
};
T_MAIN(cases)
