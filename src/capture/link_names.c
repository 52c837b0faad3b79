/*
 * Names of link types, without the DLT_ of libpcap.  Those of Network Monitor
 * have no counterpart there and get one of ours.
 */
#include "config.h"

#include "capture/frame.h"
#include "capture/source.h"

struct link_name {
	uint32_t link_type;
	const char *name;
};

static const struct link_name rows[] = {
	{LINKTYPE_NULL, "NULL"},
	{LINKTYPE_ETHERNET, "EN10MB"},
	{LINKTYPE_TOKEN_RING, "IEEE802"},
	{LINKTYPE_PPP, "PPP"},
	{LINKTYPE_FDDI, "FDDI"},
	{LINKTYPE_PPP_HDLC, "PPP_SERIAL"},
	{LINKTYPE_PPP_ETHER, "PPP_ETHER"},
	{LINKTYPE_ATM_RFC1483, "ATM_RFC1483"},
	{LINKTYPE_RAW, "RAW"},
	{LINKTYPE_C_HDLC, "C_HDLC"},
	{LINKTYPE_IEEE802_11, "IEEE802_11"},
	{LINKTYPE_FRELAY, "FRELAY"},
	{LINKTYPE_LOOP, "LOOP"},
	{LINKTYPE_LINUX_SLL, "LINUX_SLL"},
	{LINKTYPE_PRISM, "PRISM_HEADER"},
	{LINKTYPE_RADIOTAP, "IEEE802_11_RADIO"},
	{LINKTYPE_AVS, "IEEE802_11_RADIO_AVS"},
	{LINKTYPE_PPI, "PPI"},
	{LINKTYPE_MPLS, "MPLS"},
	{LINKTYPE_IPV4, "IPV4"},
	{LINKTYPE_IPV6, "IPV6"},
	{LINKTYPE_NFLOG, "NFLOG"},
	{LINKTYPE_WIRESHARK_UPPER_PDU, "WIRESHARK_UPPER_PDU"},
	{LINKTYPE_LINUX_SLL2, "LINUX_SLL2"},
	{LINKTYPE_METADATA, "METADATA"},
	{LINKTYPE_ETW, "NETMON_ETW"},
	{LINKTYPE_NETMON_80211, "NETMON_802_11"},
	{LINKTYPE_NETMON_ATM, "NETMON_WAN"},
	{LINKTYPE_LOG, "LOG"},
};

const char *link_type_name(uint32_t link_type)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].link_type == link_type)
			return rows[i].name;
	return NULL;
}
