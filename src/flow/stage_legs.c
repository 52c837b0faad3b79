/*
 * What a dialog says of others that belong to the same call: kept while the
 * headers are at hand, joined at the end by calls_legs.c.
 *
 * Session-ID (RFC 7989), Replaces (RFC 3891), Join (RFC 3911), Target-Dialog
 * (RFC 4538), REFER (RFC 3515), Ms-Conversation-ID, X-CID, and the icid-value
 * of P-Charging-Vector (RFC 7315 4.6).
 */
#include "config.h"

#include "flow/stages_state.h"

#define UUID_DIGITS 32u
/* Shorter ones are counters of old clients or placeholders. */
#define CONVERSATION_MIN 20u
#define ICID_MIN 8u

static uint32_t number_of(const struct stages *s, const struct dialog *d)
{
	return (uint32_t)(d - (struct dialog *)s->model->dialogs.rows);
}

static void note_hash(struct stages *s, const struct dialog *d,
		      enum leg_link link, uint64_t value)
{
	struct leg_note *note = list_add(&s->leg_notes);

	if (note)
		*note = (struct leg_note){value, number_of(s, d),
					  (uint8_t)link};
}

static void note_value(struct stages *s, const struct dialog *d,
		       enum leg_link link, struct slice value)
{
	note_hash(s, d, link, stages_hash(s, value));
}

/* Another dialog by its Call-ID; what is behind ';' are its tags. */
static void note_call_id(struct stages *s, const struct dialog *d,
			 enum leg_link link, struct slice value)
{
	struct slice call_id = slice_trim(slice_split(&value, ';'));
	struct leg_name *name = call_id.n ? list_add(&s->leg_names) : NULL;

	if (name)
		*name = (struct leg_name){stages_text(s, call_id),
					  number_of(s, d), (uint8_t)link};
}

/* ---- headers of INVITE and its answer ---- */

/* Nil stands for "not known yet" (RFC 7989 5). */
static void note_uuid(struct stages *s, const struct dialog *d,
		      struct slice uuid)
{
	bool nil = true;

	for (size_t i = 0; i < uuid.n; i++)
		nil &= uuid.p[i] == '0';
	if (uuid.n == UUID_DIGITS && !nil)
		note_value(s, d, LINK_SESSION_ID, uuid);
}

static void note_session(struct stages *s, const struct dialog *d,
			 struct slice value)
{
	struct slice remote;

	note_uuid(s, d, slice_trim(slice_split(&value, ';')));
	if (sip_param(value, ';', "remote", &remote))
		note_uuid(s, d, remote);
}

static void note_header(struct stages *s, const struct dialog *d,
			const struct sip_header *h)
{
	struct slice value = h->value;

	switch ((int)h->id) {
	case SIP_SESSION_ID:
		note_session(s, d, value);
		break;
	case SIP_REPLACES:
	case SIP_JOIN:
		note_call_id(s, d, LINK_REPLACES, value);
		break;
	case SIP_TARGET_DIALOG:
		note_call_id(s, d, LINK_REFER, value);
		break;
	case SIP_MS_CONVERSATION_ID:
		if (value.n >= CONVERSATION_MIN)
			note_value(s, d, LINK_CONVERSATION, value);
		break;
	case SIP_X_CID:
	case SIP_X_CALL_ID:
		note_call_id(s, d, LINK_X_CID, value);
		break;
	case SIP_P_CHARGING_VECTOR:
		if (sip_param(value, ';', "icid-value", &value) &&
		    value.n >= ICID_MIN)
			note_value(s, d, LINK_ICID, value);
		break;
	default:
		break;
	}
}

/* "sip:alice@...;gruu;opaque=app:conf:focus:id:X1": who holds it, and which
 * one; the kind of server stands between. */
static void note_conference(struct stages *s, const struct dialog *d,
			    struct slice text)
{
	struct sip_uri uri;
	struct slice opaque;
	size_t at;

	if (sip_uri_parse(text, &uri) != STATUS_OK ||
	    !sip_param(uri.params, ';', "opaque", &opaque) ||
	    !slice_starts_nocase(opaque, "app:conf:") ||
	    !slice_search(opaque, SLICE(":id:"), &at))
		return;
	note_hash(s, d, LINK_CONFERENCE,
		  hash_mix(stages_hash(s, slice_from(opaque, at)) +
			   3 * stages_hash(s, uri.user) +
			   5 * stages_hash(s, uri.host)));
}

void dialog_links(struct stages *s, const struct dialog *d,
		  const struct sip_message *sip)
{
	for (size_t i = 0; i < sip->header_count; i++)
		note_header(s, d, &sip->headers[i]);
	note_conference(s, d, sip->to.uri);
}

/* ---- REFER ---- */

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "%3B" is ';' (RFC 3261 19.1.2). */
static void unescape(struct slice s, struct text *to)
{
	for (size_t i = 0; i < s.n; i++) {
		int high = i + 2 < s.n ? digit(s.p[i + 1]) : -1;
		int low = i + 2 < s.n ? digit(s.p[i + 2]) : -1;

		if (s.p[i] == '%' && high >= 0 && low >= 0) {
			text_putc(to, (char)(high * 16 + low));
			i += 2;
		} else {
			text_putc(to, (char)s.p[i]);
		}
	}
}

/* The dialog that the new one shall replace: "?Replaces=..." of the URI. */
static bool replaced(struct stages *s, struct slice headers, struct slice *out)
{
	struct slice rest = slice_from(headers, 1), value;

	while (rest.n) {
		value = slice_split(&rest, '&');
		if (!slice_is_nocase(slice_split(&value, '='), "Replaces"))
			continue;
		text_clear(&s->scratch);
		unescape(value, &s->scratch);
		*out = text_slice(&s->scratch);
		return true;
	}
	return false;
}

void dialog_refers(struct stages *s, const struct dialog *d,
		   const struct message *m)
{
	struct referral *referral;
	struct sip_address to;
	struct sip_uri uri;
	struct slice value;

	if (sip_address_parse(sip_value(m->u.sip, SIP_REFER_TO), &to) !=
		    STATUS_OK ||
	    sip_uri_parse(to.uri, &uri) != STATUS_OK)
		return;
	if (uri.headers.n && replaced(s, uri.headers, &value)) {
		note_call_id(s, d, LINK_REFER, value);
		return;
	}
	referral = list_add(&s->referrals);
	if (referral)
		*referral = (struct referral){
			.whom = stages_hash(s, aor_of(s, to.uri)),
			.referee = stages_dst(s, &m->from),
			.place = stages_place(s, &m->from),
			.dialog = number_of(s, d),
		};
}
