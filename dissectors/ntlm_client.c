/* NTLM, the client's side ([MS-NLMP] 3.1.5.2, 3.3.2). */
#include "config.h"

#include "dissectors/ntlm_parts.h"

#define PROOF_HEADER 72u
#define PASSWORD_MAX 256u
/* What we can do, of what is offered. */
#define WANTED (OFFERED & ~TARGET_DOMAIN)

enum status ntlm_read_offer(struct slice in, struct ntlm_offer *out)
{
	struct cursor c = cursor_over(in);
	struct ntlm_offer o = {.flags = 0};
	struct slice nonce;
	bool bad = false;

	ntlm_take_front(&c, TYPE_CHALLENGE);
	(void)ntlm_take_place(&c, in, &bad); /* the domain */
	o.flags = cursor_u32le(&c);
	nonce = cursor_take(&c, NTLM_NONCE_SIZE);
	cursor_skip(&c, 8);
	o.names = ntlm_take_place(&c, in, &bad);
	if (c.bad || bad || (o.flags & NEEDED) != NEEDED ||
	    o.names.n > NTLM_MESSAGE_MAX / 2)
		return STATUS_BAD;
	memcpy(o.nonce, nonce.p, NTLM_NONCE_SIZE);
	*out = o;
	return STATUS_OK;
}

/* ---- the responses ---- */

/* What version 2 signs beside the server's nonce (2.2.2.7). */
static void put_blob(const struct ntlm_offer *o, const struct ntlm_self *self,
		     struct text *to)
{
	struct slice said = ntlm_name_value(o->names, NAME_TIME);
	const bool timed = said.n == 8;

	ntlm_put_u32(to, 0x0101);
	ntlm_put_u32(to, 0);
	if (timed) {
		text_put(to, said);
	} else {
		ntlm_put_u32(to, (uint32_t)(self->time & UINT32_MAX));
		ntlm_put_u32(to, (uint32_t)(self->time >> 32));
	}
	text_put(to, slice_of(self->nonce, NTLM_NONCE_SIZE));
	ntlm_put_u32(to, 0);
	text_put(to, o->names);
	if (o->names.n == 0)
		ntlm_put_u32(to, NAME_END);
	ntlm_put_u32(to, 0);
}

/* The proof with what it signs; the key that follows from it in `base`. */
static void put_response(const struct ntlm_offer *o, const uint8_t user[16],
			 const struct ntlm_self *self, struct text *to,
			 uint8_t base[MD5_SIZE])
{
	struct text blob = text_new(NTLM_MESSAGE_MAX);
	struct slice pieces[] = {slice_of(o->nonce, NTLM_NONCE_SIZE), {0}};
	uint8_t bytes[PROOF_SIZE];
	struct slice proof = slice_of(bytes, sizeof(bytes));

	put_blob(o, self, &blob);
	pieces[1] = text_slice(&blob);
	hmac_md5(slice_of(user, MD5_SIZE), pieces, 2, bytes);
	hmac_md5(slice_of(user, MD5_SIZE), &proof, 1, base);
	text_put(to, proof);
	text_put(to, text_slice(&blob));
	text_free(&blob);
}

/* The older response; zeros where the server says its time (3.1.5.1.2). */
static void put_lm(const struct ntlm_offer *o, const uint8_t user[MD5_SIZE],
		   const struct ntlm_self *self, struct text *to)
{
	struct slice pieces[] = {slice_of(o->nonce, NTLM_NONCE_SIZE),
				 slice_of(self->nonce, NTLM_NONCE_SIZE)};
	uint8_t lm[MD5_SIZE + NTLM_NONCE_SIZE] = {0};

	if (ntlm_name_value(o->names, NAME_TIME).n == 0) {
		hmac_md5(slice_of(user, MD5_SIZE), pieces, 2, lm);
		memcpy(lm + MD5_SIZE, self->nonce, NTLM_NONCE_SIZE);
	}
	text_put(to, slice_of(lm, sizeof(lm)));
}

/* ---- the message ---- */

/* What stands behind the header, in the order in which Windows has it. */
struct parts {
	struct text domain, user, host, lm, response;
	struct slice key; /* of the session, encrypted; empty: it is not sent */
};

static struct parts parts_new(void)
{
	return (struct parts){.domain = text_new(WIDE_MAX),
			      .user = text_new(WIDE_MAX),
			      .host = text_new(WIDE_MAX),
			      .lm = text_new(64),
			      .response = text_new(NTLM_MESSAGE_MAX)};
}

static void parts_free(struct parts *p)
{
	text_free(&p->domain);
	text_free(&p->user);
	text_free(&p->host);
	text_free(&p->lm);
	text_free(&p->response);
}

static bool parts_fit(const struct parts *p)
{
	return p->domain.failed == STATUS_OK && p->user.failed == STATUS_OK &&
	       p->host.failed == STATUS_OK && p->response.failed == STATUS_OK;
}

static void put_message(const struct parts *p, uint32_t flags, struct text *to)
{
	size_t user_at = PROOF_HEADER + p->domain.n;
	size_t host_at = user_at + p->user.n;
	size_t lm_at = host_at + p->host.n;
	size_t response_at = lm_at + p->lm.n;

	ntlm_put_front(to, TYPE_AUTHENTICATE);
	ntlm_put_place(to, p->lm.n, lm_at);
	ntlm_put_place(to, p->response.n, response_at);
	ntlm_put_place(to, p->domain.n, PROOF_HEADER);
	ntlm_put_place(to, p->user.n, user_at);
	ntlm_put_place(to, p->host.n, host_at);
	ntlm_put_place(to, p->key.n, response_at + p->response.n);
	ntlm_put_u32(to, flags);
	ntlm_put_version(to);
	text_put(to, text_slice(&p->domain));
	text_put(to, text_slice(&p->user));
	text_put(to, text_slice(&p->host));
	text_put(to, text_slice(&p->lm));
	text_put(to, text_slice(&p->response));
	text_put(to, p->key);
}

static bool user_key(const struct parts *p, struct slice password,
		     uint8_t out[MD5_SIZE])
{
	struct ntlm_proof who = {.user = text_slice(&p->user),
				 .domain = text_slice(&p->domain)};

	return parts_fit(p) && password.n <= PASSWORD_MAX &&
	       ntlm_key_of_user(&who, password, out);
}

enum status ntlm_write_proof(const struct ntlm_offer *o,
			     const struct ntlm_self *self, struct text *to,
			     struct ntlm_keys *out)
{
	struct parts p = parts_new();
	uint8_t user[MD5_SIZE] = {0}, base[MD5_SIZE] = {0}, sealed[MD5_SIZE];
	bool fine;

	ntlm_put_wide(&p.domain, self->domain);
	ntlm_put_wide(&p.user, self->user);
	ntlm_put_wide(&p.host, self->host);
	fine = user_key(&p, self->password, user);
	put_lm(o, user, self, &p.lm);
	put_response(o, user, self, &p.response, base);
	out->exchanged = o->flags & KEY_EXCHANGE;
	if (out->exchanged) {
		rc4_apply(base, slice_of(self->key, MD5_SIZE), sealed);
		p.key = slice_of(sealed, sizeof(sealed));
	}
	ntlm_derive(out->exchanged ? self->key : base, out);
	put_message(&p, o->flags & WANTED, to);
	fine = fine && parts_fit(&p) && to->failed == STATUS_OK;
	parts_free(&p);
	bytes_wipe(user, sizeof(user));
	bytes_wipe(base, sizeof(base));
	return fine ? STATUS_OK : STATUS_LIMIT;
}
