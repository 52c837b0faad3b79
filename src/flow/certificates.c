/*
 * Certificates of DTLS handshakes against the fingerprints that descriptions
 * promise (RFC 8122 5).  DTLS 1.3 encrypts them: then nothing is said.
 */
#include "config.h"

#include <stdlib.h>

#include "core/crypto.h"
#include "flow/stages_state.h"
#include "net/dtls_message.h"

#define ASSEMBLIES 64u

struct assembly {
	uint32_t handshake; /* + 1; 0: free */
	uint8_t side;
	struct dtls_message message;
};

void certificates_free(struct stages *s)
{
	for (unsigned i = 0; s->assemblies && i < ASSEMBLIES; i++)
		dtls_message_free(&s->assemblies[i].message);
	free(s->assemblies);
}

/* ---- fingerprints as text: "sha-256 0A:1B" ---- */

static const struct kind {
	const char *name;
	void (*digest)(const struct slice *pieces, size_t count, uint8_t *out);
	size_t size;
} kinds[FINGERPRINT_KINDS] = {
	{"sha-1 ", sha1, SHA1_SIZE},
	{"sha-256 ", sha256, SHA256_SIZE},
	{"sha-384 ", sha384, SHA384_SIZE},
	{"sha-512 ", sha512, SHA512_SIZE},
};

#define FINGERPRINT_TEXT_MAX 256u

static uint64_t fingerprint_hash(const struct stages *s,
				 const struct kind *kind,
				 struct slice certificate)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[SHA512_SIZE];
	uint8_t out[FINGERPRINT_TEXT_MAX];
	size_t n = strlen(kind->name);

	kind->digest(&certificate, 1, digest);
	memcpy(out, kind->name, n);
	for (size_t i = 0; i < kind->size; i++) {
		out[n++] = (uint8_t)digits[digest[i] >> 4];
		out[n++] = (uint8_t)digits[digest[i] & 15];
		out[n++] = ':';
	}
	return stages_hash(s, slice_of(out, n - 1));
}

/* Letters in either case (RFC 8122 5). */
void certificate_promise(struct stages *s, size_t call,
			 struct slice fingerprint, nanoseconds from)
{
	uint8_t out[FINGERPRINT_TEXT_MAX];

	if (fingerprint.n == 0 || fingerprint.n > sizeof(out) ||
	    call == LIST_NONE)
		return;
	for (size_t i = 0; i < fingerprint.n; i++) {
		uint8_t c = fingerprint.p[i];

		out[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
	}
	if (owners_add(&s->fingerprints,
		       stages_hash(s, slice_of(out, fingerprint.n)),
		       (uint32_t)call, from) != STATUS_OK)
		s->model->out_of_memory = true;
}

/* ---- putting a message together ---- */

static void found(struct stages *s, uint32_t handshake, unsigned side,
		  struct slice message)
{
	struct handshake *h = list_at(&s->model->handshakes, handshake);
	struct slice der = tls_first_certificate(message);
	struct certificate *c;

	if (der.n == 0 || h->certified[side])
		return;
	c = list_add(&s->certificates);
	if (!c)
		return;
	h->certified[side] = true;
	c->handshake = handshake;
	c->side = (uint8_t)side;
	for (size_t i = 0; i < FINGERPRINT_KINDS; i++)
		c->fingerprints[i] = fingerprint_hash(s, &kinds[i], der);
}

static struct assembly *assembly_of(struct stages *s, uint32_t handshake,
				    unsigned side,
				    const struct dtls_fragment *part)
{
	struct assembly *a;

	if (!s->assemblies)
		s->assemblies = calloc(ASSEMBLIES, sizeof(*a));
	if (!s->assemblies)
		return NULL;
	for (unsigned i = 0; i < ASSEMBLIES; i++) {
		a = &s->assemblies[i];
		if (a->handshake == handshake + 1 && a->side == side &&
		    a->message.number == part->message &&
		    a->message.length == part->length)
			return a;
	}
	/* The oldest makes room. */
	a = &s->assemblies[s->next_assembly++ % ASSEMBLIES];
	dtls_message_free(&a->message);
	a->handshake =
		dtls_message_begin(&a->message, part) ? handshake + 1 : 0;
	a->side = (uint8_t)side;
	return a->handshake ? a : NULL;
}

static void put_together(struct stages *s, uint32_t handshake, unsigned side,
			 const struct dtls_fragment *part)
{
	struct assembly *a = assembly_of(s, handshake, side, part);

	if (!a)
		return;
	dtls_message_add(&a->message, part);
	if (a->message.missing)
		return;
	found(s, handshake, side, dtls_message_body(&a->message));
	dtls_message_free(&a->message);
	a->handshake = 0;
}

void certificate_take(struct stages *s, const struct handshake *h,
		      const struct origin *from, struct slice body)
{
	const struct handshake *rows = s->model->handshakes.rows;
	unsigned side = !endpoint_equal(&h->a, &from->src);
	uint32_t number = (uint32_t)(h - rows);
	struct dtls_fragment part = {.type = 0};

	if (h->certified[side])
		return;
	while (body.n && dtls_fragment_next(&body, &part)) {
		if (part.type != TLS_CERTIFICATE || part.length == 0)
			continue;
		if (part.bytes.n == part.length)
			found(s, number, side, part.bytes);
		else
			put_together(s, number, side, &part);
	}
}

/* ---- the comparison ---- */

static bool is_promised(const struct stages *s, const struct certificate *c,
			size_t call)
{
	for (size_t i = 0; i < FINGERPRINT_KINDS; i++)
		if (owners_has(&s->fingerprints, c->fingerprints[i],
			       (uint32_t)call))
			return true;
	return false;
}

/* Another one is wrong only where both sides' promises are readable. */
static bool all_promised(struct stages *s, size_t number)
{
	const struct call *call = list_at(&s->model->calls, number);
	const struct dialog *d =
		call->dialog == LIST_NONE
			? NULL
			: list_at(&s->model->dialogs, call->dialog);

	return d && d->offer.fingerprint && d->reply.fingerprint;
}

void certificates_join(struct stages *s)
{
	const struct certificate *rows = s->certificates.rows;

	for (size_t i = 0; i < s->certificates.count; i++) {
		struct handshake *h =
			list_at(&s->model->handshakes, rows[i].handshake);

		if (h->call == LIST_NONE ||
		    h->fingerprint == CERTIFICATE_DIFFERS)
			continue;
		if (is_promised(s, &rows[i], h->call))
			h->fingerprint = CERTIFICATE_MATCHES;
		else if (all_promised(s, h->call))
			h->fingerprint = CERTIFICATE_DIFFERS;
	}
}
