/* MRAS documents against their schema ([MS-AVEDGEA] 2.2). */
#include "config.h"

#include "core/crypto.h"
#include "core/endpoint.h"
#include "dissectors/mras_rules.h"

#define ID_MAX 64u
#define VERSION_MAX 5u
#define ASKED_MAX 100u
#define HOST_MAX 255u

#define ROW(level, slug, what, document, todo)                           \
	{                                                                \
		.id = "token/" slug, .severity = SEVERITY_##level,       \
		.stage = STAGE_TOKEN, .title = what, .source = document, \
		.remedy = todo                                           \
	}

const struct rule mras_rules[] = {
	[MRAS_RULE_ATTRIBUTE] =
		ROW(ERROR, "mras-attribute-missing",
		    "an attribute that MRAS requires is missing",
		    "[MS-AVEDGEA] 2.2.2.1.2, 2.2.3.1.2",
		    "the server answers Request Malformed; fix the client"),
	[MRAS_RULE_ID] =
		ROW(ERROR, "mras-id-too-long",
		    "an id of an MRAS message is longer than 64 characters",
		    "[MS-AVEDGEA] 2.2.4.8", "fix whatever makes that id"),
	[MRAS_RULE_VERSION] =
		ROW(ERROR, "mras-version",
		    "the version of MRAS is not digits, a point, digits",
		    "[MS-AVEDGEA] 2.2.4.12", "fix the client"),
	[MRAS_RULE_VERSION_NEW] =
		ROW(INFO, "mras-version-unknown",
		    "the version of MRAS is not 1.0, 2.0 or 3.0",
		    "[MS-AVEDGEA] 2.2.3.1.2", NULL),
	[MRAS_RULE_URI] =
		ROW(ERROR, "mras-uri",
		    "to or from of an MRAS request is no SIP URI",
		    "[MS-AVEDGEA] 2.2.2.1.2, 3.1.5.3",
		    "the server answers Request Malformed; fix the client"),
	[MRAS_RULE_ASKED] =
		ROW(ERROR, "mras-requests",
		    "an MRAS request asks for none, for more than 100, or "
		    "twice under one id",
		    "[MS-AVEDGEA] 2.2.2.1.2, 3.1.5.1.1",
		    "ask for less at once, each under an id of its own"),
	[MRAS_RULE_LOCATION] =
		ROW(ERROR, "mras-location",
		    "a location of MRAS is neither intranet nor internet",
		    "[MS-AVEDGEA] 2.2.2.1", "fix the sender"),
	[MRAS_RULE_DURATION] =
		ROW(WARNING, "mras-duration",
		    "a duration of MRAS is no positive number of minutes",
		    "[MS-AVEDGEA] 2.2.2.1, 2.2.4.3", "fix the sender"),
	[MRAS_RULE_ORDER] =
		ROW(WARNING, "mras-order",
		    "elements of MRAS are not in the order of the schema",
		    "[MS-AVEDGEA] 6", "strict readers refuse it"),
	[MRAS_RULE_REPEATED] =
		ROW(ERROR, "mras-repeated",
		    "an element of MRAS that may appear once appears twice",
		    "[MS-AVEDGEA] 2.2.3.1.3.2, 2.2.4.3",
		    "readers differ in which one they take"),
	[MRAS_RULE_REASON] = ROW(WARNING, "mras-reason-unknown",
				 "the reason phrase of MRAS is none of the ten",
				 "[MS-AVEDGEA] 2.2.4.7",
				 "clients compare it letter by letter"),
	[MRAS_RULE_ECHO] = ROW(WARNING, "mras-echo-missing",
			       "an MRAS response lacks requestID, to or from",
			       "[MS-AVEDGEA] 2.2.3.1.2",
			       "only an answer to a malformed request may"),
	[MRAS_RULE_SERVER_VERSION] =
		ROW(WARNING, "mras-server-version",
		    "serverVersion is told to a client of version 1.0",
		    "[MS-AVEDGEA] 3.1.5.3", NULL),
	[MRAS_RULE_CREDENTIALS] =
		ROW(ERROR, "mras-credentials",
		    "granted credentials lack a part, or are no base64",
		    "[MS-AVEDGEA] 2.2.4.3",
		    "the client cannot use them: look at the Edge"),
	[MRAS_RULE_RELAY] =
		ROW(ERROR, "mras-relay",
		    "a relay list is empty, or a relay has no location or no "
		    "usable address",
		    "[MS-AVEDGEA] 2.2.4.5, 2.2.4.6",
		    "correct the Edge's names in the topology"),
	[MRAS_RULE_PORT] =
		ROW(ERROR, "mras-port",
		    "a relay has neither udpPort nor tcpPort, or a bad one",
		    "[MS-AVEDGEA] 2.2.3.1.3.2",
		    "correct the Edge's ports in the topology"),
	[MRAS_RULE_PORT_OTHER] =
		ROW(INFO, "mras-port-unusual",
		    "a relay has other ports than 3478 and 443",
		    "[MS-AVEDGEA] 2.2.3.1.3.2",
		    "open these ports in the firewalls, too"),
	[MRAS_RULES] = {.id = NULL},
};

