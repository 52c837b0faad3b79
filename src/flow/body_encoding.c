/* Bodies of SIP that are encoded: the bytes that were meant. */
#include "config.h"

#include "core/encoded.h"
#include "flow/contents.h"
#include "flow/rules.h"

struct slice body_decoded(struct arena *arena, const struct sip_body *body,
			  struct findings *findings)
{
	struct slice bytes = body->bytes;
	struct text text;
	enum status status;

	if (body->transfer_encoding.n == 0 && body->encoding.n == 0)
		return bytes;
	text = text_new(ENCODED_MAX);
	status = encoded_undo(body->transfer_encoding, body->encoding, bytes,
			      &text);
	if (status == STATUS_OK)
		bytes = arena_copy(arena, text_slice(&text));
	else if (status == STATUS_BAD || status == STATUS_LIMIT)
		findings_add(findings, &flow_rules[FLOW_RULE_ENCODING], bytes);
	text_free(&text);
	return bytes;
}
