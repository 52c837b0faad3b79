/* SDP: descriptions of all dialects, fragments, tolerance and findings. */
#include "config.h"

#include "core/text.h"
#include "dissectors/sdp_parts.h"
#include "tests/support/collected.h"
#include "tests/support/t.h"

#define ARENA ((size_t)4 << 20)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct decoded {
	struct arena arena;
	struct findings findings;
	struct sdp sdp;
	enum status status;
	size_t used;
};

static struct decoded decode(struct slice in)
{
	struct decoded got = {.arena = arena_new(ARENA)};
	struct decoding d = {.arena = &got.arena, .findings = &got.findings};

	got.status = sdp_decode(&d, in, &got.sdp, &got.used);
	return got;
}

static void release(struct decoded *got)
{
	arena_free(&got->arena);
}

/* ---- whole descriptions ---- */

#define HEAD                                                                 \
	"v=0\r\no=- 7 2 IN IP4 192.0.2.10\r\ns=session\r\n"                  \
	"c=IN IP4 192.0.2.10\r\nt=0 0\r\n"
#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
#define PRINT                                                                \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"                   \
	"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff"

/* The shape of Lync clients ([MS-SDPEXT], [MS-ICE2]). */
#define LYNC                                                                 \
	"v=0\r\no=- 0 1 IN IP4 192.0.2.10\r\ns=session\r\n"                  \
	"c=IN IP4 192.0.2.10\r\nb=CT:99980\r\nt=0 0\r\n"                     \
	"a=x-devicecaps:audio:send,recv\r\n"                                 \
	"m=audio 50010 RTP/SAVP 104 9 0 13\r\n"                              \
	"a=x-ssrc-range:1000-1000\r\na=label:main-audio\r\n"                 \
	"a=ice-ufrag:AbCd\r\na=ice-pwd:0123456789abcdefABCDEF+/\r\n"         \
	"a=candidate:1 1 UDP 2130706431 192.0.2.10 50010 typ host \r\n"      \
	"a=candidate:1 2 UDP 2130705918 192.0.2.10 50011 typ host \r\n"      \
	"a=candidate:2 1 TCP-PASS 174456319 198.51.100.5 55001 typ relay "   \
	"raddr 192.0.2.10 rport 50024 \r\n"                                  \
	"a=candidate:4 1 TCP-ACT 174848511 198.51.100.5 55001 typ relay "    \
	"raddr 192.0.2.10 rport 50024 \r\n"                                  \
	"a=x-candidate-ipv6:6 1 UDP 2130705919 2001:db8::10 50030 typ "      \
	"host \r\n"                                                          \
	"a=cryptoscale:1 client AES_CM_128_HMAC_SHA1_80 inline:" KEY         \
	"|2^31|1:1\r\n"                                                      \
	"a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|2^31|1:1\r\n"     \
	"a=rtcp:50011\r\na=rtpmap:104 SILK/16000\r\n"                        \
	"a=fmtp:104 useinbandfec=1\r\na=x-bypassid:B1-2\r\n"                 \
	"a=encryption:optional\r\na=rtcp-mux\r\na=ptime:20\r\n"

static void a_lync_offer_is_read(void **state)
{
	struct decoded got = decode(SLICE(LYNC));
	const struct sdp_media *m = &got.sdp.media[0];

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_int_equal(got.used, sizeof(LYNC) - 1);
	assert_int_equal(got.findings.count, 0);
	assert_false(got.sdp.fragment);
	t_equal_text(got.sdp.origin, "- 0 1 IN IP4 192.0.2.10");
	t_equal_text(got.sdp.origin_username, "-");
	t_equal_text(got.sdp.session_id, "0");
	t_equal_text(got.sdp.session_version, "1");
	assert_int_equal(got.sdp.media_count, 1);
	assert_int_equal(got.sdp.candidate_count, 5);
	t_equal_text(m->kind, "audio");
	assert_int_equal(m->port, 50010);
	t_equal_text(m->proto, "RTP/SAVP");
	t_equal_text(m->formats, "104 9 0 13");
	t_equal_text(m->label, "main-audio");
	t_equal_text(m->bypass_id, "B1-2");
	t_equal_text(m->encryption, "optional");
	t_equal_text(m->transport.ice_ufrag, "AbCd");
	t_equal_text(m->transport.ice_pwd, "0123456789abcdefABCDEF+/");
	t_equal_text(m->transport.connection, "IN IP4 192.0.2.10");
	assert_int_equal(m->transport.address.family, FAMILY_IPV4);
	assert_true(m->has_crypto && m->rtcp_mux);
	assert_int_equal(m->crypto_count, 2);
	assert_true(m->cryptos[0].scale && !m->cryptos[1].scale);
	assert_int_equal(m->cryptos[0].tag, 1);
	assert_int_equal(m->cryptos[1].tag, 2);
	t_equal_text(m->cryptos[0].suite, "AES_CM_128_HMAC_SHA1_80");
	t_equal_text(m->cryptos[1].suite, "AES_CM_128_HMAC_SHA1_80");
	assert_int_equal(m->rtcp.port, 50011);
	assert_int_equal(m->rtcp.family, FAMILY_NONE);
	assert_int_equal(m->candidate_count, 5);
	assert_int_equal(m->candidates[3].grammar, GRAMMAR_MS_19);
	assert_true(m->candidates[4].ipv6_attribute);
	assert_int_equal(m->codec_count, 4);
	t_equal_text(m->codecs[0].name, "SILK");
	assert_int_equal(m->codecs[0].clock_rate, 16000);
	t_equal_text(m->codecs[1].name, "G722");
	assert_int_equal(m->codecs[1].clock_rate, 8000);
	release(&got);
}

