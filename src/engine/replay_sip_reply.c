/* An answer to REGISTER or SUBSCRIBE: its code, its headers, and what is said
 * back of the request (RFC 3261 8.2, 10.3, 20, 21). */
#include "config.h"

#include "engine/replay_sip.h"

static const char *method_of(const struct sip_trial *t)
{
	return sip_method_text((enum sip_method)t->w->method);
}

static bool has(const struct sip_trial *t, const char *name)
{
	return sip_trial_header(t->sip, NULL, name) != NULL;
}

/* ---- what is said back (8.2.6.2) ---- */

static void judge_echo(const struct sip_trial *t)
{
	const struct sip_message *sip = t->sip;
	const struct {
		const char *what;
		uint32_t is, due;
	} rows[] = {
		{"the URI of From", sip_trial_hash(t->r, sip->from.uri),
		 t->w->from_uri},
		{"the tag of From", sip_trial_hash(t->r, sip->from_tag),
		 t->w->from_tag},
		{"the URI of To", sip_trial_hash(t->r, sip->to.uri),
		 t->w->to_uri},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].is != rows[i].due)
			sip_trial_find(t, REPLAY_VALUE_WRONG,
				       "%s is not the request's", rows[i].what);
	if (!sip->to_tag.n)
		sip_trial_find(t, REPLAY_KNOWN_DIFFERENCE,
			       "the tag of To is missing in a final answer, as "
			       "with servers of RFC 2543");
	else if (t->w->to_tag &&
		 t->w->to_tag != sip_trial_hash(t->r, sip->to_tag))
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "the tag of To is not the request's");
	if (sip->via_count != t->w->vias && t->w->vias < 255)
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "the answer has %u of Via, the request had %u",
			       sip->via_count, (unsigned)t->w->vias);
}

/* ---- codes ---- */

static bool asked_tag(const struct sip_waiting *w, uint32_t tag)
{
	for (size_t i = 0; i < w->tag_count; i++)
		if (w->tags[i] == tag)
			return true;
	return w->crowded;
}

/* 8.2.2.3, and Path of who cannot (RFC 3327 5.3). */
static void judge_420(const struct sip_trial *t)
{
	const struct sip_header *h = NULL;

	if (!t->w->tag_count && !t->w->path_count) {
		sip_trial_find(t, REPLAY_REFUSED_WRONGLY,
			       "%s was answered with 420, and requires no "
			       "extension",
			       method_of(t));
		return;
	}
	while ((h = sip_trial_header(t->sip, h, "Unsupported"))) {
		struct slice rest = h->value, entry;

		while (!t->w->path_count && sip_list_next(&rest, &entry))
			if (!asked_tag(t->w, sip_trial_hash_nocase(
						     t->r, slice_trim(entry))))
				sip_trial_find(t, REPLAY_VALUE_WRONG,
					       "Unsupported names an extension "
					       "that was not required");
	}
}

/* 10.3, step 7; RFC 6665 4.2.1.1. */
static void judge_423(const struct sip_trial *t)
{
	uint32_t shortest = sip_shortest_asked(t->w);
	struct slice text = sip_value(t->sip, SIP_MIN_EXPIRES);
	uint64_t least;

	if (!shortest && !t->w->crowded)
		sip_trial_find(t, REPLAY_REFUSED_WRONGLY,
			       "%s was answered with 423, and asks for no time "
			       "below an hour (RFC 3261 10.3)",
			       method_of(t));
	else if (text.n && slice_number(text, UINT32_MAX, &least) != STATUS_OK)
		sip_trial_find(t, REPLAY_VALUE_WRONG, "Min-Expires is no time");
	else if (text.n && least <= shortest)
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "Min-Expires is %u, and %u is refused",
			       (unsigned)least, (unsigned)shortest);
}

