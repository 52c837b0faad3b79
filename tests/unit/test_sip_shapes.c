/*
 * The shapes of SIP messages that RFC 4475 and RFC 5118 ask receivers to bear,
 * in messages of our own, and those that real senders add: what each gives,
 * and what every part of it does.
 */
#include "config.h"

#include "tests/support/sip_again.h"
#include "tests/support/sip_reading.h"
#include "tests/support/t.h"

/* The findings as words: "sip-cseq sip-via", without their stage. */
static void name_findings(const struct findings *f, char out[512])
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < f->count; i++) {
		const char *slash = strchr(f->list[i].rule->id, '/');

		n += (size_t)snprintf(out + n, 512 - n, "%s%s", n ? " " : "",
				      slash + 1);
		assert_true(n < 512);
	}
}

struct row {
	const char *name;
	const char *text;
	size_t n;
	enum status status;
	const char *findings;
};

#define ROW(name, status, findings, text) \
	{name, text, sizeof(text) - 1, STATUS_##status, findings}

static const struct row rows[] = {
	/* RFC 4475 3.1.1: valid, however odd */
	ROW("folds, blanks and compact forms everywhere", OK, "",
	    "INVITE sip:ben@example.net;odd SIP/2.0\r\n"
	    "tO :\r\n sip:ben@example.net ;\r\n  tag   = b9\r\n"
	    "f  : \"A \\\\\\\"\"    <sip:ann@example.org>\r\n"
	    "  ;\ttag =\r\n a7\r\n"
	    "mAx-fOrWaRdS: 0068\r\nI: x81@h.example.org\r\n"
	    "Content-Length   : 5\r\ncseq: 0009\r\n  INVITE\r\n"
	    "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390q\r\n"
	    "s :\r\nNew: one \r\n \r\n two\r\nOdd: ;;,,;;,;\r\n"
	    "v:  SIP  / 2.0  / TCP   h.example.org   ;\r\n"
	    "  branch  =   z9hG4bK9 ,\r\n SIP / 2.0 /UDP 192.0.2.9 ; "
	    "branch=\r\n"
	    " z9hG4bKa\r\n"
	    "m:\"Q \\\"\\\"\" <sip:ann@example.org> ; n =\r\n  v ; q = 0.3\r\n"
	    "\r\nhello"),
	ROW("every byte a token may have", OK, "",
	    "!Odd-Method0123456789_*+`.%indeed'~ "
	    "sip:1_u~(b!s)&i+it$/c?,/;;*:&i=1,w!*p$w~d.(d'-it)@example.net "
	    "SIP/2.0\r\n"
	    "Via: SIP/2.0/TCP h.example.org;branch=z9hG4bK-.!%66*_+`'~\r\n"
	    "To: \"BEL:\\\x07 NUL:\\\0 DEL:\\\x7f\" <sip:ben@example.net>\r\n"
	    "From: t~` t'+_ t*%!.- <sip:ann@example.org>;p'~=\"\xd0\xb0\";"
	    "tag=_t~1'+`*%!-.\r\n"
	    "Call-ID: w%Z-!.*_+'@w`~)(><:\\/\"][?}{\r\n"
	    "CSeq: 139122385 !Odd-Method0123456789_*+`.%indeed'~\r\n"
	    "Max-Forwards: 255\r\next-!.%*+_`'~:\xef\xbb\xbf\xe5\xa4\xa7\r\n"
	    NONE),
	ROW("escapes stay as they are", OK, "",
	    "IN%56ITE sip:sips%3Aben%40example.net@example.org SIP/2.0\r\n"
	    HEAD("IN%56ITE") "C%6Fntact: <sip:other@example.org>\r\n"
	    "Contact: <sip:n%00l@example.org>\r\n" NONE),
	ROW("no blank between display name and bracket", OK, "",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" VIA
	    "From: ann<sip:ann@example.org>;tag=a7\r\n" TO CALL HOPS
	    CSEQ("OPTIONS") NONE),
	ROW("a second request in the datagram", OK, "sip-surplus",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" HEAD("OPTIONS") NONE
	    "\r\nOPTIONS sip:ben@example.net SIP/2.0\r\n" HEAD("OPTIONS")
	    NONE),
	ROW("a semicolon in the user part", OK, "",
	    "OPTIONS sip:ben;p=u%40example.net@example.net SIP/2.0\r\n"
	    HEAD("OPTIONS") NONE),
	ROW("all kinds of transports", OK, "",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" HEAD("OPTIONS")
	    "Via: SIP/2.0/SCTP h.example.org;branch=z9hG4bKq1\r\n"
	    "Via: SIP/2.0/UNKNOWN h.example.org;branch=z9hG4bKq2\r\n" NONE),
	ROW("a multipart body", OK, "",
	    "MESSAGE sip:ben@example.net SIP/2.0\r\n" HEAD("MESSAGE")
	    "Content-Type: multipart/mixed;boundary=q9\r\n"
	    "Content-Length: 63\r\n\r\n"
	    "--q9\r\n\r\nhello\r\n--q9\r\nContent-Type: a/b\r\n\r\n\0\1\2\r\n"
	    "--q9--\r\nepilogue"),
	ROW("a reason phrase of UTF-8", OK, "",
	    "SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe \xe2\x82\xac\r\n"
	    RESPONSE CONTACT CSEQ("INVITE") NONE),
	ROW("a success without contact and tag", OK,
	    "sip-contact-missing sip-to-tag-missing",
	    "SIP/2.0 200 OK\r\n" VIA FROM TO CALL CSEQ("INVITE") NONE),
	ROW("an empty reason phrase", OK, "",
	    "SIP/2.0 100 \r\n" RESPONSE CSEQ("INVITE") NONE),

	/* RFC 4475 3.1.2: invalid, and what is found */
	ROW("stray separators", OK, "sip-parameter sip-via sip-parameter",
	    "INVITE sip:ben@example.net SIP/2.0\r\n" FROM TO CALL HOPS
	    CSEQ("INVITE") "Via: SIP/2.0/UDP 192.0.2.15;;,;,,\r\n"
	    "Contact: \"Joe\" <sip:joe@example.org>;;;;\r\n" NONE),
	ROW("a body shorter than Content-Length", OK,
	    "sip-content-length-beyond",
	    "INVITE sip:ben@example.net SIP/2.0\r\n" HEAD("INVITE") CONTACT
	    "Content-Length: 9999\r\n\r\nv=0\r\n"),
	ROW("a huge Content-Length", OK, "sip-content-length-beyond",
	    "INVITE sip:ben@example.net SIP/2.0\r\n" HEAD("INVITE") CONTACT
	    "Content-Length: 999999999\r\n\r\nv=0\r\n"),
	ROW("a negative Content-Length", OK, "sip-content-length",
	    "INVITE sip:ben@example.net SIP/2.0\r\n" HEAD("INVITE") CONTACT
	    "Content-Length: -999\r\n\r\nv=0\r\n"),
	ROW("numbers past their range", OK,
	    "sip-cseq sip-number sip-number sip-contact-expires",
	    "REGISTER sip:example.net SIP/2.0\r\n" VIA FROM TO CALL
	    "CSeq: 36893488147419103232 REGISTER\r\nMax-Forwards: 300\r\n"
	    "Expires: 10000000000000000000000000000000000000\r\n"
	    "Contact: <sip:ann@example.org>\r\n  ;expires=280297596632815\r\n"
	    NONE),
	ROW("numbers past their range in a response", OK,
	    "sip-cseq sip-number sip-number",
	    "SIP/2.0 503 Service Unavailable\r\n" RESPONSE
	    "CSeq: 9292394834772304023312 OPTIONS\r\n"
	    "Retry-After: 949302838503028349304023988\r\n"
	    "Warning: 1812 overture \"In Progress\"\r\n" NONE),
	ROW("a quote that nothing closes", OK, "sip-address",
	    "INVITE sip:ben@example.net SIP/2.0\r\n" VIA FROM
	    "To: \"Mr. B <sip:ben@example.net>\r\n" CALL HOPS CSEQ("INVITE")
	    CONTACT
	    NONE),
	ROW("a Request-URI in brackets", OK, "sip-request-uri",
	    "INVITE <sip:ben@example.net> SIP/2.0\r\n" HEAD("INVITE") CONTACT
	    NONE),
	ROW("a blank in the Request-URI", OK, "sip-request-uri",
	    "INVITE sip:ben@example.net; lr SIP/2.0\r\n" HEAD("INVITE") CONTACT
	    NONE),
	ROW("several blanks in the request line", OK, "sip-start-line",
	    "INVITE  sip:ben@example.net  SIP/2.0\r\n" HEAD("INVITE") CONTACT
	    NONE),
	ROW("blanks behind the version", OK, "sip-start-line",
	    "OPTIONS sip:ben@example.net SIP/2.0  \r\n" HEAD("OPTIONS") NONE),
	ROW("headers in the Request-URI", OK, "sip-request-uri-headers",
	    "INVITE sip:ben@example.net?Route=%3Csip:example.net%3E SIP/2.0"
	    "\r\n" HEAD("INVITE") CONTACT NONE),
	ROW("a date outside GMT", OK, "sip-date",
	    "INVITE sip:ben@example.net SIP/2.0\r\n" HEAD("INVITE") CONTACT
	    "Date: Fri, 01 Jan 2010 16:00:00 EST\r\n" NONE),
	ROW("a Contact that needs brackets", OK, "sip-address-brackets",
	    "REGISTER sip:example.net SIP/2.0\r\n" HEAD("REGISTER")
	    "Contact: sip:ann@example.org?Route=%3Csip:x.example.net%3E\r\n"
	    NONE),
	ROW("blanks inside brackets", OK, "sip-address",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" VIA FROM
	    "To: \"Ben\" < sip:ben@example.net >\r\n" CALL HOPS
	    CSEQ("OPTIONS") NONE),
	ROW("a display name that needs quotes", OK, "sip-display-name",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" VIA FROM
	    "To: Ben, Uncle <sip:ben@example.net>\r\n" CALL HOPS
	    CSEQ("OPTIONS") NONE),
	ROW("another version", OK, "sip-version",
	    "OPTIONS sip:ben@example.net SIP/7.0\r\n" HEAD("OPTIONS") NONE),
	ROW("the version as numbers", OK, "sip-version",
	    "OPTIONS sip:ben@example.net SIP/02.0\r\n" HEAD("OPTIONS") NONE),
	ROW("the version as numbers in a status line", OK, "sip-version",
	    "SIP/2.00 200 OK\r\n" RESPONSE CSEQ("OPTIONS") NONE),
	ROW("a Call-ID of two words", OK, "sip-call-id",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" VIA FROM TO
	    "Call-ID: x81 @h.example.org\r\n" HOPS CSEQ("OPTIONS") NONE),
	ROW("a Call-ID with a parameter", OK, "sip-call-id",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" VIA FROM TO
	    "Call-ID: x81;y=z\r\n" HOPS CSEQ("OPTIONS") NONE),
	ROW("a Call-ID with two @", OK, "sip-call-id",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" VIA FROM TO
	    "Call-ID: x81@h@example.org\r\n" HOPS CSEQ("OPTIONS") NONE),
	ROW("an empty Call-ID", OK, "sip-call-id",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" VIA FROM TO
	    "Call-ID:\r\n" HOPS CSEQ("OPTIONS") NONE),
	ROW("a star in brackets", OK, "sip-uri-scheme",
	    "REGISTER sip:example.net SIP/2.0\r\n" HEAD("REGISTER")
	    "Contact: <*>\r\n" NONE),
	ROW("another method in CSeq", OK, "sip-cseq-method",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" HEAD("INVITE") NONE),
	ROW("another method in CSeq of an unknown one", OK,
	    "sip-cseq-method",
	    "NEWMETHOD sip:ben@example.net SIP/2.0\r\n" HEAD("INVITE") NONE),
	ROW("a status past 32 bits", BAD, "sip-status-code",
	    "SIP/2.0 4294967301 do not break\r\n" RESPONSE CSEQ("INVITE")
	    NONE),

	/* RFC 4475 3.2 to 3.4 */
	ROW("a branch of the cookie alone", OK, "sip-branch",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\r\n" FROM TO CALL HOPS
	    CSEQ("OPTIONS") NONE),
	ROW("missing headers", OK,
	    "sip-call-id-missing sip-from-missing sip-to-missing",
	    "INVITE sip:ben@example.net SIP/2.0\r\n" VIA HOPS CSEQ("INVITE")
	    CONTACT
	    NONE),
	ROW("an unknown scheme", OK, "",
	    "OPTIONS nobody:knows?what#it.is SIP/2.0\r\n" HEAD("OPTIONS")
	    NONE),
	ROW("a scheme that is not for SIP", OK, "",
	    "OPTIONS soap.beep://192.0.2.3:3002 SIP/2.0\r\n" HEAD("OPTIONS")
	    NONE),
	ROW("other schemes in the headers", OK, "",
	    "REGISTER sip:example.net SIP/2.0\r\n" VIA
	    "From: <http://www.example.org>;tag=a7\r\nTo: isbn:2983792873\r\n"
	    CALL HOPS CSEQ("REGISTER") "Contact: <name:Ann>\r\n" NONE),
	ROW("single headers repeated", OK,
	    "sip-header-repeated sip-header-repeated sip-header-repeated "
	    "sip-header-repeated sip-header-repeated",
	    "INVITE sip:ben@example.net SIP/2.0\r\n" HEAD("INVITE") CONTACT
	    "CSeq: 59 INVITE\r\nCall-ID: x82\r\nTo: sip:c@example.net\r\n"
	    "f: sip:d@example.net;tag=d\r\nMax-Forwards: 5\r\n" NONE),
	ROW("two Content-Lengths", OK,
	    "sip-content-length-conflict sip-surplus",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" HEAD("OPTIONS")
	    "Content-Length: 13\r\nl: 5\r\n\r\nThere is no way to know."),
	ROW("two equal Content-Lengths", OK, "",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" HEAD("OPTIONS")
	    "Content-Length: 5\r\nl: 5\r\n\r\nhello"),
	ROW("no hops left", OK, "",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" VIA FROM TO CALL
	    CSEQ("OPTIONS") "Max-Forwards: 0\r\n" NONE),
	ROW("RFC 2543", OK, "sip-max-forwards-missing sip-from-tag-missing",
	    "INVITE sip:ben@example.net SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP h.example.org\r\nFrom: <sip:ann@example.org>\r\n"
	    "To: <sip:ben@example.net>\r\n" CALL CSEQ("INVITE") CONTACT NONE),

	/* RFC 5118 */
	ROW("IPv6 without brackets", OK, "sip-request-uri",
	    "REGISTER sip:2001:db8::10 SIP/2.0\r\n" HEAD("REGISTER") NONE),
	ROW("IPv6 with brackets, one of them mapped", OK, "",
	    "OPTIONS sip:[2001:db8::10:5070] SIP/2.0\r\n" HEAD("OPTIONS")
	    "Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;"
	    "branch=z9hG4bKq1\r\n"
	    "Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKb\r\n"
	    NONE),

	/* what real senders do */
	ROW("LF alone ends lines", OK, "sip-line-end",
	    "OPTIONS sip:ben@example.net SIP/2.0\nVia: SIP/2.0/UDP h;"
	    "branch=z9hG4bKq\n" FROM TO CALL HOPS CSEQ("OPTIONS")
	    "l: 2\n\nhi"),
	ROW("CR alone ends lines", OK, "sip-line-end",
	    "OPTIONS sip:ben@example.net SIP/2.0\r" HEAD("OPTIONS")
	    "l: 2\r\rhi"),
	ROW("CR CR LF ends lines", OK, "sip-line-end",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\r\n" HEAD("OPTIONS")
	    "l: 2\r\r\n\r\r\nhi"),
	ROW("no empty line", OK, "sip-no-empty-line",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" HEAD("OPTIONS")
	    "Content-Length: 0\r\n"),
	ROW("no line end at all at the end", OK, "sip-no-empty-line",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" HEAD("OPTIONS")
	    "Content-Length: 0"),
	ROW("a line that is no header", OK, "sip-header-line",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" HEAD("OPTIONS")
	    "Foobar roobar\r\n" NONE),
	ROW("a name that is no token", OK, "sip-header-line sip-header-line",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" HEAD("OPTIONS")
	    "Two words: x\r\n: x\r\n" NONE),
	ROW("a fold in front of the first header", OK, "sip-header-line",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n Subject: x\r\n"
	    HEAD("OPTIONS") NONE),
	ROW("no space behind the status", OK, "sip-reason-space",
	    "SIP/2.0 200\r\n" RESPONSE CONTACT CSEQ("INVITE") NONE),
	ROW("a status nobody has heard of", OK, "sip-status-code",
	    "SIP/2.0 799 Odd\r\n" RESPONSE CSEQ("INVITE") NONE),
	ROW("a status of two digits", BAD, "sip-status-code",
	    "SIP/2.0 40  Timeout\r\n" RESPONSE CSEQ("INVITE") NONE),
	ROW("a version in lower case", OK, "",
	    "OPTIONS sip:ben@example.net sip/2.0\r\n" HEAD("OPTIONS") NONE),
	ROW("a display name without brackets behind it", OK,
	    "sip-address-brackets",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" VIA FROM
	    "To: \"Ben\" sip:ben@example.net\r\n" CALL HOPS CSEQ("OPTIONS")
	    NONE),
	ROW("an address without scheme", OK, "sip-uri-scheme",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" VIA FROM
	    "To: ben@example.net\r\n" CALL HOPS CSEQ("OPTIONS") NONE),
	ROW("an empty Via", OK, "sip-via",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\nVia:\r\n" FROM TO CALL
	    HOPS CSEQ("OPTIONS") NONE),
	ROW("a CSeq without number", OK, "sip-cseq",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" VIA FROM TO CALL HOPS
	    "CSeq: OPTIONS\r\n" NONE),
	ROW("a star beside another contact", OK, "sip-contact-star",
	    "REGISTER sip:example.net SIP/2.0\r\n" HEAD("REGISTER")
	    "Contact: *\r\nContact: <sip:a@example.org>\r\nExpires: 0\r\n"
	    NONE),
	ROW("a star that expires late", OK, "sip-contact-star",
	    "REGISTER sip:example.net SIP/2.0\r\n" HEAD("REGISTER")
	    "Contact: *\r\nExpires: 60\r\n" NONE),
	ROW("a star as it should be", OK, "",
	    "REGISTER sip:example.net SIP/2.0\r\n" HEAD("REGISTER")
	    "Contact: *\r\nExpires: 0\r\n" NONE),
	ROW("a multipart body without boundary", OK, "sip-multipart",
	    "MESSAGE sip:ben@example.net SIP/2.0\r\n" HEAD("MESSAGE")
	    "Content-Type: multipart/mixed\r\nContent-Length: 4\r\n\r\n"
	    "--q9"),
	ROW("a multipart body that nothing closes", OK, "sip-multipart",
	    "MESSAGE sip:ben@example.net SIP/2.0\r\n" HEAD("MESSAGE")
	    "Content-Type: multipart/mixed;boundary=q9\r\n"
	    "Content-Length: 13\r\n\r\n--q9\r\n\r\nhello"),
	ROW("empty lines in front", OK, "sip-leading-lines",
	    "\r\n\r\nOPTIONS sip:ben@example.net SIP/2.0\r\n" HEAD("OPTIONS")
	    NONE),
	ROW("line ends behind the body", OK, "",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n" HEAD("OPTIONS") NONE
	    "\r\n\r\n"),
	ROW("a start line and an empty line", OK,
	    "sip-call-id-missing sip-cseq-missing sip-from-missing "
	    "sip-to-missing sip-via-missing sip-max-forwards-missing",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\n\r\n"),
	ROW("a status line alone", OK,
	    "sip-no-empty-line sip-call-id-missing sip-cseq-missing "
	    "sip-from-missing sip-to-missing sip-via-missing",
	    "SIP/2.0 200 OK\r\n"),

	/* no SIP, or nothing to use */
	ROW("lines, and not one header", BAD, "sip-header-line",
	    "OPTIONS sip:ben@example.net SIP/2.0\r\nhello\r\n\r\n"),
	ROW("a Request-URI without colon", BAD, "sip-request-uri",
	    "OPTIONS ben SIP/2.0\r\n" HEAD("OPTIONS") NONE),
	ROW("no version", NOT_MINE, "",
	    "OPTIONS sip:ben@example.net\r\n" HEAD("OPTIONS") NONE),
	ROW("HTTP", NOT_MINE, "", "GET /x HTTP/1.1\r\nHost: x\r\n\r\n"),
	ROW("RTSP", NOT_MINE, "",
	    "SETUP rtsp://h/x RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
	ROW("NUL in the start line", NOT_MINE, "",
	    "OPTIONS sip:ben\0@example.net SIP/2.0\r\n" HEAD("OPTIONS") NONE),
	ROW("NUL in the reason", NOT_MINE, "",
	    "SIP/2.0 200 O\0K\r\n" RESPONSE CSEQ("INVITE") NONE),
	ROW("a letter in the version", NOT_MINE, "",
	    "OPTIONS sip:ben@example.net SIP/a.0\r\n" HEAD("OPTIONS") NONE),
	ROW("nothing", NOT_MINE, "", ""),
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static struct slice text_of(const struct row *row)
{
	return slice_of(row->text, row->n);
}

static void rows_give_status_and_findings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct slice in = t_exact(text_of(&rows[i]));
		struct decoded got = decode(in, false, false);
		char names[512];

		name_findings(&got.findings, names);
		if (got.status != rows[i].status ||
		    strcmp(names, rows[i].findings) != 0)
			fail_msg("%s: %s, \"%s\"", rows[i].name,
				 status_name(got.status), names);
		for (size_t k = 0; k < got.findings.count; k++) {
			struct slice where = got.findings.list[k].where;

			assert_true(where.n == 0 ||
				    (where.p >= in.p &&
				     where.p + where.n <= in.p + in.n));
		}
		release(&got);
		t_release(in);
	}
}

static void rows_are_claimed_as_they_decode(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		bool mine = rows[i].status != STATUS_NOT_MINE;

		if ((sip_claims(text_of(&rows[i]), false) == CLAIM_SURE) !=
		    mine)
			fail_msg("%s", rows[i].name);
	}
}

static void what_is_written_reads_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct decoded got = decode(text_of(&rows[i]), false, false);

		if (got.status == STATUS_OK && !sip_again(&got.m))
			fail_msg("%s", rows[i].name);
		release(&got);
	}
}

