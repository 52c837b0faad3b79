/* Key logs and private keys from files. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/tls_files.h"
#include "core/text.h"
#include "net/tls_keylog.h"

#define KEYLOG_FILE_MAX ((size_t)256 << 20)
#define RSA_FILE_MAX ((size_t)1 << 20)
#define BLOCK 65536u

static void give_back(struct text *text)
{
	if (text->n)
		bytes_wipe(text->p, text->n);
	text_free(text);
}

/* A block that may be too small is wiped before it is given back. */
static bool append(struct text *to, struct slice bytes)
{
	struct text larger;

	if (bytes.n <= to->room - to->n) {
		text_put(to, bytes);
		return true;
	}
	larger = text_new(to->max);
	if (!text_reserve(&larger, to->room + bytes.n))
		return false;
	text_put(&larger, text_slice(to));
	text_put(&larger, bytes);
	give_back(to);
	*to = larger;
	return true;
}

static bool read_file(const char *path, struct text *to)
{
	uint8_t block[BLOCK];
	FILE *f = fopen(path, "rb");
	bool fits = true;
	size_t n;

	if (!f) {
		fprintf(stderr, "mrascope: %s: %s\n", path, strerror(errno));
		return false;
	}
	/* No copy of it stays behind in a buffer of the library. */
	setvbuf(f, NULL, _IONBF, 0);
	while (fits && (n = fread(block, 1, sizeof(block), f)) > 0)
		fits = append(to, slice_of(block, n));
	if (!fits)
		fprintf(stderr, "mrascope: %s: more than %zu bytes\n", path,
			to->max);
	else if (ferror(f))
		fprintf(stderr, "mrascope: %s: %s\n", path, strerror(errno));
	fits = fits && !ferror(f);
	fclose(f);
	bytes_wipe(block, sizeof(block));
	return fits;
}

static void complain(const char *path, const char *where,
		     const struct keylog_report *report)
{
	if (report->bad)
		fprintf(stderr, "mrascope: warning: %s: %sline %" PRIu64 ": %s",
			path, where, report->first.line, report->first.text);
	if (report->bad > 1)
		fprintf(stderr, " (and %" PRIu64 " more lines are wrong)",
			report->bad - 1);
	if (report->bad)
		fputc('\n', stderr);
}

static bool said_full(enum status status, const char *path)
{
	if (status == STATUS_OK)
		return false;
	fprintf(stderr, "mrascope: warning: %s: %s\n", path,
		status == STATUS_LIMIT
			? "more TLS secrets than are kept, the rest is "
			  "passed over"
			: "out of memory for TLS secrets");
	return true;
}

static bool read_keylog(struct tls_secrets *to, const char *path, bool quiet)
{
	struct text text = text_new(KEYLOG_FILE_MAX);
	struct keylog_report report;
	enum status status;
	bool fine = read_file(path, &text);

	if (fine) {
		status = keylog_read(text_slice(&text), to, &report);
		if (!quiet)
			complain(path, "", &report);
		if (!said_full(status, path) && report.secrets == 0 && !quiet)
			fprintf(stderr,
				"mrascope: warning: %s: no TLS secret in it\n",
				path);
	}
	give_back(&text);
	return fine;
}

static bool read_rsa(struct tls_secrets *to, const char *path)
{
	struct text text = text_new(RSA_FILE_MAX);
	struct rsa_key *key = NULL;
	bool fine = false;

	if (read_file(path, &text)) {
		key = rsa_key_read(text_slice(&text));
		fine = key && tls_secrets_add_rsa(to, key) == STATUS_OK;
		if (!key)
			fprintf(stderr,
				"mrascope: %s: not a private RSA key in PEM "
				"without a password\n",
				path);
		else if (!fine)
			fprintf(stderr,
				"mrascope: %s: more than %u private keys\n",
				path, TLS_RSA_KEYS_MAX);
	}
	give_back(&text);
	return fine;
}

bool tls_files_read(struct tls_secrets *to, const struct options *o)
{
	bool grow = o->interface_count || o->follow;

	for (size_t i = 0; !grow && i < o->keylog_count; i++)
		if (!read_keylog(to, o->keylogs[i], o->quiet))
			return false;
	for (size_t i = 0; i < o->rsa_key_count; i++)
		if (!read_rsa(to, o->rsa_keys[i]))
			return false;
	return true;
}

void tls_files_embedded(struct tls_secrets *to, const char *path,
			struct slice secrets, bool quiet)
{
	struct keylog_report report;
	enum status status = keylog_read(secrets, to, &report);

	if (quiet)
		return;
	complain(path, "embedded key log: ", &report);
	(void)said_full(status, path);
}
