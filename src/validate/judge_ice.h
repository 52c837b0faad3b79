/*
 * The checks of ICE agents held against the machine: which pairs an agent with
 * these candidates would have checked first, and in what order, as long as it
 * had heard nothing (RFC 8445 6.1.2, 6.1.4).
 *
 * Agents are free in much, and some check as they like: what differs is noted,
 * and blames nobody.
 */
#ifndef VALIDATE_JUDGE_ICE_H
#define VALIDATE_JUDGE_ICE_H

#include "model/model.h"

/* Notes what differs; before the verdicts. */
void judge_ice(struct model *model);

#endif /* VALIDATE_JUDGE_ICE_H */
