/* One message that is kept: copied, and told again. */
#include "config.h"

#include <stdlib.h>

#include "flow/contents.h"
#include "flow/retention_state.h"

static uint64_t hash_of(struct slice s)
{
	return hash_bytes(0, s);
}

/* The same for both directions. */
static uint64_t flow_group(const struct origin *from)
{
	uint64_t a =
		hash_of(slice_of(&from->outer_src, sizeof(from->outer_src)));
	uint64_t b =
		hash_of(slice_of(&from->outer_dst, sizeof(from->outer_dst)));

	return hash_mix((a + b) ^ (a * b));
}

static uint64_t group_of(const struct message *m)
{
	if (m->kind == MESSAGE_SIP && m->u.sip->call_id.n)
		return hash_of(m->u.sip->call_id);
	return flow_group(&m->from);
}

/* Copies a slice behind what is there already. */
static struct slice put(struct kept *k, size_t *used, struct slice s)
{
	struct slice copy = slice_of(k->bytes + *used, s.n);

	if (s.n == 0)
		return (struct slice){0};
	memcpy(k->bytes + *used, s.p, s.n);
	*used += s.n;
	return copy;
}

/* The bytes that they stand at are gone. */
static size_t keep_findings(struct kept *k, const struct findings *from)
{
	size_t used = 0;

	k->message.findings = NULL;
	if (!from)
		return 0;
	k->rules = (uint32_t)from->count;
	k->dropped = (uint32_t)from->dropped;
	for (size_t i = 0; i < from->count; i++)
		(void)put(k, &used,
			  slice_of(&from->list[i].rule,
				   sizeof(from->list[i].rule)));
	return used;
}

static size_t size_of(const struct message *m)
{
	size_t size = sizeof(struct kept) + m->bytes.n + m->fits.n;

	if (m->findings)
		size += m->findings->count * sizeof(const struct rule *);
	if (m->kind == MESSAGE_ICMP)
		size += sizeof(*m->u.icmp) + m->u.icmp->quoted.n;
	return size;
}

static void keep_icmp(struct kept *k, size_t *used,
		      const struct icmp_error *from)
{
	struct icmp_error icmp = *from;
	size_t at = *used;

	*used += sizeof(icmp);
	icmp.quoted = put(k, used, from->quoted);
	memcpy(k->bytes + at, &icmp, sizeof(icmp));
	k->message.u.icmp = NULL;
}

struct kept *kept_new(const struct message *m)
{
	size_t size = size_of(m), used;
	struct kept *k = calloc(1, size);

	if (!k)
		return NULL;
	k->message = *m;
	k->size = size;
	k->group = group_of(m);
	k->renews = m->kind == MESSAGE_SIP && m->u.sip->method == SIP_REGISTER;
	used = keep_findings(k, m->findings);
	if (m->kind == MESSAGE_ICMP)
		keep_icmp(k, &used, m->u.icmp);
	k->message.bytes = put(k, &used, m->bytes);
	k->message.fits = put(k, &used, m->fits);
	k->message.from.record = NULL;
	k->message.contents = NULL;
	k->message.content_count = 0;
	return k;
}

void kept_free(struct kept *k)
{
	free(k);
}

/* ---- told again ---- */

struct telling {
	struct message message;
	struct findings found;
	struct icmp_error icmp;
	struct decoding decoding;
	struct keyring *keys;
	const struct message_sink *sink;
};

static void hand_on(const struct telling *t)
{
	t->sink->take(t->sink->context, &t->message);
}

static void tell_sip(struct telling *t)
{
	struct sip_content contents[SIP_BODIES_MAX];
	struct findings findings = {0};
	struct sip_message sip;
	size_t used;

	t->decoding.stream = transport_is_stream(t->message.from.transport);
	if (sip_decode(&t->decoding, t->message.bytes, &sip, &used) !=
	    STATUS_OK)
		return;
	t->message.u.sip = &sip;
	t->message.contents = contents;
	t->message.content_count =
		contents_read(t->decoding.arena, &sip, &findings, contents);
	contents_learn(t->keys, contents, t->message.content_count);
	hand_on(t);
}

