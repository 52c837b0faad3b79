/*
 * Messages from the test data of other projects, if that folder is there:
 * $MRASCOPE_CAPTURES/messages, or ../shared/captures/messages beside the
 * source tree.  Its INDEX.tsv says what each is; all of them are tried at
 * every length, also those of other protocols.
 */
#include "config.h"

#include "dissectors/stun_integrity.h"
#include "dissectors/turn.h"
#include "tests/support/stun_reading.h"

#define NAME_MAX_LENGTH 1024

/* What stands in the index about messages that must be read in full. */
struct about_row {
	const char *about; /* how the text begins */
	const char *folder;
	enum stun_dialect dialect;
	unsigned method;
};

static const struct about_row abouts[] = {
	{"STUN binding request seen from", "pion-browsers", STUN_RFC,
	 STUN_BINDING},
	{"STUN binding request from Chrome", "pion-browsers", STUN_RFC,
	 STUN_BINDING},
	{"STUN message of an ICE check", "aioice", STUN_RFC, STUN_BINDING},
	{"TURN traffic of Chrome", "pion-turn", STUN_TURN, STUN_ALLOCATE},
	{"MS-TURN message test vector", "turner-msturn", STUN_MS_TURN,
	 STUN_ALLOCATE},
};

static bool open_index(char folder[NAME_MAX_LENGTH], FILE **index)
{
	const char *captures = getenv("MRASCOPE_CAPTURES");
	const char *top = getenv("srcdir");
	char name[NAME_MAX_LENGTH + 16];

	if (captures)
		snprintf(folder, NAME_MAX_LENGTH, "%s/messages", captures);
	else
		snprintf(folder, NAME_MAX_LENGTH,
			 "%s/../shared/captures/messages", top ? top : ".");
	snprintf(name, sizeof(name), "%s/INDEX.tsv", folder);
	*index = fopen(name, "rb");
	return *index != NULL;
}

static bool read_file(const char *folder, const char *file,
		      struct slice *bytes)
{
	char name[2 * NAME_MAX_LENGTH];
	uint8_t buffer[65536];
	FILE *f;
	size_t n;

	snprintf(name, sizeof(name), "%s/%s", folder, file);
	f = fopen(name, "rb");
	if (!f)
		return false;
	n = fread(buffer, 1, sizeof(buffer), f);
	fclose(f);
	*bytes = t_exact(slice_of(buffer, n));
	return true;
}

static void touch(void *context, const struct field *field)
{
	unsigned *sum = context;

	for (size_t i = 0; i < field->text.n; i++)
		*sum += field->text.p[i];
	assert_non_null(field->name);
}

static void try_bytes(struct slice part, const struct stun_key *key)
{
	unsigned sum = 0;
	struct field_sink sink = {&sum, touch};

	for (int how = 0; how < 3; how++) {
		struct arena arena = arena_new((size_t)1 << 20);
		struct decoding d = {.arena = &arena,
				     .stream = how == 1,
				     .cut = how == 2};
		struct stun_message m;
		struct channel_data c;
		size_t used;

		(void)stun_claims(part, d.stream);
		if (stun_decode(&d, part, &m, &used) == STATUS_OK) {
			assert_true(used <= part.n);
			stun_walk(&m, &sink);
			(void)stun_check_integrity(&m, key);
		}
		(void)channel_data_claims(part, d.stream);
		if (channel_data_decode(&d, part, &c, &used) == STATUS_OK)
			assert_true(used <= part.n);
		(void)rfc4571_claims(part);
		(void)ms_tcp_claims(part);
		(void)multiplexed_claims(part, d.stream);
		arena_free(&arena);
	}
}

static void try_prefixes(struct slice bytes, const struct stun_key *key)
{
	size_t step = bytes.n / 512 + 1;

	for (size_t n = 0; n <= bytes.n; n += step) {
		struct slice part = t_exact(slice_first(bytes, n));

		try_bytes(part, key);
		t_release(part);
	}
}

/* Read in full, and what the index says of it. */
static void expect(const struct about_row *row, const char *file,
		   struct slice bytes)
{
	struct stun_reading r;

	if (bytes.p[0] >> 6 == 1) {
		assert_int_equal(channel_data_claims(bytes, false),
				 CLAIM_SURE);
		return;
	}
	print_message("# %s\n", file);
	assert_int_equal(stun_claims(bytes, false), CLAIM_SURE);
	read_stun(&r, bytes);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.m.dialect, row->dialect);
	assert_int_equal(r.m.method, row->method);
	assert_int_not_equal(r.m.fingerprint, FINGERPRINT_BAD);
	for (size_t i = 0; i < r.findings.count; i++)
		assert_int_equal(r.findings.list[i].rule->severity,
				 SEVERITY_INFO);
	read_stun_done(&r);
}

/* One row: file, kind, bytes, ..., about (the seventh). */
static size_t take_line(const char *folder, const char *line,
			const struct stun_key *key)
{
	struct slice rest = slice_of_text(line), column[7], bytes;
	char file[NAME_MAX_LENGTH];
	uint64_t size;
	size_t expected = 0;

	for (size_t i = 0; i < 7; i++)
		column[i] = slice_split(&rest, '\t');
	snprintf(file, sizeof(file), "%.*s", (int)column[0].n, line);
	if (slice_number(column[2], 65536, &size) != STATUS_OK ||
	    !read_file(folder, file, &bytes))
		return 0;
	assert_int_equal(bytes.n, size);
	try_prefixes(bytes, key);
	for (size_t i = 0; i < sizeof(abouts) / sizeof(abouts[0]); i++) {
		if (slice_starts(column[6], slice_of_text(abouts[i].about)) &&
		    slice_starts(column[0],
				 slice_of_text(abouts[i].folder))) {
			expect(&abouts[i], file, bytes);
			expected++;
		}
	}
	t_release(bytes);
	return expected;
}

static void other_projects_messages_are_read(void **state)
{
	char folder[NAME_MAX_LENGTH];
	char line[8192];
	struct stun_key key;
	size_t expected = 0;
	FILE *index;

	(void)state;
	if (!open_index(folder, &index))
		skip();
	stun_key_short_term(SLICE("password"), &key);
	while (fgets(line, sizeof(line), index))
		expected += take_line(folder, line, &key);
	fclose(index);
	print_message("# %zu messages with expectations\n", expected);
	assert_true(expected > 0);
}

static const struct t_case cases[] = {
	{"other_projects_messages_are_read", other_projects_messages_are_read},
};
T_MAIN(cases)
