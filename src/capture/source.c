/*
 * What kind of file is it?  By content, since extensions say little (spec
 * "capture-formats" section 0).
 */
#include "config.h"

#include <errno.h>
#include <strings.h>

#include "capture/compress.h"
#include "capture/formats.h"
#include "capture/front_bytes.h"
#include "capture/log_lines.h"
#include "capture/reader.h"

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* Formats that are known by a magic number. */
static const struct capture_format *const formats[] = {
	&format_pcap,    &format_pcapng, &format_netmon2,
	&format_netmon1, &format_snoop,  &format_hep,
};

/* Text, the surest first; asked when no magic number fits.  Packets tell more
 * than what a program prints of them. */
static const struct capture_format *const logs[] = {
	&format_hexdump, &format_server,     &format_uccapi,
	&format_sipdump, &format_dissection, &format_internals, &format_text,
};

/* What people try, and what to tell them. */
struct stranger {
	size_t at;
	struct slice magic;
	const char *text;
};

/* Only in initialisers: SLICE is not a constant expression. */
#define BYTES(literal)                                          \
	{                                                       \
		(const uint8_t *)(literal), sizeof(literal) - 1 \
	}

#define RESERVED \
	"this is a variant of pcap that is reserved for another program"

static const struct stranger strangers[] = {
	{0, BYTES("ElfFile\0"),
	 "this is a Windows event log (.evtx), not a capture"},
	{0, BYTES("PK\x03\x04"), "this is a zip archive; unpack it first"},
	{0, BYTES("PK\x05\x06"), "this is an empty zip archive"},
	{0, BYTES("Rar!\x1A\x07"), "this is a rar archive; unpack it first"},
	{0, BYTES("7z\xBC\xAF\x27\x1C"),
	 "this is a 7z archive; unpack it first"},
	{257, BYTES("ustar"), "this is a tar archive; unpack it first"},
	{0, BYTES("BZh"), "this is bzip2 data; unpack it first"},
	{0,
	 BYTES("\xFD"
	       "7zXZ\0"),
	 "this is xz data; unpack it first"},
	{0, BYTES("\x02\x21\x4C\x18"),
	 "this is an lz4 file of the legacy kind; unpack it first"},
	{0, BYTES("\xA1\xB2\xC3\xCB"), RESERVED},
	{0, BYTES("\xCB\xC3\xB2\xA1"), RESERVED},
	{0, BYTES("\xA1\x2B\x3C\x4D"), RESERVED},
	{0, BYTES("\x4D\x3C\x2B\xA1"), RESERVED},
	{0, BYTES("\xA1\xB2\x34\xCD"), RESERVED},
	{0, BYTES("\xCD\x34\xB2\xA1"), RESERVED},
	{0, BYTES("TRSNIFF data"),
	 "this is a capture of the NAI Sniffer; convert it to pcapng"},
	{0, BYTES("XCP\0"),
	 "this is a capture of the NetXRay Sniffer; convert it to pcapng"},
	{0, BYTES("\xFF\xD8\xFF"), "this is a JPEG image, not a capture"},
	{0, BYTES("\x89PNG"), "this is a PNG image, not a capture"},
	{0, BYTES("GIF8"), "this is a GIF image, not a capture"},
	{0, BYTES("%PDF-"), "this is a PDF document, not a capture"},
	{0,
	 BYTES("\x7F"
	       "ELF"),
	 "this is a program, not a capture"},
	{0, BYTES("MZ"), "this is a Windows program, not a capture"},
	{0, BYTES("RIFF"),
	 "this is a RIFF file (sound or video), not a capture"},
	{0, BYTES("OggS"),
	 "this is an Ogg file (sound or video), not a capture"},
	{0, BYTES("SQLite format 3"), "this is a database, not a capture"},
};

/* The same for text, by what stands in it; the last row fits all. */
struct text_kind {
	const char *phrase;
	const char *text;
};

#define HAR                                                                 \
	"this is an HTTP archive of a browser (.har), not a capture; take " \
	"one "                                                              \
	"of the packets, with SSLKEYLOGFILE"
#define DISSECTED                                                           \
	"this is what tshark made of a capture, not the capture; print it " \
	"with -x alone, or write it with -w"

static const struct text_kind text_kinds[] = {
	{"CLIENT_RANDOM ",
	 "this is a TLS key log, not a capture; give it with --keylog"},
	{"_TRAFFIC_SECRET",
	 "this is a TLS key log, not a capture; give it with --keylog"},
	{"\"_webSocketMessages\"", HAR},
	{"\"WebInspector\"", HAR},
	{"<pdml", DISSECTED},
	{"\"_source\": {", DISSECTED},
	{"\"_index\"", DISSECTED},
	{"SIP/2.0", "this is text in which SIP is met, but neither a log nor "
		    "packets with their bytes (tcpdump -X, tshark -x)"},
	{"<Event", "this is a Windows event log as XML; give it with --events"},
	{"<html", "this is a web page, not a capture"},
	{"<HTML", "this is a web page, not a capture"},
	{"<?xml", "this is text (XML), not a capture"},
	{"git-lfs",
	 "this only points to a file that git-lfs has; fetch it first"},
	{"", "this is text, not a capture"},
};

