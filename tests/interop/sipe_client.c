/*
 * A client of Lync without a window: libpurple with the plugin pidgin-sipe.  It
 * signs in, waits for its relays and signs out.
 *
 *	sipe_client FOLDER tcp|tls SERVER:PORT USER@DOMAIN LOGIN PASSWORD
 *
 * FOLDER is libpurple's.  What it says: "signed on", "token NAME PASSWORD" and
 * "relay HOST TCP UDP" as the plugin got them, "refused WHY", "signed off".
 * Exit status 0 when it had been signed on; 77: there is no plugin.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>
#include <libxml/parser.h>
#include <purple.h>

#define PATIENCE 15 /* seconds for all of it */
#define LINGER 200  /* ms, for what the server says behind the relays */
/* The same from the environment, where a test wants to see more. */
#define PATIENCE_FROM "SIPE_CLIENT_PATIENCE"
#define LINGER_FROM "SIPE_CLIENT_LINGER"
#define SCHEME_FROM "SIPE_CLIENT_SCHEME"

struct run {
	GMainLoop *loop;
	PurpleAccount *account;
	gboolean signed_on;
	gboolean leaving;
};

static struct run run;

/*
 * The plugin reads XML with handlers of SAX1 in a table that says SAX2.  There
 * are releases of libxml2 (2.9.14 of Debian 12) that then call none of them:
 * to the plugin, every document is empty.  This one stands in front of
 * libxml2's and says in such a table what is in it.
 */
int xmlSAXUserParseMemory(xmlSAXHandlerPtr sax, void *data, const char *bytes,
			  int n)
{
	int (*next)(xmlSAXHandlerPtr, void *, const char *, int);
	xmlSAXHandler honest = *sax;

	*(void **)&next = dlsym(RTLD_NEXT, "xmlSAXUserParseMemory");
	if (sax->startElement && !sax->startElementNs)
		honest.initialized = 1;
	return next(&honest, data, bytes, n);
}

/* ---- libpurple's loop is GLib's ---- */

struct watch {
	PurpleInputFunction call;
	gpointer data;
};

static gboolean ready(GIOChannel *channel, GIOCondition condition,
		      gpointer data)
{
	struct watch *watch = data;
	PurpleInputCondition what = 0;

	if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
		what |= PURPLE_INPUT_READ;
	if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR))
		what |= PURPLE_INPUT_WRITE;
	watch->call(watch->data, g_io_channel_unix_get_fd(channel), what);
	return TRUE;
}

static guint add_input(gint fd, PurpleInputCondition condition,
		       PurpleInputFunction call, gpointer data)
{
	struct watch *watch = g_new0(struct watch, 1);
	GIOCondition wanted = G_IO_HUP | G_IO_ERR;
	GIOChannel *channel = g_io_channel_unix_new(fd);
	guint id;

	watch->call = call;
	watch->data = data;
	if (condition & PURPLE_INPUT_READ)
		wanted |= G_IO_IN;
	if (condition & PURPLE_INPUT_WRITE)
		wanted |= G_IO_OUT;
	id = g_io_add_watch_full(channel, G_PRIORITY_DEFAULT, wanted, ready,
				 watch, g_free);
	g_io_channel_unref(channel);
	return id;
}

static PurpleEventLoopUiOps loop_ops = {
	.timeout_add = g_timeout_add,
	.timeout_remove = g_source_remove,
	.input_add = add_input,
	.input_remove = g_source_remove,
	.timeout_add_seconds = g_timeout_add_seconds,
};

/* ---- what happens ---- */

static guint from_environment(const char *name, guint otherwise)
{
	const char *text = getenv(name);

	return text ? (guint)strtoul(text, NULL, 10) : otherwise;
}

static gboolean leave(gpointer data)
{
	(void)data;
	if (!run.leaving) {
		run.leaving = TRUE;
		purple_account_set_enabled(run.account, "client", FALSE);
	}
	return FALSE;
}

static gboolean give_up(gpointer data)
{
	(void)data;
	g_main_loop_quit(run.loop);
	return FALSE;
}

