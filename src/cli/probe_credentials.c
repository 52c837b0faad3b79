/* Whose credentials a probe uses, the first that the options give, and whom it
 * trusts. */
#include "config.h"

#include <string.h>
#include <time.h>

#include "cli/pipeline.h"
#include "cli/probe_parts.h"
#include "core/crypto.h"
#include "engine/rest.h"

#define REST_SECONDS 3600 /* that our own time-limited names live */
/* Of mac keys that we make: with 16 bytes coturn, which takes no more of them,
 * signs as RFC 7635 has it. */
#define MAC_SIZE 16u

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

/* The realm of TURN is the server's to say; to NTLM it is the domain, where the
 * name has none itself. */
static void keep_domain(struct probe_who *who, struct slice user,
			struct slice realm)
{
	size_t at;

	if (!slice_find(user, '@', &at) && !slice_find(user, '\\', &at))
		(void)slice_copy(realm, who->domain, sizeof(who->domain),
				 &who->domain_size);
}

static void take(void *context, struct slice user, struct slice realm,
		 struct slice password)
{
	struct probe_who *who = context;

	if (who->kind != WHO_NOBODY ||
	    !slice_copy(user, who->user, sizeof(who->user), &who->user_size) ||
	    !slice_copy(password, who->password, sizeof(who->password),
			&who->password_size))
		return;
	keep_domain(who, user, realm);
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
	(void)slice_copy(slice_of(made.user, made.user_size), who->user,
			 sizeof(who->user), &who->user_size);
	(void)slice_copy(slice_of(made.password, sizeof(made.password)),
			 who->password, sizeof(who->password),
			 &who->password_size);
	who->kind = WHO_REST;
}

/* ---- access tokens ---- */

/* "KID:KEY:TOKEN"; KID may have colons. */
static bool read_token(struct probe_who *who, const char *text)
{
	struct slice kid = slice_of_text(text), key, token;
	size_t n;

	if (!slice_split_last(&kid, ':', &token) ||
	    !slice_split_last(&kid, ':', &key) || kid.n == 0 ||
	    kid.n > ACCESS_KID_MAX || key.n > sizeof(who->password) ||
	    token.n > (sizeof(who->token) - 3) / 3 * 4 ||
	    base64_decode(key, who->password, &who->password_size) !=
		    STATUS_OK ||
	    base64_decode(token, who->token, &n) != STATUS_OK ||
	    who->password_size == 0 || n == 0) {
		fputs("mrascope: --access-token: not KID:KEY:TOKEN\n", stderr);
		return false;
	}
	who->grant.token = slice_of(who->token, n);
	who->kind = WHO_ACCESS;
	return slice_copy(kid, who->user, sizeof(who->user), &who->user_size);
}

/* We have what the authorization server has. */
static bool make_token(struct probe_who *who, const char *text)
{
	struct access_grant *g = &who->grant;

	if (access_key_parse(slice_of_text(text), &g->key) != STATUS_OK ||
	    !random_bytes(g->seed, sizeof(g->seed)) ||
	    !random_bytes(g->content.mac, MAC_SIZE))
		return false;
	g->content.mac_size = MAC_SIZE;
	g->content.made = clock_of(time(NULL), 0);
	g->content.lifetime = REST_SECONDS;
	who->kind = WHO_ACCESS;
	return slice_copy(g->key.kid, who->user, sizeof(who->user),
			  &who->user_size) &&
	       slice_copy(slice_of(g->content.mac, MAC_SIZE), who->password,
			  sizeof(who->password), &who->password_size);
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
	if (s->who.kind == WHO_NOBODY && o->access_token)
		return read_token(&s->who, o->access_token);
	if (s->who.kind == WHO_NOBODY && o->oauth_key_count)
		return make_token(&s->who, o->oauth_keys[0]);
	return true;
}