#define ID_06 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static void the_fallback_for_ocs_2007_is_no_fragment(void **state)
{
	struct decoded got = decode(
		SLICE("m=audio 50040 RTP/SAVP 9 0 8 101\r\n"
		      "a=candidate:" ID_06 " 1 oKGio6SlpqeoqaqrrK2urw UDP "
		      "0.830 192.0.2.10 50040 \r\n"
		      "a=candidate:" ID_06 " 2 oKGio6SlpqeoqaqrrK2urw UDP "
		      "0.830 192.0.2.10 50041 \r\n"
		      "a=remote-candidate:" ID_06 "\r\n"));

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_int_equal(got.findings.count, 0);
	assert_false(got.sdp.fragment);
	assert_int_equal(got.sdp.candidate_count, 2);
	assert_int_equal(got.sdp.media[0].candidates[1].grammar,
			 GRAMMAR_MS_06);
	t_equal_text(got.sdp.media[0].remote_candidate_id, ID_06);
	release(&got);
	/* The stub of third parties. */
	got = decode(SLICE("m=audio 0 RTP/AVP\r\n"));
	assert_int_equal(got.status, STATUS_OK);
	assert_int_equal(got.findings.count, 0);
	assert_int_equal(got.sdp.media[0].codec_count, 0);
	release(&got);
}

#define BROWSER                                                              \
	"v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"             \
	"a=group:BUNDLE 0 1\r\na=ice-options:trickle ice2\r\n"               \
	"a=fingerprint:sha-256 " PRINT "\r\na=setup:actpass\r\n"             \
	"m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\nc=IN IP4 0.0.0.0\r\n"         \
	"a=rtcp:9 IN IP4 0.0.0.0\r\na=mid:0\r\na=ice-ufrag:4ZcD\r\n"         \
	"a=ice-pwd:2/1muCWoOi3uLifh0NuRHlZs\r\na=sendonly\r\n"               \
	"a=rtcp-mux\r\na=rtcp-mux-only\r\na=rtpmap:111 opus/48000/2\r\n"     \
	"a=candidate:1 1 udp 2113937151 "                                    \
	"9b36eaac-bb2e-49bb-bb78-21c41c499900.local 55555 typ host "         \
	"generation 0 ufrag 4ZcD network-cost 999\r\n"                       \
	"a=end-of-candidates\r\n"                                            \
	"m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"               \
	"c=IN IP6 ::\r\na=bundle-only\r\na=mid:1\r\na=setup:active\r\n"      \
	"a=fingerprint:sha-1 00:11:22:33:44:55:66:77:88:99:"                 \
	"aa:bb:cc:dd:ee:ff:00:11:22:33\r\n"

static void a_browser_offer_is_read(void **state)
{
	struct decoded got = decode(SLICE(BROWSER));
	const struct sdp_media *m = got.sdp.media;

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_int_equal(got.findings.count, 0);
	t_equal_text(got.sdp.bundle, "0 1");
	t_equal_text(got.sdp.ice_options, "trickle ice2");
	assert_int_equal(got.sdp.media_count, 2);
	t_equal_text(m[0].mid, "0");
	t_equal_text(m[0].transport.fingerprint, "sha-256 " PRINT);
	assert_int_equal(m[0].transport.setup, SDP_SETUP_ACTPASS);
	assert_int_equal(m[0].transport.direction, SDP_SENDONLY);
	assert_true(m[0].transport.has_direction);
	assert_true(m[0].rtcp_mux && m[0].rtcp_mux_only);
	assert_true(m[0].end_of_candidates && !got.sdp.end_of_candidates);
	assert_int_equal(m[0].rtcp.family, FAMILY_IPV4);
	t_equal_text(m[0].codecs[0].name, "opus");
	assert_int_equal(m[0].codecs[0].clock_rate, 48000);
	assert_int_equal(m[0].codecs[1].payload_type, 63);
	assert_int_equal(m[0].codecs[1].name.n, 0);
	assert_int_equal(m[0].candidates[0].endpoint.family, FAMILY_NONE);
	assert_true(m[1].bundle_only);
	assert_int_equal(m[1].codec_count, 0);
	t_equal_text(m[1].formats, "webrtc-datachannel");
	assert_int_equal(m[1].transport.setup, SDP_SETUP_ACTIVE);
	assert_int_equal(m[1].transport.address.family, FAMILY_IPV6);
	assert_true(slice_starts(m[1].transport.fingerprint,
				 SLICE("sha-1 00")));
	assert_false(m[1].transport.has_direction);
	assert_int_equal(m[1].transport.direction, SDP_SENDRECV);
	assert_int_equal(m[1].transport.ice_ufrag.n, 0);
	release(&got);
}

