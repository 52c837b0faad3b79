/*
 * Messages of SIP to a collector of Homer, as they are captured.
 */
#ifndef CLI_HEP_SEND_H
#define CLI_HEP_SEND_H

#include "flow/message.h"

struct hep_sender;

/* To "udp:192.0.2.1:9060", until system calls are restricted.  NULL: that is
 * said on standard error. */
struct hep_sender *hep_sender_open(const char *url);
void hep_sender_close(struct hep_sender *sender); /* NULL is fine */

/* A message that is none of SIP is passed over.  What does not arrive is lost:
 * nobody waits for it. */
void hep_send(struct hep_sender *sender, const struct message *m);

#endif /* CLI_HEP_SEND_H */
