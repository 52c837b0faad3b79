/*
 * What a client of Lync or Office Communicator is told when it has signed in:
 * provisioning ([MS-SIPREGE] 2.2.2.5), and the roaming data that it wants to
 * see before it goes on ([MS-SIP], [MS-PRES]): an empty list of contacts, no
 * rules, nobody who watches.
 */
#ifndef ENGINE_PROVISION_H
#define ENGINE_PROVISION_H

#include "core/text.h"
#include "core/xml.h"

struct provision {
	struct slice user;     /* "alice@example.org" */
	struct slice mras_uri; /* empty: there is no Edge */
	struct slice pool_uri;
	struct slice encryption;      /* ucPC2PCAVEncryption; or empty */
	uint16_t port_low, port_high; /* of media; 0: any */
	bool signed_in;               /* is the user? */
};

/* One kind of event; what a subscriber gets first is appended to `to`.
 * `asked` is the root of the request's document, or NULL. */
struct provision_event {
	const char *name, *type;
	void (*write)(const struct provision *p,
		      const struct xml_element *asked, struct text *to);
	bool once; /* no subscription lasts: [MS-SIPREGE] 2.2.2.2 */
	bool own;  /* is told to the user alone */
};

/* NULL: there is no such event. */
const struct provision_event *provision_event(struct slice name);
/* Their names, with commas. */
const char *provision_events(void);

/*
 * The answer to a publication of presence ([MS-PRES] 2.2.2.1): what was
 * published, each in the version behind the one that was said.  Nothing of it
 * is kept.
 */
void provision_published(const struct provision *p,
			 const struct xml_element *asked, struct text *to);

#endif /* ENGINE_PROVISION_H */
