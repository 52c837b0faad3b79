/* The judge of [MS-TURN]: replies that were altered, and what is allowed. */
#include "config.h"

#include "engine/attributes.h"
#include "engine/ladder.h"
#include "tests/support/ms_world.h"

#define PEER "peer=192.0.2.9@5000"
#define MADE "allocate version=2; "

static void start(struct ms_world *ms)
{
	ms_world_init(ms);
	ms_world_start(ms);
}

/* ---- replies that are altered ---- */

struct mutant {
	const char *script;
	uint16_t type;          /* of the message; 0: as it was */
	uint16_t without, with; /* attributes; 0: none */
	uint16_t number;        /* of `with`: its value, as 32 bits */
	bool behind;            /* ... which stands behind the integrity */
	const char *named;      /* stands in what is found */
};

static const struct mutant mutants[] = {
	{"allocate version=2", 0, MS_COOKIE, 0, 0, false, "MAGIC-COOKIE"},
	{"allocate version=2", 0, MS_RELAY_ADDRESS, 0, 0, false,
	 "MAPPED-ADDRESS"},
	{"allocate version=2", 0, MS_XOR_MAPPED, 0, 0, false, "0x8020"},
	{"allocate version=2", 0, AT_LIFETIME, 0, 0, false, "LIFETIME"},
	{"allocate version=2", 0, AT_INTEGRITY, 0, 0, false,
	 "MESSAGE-INTEGRITY"},
	{"allocate version=2", 0, AT_LIFETIME, AT_LIFETIME, 0, false,
	 "LIFETIME is 0"},
	{"allocate version=2", 0, 0, AT_DATA, 7, false, "DATA"},
	{"allocate version=2", 0, 0, MS_REMOTE_ADDRESS, 7, false,
	 "REMOTE-ADDRESS"},
	{"allocate version=2", 0, 0, MS_DESTINATION_ADDRESS, 7, false,
	 "DESTINATION-ADDRESS"},
	{"allocate version=2", 0, 0, 0x0018, 7, false, "0x0018"},
	{"allocate version=2", 0, 0, AT_ERROR_CODE, 0x0401, false,
	 "ERROR-CODE"},
	{"allocate version=2", 0, 0, MS_BANDWIDTH, 7, true, "BANDWIDTH"},
	{"allocate version=2", 0x0106, 0, 0, 0, false, "method"},
	{"allocate version=2", 0x0113, 0, 0, 0, false, "ERROR-CODE"},
	{"allocate plain version=2", 0x0103, AT_ERROR_CODE, 0, 0, false,
	 "401 was due"},
	{"allocate plain version=2", 0, MS_NONCE, 0, 0, false, "NONCE"},
	{"allocate plain version=2", 0, MS_REALM, 0, 0, false, "REALM"},
	{"allocate plain version=2", 0, MS_COOKIE, 0, 0, false, "MAGIC-COOKIE"},
	{"allocate plain version=2", 0, 0, AT_LIFETIME, 7, false, "LIFETIME"},
	{"allocate plain version=2", 0, 0, AT_INTEGRITY, 0, false,
	 "MESSAGE-INTEGRITY"},
	{"allocate plain version=2", 0, AT_ERROR_CODE, AT_ERROR_CODE, 0x0426,
	 false, "438"},
	{"allocate plain version=2", 0, AT_ERROR_CODE, AT_ERROR_CODE, 0x0418,
	 false, "424"},
	{"allocate nameless version=2", 0x0103, AT_ERROR_CODE, 0, 0, false,
	 "432 was due"},
	{"allocate no-realm version=2", 0x0103, AT_ERROR_CODE, 0, 0, false,
	 "434 was due"},
	{"allocate unknown version=2", 0, AT_UNKNOWN_ATTRIBUTES, 0, 0, false,
	 "UNKNOWN-ATTRIBUTES"},
	{"allocate unknown version=2", 0x0103, AT_ERROR_CODE, 0, 0, false,
	 "420 was due"},
	{MADE "allocate version=2 life=0", 0, AT_LIFETIME, AT_LIFETIME, 60,
	 false, "0 was due"},
	{MADE "active " PEER, 0, AT_INTEGRITY, 0, 0, false,
	 "MESSAGE-INTEGRITY"},
	{MADE "active " PEER, 0, 0, AT_LIFETIME, 7, false, "LIFETIME"},
	{MADE "active " PEER, 0x0103, 0, 0, 0, false, "method"},
};

