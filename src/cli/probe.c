/*
 * mrascope probe: stages 2 and 3 from the client's side, against a live
 * server.  What goes over the wire is recorded, and judged as a capture is.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/analysis.h"
#include "cli/pipeline.h"
#include "cli/probe_parts.h"
#include "core/crypto.h"

#define PATIENCE_USUAL 5u   /* seconds with one request */
#define MS_VERSION_USUAL 2u /* [MS-TURN] 2.2.2.17: MS-ICE2, SHA-1 */

bool probe_target_failed(const struct probe_target *t)
{
	for (unsigned i = 0; i < PROBE_STEPS; i++)
		if (t->report.steps[i].state == PROBE_FAILED)
			return true;
	return false;
}

bool probe_target_works(const struct probe_target *t)
{
	enum probe_step last =
		t->want == WANT_STUN ? PROBE_BINDING : PROBE_ECHO;

	return t->report.steps[last].state == PROBE_OK;
}

/* ---- the recording ---- */

/* Where it goes: to the user's file, or to one that is read once. */
struct recording {
	char path[4096];
	bool temporary;
};

static bool name_temporary(struct recording *r)
{
	const char *folder = getenv("TMPDIR");
	int fd;

	snprintf(r->path, sizeof(r->path), "%s/mrascope-probe-XXXXXX",
		 folder && *folder ? folder : "/tmp");
	fd = mkstemp(r->path);
	if (fd < 0)
		return false;
	(void)close(fd);
	r->temporary = true;
	return true;
}

static bool open_recording(struct probe_session *s, struct recording *r)
{
	enum status status = STATUS_IO;

	if (s->options->record)
		snprintf(r->path, sizeof(r->path), "%s", s->options->record);
	if (s->options->record || name_temporary(r))
		status = recorder_open(r->path, "mrascope probe", &s->recorder);
	if (status == STATUS_OK)
		return true;
	fprintf(stderr, "mrascope: %s: %s\n", r->path,
		status == STATUS_IO ? strerror(errno) : "out of memory");
	return false;
}

/* Credentials that no server took prove nothing of what servers say. */
static bool are_refused(const struct probe_session *s)
{
	bool refused = false;

	for (size_t i = 0; i < s->count; i++) {
		const struct probe_result *r =
			&s->targets[i].report.steps[PROBE_ALLOCATE];

		if (r->state == PROBE_OK)
			return false;
		refused |= r->trouble == TROUBLE_CREDENTIALS ||
			   r->trouble == TROUBLE_EXPIRED;
	}
	return refused;
}

/* The same findings as for a capture: what was recorded is one. */
static int analyse(struct probe_session *s, const struct recording *r)
{
	char *path = (char *)(uintptr_t)r->path;
	struct options inner = *s->options;
	char *bytes = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&bytes, &n);
	int status = EXIT_LIMIT;

	inner.command = &commands[0];
	inner.format = FORMAT_JSON;
	inner.output = NULL;
	inner.quiet = true;
	inner.paths = &path;
	inner.path_count = 1;
	inner.fails = !s->options->fail_on_given || s->options->fails;
	if (are_refused(s))
		inner.credential_count = inner.credential_file_count =
			inner.turn_secret_count = 0;
	if (out) {
		status = analysis_run(&inner, out);
		if (fclose(out) == 0 && n)
			s->analysis = json_loadb(bytes, n, 0, NULL);
	}
	free(bytes);
	/* Where nothing answers there is nothing to judge, and that is no
	 * fault of the recording. */
	return status == EXIT_INPUT && s->analysis ? EXIT_FINE : status;
}

static int close_recording(struct probe_session *s, struct recording *r)
{
	enum status status = recorder_close(s->recorder);
	int result = EXIT_LIMIT;

	s->recorder = NULL;
	if (status != STATUS_OK)
		fprintf(stderr, "mrascope: %s: %s\n", r->path, strerror(errno));
	else
		result = analyse(s, r);
	if (r->temporary)
		(void)unlink(r->path);
	return result;
}

/* ---- the probe ---- */

static nanoseconds patience_of(const struct options *o)
{
	uint64_t seconds = o->timeout_given ? o->timeout : PATIENCE_USUAL;

	return (nanoseconds)seconds * NS_PER_S;
}

