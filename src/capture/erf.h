/*
 * ERF records inside other formats: pcap and pcapng files of link type ERF.
 */
#ifndef CAPTURE_ERF_H
#define CAPTURE_ERF_H

#include "capture/frame.h"

#define LINKTYPE_ERF 197u

/*
 * Takes the ERF header off a frame of LINKTYPE_ERF: link type, bytes, offset
 * and length on the wire become those of the frame inside.  The time stays.
 * A frame too short for its header is left as it is.
 */
void erf_unwrap(struct frame *frame);

#endif /* CAPTURE_ERF_H */
