/* Quality reports ([MS-QoE] 2.2.1). */
#include "config.h"

#include "dissectors/qoe.h"
#include "tests/support/dissecting.h"
#include "tests/support/t.h"

#define OPEN "<VQReportEvent xmlns=\"ms-rtcp-metrics\" Version=\"1.0\">"
#define DOCUMENT                                                           \
	"<?xml version=\"1.0\"?>" OPEN "<VQSessionReport SessionId=\"c\">" \
	"<DialogInfo CallId=\"call-1\" FromTag=\"f\" ToTag=\"t\">"         \
	"<LocalUserAgent>UCCAPI/3.5.6907.0</LocalUserAgent></DialogInfo>"  \
	"<MediaLine Label=\"main-audio\"><Description><Connectivity>"      \
	"<Ice>RELAY</Ice><IceWarningFlags>64</IceWarningFlags>"            \
	"</Connectivity><Transport>UDP</Transport><LocalAddr><IPAddr>"     \
	"192.0.2.1</IPAddr><Port>50012</Port></LocalAddr><RemoteAddr>"     \
	"<IPAddr>198.51.100.7</IPAddr><Port>50020</Port></RemoteAddr>"     \
	"</Description><InboundStream Id=\"0x11\"><Network><Jitter>"       \
	"<InterArrival>7</InterArrival></Jitter><PacketLoss><LossRate>"    \
	"0.0123</LossRate></PacketLoss><Delay><RoundTrip>31</RoundTrip>"   \
	"</Delay><Utilization><Packets>812</Packets></Utilization>"        \
	"</Network><QualityEstimates><Audio><RecvListenMOS>3.81"           \
	"</RecvListenMOS></Audio></QualityEstimates></InboundStream>"      \
	"<OutboundStream Id=\"18\"/></MediaLine></VQSessionReport>"        \
	"</VQReportEvent>"

static struct qoe decoded(struct slice in, struct t_decoding *r)
{
	struct qoe m = {0};

	t_decode(r, &qoe_dissector, in, T_DATAGRAM, &m);
	return m;
}

static void a_report_is_read(void **state)
{
	char text[ENDPOINT_TEXT_MAX];
	struct t_decoding r;
	struct qoe m = decoded(SLICE(DOCUMENT), &r);
	const struct qoe_line *line = m.lines;

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	t_equal_text(m.call_id, "call-1");
	t_equal_text(m.local_agent, "UCCAPI/3.5.6907.0");
	assert_int_equal(m.count, 1);
	t_equal_text(line->label, "main-audio");
	t_equal_text(line->connectivity, "RELAY");
	assert_true(line->has_warn);
	assert_int_equal(line->warn, 64);
	assert_string_equal(endpoint_string(&line->local, text),
			    "192.0.2.1:50012");
	assert_string_equal(endpoint_string(&line->remote, text),
			    "198.51.100.7:50020");
	assert_int_equal(line->relay.family, FAMILY_NONE);
	assert_int_equal(line->inbound.ssrc, 0x11);
	assert_int_equal(line->inbound.packets, 812);
	assert_int_equal(line->inbound.loss_permyriad, 123);
	assert_int_equal(line->inbound.jitter_ms, 7);
	assert_int_equal(line->inbound.round_trip_ms, 31);
	assert_int_equal(line->inbound.mos_hundredth, 381);
	assert_int_equal(line->outbound.ssrc, 18);
	assert_int_equal(line->outbound.loss_permyriad, QOE_UNTOLD);
	t_decode_done(&r);
}

static void other_documents_are_not_mine(void **state)
{
	static const struct {
		const char *document;
		enum status status;
	} rows[] = {
		{"<presence/>", STATUS_NOT_MINE},
		{"<VQReportEvent xmlns=\"urn:x\"/>", STATUS_NOT_MINE},
		{OPEN "</VQReportEvent>", STATUS_NOT_MINE},
		{OPEN, STATUS_BAD},
		{OPEN "<VQSessionReport/></VQReportEvent>", STATUS_OK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct t_decoding r;

		(void)decoded(slice_of_text(rows[i].document), &r);
		assert_int_equal(r.status, rows[i].status);
		t_decode_done(&r);
	}
}

static void every_length_is_safe(void **state)
{
	(void)state;
	t_prefixes(&qoe_dissector, SLICE(DOCUMENT), false);
	t_decode_failing(&qoe_dissector, SLICE(DOCUMENT));
}

static void fields(void **state)
{
	(void)state;
	t_fields_equal(&qoe_dissector, SLICE(DOCUMENT),
		       "call-id=call-1 media-line{ label=main-audio "
		       "connectivity=RELAY transport=UDP ice-warning-flags=64 "
		       "inbound{ ssrc=17 packets=812 loss-permyriad=123 "
		       "jitter-ms=7 round-trip-ms=31 mos-hundredth=381 } "
		       "outbound{ ssrc=18 } } ");
}

static const struct t_case cases[] = {
	{"a_report_is_read", a_report_is_read},
	{"other_documents_are_not_mine", other_documents_are_not_mine},
	{"every_length_is_safe", every_length_is_safe},
	{"fields", fields},
};
T_MAIN(cases)
