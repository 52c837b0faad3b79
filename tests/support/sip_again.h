/* Writes a decoded SIP message, reads that again and compares. */
#ifndef TESTS_SUPPORT_SIP_AGAIN_H
#define TESTS_SUPPORT_SIP_AGAIN_H

#include "dissectors/sip.h"

/*
 * Is decode(write(m)) the same as m?  Left out of the comparison: the version,
 * Content-Length, and headers whose name is no token.
 */
bool sip_again(const struct sip_message *m);

#endif /* TESTS_SUPPORT_SIP_AGAIN_H */