/* ---- prefixes ---- */

/* Does the message say itself where it ends? */
static bool has_length(const struct decoded *whole)
{
	return whole->status == STATUS_OK && !whole->m.no_content_length &&
	       !found(whole, "exchange/sip-content-length");
}

static void no_stream_ends_early(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct decoded whole = decode(text_of(&rows[i]), true, false);

		for (size_t n = 0; n < rows[i].n; n++) {
			struct slice in =
				t_exact(slice_first(text_of(&rows[i]), n));
			struct decoded got = decode(in, true, false);

			if (has_length(&whole) && n < whole.used &&
			    got.status != STATUS_SHORT)
				fail_msg("%s: %s after %zu bytes",
					 rows[i].name,
					 status_name(got.status), n);
			assert_true(got.status == STATUS_OK ||
				    got.status == STATUS_BAD ||
				    got.status == STATUS_LIMIT ||
				    got.findings.count == 0);
			release(&got);
			t_release(in);
		}
		release(&whole);
	}
}

static void no_prefix_of_a_datagram_crashes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		for (size_t n = 0; n < rows[i].n; n++) {
			struct slice in =
				t_exact(slice_first(text_of(&rows[i]), n));
			struct decoded sent = decode(in, false, false);
			struct decoded cut = decode(in, false, true);

			assert_true(sent.status != STATUS_SHORT);
			if (sent.status == STATUS_OK)
				assert_true(sip_again(&sent.m));
			if (cut.status == STATUS_OK)
				assert_true(cut.used <= n);
			release(&sent);
			release(&cut);
			t_release(in);
		}
	}
}

/* ---- memory ---- */

static bool decode_without_memory(void *context)
{
	struct decoded got = decode(text_of(context), false, false);
	bool through = got.status != STATUS_NOMEM;

	release(&got);
	return through;
}

static void no_memory_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct row row = rows[i];

		t_failing_walk(decode_without_memory, &row);
	}
}

static const struct t_case cases[] = {
	{"rows_give_status_and_findings", rows_give_status_and_findings},
	{"rows_are_claimed_as_they_decode", rows_are_claimed_as_they_decode},
	{"what_is_written_reads_the_same", what_is_written_reads_the_same},
	{"no_stream_ends_early", no_stream_ends_early},
	{"no_prefix_of_a_datagram_crashes", no_prefix_of_a_datagram_crashes},
	{"no_memory_is_told", no_memory_is_told},
};
T_MAIN(cases)
