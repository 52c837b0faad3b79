/* Why so little is to be seen, and what to capture next. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "report/text_parts.h"

#define HANGING 6
#define PORT_SIPS 5061
#define PORT_TURNS 5349
#define PORT_HTTPS 443

static struct traffic_row all(const struct inventory *inventory,
			      enum traffic_way way)
{
	struct traffic_row sum = {.way = (uint8_t)way};

	for (int kind = 0; kind < TRAFFICS; kind++) {
		struct traffic_row of =
			inventory_sum(inventory, (enum traffic)kind, way);

		sum.flows += of.flows;
		sum.one_way += of.one_way;
		sum.silent += of.silent;
		sum.started += of.started;
	}
	return sum;
}

/* Who tells the reasons: under a heading, once there is one. */
struct teller {
	struct printer *p;
	const char *heading; /* NULL: it stands there */
};

static void begin(struct teller *t)
{
	if (t->heading)
		printer_heading(t->p, t->heading);
	t->heading = NULL;
	printer_puts(t->p, "    - ");
}

static void end(struct printer *p)
{
	printer_end(p, HANGING);
}

/* ---- one reason each: says it and returns true, or does nothing ---- */

static bool say_filter(struct teller *t)
{
	struct printer *p = t->p;
	const struct inventory *i = &p->model->inventory;

	if (i->frames || i->filtered == 0)
		return false;
	begin(t);
	printer_puts(p, "--filter matches none of the ");
	printer_count(p, i->filtered, "frame");
	printer_puts(p, ": leave it out and look what is there");
	end(p);
	return true;
}

static bool say_no_ip(struct teller *t)
{
	struct printer *p = t->p;
	const struct inventory *i = &p->model->inventory;

	if (i->frames == 0 || i->not_ip < i->frames)
		return false;
	begin(t);
	printer_puts(p, "no frame holds IP");
	if (p->options->capture_count &&
	    p->options->captures[0].link_type_count) {
		printer_puts(p, " that is known in link type ");
		printer_puts(p, p->options->captures[0].link_types[0]);
	}
	printer_puts(p, ": capture on the interface that has the address of "
			"the client or server, or on all (-i any)");
	end(p);
	return true;
}

/* Does the name of a server say that it speaks SIP? */
static bool is_sip_name(const char *name)
{
	return strncmp(name, "sip", 3) == 0 || strstr(name, ".sip") ||
	       strstr(name, "-sip") || strstr(name, "lync") ||
	       strstr(name, "voip") || strstr(name, "pbx") ||
	       strncmp(name, "ucs", 3) == 0;
}

static const struct server_name *sip_name(const struct inventory *i)
{
	for (size_t k = 0; k < i->name_count; k++)
		if (i->names[k].port == PORT_SIPS ||
		    is_sip_name(i->names[k].name))
			return &i->names[k];
	return NULL;
}

static uint32_t flows_at(const struct inventory *i, uint16_t port)
{
	uint32_t flows = 0;

	for (size_t k = 0; k < i->row_count; k++)
		if (i->rows[k].way == TRAFFIC_TCP && i->rows[k].port == port &&
		    (i->rows[k].kind == TRAFFIC_TLS ||
		     i->rows[k].kind == TRAFFIC_OTHER))
			flows += i->rows[k].flows;
	return flows;
}

static void print_sip_in_tls(struct printer *p, const struct server_name *name)
{
	printer_puts(p, "SIP is most likely inside of TLS");
	if (name) {
		printer_puts(p, " (to ");
		printer_puts(p, name->name);
		printer_joined(p, ":%u", name->port);
		printer_puts(p, ")");
	} else {
		printer_puts(p, " (port 5061)");
	}
}

static void print_told_in_tls(struct printer *p, uint32_t flows)
{
	uint32_t relay = flows_at(&p->model->inventory, PORT_TURNS);

	if (relay) {
		printer_puts(p, "what a relay is asked over TLS (port 5349)");
		flows = relay;
	} else {
		printer_puts(p, "where a client signals over TLS or secure "
				"WebSocket, it");
	}
	printer_puts(p, " is inside of TLS (");
	printer_count(p, flows, "connection");
	printer_puts(p, ")");
}

