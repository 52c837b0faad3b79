/*
 * What every dissector's fuzz target does: claim, decode as a datagram, as a
 * cut one and as a stream, and walk what came out.
 */
#ifndef TESTS_FUZZ_ONE_H
#define TESTS_FUZZ_ONE_H

#include "core/dissector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts when a truth is broken; returns 0. */
int fuzz_one(const struct dissector *dissector, const uint8_t *data,
	     size_t size);

#endif /* TESTS_FUZZ_ONE_H */
