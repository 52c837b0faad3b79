/* Endpoint identities ([MS-SIPRE]): a published trace, and a vector. */
#include "config.h"

#include "dissectors/sip_identity.h"
#include "tests/support/t.h"

static const struct {
	const char *epid, *instance, *opaque;
} rows[] = {
	/* a published registration of OC 2007 R2 */
	{"c8ca638a15", "34d859db-6585-5f91-a3b4-de853c15347d",
	 "21nYNIVlkV-jtN6FPBU0fQAA"},
	{"a1b2c3d4e5", "7446beda-e8b3-53b7-a965-b85a66a31cfc",
	 "2r5GdLPot1OpZbhaZqMc_AAA"},
};

static void instances_come_from_the_epid(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char text[SIP_UUID_TEXT + 1];

		sip_instance_of_epid(slice_of_text(rows[i].epid), text);
		assert_string_equal(text, rows[i].instance);
	}
}

static void gruus_come_from_the_instance(void **state)
{
	char text[SIP_EPID_OPAQUE_TEXT + 1];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(sip_opaque_of_instance(
					 slice_of_text(rows[i].instance), text),
				 STATUS_OK);
		assert_string_equal(text, rows[i].opaque);
	}
	/* Case does not matter: requests use upper, responses lower. */
	assert_int_equal(
		sip_opaque_of_instance(
			SLICE("34D859DB-6585-5F91-A3B4-DE853C15347D"), text),
		STATUS_OK);
	assert_string_equal(text, rows[0].opaque);
}

static void what_is_no_uuid_is_bad(void **state)
{
	static const char *const values[] = {
		"", "34d859db-6585-5f91-a3b4-de853c15347",
		"34d859db-6585-5f91-a3b4-de853c15347g",
		"34d859db+6585-5f91-a3b4-de853c15347d",
		"34d859db-6585-5f91-a3b4-de853c15347d0"};
	char text[SIP_EPID_OPAQUE_TEXT + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_int_equal(
			sip_opaque_of_instance(slice_of_text(values[i]), text),
			STATUS_BAD);
}

static void uuids_are_taken_out_of_urns(void **state)
{
	(void)state;
	t_equal_text(sip_instance_uuid(SLICE("<urn:uuid:34D8>")), "34D8");
	t_equal_text(sip_instance_uuid(SLICE(" URN:UUID:34D8 ")), "34D8");
	t_equal_text(sip_instance_uuid(SLICE("34d8")), "34d8");
	t_equal_text(sip_instance_uuid(SLICE("")), "");
}

static const struct t_case cases[] = {
	{"instances_come_from_the_epid", instances_come_from_the_epid},
	{"gruus_come_from_the_instance", gruus_come_from_the_instance},
	{"what_is_no_uuid_is_bad", what_is_no_uuid_is_bad},
	{"uuids_are_taken_out_of_urns", uuids_are_taken_out_of_urns},
};
T_MAIN(cases)