static bool say_tls(struct teller *t)
{
	struct printer *p = t->p;
	const struct inventory *i = &p->model->inventory;
	struct traffic_row tls = inventory_sum(i, TRAFFIC_TLS, TRAFFIC_TCP);
	const struct server_name *name = sip_name(i);

	if (p->options->sip ||
	    (tls.flows == 0 && !name && flows_at(i, PORT_SIPS) == 0))
		return false;
	begin(t);
	if (name || flows_at(i, PORT_SIPS))
		print_sip_in_tls(p, name);
	else
		print_told_in_tls(p, tls.flows);
	printer_puts(p, ", which cannot be read without keys that fit "
			"(--keylog, --rsa-key).  Capture where TLS has ended "
			"(behind the proxy or on the server), or give the log "
			"of the client or server beside it");
	end(p);
	return true;
}

#define BOTH_DIRECTIONS                                                       \
	": let the mirror port copy both, look for another way that answers " \
	"take, and filter by `host', not by `src' or `dst'"

/* Answers, and nothing that was ever asked and answered. */
static bool say_unasked(struct teller *t)
{
	struct printer *p = t->p;

	/* Of calls the findings say it. */
	if (!p->model->unasked || p->model->answers || p->model->calls.count)
		return false;
	begin(t);
	printer_puts(p, "there are answers of STUN whose requests are not in "
			"the capture, so only one direction was "
			"captured" BOTH_DIRECTIONS);
	end(p);
	return true;
}

static bool say_direction(struct teller *t)
{
	struct printer *p = t->p;
	const struct inventory *i = &p->model->inventory;
	struct traffic_row tcp = all(i, TRAFFIC_TCP);
	struct traffic_row udp = all(i, TRAFFIC_UDP);
	uint32_t spoken = tcp.flows - tcp.silent;

	if (!(tcp.one_way && tcp.one_way * 2 >= spoken) &&
	    !(udp.flows >= 3 && udp.one_way == udp.flows))
		return say_unasked(t);
	begin(t);
	/* UDP may as well have no answer. */
	if (tcp.one_way)
		printer_printf(p,
			       "only one direction was captured (%" PRIu32
			       " of %" PRIu32 " TCP connections)",
			       tcp.one_way, spoken);
	else
		printer_printf(p,
			       "nothing comes back in any of %" PRIu32
			       " UDP conversations: nobody answers, or only "
			       "one direction was captured",
			       udp.flows);
	printer_puts(p, BOTH_DIRECTIONS);
	end(p);
	return true;
}

static bool say_late_start(struct teller *t)
{
	struct printer *p = t->p;
	struct traffic_row tcp = all(&p->model->inventory, TRAFFIC_TCP);

	if (p->options->sip || tcp.started == 0)
		return false;
	begin(t);
	printer_printf(p,
		       "%" PRIu32 " of %" PRIu32
		       " TCP connections were open before the capture began, "
		       "and a registration or call may be older, too: start "
		       "the capture before the client signs in",
		       tcp.started, tcp.flows);
	end(p);
	return true;
}

static bool say_cut(struct teller *t)
{
	struct printer *p = t->p;
	const struct inventory *i = &p->model->inventory;

	if (i->cut == 0)
		return false;
	begin(t);
	printer_printf(p,
		       "%" PRIu64 " of %" PRIu64
		       " frames %s cut, the longest at %" PRIu32
		       " bytes: capture whole frames (tcpdump -s 0)",
		       i->cut, i->frames, i->cut == 1 ? "was" : "were",
		       i->snap_length);
	end(p);
	return true;
}

static bool say_fragments(struct teller *t)
{
	struct printer *p = t->p;
	const struct inventory *i = &p->model->inventory;

	if (i->fragments_lost == 0)
		return false;
	begin(t);
	printer_count(p, i->fragments_lost, "fragmented datagram");
	printer_puts(p, " did not become whole: only first fragments have "
			"ports, so a capture filter by port drops the others; "
			"filter by `host' instead");
	end(p);
	return true;
}

static bool say_silent(struct teller *t)
{
	struct printer *p = t->p;
	struct traffic_row tcp = all(&p->model->inventory, TRAFFIC_TCP);

	if (tcp.silent == 0)
		return false;
	begin(t);
	printer_count(p, tcp.silent, "TCP connection");
	printer_puts(p, tcp.silent == 1 ? " was" : " were");
	printer_puts(p, " asked for and never answered: a firewall may drop "
			"what goes there");
	end(p);
	return true;
}

