/* What is the matter, in words, and what to do next. */
#include "config.h"

#include "engine/probe_state.h"

static const struct probe_trouble_row rows[TROUBLES] = {
	[TROUBLE_NONE] = {"none", "", ""},
	[TROUBLE_NAME] = {"name", "the name does not resolve to an address",
			  "check the name, and the resolver of this host"},
	[TROUBLE_UNANSWERED] =
		{"unanswered", "nothing answers",
		 "a firewall on the way drops it, or nothing serves there: "
		 "see whether the other transports get through, and ask "
		 "whether the server listens on this port"},
	[TROUBLE_UNANSWERED_LATER] =
		{"unanswered-later", "it answered before, but not to this",
		 "the server may be STUN only, or a device on the way lets "
		 "the one through and not the other"},
	[TROUBLE_PORT_CLOSED] =
		{"port-closed", "the host says that nothing listens there",
		 "start the server's listener for this transport, or name the "
		 "port that it has"},
	[TROUBLE_UNREACHABLE] =
		{"unreachable", "the network says that there is no way",
		 "check routes and firewalls between here and the server"},
	[TROUBLE_CLOSED] =
		{"closed", "the server closed the connection",
		 "look into the server's log for this client's address"},
	[TROUBLE_TLS] =
		{"tls", "the TLS handshake fails",
		 "check that the port speaks TLS, and the server's versions "
		 "and certificate"},
	[TROUBLE_TLS_NAME] =
		{"tls-name", "the certificate is for another name",
		 "give the server a certificate for this name, or say the "
		 "right one with --server-name"},
	[TROUBLE_TLS_TRUST] =
		{"tls-trust", "the certificate is not trusted",
		 "send the whole chain, or say whom to trust with --ca; "
		 "--insecure goes on without"},
	[TROUBLE_TLS_DATE] =
		{"tls-expired", "the certificate is not valid at this time",
		 "renew the certificate; check the clocks; --insecure goes on "
		 "without"},
	[TROUBLE_ODD] = {"other-protocol", "something else speaks there",
			 "another service, or a proxy, sits on this port"},
	[TROUBLE_NEEDS_CREDENTIALS] =
		{"needs-credentials", "the server wants credentials",
		 "give some with --credential, --turn-secret or --mras to try "
		 "the rest"},
	[TROUBLE_CREDENTIALS] =
		{"credentials", "the credentials are refused",
		 "check user, password and realm, and that the server shares "
		 "the secret or the keys of the token"},
	[TROUBLE_EXPIRED] =
		{"expired", "the credentials are refused: their time is over",
		 "get new ones; check the clocks of who issues and who checks "
		 "them"},
	[TROUBLE_FORBIDDEN] =
		{"forbidden", "the server forbids this user a relay",
		 "its policy decides that: see its log, and what this user or "
		 "address may do"},
	[TROUBLE_STALE] =
		{"stale-nonce", "each new nonce is called stale at once",
		 "look for a load balancer or NAT that changes the way to it, "
		 "and for servers that do not share their keys"},
	[TROUBLE_UNPROVED] =
		{"unproved", "all answers have a wrong integrity",
		 "the server has another password for this user, or somebody "
		 "on the way changes or forges messages"},
	[TROUBLE_BID_DOWN] =
		{"bid-down", "the offer of algorithms was taken out",
		 "somebody on the way changes messages (RFC 8489 9.2.5)"},
	[TROUBLE_MALFORMED] =
		{"malformed", "the answer cannot be used",
		 "record it with --record and look at it with `mrascope "
		 "analyze`"},
	[TROUBLE_REDIRECTS] =
		{"redirects", "sent from one server to the next",
		 "the servers' ALTERNATE-SERVER settings lead in a circle"},
	[TROUBLE_NO_RELAY] = {"no-relay", "the server does not relay",
			      "it is a STUN server, or TURN is switched off"},
	[TROUBLE_QUOTA] =
		{"quota", "this user has too many allocations",
		 "wait until old ones end, or raise the user's quota"},
	[TROUBLE_CAPACITY] = {"capacity", "the server has no relay port left",
			      "widen its port range, or add servers"},
	[TROUBLE_FAMILY] = {"family", "no relay of this address family",
			    "give the server a relay address of the family"},
	[TROUBLE_LOST] =
		{"allocation-lost", "the server knows of no such allocation",
		 "it forgot it or never made it (a restart, a cluster without "
		 "affinity), or holds one of an earlier user of this address"},
	[TROUBLE_SERVER] = {"server-error", "the server fails at it",
			    "see its log; trying again may help"},
	[TROUBLE_PEER_FORBIDDEN] =
		{"peer-forbidden", "the server does not relay to this peer",
		 "its policy refuses the address (private and loopback ones "
		 "often are); between two public addresses it may do"},
	[TROUBLE_NO_PEER] =
		{"no-peer", "nobody behind the relay could be set up",
		 "a second allocation was refused, too: see the server's "
		 "quota"},
	[TROUBLE_ECHO_LOST] =
		{"echo-lost", "what went into the relay does not come back",
		 "a firewall in front of the relay's own ports: open its "
		 "port range for UDP"},
	[TROUBLE_OTHER_ERROR] = {"error", "the server refuses it",
				 "see the code, and the server's log"},
	[TROUBLE_MEMORY] = {"memory", "out of memory", ""},
};

