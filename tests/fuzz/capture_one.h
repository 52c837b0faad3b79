/*
 * What every fuzz target of a capture format does: open, read all frames, and
 * hold them against the bytes of the file.
 */
#ifndef TESTS_FUZZ_CAPTURE_ONE_H
#define TESTS_FUZZ_CAPTURE_ONE_H

#include "capture/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts when a truth is broken; returns 0. */
int fuzz_capture(const struct capture_format *format, const uint8_t *data,
		 size_t size);

#endif /* TESTS_FUZZ_CAPTURE_ONE_H */
