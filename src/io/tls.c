/* libssl behind two BIOs of our own: one that hands out what came, one that
 * tells what is to go. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include <sys/time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/crypto.h"
#include "io/tls.h"

#define DATAGRAM_LINK 1400
#define COOKIE_SIZE SHA1_SIZE
#define READ_SIZE 16384
#define SERIAL_BITS 64
#define CERTIFICATE_DAYS 365L

struct tls_context {
	SSL_CTX *ssl;
	BIO_METHOD *method;
	struct tls_setup setup;
	struct hmac_key cookie_key;
};

struct tls {
	SSL *ssl;
	struct tls_context *context;
	tls_wire_fn *wire;
	void *wire_context;
	struct slice in;        /* that libssl has not read */
	bool has_in;            /* a datagram may be empty */
	struct endpoint client; /* of the cookie */
	unsigned long error;    /* libssl's, when it has failed */
	enum tls_state state;
};

/* ---- the BIO ---- */

static int bio_write(BIO *bio, const char *bytes, int n)
{
	struct tls *tls = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	if (n > 0)
		tls->wire(tls->wire_context, slice_of(bytes, (size_t)n));
	return n;
}

static int bio_read(BIO *bio, char *to, int n)
{
	struct tls *tls = BIO_get_data(bio);
	struct slice part;

	BIO_clear_retry_flags(bio);
	if (!tls->has_in || n <= 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	part = slice_first(tls->in, (size_t)n);
	memcpy(to, part.p, part.n);
	/* A datagram is read whole or cut. */
	tls->in = tls->context->setup.datagrams ? (struct slice){0}
						: slice_from(tls->in, part.n);
	tls->has_in = tls->in.n > 0;
	return (int)part.n;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	switch (command) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_DGRAM_QUERY_MTU:
	case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
		return DATAGRAM_LINK;
	default:
		return 0;
	}
}

static int bio_create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

static BIO_METHOD *make_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
				     "mrascope");

	if (m && BIO_meth_set_write(m, bio_write) &&
	    BIO_meth_set_read(m, bio_read) &&
	    BIO_meth_set_ctrl(m, bio_control) &&
	    BIO_meth_set_create(m, bio_create))
		return m;
	BIO_meth_free(m);
	return NULL;
}

/* ---- contexts ---- */

static void key_logged(const SSL *ssl, const char *line)
{
	const struct tls_context *c =
		SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	c->setup.secret(c->setup.context, slice_of_text(line));
}

static void cookie_of(const SSL *ssl, uint8_t out[SHA256_SIZE])
{
	const struct tls *tls = SSL_get_app_data(ssl);
	struct slice client = slice_of(&tls->client, sizeof(tls->client));

	hmac_compute(&tls->context->cookie_key, &client, 1, out);
}

static int make_cookie(SSL *ssl, unsigned char *cookie, unsigned *n)
{
	uint8_t all[SHA256_SIZE];

	cookie_of(ssl, all);
	memcpy(cookie, all, COOKIE_SIZE);
	*n = COOKIE_SIZE;
	return 1;
}

static int check_cookie(SSL *ssl, const unsigned char *cookie, unsigned n)
{
	uint8_t all[SHA256_SIZE];

	cookie_of(ssl, all);
	return bytes_equal_constant_time(slice_of(all, COOKIE_SIZE),
					 slice_of(cookie, n));
}

static bool name_certificate(X509 *x)
{
	static const unsigned char name[] = "mrascope";
	X509_NAME *subject = X509_get_subject_name(x);

	return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1,
					  -1, 0) &&
	       X509_set_issuer_name(x, subject) && X509_set_version(x, 2) &&
	       X509_gmtime_adj(X509_getm_notBefore(x), -3600) &&
	       X509_time_adj_ex(X509_getm_notAfter(x), (int)CERTIFICATE_DAYS, 0,
				NULL);
}

static bool number_certificate(X509 *x)
{
	BIGNUM *serial = BN_new();
	bool fine = serial && BN_rand(serial, SERIAL_BITS, -1, 0) &&
		    BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x));

	BN_free(serial);
	return fine;
}

/* One that says nothing but this program's name, for this run. */
static bool make_certificate(SSL_CTX *ssl)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	bool fine = key && x && name_certificate(x) && number_certificate(x) &&
		    X509_set_pubkey(x, key) &&
		    X509_sign(x, key, EVP_sha256()) &&
		    SSL_CTX_use_certificate(ssl, x) == 1 &&
		    SSL_CTX_use_PrivateKey(ssl, key) == 1;

	X509_free(x);
	EVP_PKEY_free(key);
	return fine;
}

static enum status load_certificate(SSL_CTX *ssl, const struct tls_setup *s,
				    const char **why)
{
	if (SSL_CTX_use_certificate_chain_file(ssl, s->certificate) != 1) {
		*why = "the certificate cannot be read";
		return STATUS_BAD;
	}
	if (SSL_CTX_use_PrivateKey_file(ssl, s->key ? s->key : s->certificate,
					SSL_FILETYPE_PEM) != 1) {
		*why = "the private key cannot be read";
		return STATUS_BAD;
	}
	if (SSL_CTX_check_private_key(ssl) == 1)
		return STATUS_OK;
	*why = "the private key is not the certificate's";
	return STATUS_BAD;
}

