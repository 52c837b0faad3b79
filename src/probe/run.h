/*
 * Runs the plans of the engine over real sockets, one at a time.
 */
#ifndef PROBE_RUN_H
#define PROBE_RUN_H

#include "engine/nat_probe.h"
#include "probe/sockets.h"

enum probe_transport {
	OVER_UDP,
	OVER_TCP,
	OVER_TLS,
	OVER_DTLS,
	OVER_PSEUDO_TLS, /* [MS-TURN] 2.1.1 */
	PROBE_TRANSPORTS,
};

/* "udp", "pseudo-tls" */
const char *probe_transport_text(enum probe_transport transport);

struct probe_job {
	enum probe_transport transport;
	struct probe_config config; /* transport's fields are set here */
	struct probe_tls tls;
	struct recorder *recorder; /* may be NULL */
};

/* False: out of memory. */
bool probe_run_path(const struct probe_job *job, struct probe_report *out);
/* RFC 5780 over UDP, against config.server. */
bool probe_run_nat(const struct probe_job *job, struct nat_report *out);

#endif /* PROBE_RUN_H */