static struct probe_job job_of(const struct probe_session *s,
			       const struct probe_target *t)
{
	const struct options *o = s->options;
	struct probe_job job = {.transport = t->transport,
				.recorder = s->recorder};

	job.config = (struct probe_config){
		.server = t->server,
		.udp_server = t->udp_server,
		.user = slice_of(s->who.user, s->who.user_size),
		.password = slice_of(s->who.password, s->who.password_size),
		.software = SLICE("mrascope " MRASCOPE_VERSION),
		.patience = patience_of(o),
		.ms_version = MS_VERSION_USUAL,
		.ms_turn = s->ms_turn && t->want == WANT_RELAY,
		.stun_only = t->want == WANT_STUN,
		.relay_family = (enum address_family)o->relay_family,
		.relay_both = o->relay_both,
		.grant = s->who.kind == WHO_ACCESS ? &s->who.grant : NULL,
		.user_expired = s->who.expired,
	};
	job.tls = probe_tls_to(s, t->host);
	return job;
}

/* Once an address: it takes seconds. */
static bool wants_nat(const struct probe_session *s,
		      const struct probe_target *t)
{
	if (t->transport != OVER_UDP || s->ms_turn ||
	    t->report.steps[PROBE_BINDING].state != PROBE_OK)
		return false;
	for (const struct probe_target *other = s->targets; other < t; other++)
		if (other->nat_ran &&
		    endpoint_same_ip(&other->server, &t->server))
			return false;
	return true;
}

static void say_progress(const struct probe_session *s,
			 const struct probe_target *t)
{
	char text[ENDPOINT_TEXT_MAX];

	if (!s->options->quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "probing %s over %s ...\n",
			endpoint_string(&t->server, text),
			probe_transport_text(t->transport));
}

static void probe_all(struct probe_session *s)
{
	for (size_t i = 0; i < s->count && !s->out_of_memory; i++) {
		struct probe_target *t = &s->targets[i];
		struct probe_job job = job_of(s, t);

		say_progress(s, t);
		t->ran = probe_run_path(&job, &t->report);
		if (!t->ran)
			s->out_of_memory = true;
		if (t->ran && wants_nat(s, t))
			t->nat_ran = probe_run_nat(&job, &t->nat);
		(void)recorder_flush(s->recorder);
	}
}

static bool write_result(const struct probe_session *s)
{
	FILE *out = pipeline_output(s->options);

	if (!out)
		return false;
	if (s->options->format == FORMAT_JSON)
		probe_write_json(s, out);
	else
		probe_write_text(s, out);
	return pipeline_output_close(s->options, out);
}

static int run(struct probe_session *s)
{
	struct recording recording = {0};
	int status;

	if (!open_recording(s, &recording))
		return EXIT_USAGE;
	if (s->token.asked && probe_token_get(s, patience_of(s->options)) &&
	    !s->options->dialect)
		s->ms_turn = true;
	probe_targets_share(s);
	if (!s->token.asked || s->who.kind == WHO_MRAS)
		probe_all(s);
	status = close_recording(s, &recording);
	if (status == EXIT_FINE && s->token.asked && s->who.kind != WHO_MRAS)
		status = EXIT_FINDINGS;
	for (size_t i = 0; i < s->count && status == EXIT_FINE; i++)
		if (probe_target_failed(&s->targets[i]))
			status = EXIT_FINDINGS;
	if (!write_result(s) && status < EXIT_USAGE)
		status = EXIT_INPUT;
	return s->out_of_memory ? EXIT_LIMIT : status;
}

static bool read_dialect(struct probe_session *s)
{
	const char *dialect = s->options->dialect;

	s->ms_turn = dialect ? strcmp(dialect, "ms-turn") == 0
			     : s->who.kind == WHO_MRAS || s->who.binary;
	if (!dialect || s->ms_turn || strcmp(dialect, "turn") == 0)
		return true;
	fprintf(stderr, "mrascope: %s: not turn or ms-turn\n", dialect);
	return false;
}

static int probe(struct probe_session *s)
{
	const struct options *o = s->options;
	int status = EXIT_USAGE;

	if (!probe_credentials(s) || !read_dialect(s) || !probe_security(s))
		return EXIT_USAGE;
	if (o->path_count == 0 && !o->mras && !o->proxy) {
		options_usage(stderr, o->command);
		return EXIT_USAGE;
	}
	if ((o->mras || o->proxy) && !probe_token_prepare(s, &status))
		return status;
	for (size_t i = 0; i < o->path_count; i++)
		if (!probe_targets_add(s, o->paths[i], &status))
			return status;
	return run(s);
}

int command_probe(const struct options *options)
{
	struct probe_session *s = calloc(1, sizeof(*s));
	int status = EXIT_LIMIT;

	if (s) {
		s->options = options;
		status = probe(s);
		json_decref(s->analysis);
		probe_security_free(s);
		bytes_wipe(s, sizeof(*s));
	}
	free(s);
	return status;
}
