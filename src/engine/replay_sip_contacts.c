/* Contacts and their times (RFC 3261 10.2, 10.3; RFC 6665 4.2.1). */
#include "config.h"

#include "dissectors/sip_identity.h"
#include "engine/replay_sip.h"

#define AN_HOUR 3600u /* 10.3: longer is never too brief */
#define SHOWN 48u

/* The first word, for "%.*s": behind it may stand another header whose line end
 * is damaged, with what is nobody's business. */
#define WORD(s) (int)word_bytes(s), (const char *)(s).p

static size_t word_bytes(struct slice s)
{
	size_t n = 0;

	while (n < s.n && n < SHOWN && s.p[n] > ' ' && s.p[n] != '"')
		n++;
	return n;
}

/* One Contact as it is read. */
struct contact {
	struct slice lifetime; /* expires, as it is written */
	struct slice host, user;
	uint32_t hash, instance; /* of user and host; 0: none */
	uint32_t seconds;
	uint16_t port; /* 0: none is said */
	bool has_seconds, all, readable, rewrites, outbound;
};

static bool seconds_of(struct slice value, uint32_t *out)
{
	uint64_t seconds;

	if (slice_number(slice_trim(value), UINT32_MAX, &seconds) != STATUS_OK)
		return false;
	*out = (uint32_t)seconds;
	return true;
}

/* Registrars may change parameters, the case of the host, and leave the usual
 * port out (RFC 3261 19.1.4). */
static uint32_t hash_of_uri(const struct replay *r, const struct sip_uri *uri)
{
	uint64_t hash = sip_trial_hash_nocase(r, uri->host);

	return (uint32_t)hash_bytes(hash, uri->user);
}

static void read_contact(const struct replay *r, struct slice entry,
			 struct contact *out)
{
	struct sip_address address;
	struct sip_uri parts;
	struct slice value;

	*out = (struct contact){.all = slice_is(entry, "*")};
	if (out->all || sip_address_parse(entry, &address) != STATUS_OK ||
	    sip_uri_parse(address.uri, &parts) != STATUS_OK)
		return;
	out->readable = true;
	out->hash = hash_of_uri(r, &parts);
	out->host = parts.host;
	out->user = parts.user;
	out->port = parts.port;
	if (sip_param(address.params, ';', "expires", &out->lifetime))
		out->has_seconds = seconds_of(out->lifetime, &out->seconds);
	if (sip_param(address.params, ';', "+sip.instance", &value))
		out->instance =
			sip_trial_hash_nocase(r, sip_instance_uuid(value));
	out->outbound = sip_param(address.params, ';', "reg-id", &value);
	if (sip_param(address.params, ';', "proxy", &value))
		out->rewrites = slice_is_nocase(value, "replace");
}

/* A walk over all of a message. */
struct walk {
	const struct replay *r;
	const struct sip_message *m;
	const struct sip_header *header;
	struct slice rest;
};

static struct walk walk_over(const struct replay *r,
			     const struct sip_message *m)
{
	struct walk w = {.r = r, .m = m, .header = sip_header(m, SIP_CONTACT)};

	if (w.header)
		w.rest = w.header->value;
	return w;
}

static bool next_contact(struct walk *w, struct contact *out)
{
	struct slice entry;

	while (w->header) {
		if (sip_list_next(&w->rest, &entry)) {
			read_contact(w->r, slice_trim(entry), out);
			return true;
		}
		w->header = sip_header_after(w->m, w->header);
		if (w->header)
			w->rest = w->header->value;
	}
	return false;
}

/* ---- what is asked ---- */

void sip_read_contacts(const struct replay *r, const struct sip_message *m,
		       struct sip_waiting *w)
{
	struct walk walk = walk_over(r, m);
	struct contact c;

	w->has_expires = seconds_of(sip_value(m, SIP_EXPIRES), &w->expires);
	while (next_contact(&walk, &c)) {
		struct sip_asked_contact *kept = &w->contacts[w->contact_count];

		w->all |= c.all;
		w->rewrites |= c.rewrites;
		w->has_outbound |= c.outbound;
		if (c.all)
			continue;
		w->invalid |= !c.readable;
		if (w->contact_count == SIP_CONTACTS_KEPT) {
			w->crowded = true;
			continue;
		}
		w->contact_count++;
		*kept = (struct sip_asked_contact){
			.uri = c.hash,
			.user = sip_trial_hash(r, c.user),
			.port = c.port,
			.instance = c.instance,
			.seconds = c.has_seconds ? c.seconds : w->expires,
			.has_seconds = c.has_seconds || w->has_expires,
		};
	}
	/* 10.3, step 6 */
	if (w->all && (w->contact_count || !w->has_expires || w->expires))
		w->invalid = true;
}

