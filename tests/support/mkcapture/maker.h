/*
 * What the files of mkcapture share: the capture in the making, and the
 * payload that a line is being turned into.
 */
#ifndef TESTS_SUPPORT_MKCAPTURE_MAKER_H
#define TESTS_SUPPORT_MKCAPTURE_MAKER_H

#include "core/clock.h"
#include "core/endpoint.h"
#include "core/text.h"
#include "tests/support/ip_write.h"
#include "tests/support/mkcapture/recipe.h"

#define HOSTS_MAX 64u
#define SECRETS_MAX 64u
#define CONNECTIONS_MAX 32u
#define STREAMS_MAX 32u
#define VANTAGES_MAX 8u
#define FRAMES_MAX 65536u
#define PAYLOAD_MAX ((size_t)1 << 17)

/* One that sees the frames, with its clock. */
struct observer {
	unsigned vantage;
	nanoseconds offset;
};

struct made_frame {
	nanoseconds time;
	size_t order; /* of making, to keep among equal times */
	unsigned vantage;
	uint32_t wire_length;
	struct slice bytes; /* in the arena */
};

struct connection {
	const char *name;
	struct endpoint ends[2]; /* client, server */
	uint32_t next[2];        /* sequence numbers */
	bool stuck[2];           /* what a side sends is not acknowledged */
	uint32_t before[2];      /* from this number on */
	bool sctp;               /* an association of it */
	bool in_udp;             /* RFC 6951 */
	uint32_t tags[2];        /* of SCTP, by who verifies it */
	uint16_t messages[2];    /* of SCTP, sent */
};

struct rtp_run {
	uint32_t ssrc, timestamp;
	uint32_t held; /* time stamp, or 0 */
	uint16_t sequence;
};

struct maker {
	struct arena *arena;
	const struct recipe *recipe;
	nanoseconds now, step;
	uint8_t ttl;
	uint16_t ip_id;
	size_t snap;            /* 0: whole frames */
	size_t fragment;        /* 0: whole packets; else bytes of payload */
	unsigned lost_fragment; /* from 1; 0: none */
	struct {
		size_t size;       /* bytes in a chunk; 0: whole messages */
		unsigned lost;     /* from 1; 0: none */
		unsigned longer;   /* bytes that the length lies */
		const char *order; /* NULL: as they are */
		bool unordered, interleaved, together, resent;
	} chunks;    /* of messages over SCTP */
	size_t swallowed; /* TCP: longer segments get lost; 0: none */
	bool unseen; /* frames are sent but not captured */
	struct observer observers[VANTAGES_MAX];
	size_t observer_count;
	struct {
		const char *name;
		struct endpoint ip;
	} hosts[HOSTS_MAX];
	size_t host_count;
	struct {
		const char *ufrag, *password;
	} secrets[SECRETS_MAX];
	size_t secret_count;
	struct connection connections[CONNECTIONS_MAX];
	size_t connection_count;
	struct rtp_run runs[STREAMS_MAX];
	size_t run_count;
	size_t last_said;        /* the last payload line at the top */
	unsigned last_final;     /* SIP status from 200 */
	struct slice last_frame; /* whole */
	struct slice last_first; /* fragment; only that has ports */
	struct made_frame *frames;
	size_t frame_count;
	struct {
		bool on; /* messages go there, not into the capture */
		unsigned form;
		const char *name; /* of whose log it is */
		struct endpoint host;
		nanoseconds ahead;
		size_t cut; /* 0: whole messages */
		unsigned number;
		struct text text;
	} log;
};

/* One payload in the making. */
struct saying {
	struct maker *m;
	size_t at; /* the line's number in the recipe */
	const struct line *line;
	struct words words;
	size_t first; /* word behind the name and the ends */
	struct endpoint src, dst;
	const struct connection *connection; /* NULL: a datagram */
	struct text *to;
};

/* ---- words of all files (maker.c) ---- */

/* "alice:5060", "192.0.2.1:5060", "[2001:db8::1]:5060". */
struct endpoint maker_end(const struct maker *m, const struct line *line,
			  const char *text);
struct endpoint maker_host(const struct maker *m, const struct line *line,
			   const char *text);
