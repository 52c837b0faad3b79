/* REGISTER (RFC 3261 10.3; [MS-SIPREGE], [MS-SIPRE], [MS-CONMGMT]). */
#include "config.h"

#include "dissectors/sip_identity.h"
#include "engine/sip_state.h"

#define SECONDS_MIN 10u
#define GRUU_OPAQUE "user:epid:"

/* What a REGISTER asks for, as it is read. */
struct wish {
	struct registrar_contact contacts[REGISTRAR_CONTACTS_MAX];
	struct registrar_update update;
	uint32_t expires; /* of those that say nothing themselves */
	bool replaced;    /* one stands for its connection */
	const char *wrong;
};

static uint32_t seconds_of(struct slice value, uint32_t otherwise)
{
	uint64_t seconds;

	/* What cannot be read is as if it were not there (20.19). */
	return slice_number(value, UINT32_MAX, &seconds) == STATUS_OK
		       ? (uint32_t)seconds
		       : otherwise;
}

/* ---- reading ---- */

static void take_contact(const struct sip_ask *a, struct wish *w,
			 struct slice entry)
{
	struct registrar_contact *c = &w->contacts[w->update.count];
	struct sip_address address;
	struct slice value;

	if (slice_is(entry, "*")) {
		w->update.all = true;
		return;
	}
	if (w->update.count == REGISTRAR_CONTACTS_MAX) {
		w->wrong = "Too many contacts";
		return;
	}
	if (sip_address_parse(entry, &address) != STATUS_OK) {
		w->wrong = "Malformed Contact";
		return;
	}
	*c = (struct registrar_contact){.uri = address.uri,
					.seconds = w->expires};
	if (sip_param(address.params, ';', "+sip.instance", &value))
		c->instance = sip_instance_uuid(value);
	if (sip_param(address.params, ';', "expires", &value))
		c->seconds = seconds_of(value, w->expires);
	if (sip_param(address.params, ';', "proxy", &value) &&
	    slice_is_nocase(value, "replace"))
		w->replaced = true;
	if (c->seconds > a->s->config.expires)
		c->seconds = a->s->config.expires;
	w->update.count++;
}

static void take_contacts(const struct sip_ask *a, struct wish *w)
{
	const struct sip_header *h = sip_header(a->m, SIP_CONTACT);

	for (; h && !w->wrong; h = sip_header_after(a->m, h)) {
		struct slice rest = h->value, entry;

		while (!w->wrong && sip_list_next(&rest, &entry))
			take_contact(a, w, slice_trim(entry));
	}
	if (w->update.all && (w->update.count || w->expires))
		w->wrong = "Contact: * wants Expires: 0 and no other";
}

static bool is_too_brief(const struct wish *w)
{
	for (size_t i = 0; i < w->update.count; i++)
		if (w->contacts[i].seconds &&
		    w->contacts[i].seconds < SECONDS_MIN)
			return true;
	return false;
}

/* ---- the answer ---- */

static void put_gruu(struct sip_ask *a, const struct registrar_binding *b)
{
	char opaque[SIP_EPID_OPAQUE_TEXT + 1];

	if (!sip_lists(a->m, SIP_SUPPORTED, "gruu-10") ||
	    sip_opaque_of_instance(b->instance, opaque) != STATUS_OK)
		return;
	text_puts(&a->s->head, ";gruu=\"sip:");
	sip_put_clean(&a->s->head, b->aor);
	text_printf(&a->s->head, ";opaque=" GRUU_OPAQUE "%s;gruu\"", opaque);
}

static void put_binding(struct sip_ask *a, const struct registrar_binding *b)
{
	struct text *to = &a->s->head;
	nanoseconds left = b->until - a->now;

	text_puts(to, "Contact: <");
	sip_put_clean(to, b->contact);
	text_puts(to, ">;expires=");
	text_number(to, (uint64_t)((left + NS_PER_S - 1) / NS_PER_S));
	if (b->instance.n) {
		text_puts(to, ";+sip.instance=\"<urn:uuid:");
		sip_put_clean(to, b->instance);
		text_puts(to, ">\"");
		put_gruu(a, b);
	}
	text_puts(to, "\r\n");
}

static void put_bindings(struct sip_ask *a, struct slice aor)
{
	const struct registrar_binding *list[REGISTRAR_CONTACTS_MAX];
	size_t n = registrar_list(&a->s->registrar, aor, a->now, list,
				  REGISTRAR_CONTACTS_MAX);

	for (size_t i = 0; i < n; i++)
		put_binding(a, list[i]);
}

/* What clients of Lync look for (spec mras-and-registration 2.7). */
static void put_words(struct sip_ask *a, bool again)
{
	struct slice ping = sip_value(a->m, SIP_MS_KEEP_ALIVE);

	sip_put(a, "Allow-Events", sip_events());
	sip_put(a, "Supported", "msrtc-event-categories");
	sip_put(a, "presence-state",
		again ? "register-action=\"refreshed\""
		      : "register-action=\"added\"");
	if (a->s->config.remote)
		sip_put(a, "ms-user-logon-data", "RemoteUser");
	if (!slice_starts_nocase(ping, "UAC"))
		return;
	a->c->keep_alive = true;
	sip_put(a, "ms-keep-alive",
		"UAS; tcp=no; hop-hop=yes; end-end=no; timeout=300");
}

/* The longest that was granted is what the whole response says. */
static uint32_t granted(const struct wish *w)
{
	uint32_t most = 0;

	for (size_t i = 0; i < w->update.count; i++)
		if (w->contacts[i].seconds > most)
			most = w->contacts[i].seconds;
	return most;
}

/* ---- the whole ---- */

static void apply(struct sip_ask *a, struct wish *w)
{
	const struct registrar_binding *before;
	bool again = registrar_list(&a->s->registrar, w->update.aor, a->now,
				    &before, 1) != 0;
	enum status status =
		registrar_apply(&a->s->registrar, &w->update, a->now);

	if (status == STATUS_BAD) {
		sip_refuse(a, 500, "CSeq is not above the last one");
		return;
	}
	if (status != STATUS_OK) {
		sip_refuse(a, 503, NULL);
		sip_put(a, "Retry-After", "60");
		return;
	}
	put_bindings(a, w->update.aor);
	put_words(a, again);
	if (w->update.count || w->update.all) {
		a->has_expires = true;
		a->expires = granted(w);
	}
}

void sip_register(struct sip_ask *a)
{
	struct wish w = {.expires = a->s->config.expires};
	struct slice expires = sip_value(a->m, SIP_EXPIRES), epid;

	if (!sip_is_own(a, a->m->to.uri)) {
		a->s->counts.refused++;
		sip_refuse(a, 403, "To is not the one who signed in");
		return;
	}
	w.expires = seconds_of(expires, w.expires);
	w.update.aor = sip_address_of(a->s, a->m->to.uri);
	w.update.call_id = a->m->call_id;
	w.update.cseq = a->m->cseq;
	w.update.flow = a->c->serial;
	w.update.contacts = w.contacts;
	take_contacts(a, &w);
	if (w.wrong) {
		sip_refuse(a, 400, w.wrong);
		return;
	}
	if (is_too_brief(&w)) {
		sip_refuse(a, 423, NULL);
		sip_put(a, "Min-Expires", "10");
		return;
	}
	if (w.replaced)
		w.update.connection = a->c->serial;
	if (sip_param(a->m->from.params, ';', "epid", &epid))
		for (size_t i = 0; i < w.update.count; i++)
			w.contacts[i].epid = epid;
	apply(a, &w);
}