static char *between(const char *text, const char *open, const char *close)
{
	const char *from = strstr(text, open);
	const char *to = from ? strstr(from, close) : NULL;

	if (!to)
		return NULL;
	from += strlen(open);
	return g_strndup(from, (gsize)(to - from));
}

static void show_token(const char *text)
{
	char *name = between(text, "<username>", "</username>");
	char *password = between(text, "<password>", "</password>");

	if (name && password)
		printf("token %s %s\n", name, password);
	g_free(name);
	g_free(password);
}

/* The plugin keeps its token and relays to itself, but logs them. */
static void heard(PurpleDebugLevel level, const char *category,
		  const char *text)
{
	const char *at = strstr(text, "Media relay: ");
	char host[256];
	unsigned tcp, udp;

	(void)level;
	show_token(text);
	if (getenv("SIPE_CLIENT_DEBUG"))
		fprintf(stderr, "%s: %s", category ? category : "", text);
	if (at && sscanf(at, "Media relay: %255s TCP: %u UDP: %u", host, &tcp,
			 &udp) == 3) {
		printf("relay %s %u %u\n", host, tcp, udp);
		fflush(stdout);
		g_timeout_add(from_environment(LINGER_FROM, LINGER), leave,
			      NULL);
	}
}

static gboolean hears(PurpleDebugLevel level, const char *category)
{
	(void)level;
	(void)category;
	return TRUE;
}

static PurpleDebugUiOps debug_ops = {.print = heard, .is_enabled = hears};

static void signed_on(PurpleConnection *connection)
{
	(void)connection;
	run.signed_on = TRUE;
	puts("signed on");
	fflush(stdout);
}

static void signed_off(PurpleConnection *connection)
{
	(void)connection;
	puts("signed off");
	fflush(stdout);
	g_main_loop_quit(run.loop);
}

static void refused(PurpleConnection *connection, PurpleConnectionError error,
		    const char *why)
{
	(void)connection;
	(void)error;
	printf("refused %s\n", why);
	fflush(stdout);
	g_main_loop_quit(run.loop);
}

static void set_up(char **argv)
{
	char *name = g_strdup_printf("%s,%s", argv[4], argv[5]);

	run.account = purple_account_new(name, "prpl-sipe");
	g_free(name);
	purple_account_set_password(run.account, argv[6]);
	purple_account_set_string(run.account, "transport", argv[2]);
	purple_account_set_string(run.account, "server", argv[3]);
	purple_account_set_string(run.account, "authentication",
				  getenv(SCHEME_FROM) ? getenv(SCHEME_FROM)
						      : "ntlm");
	purple_account_set_bool(run.account, "dont-publish", TRUE);
	purple_account_set_enabled(run.account, "client", TRUE);
	purple_savedstatus_activate(
		purple_savedstatus_new(NULL, PURPLE_STATUS_AVAILABLE));
}

int main(int argc, char **argv)
{
	static int handle;

	if (argc != 7)
		return 2;
	run.loop = g_main_loop_new(NULL, FALSE);
	purple_util_set_user_dir(argv[1]);
	/* Else the plugin says nothing of what it gets. */
	purple_debug_set_unsafe(TRUE);
	purple_debug_set_ui_ops(&debug_ops);
	purple_eventloop_set_ui_ops(&loop_ops);
	if (!purple_core_init("client"))
		return 3;
	purple_set_blist(purple_blist_new());
	if (!purple_find_prpl("prpl-sipe")) {
		puts("no plugin");
		return 77;
	}
	purple_signal_connect(purple_connections_get_handle(), "signed-on",
			      &handle, PURPLE_CALLBACK(signed_on), NULL);
	purple_signal_connect(purple_connections_get_handle(), "signed-off",
			      &handle, PURPLE_CALLBACK(signed_off), NULL);
	purple_signal_connect(purple_connections_get_handle(),
			      "connection-error", &handle,
			      PURPLE_CALLBACK(refused), NULL);
	set_up(argv);
	g_timeout_add_seconds(from_environment(PATIENCE_FROM, PATIENCE),
			      give_up, NULL);
	g_main_loop_run(run.loop);
	purple_core_quit();
	return run.signed_on ? 0 : 1;
}
