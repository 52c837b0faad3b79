/*
 * One ICE agent made of libnice.  Writes its own description (ufrag, password
 * and candidates as lines of SDP) into a file, awaits that of the other side
 * in another, connects, sends some RTP and says what came of it.
 *
 * usage: nice_agent controlling|controlled ADDRESS MINE THEIRS [OPTION...]
 *        stun=IP  turn=IP,USER,PASSWORD  relay (only relayed candidates)
 *        tcp (only ICE over TCP)  lite  consent (asks for it; RFC 7675)
 *        packets=N  also=ADDRESS (of the same host)
 */
#include "nice_common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 8000u
#define DESCRIPTION_MS 90000u
#define PACKETS 15u
#define PACKET_MS 20u
#define AFTER_MS 700u
#define STUN_PORT 3478

struct speaker {
	struct app app; /* first: the callbacks get it */
	guint packets, sent, received;
};

static void on_packet(NiceAgent *agent, guint stream, guint component,
		      guint size, gchar *bytes, gpointer data)
{
	struct speaker *s = data;

	(void)agent;
	(void)stream;
	(void)component;
	(void)size;
	(void)bytes;
	s->received++;
}

static void on_state(NiceAgent *agent, guint stream, guint component,
		     guint state, gpointer data)
{
	(void)agent;
	(void)stream;
	(void)component;
	(void)data;
	printf("state: %s\n", nice_component_state_to_string(state));
	fflush(stdout);
}

static gboolean quit(gpointer data)
{
	return app_stop(data);
}

static void tell_pair(struct app *app)
{
	NiceCandidate *local, *remote;
	gchar *one, *two;

	if (!nice_agent_get_selected_pair(app->agent, app->stream, 1, &local,
					  &remote)) {
		printf("failed\n");
		return;
	}
	one = nice_agent_generate_local_candidate_sdp(app->agent, local);
	two = nice_agent_generate_local_candidate_sdp(app->agent, remote);
	printf("selected: %s with %s\n", one, two);
	g_free(one);
	g_free(two);
}

/* Sends a packet once there is a pair; ends when all is said or hopeless. */
static gboolean speak(gpointer data)
{
	struct speaker *s = data;
	struct app *app = &s->app;
	guchar rtp[172] = {0x80, 8};

	app->waited_ms += PACKET_MS;
	if (!app->ready && app->waited_ms < CONNECT_MS)
		return G_SOURCE_CONTINUE;
	if (!app->ready || s->sent == s->packets) {
		tell_pair(app);
		g_timeout_add(AFTER_MS, quit, app);
		return G_SOURCE_REMOVE;
	}
	rtp[2] = (guchar)(s->sent >> 8);
	rtp[3] = (guchar)s->sent;
	rtp[5] = (guchar)(s->sent * 160 >> 16);
	rtp[6] = (guchar)(s->sent * 160 >> 8);
	rtp[7] = (guchar)(s->sent * 160);
	rtp[11] = app->controlling ? 1 : 2;
	memset(rtp + 12, 0xd5, sizeof(rtp) - 12);
	if (nice_agent_send(app->agent, app->stream, 1, sizeof(rtp),
			    (const gchar *)rtp) > 0)
		s->sent++;
	return G_SOURCE_CONTINUE;
}

static void set_relay(struct app *app, const char *text)
{
	char **part = g_strsplit(text, ",", 3);

	nice_agent_set_relay_info(app->agent, app->stream, 1, part[0],
				  STUN_PORT, part[1], part[2],
				  NICE_RELAY_TYPE_TURN_UDP);
	g_strfreev(part);
}

static void set_first(struct speaker *s, const char *word)
{
	if (!strcmp(word, "lite"))
		s->app.flags |= NICE_AGENT_OPTION_LITE_MODE;
	else if (!strcmp(word, "consent"))
		s->app.flags |= NICE_AGENT_OPTION_CONSENT_FRESHNESS;
	else if (g_str_has_prefix(word, "packets="))
		s->packets = (guint)atoi(word + 8);
}

static void set_option(struct app *app, const char *word)
{
	if (g_str_has_prefix(word, "stun="))
		g_object_set(app->agent, "stun-server", word + 5,
			     "stun-server-port", STUN_PORT, NULL);
	else if (g_str_has_prefix(word, "turn="))
		set_relay(app, word + 5);
	else if (!strcmp(word, "relay"))
		g_object_set(app->agent, "force-relay", TRUE, NULL);
	else if (g_str_has_prefix(word, "also="))
		app_add_address(app, word + 5);
	else if (!strcmp(word, "tcp"))
		g_object_set(app->agent, "ice-tcp", TRUE, "ice-udp", FALSE,
			     NULL);
}

/* Only the lines about ICE. */
static gboolean tell(struct app *app)
{
	gchar *sdp = nice_agent_generate_local_sdp(app->agent);
	char **line = g_strsplit(sdp, "\n", -1);
	GString *text = g_string_new(NULL);
	gboolean done;

	if (app->flags & NICE_AGENT_OPTION_LITE_MODE)
		g_string_append(text, "a=ice-lite\n");
	for (char **l = line; *l; l++)
		if (g_str_has_prefix(*l, "a=ice-") ||
		    g_str_has_prefix(*l, "a=candidate:"))
			g_string_append_printf(text, "%s\n", *l);
	done = app_hand_over(app, text->str);
	g_strfreev(line);
	g_string_free(text, TRUE);
	g_free(sdp);
	return done;
}

static gboolean learn(struct app *app)
{
	gchar *text, *sdp;
	int found;

	if (!g_file_get_contents(app->theirs, &text, NULL, NULL))
		return FALSE;
	sdp = g_strconcat("m=audio 9 ICE/SDP\n", text, NULL);
	found = nice_agent_parse_remote_sdp(app->agent, sdp);
	g_free(sdp);
	g_free(text);
	return found > 0;
}

int main(int argc, char **argv)
{
	struct speaker s = {.packets = PACKETS};

	if (argc < 5) {
		fprintf(stderr, "usage: see the top of nice_agent.c\n");
		return 2;
	}
	s.app.controlling = !strcmp(argv[1], "controlling");
	s.app.mine = argv[3];
	s.app.theirs = argv[4];
	for (char **option = argv + 5; *option; option++)
		set_first(&s, *option);
	app_start(&s.app, NICE_COMPATIBILITY_RFC5245, argv[2], on_packet);
	g_signal_connect(s.app.agent, "component-state-changed",
			 G_CALLBACK(on_state), NULL);
	for (char **option = argv + 5; *option; option++)
		set_option(&s.app, *option);
	app_gather(&s.app);
	if (!tell(&s.app))
		return 1;
	app_await_theirs(&s.app, DESCRIPTION_MS);
	if (!learn(&s.app))
		return 1;
	app_run(&s.app, PACKET_MS, speak);
	printf("media: %u packets sent, %u received\n", s.sent, s.received);
	fflush(stdout);
	app_leave(&s.app);
	return 0;
}
