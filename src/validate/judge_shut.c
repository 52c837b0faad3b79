/*
 * Stages 1 to 3 where not even a connection, or TLS on it, came about
 * (model/signalling.h, struct shut).
 */
#include "config.h"

#include "dissectors/tls.h"
#include "validate/checks.h"

#define PORT_SIP 5060

static const struct shut *shut_at(struct judging *j, enum stage stage)
{
	const struct shut *x =
		j->call->shut ? list_at(&j->model->shuts, j->call->shut - 1)
			      : NULL;

	return x && x->stage == stage ? x : NULL;
}

static const char *alert_text(struct judging *j, const struct shut *x)
{
	unsigned alert = x->alert - 1u;
	char server[ENDPOINT_TEXT_MAX];

	if (alert == TLS_LEFT)
		return model_sentence(
			j->model,
			"TLS with %s ends: the client leaves where it sees the "
			"certificate of %s",
			endpoint_string(&x->server, server),
			x->certificate ? x->certificate : "the server");
	return model_sentence(
		j->model, "TLS with %s ends: %s (%u), says the %s%s%s",
		endpoint_string(&x->server, server), tls_alert_name(alert),
		alert, x->alert_by_server ? "server" : "client",
		x->certificate ? "; certificate of " : "",
		x->certificate ? x->certificate : "");
}

static const char *shut_text(struct judging *j, const struct shut *x)
{
	char server[ENDPOINT_TEXT_MAX];

	if (x->name)
		return model_sentence(j->model, "%s %s",
				      x->unknown ? "DNS knows no"
						 : "DNS does not answer for",
				      x->name);
	if (x->alert)
		return alert_text(j, x);
	if (x->obstacle.count)
		return obstacle_sentence(j, &x->server, &x->obstacle);
	if (x->mute)
		return model_sentence(j->model,
				      "%s takes the connection and %s",
				      endpoint_string(&x->server, server),
				      x->hung_up ? "ends it at the ClientHello "
						   "of TLS"
						 : "answers no ClientHello of "
						   "TLS");
	return model_sentence(j->model, "%s does not answer %s%s",
			      endpoint_string(&x->server, server),
			      x->often ? "attempts to connect"
				       : "an attempt to connect",
			      x->sctp ? " over SCTP" : "");
}

static enum rule_id shut_rule(const struct shut *x, enum stage stage)
{
	if (stage == STAGE_GATHERING)
		return x->alert ? RULE_GATHERING_TLS : RULE_GATHERING_NAME;
	if (stage == STAGE_TOKEN)
		return x->alert || x->mute ? RULE_TOKEN_TLS
					   : RULE_TOKEN_UNREACHABLE;
	if (x->name)
		return RULE_REGISTRATION_NAME;
	if (x->alert == TLS_LEFT + 1)
		return RULE_REGISTRATION_LEFT;
	if (x->alert)
		return tls_alert_is_about_certificate(x->alert - 1u)
			       ? RULE_REGISTRATION_CERTIFICATE
			       : RULE_REGISTRATION_TLS;
	if (x->mute)
		return x->server.port == PORT_SIP
			       ? RULE_REGISTRATION_TLS_UNWANTED
			       : RULE_REGISTRATION_TLS_MUTE;
	return x->obstacle.count ? RULE_REGISTRATION_PORT_CLOSED
				 : RULE_REGISTRATION_NO_CONNECTION;
}

/* A single SYN without an answer may only be the end of the capture. */
bool judge_shut(struct judging *j, enum stage stage)
{
	const struct shut *x = shut_at(j, stage);
	bool proved = x && (x->obstacle.count || x->often || x->alert ||
			    x->mute || x->tries >= UNANSWERED_PROOF);

	if (!x)
		return false;
	cite_all(j, view(j, stage), &x->cited);
	if (x->beside) {
		conclude(j, stage, STATE_UNSEEN,
			 model_sentence(j->model,
					"%s; the client has another "
					"connection that works",
					shut_text(j, x)));
		if (stage == STAGE_REGISTRATION)
			blame_all(j, RULE_REGISTRATION_BESIDE, &x->cited,
				  x->cited.first, shut_text(j, x));
		return true;
	}
	conclude(j, stage, proved ? STATE_FAILED : STATE_INCOMPLETE,
		 shut_text(j, x));
	if (!proved)
		return true;
	blame_all(j, shut_rule(x, stage), &x->cited, x->cited.first,
		  shut_text(j, x));
	return true;
}
