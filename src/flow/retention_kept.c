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

/* ---- a message in few bytes ---- */

/* Most of a message is zero: addresses of IPv4, what only few have. */
#define WORDS (sizeof(struct message) / sizeof(uint64_t))
_Static_assert(sizeof(struct message) % sizeof(uint64_t) == 0 && WORDS <= 64,
	       "a bit for each word of a message");

/* Outside of a relay they are the same, and then zero; and back again. */
static void fold_end(struct endpoint *outer, const struct endpoint *inner)
{
	uint8_t *to = (uint8_t *)outer;
	const uint8_t *from = (const uint8_t *)inner;

	for (size_t i = 0; i < sizeof(*outer); i++)
		to[i] ^= from[i];
}

static void fold_ends(struct message *m)
{
	fold_end(&m->from.outer_src, &m->from.src);
	fold_end(&m->from.outer_dst, &m->from.dst);
}

/* Is what it says beside its bytes no pointer to what will be gone? */
static bool says_it_itself(enum message_kind kind)
{
	return kind == MESSAGE_HOLE || kind == MESSAGE_TCP ||
	       kind == MESSAGE_HELLO || kind == MESSAGE_MALFORMED;
}

/* Only the sizes of its slices. */
static struct message without_pointers(const struct message *m)
{
	struct message out = *m;

	if (!says_it_itself(m->kind))
		memset(&out.u, 0, sizeof(out.u));
	out.findings = NULL;
	out.from.record = NULL;
	out.contents = NULL;
	out.content_count = 0;
	out.bytes.p = out.fits.p = NULL;
	fold_ends(&out);
	return out;
}

static unsigned count_words(uint64_t bits)
{
	unsigned n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

static uint64_t words_of(const struct message *m, uint64_t words[WORDS])
{
	uint64_t bits = 0;

	memcpy(words, m, sizeof(*m));
	for (size_t i = 0; i < WORDS; i++)
		if (words[i])
			bits |= UINT64_C(1) << i;
	return bits;
}

static size_t put_words(struct kept *k, const uint64_t words[WORDS])
{
	size_t used = 0;

	for (size_t i = 0; i < WORDS; i++) {
		if (!words[i])
			continue;
		memcpy(k->bytes + used, &words[i], sizeof(words[i]));
		used += sizeof(words[i]);
	}
	return used;
}

/* Behind the words. */
static const uint8_t *rest_of(const struct kept *k)
{
	return k->bytes + count_words(k->words) * sizeof(uint64_t);
}

/* What stands before the bytes that slices are of. */
static size_t before_slices(const struct kept *k)
{
	return k->rules * sizeof(const struct rule *) +
	       (k->kind == MESSAGE_ICMP ? sizeof(struct icmp_error) : 0);
}

struct message kept_message(const struct kept *k)
{
	const uint8_t *at = k->bytes;
	uint64_t words[WORDS] = {0};
	struct message m;

	for (size_t i = 0; i < WORDS; i++) {
		if (!(k->words >> i & 1))
			continue;
		memcpy(&words[i], at, sizeof(words[i]));
		at += sizeof(words[i]);
	}
	memcpy(&m, words, sizeof(m));
	fold_ends(&m);
	at += before_slices(k);
	m.bytes.p = m.bytes.n ? at : NULL;
	m.fits.p = m.fits.n ? at + m.bytes.n : NULL;
	return m;
}

/* ---- keeping ---- */

static void put(struct kept *k, size_t *used, const void *p, size_t n)
{
	if (n)
		memcpy(k->bytes + *used, p, n);
	*used += n;
}

/* The bytes that they stand at are gone. */
static void keep_findings(struct kept *k, size_t *used,
			  const struct findings *from)
{
	if (!from)
		return;
	k->rules = (uint32_t)from->count;
	k->dropped = (uint32_t)from->dropped;
	for (size_t i = 0; i < from->count; i++)
		put(k, used, &from->list[i].rule, sizeof(from->list[i].rule));
}

static size_t size_of(const struct message *m, uint64_t words)
{
	size_t size = sizeof(struct kept) +
		      count_words(words) * sizeof(uint64_t) + m->bytes.n +
		      m->fits.n;

	if (m->findings)
		size += m->findings->count * sizeof(const struct rule *);
	if (m->kind == MESSAGE_ICMP)
		size += sizeof(*m->u.icmp) + m->u.icmp->quoted.n;
	return size;
}

struct kept *kept_new(const struct message *m)
{
	const struct message slim = without_pointers(m);
	uint64_t words[WORDS];
	const uint64_t bits = words_of(&slim, words);
	size_t size = size_of(m, bits), used;
	struct kept *k = size <= UINT32_MAX ? calloc(1, size) : NULL;

	if (!k)
		return NULL;
	k->words = bits;
	k->kind = (uint8_t)m->kind;
	k->time = m->from.time;
	k->size = (uint32_t)size;
	k->group = group_of(m);
	k->renews = m->kind == MESSAGE_SIP && m->u.sip->method == SIP_REGISTER;
	if (m->kind == MESSAGE_WEB)
		k->stream = m->u.web->stream;
	used = put_words(k, words);
	keep_findings(k, &used, m->findings);
	if (m->kind == MESSAGE_ICMP)
		put(k, &used, m->u.icmp, sizeof(*m->u.icmp));
	put(k, &used, m->bytes.p, m->bytes.n);
	put(k, &used, m->fits.p, m->fits.n);
	if (m->kind == MESSAGE_ICMP)
		put(k, &used, m->u.icmp->quoted.p, m->u.icmp->quoted.n);
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
	uint32_t stream;
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
	web.stream = t->stream;
	t->message.u.web = &web;
	hand_on(t);
}

/* What does not lie there as it is told. */
static void take_out(struct telling *t, const struct kept *k)
{
	const uint8_t *at = rest_of(k);

	for (size_t i = 0; i < k->rules; i++, at += sizeof(const struct rule *))
		memcpy(&t->found.list[i].rule, at, sizeof(const struct rule *));
	t->found.count = k->rules;
	t->found.dropped = k->dropped;
	if (k->rules)
		t->message.findings = &t->found;
	if (k->kind != MESSAGE_ICMP)
		return;
	memcpy(&t->icmp, at, sizeof(t->icmp));
	at += sizeof(t->icmp) + t->message.bytes.n + t->message.fits.n;
	t->icmp.quoted = slice_of(at, t->icmp.quoted.n);
	t->message.u.icmp = &t->icmp;
}

void kept_tell(const struct kept *k, struct arena *scratch,
	       struct keyring *keys, const struct message_sink *sink)
{
	struct findings findings = {0};
	struct telling t = {
		.message = kept_message(k),
		.stream = k->stream,
		.decoding = {.arena = scratch, .findings = &findings},
		.keys = keys,
		.sink = sink,
	};

	t.decoding.cut = t.message.from.cut;
	arena_reset(scratch);
	take_out(&t, k);
	switch (t.message.kind) {
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
