/* TLS of the prober: libssl with memory at both ends. */
#include "config.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "probe/tls.h"

#define REASON_MAX 256u

struct tls_end {
	SSL_CTX *context;
	SSL *ssl;
	BIO *in, *out; /* the wire; belong to ssl */
	struct tls_choice choice;
	enum tls_end_state state;
	enum probe_trouble trouble;
	char reason[REASON_MAX];
};

static void take_secret(const SSL *ssl, const char *line)
{
	const struct tls_end *end = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (end && end->choice.secret)
		end->choice.secret(end->choice.context, slice_of_text(line));
}

static bool is_address(const char *name)
{
	struct endpoint e;

	return endpoint_parse(slice_of_text(name), 0, &e) == STATUS_OK;
}

/* RFC 6125; RFC 8489 6.2.3: the name that the user knows, not what DNS says. */
static bool expect_name(struct tls_end *end, const char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(end->ssl);

	if (!name || !*name)
		return true;
	if (is_address(name))
		return X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1;
	X509_VERIFY_PARAM_set_hostflags(param,
					X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	/* As SSL_set_tlsext_host_name does, which casts the const away. */
	return SSL_set1_host(end->ssl, name) == 1 &&
	       SSL_ctrl(end->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
			TLSEXT_NAMETYPE_host_name,
			(void *)(uintptr_t)name) == 1;
}

static bool prepare(struct tls_end *end)
{
	const struct tls_choice *choice = &end->choice;

	end->context = SSL_CTX_new(TLS_client_method());
	if (!end->context || SSL_CTX_set_app_data(end->context, end) != 1)
		return false;
	SSL_CTX_set_keylog_callback(end->context, take_secret);
	if (choice->ca_file
		    ? SSL_CTX_load_verify_locations(end->context,
						    choice->ca_file, NULL) != 1
		    : SSL_CTX_set_default_verify_paths(end->context) != 1)
		return false;
	end->ssl = SSL_new(end->context);
	end->in = BIO_new(BIO_s_mem());
	end->out = BIO_new(BIO_s_mem());
	if (!end->ssl || !end->in || !end->out) {
		BIO_free(end->in);
		BIO_free(end->out);
		return false;
	}
	SSL_set_bio(end->ssl, end->in, end->out);
	SSL_set_connect_state(end->ssl);
	SSL_set_verify(end->ssl,
		       choice->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
		       NULL);
	return expect_name(end, choice->name);
}

struct tls_end *tls_end_new(const struct tls_choice *choice)
{
	struct tls_end *end = calloc(1, sizeof(*end));

	if (!end)
		return NULL;
	end->choice = *choice;
	if (prepare(end))
		return end;
	tls_end_free(end);
	return NULL;
}

void tls_end_free(struct tls_end *end)
{
	if (!end)
		return;
	SSL_free(end->ssl);
	SSL_CTX_free(end->context);
	free(end);
}

/* ---- why it failed ---- */

static void failed(struct tls_end *end)
{
	long verified = SSL_get_verify_result(end->ssl);
	unsigned long code = ERR_peek_last_error();

	end->state = TLS_END_FAILED;
	end->trouble = TROUBLE_TLS;
	if (code)
		ERR_error_string_n(code, end->reason, sizeof(end->reason));
	if (verified == X509_V_OK)
		return;
	end->trouble =
		verified == X509_V_ERR_HOSTNAME_MISMATCH ||
				verified == X509_V_ERR_IP_ADDRESS_MISMATCH
			? TROUBLE_TLS_NAME
			: TROUBLE_TLS_TRUST;
	snprintf(end->reason, sizeof(end->reason), "%s",
		 X509_verify_cert_error_string(verified));
}

enum probe_trouble tls_end_trouble(const struct tls_end *end)
{
	return end->trouble;
}

const char *tls_end_reason(const struct tls_end *end)
{
	return end->reason;
}

void tls_end_describe(const struct tls_end *end, struct text *to)
{
	text_printf(to, "%s, %s", SSL_get_version(end->ssl),
		    SSL_get_cipher_name(end->ssl));
}

/* ---- bytes ---- */

static void drain(struct tls_end *end, struct text *wire)
{
	uint8_t buffer[4096];
	int n;

	while ((n = BIO_read(end->out, buffer, sizeof(buffer))) > 0)
		text_put(wire, slice_of(buffer, (size_t)n));
}

/* What a call of libssl came to, when it did not succeed. */
static void look_at(struct tls_end *end, int result)
{
	int error = SSL_get_error(end->ssl, result);

	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return;
	if (error == SSL_ERROR_ZERO_RETURN)
		end->state = TLS_END_CLOSED;
	else
		failed(end);
}

static void greet(struct tls_end *end)
{
	int result = SSL_do_handshake(end->ssl);

	if (result == 1)
		end->state = TLS_END_READY;
	else
		look_at(end, result);
}

static void read_plain(struct tls_end *end, struct text *plain)
{
	uint8_t buffer[4096];
	int n;

	while ((n = SSL_read(end->ssl, buffer, sizeof(buffer))) > 0)
		text_put(plain, slice_of(buffer, (size_t)n));
	look_at(end, n);
}

enum tls_end_state tls_end_receive(struct tls_end *end, struct slice bytes,
				   struct text *wire, struct text *plain)
{
	if (end->state == TLS_END_FAILED || end->state == TLS_END_CLOSED)
		return end->state;
	ERR_clear_error();
	if (bytes.n > INT32_MAX ||
	    (bytes.n &&
	     BIO_write(end->in, bytes.p, (int)bytes.n) != (int)bytes.n))
		failed(end);
	if (end->state == TLS_END_GREETS)
		greet(end);
	if (end->state == TLS_END_READY)
		read_plain(end, plain);
	drain(end, wire);
	return end->state;
}

bool tls_end_send(struct tls_end *end, struct slice plain, struct text *wire)
{
	if (end->state != TLS_END_READY || plain.n > INT32_MAX)
		return false;
	ERR_clear_error();
	if (plain.n && SSL_write(end->ssl, plain.p, (int)plain.n) <= 0)
		failed(end);
	drain(end, wire);
	return end->state == TLS_END_READY;
}