static void a_final_offer_names_the_remote_candidates(void **state)
{
	struct decoded got = decode(
		SLICE(HEAD "m=audio 55100 RTP/SAVP 104 101\r\n"
			   "c=IN IP4 198.51.100.5\r\na=rtcp:55101\r\n"
			   "a=ice-ufrag:AbCd\r\n"
			   "a=ice-pwd:0123456789abcdefABCDEF+/\r\n"
			   "a=remote-candidates:1 203.0.113.7 50020 2 "
			   "203.0.113.7 50021\r\n"));

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	t_equal_text(got.sdp.media[0].remote_candidates,
		     "1 203.0.113.7 50020 2 203.0.113.7 50021");
	t_equal_text(got.sdp.media[0].transport.connection,
		     "IN IP4 198.51.100.5");
	t_equal_text(got.sdp.transport.connection, "IN IP4 192.0.2.10");
	release(&got);
}

/* ---- fragments (RFC 8840) ---- */

static void fragments_have_sections(void **state)
{
	struct decoded got = decode(
		SLICE("a=ice-ufrag:8hhY\r\na=ice-pwd:asd88fgpdd777uzjYhagZg"
		      "\r\nm=audio 9 RTP/AVP 0\r\na=mid:1\r\n"
		      "a=candidate:1 1 UDP 2130706432 2001:db8::9 5000 typ "
		      "host\r\nm=video 9 RTP/AVP 31\r\na=mid:2\r\n"
		      "a=end-of-candidates\r\n"));

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_true(got.sdp.fragment);
	assert_int_equal(got.findings.count, 0);
	assert_int_equal(got.sdp.media_count, 2);
	t_equal_text(got.sdp.media[0].mid, "1");
	t_equal_text(got.sdp.media[0].transport.ice_ufrag, "8hhY");
	assert_int_equal(got.sdp.media[0].candidate_count, 1);
	assert_true(got.sdp.media[1].end_of_candidates);
	assert_false(got.sdp.end_of_candidates);
	release(&got);
}

static void fragments_without_media_lines_have_sections_too(void **state)
{
	struct decoded got = decode(
		SLICE("a=ice-ufrag:8hhY\na=ice-pwd:asd88fgpdd777uzjYhagZg\n"
		      "a=mid:0\na=candidate:1 1 UDP 7 192.0.2.1 5000 typ host\n"
		      "a=mid:1\na=candidate:1 1 UDP 7 192.0.2.1 5002 typ host\n"
		      ));

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_true(got.sdp.fragment);
	assert_int_equal(got.sdp.media_count, 2);
	assert_int_equal(got.sdp.media[0].kind.n, 0);
	t_equal_text(got.sdp.media[0].mid, "0");
	assert_int_equal(got.sdp.media[1].candidates[0].port, 5002);
	release(&got);
	got = decode(SLICE("a=candidate:1 1 UDP 7 192.0.2.1 5000 typ host"));
	assert_true(got.sdp.fragment);
	assert_int_equal(got.sdp.media_count, 1);
	assert_int_equal(got.sdp.media[0].candidate_count, 1);
	release(&got);
	got = decode(SLICE("a=ice-ufrag:8hhY\r\na=end-of-candidates\r\n"));
	assert_true(got.sdp.fragment && got.sdp.end_of_candidates);
	assert_int_equal(got.sdp.media_count, 0);
	release(&got);
}

/* ---- tolerance and findings ---- */

#define AUDIO "m=audio 4000 RTP/AVP 0\r\n"

