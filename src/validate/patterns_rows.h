/*
 * How rows of the failure catalogue are written, and its tables.
 *
 * For src/validate/patterns*.c only.
 */
#ifndef VALIDATE_PATTERNS_ROWS_H
#define VALIDATE_PATTERNS_ROWS_H

#include "validate/patterns.h"

#define FOUND(rule) {TERM_FOUND, 0, rule}
#define NOT_FOUND(rule) {TERM_NOT_FOUND, 0, rule}
#define SAYS(id) {TERM_SAYS, id, NULL}
#define Q850(cause) {TERM_Q850, cause, NULL}
#define SIP_REASON(status) {TERM_SIP, status, NULL}
#define WARNS(bit) {TERM_WARNS, bit, NULL}
#define NOT_WARNS(bit) {TERM_NOT_WARNS, bit, NULL}
#define REASON(phrase) {TERM_REASON, 0, phrase}
#define NO_REASON {TERM_NO_REASON, 0, NULL}
#define TOKEN_STATUS(status) {TERM_TOKEN_STATUS, status, NULL}
#define REGISTER_STATUS(status) {TERM_REGISTER_STATUS, status, NULL}
#define FINAL(status) {TERM_FINAL, status, NULL}
#define STATE(stage, state) {TERM_STATE, STAGE_##stage << 8 | STATE_##state, NULL}
#define NOT_STATE(stage, state) \
	{TERM_NOT_STATE, STAGE_##stage << 8 | STATE_##state, NULL}
#define FAILED {TERM_FAILED, 0, NULL}
#define FIRST {TERM_FIRST, 0, NULL}
#define FIRST_OF(stage) {TERM_FIRST_OF, STAGE_##stage, NULL}
#define NO_RELAY {TERM_NO_RELAY, 0, NULL}
#define UNTOLD {TERM_UNTOLD, 0, NULL}
#define TEXT(words) {TERM_TEXT, 0, words}
#define LOGGED(result) {TERM_LOGGED, 0, result}

/* Of stage, helper and confidence only the last word is written. */
#define ROW(name, at, who, sure, headline_text, remedy_text, document, ...)   \
	{                                                                      \
		.id = name, .stage = STAGE_##at, .headline = headline_text,    \
		.remedy = remedy_text, .source = document,                     \
		.helper = HELPER_##who, .confidence = CONFIDENCE_##sure,       \
		.terms = {__VA_ARGS__}                                         \
	}

/* Another way to the conclusion of the row above, told in its words. */
#define ALSO(name, ...)                                \
	{                                              \
		.id = name, .terms = {__VA_ARGS__}     \
	}

/* Each ends with a row that has no id. */
extern const struct pattern patterns_registration[], patterns_relay[],
	patterns_exchange[], patterns_probing[];

#endif /* VALIDATE_PATTERNS_ROWS_H */
