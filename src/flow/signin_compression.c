/*
 * NEGOTIATE ([MS-SIPCOMP]): what follows a success on that connection is
 * compressed and cannot be read; it is not malformed.
 */
#include "config.h"

#include "flow/rules.h"
#include "flow/signin.h"

static struct slice algorithm_of(const struct sip_message *sip)
{
	for (size_t i = 0; i < sip->header_count; i++)
		if (slice_is_nocase(sip->headers[i].name, "Compression"))
			return sip->headers[i].value;
	return (struct slice){0};
}

void compression_note(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct slice algorithm = algorithm_of(sip);
	place_number place = stages_place(s, &m->from);
	char a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];
	struct note *note;

	if (sip->request || sip->status < 200 || sip->status >= 300 ||
	    !algorithm.n)
		return;
	note = model_note(s->model, &flow_rules[FLOW_RULE_COMPRESSED], place,
			  LIST_NONE);
	if (!note)
		return;
	note->text = model_sentence(s->model, "%s, %s to %s",
				    stages_text(s, algorithm),
				    endpoint_string(&m->from.dst, a),
				    endpoint_string(&m->from.src, b));
}
