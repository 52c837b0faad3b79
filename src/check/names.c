/* The table of what names a row. */
#include "config.h"

#include "check/names.h"

/*
 * Members of the row with what stands between, as in "{src} > {dst}"; several
 * shapes: the first one with all its members there.
 */
static const struct naming {
	const char *list;
	const char *shape;
	bool timed;
} namings[] = {
	{"allocations", "{key}", false},
	{"attempts", "{status}", true},
	{"calls", "{key}", false},
	{"candidates", "{side} {type} {address} {transport} {component}",
	 false},
	{"captures", NULL, true},
	{"causes", "{id}", true},
	{"channels", "{number} {peer}", false},
	{"dialogs", "{call_id}", false},
	{"dtls", "{src} > {dst}", false},
	{"findings", "{key}", false},
	{"forks", "{to_tag}", true},
	{"history", "{what} {from} > {to}", true},
	{"interfaces", "{vantage}", false},
	{"media", "{kind} {src} > {dst} {codec}", false},
	{"messages", "{line} ({src} > {dst})", true},
	{"pairs", "{offer_address} - {answer_address}", false},
	{"parties", "{key}", false},
	{"paths", "{src} > {dst} {transport} {purpose}", false},
	{"permissions", "{peer}", false},
	{"registrations", "{key}", false},
	{"relays", "{location} {host}", false},
	{"stages", "{stage}", true},
	{"tokens", "{key}", false},
	{"unchecked", "{offer} - {answer} {component}", false},
	{"vantages", "{vantage}", false},
};

static const struct naming *naming_of(const char *list)
{
	for (size_t i = 0; i < sizeof(namings) / sizeof(namings[0]); i++)
		if (strcmp(namings[i].list, list) == 0)
			return &namings[i];
	return NULL;
}

static void put_member(const json_t *row, struct slice name, struct text *to)
{
	char member[32];
	const json_t *value;

	if (name.n >= sizeof(member))
		return;
	memcpy(member, name.p, name.n);
	member[name.n] = '\0';
	value = json_object_get(row, member);
	if (json_is_string(value))
		text_put(to, slice_of(json_string_value(value),
				      json_string_length(value)));
	else if (value && !json_is_null(value))
		tree_put(value, to);
	else
		text_putc(to, '-');
}

bool names_put(const char *member, const json_t *row, struct text *to)
{
	const struct naming *naming = naming_of(member);
	struct slice rest;

	if (!naming || !naming->shape)
		return false;
	rest = slice_of_text(naming->shape);
	while (rest.n) {
		text_put(to, slice_split(&rest, '{'));
		if (rest.n)
			put_member(row, slice_split(&rest, '}'), to);
	}
	return true;
}

bool names_are_known(const char *member)
{
	return naming_of(member) != NULL;
}

bool names_are_timed(const char *member)
{
	const struct naming *naming = naming_of(member);

	return !naming || naming->timed;
}