static const struct {
	const char *name, *text;
	const char *findings; /* their ids without "exchange/sdp-" */
} rows[] = {
	{"as it should be", HEAD AUDIO, ""},
	{"LF alone", "v=0\no=- 1 1 IN IP4 h.example.org\ns=-\n"
		     "c=IN IP4 h.example.org\nt=0 0\nm=audio 4 RTP/AVP 0\n",
	 ""},
	{"CR alone", "v=0\ro=- 1 1 IN IP4 192.0.2.1\rs=-\r"
		     "c=IN IP4 192.0.2.1\rt=0 0\rm=audio 4 RTP/AVP 0\r",
	 ""},
	{"no line end at the end", HEAD "m=audio 4000 RTP/AVP 0", ""},
	{"indented lines and blanks behind", "  v=0  \r\n o=- 1 1 IN IP4 h\r\n"
					     " s=-\r\n\tt=0 0\r\n\r\n",
	 ""},
	{"rtcp and setup as they should be",
	 HEAD AUDIO "a=rtcp:53020 IN IP6 2001:db8::1\r\na=setup:HoldConn\r\n",
	 ""},
	{"a port count", HEAD "m=audio 49170/2 RTP/AVP 31\r\n", ""},
	{"multicast", HEAD AUDIO "c=IN IP4 233.252.0.1/127/3\r\n", ""},
	{"unknown letters and attributes", HEAD "y=?\r\na=what:ever\r\na\r\n",
	 "line"},
	{"a line that is none", HEAD AUDIO "m =video 3 RTP/AVP 31\r\n",
	 "line"},
	{"b= behind t=", HEAD "b=AS:64\r\n" AUDIO, "order"},
	{"c= behind a= in a section", HEAD AUDIO
	 "a=ptime:20\r\nc=IN IP4 192.0.2.1\r\n",
	 "order"},
	{"another version", "v=1\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\n",
	 "version"},
	{"no t=", "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\n", "required-line"},
	{"a short o=", "v=0\r\no=- 1 IN IP4 h\r\ns=-\r\nt=0 0\r\n", "origin"},
	{"an o= whose version is no number",
	 "v=0\r\no=- 1 -1 IN IP4 h\r\ns=-\r\nt=0 0\r\n", "origin"},
	{"bandwidths", HEAD AUDIO "b=AS:64\r\nb=X-YZ:128\r\nb=TIAS:64000\r\n",
	 ""},
	{"bandwidths that are none", HEAD AUDIO
	 "b=AS\r\nb=A@:64\r\nb=AS:many\r\nb=AS:64 k\r\n",
	 "field field field field"},
	{"times, repeats and zones", HEAD
	 "r=7d 1h 0 25h\r\nr=604800 3600 0\r\n"
	 "z=3034423619 -1h 3042462419 0\r\n" AUDIO, ""},
	{"times that are none", HEAD
	 "t=-1 0\r\nt=0\r\nt=0 0 0\r\nr=7d 1h\r\nr=7w 1h 0\r\n"
	 "z=3034423619\r\nz=-1h 0\r\n" AUDIO,
	 "field field field field field field field"},
	{"t= in a section", HEAD AUDIO "t=0 0\r\n", "order"},
	{"a zone before the times",
	 "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nz=0 0\r\nt=0 0\r\n", "order"},
	{"a TTL past 8 bits", HEAD AUDIO "c=IN IP4 233.252.0.1/256\r\n",
	 "connection"},
	{"a count of addresses that is none", HEAD AUDIO
	 "c=IN IP6 ff15::101/many\r\n", "connection"},
	{"more addresses than a TTL may be", HEAD AUDIO
	 "c=IN IP6 ff15::101/300\r\n", ""},
	{"c= of another network is there all the same",
	 "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nc=AF IP4 192.0.2.1\r\nt=0 0\r\n"
	 AUDIO, "connection"},
	{"m= of no token", HEAD "m=@ 4000 RTP/AVP 0\r\n", "media-line"},
	{"m= with a profile of no tokens",
	 HEAD "m=audio 4000 RTP/@ 0\r\nm=audio 4000 // 0\r\n",
	 "media-line media-line"},
	{"m= with a profile that ends in a slash",
	 HEAD "m=audio 4000 RTP/ 0\r\n", "media-line"},
	{"c= of another family", HEAD AUDIO "c=IN IP6 192.0.2.1\r\n",
	 "connection"},
	{"c= without address", HEAD AUDIO "c=IN IP4\r\n", "connection"},
	{"no c= at all", "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\n" AUDIO,
	 "connection-missing"},
	{"no c= for a rejected section",
	 "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\n",
	 ""},
	{"m= without port", HEAD "m=audio RTP/AVP 0\r\n", "media-line"},
	{"m= without anything", HEAD "m=\r\n", "media-line"},
	{"m= with a port past 16 bits", HEAD "m=audio 65536 RTP/AVP 0\r\n",
	 "media-line"},
	{"m= with a payload type past 127",
	 HEAD "m=audio 4000 RTP/AVP 0 128\r\n", "media-line"},
	{"m= without formats", HEAD "m=audio 4000 RTP/AVP\r\n", "media-line"},
	{"ice-ufrag twice",
	 HEAD AUDIO "a=ice-ufrag:AbCd\r\na=ice-ufrag:EfGh\r\n",
	 "attribute-repeated"},
	{"ice-ufrag in the session and in the section",
	 HEAD "a=ice-ufrag:AbCd\r\n" AUDIO "a=ice-ufrag:EfGh\r\n", ""},
	{"a candidate outside a section",
	 HEAD "a=candidate:1 1 UDP 7 192.0.2.1 5000 typ host\r\n" AUDIO,
	 "attribute-level"},
	{"rtpmap without clock", HEAD AUDIO "a=rtpmap:0 PCMU\r\n",
	 "attribute-value"},
	{"an unknown setup", HEAD AUDIO "a=setup:maybe\r\n",
	 "attribute-value"},
	{"rtcp without port", HEAD AUDIO "a=rtcp:x\r\n", "attribute-value"},
	{"a key that is too short",
	 HEAD AUDIO "a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:" KEY "\r\n",
	 "crypto"},
	{"a key that is too short, with stars",
	 HEAD AUDIO "a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:**x**\r\n",
	 "crypto"},
	{"a key that is no base64",
	 HEAD AUDIO "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@@@\r\n",
	 "crypto"},
	{"a crypto tag with a leading zero",
	 HEAD AUDIO "a=crypto:01 AES_CM_128_HMAC_SHA1_80 inline:" KEY "\r\n",
	 "crypto"},
	{"crypto without key", HEAD AUDIO "a=crypto:1\r\n", "crypto"},
	{"an unknown suite", HEAD AUDIO "a=crypto:1 NEW inline:QUJD\r\n", ""},
	{"two keys in one attribute",
	 HEAD AUDIO "a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:" KEY
		    "|2^20|1:4;inline:" KEY "|2^20|2:4 FEC_ORDER=FEC_SRTP"
		    "\r\n",
	 ""},
	{"a fingerprint of the wrong length",
	 HEAD AUDIO "a=fingerprint:sha-1 " PRINT "\r\n", "fingerprint"},
	{"a fingerprint that is no hex",
	 HEAD AUDIO "a=fingerprint:sha-256 zz\r\n", "fingerprint"},
	{"a short password",
	 HEAD AUDIO "a=ice-ufrag:AbCd\r\na=ice-pwd:short\r\n",
	 "ice-credentials"},
	{"an odd character in ice-ufrag",
	 HEAD AUDIO "a=ice-ufrag:Ab-Cd\r\n", "ice-characters"},
	{"a blank behind the colon", HEAD AUDIO "a=ice-ufrag: AbCd\r\n", ""},
	{"candidates without credentials",
	 HEAD AUDIO "a=candidate:1 1 UDP 7 192.0.2.1 5000 typ host\r\n",
	 "ice-credentials-missing"},
	{"what is no candidate",
	 HEAD AUDIO "a=candidate:1 1 UDP 7 192.0.2.1 typ host\r\n",
	 "candidate"},
	{"a candidate twice",
	 HEAD AUDIO "a=ice-ufrag:AbCd\r\n"
		    "a=ice-pwd:0123456789abcdefABCDEF+/\r\n"
		    "a=candidate:1 1 UDP 7 192.0.2.1 5000 typ host\r\n"
		    "a=candidate:2 1 UDP 8 192.0.2.1 5000 typ host\r\n",
	 "candidate-repeated"},
};

