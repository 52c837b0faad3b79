/*
 * A STUN message in the making: its type and defaults are set by say_stun.c,
 * its bytes are written by stun_attributes.c.  Nobody else includes this.
 */
#ifndef TESTS_SUPPORT_MKCAPTURE_STUN_SAID_H
#define TESTS_SUPPORT_MKCAPTURE_STUN_SAID_H

#include "dissectors/stun.h"
#include "tests/support/mkcapture/parts.h"

struct stun_said {
	struct saying *s;
	struct parts f;
	unsigned method;
	enum stun_class class;
	uint16_t type;
	unsigned id;
	enum stun_dialect dialect;
	const char *login; /* USER:REALM:PASSWORD, or NULL */
	struct stun_writer w;
};

/* Writes header and attributes: integrity and fingerprint last, but for what
 * the recipe puts behind them. */
void stun_said_write(struct stun_said *x);

#endif /* TESTS_SUPPORT_MKCAPTURE_STUN_SAID_H */