/* "20ms", "5s", "100us". */
nanoseconds maker_time(const struct line *line, const char *text);
/* A C string in the arena. */
const char *maker_text(struct maker *m, const char *format, ...)
	PRINTF_LIKE(2, 3);
const char *maker_keep(struct maker *m, struct slice s);
/* Bytes from "hex:..." or else the text itself. */
struct slice maker_bytes(struct maker *m, const struct line *line,
			 const char *text);
struct slice maker_hex(struct maker *m, const struct line *line,
		       const char *digits);
/* Text with \r, \n, \t, \0, \\ and \xNN read. */
struct slice maker_unescape(struct maker *m, const char *text);
/* "times N LINE": how often (1 without), and in *rest the line. */
uint64_t maker_times(struct maker *m, const struct line *line,
		     const char **rest);
/* The password of a user fragment: told before, or made up of it. */
const char *maker_password(struct maker *m, const struct line *line,
			   const char *ufrag);
void maker_know_password(struct maker *m, const struct line *line,
			 const char *ufrag, const char *password);

/* ---- frames (frames.c) ---- */

/* A packet that is sent now: time goes on by a step. */
void maker_packet(struct maker *m, const struct line *line,
		  struct text *packet);
void maker_datagram(struct saying *s);
struct ip_way maker_way(struct maker *m, const struct endpoint *src,
			const struct endpoint *dst);
/* The statements of TCP, ICMP and of copies; false when it is none. */
bool frames_statement(struct maker *m, size_t at, const struct words *words);
const struct connection *maker_connection(const struct maker *m,
					  const struct line *line,
					  const char *word, unsigned *side);
void maker_segment(struct maker *m, const struct line *line, const char *word,
		   unsigned flags, struct slice payload);

/* ---- SCTP (frames_sctp.c) ---- */

/* The rest of what opens an association, whose name and ends are set. */
void sctp_open(struct maker *m, const struct line *line, struct connection *c,
	       const struct words *w);
/* SACK, SHUTDOWN or ABORT, by the flags of TCP that mean as much. */
void sctp_control(struct maker *m, const struct line *line,
		  struct connection *c, unsigned side, unsigned flags);
void sctp_message(struct maker *m, const struct line *line,
		  struct connection *c, unsigned side, struct slice payload);

/* ---- payloads (say.c): a table of names and functions ---- */

typedef void (*say_fn)(struct saying *s);
/* The function of a payload's name, or NULL. */
say_fn say_find(const char *name);
/* The payload line `at` as bytes in `to`; ends as in `outer`. */
void say_inner(const struct saying *outer, size_t at, struct text *to);
/* The one payload that belongs to the line. */
void say_child(struct saying *s, struct text *to);
/* Sends the payload line `at` of the top. */
void say_top(struct maker *m, size_t at);

void say_sip(struct saying *s);
void say_sdp(struct saying *s);
void say_mras(struct saying *s);
void say_provisioning(struct saying *s);
void say_stun(struct saying *s);
void say_check(struct saying *s);
void say_answer(struct saying *s);
void say_denied(struct saying *s);
void say_channel(struct saying *s);
void say_multiplexed(struct saying *s);
void say_ms_tcp(struct saying *s);
void say_rfc4571(struct saying *s);
void say_pseudo_tls(struct saying *s);
void say_rtp(struct saying *s);
void say_rtcp(struct saying *s);
void say_dtls(struct saying *s);
void say_dns(struct saying *s);
void say_text(struct saying *s);
void say_hex(struct saying *s);

/* ---- logs (logs.c) ---- */

/* The block that this line begins is written to a log. */
void log_begin(struct maker *m, const struct line *line, const struct words *w);
/* The payload of `s`, and a line "trace ..." of the recipe. */
void log_message(struct saying *s);
void log_trace(struct maker *m, const struct line *line);
/* ".uccapilog" */
const char *log_suffix(const struct maker *m);

/* Big-endian numbers. */
void put8(struct text *to, unsigned n);
void put16(struct text *to, unsigned n);
void put32(struct text *to, uint32_t n);

#endif /* TESTS_SUPPORT_MKCAPTURE_MAKER_H */
