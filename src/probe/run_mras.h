/*
 * Asks for a token of MRAS over a SIP connection of its own.
 */
#ifndef PROBE_RUN_MRAS_H
#define PROBE_RUN_MRAS_H

#include "engine/mras_client.h"
#include "probe/sockets.h"

struct probe_mras_job {
	struct endpoint server;
	struct mras_client_config config; /* `local` and `tls` are set here */
	bool tls;
	struct probe_tls choice;
	struct recorder *recorder; /* may be NULL */
};

struct probe_mras {
	struct mras_client_report report;
	/* TROUBLE_NONE: the connection stood, see the report. */
	enum probe_trouble trouble;
	char reason[PROBE_REASON];
};

/* False: out of memory. */
bool probe_run_mras(const struct probe_mras_job *job, struct probe_mras *out);

#endif /* PROBE_RUN_MRAS_H */
