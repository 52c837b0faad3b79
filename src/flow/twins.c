/*
 * Hosts that speak both IPv4 and IPv6.  A client that knows addresses of both
 * families tries one after the other (RFC 8305, RFC 8421), so that one try may
 * fail while the other is served; both are of one host.
 *
 * What tells: two hosts ask the two addresses of one name at about the same
 * time, and no third one does; or they register one address of record.  The
 * name of a server is what DNS answers for, or what clients of TLS call it.
 */
#include "config.h"

#include "flow/stages_state.h"

/* Clients that wait for the first family to fail do so for 32 s (Timer B of
 * RFC 3261 17.1.1.2), or as long as TCP has patience. */
#define TOGETHER (75 * NS_PER_S)

/* A server's address whose name has one of each family, and who asks there. */
struct named {
	struct endpoint address;
	const char *name; /* each once */
};

struct asker {
	struct endpoint host;
	const char *name;
	nanoseconds time;
};

#define NAMED_MAX 64u
#define ASKERS_MAX 256u

static struct endpoint host_of(const struct endpoint *e)
{
	struct endpoint host = *e;

	host.port = 0;
	return host;
}

static struct twin *find(const struct stages *s, const struct endpoint *six)
{
	struct twin *rows = s->twins.rows;

	for (size_t i = 0; i < s->twins.count; i++)
		if (endpoint_same_ip(&rows[i].six, six))
			return &rows[i];
	return NULL;
}

/* One host may have several addresses of one network (RFC 8981). */
#define NETWORK_BYTES 8u

static bool share_network(const struct endpoint *a, const struct endpoint *b)
{
	return memcmp(a->ip, b->ip, NETWORK_BYTES) == 0;
}

/* Where there are more, nobody knows which one is the twin. */
static bool has_rival(const struct stages *s, const struct endpoint *six,
		      const struct endpoint *four)
{
	struct twin *rows = s->twins.rows;
	bool any = false;

	for (size_t i = 0; i < s->twins.count; i++) {
		if (!endpoint_same_ip(&rows[i].four, four) ||
		    share_network(&rows[i].six, six))
			continue;
		rows[i].doubtful = true;
		any = true;
	}
	return any;
}

static void add(struct stages *s, const struct endpoint *six,
		const struct endpoint *four)
{
	struct twin *row = find(s, six);
	bool rival;

	if (row) {
		row->doubtful |= !endpoint_same_ip(&row->four, four);
		return;
	}
	rival = has_rival(s, six, four);
	row = list_add(&s->twins);
	if (row)
		*row = (struct twin){host_of(six), host_of(four), rival};
}

struct endpoint twins_host(const struct stages *s, const struct endpoint *e)
{
	const struct twin *row =
		e->family == FAMILY_IPV6 && s->twins.count ? find(s, e) : NULL;

	return row && !row->doubtful ? row->four : host_of(e);
}

bool twins_share_host(const struct stages *s, const struct endpoint *a,
		      const struct endpoint *b)
{
	struct endpoint one, other;

	if (endpoint_same_ip(a, b) || !s->twins.count)
		return endpoint_same_ip(a, b);
	one = twins_host(s, a);
	other = twins_host(s, b);
	return endpoint_same_ip(&one, &other);
}

/* ---- by the names of servers ---- */

static size_t find_named(const struct stages *s, struct named to[NAMED_MAX])
{
	const struct resolved *rows = s->model->resolved.rows;
	size_t count = 0;

	for (size_t i = 0; i < s->model->resolved.count; i++)
		if (rows[i].address.family == FAMILY_IPV6 ||
		    rows[i].address.family == FAMILY_IPV4) {
			if (count == NAMED_MAX)
				return 0; /* a server's view of many */
			to[count++] =
				(struct named){rows[i].address, rows[i].name};
		}
	return count;
}

static const char *name_at(const struct named *named, size_t count,
			   const struct endpoint *server)
{
	for (size_t i = 0; i < count; i++)
		if (endpoint_same_ip(&named[i].address, server))
			return named[i].name;
	return NULL;
}

/* Who may be ours by the names of servers; none where they are many. */
struct askers {
	struct asker rows[ASKERS_MAX];
	size_t count; /* ASKERS_MAX + 1: there are more */
};

static void add_asker(struct askers *to, const struct endpoint *host,
		      const char *name, nanoseconds time)
{
	if (to->count < ASKERS_MAX)
		to->rows[to->count] = (struct asker){*host, name, time};
	if (to->count <= ASKERS_MAX)
		to->count++;
}

