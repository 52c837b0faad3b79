/*
 * The formats of capture files: one row each, exported by its reader.
 *
 * To add one: write a reader that exports its row, name the row here and in
 * the table of source.c.
 */
#ifndef CAPTURE_FORMATS_H
#define CAPTURE_FORMATS_H

#include "capture/source.h"

/* So many bytes from the front of a file are looked at to see what it is. */
#define FORMAT_PROBE_SIZE 4096u

struct capture_format {
	const char *name; /* as in source_info.format */

	/*
	 * Could a file that starts so be one?  `first` are its first
	 * FORMAT_PROBE_SIZE bytes, or all it has.  A file that ends inside its
	 * magic is nobody's.
	 */
	bool (*claims)(struct slice first);
	/* Of logs, which may be told by what stands further on: the same of
	 * so many bytes from the middle of a text. */
	bool (*claims_inside)(struct slice part);

	/*
	 * Makes a source; `first` was read from `bytes` already (block_open
	 * takes both).  Takes `bytes` over, also on failure.  STATUS_SHORT: it
	 * ends inside its first header; STATUS_BAD, _NOT_MINE, _IO, _NOMEM:
	 * *fault says why.  info.format is set by the caller.
	 */
	enum status (*open)(struct byte_source *bytes, struct slice first,
			    struct source **out, struct fault *fault);
};

extern const struct capture_format format_pcap;
extern const struct capture_format format_pcapng;
extern const struct capture_format format_netmon1;
extern const struct capture_format format_netmon2;
extern const struct capture_format format_snoop;
extern const struct capture_format format_hep;
extern const struct capture_format format_erf;
/* Text with packets in hexadecimal digits. */
extern const struct capture_format format_hexdump;
/* Logs: text, see capture/log_parts.h. */
extern const struct capture_format format_uccapi;
extern const struct capture_format format_server;
extern const struct capture_format format_sipdump;
extern const struct capture_format format_dissection;
extern const struct capture_format format_internals;
extern const struct capture_format format_text;

#endif /* CAPTURE_FORMATS_H */
