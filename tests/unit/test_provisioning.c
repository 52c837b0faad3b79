/* In-band provisioning ([MS-SIPREGE] 2.2.2.5). */
#include "config.h"

#include "dissectors/provisioning.h"
#include "tests/support/dissecting.h"
#include "tests/support/t.h"

#define NOTIFICATION                                        \
	"xmlns=\"http://schemas.microsoft.com/2006/09/sip/" \
	"provisiongrouplist-notification\""
#define EDGE                                                          \
	"sip:edge01.example.test@example.test;gruu;opaque=srvr:MRAS:" \
	"AAECAwQFBgcICQoLDA0ODwAA"
#define POOL                                                     \
	"sip:pool01.example.test@example.test;gruu;opaque=srvr:" \
	"HomeServer:EBESExQVFhcYGRobHB0eHwAA"

#define DOCUMENT                                                     \
	"<?xml version=\"1.0\"?>\n"                                  \
	"<provisionGroupList " NOTIFICATION ">\n"                    \
	" <provisionGroup name=\"ServerConfiguration\">\n"           \
	"  <ucPortRangeEnabled>true</ucPortRangeEnabled>\n"          \
	"  <ucMinMediaPort>50000</ucMinMediaPort>"                   \
	"<ucMaxMediaPort>50039</ucMaxMediaPort>\n"                   \
	"  <ucPC2PCAVEncryption>RequireEncryption"                   \
	"</ucPC2PCAVEncryption>\n"                                   \
	"  <poolUri>" POOL "</poolUri>\n"                            \
	"  <mrasUri> " EDGE "\n</mrasUri>\n"                         \
	" </provisionGroup>\n"                                       \
	" <provisionGroup name=\"mediaConfiguration\">\n"            \
	"  <propertyEntryList><property name=\"bypassEnabled\">true" \
	"</property></propertyEntryList>\n"                          \
	" </provisionGroup>\n"                                       \
	"</provisionGroupList>\n"

static struct provisioning decoded(const char *document, struct t_decoding *r)
{
	struct provisioning m = {0};

	t_decode(r, &provisioning_dissector, slice_of_text(document),
		 T_DATAGRAM, &m);
	return m;
}

static void notification_is_read(void **state)
{
	struct t_decoding r;
	struct provisioning m = decoded(DOCUMENT, &r);

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.used, r.bytes.n);
	assert_int_equal(m.group_count, 2);
	assert_true(m.has_mras_uri);
	t_equal_text(m.mras_uri, EDGE);
	t_equal_text(m.pool, POOL);
	t_equal_text(m.encryption, "RequireEncryption");
	assert_true(m.has_port_range);
	assert_int_equal(m.port_low, 50000);
	assert_int_equal(m.port_high, 50039);
	t_decode_done(&r);
}

/* Empty and absent both mean no Edge, but are told apart. */
static void empty_mras_uri_is_there(void **state)
{
	struct t_decoding r;
	struct provisioning m = decoded(
		"<provisionGroupList " NOTIFICATION "><provisionGroup "
		"name='ServerConfiguration'><mrasUri/>"
		"<ucPortRangeEnabled>false</ucPortRangeEnabled>"
		"<ucMinMediaPort>70000</ucMinMediaPort></provisionGroup>"
		"</provisionGroupList>",
		&r);

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_true(m.has_mras_uri);
	assert_int_equal(m.mras_uri.n, 0);
	assert_false(m.has_port_range);
	assert_int_equal(m.port_low, 0);
	t_decode_done(&r);
}

/* What a client subscribes to, in the other spelling. */
static void subscription_names_groups_only(void **state)
{
	struct t_decoding r;
	struct provisioning m = decoded(
		"<provisioningGroupList xmlns=\"http://schemas.microsoft.com/"
		"2006/09/sip/provisioninggrouplist\"><provisioningGroup "
		"name=\"ServerConfiguration\"/><provisioningGroup "
		"name=\"ucPolicy\"/></provisioningGroupList>",
		&r);

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.group_count, 2);
	assert_false(m.has_mras_uri);
	t_decode_done(&r);
}

static void other_documents_are_not_mine(void **state)
{
	static const struct {
		const char *document;
		enum status status;
		enum claim claim;
	} rows[] = {
		{"<presence/>", STATUS_NOT_MINE, CLAIM_NO},
		{"<provisionGroupList/>", STATUS_NOT_MINE, CLAIM_NO},
		{"<provisionGroupList " NOTIFICATION ">", STATUS_BAD,
		 CLAIM_MAYBE},
		{"<provisionGroupList " NOTIFICATION "/>", STATUS_OK,
		 CLAIM_MAYBE},
		{"<!DOCTYPE a><provisionGroupList " NOTIFICATION "/>",
		 STATUS_LIMIT, CLAIM_MAYBE},
		{"", STATUS_BAD, CLAIM_NO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct t_decoding r;

		(void)decoded(rows[i].document, &r);
		if (r.status != rows[i].status ||
		    provisioning_claims(r.bytes, false) != rows[i].claim)
			fail_msg("row %s", rows[i].document);
		t_decode_done(&r);
	}
}

static void every_length_is_safe(void **state)
{
	(void)state;
	t_prefixes(&provisioning_dissector, SLICE(DOCUMENT), false);
	t_decode_failing(&provisioning_dissector, SLICE(DOCUMENT));
}

static void fields(void **state)
{
	(void)state;
	t_fields_equal(&provisioning_dissector, SLICE(DOCUMENT),
		       "groups=2 mras-uri=" EDGE " media-port-low=50000 "
		       "media-port-high=50039 encryption=RequireEncryption "
		       "bypass-id= bypass-internal= bypass-external= "
		       "pool-uri=" POOL " ");
}

static const struct t_case cases[] = {
	{"notification_is_read", notification_is_read},
	{"empty_mras_uri_is_there", empty_mras_uri_is_there},
	{"subscription_names_groups_only", subscription_names_groups_only},
	{"other_documents_are_not_mine", other_documents_are_not_mine},
	{"every_length_is_safe", every_length_is_safe},
	{"fields", fields},
};
T_MAIN(cases)