static bool say_media_only(struct teller *t)
{
	struct printer *p = t->p;
	const struct inventory *i = &p->model->inventory;

	if (p->options->sip ||
	    inventory_sum(i, TRAFFIC_RTP, TRAFFIC_UDP).flows +
			    inventory_sum(i, TRAFFIC_RTCP, TRAFFIC_UDP).flows ==
		    0)
		return false;
	begin(t);
	printer_puts(p, "media flows, but not what set it up: signalling "
			"takes another way or another interface, was over "
			"before the capture began, or was filtered out");
	end(p);
	return true;
}

/* Flows of DTLS at ports of TURN, which alone have one in the inventory. */
static uint32_t turn_in_dtls(const struct inventory *i)
{
	uint32_t flows = 0;

	for (size_t k = 0; k < i->row_count; k++)
		if (i->rows[k].kind == TRAFFIC_DTLS && i->rows[k].port)
			flows += i->rows[k].flows;
	return flows;
}

static bool say_dark_turn(struct teller *t)
{
	struct printer *p = t->p;
	uint32_t flows = turn_in_dtls(&p->model->inventory);

	if (flows == 0)
		return false;
	begin(t);
	printer_count(p, flows, "conversation");
	printer_puts(p, " in DTLS at a port of TURN cannot be read without the "
			"key: a key log with a CLIENT_RANDOM line of the "
			"client or the server (--keylog), or the server's "
			"private key where the key exchange is RSA "
			"(--rsa-key)");
	if (p->model->inventory.dtls13)
		printer_printf(p,
			       "; DTLS 1.3 is not decrypted, which %" PRIu64
			       " of the capture's associations use",
			       p->model->inventory.dtls13);
	end(p);
	return true;
}

static bool say_ssl(struct teller *t)
{
	struct printer *p = t->p;

	if (p->model->inventory.ssl3 == 0)
		return false;
	begin(t);
	printer_count(p, p->model->inventory.ssl3, "connection");
	printer_puts(p, " of SSL 3 cannot be read, whatever key there is: it "
			"is not decrypted");
	end(p);
	return true;
}

static bool say_dtls(struct teller *t)
{
	struct printer *p = t->p;
	struct traffic_row dtls =
		inventory_sum(&p->model->inventory, TRAFFIC_DTLS, TRAFFIC_UDP);
	uint32_t others = dtls.flows - turn_in_dtls(&p->model->inventory);

	if (others == 0)
		return false;
	begin(t);
	printer_count(p, others, "conversation");
	printer_puts(p, " in DTLS may be WebRTC or a VPN: the checks (STUN) "
			"that come before WebRTC are not in the capture");
	end(p);
	return true;
}

/* Telephony that is not read, by the ports that it uses. */
static bool say_foreign(struct teller *t)
{
	struct printer *p = t->p;
	const struct inventory *i = &p->model->inventory;
	const char *name = NULL;

	for (size_t k = 0; k < i->row_count && !name; k++)
		if (i->rows[k].kind == TRAFFIC_OTHER)
			name = text_foreign(i->rows[k].port,
					    (enum traffic_way)i->rows[k].way);
	if (!name)
		return false;
	begin(t);
	printer_printf(p,
		       "calls may be set up by %s, which this program does "
		       "not read",
		       name);
	end(p);
	return true;
}

static bool say_tunnel(struct teller *t)
{
	struct printer *p = t->p;
	const struct inventory *i = &p->model->inventory;

	if (i->others[50] == 0)
		return false;
	begin(t);
	printer_printf(p,
		       "%" PRIu64 " packets are IPsec (ESP): what is inside "
		       "cannot be read; capture at an end of the tunnel",
		       i->others[50]);
	end(p);
	return true;
}

static bool say_quic(struct teller *t)
{
	struct printer *p = t->p;
	struct traffic_row quic =
		inventory_sum(&p->model->inventory, TRAFFIC_QUIC, TRAFFIC_UDP);

	if (quic.flows == 0 || p->options->sip)
		return false;
	begin(t);
	printer_count(p, quic.flows, "QUIC connection");
	printer_puts(p, " cannot be read: where a client signals over HTTP/3, "
			"switch QUIC off to see that it falls back to TLS");
	end(p);
	return true;
}

