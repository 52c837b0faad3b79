/*
 * The judge of registrars: a REGISTER or SUBSCRIBE waits here, hop by hop, and
 * its answer is held against what RFC 3261 8.2, 10.3 and 22, RFC 6665 4.2.1,
 * RFC 3327, RFC 3608 and [MS-SIPAE] let a server say to it.
 *
 * Nothing is known of a server's users, passwords (but those that were given),
 * bindings from before, and policy: what depends on them may be.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/replay_sip.h"

#define ASKED_SETS ((size_t)256)
#define CLIENT_SETS ((size_t)1024)
#define WAYS ((size_t)4)
#define SERVERS_MAX 64u

struct known_server {
	uint32_t ip; /* hash; 0: free */
	uint32_t shortest;
};

struct replay_registrar {
	struct sip_waiting asked[ASKED_SETS * WAYS];
	struct sip_client clients[CLIENT_SETS * WAYS];
	struct known_server servers[SERVERS_MAX];
	size_t next_server;
};

static struct replay_registrar *state_of(struct replay *r)
{
	if (!r->registrar)
		r->registrar = calloc(1, sizeof(*r->registrar));
	return r->registrar;
}

void replay_registrar_free(struct replay_registrar *s)
{
	if (s)
		bytes_wipe(s->clients, sizeof(s->clients));
	free(s);
}

uint32_t sip_trial_hash(const struct replay *r, struct slice s)
{
	return s.n ? replay_hash(r, s) : 0;
}

#define NOCASE_MAX 128u

uint32_t sip_trial_hash_nocase(const struct replay *r, struct slice s)
{
	uint8_t small[NOCASE_MAX];

	if (s.n > sizeof(small))
		return sip_trial_hash(r, s);
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		small[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c | 32) : c;
	}
	return sip_trial_hash(r, slice_of(small, s.n));
}

const struct sip_header *sip_trial_header(const struct sip_message *m,
					  const struct sip_header *after,
					  const char *name)
{
	const struct sip_header *h = after ? after + 1 : m->headers;

	for (; h && h < m->headers + m->header_count; h++)
		if (slice_is_nocase(h->name, name))
			return h;
	return NULL;
}

void sip_trial_find(const struct sip_trial *t, enum replay_rule rule,
		    const char *format, ...)
{
	va_list arguments;
	struct replay_finding f = {.rule = rule,
				   .file = t->m->file,
				   .frame = t->m->frame,
				   .time = t->m->time,
				   .client = t->w->client,
				   .server = t->w->server,
				   .asked_file = t->w->file,
				   .asked_frame = t->w->frame};
	va_start(arguments, format);
	replay_note(t->r, &f, format, arguments);
	va_end(arguments);
}

/* ---- what waits ---- */

static struct slice ip_of(const struct endpoint *e)
{
	return slice_of(e->ip, sizeof(e->ip));
}

/* One hop's: its proxy put the branch in front.  The port of an answer over
 * UDP may be that of Via (RFC 3261 18.2.2). */
static uint64_t hash_of(const struct replay *r, const struct sip_message *sip,
			const struct endpoint *client)
{
	uint64_t hash = hash_bytes(r->key + sip->cseq, sip->call_id);

	hash = hash_bytes(hash, sip->via.branch);
	hash = hash_bytes(hash, sip->via.host);
	hash = hash_bytes(hash, ip_of(client));
	return hash ? hash : 1;
}

static struct sip_waiting *find_asked(struct replay *r, uint64_t hash)
{
	struct sip_waiting *set;

	if (!r->registrar)
		return NULL;
	set = r->registrar->asked + (hash & (ASKED_SETS - 1)) * WAYS;
	for (size_t i = 0; i < WAYS; i++)
		if (set[i].hash == hash)
			return &set[i];
	return NULL;
}

static struct sip_waiting *new_asked(struct replay *r, uint64_t hash)
{
	struct sip_waiting *set =
		r->registrar->asked + (hash & (ASKED_SETS - 1)) * WAYS;
	struct sip_waiting *row = set;

	for (size_t i = 0; i < WAYS && row->hash; i++)
		if (!set[i].hash || set[i].time < row->time)
			row = &set[i];
	*row = (struct sip_waiting){.hash = hash};
	return row;
}

/* Made where there is none yet: the oldest gives its place. */
static struct sip_client *client_of(struct replay *r,
				    const struct sip_waiting *w)
{
	uint64_t key = hash_bytes(r->key + w->from_uri, ip_of(&w->client));
	struct sip_client *set, *row;

	key = hash_bytes(key, ip_of(&w->server));
	key += key == 0;
	set = row = r->registrar->clients + (key & (CLIENT_SETS - 1)) * WAYS;
	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (set[i].used < row->used)
			row = &set[i];
	}
	*row = (struct sip_client){.key = key};
	return row;
}

static uint32_t *shortest_of(struct replay *r, const struct endpoint *server)
{
	struct replay_registrar *s = r->registrar;
	uint32_t ip = replay_hash(r, ip_of(server));
	struct known_server *row;

	for (size_t i = 0; i < SERVERS_MAX; i++)
		if (s->servers[i].ip == ip)
			return &s->servers[i].shortest;
	row = &s->servers[s->next_server++ % SERVERS_MAX];
	*row = (struct known_server){.ip = ip};
	return &row->shortest;
}

/* ---- requests ---- */