struct pass {
	struct decoding *d;
	const struct xml_element *root;
	bool request;
};

static void find(const struct pass *p, enum mras_rule rule, struct slice where)
{
	decoding_find(p->d, &mras_rules[rule], where);
}

static struct slice text_of(const struct xml_element *e, const char *name)
{
	const struct xml_element *child = e ? xml_child(e, name) : NULL;

	return child ? child->text : (struct slice){0};
}

static bool is_one_of(struct slice s, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_is(s, words[i]))
			return true;
	return false;
}

#define IS_ONE_OF(s, words) \
	is_one_of(s, words, sizeof(words) / sizeof((words)[0]))

/* ---- simple types ---- */

static bool is_digits(struct slice s)
{
	uint64_t n;

	return slice_number(s, 99999, &n) == STATUS_OK;
}

static bool is_version(struct slice version)
{
	struct slice rest = version;
	struct slice major = slice_split(&rest, '.');

	return version.n <= VERSION_MAX && is_digits(major) && is_digits(rest);
}

static void check_version(const struct pass *p)
{
	static const char *const known[] = {"1.0", "2.0", "3.0"};
	struct slice version = xml_attribute_value(p->root, "version");
	struct slice server = xml_attribute_value(p->root, "serverVersion");

	if (version.n && !is_version(version))
		find(p, MRAS_RULE_VERSION, version);
	else if (version.n && !IS_ONE_OF(version, known))
		find(p, MRAS_RULE_VERSION_NEW, version);
	if (server.n && !is_version(server))
		find(p, MRAS_RULE_VERSION, server);
}

static void check_id(const struct pass *p, struct slice id)
{
	if (id.n > ID_MAX)
		find(p, MRAS_RULE_ID, id);
}

static void check_location(const struct pass *p, const struct xml_element *e)
{
	static const char *const words[] = {"intranet", "internet"};
	const struct xml_element *child = xml_child(e, "location");

	if (child && !IS_ONE_OF(child->text, words))
		find(p, MRAS_RULE_LOCATION, child->text);
}

static void check_duration(const struct pass *p, const struct xml_element *e)
{
	const struct xml_element *child = xml_child(e, "duration");
	uint64_t minutes;

	if (child &&
	    (slice_number(child->text, UINT32_MAX, &minutes) != STATUS_OK ||
	     minutes == 0))
		find(p, MRAS_RULE_DURATION, child->text);
}

/* Children that the schema knows, in its order, once each; others may stand
 * between. */
static void check_order(const struct pass *p, const struct xml_element *e,
			const char *const *names, size_t count)
{
	unsigned seen = 0;

	for (const struct xml_element *c = e->first; c; c = c->next)
		for (size_t i = 0; i < count; i++) {
			if (!slice_is(c->name, names[i]))
				continue;
			if (seen & 1u << i)
				find(p, MRAS_RULE_REPEATED, c->name);
			else if (seen >> i)
				find(p, MRAS_RULE_ORDER, c->name);
			seen |= 1u << i;
		}
}

