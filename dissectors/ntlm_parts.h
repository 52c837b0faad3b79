/* What the two files of NTLM share.  Nobody else includes this. */
#ifndef DISSECTORS_NTLM_PARTS_H
#define DISSECTORS_NTLM_PARTS_H

#include "core/cursor.h"
#include "dissectors/ntlm.h"

#define SIGNATURE "NTLMSSP"
#define TYPE_CHALLENGE 2u
#define TYPE_AUTHENTICATE 3u
#define PROOF_SIZE 16u
#define WIDE_MAX (2u * NTLM_NAME_MAX)

/* 2.2.2.5 */
#define UNICODE 0x00000001u
#define REQUEST_TARGET 0x00000004u
#define SIGN 0x00000010u
#define DATAGRAM 0x00000040u
#define NTLM 0x00000200u
#define ALWAYS_SIGN 0x00008000u
#define TARGET_DOMAIN 0x00010000u
#define EXTENDED 0x00080000u
#define IDENTIFY 0x00100000u
#define TARGET_INFO 0x00800000u
#define VERSION 0x02000000u
#define BITS_128 0x20000000u
#define KEY_EXCHANGE 0x40000000u

#define OFFERED                                                            \
	(UNICODE | REQUEST_TARGET | SIGN | DATAGRAM | NTLM | ALWAYS_SIGN | \
	 TARGET_DOMAIN | EXTENDED | IDENTIFY | TARGET_INFO | VERSION |     \
	 BITS_128 | KEY_EXCHANGE)
#define NEEDED (UNICODE | DATAGRAM | EXTENDED | BITS_128)

/* Names in a list (2.2.2.1). */
enum name_id {
	NAME_END,
	NAME_COMPUTER,
	NAME_DOMAIN,
	NAME_DNS_COMPUTER,
	NAME_DNS_DOMAIN,
	NAME_FLAGS = 6,
	NAME_TIME = 7,
};

/* ---- ntlm.c ---- */

/* Little endian. */
void ntlm_put_u32(struct text *to, uint32_t n);
/* UTF-8 as UTF-16; a byte that is none becomes '?'. */
void ntlm_put_wide(struct text *to, struct slice s);
/* Length, room and place of what stands behind the header. */
void ntlm_put_place(struct text *to, size_t n, size_t at);
/* What a place in the header leads to; *bad: it leads outside. */
struct slice ntlm_take_place(struct cursor *c, struct slice in, bool *bad);
/* The front of a message of this type; c->bad where it is none. */
void ntlm_take_front(struct cursor *c, uint32_t type);
void ntlm_put_front(struct text *to, uint32_t type);
/* Windows 10's, and the revision of NTLM since Windows 2003. */
void ntlm_put_version(struct text *to);
/* The value of the first name of this kind in a list; empty: there is none. */
struct slice ntlm_name_value(struct slice list, enum name_id wanted);

/* NTOWFv2 (3.3.2): who the user is, with the password. */
bool ntlm_key_of_user(const struct ntlm_proof *p, struct slice password,
		      uint8_t out[MD5_SIZE]);
/* All keys of a session from the one that both sides have (3.4.5). */
void ntlm_derive(const uint8_t key[MD5_SIZE], struct ntlm_keys *out);

#endif /* DISSECTORS_NTLM_PARTS_H */