/* Up to here a log is looked for; spec 0 wants 64 KiB, but programs that tell
 * much have their first message further on. */
#define LOG_LOOK_SIZE 1048576u
/* The same for the bytes of the first packet, behind all that is told of it. */
#define DUMP_LOOK_SIZE 65536u
#define STEP (FORMAT_PROBE_SIZE / 2)
/* So many bytes must be text for the file to be. */
#define TEXT_PROBE 1024u
/* Shorter files have no room for a header. */
#define HEADER_LEAST 12u

static bool is_utf16(struct slice first)
{
	return slice_starts(first, SLICE("\xFF\xFE")) ||
	       slice_starts(first, SLICE("\xFE\xFF"));
}

/* Letters, blanks and well-formed UTF-8 only? */
static bool is_text(struct slice first)
{
	struct slice s = slice_first(first, TEXT_PROBE);

	while (s.n) {
		uint32_t code;
		size_t n = utf8_sequence(s, &code);

		/* The last sequence may be cut by the probe. */
		if (n == 0)
			return s.n < 4 && first.n > TEXT_PROBE;
		if ((code < 0x20 && code != '\t' && code != '\n' &&
		     code != '\r' && code != '\f' && code != 0x1B) ||
		    code == 0x7F)
			return false;
		s = slice_from(s, n);
	}
	return true;
}

static const char *text_kind(struct slice first)
{
	size_t i, at;

	for (i = 0; i + 1 < ELEMENTS(text_kinds); i++)
		if (slice_search(first, slice_of_text(text_kinds[i].phrase),
				 &at))
			break;
	return text_kinds[i].text;
}

static const char *stranger_text(struct slice first)
{
	uint8_t buffer[LOG_PROBE_SIZE];
	struct slice text;

	for (size_t i = 0; i < ELEMENTS(strangers); i++)
		if (slice_starts(slice_from(first, strangers[i].at),
				 strangers[i].magic))
			return strangers[i].text;
	text = log_probe(first, buffer);
	if (is_utf16(first) || is_text(text))
		return text_kind(text);
	return NULL;
}

static bool has_extension(const char *name, const char *extension)
{
	size_t n = strlen(name), m = strlen(extension);

	return n >= m && strcasecmp(name + n - m, extension) == 0;
}

/* Says what an unknown file seems to be. */
static enum status refuse(struct slice first, const char *name,
			  struct fault *fault)
{
	if (name && has_extension(name, ".etl")) {
		fault_say(fault, UINT64_MAX,
			  "this is an event trace log (.etl); convert network "
			  "traces with etl2pcapng, traces of Lync with its "
			  "logging tool");
		return STATUS_NOT_MINE;
	}
	if (first.n < HEADER_LEAST) {
		fault_say(fault, UINT64_MAX,
			  "the file ends after %zu bytes, inside its first "
			  "header",
			  first.n);
		return STATUS_SHORT;
	}
	fault_say(fault, UINT64_MAX,
		  "no format of captures starts with %02x %02x %02x %02x",
		  first.p[0], first.p[1], first.p[2], first.p[3]);
	return STATUS_NOT_MINE;
}

/*
 * Programs that number their logs begin a new one in the middle of a long
 * message: the first line that tells what it is may lie further on.  Only what
 * can be read without taking it is looked at, in windows of which each begins
 * in the middle of the one before.
 */
static bool claims_further(const struct capture_format *log,
			   struct byte_source *bytes, struct slice front,
			   uint64_t limit)
{
	size_t mark = is_utf16(front) ? 2 : 0, got = 1;
	uint8_t window[FORMAT_PROBE_SIZE];

	if (mark)
		memcpy(window, front.p, mark);
	for (uint64_t at = STEP; at < limit && got; at += STEP) {
		struct slice part =
			slice_cut(front, (size_t)at, sizeof(window) - mark);

		got = part.n;
		if (got)
			memcpy(window + mark, part.p, got);
		else if (bytes->read_at &&
			 bytes->read_at(bytes, at, window + mark,
					sizeof(window) - mark,
					&got) != STATUS_OK)
			return false;
		if (log->claims_inside(slice_of(window, mark + got)))
			return true;
	}
	return false;
}

/* What comes only once is read ahead to be looked at: *bytes goes on as it
 * did. */
static struct slice look_ahead(struct byte_source **bytes, struct slice first)
{
	struct slice front = {0};

