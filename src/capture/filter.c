/* Packet filters, by way of libpcap. */
#define _DEFAULT_SOURCE /* libpcap's headers want the types of BSD */
#include "config.h"

#include <pcap/pcap.h>
#include <stdlib.h>

#include "capture/filter.h"
#include "capture/reader.h"

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* Programs kept; files with more link types compile theirs again. */
#define PROGRAMS_MAX 16u

struct program {
	uint32_t link_type;
	enum filter_verdict fixed; /* where `compiled` is false */
	bool compiled;
	struct bpf_program code;
};

struct packet_filter {
	size_t count;
	size_t last; /* the one used last */
	struct program programs[PROGRAMS_MAX];
	char expression[];
};

/* libpcap wants its DLT_ numbers, which differ from the files' here. */
struct dlt_row {
	uint32_t link_type;
	int dlt;
};

static const struct dlt_row dlt_rows[] = {
	{LINKTYPE_ATM_RFC1483, DLT_ATM_RFC1483},
	{LINKTYPE_RAW, DLT_RAW},
	{102, DLT_SLIP_BSDOS},
	{103, DLT_PPP_BSDOS},
	{LINKTYPE_C_HDLC, DLT_C_HDLC},
	{106, DLT_ATM_CLIP},
	{LINKTYPE_LOOP, DLT_LOOP},
	{109, DLT_ENC},
};

static int dlt_of(uint32_t link_type)
{
	for (size_t i = 0; i < ELEMENTS(dlt_rows); i++)
		if (dlt_rows[i].link_type == link_type)
			return dlt_rows[i].dlt;
	return (int)link_type;
}

/* Does libpcap say that the expression can never match? */
static bool rejects_all(pcap_t *pcap)
{
	return strstr(pcap_geterr(pcap), "rejects all packets") != NULL;
}

static enum status compile(const char *expression, uint32_t link_type,
			   struct program *program, struct fault *fault)
{
	pcap_t *pcap = pcap_open_dead(dlt_of(link_type), (int)FRAME_MAX);
	enum status status = STATUS_OK;

	*program = (struct program){
		.link_type = link_type,
		.fixed = FILTER_UNABLE,
	};
	if (!pcap) {
		fault_say(fault, UINT64_MAX, "out of memory");
		return STATUS_NOMEM;
	}
	if (pcap_compile(pcap, &program->code, expression, 1,
			 PCAP_NETMASK_UNKNOWN) == 0) {
		program->compiled = true;
	} else if (rejects_all(pcap)) {
		program->fixed = FILTER_NO_MATCH;
	} else {
		fault_say(fault, UINT64_MAX, "%s", pcap_geterr(pcap));
		status = STATUS_BAD;
	}
	pcap_close(pcap);
	return status;
}

enum status packet_filter_new(const char *expression,
			      struct packet_filter **out, struct fault *fault)
{
	/* "wlan" means something only to the third, for example. */
	static const uint32_t common[] = {LINKTYPE_ETHERNET, LINKTYPE_RAW,
					  LINKTYPE_RADIOTAP,
					  LINKTYPE_LINUX_SLL2};
	size_t n = strlen(expression) + 1;
	struct packet_filter *filter = calloc(1, sizeof(*filter) + n);
	enum status status = STATUS_BAD;
	struct fault other;

	if (!filter) {
		fault_say(fault, UINT64_MAX, "out of memory");
		return STATUS_NOMEM;
	}
	memcpy(filter->expression, expression, n);
	for (size_t i = 0; i < ELEMENTS(common) && status == STATUS_BAD; i++)
		status = compile(expression, common[i], &filter->programs[0],
				 i == 0 ? fault : &other);
	if (status != STATUS_OK) {
		free(filter);
		return status;
	}
	*fault = (struct fault){0};
	filter->count = 1;
	*out = filter;
	return STATUS_OK;
}

static void program_free(struct program *program)
{
	if (program->compiled)
		pcap_freecode(&program->code);
	program->compiled = false;
}

static struct program *program_find(struct packet_filter *filter,
				    uint32_t link_type)
{
	for (size_t i = 0; i < filter->count; i++) {
		if (filter->programs[i].link_type == link_type) {
			filter->last = i;
			return &filter->programs[i];
		}
	}
	return NULL;
}

static const struct program *program_for(struct packet_filter *filter,
					 uint32_t link_type)
{
	struct program *program = &filter->programs[filter->last];
	struct fault ignored;

	if (program->link_type == link_type)
		return program;
	program = program_find(filter, link_type);
	if (program)
		return program;
	if (filter->count < PROGRAMS_MAX) {
		filter->last = filter->count++;
	} else {
		filter->last = (filter->last + 1) % PROGRAMS_MAX;
		program_free(&filter->programs[filter->last]);
	}
	program = &filter->programs[filter->last];
	/* When that fails the program says FILTER_UNABLE. */
	(void)compile(filter->expression, link_type, program, &ignored);
	return program;
}

enum filter_verdict packet_filter_test(struct packet_filter *filter,
				       const struct frame *frame)
{
	const struct program *program;
	struct pcap_pkthdr header = {
		.caplen = (bpf_u_int32)frame->bytes.n,
		.len = frame->wire_length,
	};

	/* Ours are no packets, or not as libpcap knows them. */
	if (frame->link_type >= LINKTYPE_UNKNOWN)
		return FILTER_UNABLE;
	program = program_for(filter, frame->link_type);
	if (!program->compiled)
		return program->fixed;
	return pcap_offline_filter(&program->code, &header, frame->bytes.p)
		       ? FILTER_MATCH
		       : FILTER_NO_MATCH;
}

void packet_filter_free(struct packet_filter *filter)
{
	if (!filter)
		return;
	for (size_t i = 0; i < filter->count; i++)
		program_free(&filter->programs[i]);
	free(filter);
}
