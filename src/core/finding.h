/*
 * Findings: what is wrong, or worth knowing, in the traffic.
 *
 * A rule is a row in a table; a finding says that it applies at some place.
 * Dissectors find what can be seen in one message's bytes and go on.
 */
#ifndef CORE_FINDING_H
#define CORE_FINDING_H

#include "core/slice.h"

enum severity {
	SEVERITY_INFO,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
};

/* The five stages of call set-up, and what stands beside them. */
enum stage {
	STAGE_REGISTRATION,
	STAGE_TOKEN,
	STAGE_GATHERING,
	STAGE_EXCHANGE,
	STAGE_PROBING,
	STAGES, /* their number */
	STAGE_MEDIA = STAGES,
	STAGE_CAPTURE,
	STAGE_ENGINE, /* what a correct server would have done */
	STAGE_NONE,
};

/* A call under judgement: src/validate knows what that is. */
struct judging;

struct rule {
	const char *id; /* "stage/slug", e.g. "exchange/content-length-wrong" */
	enum severity severity;
	enum stage stage;
	const char *title;  /* one plain sentence without full stop */
	const char *source; /* document and section */
	const char *remedy; /* what to do, or NULL */
	/* Of rules of the engine: "server" or "client", who did what none may,
	 * or "policy", where that may be the server's own; else NULL. */
	const char *blames;
	/* Looks for it in a whole call; NULL: others find and name it. */
	void (*check)(struct judging *j, const struct rule *self);
};

struct finding {
	const struct rule *rule;
	struct slice where; /* the bytes; borrows from the message */
};

#define FINDINGS_MAX 16

/* The findings of one message, in order; those past the limit are counted. */
struct findings {
	struct finding list[FINDINGS_MAX];
	size_t count;
	size_t dropped;
};

static inline void findings_add(struct findings *f, const struct rule *rule,
				struct slice where)
{
	if (!f)
		return;
	if (f->count == FINDINGS_MAX) {
		f->dropped++;
		return;
	}
	f->list[f->count++] = (struct finding){rule, where};
}

/* Names as the JSON contract has them. */
const char *severity_name(enum severity severity);
const char *stage_name(enum stage stage);

#endif /* CORE_FINDING_H */
