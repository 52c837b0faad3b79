/* Network Monitor files made by hand. */
#include "config.h"

#include "tests/support/netmon_maker.h"
#include "tests/support/t.h"

void maker_begin(struct maker *m, unsigned major, unsigned minor, size_t first)
{
	static const uint16_t start[] = {2023, 11, 2, 14, 22, 13, 20, 5};

	memset(m, 0, sizeof(*m));
	m->major = major;
	m->minor = minor;
	t_put_text(&m->file, major == 1 ? "RTSS" : "GMBU");
	t_put_le(&m->file, minor, 1);
	t_put_le(&m->file, major, 1);
	t_put_le(&m->file, 1, 2);
	for (size_t i = 0; i < 8; i++)
		t_put_le(&m->file, start[i], 2);
	t_put_zeros(&m->file, first - m->file.n);
}

void maker_add(struct maker *m, const struct maker_record *r)
{
	size_t wire = r->bytes.n + r->missing;

	m->records[m->count++] = (uint32_t)m->file.n;
	if (m->major == 1) {
		t_put_le(&m->file, (uint64_t)r->delta, 4);
		t_put_le(&m->file, wire, 2);
		t_put_le(&m->file, r->bytes.n, 2);
		t_put(&m->file, r->bytes);
		return;
	}
	t_put_le(&m->file, (uint64_t)r->delta, 8);
	t_put_le(&m->file, wire, 4);
	t_put_le(&m->file, r->bytes.n, 4);
	t_put(&m->file, r->bytes);
	if (m->minor >= 1)
		t_put_le(&m->file, r->media, 2);
	if (m->minor >= 2)
		t_put_le(&m->file, UINT32_MAX, 4);
	if (m->minor >= 3) {
		t_put_le(&m->file, r->filetime, 8);
		t_put_le(&m->file, 255, 1);
	}
}

void maker_place(struct maker *m, size_t at, size_t place, size_t n)
{
	t_patch_le32(&m->file, at, (uint32_t)place);
	t_patch_le32(&m->file, at + 4, (uint32_t)n);
}

void maker_table(struct maker *m)
{
	maker_place(m, MAKER_TABLE, m->file.n, m->count * 4);
	for (size_t i = 0; i < m->count; i++)
		t_put_le(&m->file, m->records[i], 4);
}

void maker_comment(struct maker *m, uint32_t record, const char *title,
		   const char *rtf)
{
	t_put_le(&m->file, 1, 4);
	t_put_le(&m->file, record, 4);
	t_put_le(&m->file, strlen(title) * 2 + 2, 4);
	for (const char *p = title; *p; p++)
		t_put_le(&m->file, (uint8_t)*p, 2);
	t_put_le(&m->file, 0, 2);
	t_put_le(&m->file, strlen(rtf), 4);
	t_put_text(&m->file, rtf);
}

void maker_event(struct t_file_bytes *to, const struct maker_event *e)
{
	t_put_le(to, e->data.n + 80, 2);
	t_put_zeros(to, 6);
	t_put_le(to, e->thread, 4);
	t_put_zeros(to, 12); /* process, time */
	t_put(to, e->guid);
	t_put_le(to, e->id, 2);
	t_put_zeros(to, 6);
	t_put_le(to, e->keywords, 8);
	t_put_zeros(to, 28);
	t_put_le(to, e->items, 2);
	t_put_le(to, e->data.n, 2);
	t_put_zeros(to, 1);
	for (unsigned i = 0; i < e->items; i++) {
		t_put_zeros(to, 6);
		t_put_le(to, 3, 2);
		t_put_text(to, "abc");
	}
	t_put(to, e->data);
}

void maker_fragment(struct t_file_bytes *to, const struct maker_fragment *f)
{
	struct t_file_bytes data = {.n = 0};
	struct maker_event event = {
		.guid = SLICE("\x6E\x00\xD6\x2E\x29\x47\x09\x46"
			      "\xB4\x23\x3E\xE7\xBC\xD6\x78\xEF"),
		.id = 1001,
		.keywords = f->keywords,
		.thread = f->thread,
	};

	t_put_le(&data, f->interface, 4);
	t_put_le(&data, 1, 4);
	t_put_le(&data, f->bytes.n + f->missing, 4);
	t_put(&data, f->bytes);
	event.data = slice_of(data.p, data.n);
	maker_event(to, &event);
}

void maker_add_plain(struct maker *m, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct maker_record r = {
			.delta = (int64_t)(m->major == 1 ? i : i * 1000),
			.bytes = MAKER_FRAME,
			.media = 1,
			.filetime = MAKER_START_TICKS + i * 10000,
		};

		maker_add(m, &r);
	}
}

void maker_plain(struct maker *m, unsigned minor, size_t count)
{
	maker_begin(m, 2, minor, 128);
	maker_add_plain(m, count);
	maker_table(m);
}

const struct capture_format *maker_format(const struct maker *m)
{
	return m->major == 1 ? &format_netmon1 : &format_netmon2;
}

void maker_read(const struct maker *m, struct t_frames *out)
{
	t_read_capture(maker_format(m), slice_of(m->file.p, m->file.n), out);
	assert_int_equal(out->opened, STATUS_OK);
}
