/* CRC-32 by carry-less multiplication, where the processor has it. */
#ifndef CORE_CRC32_FOLD_H
#define CORE_CRC32_FOLD_H

#include "core/slice.h"

/*
 * Continues `crc` (ITU V.42, as crc32_update()) over whole blocks of 16 bytes
 * at the front of *s and takes them off; nothing is done for less than two, or
 * where the processor cannot.
 */
uint32_t crc32_fold(uint32_t crc, struct slice *s);

#endif /* CORE_CRC32_FOLD_H */