/* What versions, sessions and bandwidth checks make of it. */
static const struct mutant of_versions[] = {
	{"allocate version=2", 0, 0, MS_ALTERNATE_RELAY, 7, false,
	 "both families"},
	{"allocate version=4 family=1", 0, 0, MS_ALTERNATE_RELAY, 7, false,
	 "both families"},
	{"allocate version=2", 0, 0, MS_SESSION, 7, false, "sessions"},
	{"allocate plain version=4", 0, 0, MS_SESSION, 7, false, "sessions"},
	{"allocate version=4 family=2", 0, MS_RELAY_ADDRESS, MS_RELAY_ADDRESS,
	 7, false, "MAPPED-ADDRESS has a size"},
	{"allocate version=2", 0, AT_LIFETIME, AT_ERROR_CODE, 0x0500, false,
	 "LIFETIME is missing"},
	{"allocate version=4", 0, 0, MS_LOCAL_SITE_RESPONSE, 7, false,
	 "no bandwidth check"},
	{"allocate version=4 check=10,40", 0, MS_LOCAL_SITE_RESPONSE, 0, 0,
	 false, "is missing beside the other answers"},
	{"allocate version=4 check=10,40", 0, MS_REMOTE_SITE_RESPONSE, 0, 0,
	 false, "is missing beside the other answers"},
	{"allocate version=4 check=10,40", 0, MS_LOCAL_RELAY_RESPONSE, 0, 0,
	 false, "is missing beside the other answers"},
	{"allocate version=4 check=10,40", 0, 0, MS_REMOTE_RELAY_RESPONSE, 7,
	 false, "no bandwidth check"},
	{"allocate version=6 sha256", 0, AT_INTEGRITY, AT_INTEGRITY, 0, false,
	 "20 bytes"},
	{"allocate version=4 unknown check=10,40", 0, 0, MS_SESSION, 7, false,
	 "sessions"},
};

static void put_new(struct stun_writer *w, const struct mutant *mutant)
{
	uint8_t mac[20] = {0};

	if (mutant->with == AT_INTEGRITY)
		stun_write_bytes(w, AT_INTEGRITY, slice_of(mac, 20));
	else if (mutant->with == AT_ERROR_CODE)
		stun_write_error(w,
				 (mutant->number >> 8) * 100u +
					 (mutant->number & 0xFFu),
				 SLICE("altered"));
	else if (mutant->with)
		stun_write_u32(w, mutant->with, mutant->number);
}

/* The reply again, altered, and signed anew where it was signed. */
static void alter(const struct ms_world *ms, const struct mutant *mutant,
		  struct text *out)
{
	const struct stun_message *m = &ms->w.reply.m;
	struct stun_writer w = {.to = out};

	stun_write_begin(&w, mutant->type ? mutant->type : m->type, m->id);
	for (size_t i = 0; i < m->attribute_count; i++) {
		const struct stun_attribute *a = &m->attributes[i];

		if (a->type != mutant->without && a->type != AT_INTEGRITY)
			stun_write_bytes(&w, a->type, a->value);
	}
	if (!mutant->behind)
		put_new(&w, mutant);
	if (m->integrity_at && mutant->without != AT_INTEGRITY)
		stun_write_integrity(&w, &ms->key, false, true);
	if (mutant->behind)
		put_new(&w, mutant);
}

static void tell(struct replay *judge, const struct ms_world *ms,
		 const struct text *bytes, bool reply)
{
	const struct turn_path *path = &ms->w.path;
	struct stun_reading r;

	read_stun(&r, text_slice(bytes));
	assert_int_equal(r.status, STATUS_OK);
	replay_take(judge, &(struct replay_message){
				   .stun = &r.m,
				   .src = reply ? path->server : path->client,
				   .dst = reply ? path->client : path->server,
				   .time = ms->w.now,
				   .integrity = stun_has_integrity(&r.m)
							? REPLAY_VERIFIED
							: REPLAY_ABSENT});
	read_stun_done(&r);
}

