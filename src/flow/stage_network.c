/*
 * Evidence of the network itself: TCP connections that were refused or never
 * answered, names that do not exist.  What ICMP says stands in obstacles.c.
 */
#include "config.h"

#include "flow/rules.h"
#include "flow/stages_state.h"

#define PORT_SIP 5060
#define PORT_SIP_TLS 5061
#define PORT_MRAS 5062
#define PORT_TURN 3478
#define PORT_TURN_TLS 5349
#define PORT_HTTPS 443 /* of relays and of SIP as well */

bool port_is_ours(uint16_t port)
{
	return port == PORT_SIP || port == PORT_SIP_TLS || port == PORT_MRAS ||
	       port == PORT_TURN || port == PORT_TURN_TLS;
}

static void note_ends(struct stages *s, const struct rule *rule,
		      const struct origin *from, const struct endpoint *a,
		      const struct endpoint *b)
{
	place_number place = stages_place(s, from);
	struct note *note = model_note(s->model, rule, place, LIST_NONE);
	char src[ENDPOINT_TEXT_MAX], dst[ENDPOINT_TEXT_MAX];

	if (note)
		note->text = model_sentence(
			s->model, "%s to %s%s", endpoint_string(a, src),
			endpoint_string(b, dst),
			from->transport == TRANSPORT_SCTP ? " over SCTP" : "");
}

void stage_icmp(struct stages *s, const struct message *m)
{
	if (m->u.icmp->dst.family == FAMILY_NONE)
		return;
	path_icmp(s, m->u.icmp);
	obstacle_icmp(s, m);
}

/* Findings of its own say more, and of what the capture cut its snap length. */
void stage_malformed(struct stages *s, const struct message *m)
{
	place_number place = stages_place(s, &m->from);
	struct note *note;

	if (m->from.cut || (m->findings && m->findings->count))
		return;
	note = model_note(s->model, &flow_rules[FLOW_RULE_UNREADABLE], place,
			  LIST_NONE);
	if (note)
		note->text = m->reason ? m->reason : m->u.expected;
}

static enum path_purpose purpose_of(uint16_t port)
{
	return port == PORT_TURN || port == PORT_TURN_TLS ? PATH_TURN
							  : PATH_SIP;
}

/* A server that closes by a reset what the client closed first has not refused
 * it. */
bool tcp_came_about(unsigned events)
{
	return events & TCP_SAW_SYN_ACK &&
	       (!(events & TCP_SAW_RST) || events & TCP_SAW_FIN_0);
}

void relay_refuses(struct stages *s, const struct message *m)
{
	unsigned events = m->u.tcp.events;
	place_number place = stages_place(s, &m->from);
	struct allocation *a;
	uint32_t number;

	if (tcp_came_about(events))
		return;
	number = allocation_new(
		s, m, m->from.dst.port == PORT_HTTPS ? "ms-turn" : "turn");
	if (number == CHAIN_END)
		return;
	a = list_at(&s->model->allocations, number);
	a->unanswered = events & TCP_SYN_OFTEN ? UNANSWERED_PROOF : 1;
	cite(s->model, &a->cited, place);
	model_becomes(s->model, &a->history, place, WORD_REQUESTED, 0);
	if (events & TCP_SAW_RST)
		a->obstacle = (struct obstacle){
			.place = place, .count = 1, .kind = OBSTACLE_RESET};
}

void relay_shuts_dtls(struct stages *s, const struct message *m)
{
	struct message hello = *m;
	struct allocation *a;
	uint32_t number;

	if (purpose_of(m->from.dst.port) != PATH_TURN)
		return;
	hello.from.transport = TRANSPORT_DTLS;
	for (unsigned i = 0; i < UNANSWERED_PROOF; i++)
		(void)path_ask(s, &m->from, PATH_TURN);
	number = allocation_new(s, &hello, "turn");
	if (number == CHAIN_END)
		return;
	a = list_at(&s->model->allocations, number);
	a->unanswered = UNANSWERED_PROOF;
	cite(s->model, &a->cited, a->request);
	model_becomes(s->model, &a->history, a->request, WORD_REQUESTED, 0);
}