	if (!(*bytes)->read_at && !(*bytes)->growing &&
	    bytes_with_front(*bytes, first, LOG_LOOK_SIZE, bytes, &front) !=
		    STATUS_OK)
		front = (struct slice){0};
	return front;
}

static const struct capture_format *log_of_front(struct slice first)
{
	for (size_t i = 0; i < ELEMENTS(logs); i++)
		if (logs[i]->claims(first))
			return logs[i];
	return NULL;
}

/* Who prints the bytes of a packet behind what is in them may print more than
 * the front of that. */
static const struct capture_format *log_find(struct byte_source **bytes,
					     struct slice first)
{
	const struct capture_format *found = log_of_front(first);
	uint8_t buffer[LOG_PROBE_SIZE];
	struct slice front;

	if (!found && !is_utf16(first) && !is_text(log_probe(first, buffer)))
		return NULL;
	front = look_ahead(bytes, first);
	if (front.n == 0)
		front = slice_first(first, 2);
	if (found)
		return claims_further(&format_hexdump, *bytes, front,
				      DUMP_LOOK_SIZE)
			       ? &format_hexdump
			       : found;
	for (size_t i = 0; i < ELEMENTS(logs); i++)
		if (claims_further(logs[i], *bytes, front, LOG_LOOK_SIZE))
			return logs[i];
	return NULL;
}

static const struct capture_format *
format_find(struct byte_source **bytes, struct slice first, const char *name,
	    enum status *status, struct fault *fault)
{
	const struct capture_format *format;
	const char *text;

	*status = STATUS_OK;
	for (size_t i = 0; i < ELEMENTS(formats); i++)
		if (formats[i]->claims(first))
			return formats[i];
	format = log_find(bytes, first);
	if (format)
		return format;
	text = stranger_text(first);
	if (text) {
		fault_say(fault, UINT64_MAX, "%s", text);
		*status = STATUS_NOT_MINE;
		return NULL;
	}
	/* ERF has no magic number, so all others come before it. */
	if (format_erf.claims(first))
		return &format_erf;
	*status = refuse(first, name, fault);
	return NULL;
}

/* Reads what the file is recognised by. */
static enum status peek(struct byte_source *bytes,
			uint8_t buffer[FORMAT_PROBE_SIZE], struct slice *first,
			struct fault *fault)
{
	struct block window = {.bytes = bytes};
	enum status status = STATUS_OK;
	size_t n = 0, got = 1;

	while (n < FORMAT_PROBE_SIZE && got) {
		got = 0;
		status = bytes->read(bytes, buffer + n, FORMAT_PROBE_SIZE - n,
				     &got);
		n += got;
	}
	*first = slice_of(buffer, n);
	/* What came before a failure may be worth reading. */
	if (n > 0)
		return STATUS_OK;
	window.error = errno;
	if (status != STATUS_OK)
		return open_stop(&window, status, "", 0, fault);
	fault_say(fault, 0, "the file is empty");
	return STATUS_SHORT;
}

/* Peels compressions off; *bytes and *first are what is inside. */
static enum status unpack(struct byte_source **bytes,
			  uint8_t buffer[FORMAT_PROBE_SIZE],
			  struct slice *first, const char **compression,
			  struct fault *fault)
{
	for (unsigned depth = 0;; depth++) {
		enum status status = peek(*bytes, buffer, first, fault);
		const struct compression *how;

		if (status != STATUS_OK)
			return status;
		how = compression_find(*first);
		if (!how)
			return STATUS_OK;
		if (depth == COMPRESSIONS_DEEP) {
			fault_say(fault, 0, "packed more than %d times",
				  COMPRESSIONS_DEEP);
			return STATUS_NOT_MINE;
		}
		if (depth == 0)
			*compression = compression_name(how);
		status = compression_open(how, *bytes, *first, bytes);
		if (status != STATUS_OK) {
			*bytes = NULL;
			fault_say(fault, UINT64_MAX, "out of memory");
			return status;
		}
	}
}

enum status source_open(struct byte_source *bytes, const char *name,
			struct source **out, struct fault *fault)
{
	uint8_t buffer[FORMAT_PROBE_SIZE];
	const struct capture_format *format = NULL;
	const char *compression = NULL;
	struct slice first;
	bool rereadable;
	enum status status;

	*fault = (struct fault){0};
	status = unpack(&bytes, buffer, &first, &compression, fault);
	if (status == STATUS_OK)
		format = format_find(&bytes, first, name, &status, fault);
	if (!format) {
		if (bytes)
			bytes->close(bytes);
		return status;
	}
	/* The reader may close it, so it is asked before. */
	rereadable = bytes->read_at != NULL;
	status = format->open(bytes, first, out, fault);
	if (status != STATUS_OK)
		return status;
	(*out)->info.format = format->name;
	(*out)->info.compression = compression;
	(*out)->info.rereadable = rereadable;
	return STATUS_OK;
}
