/*
 * In-band provisioning of Lync and Skype for Business: where the client learns
 * the MRAS URI, port ranges and encryption policy ([MS-SIPREGE]; spec
 * mras-and-registration, both namespaces).
 */
#ifndef DISSECTORS_PROVISIONING_H
#define DISSECTORS_PROVISIONING_H

#include "core/dissector.h"
#include "core/text.h"

/* Port ranges of ServerConfiguration, by kind. */
enum provisioning_ports {
	PROVISIONING_MEDIA,
	PROVISIONING_AUDIO,
	PROVISIONING_VIDEO,
	PROVISIONING_SHARING,
	PROVISIONING_FILES,
	PROVISIONING_PORTS, /* their number */
};

struct provisioning_range {
	uint16_t low, high; /* 0: not told */
};

struct provisioning {
	bool notification; /* else a request that names groups only */
	bool has_server;   /* the group ServerConfiguration, with settings; in a
			    * request it is only named */
	bool has_mras_uri;
	struct slice mras_uri;        /* empty although present: no Edge */
	bool has_port_range;          /* ucPortRangeEnabled */
	uint16_t port_low, port_high; /* of all media */
	struct provisioning_range ranges[PROVISIONING_PORTS];
	struct slice encryption; /* "supportencryption", ... as written */
	struct slice security;   /* ucEnableSIPSecurityMode */
	struct slice pool;       /* poolUri */
	struct slice focus, test_bot, video_rate;
	bool qos, bandwidth_policy; /* qosEnabled, enableBWPolicyCheck */
	/* mediaConfiguration: media bypass */
	bool bypass;
	struct slice bypass_id, bypass_internal, bypass_external;
	size_t group_count;
};

extern const struct dissector provisioning_dissector;

/* As core/dissector.h says; `in` is the whole body of a SIP message. */
enum claim provisioning_claims(struct slice in, bool stream);
MUST_CHECK enum status provisioning_decode(struct decoding *d, struct slice in,
					   struct provisioning *out,
					   size_t *used);
void provisioning_walk(const struct provisioning *m, struct field_sink *to);

/* Appends the notification with one group, ServerConfiguration. */
void provisioning_write(const struct provisioning *m, struct text *to);

#endif /* DISSECTORS_PROVISIONING_H */
