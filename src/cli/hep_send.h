/*
 * Messages of SIP to a collector of Homer, as they are captured.
 */
#ifndef CLI_HEP_SEND_H
#define CLI_HEP_SEND_H

#include "cli/options.h"
#include "core/hep.h"
#include "flow/message.h"

struct hep_sender;

/* To where the options say, "udp:collector.example:9060", before system calls
 * are restricted.  NULL: what is wrong is said on standard error. */
struct hep_sender *hep_sender_open(const struct options *options);
void hep_sender_close(struct hep_sender *sender); /* NULL is fine */

/* A message that is none of SIP is passed over.  What does not arrive is lost:
 * nobody waits for it. */
void hep_send(struct hep_sender *sender, const struct message *m);

/* One of a capture: this may wait until the machine has room for it. */
void hep_send_slowly(struct hep_sender *sender, struct hep *hep);

/* Of IP, as HEP numbers it. */
uint8_t hep_protocol_of(enum transport transport);

#endif /* CLI_HEP_SEND_H */
