/* The system's resolver. */
#define _DEFAULT_SOURCE /* TRY_AGAIN */
#include "config.h"

#include <netdb.h>
#include <resolv.h>
#include <stdlib.h>

#include "core/arena.h"
#include "dissectors/dns.h"
#include "io/resolve.h"
#include "io/sockets.h"

#define ANSWER_MAX 16384u
#define RECORDS_ROOM ((size_t)1 << 20)
#define PATIENCE 2 /* seconds with each server, and how often it is asked */

size_t resolve_host(const char *host, uint16_t port, struct endpoint out[2],
		    const char **reason)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC,
				 .ai_socktype = SOCK_DGRAM};
	struct addrinfo *list = NULL;
	size_t count = 0;
	int result = getaddrinfo(host, NULL, &hints, &list);

	if (result != 0) {
		*reason = gai_strerror(result);
		return 0;
	}
	for (const struct addrinfo *a = list; a && count < 2; a = a->ai_next) {
		union socket_address at = {.any.sa_family = AF_UNSPEC};
		struct endpoint e;

		if (a->ai_addrlen > sizeof(at))
			continue;
		memcpy(&at, a->ai_addr, a->ai_addrlen);
		e = endpoint_of_socket(&at);
		e.port = port;
		if (e.family != FAMILY_NONE &&
		    (count == 0 || out[0].family != e.family))
			out[count++] = e;
	}
	freeaddrinfo(list);
	*reason = count ? "" : "no address";
	return count;
}

/* ---- services ---- */

/* "." has no name in front of its dot. */
static bool take_service(const struct dns_record *r, struct srv_host *out)
{
	if (r->target.n == 0 || r->target.n >= sizeof(out->host) ||
	    r->address.port == 0)
		return false;
	*out = (struct srv_host){.port = r->address.port,
				 .priority = r->priority,
				 .weight = r->weight};
	memcpy(out->host, r->target.p, r->target.n);
	return true;
}

static int in_order(const void *one, const void *two)
{
	const struct srv_host *a = one, *b = two;

	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return strcmp(a->host, b->host);
}

enum resolve_answer resolve_read(struct slice answer, struct srv_host *out,
				 size_t max, size_t *count)
{
	struct arena arena = arena_new(RECORDS_ROOM);
	struct decoding d = {.arena = &arena};
	enum resolve_answer result = RESOLVE_NONE;
	struct dns m = {0};
	size_t used;

	*count = 0;
	if (dns_decode(&d, answer, &m, &used) != STATUS_OK || !m.response)
		m.answer_count = 0;
	for (size_t i = 0; i < m.answer_count && *count < max; i++) {
		const struct dns_record *r = &m.answers[i];

		if (r->type != DNS_SRV)
			continue;
		if (take_service(r, &out[*count]))
			++*count;
		else if (r->target.n == 0)
			result = RESOLVE_DENIED;
	}
	arena_free(&arena);
	if (*count == 0)
		return result;
	qsort(out, *count, sizeof(*out), in_order);
	return RESOLVE_FOUND;
}

enum resolve_answer resolve_service(const char *service, const char *domain,
				    struct srv_host *out, size_t max,
				    size_t *count)
{
	uint8_t answer[ANSWER_MAX];
	char name[RESOLVE_NAME];
	struct __res_state state = {0};
	int error, n = snprintf(name, sizeof(name), "%s.%s", service, domain);

	*count = 0;
	if (n < 0 || (size_t)n >= sizeof(name) || res_ninit(&state) != 0)
		return RESOLVE_SILENT;
	state.retrans = state.retry = PATIENCE;
	n = res_nquery(&state, name, ns_c_in, ns_t_srv, answer, sizeof(answer));
	error = state.res_h_errno;
	res_nclose(&state);
	if (n <= 0)
		return error == TRY_AGAIN ? RESOLVE_SILENT : RESOLVE_NONE;
	return resolve_read(slice_of(answer, (size_t)n < sizeof(answer)
						     ? (size_t)n
						     : sizeof(answer)),
			    out, max, count);
}
