/* Replies are kept for a while, and in bounded memory. */
#include "config.h"

#include "engine/reply_cache.h"
#include "tests/support/t.h"

static void a_reply_is_found_for_forty_seconds(void **state)
{
	struct reply_cache c = {0};

	(void)state;
	assert_int_equal(reply_cache_find(&c, 7, 0).n, 0);
	reply_cache_keep(&c, 7, SLICE("seven"), NS_PER_S);
	t_equal_text(reply_cache_find(&c, 7, 40 * NS_PER_S), "seven");
	assert_int_equal(reply_cache_find(&c, 7, 41 * NS_PER_S).n, 0);
	assert_int_equal(
		reply_cache_find(&c, 7 + REPLY_CACHE_SLOTS, NS_PER_S).n, 0);
	reply_cache_free(&c);
}

/* Whatever comes, what is found is what was kept. */
static void the_oldest_go_first(void **state)
{
	static uint8_t bytes[REPLY_CACHE_BYTES];
	struct reply_cache c = {0};
	struct slice kept;

	(void)state;
	for (uint64_t key = 1; key <= 1500; key++) {
		size_t n = 1 + key * 37 % 900;

		memset(bytes, (int)(key & 0xFF), n);
		reply_cache_keep(&c, key, slice_of(bytes, n), 0);
		for (uint64_t old = key > 150 ? key - 150 : 1; old <= key;
		     old++) {
			kept = reply_cache_find(&c, old, 0);
			assert_true(old != key || kept.n == n);
			for (size_t i = 0; i < kept.n; i++)
				assert_int_equal(kept.p[i], old & 0xFF);
		}
	}
	assert_int_equal(reply_cache_find(&c, 1, 0).n, 0);
	reply_cache_keep(&c, 1, slice_of(bytes, sizeof(bytes)), 0);
	assert_int_equal(reply_cache_find(&c, 1, 0).n, 0);
	reply_cache_free(&c);
}

static const struct t_case cases[] = {
	{"a_reply_is_found_for_forty_seconds",
	 a_reply_is_found_for_forty_seconds},
	{"the_oldest_go_first", the_oldest_go_first},
};
T_MAIN(cases)
