/* Sending fields to a listener. */
#include "config.h"

#include "core/fields.h"

static void send(struct field_sink *to, const struct field *field)
{
	to->take(to->context, field);
}

void field_number(struct field_sink *to, const char *name, uint64_t number)
{
	send(to, &(struct field){
			 .kind = FIELD_NUMBER, .name = name, .number = number});
}

void field_text(struct field_sink *to, const char *name, struct slice text)
{
	send(to, &(struct field){.kind = FIELD_TEXT,
				 .name = name,
				 .text = text,
				 .where = text});
}

void field_bytes(struct field_sink *to, const char *name, struct slice bytes)
{
	send(to, &(struct field){.kind = FIELD_BYTES,
				 .name = name,
				 .text = bytes,
				 .where = bytes});
}

void field_secret(struct field_sink *to, const char *name, struct slice bytes)
{
	send(to, &(struct field){.kind = FIELD_BYTES,
				 .name = name,
				 .text = bytes,
				 .where = bytes,
				 .secret = true});
}

void field_endpoint(struct field_sink *to, const char *name,
		    const struct endpoint *endpoint)
{
	send(to, &(struct field){.kind = FIELD_ENDPOINT,
				 .name = name,
				 .endpoint = *endpoint});
}

void field_code(struct field_sink *to, const char *name, uint64_t number,
		const char *meaning)
{
	send(to, &(struct field){.kind = FIELD_CODE,
				 .name = name,
				 .number = number,
				 .text = slice_of_text(meaning)});
}

void field_group(struct field_sink *to, const char *name)
{
	send(to, &(struct field){.kind = FIELD_GROUP, .name = name});
}

void field_end(struct field_sink *to)
{
	send(to, &(struct field){.kind = FIELD_END, .name = ""});
}