/* 21.4.13: without a body nothing can be of a wrong type. */
static void judge_415(const struct sip_trial *t)
{
	if (!t->w->has_body)
		sip_trial_find(t, REPLAY_REFUSED_WRONGLY,
			       "%s was answered with 415, and has no body",
			       method_of(t));
	else if (!has(t, "Accept") && !has(t, "Accept-Encoding") &&
		 !has(t, "Accept-Language"))
		sip_trial_find(t, REPLAY_ATTRIBUTE_MISSING,
			       "Accept is missing beside 415");
}

/* Those that speak of calls, dialogs and sessions (21.4, 21.6). */
static const uint16_t of_calls[] = {481, 486, 487, 488, 491, 606};

static void judge_register_error(const struct sip_trial *t)
{
	for (size_t i = 0; i < sizeof(of_calls) / sizeof(of_calls[0]); i++)
		if (of_calls[i] == t->sip->status)
			sip_trial_find(t, REPLAY_REFUSED_WRONGLY,
				       "REGISTER was answered with %u, which "
				       "says nothing of a registration",
				       t->sip->status);
	/* RFC 5626 6 */
	if (t->sip->status == 439 && !t->w->has_outbound)
		sip_trial_find(t, REPLAY_REFUSED_WRONGLY,
			       "REGISTER was answered with 439, and asks for "
			       "no outbound flow");
}

static void judge_error(const struct sip_trial *t)
{
	unsigned status = t->sip->status;

	if (status == 420)
		judge_420(t);
	else if (status == 423)
		judge_423(t);
	else if (status == 415)
		judge_415(t);
	else if (t->w->method == SIP_REGISTER)
		judge_register_error(t);
}

/* A success that had to be none. */
static void judge_success(const struct sip_trial *t)
{
	/* Of a binding that still stands. */
	bool late = t->c->call == t->w->call && t->w->cseq < t->c->cseq &&
		    t->w->time > t->c->success_at + NS_PER_S &&
		    t->w->time + CLOCK_SLACK < t->c->bound_until;

	if (t->w->method != SIP_REGISTER)
		return;
	if (t->sip->status != 200)
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "the status is %u; 200 is due (RFC 3261 10.3)",
			       t->sip->status);
	if (t->w->invalid)
		sip_trial_find(t, REPLAY_ACCEPTED_WRONGLY,
			       "REGISTER had success where 400 was due: its "
			       "Contact is malformed, or \"*\" with more than "
			       "Expires: 0 (RFC 3261 10.3)");
	else if (late)
		sip_trial_find(t, REPLAY_ACCEPTED_WRONGLY,
			       "REGISTER had success, and its CSeq is below "
			       "that of the last one of its Call-ID (RFC 3261 "
			       "10.3)");
}

/* ---- headers ---- */

enum {
	IN_SUCCESS = 1,
	IN_REDIRECTION = 2,
	IN_CHALLENGE = 4,
	IN_OTHERS = 8,
};

/* Where headers belong, of those that mean something in few answers alone
 * (RFC 3261 20, tables 2 and 3; RFC 3608 4; RFC 7315 5.1). */
static const struct {
	const char *name;
	unsigned in;
	unsigned only; /* a status; 0: none */
} places[] = {
	{"WWW-Authenticate", IN_REDIRECTION | IN_CHALLENGE | IN_OTHERS, 0},
	{"Proxy-Authenticate", IN_REDIRECTION | IN_CHALLENGE | IN_OTHERS, 0},
	{"Min-Expires", 0, 423},
	{"Unsupported", 0, 420},
	{"Service-Route", IN_SUCCESS, 0},
	{"P-Associated-URI", IN_SUCCESS, 0},
};

/* Without which an answer is of no use. */
static const struct {
	const char *name;
	const char *source;
	unsigned status;
} needs[] = {
	{"Min-Expires", "RFC 3261 10.3", 423},
	{"Unsupported", "RFC 3261 8.2.2.3", 420},
	{"Allow", "RFC 3261 8.2.1", 405},
	{"Contact", "RFC 3261 21.3.2", 301},
	{"Contact", "RFC 3261 21.3.3", 302},
	{"Require", "RFC 3261 21.4.16", 421},
	{"Security-Server", "RFC 3329 2.3.1", 494},
};