const struct probe_trouble_row *probe_trouble_row(enum probe_trouble t)
{
	return &rows[t < TROUBLES ? t : TROUBLE_OTHER_ERROR];
}

static const struct {
	const char *id, *text, *ms_text;
} steps[PROBE_STEPS] = {
	[PROBE_CONNECT] = {"connect", "connect", NULL},
	[PROBE_SECURE] = {"secure", "TLS", "pseudo-TLS"},
	[PROBE_BINDING] = {"binding", "Binding", NULL},
	[PROBE_ALLOCATE] = {"allocate", "Allocate", NULL},
	[PROBE_PEER] = {"peer", "a peer", NULL},
	[PROBE_PERMISSION] = {"permission", "permission", NULL},
	[PROBE_ECHO] = {"echo", "echo by Send", NULL},
	[PROBE_CHANNEL] = {"channel", "channel", "active destination"},
	[PROBE_ECHO_CHANNEL] = {"echo-channel", "echo by channel",
				"echo as it is"},
	[PROBE_RELEASE] = {"release", "release", NULL},
};

const char *probe_step_text(enum probe_step step, bool ms_turn)
{
	return ms_turn && steps[step].ms_text ? steps[step].ms_text
					      : steps[step].text;
}

const char *probe_step_id(enum probe_step step)
{
	return steps[step].id;
}

static enum probe_trouble of_code(unsigned code)
{
	static const struct {
		unsigned code;
		enum probe_trouble trouble;
	} codes[] = {
		{403, TROUBLE_PEER_FORBIDDEN}, {437, TROUBLE_LOST},
		{440, TROUBLE_FAMILY},         {441, TROUBLE_CREDENTIALS},
		{443, TROUBLE_FAMILY},         {486, TROUBLE_QUOTA},
		{500, TROUBLE_SERVER},         {507, TROUBLE_CAPACITY},
		{508, TROUBLE_CAPACITY},
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			return codes[i].trouble;
	return TROUBLE_OTHER_ERROR;
}

enum probe_trouble probe_trouble_of(const struct probe_path *p,
				    const struct client_answer *answer)
{
	if (answer->outcome != CLIENT_SUCCESS && answer->code == 438)
		return TROUBLE_STALE;
	switch (answer->outcome) {
	case CLIENT_SUCCESS:
		return TROUBLE_NONE;
	case CLIENT_ERROR:
		/* 403 to an Allocate is about the user (RFC 8656 19). */
		if (answer->code == 403 && answer->ask == CLIENT_ALLOCATE)
			return TROUBLE_FORBIDDEN;
		return of_code(answer->code);
	case CLIENT_REFUSED:
		return p->config.user_expired ? TROUBLE_EXPIRED
					      : TROUBLE_CREDENTIALS;
	case CLIENT_UNKNOWN:
		return TROUBLE_NEEDS_CREDENTIALS;
	case CLIENT_REDIRECTED:
		return TROUBLE_REDIRECTS;
	case CLIENT_MALFORMED:
		return TROUBLE_MALFORMED;
	case CLIENT_BID_DOWN:
		return TROUBLE_BID_DOWN;
	case CLIENT_UNPROVED:
		return TROUBLE_UNPROVED;
	case CLIENT_BROKEN:
		return TROUBLE_ODD;
	case CLIENT_UNANSWERED:
		break;
	}
	return p->step > PROBE_BINDING && !p->config.ms_turn
		       ? TROUBLE_UNANSWERED_LATER
		       : TROUBLE_UNANSWERED;
}

void probe_keep_text(char *to, struct slice from)
{
	size_t n = from.n < PROBE_REASON - 1 ? from.n : PROBE_REASON - 1;

	if (n)
		memcpy(to, from.p, n);
	to[n] = '\0';
}