/* Hears the script's last request and its reply, altered; what is found. */
static bool is_found(const struct mutant *mutant)
{
	const struct replay_finding *findings;
	struct replay *judge = replay_new();
	struct text altered = text_new(1 << 16);
	struct ms_world ms;
	bool named = false;
	size_t count;

	ms_world_init(&ms);
	ms.w.config.ms.admission = 1000;
	ms_world_start(&ms);
	(void)ms_run(&ms, mutant->script);
	assert_true(ms.w.replied);
	alter(&ms, mutant, &altered);
	tell(judge, &ms, &ms.w.asked, false);
	tell(judge, &ms, &altered, true);
	findings = replay_findings(judge, &count);
	for (size_t k = 0; k < count; k++)
		named |= strstr(findings[k].text, mutant->named) != NULL;
	if (!named)
		print_message("# %s\n", count ? findings[0].text : "nothing");
	text_free(&altered);
	replay_free(judge);
	ms_world_free(&ms);
	return named;
}

static void altered_replies_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mutants) / sizeof(mutants[0]); i++)
		if (!is_found(&mutants[i]))
			fail_msg("%s: %s", mutants[i].script, mutants[i].named);
}

static void replies_fit_version_and_bandwidth(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(of_versions) / sizeof(of_versions[0]);
	     i++)
		if (!is_found(&of_versions[i]))
			fail_msg("%s: %s", of_versions[i].script,
				 of_versions[i].named);
}

/* The same scripts as they are: nothing is wrong with any of them. */
static void right_replies_are_left_alone(void **state)
{
	static const char *const scripts[] = {
		"allocate version=4 check=10,40",
		"allocate version=4 check=10,40; allocate version=4 "
		"commit=10,40",
		"allocate version=4",
		"allocate version=4 family=2",
		"allocate version=6 sha256",
		"allocate version=6 sha256 key256",
		"allocate version=2; allocate version=2; allocate version=2 "
		"life=0",
		MADE "send number=1 data=x " PEER "; active number=2 " PEER,
	};
	const struct replay_finding *findings;
	struct ms_world ms;
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		ms_world_init(&ms);
		ms.w.config.ms.admission = 1000;
		ms_world_start(&ms);
		ms.w.judge = replay_new();
		(void)ms_run(&ms, scripts[i]);
		findings = replay_findings(ms.w.judge, &count);
		if (count)
			fail_msg("%s: %s", scripts[i], findings[0].text);
		replay_free(ms.w.judge);
		ms_world_free(&ms);
	}
}

/* What the document has from TURN-08, and this server never says: M12b, D6;
 * and what comes in place of another (spec stun-turn 2.7). */
static const struct {
	const char *script;
	uint16_t type, code; /* of the error that stands in for the reply */
} allowed[] = {
	{"allocate version=2", 0x0113, 0x0507},
	{"allocate version=2", 0x0113, 0x0456},
	{"allocate version=2", 0x0113, 0x0508},
	{"allocate version=2", 0x0113, 0x0300},
	{"allocate version=2", 0x0113, 0x0500},
	{"allocate bad-password version=2", 0x0113, 0x0401},
	{"allocate no-nonce version=2", 0x0113, 0x0423},
	{MADE "active " PEER, 0x0116, 0x0428},
	{MADE "active " PEER, 0x0116, 0x0403},
};

static void what_others_answer_is_allowed(void **state)
{
	const struct replay_finding *findings;
	struct ms_world ms;
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		struct mutant mutant = {.type = allowed[i].type,
					.without = AT_ERROR_CODE,
					.with = AT_ERROR_CODE,
					.number = allowed[i].code};
		struct replay *judge = replay_new();
		struct text altered = text_new(1 << 16);

		start(&ms);
		(void)ms_run(&ms, allowed[i].script);
		alter(&ms, &mutant, &altered);
		tell(judge, &ms, &ms.w.asked, false);
		tell(judge, &ms, &altered, true);
		findings = replay_findings(judge, &count);
		for (size_t k = 0; k < count; k++)
			if (strstr(findings[k].text, "was answered with"))
				fail_msg("%s: %s", allowed[i].script,
					 findings[k].text);
		text_free(&altered);
		replay_free(judge);
		ms_world_free(&ms);
	}
}

static const struct t_case cases[] = {
	{"altered_replies_are_found", altered_replies_are_found},
	{"replies_fit_version_and_bandwidth",
	 replies_fit_version_and_bandwidth},
	{"right_replies_are_left_alone", right_replies_are_left_alone},
	{"what_others_answer_is_allowed", what_others_answer_is_allowed},
};

T_MAIN(cases)