static void rows_give_their_findings(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice in = t_exact(slice_of_text(rows[i].text));
		struct decoded got = decode(in);
		char names[256] = "";
		size_t n = 0;

		for (size_t k = 0; k < got.findings.count; k++)
			n += (size_t)snprintf(
				names + n, sizeof(names) - n, "%s%s",
				n ? " " : "",
				got.findings.list[k].rule->id +
					strlen("exchange/sdp-"));
		if (got.status != STATUS_OK ||
		    strcmp(names, rows[i].findings) != 0)
			fail_msg("%s: %s, \"%s\"", rows[i].name,
				 status_name(got.status), names);
		release(&got);
		t_release(in);
	}
}

static void a_wrapped_value_is_joined(void **state)
{
	struct decoded got = decode(
		SLICE(HEAD AUDIO
		      "a=ice-ufrag:AbCd\r\na=ice-pwd:0123456789abcdefABCDEF+/"
		      "\r\na=candidate:1 1 UDP 7 192.0.2.1 5000\r\n"
		      "   typ relay raddr 192.0.2.9\r\n rport 9\r\n"
		      "a=mid:x\r\n"));

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_int_equal(got.findings.count, 0);
	assert_int_equal(got.sdp.media[0].candidate_count, 1);
	assert_int_equal(got.sdp.media[0].candidates[0].related.port, 9);
	t_equal_text(got.sdp.media[0].mid, "x");
	release(&got);
}