uint32_t sip_shortest_asked(const struct sip_waiting *w)
{
	uint32_t shortest = 0;

	if (w->method == SIP_SUBSCRIBE)
		return w->expires < AN_HOUR ? w->expires : 0;
	for (size_t i = 0; i < w->contact_count; i++) {
		uint32_t seconds = w->contacts[i].seconds;

		if (seconds && seconds < AN_HOUR &&
		    (shortest == 0 || seconds < shortest))
			shortest = seconds;
	}
	return shortest;
}

/* ---- what is listed ---- */

struct listed {
	size_t count; /* of those that are meant */
	uint32_t least, most;
};

static bool is_same(const struct contact *c,
		    const struct sip_asked_contact *asked)
{
	bool instance = c->instance && c->instance == asked->instance &&
			(asked->seconds || !asked->has_seconds);
	bool port = !c->port || !asked->port || c->port == asked->port;

	return instance || (c->hash == asked->uri && port);
}

static struct listed find_listed(const struct sip_trial *t,
				 const struct sip_asked_contact *asked)
{
	struct walk walk = walk_over(t->r, t->sip);
	struct listed listed = {.least = UINT32_MAX};
	uint32_t whole = 0;
	struct contact c;
	bool has_whole = seconds_of(sip_value(t->sip, SIP_EXPIRES), &whole);

	while (next_contact(&walk, &c)) {
		uint32_t seconds = c.has_seconds ? c.seconds : whole;

		if (!c.readable || !is_same(&c, asked))
			continue;
		listed.count++;
		if (!c.has_seconds && !has_whole)
			continue;
		if (seconds < listed.least)
			listed.least = seconds;
		if (seconds > listed.most)
			listed.most = seconds;
	}
	return listed;
}

/* Removed under this URI, and not bound anew in the same breath? */
static bool is_removed(const struct sip_waiting *w, size_t at)
{
	for (size_t i = 0; i < w->contact_count; i++)
		if (w->contacts[i].uri == w->contacts[at].uri &&
		    w->contacts[i].port == w->contacts[at].port &&
		    (w->contacts[i].seconds || !w->contacts[i].has_seconds))
			return false;
	return true;
}

/*
 * 10.3: a registrar may choose less than is asked for.  Some have a least time
 * and give that instead of 423: then nobody has got less from them.
 */
static void judge_longer(const struct sip_trial *t, uint32_t asked,
			 uint32_t got)
{
	bool least = asked < AN_HOUR && got <= AN_HOUR &&
		     !(*t->shortest && *t->shortest < got);

	if (least)
		sip_trial_find(t, REPLAY_KNOWN_DIFFERENCE,
			       "expires is %u, %u was asked; Kamailio, "
			       "OpenSIPS and Asterisk give their least time "
			       "instead of 423",
			       (unsigned)got, (unsigned)asked);
	else
		sip_trial_find(t, REPLAY_LIFETIME_WRONG,
			       "expires is %u, which is more than the %u that "
			       "was asked (RFC 3261 10.3)",
			       (unsigned)got, (unsigned)asked);
}

/*
 * Registrars and proxies in front of them put in the place of an address that
 * nobody outside reaches the one that the request came from (Asterisk by
 * rewrite_contact, for one): calls come to the client so.
 */
static bool is_rewritten(const struct sip_trial *t,
			 const struct sip_asked_contact *asked)
{
	struct walk walk = walk_over(t->r, t->sip);
	struct endpoint at;
	struct contact c;

	while (next_contact(&walk, &c))
		if (c.readable && sip_trial_hash(t->r, c.user) == asked->user &&
		    endpoint_parse(c.host, c.port, &at) == STATUS_OK &&
		    endpoint_same_ip(&at, &t->w->client) &&
		    (!c.port || c.port == t->w->client.port))
			return true;
	return false;
}

