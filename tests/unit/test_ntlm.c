/* NTLM and what it signs, by the vectors of [MS-NLMP] 4.2 and by an exchange of
 * Communicator 2007 R2 with its server that the SIPE project published. */
#include "config.h"

#include "dissectors/ntlm.h"
#include "engine/sip_association.h"
#include "tests/support/t.h"

static void assert_hex(const uint8_t *got, size_t n, const char *want)
{
	struct slice bytes = t_hex(want);

	t_equal_bytes(slice_of(got, n), bytes);
	t_release(bytes);
}

/* ---- the published exchange ---- */

#define NONCE "dd1baaf4e7e218d1"
#define NAMES                                                              \
	"02000a0043004f0053004d004f000100180043004f0053004d004f002d004f00" \
	"430053002d00520032000400160063006f0073006d006f002e006c006f006300" \
	"61006c000300300063006f0073006d006f002d006f00630073002d0072003200" \
	"2e0063006f0073006d006f002e006c006f00630061006c000500160063006f00" \
	"73006d006f002e006c006f00630061006c0000000000"
#define PROOF                                                              \
	"4e544c4d53535000030000001800180072000000c600c6008a0000000a000a00" \
	"480000000800080052000000180018005a000000100010005001000055829862" \
	"0502ce0e0000000f43004f0053004d004f00550073006500720043004f005300" \
	"4d004f002d004f00430053002d0052003200a1e92efe4e078bf7c5c0049acc61" \
	"66c2d6ae875cb0fdaa418dc0c800ae76eca606d2b9fbebd04731010100000000" \
	"000059519a1727b9ca01d6ae875cb0fdaa4100000000" NAMES "00000000"    \
	"31cb739e1ca80a498591e8ae797115e4"

struct exchange {
	struct slice bytes;
	struct ntlm_challenge challenge;
	struct ntlm_proof proof;
};

static void begin(struct exchange *x)
{
	struct slice nonce = t_hex(NONCE);

	*x = (struct exchange){.bytes = t_hex(PROOF)};
	memcpy(x->challenge.nonce, nonce.p, nonce.n);
	t_release(nonce);
	assert_int_equal(ntlm_read_proof(x->bytes, &x->proof), STATUS_OK);
}

static void published_password_is_right(void **state)
{
	struct exchange x;
	struct ntlm_keys keys;
	struct text name = text_new(64);

	(void)state;
	begin(&x);
	ntlm_user(&x.proof, &name);
	t_equal_text(text_slice(&name), "User");
	assert_true(
		ntlm_check(&x.challenge, &x.proof, SLICE("Pa$$word"), &keys));
	assert_false(
		ntlm_check(&x.challenge, &x.proof, SLICE("Pa$$Word"), &keys));
	x.challenge.nonce[0] ^= 1;
	assert_false(
		ntlm_check(&x.challenge, &x.proof, SLICE("Pa$$word"), &keys));
	text_free(&name);
	t_release(x.bytes);
}

/* What both sides signed, from the published messages. */
static struct association_text signed_text(bool response)
{
	struct association_text what = {
		.claim = {.scheme = SLICE("NTLM"),
			  .random = SLICE("13317733"),
			  .number = SLICE("1"),
			  .realm = SLICE("SIP Communications Service"),
			  .target = SLICE("cosmo-ocs-r2.cosmo.local"),
			  .signature =
				  SLICE("0100000029618e9651b65a7764000000")},
		.call_id = SLICE("4037df9284354df39065195bd57a4b14"),
		.method = SLICE("REGISTER"),
		.from_uri = SLICE("sip:user@cosmo.local"),
		.from_tag = SLICE("3e49177a52"),
		.to_uri = SLICE("sip:user@cosmo.local"),
		.cseq = 3,
	};

	if (response) {
		what.claim.random = SLICE("9616454F");
		what.to_tag = SLICE("5E61CCD925D17E043D9A74835A88F664");
		what.expires = SLICE("7200");
		what.status = 200;
	}
	return what;
}

static void published_signatures_are_made(void **state)
{
	struct association a = {.version = 4};
	struct association_text request = signed_text(false);
	struct association_text response = signed_text(true);
	char hex[2 * NTLM_SIGNATURE_SIZE + 1];
	struct exchange x;

	(void)state;
	begin(&x);
	assert_true(
		ntlm_check(&x.challenge, &x.proof, SLICE("Pa$$word"), &a.keys));
	association_sign(&a, &response, hex);
	assert_string_equal(hex, "01000000E615438A917661BE64000000");
	assert_true(association_verify(&a, &request));
	/* Once, and nothing else. */
	assert_false(association_verify(&a, &request));
	request.claim.number = SLICE("2");
	assert_false(association_verify(&a, &request));
	t_release(x.bytes);
}

/* ---- the client's side ---- */

static uint64_t filetime_of(struct slice bytes)
{
	uint64_t n = 0;

	for (size_t i = bytes.n; i-- > 0;)
		n = n << 8 | bytes.p[i];
	return n;
}

