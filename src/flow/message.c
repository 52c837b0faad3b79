/* Names of what messages are made of (design sections 6 and 7). */
#include "config.h"

#include "flow/message.h"

bool origin_is_relayed(const struct origin *from)
{
	static const bool relays[] = {
		[WRAP_CHANNEL_DATA] = true, [WRAP_SEND] = true,
		[WRAP_DATA] = true,         [WRAP_MTURN] = true,
		[WRAP_MS_TCP] = true,       [WRAP_RFC4571] = false,
		[WRAP_WEBSOCKET] = false,   [WRAP_TLS] = false,
		[WRAP_DTLS] = false,
	};

	for (unsigned i = 0; i < from->wrap_count; i++)
		if (relays[from->wraps[i]])
			return true;
	return false;
}

const char *transport_name(enum transport transport)
{
	static const char *const names[] = {
		[TRANSPORT_UDP] = "udp",
		[TRANSPORT_TCP] = "tcp",
		[TRANSPORT_TLS] = "tls",
		[TRANSPORT_WS] = "ws",
		[TRANSPORT_WSS] = "wss",
		[TRANSPORT_PSEUDO_TLS] = "pseudo-tls",
		[TRANSPORT_DTLS] = "dtls",
		[TRANSPORT_SCTP] = "sctp",
	};

	return names[transport];
}

const char *wrap_name(enum wrap wrap)
{
	static const char *const names[] = {
		[WRAP_CHANNEL_DATA] = "channel_data",
		[WRAP_SEND] = "send",
		[WRAP_DATA] = "data",
		[WRAP_MTURN] = "mturn",
		[WRAP_MS_TCP] = "ms_tcp",
		[WRAP_RFC4571] = "rfc4571",
		[WRAP_WEBSOCKET] = "websocket",
		[WRAP_TLS] = "tls",
		[WRAP_DTLS] = "dtls",
	};

	return names[wrap];
}

const char *payload_name(enum payload payload)
{
	static const char *const names[] = {
		[PAYLOAD_NONE] = "none", [PAYLOAD_EMPTY] = "empty",
		[PAYLOAD_STUN] = "stun", [PAYLOAD_RTP] = "rtp",
		[PAYLOAD_RTCP] = "rtcp", [PAYLOAD_DTLS] = "dtls",
		[PAYLOAD_SIP] = "sip",   [PAYLOAD_DATA] = "data",
	};

	return names[payload];
}

const char *integrity_name(enum integrity integrity)
{
	static const char *const names[] = {
		[INTEGRITY_ABSENT] = "absent",
		[INTEGRITY_UNCHECKED] = "unchecked",
		[INTEGRITY_NO_KEY_FITS] = "no-key-fits",
		[INTEGRITY_BAD] = "bad",
		[INTEGRITY_VERIFIED] = "verified",
	};

	return names[integrity];
}
