/* Fingerprints instead of secrets. */
#include "config.h"

#include "core/crypto.h"
#include "report/secret_words.h"
#include "report/secrets.h"

#define FINGERPRINT_BYTES 4

void secret_put(struct slice secret, bool show, struct text *to)
{
	uint8_t hash[SHA256_SIZE];

	if (show) {
		text_put(to, secret);
		return;
	}
	sha256(&secret, 1, hash);
	text_put(to, SLICE("secret:"));
	text_hex(to, slice_of(hash, FINGERPRINT_BYTES));
}

/* What stands behind the last scheme of a URI; empty when there is none. */
static struct slice after_scheme(struct slice s)
{
	for (size_t end = s.n; end >= 4; end--) {
		struct slice scheme = slice_cut(s, end - 4, 4);

		if (s.p[end - 1] != ':')
			continue;
		if (slice_is_nocase(scheme, "sip:") ||
		    slice_is_nocase(scheme, "ips:"))
			return slice_from(s, end);
	}
	return (struct slice){0};
}

/* Behind the colon of what stands between the scheme and '@'. */
bool secret_find_in_uris(struct slice s, struct slice *password)
{
	size_t done = 0, at, colon;

	while (slice_find(slice_from(s, done), '@', &at)) {
		struct slice user = after_scheme(slice_cut(s, done, at));

		if (slice_find(user, ':', &colon) && colon + 1 < user.n) {
			*password = slice_from(user, colon + 1);
			return true;
		}
		done += at + 1;
	}
	return false;
}

bool secret_in_uris(struct slice line)
{
	struct slice password;

	return secret_find_in_uris(line, &password);
}

void secret_put_uris(struct slice line, bool show, struct text *to)
{
	struct slice password;

	while (!show && secret_find_in_uris(line, &password)) {
		size_t before = (size_t)(password.p - line.p);

		text_put(to, slice_first(line, before));
		secret_put(password, false, to);
		line = slice_from(line, before + password.n);
	}
	text_put(to, line);
}

static bool has_word(struct slice text, const char *word)
{
	for (size_t i = 0; i < text.n; i++)
		if (slice_starts_nocase(slice_from(text, i), word))
			return true;
	return false;
}

static void note(void *context, size_t from, size_t n)
{
	bool *found = context;

	(void)from;
	*found = n > 0;
}

static bool stands_in(struct slice text)
{
	bool found = secret_in_uris(text);

	if (!found)
		secret_words_find(text, &(struct secret_sink){&found, note});
	return found;
}

const char *secret_sentence(const char *text, bool show)
{
	return show || !stands_in(slice_of_text(text))
		       ? text
		       : "its words may tell a secret";
}

bool secret_may_be_in(struct slice text)
{
	static const char *const words[] = {
		"assword", "passwd",    "pwd",       "gssapi",
		"inline:", "secret",    "mrasp",     "a=crypto",
		"cookie:", "webticket", "assertion", "uthorization",
	};
	bool found = stands_in(text);

	for (size_t i = 0; !found && i < sizeof(words) / sizeof(words[0]); i++)
		found = has_word(text, words[i]);
	return found;
}
