/* Network interfaces. */
#define _DEFAULT_SOURCE /* libpcap's headers want the types of BSD */
#include "config.h"

#include <net/if.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "capture/live.h"
#include "capture/live_hep.h"
#include "capture/reader.h"

#define BUFFER_MB 16
#define WAIT_MS 20 /* that the kernel may gather frames */
/* Frames of one interface before the next one has its turn. */
#define TURN 64u

struct device {
	pcap_t *pcap;                  /* one of them; neither: away */
	struct hep_listener *listener; /* of what agents of Homer send */
	uint32_t link_type;
	bool nanoseconds;
	uint64_t dropped, missing; /* of earlier openings */
	uint64_t newest, newest_missing;
	char name[64];
};

struct live {
	struct device devices[LIVE_INTERFACES_MAX];
	size_t count;
	size_t turn;
	unsigned taken; /* in this turn */
	uint64_t frames;
	unsigned snaplen, buffer_mb;
	const char *hep_key;
	char filter[];
};

/* libpcap's DLT_ numbers to those of files. */
static uint32_t link_type_of(int dlt)
{
	switch (dlt) {
	case DLT_RAW:
		return LINKTYPE_RAW;
	case DLT_LOOP:
		return LINKTYPE_LOOP;
	default:
		return (uint32_t)dlt;
	}
}

static enum status refuse(struct fault *fault, const struct device *d,
			  int error, const char *text)
{
	bool rights = error == PCAP_ERROR_PERM_DENIED ||
		      error == PCAP_ERROR_PROMISC_PERM_DENIED;

	if (text && text[0])
		fault_say(fault, UINT64_MAX, "%s: %s", d->name, text);
	else
		fault_say(fault, UINT64_MAX, "%s: %s", d->name,
			  pcap_statustostr(error));
	return rights ? STATUS_NOT_MINE : STATUS_IO;
}

static void configure(const struct live *l, struct device *d, pcap_t *p)
{
	pcap_set_snaplen(p, (int)l->snaplen);
	pcap_set_promisc(p, 1);
	/* Not the immediate mode: there each frame, however small, takes
	 * room for the longest one in the kernel's buffer. */
	pcap_set_timeout(p, WAIT_MS);
	pcap_set_buffer_size(p, (int)l->buffer_mb << 20);
	d->nanoseconds =
		pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO) == 0;
}

static enum status set_filter(const struct live *l, struct device *d,
			      struct fault *fault)
{
	struct bpf_program program;
	enum status status = STATUS_OK;

	if (!l->filter[0])
		return STATUS_OK;
	if (pcap_compile(d->pcap, &program, l->filter, 1,
			 PCAP_NETMASK_UNKNOWN) != 0) {
		fault_say(fault, UINT64_MAX, "%s", pcap_geterr(d->pcap));
		return STATUS_BAD;
	}
	if (pcap_setfilter(d->pcap, &program) != 0)
		status = refuse(fault, d, PCAP_ERROR, pcap_geterr(d->pcap));
	pcap_freecode(&program);
	return status;
}

static bool is_open(const struct device *d)
{
	return d->pcap || d->listener;
}

static enum status listen_at(const struct live *l, struct device *d,
			     struct fault *fault)
{
	char why[PCAP_ERRBUF_SIZE] = "out of memory";
	enum status status = hep_listener_open(d->name, l->hep_key,
					       &d->listener, why, sizeof(why));

	if (status != STATUS_OK)
		fault_say(fault, UINT64_MAX, "%s: %s", d->name, why);
	/* The filter is fine. */
	return status == STATUS_BAD ? STATUS_IO : status;
}

static enum status device_open(const struct live *l, struct device *d,
			       struct fault *fault)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	enum status status;
	pcap_t *p;
	int error;

	if (hep_listener_is(d->name))
		return listen_at(l, d, fault);
	p = pcap_create(d->name, why);
	if (!p)
		return refuse(fault, d, PCAP_ERROR, why);
	configure(l, d, p);
	error = pcap_activate(p);
	if (error < 0) {
		status = refuse(fault, d, error, pcap_geterr(p));
		pcap_close(p);
		return status;
	}
	d->pcap = p;
	d->link_type = link_type_of(pcap_datalink(p));
	status = set_filter(l, d, fault);
	if (status == STATUS_OK && pcap_setnonblock(p, 1, why) != 0)
		status = refuse(fault, d, PCAP_ERROR, why);
	return status;
}

enum status live_open(const struct live_options *o, struct live **out,
		      struct fault *fault)
{
	size_t n = o->filter ? strlen(o->filter) : 0;
	struct live *l = calloc(1, sizeof(*l) + n + 1);
	enum status status = STATUS_OK;

