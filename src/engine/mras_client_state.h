/* What the files of the client of MRAS share.  Nobody else includes this. */
#ifndef ENGINE_MRAS_CLIENT_STATE_H
#define ENGINE_MRAS_CLIENT_STATE_H

#include "engine/mras_client.h"

#define ANSWER_MAX ((size_t)1 << 18)
#define WORD 17u /* 16 hex digits */
#define EPID 11u /* 10 */

/* What all requests of one kind have in common. */
struct mras_dialog {
	char call_id[WORD], tag[WORD];
	unsigned cseq;
};

struct mras_client {
	struct mras_client_config config;
	struct mras_client_provider provider;
	struct mras_client_report report;
	struct sip_signer signer;
	struct text in, out, body;
	struct arena scratch;
	nanoseconds began, gives_up;
	enum mras_step step;
	struct mras_dialog dialogs[MRAS_STEPS]; /* to leave is to register */
	unsigned asked;                         /* requests of this step */
	char id[WORD];                          /* of the document */
	char epid[EPID];      /* who we are among the user's endpoints */
	char version[8];      /* of MRAS */
	bool older_tried;     /* another version has been asked for */
	bool waits;           /* for the notification behind an answer */
	enum mras_outcome is; /* told when it has signed out */
};

/* Puts the request of the step together and sends it; false: it is too long
 * or there have been too many. */
bool mras_client_ask(struct mras_client *c, nanoseconds now);
/* 200 to what the server asked. */
void mras_client_confirm(struct mras_client *c, const struct sip_message *m);
struct mras_dialog *mras_client_dialog(struct mras_client *c);

#endif /* ENGINE_MRAS_CLIENT_STATE_H */