static void judge_unlisted(const struct sip_trial *t,
			   const struct sip_asked_contact *asked)
{
	bool any = sip_header(t->sip, SIP_CONTACT) != NULL;

	if (!any)
		sip_trial_find(t, REPLAY_ATTRIBUTE_MISSING,
			       "Contact is missing beside 200: the one that "
			       "was bound is due");
	else if (is_rewritten(t, asked))
		sip_trial_find(t, REPLAY_KNOWN_DIFFERENCE,
			       "in place of the Contact the address is listed "
			       "that the request came from; Asterisk does that "
			       "for clients behind NAT");
	else if (!t->w->rewrites)
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "the Contact that was bound is not among those "
			       "that are listed");
}

static void judge_bound(const struct sip_trial *t,
			const struct sip_asked_contact *asked)
{
	struct listed listed = find_listed(t, asked);

	if (listed.count == 0)
		judge_unlisted(t, asked);
	if (listed.count == 0 || listed.least == UINT32_MAX)
		return;
	if (listed.most == 0)
		sip_trial_find(t, REPLAY_LIFETIME_WRONG,
			       "expires is 0 at the Contact that was bound");
	else if (asked->has_seconds && listed.least > asked->seconds)
		judge_longer(t, asked->seconds, listed.least);
}

/* ---- all of a list ---- */

/* False: enough was said. */
static bool judge_listed(const struct sip_trial *t, const struct contact *c,
			 bool has_whole)
{
	if (!c->readable)
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "a Contact of the answer is no address");
	else if (c->lifetime.n && !c->has_seconds)
		sip_trial_find(t, REPLAY_LIFETIME_WRONG,
			       "expires is no time at a Contact: \"%.*s\"",
			       WORD(c->lifetime));
	else if (!c->has_seconds && !has_whole)
		sip_trial_find(t, REPLAY_ATTRIBUTE_MISSING,
			       "expires is missing at a Contact (RFC 3261 "
			       "10.3)");
	else if (t->w->all && c->seconds)
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "a Contact is listed though all were removed");
	else
		return true;
	return false;
}

static void judge_list(const struct sip_trial *t)
{
	struct walk walk = walk_over(t->r, t->sip);
	struct slice expires = sip_value(t->sip, SIP_EXPIRES);
	uint32_t whole;
	bool has_whole = seconds_of(expires, &whole);
	struct contact c;

	if (expires.n && !has_whole)
		sip_trial_find(t, REPLAY_LIFETIME_WRONG,
			       "Expires is no time: \"%.*s\"", WORD(expires));
	while (next_contact(&walk, &c))
		if (!judge_listed(t, &c, has_whole))
			return;
}

/* RFC 6665 4.2.1.1; some do not say it at all. */
static void judge_subscription(const struct sip_trial *t)
{
	uint32_t got;

	if (seconds_of(sip_value(t->sip, SIP_EXPIRES), &got) &&
	    t->w->has_expires && got > t->w->expires)
		sip_trial_find(t, REPLAY_LIFETIME_WRONG,
			       "Expires is %u, which is more than the %u that "
			       "was asked (RFC 6665 4.2.1.1)",
			       (unsigned)got, (unsigned)t->w->expires);
}

void sip_judge_contacts(const struct sip_trial *t)
{
	struct sip_waiting *w = t->w;

	if (w->method == SIP_SUBSCRIBE) {
		judge_subscription(t);
		return;
	}
	judge_list(t);
	for (size_t i = 0; i < w->contact_count && !w->all; i++) {
		const struct sip_asked_contact *asked = &w->contacts[i];

		if (asked->seconds || !asked->has_seconds)
			judge_bound(t, asked);
		else if (is_removed(w, i) && find_listed(t, asked).most)
			sip_trial_find(t, REPLAY_VALUE_WRONG,
				       "a Contact that was removed is listed "
				       "on");
	}
}

void sip_adopt_contacts(const struct sip_trial *t)
{
	t->c->bound_until = 0;
	for (size_t i = 0; i < t->w->contact_count; i++) {
		const struct sip_asked_contact *asked = &t->w->contacts[i];
		struct listed listed = find_listed(t, asked);

		if (!listed.count || !listed.least ||
		    listed.least == UINT32_MAX)
			continue;
		t->c->bound_until =
			t->m->time + (nanoseconds)listed.least * NS_PER_S;
		if (asked->seconds &&
		    (*t->shortest == 0 || listed.least < *t->shortest))
			*t->shortest = listed.least;
	}
}
