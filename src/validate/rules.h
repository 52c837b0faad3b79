/*
 * The rules of the analysis, one row each in the table of their stage; those
 * about the bytes of a single message stand with its dissector.
 *
 * Some rows are named by an enum rule_id, since what judges a stage blames
 * them and they may explain a verdict.  The others have a check, which runs
 * for each call when its stages are judged: to add one, write the check and
 * its row in rules_STAGE.c, and the two recipes in tests/recipes.
 */
#ifndef VALIDATE_RULES_H
#define VALIDATE_RULES_H

#include "core/finding.h"
#include "engine/replay.h"

struct judging;

/* Rows of rules_engine behind those that replay.h has. */
enum rule_engine_row {
	RULE_ENGINE_CHECK_ORDER = REPLAY_RULES,
	RULE_ENGINE_CHECK_PACING,
	RULE_ENGINE_NOMINATED_TWICE,
	RULE_ENGINE_ROWS,
};

/* The number of a row in its table is the low byte, the table the rest. */
#define RULE_TABLE(stage) ((stage) << 8)
#define RULE_ROW(id) ((id)&0xFF)

enum rule_id {
	RULE_REGISTRATION_WRONG_CREDENTIALS = RULE_TABLE(STAGE_REGISTRATION),
	RULE_REGISTRATION_REFUSED,
	RULE_REGISTRATION_UNANSWERED,
	RULE_REGISTRATION_LOST,
	RULE_REGISTRATION_PORT_CLOSED,
	RULE_REGISTRATION_UNREACHABLE,
	RULE_REGISTRATION_CLOSED,
	RULE_REGISTRATION_WITHOUT_TLS,
	RULE_REGISTRATION_TLS_UNWANTED,
	RULE_REGISTRATION_TLS_MUTE,
	RULE_REGISTRATION_SILENT,
	RULE_REGISTRATION_NO_CONNECTION,
	RULE_REGISTRATION_NAME,
	RULE_REGISTRATION_CERTIFICATE,
	RULE_REGISTRATION_LEFT,
	RULE_REGISTRATION_TLS,
	RULE_REGISTRATION_WEB_TICKET,
	RULE_REGISTRATION_WEB_CERTIFICATE,
	RULE_REGISTRATION_NO_CREDENTIALS,
	RULE_REGISTRATION_BESIDE,
	/* From here to ..._TLS of gathering: why there is no token or relay;
	 * they are eased where a call does without (verdict.c). */
	RULE_TOKEN_REFUSED = RULE_TABLE(STAGE_TOKEN),
	RULE_TOKEN_EXPIRED,
	RULE_TOKEN_UNREACHABLE,
	RULE_TOKEN_TLS,
	RULE_TOKEN_SEEMS_EXPIRED,
	RULE_GATHERING_WRONG_CREDENTIALS = RULE_TABLE(STAGE_GATHERING),
	RULE_GATHERING_NO_CREDENTIALS,
	RULE_GATHERING_REFUSED,
	RULE_GATHERING_UNANSWERED,
	RULE_GATHERING_MUTE,
	RULE_GATHERING_LOST,
	RULE_GATHERING_TOO_LATE,
	RULE_GATHERING_GONE,
	RULE_GATHERING_REBOUND,
	RULE_GATHERING_OTHER_FAILED,
	RULE_GATHERING_PORT_CLOSED,
	RULE_GATHERING_UNREACHABLE,
	RULE_GATHERING_UNKNOWN_USER,
	RULE_GATHERING_INSPECTED,
	RULE_GATHERING_HTTP,
	RULE_GATHERING_HELLO_UNANSWERED,
	RULE_GATHERING_NAME,
	RULE_GATHERING_UNHEARD,
	RULE_GATHERING_NOWHERE,
	RULE_GATHERING_NOT_FOLLOWED,
	RULE_GATHERING_CLOSED,
	RULE_GATHERING_SILENT,
	RULE_GATHERING_TLS,
	RULE_EXCHANGE_UNANSWERED = RULE_TABLE(STAGE_EXCHANGE),
	RULE_EXCHANGE_REJECTED,
	RULE_EXCHANGE_CANCELLED,
	RULE_EXCHANGE_CREDENTIALS,
	RULE_EXCHANGE_NO_CREDENTIALS,
	RULE_EXCHANGE_NO_ACK,
	RULE_EXCHANGE_ACK_LOST,
	RULE_EXCHANGE_NOT_ACCEPTABLE,
	RULE_EXCHANGE_PARTS,
	RULE_EXCHANGE_FORBIDDEN,
	RULE_EXCHANGE_NOBODY,
	RULE_EXCHANGE_INCOMPLETE,
	RULE_EXCHANGE_BUSY,
	RULE_EXCHANGE_SERVER,
	RULE_EXCHANGE_TOO_LARGE,
	RULE_EXCHANGE_SCHEME,
	RULE_EXCHANGE_REDIRECTED,
	RULE_EXCHANGE_LOOP,
	RULE_EXCHANGE_TIMED_OUT,
	RULE_EXCHANGE_PORT_CLOSED,
	RULE_EXCHANGE_UNREACHABLE,
	RULE_EXCHANGE_CLOSED,
	RULE_EXCHANGE_WITHOUT_TLS,
	RULE_EXCHANGE_SILENT,
	RULE_PROBING_NO_PAIR = RULE_TABLE(STAGE_PROBING),
	RULE_PROBING_ERRORS,
	RULE_PROBING_STRAY,
	RULE_PROBING_INTEGRITY,
	RULE_PROBING_LOST_BETWEEN,
	RULE_PROBING_ANSWER_LOST_BETWEEN,
	RULE_PROBING_ARRIVES,
	RULE_PROBING_REFUSED,
	RULE_PROBING_ONE_SIDE,
	RULE_PROBING_NO_COUNTERPART,
	RULE_MEDIA_NONE = RULE_TABLE(STAGE_MEDIA),
	RULE_MEDIA_ONE_WAY,
	RULE_MEDIA_NOT_RETURNED,
	RULE_MEDIA_DTLS_FAILED,
	RULE_MEDIA_DTLS_NOT_AGREED,
	RULE_CAPTURE_HOLES = RULE_TABLE(STAGE_CAPTURE),
	RULE_CAPTURE_LIMIT_FLOWS,
	RULE_CAPTURE_LIMIT_FRAGMENTS,
	RULE_CAPTURE_LIMIT_SEGMENTS,
	RULE_CAPTURE_LIMIT_MEDIA,
	RULE_CAPTURE_LIMIT_EVIDENCE,
	RULE_CAPTURE_LIMIT_MEMORY,
	RULE_CAPTURE_CUT,
	RULE_CAPTURE_SWALLOWED,
};

/* Each ends with a row that has no id. */
extern const struct rule rules_registration[], rules_token[], rules_gathering[],
	rules_ms_turn[], rules_ms_offer[], rules_exchange[], rules_offer[],
	rules_probing[], rules_media[], rules_capture[], rules_events[],
	rules_engine[], rules_signin[], rules_said[], rules_ways[],
	rules_lifeline[], rules_pairs[], rules_turn[], rules_provisioning[],
	rules_streams[], rules_standing[];

/* Never NULL. */
const struct rule *rule_at(enum rule_id id);

/* Rule number `i` of all tables, in the order of the stages; NULL behind the
 * last. */
const struct rule *rules_at(size_t i);

/* Notes what Windows events of this model tell (rules_events.c). */
struct model;
void events_note(struct model *model);

/* Runs the checks of all rules that have one on a call that was judged. */
void rules_check(struct judging *j);

#endif /* VALIDATE_RULES_H */