static enum status set_identity(SSL_CTX *ssl, const struct tls_setup *s,
				const char **why)
{
	if (s->certificate)
		return load_certificate(ssl, s, why);
	if (!s->client)
		return make_certificate(ssl) ? STATUS_OK : STATUS_NOMEM;
	if (!s->verify)
		return STATUS_OK;
	SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	if ((s->authorities
		     ? SSL_CTX_load_verify_locations(ssl, s->authorities, NULL)
		     : SSL_CTX_set_default_verify_paths(ssl)) == 1)
		return STATUS_OK;
	*why = "the trusted certificates cannot be read";
	return STATUS_BAD;
}

static const SSL_METHOD *protocol_of(const struct tls_setup *s)
{
	if (s->datagrams)
		return s->client ? DTLS_client_method() : DTLS_server_method();
	return s->client ? TLS_client_method() : TLS_server_method();
}

static void set_up(struct tls_context *c)
{
	uint8_t secret[32];

	SSL_CTX_set_app_data(c->ssl, c);
	SSL_CTX_set_mode(c->ssl, SSL_MODE_RELEASE_BUFFERS |
					 SSL_MODE_ENABLE_PARTIAL_WRITE |
					 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(c->ssl, SSL_OP_NO_RENEGOTIATION |
					    SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(c->ssl, SSL_SESS_CACHE_OFF);
	if (c->setup.secret)
		SSL_CTX_set_keylog_callback(c->ssl, key_logged);
	if (!c->setup.datagrams)
		return;
	SSL_CTX_set_options(c->ssl, SSL_OP_NO_QUERY_MTU);
	SSL_CTX_set_cookie_generate_cb(c->ssl, make_cookie);
	SSL_CTX_set_cookie_verify_cb(c->ssl, check_cookie);
	RAND_bytes(secret, sizeof(secret));
	hmac_prepare(HASH_SHA256, slice_of(secret, sizeof(secret)),
		     &c->cookie_key);
	bytes_wipe(secret, sizeof(secret));
}

enum status tls_context_new(const struct tls_setup *setup,
			    struct tls_context **out, const char **why)
{
	struct tls_context *c = calloc(1, sizeof(*c));
	enum status status = STATUS_NOMEM;

	*why = "memory is out";
	if (!c)
		return STATUS_NOMEM;
	c->setup = *setup;
	c->method = make_method();
	c->ssl = SSL_CTX_new(protocol_of(setup));
	if (c->method && c->ssl) {
		set_up(c);
		status = set_identity(c->ssl, setup, why);
	}
	ERR_clear_error();
	if (status != STATUS_OK) {
		tls_context_free(c);
		return status;
	}
	*out = c;
	return STATUS_OK;
}

void tls_context_free(struct tls_context *c)
{
	if (!c)
		return;
	SSL_CTX_free(c->ssl);
	BIO_meth_free(c->method);
	bytes_wipe(&c->cookie_key, sizeof(c->cookie_key));
	free(c);
}

/* ---- sessions ---- */

/* RFC 6125; RFC 8489 6.2.3: the name that the user knows, not what DNS says. */
static bool expect_name(SSL *ssl, const char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	if (!name || !*name)
		return true;
	if (X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1)
		return true;
	X509_VERIFY_PARAM_set_hostflags(param,
					X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	/* As SSL_set_tlsext_host_name does, which casts the const away. */
	return SSL_set1_host(ssl, name) == 1 &&
	       SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
			TLSEXT_NAMETYPE_host_name,
			(void *)(uintptr_t)name) == 1;
}

static bool attach(struct tls *tls, const char *name)
{
	const struct tls_setup *setup = &tls->context->setup;
	BIO *bio = BIO_new(tls->context->method);

	if (!bio)
		return false;
	BIO_set_data(bio, tls);
	SSL_set_bio(tls->ssl, bio, bio);
	SSL_set_app_data(tls->ssl, tls);
	if (setup->datagrams)
		DTLS_set_link_mtu(tls->ssl, DATAGRAM_LINK);
	if (!setup->client) {
		SSL_set_accept_state(tls->ssl);
		return true;
	}
	SSL_set_connect_state(tls->ssl);
	return expect_name(tls->ssl, name);
}

struct tls *tls_new(struct tls_context *context, const char *name,
		    tls_wire_fn *wire, void *wire_context)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (!tls)
		return NULL;
	tls->context = context;
	tls->wire = wire;
	tls->wire_context = wire_context;
	tls->ssl = SSL_new(context->ssl);
	if (tls->ssl && attach(tls, name))
		return tls;
	tls_free(tls);
	return NULL;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	SSL_free(tls->ssl);
	free(tls);
}

/* What a call that did not succeed says of the session. */
static void judge(struct tls *tls, int result)
{
	switch (SSL_get_error(tls->ssl, result)) {
	case SSL_ERROR_NONE:
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		break;
	case SSL_ERROR_ZERO_RETURN:
		tls->state = TLS_ENDED;
		break;
	default:
		tls->state = TLS_FAILED;
		tls->error = ERR_peek_last_error();
	}
	ERR_clear_error();
}

static void shake(struct tls *tls)
{
	int result;

	ERR_clear_error();
	result = SSL_do_handshake(tls->ssl);
	if (result == 1)
		tls->state = TLS_OPEN;
	else
		judge(tls, result);
}

enum tls_state tls_begin(struct tls *tls)
{
	shake(tls);
	return tls->state;
}

/* One record; false: there is none (any more). */
static bool read_record(struct tls *tls, struct text *plain)
{
	char *to = text_room(plain, READ_SIZE);
	int n;

	if (!to) {
		tls->state = TLS_FAILED;
		return false;
	}
	ERR_clear_error();
	n = SSL_read(tls->ssl, to, READ_SIZE);
	if (n <= 0) {
		judge(tls, n);
		return false;
	}
	plain->n += (size_t)n;
	return true;
}

enum tls_state tls_receive(struct tls *tls, struct slice wire,
			   struct text *plain)
{
	tls->in = wire;
	tls->has_in = true;
	if (tls->state == TLS_SHAKING)
		shake(tls);
	while (tls->state == TLS_OPEN && read_record(tls, plain))
		if (tls->context->setup.datagrams)
			break;
	tls->in = (struct slice){0};
	tls->has_in = false;
	return tls->state;
}

bool tls_next(struct tls *tls, struct text *plain)
{
	text_clear(plain);
	return tls->state == TLS_OPEN && read_record(tls, plain);
}

bool tls_send(struct tls *tls, struct slice plain)
{
	while (plain.n && tls->state == TLS_OPEN) {
		int part = plain.n < TLS_PLAIN_MAX ? (int)plain.n
						   : (int)TLS_PLAIN_MAX;
		int n;

		ERR_clear_error();
		n = SSL_write(tls->ssl, plain.p, part);
		if (n > 0) {
			plain = slice_from(plain, (size_t)n);
			continue;
		}
		judge(tls, n);
		return false;
	}
	return plain.n == 0;
}

void tls_close(struct tls *tls)
{
	if (tls->state == TLS_OPEN || tls->state == TLS_ENDED)
		SSL_shutdown(tls->ssl);
	ERR_clear_error();
}

enum tls_state tls_state(const struct tls *tls)
{
	return tls->state;
}

/* ---- why ---- */

/* What is wrong with a certificate counts only where that was asked. */
static long verified(const struct tls *tls)
{
	return tls->context->setup.verify ? SSL_get_verify_result(tls->ssl)
					  : X509_V_OK;
}

enum tls_fault tls_fault(const struct tls *tls)
{
	if (tls->state != TLS_FAILED)
		return TLS_FAULT_NONE;
	switch (verified(tls)) {
	case X509_V_OK:
		return TLS_FAULT_PROTOCOL;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return TLS_FAULT_NAME;
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return TLS_FAULT_DATE;
	default:
		return TLS_FAULT_TRUST;
	}
}

void tls_reason(const struct tls *tls, struct text *to)
{
	const char *reason = ERR_reason_error_string(tls->error);

	if (tls->state != TLS_FAILED)
		return;
	if (verified(tls) != X509_V_OK)
		reason = X509_verify_cert_error_string(verified(tls));
	text_puts(to, reason ? reason : "");
}

void tls_describe(const struct tls *tls, struct text *to)
{
	if (tls->state == TLS_SHAKING || !SSL_get_current_cipher(tls->ssl))
		return;
	text_printf(to, "%s, %s", SSL_get_version(tls->ssl),
		    SSL_get_cipher_name(tls->ssl));
}

/* ---- time ---- */

nanoseconds tls_waits(struct tls *tls)
{
	struct timeval left;

	if (tls->state != TLS_SHAKING ||
	    DTLSv1_get_timeout(tls->ssl, &left) != 1)
		return INT64_MAX;
	return left.tv_sec * NS_PER_S + left.tv_usec * NS_PER_US;
}

void tls_again(struct tls *tls)
{
	if (tls->state == TLS_SHAKING && DTLSv1_handle_timeout(tls->ssl) < 0)
		tls->state = TLS_FAILED;
	ERR_clear_error();
}

bool tls_listen(struct tls *tls, const struct endpoint *client,
		struct slice datagram)
{
	BIO_ADDR *peer = BIO_ADDR_new();
	int result;

	if (!peer)
		return false;
	tls->client = *client;
	tls->in = datagram;
	tls->has_in = true;
	SSL_set_options(tls->ssl, SSL_OP_COOKIE_EXCHANGE);
	ERR_clear_error();
	result = DTLSv1_listen(tls->ssl, peer);
	ERR_clear_error();
	BIO_ADDR_free(peer);
	tls->in = (struct slice){0};
	tls->has_in = false;
	if (result <= 0)
		return false;
	/* The hello is with libssl: it can be answered. */
	shake(tls);
	return true;
}
