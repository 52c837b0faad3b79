/* TLS servers, by the names that clients ask for: an inventory of what cannot
 * be read. */
#include "config.h"

#include "flow/stages_state.h"

static struct server_name *name_of(struct stages *s, struct slice name,
				   uint16_t port)
{
	struct inventory *to = &s->model->inventory;

	for (size_t i = 0; i < to->name_count; i++)
		if (to->names[i].port == port &&
		    model_text_is(to->names[i].name, name))
			return &to->names[i];
	if (to->name_count == INVENTORY_NAMES_MAX)
		return NULL;
	to->names[to->name_count] = (struct server_name){
		.name = model_text(s->model, name), .port = port};
	return &to->names[to->name_count++];
}

/* The version that only a server chooses (RFC 6101 5.6.1.3). */
static void note_server(struct stages *s, const struct tls_record *record)
{
	struct slice bytes = record->body;
	struct tls_message message;
	struct tls_hello hello;

	if (tls_message_next(&bytes, &message) &&
	    tls_server_hello_read(message.body, &hello) == STATUS_OK &&
	    hello.version < TLS_VERSION_1_0)
		s->model->inventory.ssl3++;
}

void stage_tls(struct stages *s, const struct message *m)
{
	const struct tls_record *record = m->u.tls;
	struct server_name *row;

	shut_tls(s, m);
	if (record->handshake_readable && record->handshake == TLS_SERVER_HELLO)
		note_server(s, record);
	if (!record->handshake_readable ||
	    record->handshake != TLS_CLIENT_HELLO)
		return;
	s->model->inventory.hellos++;
	if (record->server_name.n == 0)
		return;
	row = name_of(s, record->server_name, m->from.dst.port);
	if (row)
		row->hellos++;
	else
		s->model->inventory.more_names++;
}
