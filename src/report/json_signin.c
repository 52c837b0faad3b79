/* JSON: what Lync adds to stages 1 and 2: rounds, identity, provisioning, and
 * the way of a token request. */
#include "config.h"

#include "report/json_parts.h"

/* ---- registrations ---- */

static const char *scheme_word(uint8_t scheme)
{
	switch ((enum auth_scheme)scheme) {
	case AUTH_NTLM:
		return "NTLM";
	case AUTH_KERBEROS:
		return "Kerberos";
	case AUTH_TLS_DSK:
		return "TLS-DSK";
	case AUTH_DIGEST:
		return "Digest";
	case AUTH_OTHER:
		return "other";
	}
	return NULL;
}

static const char *leg_word(uint8_t kind)
{
	static const char *const words[] = {
		[LEG_BARE] = "bare",           [LEG_BEGIN] = "begin",
		[LEG_CHALLENGE] = "challenge", [LEG_PROOF] = "proof",
		[LEG_SIGNED] = "signed",
	};

	return words[kind];
}

static void put_legs(struct document *d, const struct sign_in *x)
{
	json_key(&d->j, "legs");
	json_array(&d->j);
	for (unsigned i = 0; i < x->leg_count && i < AUTH_LEGS_KEPT; i++) {
		const struct auth_leg *leg = &x->legs[i];

		json_object(&d->j);
		json_m_number(d, "attempt", leg->attempt);
		json_m_text(d, "leg", leg_word(leg->kind));
		json_m_text(d, "scheme", scheme_word(leg->scheme));
		json_m_place(d, "request", leg->request);
		json_m_place(d, "answer", leg->answer);
		json_m_count(d, "status", leg->status);
		json_object_end(&d->j);
	}
	json_array_end(&d->j);
}

static void put_offered(struct document *d, const struct sign_in *x)
{
	json_key(&d->j, "offered");
	json_array(&d->j);
	for (uint8_t bit = 1; bit <= AUTH_OTHER; bit = (uint8_t)(bit << 1))
		if (x->offered & bit)
			json_text(&d->j, scheme_word(bit));
	json_array_end(&d->j);
}

static void put_fits(struct document *d, const char *key, uint8_t fits)
{
	static const char *const words[] = {
		[FITS_UNKNOWN] = NULL,
		[FITS_YES] = "matches",
		[FITS_NO] = "differs",
	};

	json_m_text(d, key, words[fits]);
}

static void put_identity(struct document *d, const struct sign_in *x)
{
	json_m_text(d, "epid", x->epid);
	json_m_text(d, "instance", x->instance);
	json_m_text(d, "instance_computed", x->computed);
	put_fits(d, "instance_fits", x->instance_fits);
	json_m_uris(d, "gruu", x->gruu);
	put_fits(d, "gruu_fits", x->gruu_fits);
}

static void put_association(struct document *d, const struct sign_in *x)
{
	json_key(&d->j, "association");
	if (!x->associated) {
		json_null(&d->j);
		return;
	}
	json_object(&d->j);
	json_m_place(d, "frame", x->associated);
	json_m_time(d, "from", place_time(d->m, x->associated));
	json_m_time(d, "used", place_time(d->m, x->used));
	json_m_time(d, "until",
		    place_time(d->m, x->associated) + ASSOCIATION_LIFE);
	json_object_end(&d->j);
}

static void put_ends(struct document *d, const struct sign_in *x)
{
	json_m_text(d, "redirected_to", x->redirect);
	json_m_bool(d, "redirect_followed", x->followed);
	json_m_text(d, "deregistered", x->event);
	json_m_place(d, "deregistered_frame", x->deregistered);
}

static void put_discovery(struct document *d)
{
	const struct inventory *seen = &d->m->inventory;

	json_key(&d->j, "discovery_over_tls");
	json_array(&d->j);
	for (size_t i = 0; i < seen->name_count; i++)
		if (is_discovery_name(seen->names[i].name))
			json_text(&d->j, seen->names[i].name);
	json_array_end(&d->j);
}

