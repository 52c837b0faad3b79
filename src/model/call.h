/*
 * What the evidence comes to: calls, their five stages, findings, the ways
 * that were tried, and from where it was seen.
 */
#ifndef MODEL_CALL_H
#define MODEL_CALL_H

#include "model/evidence.h"

enum outcome {
	OUTCOME_UNKNOWN,
	OUTCOME_ESTABLISHED,
	OUTCOME_FAILED,
	OUTCOME_REJECTED,
	OUTCOME_CANCELLED,
	OUTCOME_UNANSWERED,
	OUTCOME_IN_PROGRESS,
	OUTCOME_OK, /* of an attempt: all that was tried succeeded */
};

enum call_kind {
	CALL_DIALOG,
	CALL_ICE,
	CALL_ATTEMPT,
};

struct stage_view {
	enum stage_state state;
	nanoseconds start, end; /* 0: none */
	struct cited cited;
	const char *text; /* one plain sentence */
};

#define CALL_MEMBERS_MAX 256u

struct members {        /* numbers in one of the lists, each once */
	uint32_t *list; /* in the model's arena */
	uint32_t count, room;
};

/* The findings of one call, or of none, in order: numbers in the notes. */
struct note_chain {
	size_t first, last; /* or LIST_NONE */
};

/* How sure the verdict is. */
enum confidence {
	CONFIDENCE_PROVED,
	CONFIDENCE_LIKELY,
	CONFIDENCE_GUESS,
};

struct call {
	enum call_kind kind;
	nanoseconds start, end;
	const char *from, *to, *call_id;
	struct stage_view stages[STAGES];
	enum outcome outcome;
	enum stage stopped;      /* STAGE_NONE when it did not */
	const struct rule *rule; /* why it stopped there, or NULL */
	const char *text;
	size_t dialog;      /* the first leg, or LIST_NONE */
	uint8_t confidence; /* enum confidence */
	struct members dialogs, parties, candidates; /* dialogs: all legs */
	struct members registrations, tokens, allocations, bindings, sessions,
		media, handshakes;
	struct note_chain notes;
	struct chain causes; /* struct cause: the root first */
	struct chain logged; /* struct remark: diagnostics of servers' logs */
	uint32_t shut;       /* row + 1 of a server that could not be connected
			* to; 0: none */
	uint32_t hidden_relay; /* row + 1; 0: none */
	/* Offer and answer, in the model's told, of a call of which no check is
	 * seen; or CHAIN_END. */
	uint32_t told[2];
	/* Media was seen that belongs to this call or to another one. */
	bool media_shared;
};

/* What became of the stage that it stopped at; what came behind them has no
 * view, and is told by its rule.  Good for calls that stopped. */
static inline const char *call_stop_text(const struct call *call)
{
	const char *text = call->stopped < STAGES
				   ? call->stages[call->stopped].text
			   : call->rule ? call->rule->title
					: NULL;

	return text ? text : "";
}

/* Why a call failed, in the words of an administrator, with what proves it. */
struct cause {
	const char *id, *headline, *remedy, *source;
	const char *finding; /* rule of the first term, or NULL */
	struct cited evidence;
	uint32_t next;      /* of the call, or CHAIN_END */
	uint8_t stage;      /* enum stage */
	uint8_t helper;     /* enum helper: who can mend it */
	uint8_t confidence; /* enum confidence */
};

/* A frame beside the first that proves a finding. */
struct proof {
	place_number place;
	uint32_t next; /* of the same finding, or CHAIN_END */
};

#define PROOFS_MORE_MAX (UINT32_MAX >> 1)

/* A finding with its place, kept once per rule and counted. */
struct note {
	const struct rule *rule;
	place_number first;
	uint64_t count;
	size_t call;         /* or LIST_NONE */
	size_t next;         /* of the same call, or LIST_NONE */
	const char *text;    /* what exactly, or NULL */
	const char *subject; /* key of what it is about, or NULL: the call */
	uint32_t proofs;     /* frames beside the first, or CHAIN_END */
	uint32_t more : 31;  /* of them that are not kept */
	uint32_t eased : 1;  /* the call did without: it stopped nothing */
};

/* An error that stopped nothing is a warning. */
static inline enum severity note_severity(const struct note *note)
{
	return note->eased && note->rule->severity == SEVERITY_ERROR
		       ? SEVERITY_WARNING
		       : note->rule->severity;
}

/* A way that set-up tried: who asked whom, and what came back. */
enum path_purpose {
	PATH_SIP,
	PATH_STUN,
	PATH_TURN,
	PATH_CHECK,
	PATH_DNS,
};

enum path_verdict {
	PATH_OPEN,
	PATH_BLOCKED, /* asked often enough, never answered */
	PATH_UNANSWERED,
	PATH_REFUSED, /* ICMP or RST */
};

struct path {
	end_number src; /* port 0 */
	end_number dst;
	const char *transport;
	place_number last;  /* asked */
	place_number first; /* asked */
	uint32_t asked, answered;
	uint32_t rounds; /* of asking, without copies of one moment */
	uint16_t src_low, src_high;   /* the ports that asked */
	int16_t icmp_type, icmp_code; /* -1: none */
	uint8_t purpose;              /* enum path_purpose */
	uint8_t verdict;              /* enum path_verdict */
	bool reset;
	bool connected; /* a connection opened, and something was said */
};

/* What tells how far a clock is ahead. */
enum clock_basis {
	CLOCK_UNKNOWN,
	CLOCK_BY_MESSAGES, /* that another file holds as well */
	CLOCK_BY_COURSE,   /* a log: allocations, tokens and checks */
	CLOCK_BY_DATE,     /* a log: the Date of its messages */
};

/* From where the packets of a capture were seen, by a clock of its own: a row
 * for each file, then for further interfaces that saw messages. */
struct vantage {
	uint32_t file;
	uint32_t number;    /* files that follow one another share it */
	nanoseconds offset; /* its clock minus that of the first; 0: the same,
			     * or unknown */
	bool offset_known;
	uint8_t basis;   /* enum clock_basis */
	uint64_t shared; /* messages that another one shows as well */
	bool both_ways;  /* a check and its answer passed it */
	bool one_way;    /* checks passed it, or answers, never both */
};

#endif /* MODEL_CALL_H */
