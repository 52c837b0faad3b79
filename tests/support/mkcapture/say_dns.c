/* DNS questions and answers (RFC 1035, RFC 2782). */
#include "config.h"

#include <string.h>

#include "dissectors/dns.h"
#include "tests/support/mkcapture/maker.h"

static void put_name(struct text *to, const char *name)
{
	struct slice rest = slice_of_text(name);

	while (rest.n) {
		struct slice label = slice_split(&rest, '.');

		put8(to, (unsigned)label.n);
		text_put(to, label);
	}
	put8(to, 0);
}

static unsigned type_of(const struct saying *s, const char *name)
{
	static const struct {
		const char *name;
		unsigned type;
	} rows[] = {{"A", DNS_A},         {"AAAA", DNS_AAAA},
		    {"CNAME", DNS_CNAME}, {"SRV", DNS_SRV},
		    {"NAPTR", DNS_NAPTR}, {"PTR", DNS_PTR}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].type;
	recipe_stop(s->line, "no such type of record: %s", name);
}

/* An address, a name, or name:port of a SRV. */
static void put_value(struct saying *s, unsigned type, const char *value)
{
	struct text data = text_new(512);
	struct endpoint e;

	if (type == DNS_A || type == DNS_AAAA) {
		e = maker_host(s->m, s->line, value);
		text_put(&data, slice_of(e.ip, type == DNS_A ? 4 : 16));
	} else if (type == DNS_SRV) {
		struct slice port = slice_of_text(value);
		const char *name = maker_keep(s->m, slice_split(&port, ':'));

		put32(&data, 0x00010001);
		put16(&data,
		      (unsigned)recipe_number(s->line, maker_keep(s->m, port),
					      UINT16_MAX));
		put_name(&data, name);
	} else {
		put_name(&data, value);
	}
	put16(s->to, (unsigned)data.n);
	text_put(s->to, text_slice(&data));
	text_free(&data);
}

/* dns ENDS query|answer NAME TYPE [VALUE] [id=1] [rcode=3] */
void say_dns(struct saying *s)
{
	const char *kind =
		words_at(s->line, &s->words, s->first, "query or answer");
	const char *name =
		words_at(s->line, &s->words, s->first + 1, "the name");
	unsigned type = type_of(
		s, words_at(s->line, &s->words, s->first + 2, "the type"));
	const char *id = words_value(&s->words, "id");
	const char *rcode = words_value(&s->words, "rcode");
	bool answer = strcmp(kind, "answer") == 0;
	bool has_value = answer && !rcode;

	put16(s->to, id ? (unsigned)recipe_number(s->line, id, UINT16_MAX) : 1);
	put16(s->to,
	      (answer ? 0x8180u : 0x0100u) |
		      (rcode ? (unsigned)recipe_number(s->line, rcode, 15)
			     : 0));
	put16(s->to, 1);
	put16(s->to, has_value);
	put32(s->to, 0);
	put_name(s->to, name);
	put16(s->to, type);
	put16(s->to, 1);
	if (!has_value)
		return;
	put_name(s->to, name);
	put16(s->to, type);
	put16(s->to, 1);
	put32(s->to, 60);
	put_value(s, type,
		  words_at(s->line, &s->words, s->first + 3, "the value"));
}
