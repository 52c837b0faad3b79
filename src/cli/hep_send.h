/*
 * Messages of SIP to a collector of Homer, as they are captured.
 */
#ifndef CLI_HEP_SEND_H
#define CLI_HEP_SEND_H

#include "cli/options.h"
#include "core/hep.h"
#include "flow/message.h"

struct hep_sender;

/* To where the options say, "udp:collector.example:9060", "tcp:...", before
 * system calls are restricted.  NULL: what is wrong is said on standard error.
 * A connection that is lost is opened again as messages come. */
struct hep_sender *hep_sender_open(const struct options *options);
/* Waits some seconds for a collector that is slow; NULL is fine. */
void hep_sender_close(struct hep_sender *sender);

/* Does it need to connect later, too? */
bool hep_send_connects(const struct options *options);

/* A message that is none of SIP is passed over.  What does not arrive is lost:
 * nobody waits for it. */
void hep_send(struct hep_sender *sender, const struct message *m);

/* What the collector had no room for, if it has now; call it now and then. */
void hep_sender_push(struct hep_sender *sender);

/* One of a capture: this may wait until the machine has room for it. */
void hep_send_slowly(struct hep_sender *sender, struct hep *hep);

/* Of IP, as HEP numbers it. */
uint8_t hep_protocol_of(enum transport transport);

#endif /* CLI_HEP_SEND_H */