/* Servers of other protocols close when all is said. */
static bool was_ours(struct stages *s, const struct message *m)
{
	static const enum transport transports[] = {
		TRANSPORT_TCP, TRANSPORT_TLS,        TRANSPORT_WS,
		TRANSPORT_WSS, TRANSPORT_PSEUDO_TLS, TRANSPORT_SCTP};
	static const enum path_purpose purposes[] = {PATH_SIP, PATH_TURN,
						     PATH_STUN, PATH_CHECK};

	for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++)
		for (size_t k = 0; k < sizeof(purposes) / sizeof(purposes[0]);
		     k++)
			if (path_was_asked(s, &m->from.src, &m->from.dst,
					   transport_name(transports[i]),
					   purposes[k]))
				return true;
	return false;
}

/* Of 443 who is asked there tells. */
static bool is_ours(struct stages *s, const struct message *m)
{
	return port_is_ours(m->from.src.port) ||
	       port_is_ours(m->from.dst.port) || was_ours(s, m) ||
	       shut_is_registrar(s, &m->from.dst);
}

void stage_tcp(struct stages *s, const struct message *m)
{
	const unsigned data = TCP_SAW_DATA_0 | TCP_SAW_DATA_1;
	unsigned events = m->u.tcp.events;

	shut_notes_use(s, m);
	if (events & (TCP_SAW_FIN_0 | TCP_SAW_FIN_1 | TCP_SAW_RST)) {
		hello_close(s, m);
		allocation_close(s, m);
		lifeline_close(s, m);
	}
	/* The other side closes, and what was asked stays open; a reset behind
	 * the client's own end only answers that. */
	if ((events & data) && (events & TCP_SAW_RST) &&
	    (events & TCP_RST_BY_1) && !(events & TCP_SAW_FIN_0))
		obstacle_ended(s, m, true);
	else if ((events & data) && (events & TCP_FIN_FIRST_1) &&
		 was_ours(s, m))
		obstacle_ended(s, m, false);
	if ((events & TCP_SAW_SYN) && !(events & data) &&
	    !tcp_came_about(events))
		lifeline_not_again(s, m);
	obstacle_stuck(s, m, is_ours(s, m));
	shut_tls_end(s, m);
	if (!(events & data) && m->from.dst.port == PORT_HTTPS)
		shut_note(s, m);
	if (!(events & TCP_SAW_SYN) || !port_is_ours(m->from.dst.port))
		return;
	path_tcp(s, m, purpose_of(m->from.dst.port));
	if (events & data || tcp_came_about(events))
		return;
	if (purpose_of(m->from.dst.port) == PATH_TURN)
		relay_refuses(s, m);
	else
		shut_note(s, m);
	if (events & TCP_SAW_RST)
		note_ends(s, &flow_rules[FLOW_RULE_REFUSED], &m->from,
			  &m->from.src, &m->from.dst);
	/* One SYN that is not repeated was answered, or its client left it. */
	else if (!(events & TCP_SAW_SYN_ACK) && events & TCP_SYN_AGAIN)
		note_ends(s, &flow_rules[FLOW_RULE_UNANSWERED], &m->from,
			  &m->from.src, &m->from.dst);
}

static bool is_service(struct slice name)
{
	static const char *const starts[] = {
		"_sip.",       "_sips.",  "_stun.",       "_stuns.",
		"_turn.",      "_turns.", "_sipinternal", "_sipfederation",
		"sip.",        "av.",     "stun.",        "turn.",
		"sipexternal."};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (slice_starts_nocase(name, starts[i]))
			return true;
	return false;
}

void stage_dns(struct stages *s, const struct message *m)
{
	const struct dns *dns = m->u.dns;
	place_number place = stages_place(s, &m->from);

	path_dns(s, m);
	resolved_note(s, m);
	lookup_note(s, m);
	for (size_t i = 0; dns->response && i < dns->question_count; i++) {
		struct slice name = dns->questions[i].name;
		struct note *note;

		if (!is_service(name) || dns->rcode != 3)
			continue;
		note = model_note(s->model, &flow_rules[FLOW_RULE_NAME], place,
				  LIST_NONE);
		if (note)
			note->text = model_text(s->model, name);
	}
}
