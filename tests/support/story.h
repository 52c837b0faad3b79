/*
 * What happens between a few hosts, told in short lines that become frames.
 *
 * SIP, alice at 1:5060 and her server (or bob) at 2:5060; '>' is from her:
 *
 *	"> REGISTER 1"		method, CSeq number
 *	"< 401 1"		status; the method is that of the last request
 *
 * with words behind: `auth` (Digest with the password "wonderland"), `wrong`
 * (with another), `ntlm`, `stale`, `expires=600`, `tag` (a To tag; responses
 * above 100 have one), `plain`, `ice` or `relay` (SDP without ICE, with host
 * candidates 1:5000 or 3:6000, with a relay as well), `hop` (the same message
 * between 2:5060 and 3:5060, with a branch of its own), `branch=x`, `to=x` (a
 * to tag of that name), `call=x`, `query` (a REGISTER without Contact),
 * `with=Replaces:x` (a header), `reason=x` (the phrase of a response),
 * `from=carol`, `for=dave` (users), `src=4:5060`, `dst=5:5060`, and in SDP
 * `at=4:6000`, `o=123456` (the id) and `ufrag=x`.  What asks from bob,
 * "< BYE 1", and its answer "> 200 1 BYE" have the tags of the dialog.
 *
 * "wait 5" lets five seconds pass.
 *
 * STUN, between the ends named:
 *
 *	"1:5000 3:6000 check 1 controlling"	from alice to bob
 *	"3:6000 1:5000 answer 1"
 *	"1:5000 2:3478 allocate 2 auth"
 *	"1:5000 2:3478 send 3:6000 check 1"	a check inside of Send
 *
 * The number is the transaction.  Words: `controlling`, `controlled`,
 * `nominate`, `back` (a check or answer with the other side's password),
 * `forged` (with nobody's), `mistaken` (with the sender's own), `again` and
 * `third` (of other user fragments), `auth`, `error=487`, `lifetime=0`,
 * `other=7:3478` (an alternate server), `ms` ([MS-TURN]), `user=x`,
 * `peer=3:6000`, `also=4:6000` and `channel=16384` (of permit and open, which
 * permitted and opened answer).
 */
#ifndef TESTS_SUPPORT_STORY_H
#define TESTS_SUPPORT_STORY_H

#include "tests/support/wire.h"

#define STORY_MAX 16u

/* A story of its own wire; ends with NULL or after STORY_MAX lines. */
void story(struct wire *w, const char *const lines[STORY_MAX]);
/* One more line. */
void story_line(struct wire *w, const char *line);

#endif /* TESTS_SUPPORT_STORY_H */