static void note_tags(const struct replay *r, const struct sip_message *sip,
		      const char *name, struct sip_waiting *w)
{
	const struct sip_header *h = NULL;

	while ((h = sip_trial_header(sip, h, name))) {
		struct slice rest = h->value, entry;

		while (sip_list_next(&rest, &entry)) {
			entry = slice_trim(entry);
			if (w->tag_count == SIP_TAGS_KEPT)
				w->crowded = true;
			else
				w->tags[w->tag_count++] =
					sip_trial_hash_nocase(r, entry);
		}
	}
}

static void note_paths(const struct replay *r, const struct sip_message *sip,
		       struct sip_waiting *w)
{
	const struct sip_header *h = NULL;

	while ((h = sip_trial_header(sip, h, "Path"))) {
		struct slice rest = h->value, entry;

		while (sip_list_next(&rest, &entry)) {
			if (w->path_count == SIP_TAGS_KEPT)
				w->crowded = true;
			else
				w->paths[w->path_count++] =
					sip_trial_hash(r, slice_trim(entry));
		}
	}
}

static void note_request(const struct replay *r, const struct replay_sip *m,
			 struct sip_waiting *w)
{
	const struct sip_message *sip = m->sip;

	w->file = m->file;
	w->frame = m->frame;
	w->time = m->time;
	w->client = m->src;
	w->server = m->dst;
	w->method = (uint8_t)sip->method;
	w->call = replay_hash(r, sip->call_id);
	w->cseq = sip->cseq;
	w->from_uri = sip_trial_hash(r, sip->from.uri);
	w->from_tag = sip_trial_hash(r, sip->from_tag);
	w->to_uri = sip_trial_hash(r, sip->to.uri);
	w->to_tag = sip_trial_hash(r, sip->to_tag);
	w->vias = (uint8_t)(sip->via_count < 255 ? sip->via_count : 255);
	w->has_body = sip->body.n != 0 || sip->body_cut;
	note_tags(r, sip, "Require", w);
	note_tags(r, sip, "Proxy-Require", w);
	note_paths(r, sip, w);
	sip_read_contacts(r, sip, w);
}

static uint64_t whole_of(const struct replay *r, const struct sip_message *sip)
{
	uint64_t hash = hash_bytes(r->key, sip->start_line);

	for (size_t i = 0; i < sip->header_count; i++)
		hash = hash_bytes(hash, sip->headers[i].value);
	return hash_bytes(hash, sip->body);
}

static void take_request(struct replay *r, const struct replay_sip *m)
{
	uint64_t whole = whole_of(r, m->sip), hash;
	struct sip_waiting *w;
	struct sip_client *c;

	if (!state_of(r))
		return;
	hash = hash_of(r, m->sip, &m->src);
	w = find_asked(r, hash);
	if (w) {
		/* The same once more, or another under its name. */
		w->again |= w->whole != whole;
		return;
	}
	w = new_asked(r, hash);
	w->whole = whole;
	note_request(r, m, w);
	c = client_of(r, w);
	c->used = m->time;
	sip_read_credentials(r, m, c, w);
}

/* ---- answers ---- */

/* False: nobody has been answered otherwise on the same way.  To a challenge
 * that is made without memory each request is a new one. */
static void judge_again(const struct sip_trial *t)
{
	bool challenges = t->sip->status == 401 || t->sip->status == 407 ||
			  t->w->code == 401 || t->w->code == 407;

	if (t->w->code != t->sip->status && !challenges && !t->w->again &&
	    endpoint_equal(&t->w->answered_from, &t->m->src) &&
	    endpoint_equal(&t->w->answered_to, &t->m->dst))
		sip_trial_find(t, REPLAY_ANSWERS_DIFFER,
			       "one %s was answered with %u and with %u",
			       sip_method_text((enum sip_method)t->w->method),
			       (unsigned)t->w->code, t->sip->status);
}

/* Where a success is known from then on. */
static void adopt(const struct sip_trial *t)
{
	sip_adopt_auth(t);
	if (t->sip->status >= 300 || t->w->method != SIP_REGISTER)
		return;
	sip_adopt_contacts(t);
	t->c->call = t->w->call;
	t->c->cseq = t->w->cseq;
	t->c->success_at = t->m->time;
}

static void take_answer(struct replay *r, const struct replay_sip *m)
{
	struct sip_waiting *w = find_asked(r, hash_of(r, m->sip, &m->dst));
	struct sip_trial t = {.r = r, .m = m, .sip = m->sip, .w = w};
	uint64_t answer;

	if (!w || m->sip->body_cut)
		return;
	answer = whole_of(r, m->sip);
	answer += answer == 0;
	t.c = client_of(r, w);
	t.shortest = shortest_of(r, &w->server);
	if (w->answer && w->answer != answer &&
	    m->sip->method == (enum sip_method)w->method)
		judge_again(&t);
	if (w->answer)
		return;
	w->answer = answer;
	w->code = (uint16_t)m->sip->status;
	w->answered_from = m->src;
	w->answered_to = m->dst;
	if (w->again)
		return;
	r->counts.replies++;
	sip_trial_judge(&t);
	adopt(&t);
}

void replay_take_registration(struct replay *r, const struct replay_sip *m)
{
	const struct sip_message *sip = m->sip;

	if (sip->call_id.n == 0 || !sip->has_cseq || sip->via_count == 0)
		return;
	if (!sip->request && sip->status >= 200)
		take_answer(r, m);
	else if (sip->request &&
		 (sip->method == SIP_REGISTER || sip->method == SIP_SUBSCRIBE))
		take_request(r, m);
}
