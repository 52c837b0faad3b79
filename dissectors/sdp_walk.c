/*
 * The fields of a description.  Secret are ice-pwd and the passwords of
 * draft-06 candidates; crypto keys are never kept.
 */
#include "config.h"

#include "dissectors/sdp_parts.h"

static void put(struct field_sink *to, const char *name, struct slice text)
{
	if (text.n)
		field_text(to, name, text);
}

static void put_word(struct field_sink *to, const char *name,
		     const char *word)
{
	put(to, name, slice_of_text(word));
}

static void put_flag(struct field_sink *to, const char *name, bool set)
{
	if (set)
		to->take(to->context, &(struct field){.kind = FIELD_FLAG,
						      .name = name,
						      .number = 1});
}

static void walk_transport(const struct sdp_transport *t,
			   struct field_sink *to)
{
	static const char *const directions[] = {
		[SDP_SENDRECV] = "sendrecv",
		[SDP_SENDONLY] = "sendonly",
		[SDP_RECVONLY] = "recvonly",
		[SDP_INACTIVE] = "inactive",
	};
	static const char *const setups[] = {
		[SDP_SETUP_NONE] = "",
		[SDP_SETUP_ACTPASS] = "actpass",
		[SDP_SETUP_ACTIVE] = "active",
		[SDP_SETUP_PASSIVE] = "passive",
		[SDP_SETUP_HOLDCONN] = "holdconn",
	};

	put(to, "connection", t->connection);
	put(to, "ice-ufrag", t->ice_ufrag);
	if (t->ice_pwd.n)
		to->take(to->context, &(struct field){.kind = FIELD_TEXT,
						      .name = "ice-pwd",
						      .text = t->ice_pwd,
						      .where = t->ice_pwd,
						      .secret = true});
	put(to, "fingerprint", t->fingerprint);
	put_word(to, "setup", setups[t->setup]);
	if (t->has_direction)
		put_word(to, "direction", directions[t->direction]);
}

static void walk_candidate(const struct sdp_candidate *c,
			   struct field_sink *to)
{
	field_group(to, c->ipv6_attribute ? "x-candidate-ipv6" : "candidate");
	put(to, "foundation", c->foundation);
	field_number(to, "component", c->component);
	if (c->password.n)
		to->take(to->context, &(struct field){.kind = FIELD_TEXT,
						      .name = "password",
						      .text = c->password,
						      .where = c->password,
						      .secret = true});
	put(to, "transport", c->transport_text);
	if (c->tcp_type != TCP_TYPE_NONE)
		put_word(to, "tcptype", candidate_tcp_type_text(c->tcp_type));
	field_number(to, "priority", c->priority);
	if (c->endpoint.family != FAMILY_NONE) {
		field_endpoint(to, "address", &c->endpoint);
	} else {
		put(to, "host", c->host);
		field_number(to, "port", c->port);
	}
	put(to, "type", c->type_text);
	if (c->related.family != FAMILY_NONE)
		field_endpoint(to, "related", &c->related);
	put(to, "ufrag", c->ufrag);
	if (c->turn_session)
		field_number(to, "mturnid", c->turn_session);
	field_end(to);
}

static void walk_codecs(const struct sdp_media *m, struct field_sink *to)
{
	for (size_t i = 0; i < m->codec_count; i++) {
		field_group(to, "codec");
		field_number(to, "payload-type", m->codecs[i].payload_type);
		put(to, "name", m->codecs[i].name);
		if (m->codecs[i].clock_rate)
			field_number(to, "clock-rate",
				     m->codecs[i].clock_rate);
		field_end(to);
	}
}

static void walk_rtcp(const struct sdp_media *m, struct field_sink *to)
{
	if (m->rtcp.family != FAMILY_NONE)
		field_endpoint(to, "rtcp", &m->rtcp);
	else if (m->rtcp.port)
		field_number(to, "rtcp", m->rtcp.port);
	put_flag(to, "rtcp-mux", m->rtcp_mux);
	put_flag(to, "rtcp-mux-only", m->rtcp_mux_only);
}

static void walk_media(const struct sdp_media *m, struct slice text, size_t at,
		       struct field_sink *to)
{
	field_group(to, "media");
	put(to, "kind", m->kind);
	field_number(to, "port", m->port);
	if (m->port_count != 1)
		field_number(to, "port-count", m->port_count);
	put(to, "proto", m->proto);
	put(to, "formats", m->formats);
	put(to, "mid", m->mid);
	put(to, "label", m->label);
	walk_transport(&m->transport, to);
	walk_rtcp(m, to);
	put_flag(to, "bundle-only", m->bundle_only);
	put_flag(to, "pcfg", m->potential);
	put_flag(to, "acfg", m->taken);
	put_flag(to, "crypto", m->has_crypto);
	put(to, "encryption", m->encryption);
	put(to, "x-bypassid", m->bypass_id);
	if (m->ssrc_first) {
		field_group(to, "x-ssrc-range");
		field_number(to, "first", m->ssrc_first);
		field_number(to, "last", m->ssrc_last);
		field_end(to);
	}
	sdp_microsoft_walk(text, at, to);
	walk_codecs(m, to);
	for (size_t i = 0; i < m->candidate_count; i++)
		walk_candidate(&m->candidates[i], to);
	put(to, "remote-candidate", m->remote_candidate_id);
	put(to, "remote-candidates", m->remote_candidates);
	put_flag(to, "end-of-candidates", m->end_of_candidates);
	field_end(to);
}

void sdp_walk(const struct sdp *sdp, struct field_sink *to)
{
	put_flag(to, "fragment", sdp->fragment);
	put(to, "origin", sdp->origin);
	walk_transport(&sdp->transport, to);
	put(to, "bundle", sdp->bundle);
	put(to, "ice-options", sdp->ice_options);
	put_flag(to, "ice-lite", sdp->ice_lite);
	put_flag(to, "ice-mismatch", sdp->ice_mismatch);
	put_flag(to, "end-of-candidates", sdp->end_of_candidates);
	sdp_microsoft_walk(sdp->text, 0, to);
	for (size_t i = 0; i < sdp->media_count; i++)
		walk_media(&sdp->media[i], sdp->text, i + 1, to);
}