static void ask_named(const struct stages *s, struct askers *to)
{
	struct named named[NAMED_MAX];
	size_t named_count = find_named(s, named);
	const struct path *rows = s->model->paths.rows;

	for (size_t i = 0; named_count && i < s->model->paths.count; i++) {
		const char *name =
			rows[i].purpose == PATH_SIP ||
					rows[i].purpose == PATH_STUN ||
					rows[i].purpose == PATH_TURN
				? name_at(named, named_count,
					  end_at(s->model, rows[i].dst))
				: NULL;

		if (name)
			add_asker(to, end_at(s->model, rows[i].src), name,
				  place_time(s->model, rows[i].first));
	}
}

static void ask_by_tls(const struct stages *s, struct askers *to)
{
	const struct greeting *rows = s->greetings.rows;

	for (size_t i = 0; i < s->greetings.count; i++)
		add_asker(to, &rows[i].client, rows[i].name, rows[i].time);
}

static nanoseconds apart(nanoseconds a, nanoseconds b)
{
	return a > b ? a - b : b - a;
}

static bool is_same_name(const char *a, const char *b)
{
	return slice_equal_nocase(slice_of_text(a), slice_of_text(b));
}

static void by_names(struct stages *s)
{
	struct askers askers = {.count = 0};

	ask_named(s, &askers);
	ask_by_tls(s, &askers);
	if (askers.count > ASKERS_MAX)
		return;
	for (size_t i = 0; i < askers.count; i++)
		for (size_t k = 0; k < askers.count; k++) {
			const struct asker *a = &askers.rows[i];
			const struct asker *b = &askers.rows[k];

			if (a->host.family == FAMILY_IPV6 &&
			    b->host.family == FAMILY_IPV4 &&
			    is_same_name(a->name, b->name) &&
			    apart(a->time, b->time) <= TOGETHER)
				add(s, &a->host, &b->host);
		}
}

static bool is_answered_for(const struct stages *s, const char *name,
			    const struct endpoint *address)
{
	const struct resolved *rows = s->model->resolved.rows;
	const struct greeting *met = s->greetings.rows;

	for (size_t i = 0; i < s->model->resolved.count; i++)
		if (endpoint_same_ip(&rows[i].address, address) &&
		    is_same_name(rows[i].name, name))
			return true;
	for (size_t i = 0; i < s->greetings.count; i++)
		if (endpoint_same_ip(&met[i].server, address) &&
		    is_same_name(met[i].name, name))
			return true;
	return false;
}

bool twins_share_name(const struct stages *s, const struct endpoint *a,
		      const struct endpoint *b)
{
	const struct resolved *rows = s->model->resolved.rows;
	const struct greeting *met = s->greetings.rows;

	for (size_t i = 0; i < s->model->resolved.count; i++)
		if (endpoint_same_ip(&rows[i].address, a) &&
		    is_answered_for(s, rows[i].name, b))
			return true;
	for (size_t i = 0; i < s->greetings.count; i++)
		if (endpoint_same_ip(&met[i].server, a) &&
		    is_answered_for(s, met[i].name, b))
			return true;
	return false;
}

/* ---- by addresses of record ---- */

static bool is_same_agent(const char *a, const char *b)
{
	return !a || !b || strcmp(a, b) == 0;
}

/* Of a registration that failed: did the same user go on over IPv4? */
static const struct registration *goes_on(const struct stages *s,
					  const struct registration *r)
{
	const struct registration *next;
	uint32_t row;

	if (r->bound || r->party == LIST_NONE ||
	    r->client.family != FAMILY_IPV6 || r->party >= s->newest.count)
		return NULL;
	row = *(const uint32_t *)list_at(&s->newest, r->party);
	if (row == CHAIN_END)
		return NULL;
	next = list_at(&s->model->registrations, row);
	return next->client.family == FAMILY_IPV4 && next->bound &&
			       is_same_agent(r->user_agent, next->user_agent)
		       ? next
		       : NULL;
}

static void by_users(struct stages *s)
{
	const struct registration *rows = s->model->registrations.rows;

	for (size_t i = 0; i < s->model->registrations.count; i++) {
		const struct registration *next = goes_on(s, &rows[i]);

		if (next &&
		    apart(place_time(s->model, rows[i].cited.first),
			  place_time(s->model, next->cited.first)) <= TOGETHER)
			add(s, &rows[i].client, &next->client);
	}
}

void twins_find(struct stages *s)
{
	s->twins.count = 0;
	by_names(s);
	by_users(s);
}
