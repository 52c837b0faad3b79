/*
 * Which addresses lead nowhere from where somebody asks, by what STUN and TURN
 * servers say of the hosts of a call.
 */
#ifndef MODEL_REACH_H
#define MODEL_REACH_H

#include "model/model.h"

/* Is `dst` a private address behind a NAT that `src` is not behind?  True only
 * where each server that tells how it sees the host of `dst` sees another
 * address, and `src` is public or behind another one: nothing that `src` sends
 * there arrives, whatever firewalls let pass (RFC 4787 1, RFC 1918 3). */
bool reach_is_cut_by_nat(const struct model *model, const struct call *call,
			 const struct endpoint *src,
			 const struct endpoint *dst);

#endif /* MODEL_REACH_H */