static void what_is_no_sdp_is_not_mine(void **state)
{
	struct decoded got = decode(SLICE("<xml/>\r\nfoo\r\n"));

	(void)state;
	assert_int_equal(got.status, STATUS_NOT_MINE);
	release(&got);
	got = decode(SLICE(""));
	assert_int_equal(got.status, STATUS_NOT_MINE);
	release(&got);
}

static void bodies_are_claimed_by_their_first_line(void **state)
{
	enum claim (*claims)(struct slice, bool) = sdp_dissector.claims;

	(void)state;
	assert_int_equal(claims(SLICE("v=0\r\no=-"), false), CLAIM_SURE);
	assert_int_equal(claims(SLICE("\r\nv=0\no=-"), false), CLAIM_SURE);
	assert_int_equal(claims(SLICE("m=audio 5"), false), CLAIM_MAYBE);
	assert_int_equal(claims(SLICE("a=mid:0"), false), CLAIM_MAYBE);
	assert_int_equal(claims(SLICE("x=1"), false), CLAIM_NO);
	assert_int_equal(claims(SLICE(""), false), CLAIM_NO);
}

/* ---- limits ---- */

static bool found(const struct decoded *got, const char *id)
{
	for (size_t i = 0; i < got->findings.count; i++)
		if (strcmp(got->findings.list[i].rule->id, id) == 0)
			return true;
	return false;
}

static void sections_past_the_limit_are_dropped(void **state)
{
	struct text text = text_new(1 << 20);
	struct decoded got;

	(void)state;
	text_puts(&text, HEAD);
	for (unsigned i = 0; i < SDP_MEDIA_MAX + 1; i++)
		text_printf(&text, AUDIO "a=mid:%u\r\na=sendonly\r\n", i);
	got = decode(text_slice(&text));
	assert_int_equal(got.status, STATUS_LIMIT);
	assert_int_equal(got.sdp.media_count, SDP_MEDIA_MAX);
	t_equal_text(got.sdp.media[SDP_MEDIA_MAX - 1].mid, "63");
	assert_true(found(&got, "capture/limit-sdp"));
	release(&got);
	text_free(&text);
}

static void candidates_past_the_limit_are_dropped(void **state)
{
	struct text text = text_new(1 << 20);
	struct decoded got;

	(void)state;
	text_puts(&text, HEAD AUDIO "a=ice-ufrag:AbCd\r\na=ice-pwd:"
				    "0123456789abcdefABCDEF+/\r\n");
	for (unsigned i = 0; i < SDP_CANDIDATES_MAX + 9; i++)
		text_printf(&text, "a=candidate:1 1 UDP 7 192.0.2.1 %u typ "
				   "host\r\n", i + 1);
	text_puts(&text, "a=mid:last\r\n");
	got = decode(text_slice(&text));
	assert_int_equal(got.status, STATUS_LIMIT);
	assert_int_equal(got.sdp.candidate_count, SDP_CANDIDATES_MAX);
	t_equal_text(got.sdp.media[0].mid, "last");
	release(&got);
	text_free(&text);
}

/* The lists move while they grow. */
static void sections_keep_their_candidates(void **state)
{
	struct text text = text_new(1 << 20);
	struct decoded got;

	(void)state;
	text_puts(&text, HEAD "a=ice-ufrag:AbCd\r\na=ice-pwd:"
			      "0123456789abcdefABCDEF+/\r\n");
	for (unsigned i = 0; i < 7; i++) {
		text_printf(&text, "m=audio %u RTP/AVP 0\r\n", 1000 + i);
		for (unsigned k = 0; k <= i; k++)
			text_printf(&text,
				    "a=candidate:1 1 UDP 7 192.0.2.%u %u typ "
				    "host\r\n",
				    i + 1, k + 1);
	}
	got = decode(text_slice(&text));
	assert_int_equal(got.status, STATUS_OK);
	assert_int_equal(got.findings.count, 0);
	assert_int_equal(got.sdp.media_count, 7);
	for (size_t i = 0; i < 7; i++) {
		const struct sdp_media *m = &got.sdp.media[i];

		assert_int_equal(m->port, 1000 + i);
		assert_int_equal(m->candidate_count, i + 1);
		for (size_t k = 0; k <= i; k++) {
			assert_int_equal(m->candidates[k].port, k + 1);
			assert_int_equal(m->candidates[k].endpoint.ip[3],
					 i + 1);
		}
	}
	release(&got);
	text_free(&text);
}

