/* Endpoints: reading and printing addresses (RFC 4291, RFC 5952). */
#include "config.h"

#include <arpa/inet.h>

#include "core/endpoint.h"
#include "tests/support/t.h"

static const char *shown(const struct endpoint *e)
{
	static char buffer[ENDPOINT_TEXT_MAX];

	return endpoint_string(e, buffer);
}

static void parsed_is_printed(void **state)
{
	static const struct {
		const char *in;
		uint16_t port;
		const char *want, *ip;
	} rows[] = {
		{"192.0.2.1", 3478, "192.0.2.1:3478", "192.0.2.1"},
		{"0.0.0.0", 0, "0.0.0.0:0", "0.0.0.0"},
		{"255.255.255.255", 65535, "255.255.255.255:65535",
		 "255.255.255.255"},
		{"2001:db8::1", 3478, "[2001:db8::1]:3478", "2001:db8::1"},
		{"[2001:DB8:0:0:0:0:0:1]", 5060, "[2001:db8::1]:5060",
		 "2001:db8::1"},
		{"::", 1, "[::]:1", "::"},
		{"::ffff:192.0.2.1", 9, "[::ffff:192.0.2.1]:9",
		 "::ffff:192.0.2.1"},
		{"fe80::1%eth0", 5060, "[fe80::1]:5060", "fe80::1"},
		{"[fe80::1%25eth0.with-a-long-name-that-fits-no-buffer]", 1,
		 "[fe80::1]:1", "fe80::1"},
		{"1111:2222:3333:4444:5555:6666:7777:8888", 65535,
		 "[1111:2222:3333:4444:5555:6666:7777:8888]:65535",
		 "1111:2222:3333:4444:5555:6666:7777:8888"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_exact(slice_of_text(rows[i].in));
		struct text ip = text_new(64);
		struct endpoint e;

		assert_int_equal(endpoint_parse(in, rows[i].port, &e),
				 STATUS_OK);
		assert_string_equal(shown(&e), rows[i].want);
		endpoint_ip_text(&e, &ip);
		t_equal_text(text_slice(&ip), rows[i].ip);
		text_free(&ip);
		t_release(in);
	}
}

/* All places where zeros can stand, against what the C library prints. */
static void ipv6_is_printed_like_the_library_does(void **state)
{
	static const uint16_t values[] = {0x1, 0xffff, 0xa0, 0xdb8, 0x1000};
	uint8_t ip[16];
	char want[INET6_ADDRSTRLEN];

	(void)state;
	for (unsigned i = 0; i < 5 * 256; i++) {
		struct endpoint e;
		struct text text = text_new(64);

		for (unsigned k = 0; k < 8; k++) {
			uint16_t v = i >> k & 1 ? values[(i / 256 + k) % 5] : 0;

			ip[2 * k] = (uint8_t)(v >> 8);
			ip[2 * k + 1] = (uint8_t)v;
		}
		e = endpoint_of(slice_of(ip, 16), 1);
		endpoint_ip_text(&e, &text);
		assert_non_null(inet_ntop(AF_INET6, ip, want, sizeof(want)));
		t_equal_text(text_slice(&text), want);
		text_free(&text);
	}
}

static void names_and_nonsense_are_no_addresses(void **state)
{
	static const struct {
		const char *p;
		size_t n;
	} rows[] = {
		{"", 0},
		{"[]", 2},
		{"example.com", 11},
		{"1.2.3", 5},
		{"1.2.3.4.5", 9},
		{"256.1.1.1", 9},
		{"1.2.3.256", 9},
		{"1.2.3.1000", 10},
		{"01.2.3.4", 8},
		{"1.2.3.00", 8},
		{"1..3.4", 6},
		{".1.2.3", 6},
		{"1.2.3.", 6},
		{"1.2.3.4.", 8},
		{"1.2.3.-4", 8},
		{"1/2.3.4", 7},
		{"1.2.3.4 ", 8},
		{" 1.2.3.4", 8},
		{"1.2.3.4\0", 8},
		{"1.2\0.3.4", 8},
		{":", 1},
		{":::", 3},
		{"1:2:3:4:5:6:7:8:9", 17},
		{"[::1", 4},
		{"::1]", 4},
		{"12345::", 7},
		{"%eth0", 5},
		{"2001:0db8:0000:0000:0000:0000:0000:0001:0000:0000", 49},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_exact(slice_of(rows[i].p, rows[i].n));
		struct endpoint e = {.port = 7};

		if (endpoint_parse(in, 1, &e) != STATUS_BAD || e.port != 7)
			fail_msg("row %zu: %s", i, rows[i].p);
		t_release(in);
	}
}

static void raw_bytes_have_a_family(void **state)
{
	static const uint8_t bytes[17] = {1, 2, 3, 4, 5};
	struct endpoint none = {0};

	(void)state;
	for (size_t n = 0; n <= 17; n++) {
		struct endpoint e = endpoint_of(slice_of(bytes, n), 80);

		assert_int_equal(e.family, n == 4    ? FAMILY_IPV4
					   : n == 16 ? FAMILY_IPV6
						     : FAMILY_NONE);
		if (n != 4 && n != 16)
			assert_true(endpoint_equal(&e, &none));
	}
	assert_string_equal(shown(&none), "-");
}

static void equality_knows_family_and_port(void **state)
{
	struct endpoint four, six, other;

	(void)state;
	assert_int_equal(endpoint_parse(SLICE("1.2.3.4"), 5, &four),
			 STATUS_OK);
	assert_int_equal(endpoint_parse(SLICE("102:304::"), 5, &six),
			 STATUS_OK);
	assert_int_equal(endpoint_parse(SLICE("1.2.3.4"), 6, &other),
			 STATUS_OK);
	assert_int_equal(memcmp(four.ip, six.ip, 16), 0);
	assert_false(endpoint_equal(&four, &six));
	assert_false(endpoint_same_ip(&four, &six));
	assert_false(endpoint_equal(&four, &other));
	assert_true(endpoint_same_ip(&four, &other));
}

static void private_and_multicast_ranges(void **state)
{
	static const struct {
		const char *ip;
		bool private, multicast;
	} rows[] = {
		{"9.255.255.255", false, false},
		{"10.0.0.0", true, false},
		{"10.255.255.255", true, false},
		{"11.0.0.0", false, false},
		{"172.15.255.255", false, false},
		{"172.16.0.0", true, false},
		{"172.31.255.255", true, false},
		{"172.32.0.0", false, false},
		{"192.167.255.255", false, false},
		{"192.168.0.0", true, false},
		{"192.169.0.0", false, false},
		{"127.0.0.1", true, false},
		{"169.254.1.1", true, false},
		{"169.253.255.255", false, false},
		{"100.63.255.255", false, false},
		{"100.64.0.0", true, false},
		{"100.127.255.255", true, false},
		{"100.128.0.0", false, false},
		{"192.0.2.1", false, false},
		{"223.255.255.255", false, false},
		{"224.0.0.1", false, true},
		{"239.255.255.255", false, true},
		{"240.0.0.0", false, false},
		{"::1", true, false},
		{"::", false, false},
		{"::2", false, false},
		{"fc00::1", true, false},
		{"fdff::1", true, false},
		{"fe00::1", false, false},
		{"fe80::1", true, false},
		{"febf::1", true, false},
		{"fec0::1", false, false},
		{"2001:db8::1", false, false},
		{"a00::1", false, false}, /* 10.0 as bytes */
		{"ff02::1", false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct endpoint e;

		assert_int_equal(endpoint_parse(slice_of_text(rows[i].ip), 1,
						&e),
				 STATUS_OK);
		if (endpoint_is_private(&e) != rows[i].private ||
		    endpoint_is_multicast(&e) != rows[i].multicast)
			fail_msg("row %s", rows[i].ip);
	}
}

static const struct t_case cases[] = {
	{"parsed_is_printed", parsed_is_printed},
	{"ipv6_is_printed_like_the_library_does",
	 ipv6_is_printed_like_the_library_does},
	{"names_and_nonsense_are_no_addresses",
	 names_and_nonsense_are_no_addresses},
	{"raw_bytes_have_a_family", raw_bytes_have_a_family},
	{"equality_knows_family_and_port", equality_knows_family_and_port},
	{"private_and_multicast_ranges", private_and_multicast_ranges},
};
T_MAIN(cases)
