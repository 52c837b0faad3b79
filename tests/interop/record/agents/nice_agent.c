/*
 * One ICE agent made of libnice.  Writes its own description (ufrag, password
 * and candidates as lines of SDP) into a file, awaits that of the other side
 * in another, connects, sends some RTP and says what came of it.
 *
 * usage: nice_agent controlling|controlled ADDRESS MINE THEIRS [OPTION...]
 *        stun=IP  turn=IP,USER,PASSWORD  relay (only relayed candidates)
 *        tcp (only ICE over TCP)
 */
#include <agent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONNECT_MS 8000
#define DESCRIPTION_MS 90000
#define POLL_MS 10
#define PACKETS 15
#define PACKET_MS 20
#define AFTER_MS 700
#define STUN_PORT 3478

struct app {
	GMainLoop *loop;
	NiceAgent *agent;
	guint stream;
	gboolean controlling, gathered, ready;
	guint waited_ms, sent, received;
	const char *address, *mine, *theirs;
};

static void on_gathered(NiceAgent *agent, guint stream, gpointer data)
{
	struct app *app = data;

	(void)agent;
	(void)stream;
	app->gathered = TRUE;
	g_main_loop_quit(app->loop);
}

static void on_state(NiceAgent *agent, guint stream, guint component,
		     guint state, gpointer data)
{
	struct app *app = data;

	(void)agent;
	(void)stream;
	(void)component;
	printf("state: %s\n", nice_component_state_to_string(state));
	fflush(stdout);
	if (state == NICE_COMPONENT_STATE_READY)
		app->ready = TRUE;
}

static void on_packet(NiceAgent *agent, guint stream, guint component,
		      guint size, gchar *bytes, gpointer data)
{
	struct app *app = data;

	(void)agent;
	(void)stream;
	(void)component;
	(void)size;
	(void)bytes;
	app->received++;
}

static gboolean quit(gpointer data)
{
	struct app *app = data;

	g_main_loop_quit(app->loop);
	return G_SOURCE_REMOVE;
}

/* Until the other side's description is there. */
static gboolean poll_theirs(gpointer data)
{
	struct app *app = data;

	app->waited_ms += POLL_MS;
	if (access(app->theirs, R_OK) && app->waited_ms < DESCRIPTION_MS)
		return G_SOURCE_CONTINUE;
	g_main_loop_quit(app->loop);
	return G_SOURCE_REMOVE;
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
	struct app *app = data;
	guchar rtp[172] = {0x80, 8};

	app->waited_ms += PACKET_MS;
	if (!app->ready && app->waited_ms < CONNECT_MS)
		return G_SOURCE_CONTINUE;
	if (!app->ready || app->sent == PACKETS) {
		tell_pair(app);
		g_timeout_add(AFTER_MS, quit, app);
		return G_SOURCE_REMOVE;
	}
	rtp[3] = (guchar)app->sent;
	rtp[6] = (guchar)(app->sent * 160 >> 8);
	rtp[7] = (guchar)(app->sent * 160);
	rtp[11] = app->controlling ? 1 : 2;
	memset(rtp + 12, 0xd5, sizeof(rtp) - 12);
	if (nice_agent_send(app->agent, app->stream, 1, sizeof(rtp),
			    (const gchar *)rtp) > 0)
		app->sent++;
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

static void set_option(struct app *app, const char *word)
{
	if (g_str_has_prefix(word, "stun="))
		g_object_set(app->agent, "stun-server", word + 5,
			     "stun-server-port", STUN_PORT, NULL);
	else if (g_str_has_prefix(word, "turn="))
		set_relay(app, word + 5);
	else if (!strcmp(word, "relay"))
		g_object_set(app->agent, "force-relay", TRUE, NULL);
	else if (!strcmp(word, "tcp"))
		g_object_set(app->agent, "ice-tcp", TRUE, "ice-udp", FALSE,
			     NULL);
}

static void make_agent(struct app *app, char **options)
{
	NiceAddress address;

	app->agent = nice_agent_new(NULL, NICE_COMPATIBILITY_RFC5245);
	g_object_set(app->agent, "controlling-mode", app->controlling, "upnp",
		     FALSE, "ice-tcp", FALSE, NULL);
	nice_address_init(&address);
	nice_address_set_from_string(&address, app->address);
	nice_agent_add_local_address(app->agent, &address);
	g_signal_connect(app->agent, "candidate-gathering-done",
			 G_CALLBACK(on_gathered), app);
	g_signal_connect(app->agent, "component-state-changed",
			 G_CALLBACK(on_state), app);
	app->stream = nice_agent_add_stream(app->agent, 1);
	nice_agent_set_stream_name(app->agent, app->stream, "audio");
	for (; *options; options++)
		set_option(app, *options);
	nice_agent_attach_recv(app->agent, app->stream, 1, NULL, on_packet,
			       app);
}

/* Only the lines about ICE; the other side must not see half of them. */
static gboolean hand_over(struct app *app)
{
	gchar *part = g_strconcat(app->mine, ".part", NULL);
	gchar *sdp = nice_agent_generate_local_sdp(app->agent);
	char **line = g_strsplit(sdp, "\n", -1);
	FILE *file = fopen(part, "w");
	gboolean done;

	for (char **l = line; file && *l; l++)
		if (g_str_has_prefix(*l, "a=ice-") ||
		    g_str_has_prefix(*l, "a=candidate:"))
			fprintf(file, "%s\n", *l);
	done = file && !fclose(file) && !rename(part, app->mine);
	g_strfreev(line);
	g_free(sdp);
	g_free(part);
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

/* Leaving also gives the allocation back, which takes a moment. */
static void leave(struct app *app)
{
	fflush(stdout);
	nice_agent_remove_stream(app->agent, app->stream);
	g_timeout_add(300, quit, app);
	g_main_loop_run(app->loop);
	g_object_unref(app->agent);
	g_main_loop_unref(app->loop);
}

int main(int argc, char **argv)
{
	struct app app = {0};

	if (argc < 5) {
		fprintf(stderr, "usage: see the top of nice_agent.c\n");
		return 2;
	}
	app.controlling = !strcmp(argv[1], "controlling");
	app.address = argv[2];
	app.mine = argv[3];
	app.theirs = argv[4];
	app.loop = g_main_loop_new(NULL, FALSE);
	make_agent(&app, argv + 5);
	nice_agent_gather_candidates(app.agent, app.stream);
	if (!app.gathered)
		g_main_loop_run(app.loop);
	if (!hand_over(&app))
		return 1;
	g_timeout_add(POLL_MS, poll_theirs, &app);
	g_main_loop_run(app.loop);
	if (!learn(&app))
		return 1;
	app.waited_ms = 0;
	g_timeout_add(PACKET_MS, speak, &app);
	g_main_loop_run(app.loop);
	printf("media: %u packets sent, %u received\n", app.sent, app.received);
	leave(&app);
	return 0;
}