#define CHECK_ORDER(p, e, names) \
	check_order(p, e, names, sizeof(names) / sizeof((names)[0]))

/* ---- requests ---- */

static bool is_sip(struct slice uri)
{
	return slice_starts_nocase(uri, "sip:") ||
	       slice_starts_nocase(uri, "sips:");
}

static void check_attributes(const struct pass *p)
{
	static const char *const names[] = {"requestID", "version", "to",
					    "from"};

	for (size_t i = 0; i < 4; i++)
		if (!xml_attribute_value(p->root, names[i]).n)
			find(p, MRAS_RULE_ATTRIBUTE, slice_of_text(names[i]));
	for (size_t i = 2; i < 4; i++) {
		struct slice uri = xml_attribute_value(p->root, names[i]);

		if (uri.n && !is_sip(uri))
			find(p, MRAS_RULE_URI, uri);
	}
}

static bool is_repeated(const struct xml_element *e, struct slice id)
{
	for (const struct xml_element *o = e->parent->first; o != e;
	     o = o->next)
		if (slice_equal(xml_attribute_value(o, "credentialsRequestID"),
				id))
			return true;
	return false;
}

static void check_asked(const struct pass *p)
{
	static const char *const order[] = {"identity", "location", "duration"};
	size_t count = 0;

	for (const struct xml_element *e = p->root->first; e; e = e->next) {
		struct slice id;

		if (!slice_is(e->name, "credentialsRequest"))
			continue;
		id = xml_attribute_value(e, "credentialsRequestID");
		check_id(p, id);
		/* The walk over all before it stays short. */
		if (++count <= ASKED_MAX && (!id.n || is_repeated(e, id)))
			find(p, MRAS_RULE_ASKED, id);
		check_location(p, e);
		check_duration(p, e);
		CHECK_ORDER(p, e, order);
	}
	if (count == 0 || count > ASKED_MAX)
		find(p, MRAS_RULE_ASKED, p->root->name);
}

/* ---- responses ---- */

static void check_answer(const struct pass *p)
{
	static const char *const reasons[] = {"OK",
					      "Request Malformed",
					      "Request Too Large",
					      "Not Supported",
					      "Version Mismatch",
					      "Server Busy",
					      "Time Out",
					      "Forbidden",
					      "Internal Server Error",
					      "Other Failure"};
	struct slice reason = xml_attribute_value(p->root, "reasonPhrase");

	if (!reason.n)
		find(p, MRAS_RULE_ATTRIBUTE, SLICE("reasonPhrase"));
	if (!xml_attribute_value(p->root, "version").n)
		find(p, MRAS_RULE_ATTRIBUTE, SLICE("version"));
	if (reason.n && !IS_ONE_OF(reason, reasons))
		find(p, MRAS_RULE_REASON, reason);
	if (!slice_is(reason, "Request Malformed") &&
	    (!xml_attribute_value(p->root, "requestID").n ||
	     !xml_attribute_value(p->root, "to").n ||
	     !xml_attribute_value(p->root, "from").n))
		find(p, MRAS_RULE_ECHO, p->root->name);
	if (slice_is(xml_attribute_value(p->root, "version"), "1.0") &&
	    xml_attribute_value(p->root, "serverVersion").n)
		find(p, MRAS_RULE_SERVER_VERSION, p->root->name);
}

/* How long one may be ("64k") is not known to the character: that one is too
 * long is for nobody to say. */
static bool is_base64(const struct pass *p, struct slice text)
{
	uint8_t *out = text.n ? arena_alloc(p->d->arena, text.n + 4) : NULL;
	size_t n;

	return text.n && (!out || base64_decode(text, out, &n) == STATUS_OK);
}

/* Username and password are told by what is no base64, too. */
static void check_credentials(const struct pass *p,
			      const struct xml_element *response)
{
	static const char *const order[] = {"username", "password", "duration",
					    "realm"};
	const struct xml_element *e = xml_child(response, "credentials");

	for (size_t i = 0; i < 2; i++)
		if (!is_base64(p, text_of(e, order[i])))
			find(p, MRAS_RULE_CREDENTIALS, slice_of_text(order[i]));
	if (!e || !xml_child(e, "duration"))
		find(p, MRAS_RULE_CREDENTIALS, SLICE("duration"));
	if (!e)
		return;
	check_duration(p, e);
	CHECK_ORDER(p, e, order);
}

