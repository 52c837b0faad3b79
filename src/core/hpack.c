/* HPACK by libnghttp2. */
#include "config.h"

#include "core/hpack.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>

/* A table larger than 4096 has to be allowed by the receiver (RFC 9113 6.5.2)
 * and is announced by the sender in a block: more than browsers allow is taken
 * for nonsense. */
#define TABLE_MAX 65536u

struct hpack {
	nghttp2_hd_inflater *inflater;
};

struct hpack *hpack_new(void)
{
	struct hpack *hpack = calloc(1, sizeof(*hpack));

	if (!hpack)
		return NULL;
	if (nghttp2_hd_inflate_new(&hpack->inflater) != 0) {
		free(hpack);
		return NULL;
	}
	if (nghttp2_hd_inflate_change_table_size(hpack->inflater, TABLE_MAX) !=
	    0) {
		hpack_free(hpack);
		return NULL;
	}
	return hpack;
}

void hpack_free(struct hpack *hpack)
{
	if (!hpack)
		return;
	nghttp2_hd_inflate_del(hpack->inflater);
	free(hpack);
}

enum status hpack_read(struct hpack *hpack, struct slice block,
		       hpack_field_fn *field, void *context)
{
	size_t told = 0;

	for (;;) {
		nghttp2_nv nv;
		int flags = 0;
		ssize_t n = nghttp2_hd_inflate_hd2(hpack->inflater, &nv, &flags,
						   block.p, block.n, 1);

		if (n < 0)
			return STATUS_BAD;
		block = slice_from(block, (size_t)n);
		if (flags & NGHTTP2_HD_INFLATE_EMIT &&
		    nv.namelen + nv.valuelen <= HPACK_FIELDS_MAX - told) {
			told += nv.namelen + nv.valuelen;
			field(context, slice_of(nv.name, nv.namelen),
			      slice_of(nv.value, nv.valuelen));
		}
		if (flags & NGHTTP2_HD_INFLATE_FINAL)
			break;
		if (!(flags & NGHTTP2_HD_INFLATE_EMIT) && block.n == 0)
			return STATUS_BAD;
	}
	return nghttp2_hd_inflate_end_headers(hpack->inflater) == 0
		       ? STATUS_OK
		       : STATUS_BAD;
}
