/* Regular expressions, by way of PCRE2. */
#include "config.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/pattern.h"

struct pattern {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

static enum status complain(int error, size_t at, char *why)
{
	PCRE2_UCHAR text[96];

	if (error == PCRE2_ERROR_NOMEMORY)
		return STATUS_NOMEM;
	if (pcre2_get_error_message(error, text, sizeof(text)) < 0)
		text[0] = 0;
	snprintf(why, PATTERN_WHY_MAX, "%s at character %zu",
		 (const char *)text, at + 1);
	return STATUS_BAD;
}

enum status pattern_new(struct slice expression, bool ignore_case,
			struct pattern **out, char *why)
{
	struct pattern *p = calloc(1, sizeof(*p));
	uint32_t options = ignore_case ? PCRE2_CASELESS : 0;
	PCRE2_SIZE at;
	enum status status;
	int error;

	if (!p)
		return STATUS_NOMEM;
	p->code = pcre2_compile(expression.p ? expression.p : (PCRE2_SPTR) "",
				expression.n, options, &error, &at, NULL);
	if (!p->code) {
		status = complain(error, at, why);
		free(p);
		return status;
	}
	/* Without it matching is only slower. */
	(void)pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);
	p->data = pcre2_match_data_create_from_pattern(p->code, NULL);
	p->limits = pcre2_match_context_create(NULL);
	if (!p->data || !p->limits) {
		pattern_free(p);
		return STATUS_NOMEM;
	}
	pcre2_set_match_limit(p->limits, PATTERN_STEPS_MAX);
	*out = p;
	return STATUS_OK;
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	pcre2_match_context_free(p->limits);
	pcre2_match_data_free(p->data);
	pcre2_code_free(p->code);
	free(p);
}

bool pattern_fits(struct pattern *p, struct slice text)
{
	return pcre2_match(p->code, text.p ? text.p : (PCRE2_SPTR) "", text.n,
			   0, 0, p->data, p->limits) >= 0;
}
