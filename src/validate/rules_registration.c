/* Rules of registration (RFC 3261 10, 22). */
#include "config.h"

#include "validate/rules.h"

const struct rule rules_registration[] = {
	[RULE_ROW(RULE_REGISTRATION_WRONG_CREDENTIALS)] = {
		.id = "registration/wrong-credentials",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "the registrar challenges again although credentials "
			 "were sent",
		.source = "RFC 3261 22.2",
		.remedy = "check the user name, password and realm of the "
			  "account",
	},
	[RULE_ROW(RULE_REGISTRATION_REFUSED)] = {
		.id = "registration/refused",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "the registrar refuses the registration",
		.source = "RFC 3261 10.3",
		.remedy = "read the status and reason; the account may be "
			  "unknown or disabled",
	},
	[RULE_ROW(RULE_REGISTRATION_UNANSWERED)] = {
		.id = "registration/unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "REGISTER is retransmitted and never answered",
		.source = "RFC 3261 17.1.2.2",
		.remedy = "check the registrar's address and the path to it",
	},
	[RULE_ROW(RULE_REGISTRATION_LOST)] = {
		.id = "registration/refresh-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "a refresh of the registration is refused",
		.source = "RFC 3261 10.2.4",
		.remedy = "read the status; calls to the user fail when the "
			  "registration ends",
	},
	{.id = NULL},
};