static void put_webs(struct document *d, const struct sign_in *x)
{
	uint32_t at = x->webs.count ? x->webs.first : CHAIN_END;

	json_key(&d->j, "web_services");
	json_array(&d->j);
	while (at != CHAIN_END) {
		const struct web_call *web = list_at(&d->m->webs, at);

		json_object(&d->j);
		json_m_text(d, "service", web_service_word(web->service));
		json_m_text(d, "host", web->host);
		json_m_text(d, "target", web->target);
		json_m_place(d, "request", web->request);
		json_m_place(d, "answer", web->answer);
		json_m_count(d, "status", web->status);
		json_m_text(d, "fault", web->fault);
		json_object_end(&d->j);
		at = web->next;
	}
	json_array_end(&d->j);
}

static void put_sign_in(struct document *d, const struct sign_in *x)
{
	json_object(&d->j);
	put_legs(d, x);
	json_m_number(d, "attempts", x->attempts);
	put_offered(d, x);
	json_m_text(d, "target", x->target);
	json_m_text(d, "server", x->server);
	if (x->subnet)
		json_m_text(d, "subnet", x->subnet);
	json_m_bool(d, "remote_user", x->remote);
	put_identity(d, x);
	put_association(d, x);
	json_m_integrity(d, &x->signatures);
	json_key(&d->j, "clock_skew_s");
	if (x->has_skew)
		json_double(&d->j, (double)(x->skew / NS_PER_S), 0);
	else
		json_null(&d->j);
	json_m_count(d, "keep_alive_s", x->keep_alive_s);
	json_m_text(d, "certificate_service", x->sts_uri);
	json_m_bool(d, "certificate_service_seen", x->sts_seen);
	put_discovery(d);
	put_webs(d, x);
	put_ends(d, x);
	json_object_end(&d->j);
}

static void put_ranges(struct document *d, const struct provisioned *p)
{
	static const char *const kinds[] = {
		[PORTS_MEDIA] = "media", [PORTS_AUDIO] = "audio",
		[PORTS_VIDEO] = "video", [PORTS_SHARING] = "sharing",
		[PORTS_FILES] = "files",
	};

	json_key(&d->j, "port_ranges");
	json_array(&d->j);
	for (int i = 0; i < PORT_KINDS; i++) {
		if (!p->port_low[i] && !p->port_high[i])
			continue;
		json_object(&d->j);
		json_m_text(d, "kind", kinds[i]);
		json_m_number(d, "low", p->port_low[i]);
		json_m_number(d, "high", p->port_high[i]);
		json_object_end(&d->j);
	}
	json_array_end(&d->j);
}

static void put_provisioned(struct document *d, const struct provisioned *p,
			    const char *mras_uri)
{
	json_object(&d->j);
	json_m_place(d, "frame", p->place);
	json_m_text(d, "edge",
		    !p->has_server            ? NULL
		    : mras_uri && mras_uri[0] ? "named"
					      : "none");
	json_m_uris(d, "pool", p->pool);
	json_m_text(d, "encryption", p->encryption);
	json_m_text(d, "security_mode", p->security);
	json_m_bool(d, "port_ranges_enabled", p->ranges_enabled);
	put_ranges(d, p);
	json_m_bool(d, "qos", p->qos);
	json_m_bool(d, "bandwidth_policy", p->bandwidth_policy);
	json_m_bool(d, "bypass", p->bypass);
	json_m_text(d, "bypass_id", p->bypass_id);
	json_m_text(d, "bypass_internal", p->bypass_internal);
	json_m_text(d, "bypass_external", p->bypass_external);
	json_m_uris(d, "focus_factory", p->focus);
	json_m_uris(d, "test_call", p->test_bot);
	json_m_text(d, "video_rate", p->video_rate);
	json_object_end(&d->j);
}

