/* JSON: what traffic the input holds, whether a call came of it or not. */
#include "config.h"

#include "report/json_parts.h"

static void put_row(struct document *d, const struct traffic_row *row)
{
	static const char *const ways[TRAFFIC_WAYS] = {
		[TRAFFIC_UDP] = "udp",
		[TRAFFIC_TCP] = "tcp",
		[TRAFFIC_SCTP] = "sctp",
		[TRAFFIC_EXPORTED] = NULL,
	};

	json_break(&d->j);
	json_object(&d->j);
	json_m_text(d, "kind", traffic_name((enum traffic)row->kind));
	json_m_text(d, "transport",
		    row->kind == TRAFFIC_LOG ? NULL : ways[row->way]);
	json_m_count(d, "port", row->port);
	json_m_number(d, "flows", row->flows);
	json_m_number(d, "one_way", row->one_way);
	json_m_number(d, "silent", row->silent);
	json_m_number(d, "started", row->started);
	json_m_number(d, "packets", row->packets);
	json_object_end(&d->j);
}

static void put_traffic(struct document *d, const struct inventory *from)
{
	const struct traffic_row *row = inventory_next(from, NULL);

	json_key(&d->j, "traffic");
	json_array(&d->j);
	for (; row; row = inventory_next(from, row))
		put_row(d, row);
	json_array_end(&d->j);
}

static void put_others(struct document *d, const struct inventory *from)
{
	json_key(&d->j, "protocols");
	json_array(&d->j);
	for (unsigned i = 0; i < 256; i++) {
		if (!from->others[i])
			continue;
		json_object(&d->j);
		json_m_number(d, "protocol", i);
		json_m_number(d, "packets", from->others[i]);
		json_object_end(&d->j);
	}
	json_array_end(&d->j);
}

static void put_servers(struct document *d, const struct inventory *from)
{
	json_key(&d->j, "tls_servers");
	json_array(&d->j);
	for (size_t i = 0; i < from->name_count; i++) {
		const struct server_name *row = &from->names[i];

		json_break(&d->j);
		json_object(&d->j);
		json_m_text(d, "name", row->name);
		json_m_number(d, "port", row->port);
		json_m_number(d, "hellos", row->hellos);
		json_object_end(&d->j);
	}
	json_array_end(&d->j);
}

void json_inventory(struct document *d)
{
	const struct inventory *from = &d->m->inventory;

	json_key(&d->j, "inventory");
	json_object(&d->j);
	json_m_number(d, "frames", from->frames);
	json_m_number(d, "filtered", from->filtered);
	json_m_number(d, "cut", from->cut);
	json_m_count(d, "snap_length", from->snap_length);
	json_m_number(d, "not_ip", from->not_ip);
	json_m_number(d, "malformed", from->malformed);
	json_m_number(d, "fragments", from->fragments);
	json_m_number(d, "fragments_lost", from->fragments_lost);
	put_traffic(d, from);
	put_others(d, from);
	put_servers(d, from);
	json_m_number(d, "tls_hellos", from->hellos);
	json_m_number(d, "more_tls_hellos", from->more_names);
	json_m_number(d, "ssl_3", from->ssl3);
	json_m_number(d, "dtls_1_3", from->dtls13);
	json_object_end(&d->j);
	json_flush(d);
}