static unsigned kind_of(unsigned status)
{
	if (status < 300)
		return IN_SUCCESS;
	if (status < 400)
		return IN_REDIRECTION;
	return status == 401 || status == 407 ? IN_CHALLENGE : IN_OTHERS;
}

static void judge_headers(const struct sip_trial *t)
{
	unsigned status = t->sip->status, kind = kind_of(status);

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!(places[i].in & kind) && places[i].only != status &&
		    has(t, places[i].name))
			sip_trial_find(t, REPLAY_ATTRIBUTE_FOREIGN,
				       "%s does not belong into an answer with "
				       "%u",
				       places[i].name, status);
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (needs[i].status == status && !has(t, needs[i].name))
			sip_trial_find(t, REPLAY_ATTRIBUTE_MISSING,
				       "%s is missing beside %u (%s)",
				       needs[i].name, status, needs[i].source);
}

/* ---- routes of a success ---- */

/* RFC 3327 5.3: what the registrar saw, and proxies nearer to it have put
 * theirs in front. */
static void judge_path(const struct sip_trial *t)
{
	uint32_t seen[2 * SIP_TAGS_KEPT];
	size_t n = 0, due = t->w->path_count;
	const struct sip_header *h = NULL;

	while ((h = sip_trial_header(t->sip, h, "Path"))) {
		struct slice rest = h->value, entry;

		while (sip_list_next(&rest, &entry) &&
		       n < sizeof(seen) / sizeof(seen[0]))
			seen[n++] = sip_trial_hash(t->r, slice_trim(entry));
	}
	if (n == 0 || t->w->crowded)
		return; /* it is not said back */
	if (n < due ||
	    memcmp(seen + (n - due), t->w->paths, due * sizeof(seen[0])) != 0)
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "Path does not end with that of the request "
			       "(RFC 3327 5.3)");
}

/* RFC 3608 5: each is a loose route. */
static void judge_service_route(const struct sip_trial *t)
{
	const struct sip_header *h = NULL;

	while ((h = sip_trial_header(t->sip, h, "Service-Route"))) {
		struct slice rest = h->value, entry, value;

		while (sip_list_next(&rest, &entry)) {
			struct sip_address address;
			struct sip_uri uri;

			if (sip_address_parse(slice_trim(entry), &address) ==
				    STATUS_OK &&
			    sip_uri_parse(address.uri, &uri) == STATUS_OK &&
			    sip_param(uri.params, ';', "lr", &value))
				continue;
			sip_trial_find(t, REPLAY_VALUE_WRONG,
				       "Service-Route has no loose route (lr; "
				       "RFC 3608 5)");
			return;
		}
	}
}

/* [MS-CONMGMT] 2.2.1: the server is the UAS of it. */
static void judge_keep_alive(const struct sip_trial *t)
{
	struct slice value = sip_value(t->sip, SIP_MS_KEEP_ALIVE);

	if (value.n && !slice_starts_nocase(value, "UAS"))
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "ms-keep-alive of a server is not UAS");
}

/* ---- all of it ---- */

void sip_trial_judge(const struct sip_trial *t)
{
	if (t->sip->method != (enum sip_method)t->w->method) {
		sip_trial_find(t, REPLAY_OTHER_METHOD,
			       "%s was answered with a message whose CSeq is "
			       "of another method",
			       method_of(t));
		return;
	}
	judge_echo(t);
	judge_headers(t);
	sip_judge_auth(t);
	if (t->sip->status >= 400)
		judge_error(t);
	if (t->sip->status >= 300)
		return;
	judge_success(t);
	sip_judge_contacts(t);
	judge_path(t);
	judge_service_route(t);
	judge_keep_alive(t);
}