void json_m_sign_in(struct document *d, const struct registration *r)
{
	const struct sign_in *x =
		r->sign_in ? list_at(&d->m->sign_ins, r->sign_in - 1) : NULL;

	json_key(&d->j, "sign_in");
	if (x)
		put_sign_in(d, x);
	else
		json_null(&d->j);
	json_key(&d->j, "provisioning");
	if (x && x->provisioned)
		put_provisioned(d,
				list_at(&d->m->provisioned, x->provisioned - 1),
				r->mras_uri);
	else
		json_null(&d->j);
}

/* ---- tokens ---- */

static void put_hops(struct document *d, const struct token_request *q)
{
	json_key(&d->j, "hops");
	json_array(&d->j);
	for (unsigned i = 0; i < q->hop_count; i++) {
		const struct token_hop *hop = &q->hops[i];

		json_object(&d->j);
		json_m_end(d, "src", &hop->src);
		json_m_end(d, "dst", &hop->dst);
		json_m_uris(d, "uri", hop->uri);
		json_m_place(d, "request", hop->request);
		json_m_number(d, "sent", hop->sent);
		json_m_place(d, "answer", hop->answer);
		json_m_count(d, "status", hop->status);
		json_object_end(&d->j);
	}
	json_array_end(&d->j);
}

static void put_request(struct document *d, const struct token_request *q)
{
	json_object(&d->j);
	json_m_text(d, "asked_by", q->requester);
	json_m_text(d, "user_agent", q->agent);
	json_m_text(d, "request_id", q->request_id);
	json_m_text(d, "version", q->version);
	json_m_text(d, "answer_version", q->answer_version);
	json_m_text(d, "server_version", q->server_version);
	json_m_uris(d, "to", q->to);
	json_m_uris(d, "from", q->from);
	json_m_uris(d, "identity", q->identity);
	json_m_text(d, "location", q->location);
	json_m_text(d, "route", q->route);
	json_m_count(d, "duration_min", q->asked_min);
	json_m_count(d, "status", q->status);
	put_hops(d, q);
	json_object_end(&d->j);
}

static void put_blob(struct document *d, const struct token *t)
{
	struct token_blob b;

	json_key(&d->j, "blob");
	if (t->kind != TOKEN_MRAS || !token_blob_read(t->username, &b)) {
		json_null(&d->j);
		return;
	}
	json_object(&d->j);
	json_m_number(d, "version", b.major);
	json_m_number(d, "size", b.size);
	json_m_time(d, "expires", clock_of_filetime(b.filetime));
	json_key(&d->j, "client");
	json_hex(&d->j, slice_of(b.client, sizeof(b.client)));
	json_key(&d->j, "flags");
	if (b.has_flags)
		json_number(&d->j, b.flags);
	else
		json_null(&d->j);
	json_object_end(&d->j);
}

void json_m_token_request(struct document *d, const struct token *t)
{
	json_key(&d->j, "request");
	if (t->asked)
		put_request(d, list_at(&d->m->token_requests, t->asked - 1));
	else
		json_null(&d->j);
	put_blob(d, t);
	json_m_time(d, "first_used", place_time(d->m, t->first_used));
	json_m_time(d, "last_used", place_time(d->m, t->last_used));
}

void json_m_resolved(struct document *d, const struct token_relay *relay)
{
	const struct resolved *rows = d->m->resolved.rows;
	uint32_t at = relay->resolved ? relay->resolved - 1 : CHAIN_END;

	json_key(&d->j, "addresses");
	json_array(&d->j);
	for (; at != CHAIN_END; at = rows[at].next) {
		if (rows[at].address.family == FAMILY_NONE)
			continue;
		text_clear(&d->scratch);
		endpoint_ip_text(&rows[at].address, &d->scratch);
		json_string(&d->j, text_slice(&d->scratch));
	}
	json_array_end(&d->j);
	at = relay->resolved ? relay->resolved - 1 : CHAIN_END;
	json_m_bool(d, "no_such_name",
		    at != CHAIN_END && rows[at].address.family == FAMILY_NONE &&
			    rows[at].next == CHAIN_END);
}
