/* Whose credentials a probe uses, the first that the options give, and whom it
 * trusts. */
#include "config.h"

#include <string.h>
#include <time.h>

#include "cli/pipeline.h"
#include "cli/probe_parts.h"
#include "engine/rest.h"

#define REST_SECONDS 3600 /* that our own time-limited names live */

static bool keep(struct slice from, uint8_t *to, size_t room, size_t *n)
{
	if (from.n > room)
		return false;
	if (from.n)
		memcpy(to, from.p, from.n);
	*n = from.n;
	return true;
}

/* TURN REST: "expiry:name", seconds since 1970. */
static bool is_over(struct slice user)
{
	struct slice seconds = slice_split(&user, ':');
	uint64_t expiry;

	return user.n && seconds.n >= 9 &&
	       slice_number(seconds, UINT32_MAX, &expiry) == STATUS_OK &&
	       (int64_t)expiry < (int64_t)time(NULL);
}

static bool is_text(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ')
			return false;
	return true;
}

/* The realm is the server's to say: it is not kept. */
static void take(void *context, struct slice user, struct slice realm,
		 struct slice password)
{
	struct probe_who *who = context;

	(void)realm;
	if (who->kind != WHO_NOBODY ||
	    !keep(user, who->user, sizeof(who->user), &who->user_size) ||
	    !keep(password, who->password, sizeof(who->password),
		  &who->password_size))
		return;
	who->kind = WHO_LONG_TERM;
	who->binary = !is_text(user);
	who->expired = is_over(user);
}

static void make_rest(struct probe_who *who, const char *secret)
{
	struct rest_credential made;

	if (rest_issue(slice_of_text(secret), SLICE("mrascope"),
		       clock_of(time(NULL), 0), REST_SECONDS,
		       &made) != STATUS_OK)
		return;
	(void)keep(slice_of(made.user, made.user_size), who->user,
		   sizeof(who->user), &who->user_size);
	(void)keep(slice_of(made.password, sizeof(made.password)),
		   who->password, sizeof(who->password), &who->password_size);
	who->kind = WHO_REST;
}

/* ---- of the server ---- */

static void take_secret(void *context, struct slice line)
{
	recorder_secret(((struct probe_session *)context)->recorder, line);
}

static bool make_tls(struct probe_session *s, bool datagrams,
		     struct tls_context **out)
{
	struct tls_setup setup = {.client = true,
				  .datagrams = datagrams,
				  .verify = !s->options->insecure,
				  .authorities = s->options->ca,
				  .secret = take_secret,
				  .context = s};
	const char *why;

	if (tls_context_new(&setup, out, &why) == STATUS_OK)
		return true;
	fprintf(stderr, "mrascope: %s: %s\n",
		s->options->ca ? s->options->ca : "TLS", why);
	return false;
}

bool probe_security(struct probe_session *s)
{
	return make_tls(s, false, &s->tls.streams) &&
	       make_tls(s, true, &s->tls.datagrams);
}

void probe_security_free(struct probe_session *s)
{
	tls_context_free(s->tls.streams);
	tls_context_free(s->tls.datagrams);
}

struct probe_tls probe_tls_to(const struct probe_session *s, const char *host)
{
	struct probe_tls tls = s->tls;

	tls.name = s->options->server_name ? s->options->server_name : host;
	return tls;
}

/* ---- of the client ---- */

bool probe_credentials(struct probe_session *s)
{
	const struct options *o = s->options;

	if (!pipeline_credentials(o, take, &s->who))
		return false;
	if (s->who.kind == WHO_NOBODY && o->turn_secret_count)
		make_rest(&s->who, o->turn_secrets[0]);
	return true;
}
