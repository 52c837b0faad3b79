/* The values that stand in many places of the JSON report. */
#include "config.h"

#include "report/json_parts.h"
#include "report/secrets.h"

#define FLUSH_AT ((size_t)65536)

void json_flush(struct document *d)
{
	if (json_size(&d->j) < FLUSH_AT || !d->options->flush)
		return;
	json_part_end(&d->j);
	d->options->flush(d->options->context, d->j.to);
	json_part_again(&d->j);
}

void json_ms(struct document *d, nanoseconds duration)
{
	json_thousandths(&d->j, (duration + NS_PER_US / 2) / NS_PER_US);
}

void json_ip(struct document *d, const struct endpoint *e)
{
	char *at = d->j.at;

	if (e->family == FAMILY_NONE) {
		json_null(&d->j);
		return;
	}
	*at++ = '"';
	at = endpoint_put_ip(e, at);
	*at++ = '"';
	json_wrote(&d->j, at);
}

void json_uris(struct document *d, const char *text)
{
	struct slice uris = slice_of_text(text ? text : "");

	if (!text) {
		json_null(&d->j);
		return;
	}
	if (secret_in_uris(uris)) {
		text_clear(&d->scratch);
		secret_put_uris(uris, d->options->show_secrets, &d->scratch);
		uris = text_slice(&d->scratch);
	}
	json_string(&d->j, uris);
}

void json_secret(struct document *d, struct slice secret)
{
	if (secret.n == 0) {
		json_null(&d->j);
		return;
	}
	text_clear(&d->scratch);
	secret_put(secret, d->options->show_secrets, &d->scratch);
	json_string(&d->j, text_slice(&d->scratch));
}

void json_id(struct document *d, char kind, size_t row)
{
	char *at = d->j.at;

	if (row == LIST_NONE) {
		json_null(&d->j);
		return;
	}
	*at++ = '"';
	*at++ = kind;
	at = decimal_put((uint64_t)row + 1, at);
	*at++ = '"';
	json_wrote(&d->j, at);
}

void json_m_names(struct document *d, char kind, enum key_kind key, size_t row)
{
	json_m_id(d, "id", kind, row);
	json_key(&d->j, "key");
	text_clear(&d->scratch);
	key_put(d->options->keys, key, row, &d->scratch);
	json_string(&d->j, text_slice(&d->scratch));
}

void json_place(struct document *d, place_number place)
{
	struct place p = place_at(d->m, place);
	char *at = d->j.at;

	if (p.frame == 0) {
		json_null(&d->j);
		return;
	}
	*at++ = '"';
	at = decimal_put(p.file, at);
	*at++ = ':';
	at = decimal_put(p.frame, at);
	*at++ = '"';
	json_wrote(&d->j, at);
}

void json_m_frames(struct document *d, const struct cited *cited)
{
	json_key(&d->j, "frames");
	json_array(&d->j);
	for (size_t i = 0; i < cited->kept; i++)
		json_place(d, cited_at(cited, i));
	if (cited->count > cited->kept)
		json_place(d, cited->last);
	json_array_end(&d->j);
}

void json_m_integrity(struct document *d, const struct integrity_counts *c)
{
	json_key(&d->j, "integrity");
	json_object(&d->j);
	json_m_number(d, "verified", c->verified);
	json_m_number(d, "bad", c->bad);
	json_m_number(d, "no-key-fits", c->no_key_fits);
	json_m_number(d, "unchecked", c->unchecked);
	json_m_number(d, "absent", c->absent);
	json_object_end(&d->j);
}

static void put_change(struct document *d, const struct change *c)
{
	json_object(&d->j);
	json_m_time(d, "time", place_time(d->m, c->place));
	json_m_place(d, "frame", c->place);
	json_m_text(d, "what", word_text((enum word)c->what));
	json_m_text(d, "from", word_text((enum word)c->from));
	json_m_text(d, "to", word_text((enum word)c->to));
	json_m_count(d, "value", c->value);
	json_object_end(&d->j);
}

void json_m_history(struct document *d, const struct chain *history)
{
	const struct change *rows = d->m->changes.rows;
	uint32_t at = history->count ? history->first : CHAIN_END;

	json_key(&d->j, "history");
	json_array(&d->j);
	for (; at != CHAIN_END; at = rows[at].next)
		put_change(d, &rows[at]);
	json_array_end(&d->j);
}