/* 2.2.4.6: letters, digits, '_', '-' and '.'. */
static bool is_host(struct slice s)
{
	static const char others[] = "_-.";

	for (size_t i = 0; i < s.n; i++) {
		char c = (char)s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && !strchr(others, c))
			return false;
	}
	return s.n != 0 && s.n <= HOST_MAX;
}

static void check_address(const struct pass *p, const struct xml_element *relay)
{
	const struct xml_element *host = xml_child(relay, "hostName");
	const struct xml_element *ip = xml_child(relay, "directIPAddress");
	struct endpoint e;

	if (!xml_child(relay, "location"))
		find(p, MRAS_RULE_RELAY, SLICE("location"));
	if (ip ? host || endpoint_parse(ip->text, 0, &e) != STATUS_OK
	       : !host || !is_host(host->text))
		find(p, MRAS_RULE_RELAY,
		     ip ? SLICE("directIPAddress") : SLICE("hostName"));
}

/* 0: absent, or no port; *bad when it is there and none. */
static uint64_t port_of(const struct xml_element *relay, const char *name,
			bool *bad)
{
	const struct xml_element *e = xml_child(relay, name);
	uint64_t port;

	if (!e)
		return 0;
	if (slice_number(e->text, UINT16_MAX, &port) == STATUS_OK && port)
		return port;
	*bad = true;
	return 0;
}

static void check_ports(const struct pass *p, const struct xml_element *relay)
{
	bool bad_udp = false, bad_tcp = false;
	uint64_t udp = port_of(relay, "udpPort", &bad_udp);
	uint64_t tcp = port_of(relay, "tcpPort", &bad_tcp);

	if (bad_udp || bad_tcp || (!udp && !tcp))
		find(p, MRAS_RULE_PORT,
		     bad_tcp ? SLICE("tcpPort") : SLICE("udpPort"));
	else if ((udp && udp != 3478) || (tcp && tcp != 443))
		find(p, MRAS_RULE_PORT_OTHER, relay->name);
}

static void check_relays(const struct pass *p,
			 const struct xml_element *response)
{
	static const char *const order[] = {"location", "hostName",
					    "directIPAddress", "udpPort",
					    "tcpPort"};
	const struct xml_element *list = xml_child(response, "mediaRelayList");
	size_t count = 0;

	for (const struct xml_element *e = list ? list->first : NULL; e;
	     e = e->next) {
		if (!slice_is(e->name, "mediaRelay"))
			continue;
		count++;
		check_location(p, e);
		check_address(p, e);
		check_ports(p, e);
		CHECK_ORDER(p, e, order);
	}
	if (count == 0)
		find(p, MRAS_RULE_RELAY, SLICE("mediaRelay"));
}

static void check_granted(const struct pass *p,
			  const struct xml_element *response)
{
	static const char *const order[] = {"credentials", "mediaRelayList"};
	struct slice id = xml_attribute_value(response, "credentialsRequestID");

	if (!id.n)
		find(p, MRAS_RULE_ATTRIBUTE, SLICE("credentialsRequestID"));
	check_id(p, id);
	CHECK_ORDER(p, response, order);
	check_credentials(p, response);
	check_relays(p, response);
}

void mras_check(struct decoding *d, const struct xml_element *root,
		enum mras_kind kind)
{
	struct pass p = {d, root, kind == MRAS_REQUEST};

	check_version(&p);
	check_id(&p, xml_attribute_value(root, "requestID"));
	if (p.request) {
		check_attributes(&p);
		check_asked(&p);
		return;
	}
	check_answer(&p);
	for (const struct xml_element *e = root->first; e; e = e->next)
		if (slice_is(e->name, "credentialsResponse"))
			check_granted(&p, e);
}
