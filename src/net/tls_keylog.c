/* Reading key logs line by line. */
#include "config.h"

#include "net/tls_keylog.h"

static const char *const labels[TLS_LABELS] = {
	[TLS_MASTER] = "CLIENT_RANDOM",
	[TLS_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
	[TLS_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
	[TLS_CLIENT_TRAFFIC] = "CLIENT_TRAFFIC_SECRET_0",
	[TLS_SERVER_TRAFFIC] = "SERVER_TRAFFIC_SECRET_0",
	[TLS_CLIENT_EARLY] = "CLIENT_EARLY_TRAFFIC_SECRET",
};

/* Lines end in LF, CR or both. */
static struct slice next_line(struct slice *rest)
{
	size_t n = 0;
	struct slice line;

	while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
		n++;
	line = slice_first(*rest, n);
	if (n + 1 < rest->n && rest->p[n] == '\r' && rest->p[n + 1] == '\n')
		n++;
	*rest = slice_from(*rest, n + 1);
	return line;
}

static bool hex_bytes(struct slice digits, uint8_t *out, size_t n)
{
	if (digits.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint64_t value;

		if (slice_hex(slice_cut(digits, 2 * i, 2), 0xFF, &value) !=
		    STATUS_OK)
			return false;
		out[i] = (uint8_t)value;
	}
	return true;
}

static struct slice next_word(struct slice *rest)
{
	struct slice word;

	do
		word = slice_split(rest, ' ');
	while (word.n == 0 && rest->n);
	return word;
}

static enum tls_label label_of(struct slice word)
{
	enum tls_label label = TLS_MASTER;

	while (label < TLS_LABELS && !slice_is(word, labels[label]))
		label++;
	return label;
}

/* A master secret has 48 bytes, the others those of SHA-256 or SHA-384. */
static bool size_fits(enum tls_label label, size_t n)
{
	return n == 48 || (n == 32 && label != TLS_MASTER);
}

/* One secret; *fault says what is wrong with the line. */
static enum status read_secret(enum tls_label label, struct slice rest,
			       struct tls_secrets *to, const char **fault)
{
	uint8_t id[TLS_ID_SIZE], secret[TLS_SECRET_SIZE_MAX];
	struct slice random = next_word(&rest);
	struct slice digits = next_word(&rest);
	size_t n = digits.n / 2;
	enum status status = STATUS_BAD;

	if (!hex_bytes(random, id, sizeof(id)))
		*fault = "the client random is not 64 hex digits";
	else if (!size_fits(label, n) || !hex_bytes(digits, secret, n))
		*fault = label == TLS_MASTER
				 ? "the secret is not 96 hex digits"
				 : "the secret is not 64 or 96 hex digits";
	else if (slice_trim(rest).n)
		*fault = "there is more behind the secret";
	else
		status = tls_secrets_add(to, label, slice_of(id, sizeof(id)),
					 slice_of(secret, n));
	bytes_wipe(secret, sizeof(secret));
	return status;
}

static bool is_word(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '!' || s.p[i] > '~')
			return false;
	return s.n != 0;
}

static enum status read_line(struct slice line, struct tls_secrets *to,
			     struct keylog_report *report, const char **fault)
{
	struct slice rest = slice_trim(line), word;
	enum tls_label label;
	enum status status;

	if (rest.n == 0 || rest.p[0] == '#')
		return STATUS_OK;
	word = next_word(&rest);
	label = label_of(word);
	if (label == TLS_LABELS) {
		if (!is_word(word) || rest.n == 0) {
			*fault = "it is not a label with its values";
			return STATUS_BAD;
		}
		report->others++;
		return STATUS_OK;
	}
	status = read_secret(label, rest, to, fault);
	report->secrets += status == STATUS_OK;
	return status;
}

enum status keylog_read(struct slice text, struct tls_secrets *to,
			struct keylog_report *report)
{
	uint64_t number = 0;

	*report = (struct keylog_report){.secrets = 0};
	if (slice_starts(text, SLICE("\xEF\xBB\xBF")))
		text = slice_from(text, 3);
	while (text.n) {
		const char *fault = NULL;
		enum status status =
			read_line(next_line(&text), to, report, &fault);

		number++;
		if (status == STATUS_LIMIT || status == STATUS_NOMEM)
			return status;
		if (status != STATUS_BAD)
			continue;
		if (report->bad++ == 0)
			report->first = (struct keylog_fault){number, fault};
	}
	return STATUS_OK;
}
