/* Texts that repeat, kept once and known by number. */
#include "config.h"

#include "model/model.h"

static bool same_text(const void *rows, uint32_t row, const void *key)
{
	return model_text_is(((const char *const *)rows)[row],
			     *(const struct slice *)key);
}

kept_text model_keep_text(struct model *m, struct slice text)
{
	uint64_t hash = hash_bytes(m->texts_key, text);
	uint32_t row = text.n ? index_find(&m->texts_index, hash, same_text,
					   m->texts.rows, &text)
			      : INDEX_NONE;
	const char **added;

	if (row != INDEX_NONE || text.n == 0)
		return row + 1;
	added = list_add(&m->texts);
	if (!added)
		return 0;
	*added = model_text(m, text);
	row = (uint32_t)m->texts.count - 1;
	if (index_add(&m->texts_index, hash, row) != STATUS_OK)
		m->out_of_memory = true;
	return row + 1;
}

struct slice sip_row_line(const struct model *m, const struct sip_row *row,
			  struct text *to)
{
	const char *rest = text_at(m, row->rest);

	if (!row->method)
		return slice_of_text(rest ? rest : "");
	text_clear(to);
	text_puts(to, text_at(m, row->method));
	text_putc(to, ' ');
	text_puts(to, rest);
	text_put(to, SLICE(SIP_ROW_VERSION));
	return text_slice(to);
}

bool sip_row_starts(const struct model *m, const struct sip_row *row,
		    const char *start)
{
	const char *text = text_at(m, row->method ? row->method : row->rest);

	return text && strncmp(text, start, strlen(start)) == 0;
}
