/* Who an endpoint is ([MS-SIPRE]): epid, +sip.instance and GRUU. */
#include "config.h"

#include "dissectors/sip_identity.h"
#include "flow/signin.h"

#define EPID_MAX 16u /* characters */

/* The parameters of the first contact, or of the one with this instance. */
static bool contact_params(const struct sip_message *sip, struct slice instance,
			   struct slice *out)
{
	const struct sip_header *h = sip_header(sip, SIP_CONTACT);

	for (; h; h = sip_header_after(sip, h)) {
		struct slice rest = h->value, entry, value;

		while (sip_list_next(&rest, &entry)) {
			struct sip_address a;

			if (sip_address_parse(entry, &a) != STATUS_OK)
				continue;
			*out = a.params;
			if (!instance.n)
				return true;
			if (sip_param(a.params, ';', "+sip.instance", &value) &&
			    slice_equal_nocase(sip_instance_uuid(value),
					       instance))
				return true;
		}
	}
	return false;
}

static void note_epid(struct stages *s, struct registration *r,
		      const struct message *m)
{
	struct sign_in *x = sign_in_of(s, r);
	struct slice epid;
	char uuid[SIP_UUID_TEXT + 1];

	if (!sip_param(m->u.sip->from.params, ';', "epid", &epid) || !epid.n) {
		facts_note(s, &r->facts, FACT_NO_EPID, 0, m);
		return;
	}
	if (epid.n > EPID_MAX)
		facts_note(s, &r->facts, FACT_NO_EPID, (uint32_t)epid.n, m);
	if (x->epid && !model_text_is(x->epid, epid))
		facts_note(s, &r->facts, FACT_EPID_CHANGED, 0, m);
	if (x->epid)
		return;
	x->epid = stages_text(s, epid);
	sip_instance_of_epid(epid, uuid);
	x->computed = stages_text(s, slice_of_text(uuid));
}

static void note_instance(struct stages *s, struct registration *r,
			  const struct message *m)
{
	struct sign_in *x = sign_in_of(s, r);
	struct slice params, value;

	if (x->instance ||
	    !contact_params(m->u.sip, (struct slice){0}, &params) ||
	    !sip_param(params, ';', "+sip.instance", &value))
		return;
	value = sip_instance_uuid(value);
	if (!value.n)
		return;
	x->instance = stages_text(s, value);
	if (!x->computed)
		return;
	x->instance_fits =
		slice_is_nocase(value, x->computed) ? FITS_YES : FITS_NO;
	if (x->instance_fits == FITS_NO)
		facts_note(s, &r->facts, FACT_INSTANCE_DIFFERS, 0, m);
}

void identity_request(struct stages *s, struct registration *r,
		      const struct message *m)
{
	struct sip_uri uri;

	note_epid(s, r, m);
	note_instance(s, r, m);
	if (sip_uri_parse(m->u.sip->request_uri, &uri) == STATUS_OK &&
	    uri.user.n)
		facts_note(s, &r->facts, FACT_URI_HAS_USER, 0, m);
}

static bool supports(const struct sip_message *sip, const char *option)
{
	const struct sip_header *h = sip_header(sip, SIP_SUPPORTED);

	for (; h; h = sip_header_after(sip, h)) {
		struct slice rest = h->value, entry;

		while (sip_list_next(&rest, &entry))
			if (slice_is_nocase(slice_trim(entry), option))
				return true;
	}
	return false;
}

/* "...;opaque=user:epid:X;gruu": does X fit the instance? */
static enum fits gruu_fits(struct slice gruu, struct slice instance)
{
	char opaque[SIP_EPID_OPAQUE_TEXT + 1];
	struct slice rest;
	size_t at;

	if (!slice_search(gruu, SLICE("user:epid:"), &at) ||
	    sip_opaque_of_instance(instance, opaque) != STATUS_OK)
		return FITS_UNKNOWN;
	rest = slice_from(gruu, at + sizeof("user:epid:") - 1);
	return slice_is(slice_split(&rest, ';'), opaque) ? FITS_YES : FITS_NO;
}

void identity_answer(struct stages *s, struct registration *r,
		     const struct message *m)
{
	struct sign_in *x = sign_in_of(s, r);
	struct slice params, gruu, instance;

	if (!x->instance || r->purpose != REGISTER_BIND)
		return;
	instance = slice_of_text(x->instance);
	if (!contact_params(m->u.sip, instance, &params) ||
	    !sip_param(params, ';', "gruu", &gruu) || !gruu.n) {
		/* Those who have no GRUU to give say nothing of it. */
		if (supports(m->u.sip, "gruu-10") || x->target)
			facts_note(s, &r->facts, FACT_NO_GRUU, 0, m);
		return;
	}
	x->gruu = stages_text(s, gruu);
	x->gruu_fits = (uint8_t)gruu_fits(gruu, instance);
	if (x->gruu_fits == FITS_NO)
		facts_note(s, &r->facts, FACT_GRUU_DIFFERS, 0, m);
}