static void lines_past_the_limit_are_not_read(void **state)
{
	struct text text = text_new(1 << 20);
	struct decoded got;

	(void)state;
	text_puts(&text, HEAD AUDIO);
	for (unsigned i = 0; i < SDP_LINES_MAX; i++)
		text_puts(&text, "a=x\r\n");
	text_puts(&text, "a=mid:last\r\n");
	got = decode(text_slice(&text));
	assert_int_equal(got.status, STATUS_LIMIT);
	assert_int_equal(got.sdp.media_count, 1);
	assert_int_equal(got.sdp.media[0].mid.n, 0);
	release(&got);
	text_free(&text);
}

/* ---- fields, prefixes, memory ---- */

struct heard {
	char text[8192];
	size_t n;
	int depth;
};

static void listen(void *context, const struct field *f)
{
	struct heard *h = context;

	if (f->kind == FIELD_GROUP)
		h->depth++;
	if (f->kind == FIELD_END) {
		h->depth--;
		return;
	}
	h->n += (size_t)snprintf(h->text + h->n, sizeof(h->text) - h->n,
				 "%s=%s%.*s\n", f->name,
				 f->secret ? "(secret)" : "",
				 f->kind == FIELD_TEXT ? (int)f->text.n : 0,
				 (const char *)f->text.p);
	assert_true(h->n < sizeof(h->text));
}

static void keys_are_secret_fields(void **state)
{
	struct decoded got = decode(
		SLICE(LYNC "a=candidate:" ID_06
			   " 1 oKGio6SlpqeoqaqrrK2urw UDP 0.830 192.0.2.10 "
			   "50040\r\n"));
	struct heard heard = {.n = 0};
	struct field_sink sink = {&heard, listen};

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	sdp_walk(&got.sdp, &sink);
	assert_int_equal(heard.depth, 0);
	assert_non_null(strstr(heard.text, "ice-pwd=(secret)0123"));
	assert_non_null(strstr(heard.text, "password=(secret)oKGi"));
	assert_non_null(strstr(heard.text, "ice-ufrag=AbCd\n"));
	assert_null(strstr(heard.text, "inline"));
	assert_null(strstr(heard.text, "=0123"));
	assert_null(strstr(heard.text, "UDP 0.830"));
	release(&got);
}

/* [MS-SDPEXT] 3.1.5.28 to 3.1.5.36, as clients write them. */
static void attributes_of_microsoft_are_told(void **state)
{
	struct decoded got = decode(
		SLICE(HEAD "a=x-mediabw:main-audio send=500;recv=0\r\n"
			   "a=x-devicecaps:audio:recv;video:send,recv\r\n" AUDIO
			   "a=x-candidate-info:1 network-type=WLAN\r\n"
			   "a=x-source-streamid:4711\r\n"
			   "a=rtcp-fb:* nack pli\r\n"
			   "a=rtcp-fb:* x-message app send:src,x-pli "
			   "recv:dsh\r\n"
			   "a=x-caps:121 263:1920:1080:30.0:2000000:1;\r\n"
			   "a=x-mediasettings:applicationsharing-video=required"
			   "\r\n"));
	struct heard heard = {.n = 0};
	struct field_sink sink = {&heard, listen};
	bool send, receive;

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	sdp_walk(&got.sdp, &sink);
	assert_int_equal(heard.depth, 0);
	assert_non_null(strstr(heard.text,
			       "x-mediabw=\nlabel=main-audio\n"
			       "send-kbps=\nreceive-kbps=\n"));
	assert_non_null(strstr(heard.text, "kind=audio\nways=recv\n"));
	assert_non_null(strstr(heard.text, "x-source-streamid=4711\n"));
	assert_non_null(strstr(heard.text, "foundation=1\n"
					   "network-type=WLAN\n"));
	assert_non_null(strstr(heard.text,
			       "kind=app\nsend=\nmessage=src\n"
			       "meaning=video source request\n"));
	assert_non_null(strstr(heard.text, "rate=30.0\n"));
	assert_non_null(
		strstr(heard.text,
		       "x-mediasettings=applicationsharing-video=required"));
	/* That of the IETF is no message. */
	assert_null(strstr(heard.text, "nack"));
	assert_true(strstr(heard.text, "x-devicecaps") <
		    strstr(heard.text, "media="));
	assert_true(slice_is(sdp_network_of(&got.sdp, 1, SLICE("1")), "WLAN"));
	assert_int_equal(sdp_network_of(&got.sdp, 1, SLICE("2")).n, 0);
	assert_int_equal(sdp_network_of(&got.sdp, 2, SLICE("1")).n, 0);
	assert_true(sdp_device_of(got.sdp.device_caps, "audio", &send,
				  &receive));
	assert_false(send);
	assert_true(receive);
	assert_false(sdp_device_of(got.sdp.device_caps, "text", &send,
				   &receive));
	release(&got);
}

