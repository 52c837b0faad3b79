/* Counts in Prometheus' text form (version 0.0.4), to who asks by HTTP. */
#include "config.h"

#include <stdlib.h>

#include "serve/server_parts.h"

#define REQUEST_MAX 8192u
#define TEXT_MAX ((size_t)16384)

struct metric {
	const char *name, *kind, *help;
	uint64_t value;
};

static void metrics_text(const struct server *s, struct text *to)
{
	struct turn_counts c = turn_server_counts(s->machine);
	struct sip_counts sip =
		s->sip ? sip_server_counts(s->sip) : (struct sip_counts){0};
	const struct metric all[] = {
		{"allocations", "gauge", "Allocations that live.",
		 c.allocations},
		{"users", "gauge", "Users that are known.", c.users},
		{"clients", "gauge", "Connections over TCP, TLS and DTLS.",
		 s->client_live},
		{"requests_total", "counter", "Requests.", c.requests},
		{"successes_total", "counter", "Requests that were granted.",
		 c.successes},
		{"errors_total", "counter", "Requests that were refused.",
		 c.errors},
		{"dropped_total", "counter",
		 "Messages and datagrams that nobody was to have.", c.dropped},
		{"refused_clients_total", "counter",
		 "Connections that were too many.", s->refused},
		{"datagrams_to_peers_total", "counter", "Datagrams relayed.",
		 c.to_peers},
		{"datagrams_to_clients_total", "counter", "Datagrams relayed.",
		 c.to_clients},
		{"bytes_to_peers_total", "counter", "Bytes relayed.",
		 c.bytes_to_peers},
		{"bytes_to_clients_total", "counter", "Bytes relayed.",
		 c.bytes_to_clients},
		{"sip_bindings", "gauge", "Contacts that are registered.",
		 sip.bindings},
		{"sip_requests_total", "counter", "Requests of SIP.",
		 sip.requests},
		{"sip_malformed_total", "counter",
		 "Messages of SIP that nobody can use.", sip.malformed},
		{"sip_challenged_total", "counter",
		 "Requests of SIP that got a challenge.", sip.challenged},
		{"sip_refused_total", "counter",
		 "Requests of SIP with wrong credentials or names.",
		 sip.refused},
		{"mras_tokens_total", "counter", "Answers of MRAS with tokens.",
		 sip.tokens},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct metric *m = &all[i];

		text_printf(to, "# HELP mrascope_%s %s\n", m->name, m->help);
		text_printf(to, "# TYPE mrascope_%s %s\n", m->name, m->kind);
		text_printf(to, "mrascope_%s ", m->name);
		text_number(to, m->value);
		text_putc(to, '\n');
	}
}

bool metrics_accepted(struct server *s, struct stream *stream)
{
	struct asker *a = calloc(1, sizeof(*a));

	(void)s;
	if (!a)
		return false;
	a->kind = LINK_METRICS;
	a->in = text_new(REQUEST_MAX);
	stream_own(stream, a);
	stream_pause(stream, false);
	return true;
}

static void answer(struct server *s, struct stream *stream, bool known)
{
	struct text body = text_new(TEXT_MAX), head = text_new(TEXT_MAX);

	if (known)
		metrics_text(s, &body);
	else
		text_puts(&body, "only /metrics\n");
	text_printf(&head,
		    "HTTP/1.1 %s\r\n"
		    "Content-Type: text/plain; version=0.0.4\r\n"
		    "Content-Length: %zu\r\nConnection: close\r\n\r\n",
		    known ? "200 OK" : "404 Not Found", body.n);
	text_put(&head, text_slice(&body));
	(void)stream_write(stream, text_slice(&head));
	stream_finish(stream);
	text_free(&body);
	text_free(&head);
}

void metrics_received(struct server *s, struct asker *a, struct stream *stream,
		      struct slice bytes)
{
	size_t at;

	text_put(&a->in, bytes);
	if (a->in.failed != STATUS_OK)
		stream_close(stream);
	else if (slice_search(text_slice(&a->in), SLICE("\r\n\r\n"), &at))
		answer(s, stream,
		       slice_starts(text_slice(&a->in),
				    SLICE("GET /metrics ")));
}
