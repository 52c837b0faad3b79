/*
 * Decoding one SIP message in a test, and the headers that messages of the
 * tests are made of.
 */
#ifndef TESTS_SUPPORT_SIP_READING_H
#define TESTS_SUPPORT_SIP_READING_H

#include "dissectors/sip.h"

#define VIA "Via: SIP/2.0/UDP h.example.org:5060;branch=z9hG4bKq7\r\n"
#define FROM "From: \"Ann\" <sip:ann@example.org>;tag=a7\r\n"
#define TO "To: <sip:ben@example.net>\r\n"
#define CALL "Call-ID: x81@h.example.org\r\n"
#define HOPS "Max-Forwards: 70\r\n"
#define CONTACT "Contact: <sip:ann@h.example.org>\r\n"
#define CSEQ(method) "CSeq: 4711 " method "\r\n"
#define HEAD(method) VIA FROM TO CALL HOPS CSEQ(method)
#define RESPONSE VIA FROM "To: <sip:ben@example.net>;tag=b9\r\n" CALL
#define NONE "Content-Length: 0\r\n\r\n"

#define SIP_TEST_ARENA ((size_t)1 << 20)

/* A message decoded with all it needs. */
struct decoded {
	struct arena arena;
	struct findings findings;
	struct sip_message m;
	enum status status;
	size_t used;
};

static inline struct decoded decode(struct slice in, bool stream, bool cut)
{
	struct decoded got = {.arena = arena_new(SIP_TEST_ARENA)};
	struct decoding d = {.arena = &got.arena,
			     .findings = &got.findings,
			     .stream = stream,
			     .cut = cut};

	got.status = sip_decode(&d, in, &got.m, &got.used);
	return got;
}

static inline void release(struct decoded *got)
{
	arena_free(&got->arena);
}

static inline bool found(const struct decoded *got, const char *id)
{
	for (size_t i = 0; i < got->findings.count; i++)
		if (strcmp(got->findings.list[i].rule->id, id) == 0)
			return true;
	return false;
}

#endif /* TESTS_SUPPORT_SIP_READING_H */