static void no_prefix_crashes(void **state)
{
	static const char *const texts[] = {LYNC, BROWSER};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		size_t whole = strlen(texts[i]);

		for (size_t n = 0; n < whole; n++) {
			struct slice in = t_exact(slice_of(texts[i], n));
			struct decoded got = decode(in);

			assert_int_equal(got.status,
					 n < 2 ? STATUS_NOT_MINE : STATUS_OK);
			release(&got);
			t_release(in);
		}
	}
}

static bool decode_without_memory(void *context)
{
	struct decoded got = decode(slice_of_text(context));
	bool through = got.status != STATUS_NOMEM;

	release(&got);
	return through;
}

static void no_memory_is_told(void **state)
{
	char lync[] = LYNC, browser[] = BROWSER;
	char wrapped[] = HEAD AUDIO "a=candidate:1 1 UDP 7\r\n 192.0.2.1\r\n";
	char many[] = HEAD "m=audio 4 RTP/AVP 0 8 9 101\r\na=mid:1\r\n" AUDIO
		AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO;

	(void)state;
	t_failing_walk(decode_without_memory, lync);
	t_failing_walk(decode_without_memory, browser);
	t_failing_walk(decode_without_memory, wrapped);
	t_failing_walk(decode_without_memory, many);
}

static void rules_are_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < SDP_RULES; i++) {
		assert_non_null(sdp_rules[i].id);
		assert_non_null(sdp_rules[i].title);
		assert_non_null(sdp_rules[i].source);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(sdp_rules[i].id,
						sdp_rules[k].id);
	}
	assert_null(sdp_rules[SDP_RULES].id);
}

static void try_file(const char *path, struct slice in)
{
	struct decoded got = decode(in);
	size_t step = in.n / 400 + 1;

	if (got.status != STATUS_OK && got.status != STATUS_LIMIT)
		fail_msg("%s: %s", path, status_name(got.status));
	release(&got);
	for (size_t n = 0; n < in.n; n += step) {
		struct slice part = t_exact(slice_first(in, n));

		got = decode(part);
		release(&got);
		t_release(part);
	}
}

static void collected_descriptions_decode(void **state)
{
	(void)state;
	if (collected_each(".sdp", try_file) == 0)
		skip();
}

/* Wherever the capture ends a description, its sender did nothing wrong. */
static void what_was_cut_is_not_blamed(void **state)
{
	const struct slice whole = SLICE(LYNC);
	struct decoded got = decode(whole);
	const size_t known = got.findings.count;

	(void)state;
	release(&got);
	for (size_t n = 0; n < whole.n; n++) {
		struct findings findings = {.count = 0};
		struct arena arena = arena_new(ARENA);
		struct decoding d = {
			.arena = &arena, .findings = &findings, .cut = true};
		struct sdp sdp;
		size_t used;

		(void)!sdp_decode(&d, slice_first(whole, n), &sdp, &used);
		if (findings.count > known)
			fail_msg("%zu bytes: %s", n, findings.list[0].rule->id);
		arena_free(&arena);
	}
}

static const struct t_case cases[] = {
	{"what_was_cut_is_not_blamed", what_was_cut_is_not_blamed},
	{"a_lync_offer_is_read", a_lync_offer_is_read},
	{"the_fallback_for_ocs_2007_is_no_fragment",
	 the_fallback_for_ocs_2007_is_no_fragment},
	{"a_browser_offer_is_read", a_browser_offer_is_read},
	{"a_final_offer_names_the_remote_candidates",
	 a_final_offer_names_the_remote_candidates},
	{"fragments_have_sections", fragments_have_sections},
	{"fragments_without_media_lines_have_sections_too",
	 fragments_without_media_lines_have_sections_too},
	{"rows_give_their_findings", rows_give_their_findings},
	{"a_wrapped_value_is_joined", a_wrapped_value_is_joined},
	{"what_is_no_sdp_is_not_mine", what_is_no_sdp_is_not_mine},
	{"bodies_are_claimed_by_their_first_line",
	 bodies_are_claimed_by_their_first_line},
	{"sections_past_the_limit_are_dropped",
	 sections_past_the_limit_are_dropped},
	{"candidates_past_the_limit_are_dropped",
	 candidates_past_the_limit_are_dropped},
	{"sections_keep_their_candidates", sections_keep_their_candidates},
	{"lines_past_the_limit_are_not_read",
	 lines_past_the_limit_are_not_read},
	{"keys_are_secret_fields", keys_are_secret_fields},
	{"attributes_of_microsoft_are_told", attributes_of_microsoft_are_told},
	{"no_prefix_crashes", no_prefix_crashes},
	{"no_memory_is_told", no_memory_is_told},
	{"rules_are_complete", rules_are_complete},
	{"collected_descriptions_decode", collected_descriptions_decode},
};
T_MAIN(cases)
