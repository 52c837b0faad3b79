/*
 * mrascope-bench-generate: writes a large capture of made-up calls, to measure
 * analyzers with.  Equal options give equal files.
 *
 * Each call registers (its user's first one does), allocates a relay, offers
 * and answers candidates, checks them directly and through the relay,
 * nominates, talks, and hangs up.  Every integrity and digest is right; the
 * credential for TURN and SIP is printed on standard output with the figures.
 */
#include "config.h"

#include "tests/bench/call.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Grows when the same options begin to give another file. */
#define RECIPE 1

enum {
	CALLS_MAX = 1500000,	/* as many relayed addresses as there are */
	RELAYED_PACKETS_MAX = 12000,	/* 240 s, before a permission ends */
};

static const char usage[] =
	"usage: mrascope-bench-generate [-c calls] [-r rtp-packets] "
	"[-m calls|all]\n"
	"           [-u calls] [-R percent] [-k calls] [-s seed] -o file\n"
	"  -c  calls (100)\n"
	"  -r  RTP packets in all, half of them each way (0)\n"
	"  -m  calls that share one RTP address and port of the callee (1)\n"
	"  -u  calls of each user, who registers once (4)\n"
	"  -R  per cent of calls whose media goes through the relay (0)\n"
	"  -k  calls at the same time, about (300)\n"
	"  -s  seed (1)\n"
	"  -V  print the recipe's number: it grows when files change\n";

/* False if `text` is no number from min to max. */
static bool number(const char *text, uint64_t min, uint64_t max, uint64_t *to)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || v < min || v > max)
		return false;
	*to = v;
	return true;
}

static bool number32(const char *text, uint32_t min, uint32_t max,
		     uint32_t *to)
{
	uint64_t v;

	if (!number(text, min, max, &v))
		return false;
	*to = (uint32_t)v;
	return true;
}

static bool option(struct bench_options *o, int letter, const char *text)
{
	switch (letter) {
	case 'c':
		return number32(text, 1, CALLS_MAX, &o->calls);
	case 'r':
		return number(text, 0, UINT32_MAX, &o->rtp);
	case 'm':
		if (strcmp(text, "all") == 0) {
			o->per_address = CALLS_MAX;
			return true;
		}
		return number32(text, 1, CALLS_MAX, &o->per_address);
	case 'u':
		return number32(text, 1, CALLS_MAX, &o->per_user);
	case 'R':
		return number32(text, 0, 100, &o->relayed);
	case 'k':
		return number32(text, 1, CALLS_MAX, &o->concurrent);
	case 's':
		return number(text, 0, UINT64_MAX, &o->seed);
	default:
		return false;
	}
}

/* False after saying why on standard error. */
static bool parse(int argc, char **argv, struct bench_options *o,
		  const char **path)
{
	int letter;

	while ((letter = getopt(argc, argv, "c:r:m:u:R:k:s:o:")) != -1) {
		if (letter == 'o') {
			*path = optarg;
		} else if (!option(o, letter, optarg)) {
			if (letter != '?')
				fprintf(stderr, "-%c %s: out of range\n",
					letter, optarg);
			fputs(usage, stderr);
			return false;
		}
	}
	if (!*path || optind != argc) {
		fputs(usage, stderr);
		return false;
	}
	if (o->relayed && o->rtp / 2 / o->calls > RELAYED_PACKETS_MAX) {
		fprintf(stderr, "relayed calls may last %d packets each way\n",
			RELAYED_PACKETS_MAX);
		return false;
	}
	return true;
}

/* The key of RFC 8489, 9.2.2: MD5 of user, realm and password. */
static bool long_term_key(struct bench *b)
{
	uint8_t md[EVP_MAX_MD_SIZE];
	char text[64];
	unsigned len;
	int n = snprintf(text, sizeof text, BENCH_USER ":" BENCH_REALM ":%s",
			 b->password);

	if (EVP_Digest(text, (size_t)n, md, &len, EVP_md5(), NULL) != 1)
		return false;
	return stun_key_open(&b->turn_key, md, len);
}

static bool prepare(struct bench *b)
{
	struct dice dice = dice_for(b->options.seed, UINT64_MAX);

	dice_text(&dice, b->password, BENCH_PASSWORD_LEN);
	dice_bytes(&dice, b->audio, sizeof b->audio);
	return stun_crypto_open(&b->crypto) && long_term_key(b);
}

static void print_figures(const struct bench *b)
{
	printf("recipe=%d\n", RECIPE);
	printf("credential=" BENCH_USER ":" BENCH_REALM ":%s\n", b->password);
	printf("calls=%" PRIu32 "\n", b->begun);
	printf("frames=%" PRIu64 "\n", b->out.frames);
	printf("rtp=%" PRIu64 "\n", b->rtp);
	printf("bytes=%" PRIu64 "\n", b->out.bytes);
}

/* False after saying why on standard error. */
static bool generate(struct bench *b, const char *path)
{
	if (!prepare(b)) {
		fputs("libcrypto has no MD5 or SHA-1\n", stderr);
		return false;
	}
	if (!pcap_writer_open(&b->out, path)) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	calls_run(b);
	if (!pcap_writer_close(&b->out)) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	if (b->failed) {
		fputs("out of memory, or a message grew too long\n", stderr);
		return false;
	}
	print_figures(b);
	return true;
}

int main(int argc, char **argv)
{
	struct bench b = { .options = {
		.calls = 100, .per_address = 1, .per_user = 4,
		.concurrent = 300, .seed = 1,
	} };
	const char *path = NULL;
	bool ok;

	if (argc == 2 && strcmp(argv[1], "-V") == 0) {
		printf("recipe=%d\n", RECIPE);
		return 0;
	}
	if (!parse(argc, argv, &b.options, &path))
		return 2;
	ok = generate(&b, path);
	stun_key_close(&b.turn_key);
	stun_crypto_close(&b.crypto);
	schedule_free(&b.schedule);
	return ok && fflush(stdout) == 0 ? 0 : 1;
}
