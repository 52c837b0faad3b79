/* JSON: the connections under which a client is registered, and how they were
 * kept alive. */
#include "config.h"

#include "report/json_parts.h"

static const char *end_word(const struct lifeline *l)
{
	if (!l->closed)
		return NULL;
	return l->reset ? "reset" : l->by_server ? "server" : "client";
}

static void put_lifeline(struct document *d, const struct lifeline *l)
{
	json_object(&d->j);
	json_m_end(d, "client", &l->client);
	json_m_end(d, "server", &l->server);
	json_m_count(d, "keep_alive_s", l->timeout);
	json_m_place(d, "agreed", l->told);
	json_m_number(d, "keep_alives", l->pings);
	json_m_number(d, "answered", l->pongs);
	json_key(&d->j, "silence_s");
	json_double(&d->j, (double)l->silence / (double)NS_PER_S, 3);
	json_m_place(d, "silent_until", l->quiet_to);
	json_m_text(d, "ended_by", end_word(l));
	json_m_place(d, "end", l->closed);
	json_object_end(&d->j);
}

void json_m_lifelines(struct document *d, const struct registration *r)
{
	uint32_t at = r->lifeline;

	json_key(&d->j, "connections");
	json_array(&d->j);
	while (at) {
		const struct lifeline *l = list_at(&d->m->lifelines, at - 1);

		if (l->stream || l->timeout || l->pings)
			put_lifeline(d, l);
		at = l->before;
	}
	json_array_end(&d->j);
}