/* The key that the published client diced: out of what it sent encrypted. */
static void diced_key(const struct exchange *x, uint8_t out[MD5_SIZE])
{
	struct slice stamp = slice_cut(x->proof.response, 24, 8);
	struct ntlm_offer offer = {.flags = x->proof.flags};
	struct ntlm_self self = {.user = SLICE("User"),
				 .domain = SLICE("COSMO"),
				 .password = SLICE("Pa$$word"),
				 .time = filetime_of(stamp)};
	struct text made = text_new(NTLM_MESSAGE_MAX);
	struct ntlm_proof again;
	struct ntlm_keys keys;

	/* With a key of zeros, what is sent is the stream of the cipher. */
	memcpy(offer.nonce, x->challenge.nonce, sizeof(offer.nonce));
	memcpy(self.nonce, x->proof.response.p + 32, sizeof(self.nonce));
	offer.names =
		slice_cut(x->proof.response, 44, x->proof.response.n - 48);
	assert_int_equal(ntlm_write_proof(&offer, &self, &made, &keys),
			 STATUS_OK);
	assert_int_equal(ntlm_read_proof(text_slice(&made), &again), STATUS_OK);
	for (size_t i = 0; i < MD5_SIZE; i++)
		out[i] = again.key.p[i] ^ x->proof.key.p[i];
	text_free(&made);
}

/* Byte for byte, but for the version of Windows (at 64), and with its keys. */
static void published_proof_is_written(void **state)
{
	struct ntlm_self self = {.user = SLICE("User"),
				 .domain = SLICE("COSMO"),
				 .host = SLICE("COSMO-OCS-R2"),
				 .password = SLICE("Pa$$word")};
	struct text made = text_new(NTLM_MESSAGE_MAX);
	struct ntlm_offer offer = {0};
	struct ntlm_keys ours, theirs;
	struct exchange x;

	(void)state;
	begin(&x);
	offer.flags = x.proof.flags;
	offer.names = slice_cut(x.proof.response, 44, x.proof.response.n - 48);
	memcpy(offer.nonce, x.challenge.nonce, sizeof(offer.nonce));
	memcpy(self.nonce, x.proof.response.p + 32, sizeof(self.nonce));
	self.time = filetime_of(slice_cut(x.proof.response, 24, 8));
	diced_key(&x, self.key);
	assert_int_equal(ntlm_write_proof(&offer, &self, &made, &ours),
			 STATUS_OK);
	assert_true(
		ntlm_check(&x.challenge, &x.proof, SLICE("Pa$$word"), &theirs));
	t_equal_bytes(slice_first(text_slice(&made), 64),
		      slice_first(x.bytes, 64));
	t_equal_bytes(slice_from(text_slice(&made), 72),
		      slice_from(x.bytes, 72));
	assert_memory_equal(&ours.client, &theirs.client, sizeof(ours.client));
	assert_memory_equal(&ours.server, &theirs.server, sizeof(ours.server));
	assert_true(ours.exchanged && theirs.exchanged);
	text_free(&made);
	t_release(x.bytes);
}

/* What we write answers what we write, with and without a key of its own and
 * the time of the server. */
static void our_proof_fits_our_challenge(void **state)
{
	struct ntlm_challenge challenge = {
		.nonce = {1, 2, 3}, .domain = SLICE("d"), .host = SLICE("h")};
	struct ntlm_self self = {.user = SLICE("\xc3\xa4lice"),
				 .password = SLICE("w\xc3\xb6nder"),
				 .nonce = {9},
				 .key = {8, 7},
				 .time = 5};
	struct slice timed = t_hex("070008000102030405060708 00000000");

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct text said = text_new(NTLM_MESSAGE_MAX);
		struct text made = text_new(NTLM_MESSAGE_MAX);
		struct ntlm_keys ours, theirs;
		struct ntlm_offer offer;
		struct ntlm_proof proof;

		ntlm_write_challenge(&challenge, &said);
		assert_int_equal(ntlm_read_offer(text_slice(&said), &offer),
				 STATUS_OK);
		assert_memory_equal(offer.nonce, challenge.nonce, 8);
		if (i & 1)
			offer.flags &= ~UINT32_C(0x40000000);
		if (i & 2)
			offer.names = timed;
		assert_int_equal(ntlm_write_proof(&offer, &self, &made, &ours),
				 STATUS_OK);
		assert_int_equal(ntlm_read_proof(text_slice(&made), &proof),
				 STATUS_OK);
		assert_true(
			ntlm_check(&challenge, &proof, self.password, &theirs));
		assert_memory_equal(&ours.client, &theirs.client,
				    sizeof(ours.client));
		assert_int_equal(ours.exchanged, !(i & 1));
		if (i & 2)
			t_equal_bytes(slice_cut(proof.response, 24, 8),
				      slice_cut(timed, 4, 8));
		text_free(&said);
		text_free(&made);
	}
	t_release(timed);
}

