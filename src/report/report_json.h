/*
 * The JSON report: mrascope.analysis/1, as mrascope-json(5) has it.
 *
 * It is written as it is read from the model; no tree is built.
 */
#ifndef REPORT_REPORT_JSON_H
#define REPORT_REPORT_JSON_H

#include "model/model.h"
#include "report/report_text.h"
#include "report/selection.h"

/* Messages and packets that were seen, by kind. */
struct report_counts {
	uint64_t frames, sip, sdp, stun, channel_data, mras, rtp, rtcp, dtls,
		tls, dns, malformed;
};

struct report_json_options {
	const char *version; /* of the program */
	const struct report_capture *captures;
	size_t capture_count;
	struct report_counts counts;
	const struct selection *selection; /* NULL: all calls */
	const struct keys *keys;
	bool show_secrets;
	unsigned jobs; /* threads; 0: one */
	/* Called when enough has gathered in `to`; clears it. */
	void *context;
	void (*flush)(void *context, struct text *to);
};

/* Appends the document. */
void report_json(const struct model *model,
		 const struct report_json_options *options, struct text *to);

/* The same with nothing but captures, findings, and of calls their verdicts and
 * stages: a fifth of it, for who makes another form of those. */
void report_json_outline(const struct model *model,
			 const struct report_json_options *options,
			 struct text *to);

#endif /* REPORT_REPORT_JSON_H */
