/*
 * The judge of registrars (src/engine/replay_sip*.c): whatever is asked and
 * answered, what it finds can be read and is counted, and without a message of
 * SIP there is nothing to find.
 *
 * The input: messages of SIP one behind the other, before each a byte: 1 the
 * password is known, 2 another second, 4 by another client, 8 at another
 * server, 16 it is told twice, 32 nothing but what was found is kept.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "dissectors/sip.h"
#include "dissectors/sip_signing.h"
#include "engine/replay.h"
#include "tests/fuzz/one.h"

static struct slice find_password(const void *context, struct slice user,
				  struct slice realm)
{
	(void)context;
	(void)realm;
	return slice_is(user, "a") ? SLICE("word") : (struct slice){0};
}

static const struct sip_passwords passwords = {.find = find_password};

static struct endpoint host(uint8_t last)
{
	return (struct endpoint){.family = FAMILY_IPV4,
				 .ip = {192, 0, 2, last},
				 .port = 5060};
}

static void tell(struct replay *r, const struct sip_message *sip, unsigned how,
		 nanoseconds time)
{
	struct replay_sip m = {.sip = sip,
			       .passwords = how & 1 ? &passwords : NULL,
			       .time = time,
			       .frame = (uint64_t)time / NS_PER_MS + 1};
	struct endpoint client = host(how & 4 ? 3 : 1);
	struct endpoint server = host(how & 8 ? 4 : 2);

	m.src = sip->request ? client : server;
	m.dst = sip->request ? server : client;
	for (unsigned i = 0; i <= (how >> 4 & 1); i++) {
		replay_take_registration(r, &m);
		replay_take_sip(r, &m);
	}
	if (how & 32)
		replay_rest(r);
}

static void hold(const struct replay *r)
{
	const struct replay_finding *rows;
	size_t count;

	rows = replay_findings(r, &count);
	if (count > replay_counts(r).findings)
		abort();
	for (size_t i = 0; i < count; i++)
		if (rows[i].rule >= REPLAY_RULES || rows[i].text[0] == '\0' ||
		    !memchr(rows[i].text, '\0', sizeof(rows[i].text)))
			abort();
}

static void play(struct replay *r, struct arena *memory, struct slice in)
{
	struct decoding d = {.arena = memory, .stream = true};
	nanoseconds time = NS_PER_S;
	struct sip_message sip;
	bool resting = false;
	size_t used;

	while (in.n > 1 && !resting) {
		unsigned how = in.p[0];

		arena_reset(memory);
		in = slice_from(in, 1);
		if (sip_decode(&d, in, &sip, &used) != STATUS_OK || used == 0)
			return;
		in = slice_from(in, used);
		time += how & 2 ? NS_PER_S : NS_PER_MS;
		tell(r, &sip, how, time);
		resting = (how & 32) != 0;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena memory = arena_new((size_t)4 << 20);
	struct replay *r = replay_new();

	if (!r)
		abort();
	play(r, &memory, slice_of(data, size));
	hold(r);
	replay_free(r);
	arena_free(&memory);
	return 0;
}
