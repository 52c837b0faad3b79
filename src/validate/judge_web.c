/*
 * The web services that a Lync client asks before it signs in ([MS-OCAUTHWS],
 * [MS-OCDISCWS]): rules about what they answer, and what stage 1 came to where
 * nothing else of a sign-in is in the evidence.
 */
#include "config.h"

#include "dissectors/webservice.h"
#include "validate/checks.h"

static const struct sign_in *sign_in_of(const struct judging *j,
					const struct registration *r)
{
	return r->sign_in ? list_at(&j->model->sign_ins, r->sign_in - 1) : NULL;
}

/* The newest of this service that was answered, which is what it came to: 401
 * is how NTLM and Kerberos begin. */
static const struct web_call *
newest_of(const struct judging *j, const struct sign_in *x, uint8_t service)
{
	uint32_t at = x && x->webs.count ? x->webs.first : CHAIN_END;
	const struct web_call *newest = NULL;

	while (at != CHAIN_END) {
		const struct web_call *web = list_at(&j->model->webs, at);

		if (web->service == service && web->status)
			newest = web;
		at = web->next;
	}
	return newest;
}

/* "500, No valid authentication." */
static const char *answer_text(struct judging *j, const struct web_call *web)
{
	return model_sentence(j->model, "%u%s%s", web->status,
			      web->fault ? ", " : "",
			      web->fault ? web->fault : "");
}

/* ---- stage 1 where only they were asked ---- */

/* "web ticket, certificate": each once, as they were first asked for. */
static const char *asked_text(struct judging *j, const struct sign_in *x)
{
	struct text text = text_new(64);
	unsigned told = 0;
	const char *out;

	for (uint32_t at = x->webs.count ? x->webs.first : CHAIN_END;
	     at != CHAIN_END;) {
		const struct web_call *web = list_at(&j->model->webs, at);

		if (!(told & 1u << web->service))
			text_printf(&text, "%s%s", told ? ", " : "",
				    web_service_word(web->service));
		told |= 1u << web->service;
		at = web->next;
	}
	out = model_text(j->model, text_slice(&text));
	text_free(&text);
	return out;
}

static const char *host_text(struct judging *j, const struct endpoint *e)
{
	struct text text = text_new(ENDPOINT_TEXT_MAX);
	const char *out;

	endpoint_ip_text(e, &text);
	out = model_text(j->model, text_slice(&text));
	text_free(&text);
	return out;
}

const char *judge_web_text(struct judging *j, const struct registration *r)
{
	const struct sign_in *x = sign_in_of(j, r);
	const struct web_call *web = newest_of(j, x, x->web);
	char server[ENDPOINT_TEXT_MAX];
	const char *client = host_text(j, &r->client);

	if (r->state == STATE_FAILED && web)
		return model_sentence(j->model,
				      "%s gets no %s from %s (%s), and sends "
				      "no REGISTER that the capture shows",
				      client, web_service_word(web->service),
				      endpoint_string(&web->server, server),
				      answer_text(j, web));
	return model_sentence(j->model,
			      "%s only asked web services (%s); no REGISTER "
			      "in the capture",
			      client, asked_text(j, x));
}

void blame_web(struct judging *j, const struct registration *r)
{
	const struct sign_in *x = sign_in_of(j, r);
	const struct web_call *web = newest_of(j, x, x->web);

	if (web)
		blame_answer(j,
			     x->web == WEB_TICKET
				     ? RULE_REGISTRATION_WEB_TICKET
				     : RULE_REGISTRATION_WEB_CERTIFICATE,
			     web->request, web->answer, answer_text(j, web));
}

/* ---- the rules ---- */

/* Has blame_web spoken of it? */
static bool is_judged(const struct judging *j, size_t i, uint8_t service)
{
	const struct registration *r = call_registration(j, i);

	return i == 0 && r->purpose == REGISTER_WEB &&
	       r->state == STATE_FAILED && sign_in_of(j, r)->web == service;
}

static void check_web(struct judging *j, const struct rule *self,
		      enum web_service service)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct web_call *web =
			newest_of(j, sign_in_of(j, call_registration(j, i)),
				  (uint8_t)service);

		if (web && web->status >= 400 &&
		    !is_judged(j, i, (uint8_t)service))
			found_answer(j, self, web->request, web->answer,
				     answer_text(j, web));
	}
}

void rule_web_ticket(struct judging *j, const struct rule *self)
{
	check_web(j, self, WEB_TICKET);
}

void rule_web_certificate(struct judging *j, const struct rule *self)
{
	check_web(j, self, WEB_CERTIFICATE);
}

void rule_web_discovery(struct judging *j, const struct rule *self)
{
	check_web(j, self, WEB_DISCOVERY);
}