static void tell_stun(struct telling *t)
{
	struct stun_message stun;
	size_t used;

	if (stun_decode(&t->decoding, t->message.bytes, &stun, &used) !=
	    STATUS_OK)
		return;
	t->message.u.stun = &stun;
	hand_on(t);
}

static void tell_channel(struct telling *t)
{
	struct channel_data channel;
	size_t used;

	if (channel_data_decode(&t->decoding, t->message.bytes, &channel,
				&used) != STATUS_OK)
		return;
	t->message.u.channel = &channel;
	hand_on(t);
}

static void tell_record(struct telling *t)
{
	struct tls_record record;
	enum status status;
	size_t used;

	t->decoding.stream = t->message.kind == MESSAGE_TLS;
	if (t->message.kind == MESSAGE_TLS)
		status = tls_decode(&t->decoding, t->message.bytes, &record,
				    &used);
	else if (dtls_claims(t->message.bytes, false) != CLAIM_NO)
		status = dtls_decode(&t->decoding, t->message.bytes, &record,
				     &used);
	else
		status = dtls_sealed_decode(t->message.bytes, &record, &used);
	if (status != STATUS_OK)
		return;
	t->message.u.tls = &record;
	hand_on(t);
}

static void tell_dns(struct telling *t)
{
	struct dns dns;
	size_t used;

	if (dns_decode(&t->decoding, t->message.bytes, &dns, &used) !=
	    STATUS_OK)
		return;
	t->message.u.dns = &dns;
	hand_on(t);
}

static void tell_web(struct telling *t)
{
	struct web_message web;
	size_t used;

	t->decoding.stream = true;
	if (web_decode(&t->decoding, t->message.bytes, &web, &used) !=
	    STATUS_OK)
		return;
	t->message.u.web = &web;
	hand_on(t);
}

/* What does not lie there as it is told. */
static void take_out(struct telling *t, const struct kept *k)
{
	const uint8_t *at = k->bytes;

	for (size_t i = 0; i < k->rules; i++, at += sizeof(const struct rule *))
		memcpy(&t->found.list[i].rule, at, sizeof(const struct rule *));
	t->found.count = k->rules;
	t->found.dropped = k->dropped;
	if (k->rules)
		t->message.findings = &t->found;
	if (k->message.kind != MESSAGE_ICMP)
		return;
	memcpy(&t->icmp, at, sizeof(t->icmp));
	t->message.u.icmp = &t->icmp;
}

void kept_tell(const struct kept *k, struct arena *scratch,
	       struct keyring *keys, const struct message_sink *sink)
{
	struct findings findings = {0};
	struct telling t = {
		.message = k->message,
		.decoding = {.arena = scratch,
			     .findings = &findings,
			     .cut = k->message.from.cut},
		.keys = keys,
		.sink = sink,
	};

	arena_reset(scratch);
	take_out(&t, k);
	switch (k->message.kind) {
	case MESSAGE_SIP:
		tell_sip(&t);
		break;
	case MESSAGE_STUN:
		tell_stun(&t);
		break;
	case MESSAGE_CHANNEL_DATA:
		tell_channel(&t);
		break;
	case MESSAGE_DTLS:
	case MESSAGE_TLS:
		tell_record(&t);
		break;
	case MESSAGE_DNS:
		tell_dns(&t);
		break;
	case MESSAGE_WEB:
		tell_web(&t);
		break;
	case MESSAGE_MALFORMED:
	case MESSAGE_ICMP:
	case MESSAGE_HOLE:
	case MESSAGE_KEEPALIVE:
	case MESSAGE_TCP:
	case MESSAGE_HELLO:
	case MESSAGE_FINDING:
		hand_on(&t);
		break;
	case MESSAGE_REMARK: /* of logs, which nobody watches */
	case MESSAGE_TOLD:   /* checks say the same once they are there */
		break;
	}
}