/* Cut anywhere, and with places that lead outside. */
static void damaged_offers_are_refused(void **state)
{
	struct ntlm_challenge challenge = {.domain = SLICE("d"),
					   .host = SLICE("h")};
	struct text said = text_new(NTLM_MESSAGE_MAX);
	struct ntlm_offer offer;

	(void)state;
	ntlm_write_challenge(&challenge, &said);
	for (size_t n = 0; n < said.n; n++) {
		struct slice exact = t_exact(slice_first(text_slice(&said), n));

		assert_int_equal(ntlm_read_offer(exact, &offer), STATUS_BAD);
		t_release(exact);
	}
	said.p[44] = (char)0xFF; /* where the names stand */
	assert_int_equal(ntlm_read_offer(text_slice(&said), &offer),
			 STATUS_BAD);
	text_free(&said);
}

static void long_names_are_refused(void **state)
{
	char name[400];
	struct ntlm_self self = {.password = SLICE("x")};
	struct ntlm_offer offer = {.flags = 0x40000000};
	struct text made = text_new(NTLM_MESSAGE_MAX);
	struct ntlm_keys keys;

	(void)state;
	memset(name, 'n', sizeof(name));
	self.user = slice_of(name, sizeof(name));
	assert_int_equal(ntlm_write_proof(&offer, &self, &made, &keys),
			 STATUS_LIMIT);
	text_clear(&made);
	self.user = SLICE("u");
	self.password = slice_of(name, sizeof(name));
	assert_int_equal(ntlm_write_proof(&offer, &self, &made, &keys),
			 STATUS_LIMIT);
	text_free(&made);
}

/* ---- what is refused ---- */

static void damaged_proofs_are_refused(void **state)
{
	struct exchange x;
	struct ntlm_keys keys;

	(void)state;
	begin(&x);
	for (size_t n = 0; n < x.bytes.n; n++) {
		struct slice exact = t_exact(slice_first(x.bytes, n));
		struct ntlm_proof proof;

		assert_false(ntlm_read_proof(exact, &proof) == STATUS_OK &&
			     ntlm_check(&x.challenge, &proof, SLICE("Pa$$word"),
					&keys));
		t_release(exact);
	}
	/* 40 bits, no extended security, not without connection. */
	for (unsigned bit = 0; bit < 3; bit++) {
		static const uint32_t bits[] = {0x20000000, 0x00080000,
						0x00000040};
		struct ntlm_proof proof = x.proof;

		proof.flags &= ~bits[bit];
		assert_false(ntlm_check(&x.challenge, &proof, SLICE("Pa$$word"),
					&keys));
	}
	t_release(x.bytes);
}

static void numbers_count_once(void **state)
{
	static const struct {
		const char *number;
		bool good;
	} rows[] = {{"0", false}, {"5", true},          {"5", false},
		    {"3", true},  {"3", false},         {"200", true},
		    {"5", false}, {"136", false},       {"137", true},
		    {"x", false}, {"4294967295", true}, {"4294967296", false}};
	struct association a = {.version = 4};
	struct association_text text = signed_text(false);
	char hex[2 * NTLM_SIGNATURE_SIZE + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct association client = a;

		text.claim.number = slice_of_text(rows[i].number);
		/* With the same keys on both sides, ours is the client's. */
		client.keys.server = client.keys.client;
		association_sign(&client, &text, hex);
		text.claim.signature = slice_of(hex, 32);
		assert_int_equal(association_verify(&a, &text), rows[i].good);
	}
}

/* ---- our challenge ---- */

static void challenge_says_who_we_are(void **state)
{
	struct ntlm_challenge c = {.nonce = {1, 2, 3, 4, 5, 6, 7, 8},
				   .domain = SLICE("d"),
				   .host = SLICE("h")};
	struct text out = text_new(NTLM_MESSAGE_MAX);

	(void)state;
	ntlm_write_challenge(&c, &out);
	assert_hex((const uint8_t *)out.p, out.n,
		   "4e544c4d53535000 02000000 0200 0200 38000000 55829962"
		   "0102030405060708 0000000000000000 1c00 1c00 3a000000"
		   "0a00614a0000000f 6400"
		   "0200 0200 6400 0100 0200 6800"
		   "0400 0200 6400 0300 0200 6800 00000000");
	text_free(&out);
}

static const struct t_case cases[] = {
	{"published_password_is_right", published_password_is_right},
	{"published_signatures_are_made", published_signatures_are_made},
	{"published_proof_is_written", published_proof_is_written},
	{"our_proof_fits_our_challenge", our_proof_fits_our_challenge},
	{"damaged_offers_are_refused", damaged_offers_are_refused},
	{"long_names_are_refused", long_names_are_refused},
	{"damaged_proofs_are_refused", damaged_proofs_are_refused},
	{"numbers_count_once", numbers_count_once},
	{"challenge_says_who_we_are", challenge_says_who_we_are},
};

T_MAIN(cases)
