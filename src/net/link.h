/*
 * Link layers: from a frame to the IP packet in it (spec "capture-formats"
 * 1.5, 3.1, 3.2, 3.4).
 *
 * All are as walk_fn: they hand on to ip.h and return its status;
 * STATUS_NOT_MINE when what they carry is not IP.
 */
#ifndef NET_LINK_H
#define NET_LINK_H

#include "net/walk.h"

/* A frame of any link type. */
enum status link_frame(struct walk *w, uint32_t link_type, struct slice s);

/* link.c: Ethernet and what stands behind an EtherType */
walk_fn link_ethernet;
walk_fn link_llc;
walk_fn link_mpls;
walk_fn link_nsh;
enum status link_ethertype(struct walk *w, unsigned type, struct slice s);
/* Does an Ethernet header here lead to something known? */
bool link_is_ethernet(struct slice s);

/* link_host.c: what operating systems write instead of a link layer */
walk_fn link_null;
walk_fn link_enc;
walk_fn link_sll;
walk_fn link_sll2;
walk_fn link_ppi;
walk_fn link_pktap;
walk_fn link_nflog;
walk_fn link_ipnet;
walk_fn link_netanalyzer;

/* link_serial.c: PPP, HDLC, frame relay, ATM and kin */
walk_fn link_slip;
walk_fn link_ppp;
walk_fn link_ppp_hdlc;
walk_fn link_ppp_pppd;
walk_fn link_ppp_directed;
walk_fn link_pppoe;
walk_fn link_chdlc;
walk_fn link_chdlc_directed;
walk_fn link_frelay;
walk_fn link_frelay_directed;
walk_fn link_atm;
walk_fn link_netmon_atm;
/* By the network layer protocol identifier of ISO/IEC TR 9577. */
walk_fn link_nlpid;

/* link_wlan.c */
walk_fn link_80211;
walk_fn link_radiotap;
walk_fn link_prism;
walk_fn link_avs;
walk_fn link_netmon_80211;
/* The next packet of an A-MSDU; STATUS_END when there is none. */
enum status link_next_subframe(struct walk *w);

/* exported.c: Wireshark's exported PDUs (capture-formats 3.5) */
walk_fn link_exported;

/* guess.c: looks for IP in frames of an unknown link type (3.6). */
enum status link_guess(struct walk *w, uint32_t link_type, struct slice s);

#endif /* NET_LINK_H */