static bool say_malformed(struct teller *t)
{
	struct printer *p = t->p;
	const struct inventory *i = &p->model->inventory;

	if (i->malformed == 0)
		return false;
	begin(t);
	printer_puts(p, "the headers of ");
	printer_count(p, i->malformed, "frame");
	printer_puts(p, " cannot be right: the capture may be damaged, or "
			"have a wrong link type");
	end(p);
	return true;
}

static bool say_web(struct teller *t)
{
	const char *refused = "capture/websocket-refused";
	const struct note *rows = t->p->model->notes.rows;
	size_t i = 0;

	while (i < t->p->model->notes.count &&
	       strcmp(rows[i].rule->id, refused) != 0)
		i++;
	if (i == t->p->model->notes.count)
		return false;
	begin(t);
	printer_puts(t->p, "the WebSocket that SIP was to go through is "
			   "refused: see the findings");
	end(t->p);
	return true;
}

static bool say_log(struct teller *t)
{
	struct printer *p = t->p;
	struct traffic_row log =
		inventory_sum(&p->model->inventory, TRAFFIC_LOG, TRAFFIC_UDP);

	if (log.packets == 0)
		return false;
	begin(t);
	printer_puts(p, "the log holds ");
	printer_count(p, log.packets, "record");
	printer_puts(p, ", and none of them begins a call, a registration or "
			"a token: it may have been begun anew since then; "
			"look for the numbered files beside it");
	end(p);
	return true;
}

typedef bool say_fn(struct teller *t);

struct reason {
	say_fn *say;
	bool brief; /* also worth a word beside calls */
};

static const struct reason reasons[] = {
	{say_filter, false},    {say_no_ip, false},
	{say_tls, true},        {say_quic, false},
	{say_direction, true},  {say_late_start, false},
	{say_cut, true},        {say_fragments, false},
	{say_silent, false},    {say_media_only, false},
	{say_foreign, false},   {say_dark_turn, false},
	{say_dtls, false},      {say_tunnel, true},
	{say_malformed, false}, {say_log, false},
	{say_ssl, true},        {say_web, false},
};

static void say_what_to_capture(struct printer *p)
{
	printer_heading(p, "What to capture");
	printer_joined(p, "    tcpdump -i any -s 0 -w call.pcap \\");
	printer_end(p, 0);
	printer_joined(p, "        'udp or icmp or icmp6 or sctp or tcp port "
			  "5060 or tcp port 5061 or tcp port 443'");
	printer_end(p, 0);
	printer_puts(p, "    on the client or the server, from before the "
			"client signs in until the call has failed or ended.  "
			"UDP is taken whole: media and checks use any port, "
			"and later fragments have none.");
	printer_end(p, 4);
}

static bool say_all(struct teller *t, bool brief)
{
	bool any = false;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (!brief || reasons[i].brief)
			any |= reasons[i].say(t);
	return any;
}

/* Nothing of ours is there, and nothing hides it. */
static void say_nothing(struct teller *t)
{
	begin(t);
	if (t->p->model->inventory.frames == 0)
		printer_puts(t->p, "no frame could be read at all");
	else if (t->p->options->sip)
		printer_puts(t->p, "what there is of SIP belongs to no call "
				   "and no registration");
	else if (t->p->options->malformed)
		printer_puts(t->p, "what begins as a message of SIP, STUN or "
				   "TURN cannot be read as one: see the "
				   "findings");
	else if (t->p->options->stun)
		printer_puts(t->p, "what there is of STUN is no request to a "
				   "server and no check, or none that an RFC "
				   "describes");
	else
		printer_puts(t->p, "no packet is SIP, STUN, TURN or media: the "
				   "capture seems to be of something else, or "
				   "of another host");
	end(t->p);
}

void text_reasons(struct printer *p)
{
	struct teller t = {p, "Why there is no call to see"};

	if (text_reads_nothing(p))
		return;
	if (p->model->calls.count == 0) {
		if (!say_all(&t, false))
			say_nothing(&t);
		say_what_to_capture(p);
	} else if (p->model->dialogs.count == 0) {
		t.heading = "Why no more is to be seen";
		(void)say_all(&t, true);
	}
}
