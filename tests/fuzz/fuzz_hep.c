/*
 * HEP: no read outside; what is decoded and unpacked, written and decoded
 * again is the same.
 */
#include "config.h"

#include <stdlib.h>

#include "capture/formats.h"
#include "core/hep.h"
#include "tests/fuzz/one.h"

static void write_again(const struct hep *hep)
{
	struct text bytes = text_new(2 * (size_t)HEP_MAX);
	struct hep again;
	enum status status = hep_encode(hep, &bytes);

	/* What was packed may be too long, with its ends and its time. */
	if (status == STATUS_LIMIT || status == STATUS_NOMEM) {
		text_free(&bytes);
		return;
	}
	if (status != STATUS_OK ||
	    hep_decode(text_slice(&bytes), &again) != STATUS_OK ||
	    again.packed || !endpoint_equal(&hep->src, &again.src) ||
	    !endpoint_equal(&hep->dst, &again.dst) ||
	    hep->protocol != again.protocol || hep->content != again.content ||
	    !slice_equal(hep->payload, again.payload) ||
	    !slice_equal(hep->key, again.key))
		abort();
	/* Seconds are of 32 bits there; a time in between is cut off. */
	if (hep->time / NS_PER_S <= UINT32_MAX &&
	    hep->time / NS_PER_US != again.time / NS_PER_US)
		abort();
	text_free(&bytes);
}

/* Packets one behind the other: each frame has the next number, and none is
 * too long. */
static void read_as_file(struct slice file)
{
	struct slice first = slice_first(file, FORMAT_PROBE_SIZE);
	struct byte_source *bytes;
	struct source *source;
	struct fault fault;
	struct frame frame;
	uint64_t count = 0;
	enum status end;

	if (!format_hep.claims(first))
		return;
	if (bytes_open_memory(file, &bytes) != STATUS_OK ||
	    format_hep.open(bytes, first, &source, &fault) != STATUS_OK)
		abort();
	while ((end = source->next(source, &frame)) == STATUS_OK)
		if (frame.number != ++count || frame.bytes.n > FRAME_MAX)
			abort();
	if (source->next(source, &frame) != end ||
	    (end == STATUS_END) == source->info.damage.set)
		abort();
	source->close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text room = text_new(2 * (size_t)HEP_MAX);
	struct hep hep;

	if (hep_decode(slice_of(data, size), &hep) == STATUS_OK &&
	    hep_unpack(&hep, &room) == STATUS_OK)
		write_again(&hep);
	text_free(&room);
	read_as_file(slice_of(data, size));
	return 0;
}