	*fault = (struct fault){.offset = UINT64_MAX};
	if (!l || o->count > LIVE_INTERFACES_MAX) {
		fault_say(fault, UINT64_MAX,
			  l ? "more than %u interfaces" : "out of memory",
			  LIVE_INTERFACES_MAX);
		free(l);
		return l ? STATUS_LIMIT : STATUS_NOMEM;
	}
	if (n)
		memcpy(l->filter, o->filter, n);
	l->snaplen = o->snaplen ? o->snaplen : LIVE_SNAPLEN_MAX;
	l->buffer_mb = o->buffer_mb ? o->buffer_mb : BUFFER_MB;
	l->hep_key = o->hep_key;
	for (size_t i = 0; i < o->count && status == STATUS_OK; i++) {
		struct device *d = &l->devices[l->count++];

		snprintf(d->name, sizeof(d->name), "%s", o->interfaces[i]);
		status = device_open(l, d, fault);
	}
	if (status != STATUS_OK) {
		live_close(l);
		return status;
	}
	*out = l;
	return STATUS_OK;
}

static void device_close(struct device *d)
{
	if (d->pcap)
		pcap_close(d->pcap);
	hep_listener_close(d->listener);
	d->listener = NULL;
	d->pcap = NULL;
	d->dropped += d->newest;
	d->missing += d->newest_missing;
	d->newest = d->newest_missing = 0;
}

void live_close(struct live *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->count; i++)
		device_close(&l->devices[i]);
	free(l);
}

static nanoseconds time_of(const struct device *d,
			   const struct pcap_pkthdr *header)
{
	int64_t part = header->ts.tv_usec;

	return clock_of(header->ts.tv_sec,
			d->nanoseconds ? part : part * NS_PER_US);
}

static enum status message_next(struct live *l, struct device *d,
				struct frame *frame)
{
	*frame = (struct frame){
		.interface = (uint32_t)(d - l->devices),
		.vantage = (uint32_t)(d - l->devices),
		.offset = FRAME_NOWHERE,
	};
	if (hep_listener_next(d->listener, frame) != STATUS_OK)
		return STATUS_SHORT;
	frame->number = ++l->frames;
	return STATUS_OK;
}

static enum status device_next(struct live *l, struct device *d,
			       struct frame *frame)
{
	struct pcap_pkthdr *header;
	const unsigned char *bytes;
	int got;

	if (d->listener)
		return message_next(l, d, frame);
	got = pcap_next_ex(d->pcap, &header, &bytes);
	if (got < 0) {
		device_close(d);
		return STATUS_SHORT;
	}
	if (got == 0)
		return STATUS_SHORT;
	*frame = (struct frame){
		.number = ++l->frames,
		.time = time_of(d, header),
		.has_time = true,
		.link_type = d->link_type,
		.interface = (uint32_t)(d - l->devices),
		.vantage = (uint32_t)(d - l->devices),
		.wire_length = header->len,
		.offset = FRAME_NOWHERE,
		.bytes = slice_of(bytes, header->caplen),
	};
	return STATUS_OK;
}

enum status live_next(struct live *l, struct frame *frame)
{
	for (size_t i = 0; i <= l->count; i++) {
		struct device *d = &l->devices[l->turn];

		if (is_open(d) && l->taken < TURN &&
		    device_next(l, d, frame) == STATUS_OK) {
			l->taken++;
			return STATUS_OK;
		}
		l->taken = 0;
		l->turn = (l->turn + 1) % l->count;
	}
	return STATUS_SHORT;
}

size_t live_descriptors(const struct live *l, int *out, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < l->count && count < max; i++) {
		const struct device *d = &l->devices[i];
		int fd = -1;

		if (d->listener)
			fd = hep_listener_descriptor(d->listener);
		else if (d->pcap)
			fd = pcap_get_selectable_fd(d->pcap);

		if (fd >= 0)
			out[count++] = fd;
	}
	return count;
}

bool live_reopen(struct live *l)
{
	struct fault ignored;
	bool any = false;

	for (size_t i = 0; i < l->count; i++) {
		struct device *d = &l->devices[i];

		if (is_open(d))
			continue;
		if (device_open(l, d, &ignored) == STATUS_OK)
			any = true;
		else
			device_close(d);
	}
	return any;
}

/* Nothing comes then, and nothing else says so. */
static bool is_down(const struct device *d)
{
	struct ifreq wanted;
	size_t n = strlen(d->name);

	if (!d->pcap || n >= sizeof(wanted.ifr_name))
		return false;
	memset(&wanted, 0, sizeof(wanted));
	memcpy(wanted.ifr_name, d->name, n);
	/* "any" is none that the kernel knows. */
	return ioctl(pcap_get_selectable_fd(d->pcap), SIOCGIFFLAGS, &wanted) ==
		       0 &&
	       (wanted.ifr_flags & (IFF_UP | IFF_RUNNING)) !=
		       (IFF_UP | IFF_RUNNING);
}

struct live_counts live_counts(struct live *l)
{
	struct live_counts counts = {.frames = l->frames};

	for (size_t i = 0; i < l->count; i++) {
		struct device *d = &l->devices[i];
		struct pcap_stat stat;

		if (d->pcap && pcap_stats(d->pcap, &stat) == 0) {
			d->newest = stat.ps_drop;
			d->newest_missing = stat.ps_ifdrop;
		}
		counts.dropped += d->dropped + d->newest;
		counts.missing += d->missing + d->newest_missing;
		counts.away += !is_open(d);
		counts.down += is_down(d);
	}
	return counts;
}
