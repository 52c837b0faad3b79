/*
 * Compressed bytes for tests, made by the libraries themselves.
 */
#ifndef TESTS_SUPPORT_PACKER_H
#define TESTS_SUPPORT_PACKER_H

#include "core/slice.h"

enum packer {
	PACKER_GZIP,
	PACKER_ZSTD,
	PACKER_LZ4,
	PACKERS, /* their number */
};

/* Packs `s` to a block of exactly the size; release it with t_release. */
struct slice t_pack(enum packer how, struct slice s);

#endif /* TESTS_SUPPORT_PACKER_H */
