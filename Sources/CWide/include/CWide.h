// Loops over the widest registers that the processor at hand has, chosen while running: a build for every
// x86-64 processor may use sixteen bytes at a time only, and Swift 6.3 cannot choose for a single function.
//
// Each function touches only the memory that its comment names.
#ifndef POSTERN_WIDE_H
#define POSTERN_WIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How many offsets `postern_find_separators` may write behind the last one.
#define POSTERN_OFFSETS_BEHIND 64

/// Writes where `separator` is among `count` bytes, as offsets from `bytes`, to `offsets`, and returns how
/// many there are. Sets `has_control` where a byte is below 0x20 or is 0x7F.
///
/// `count` is at most 65,472. Reads `count` bytes.
size_t postern_find_separators(
    const uint8_t *bytes, size_t count, uint8_t separator, uint16_t *offsets, bool *has_control);

/// The first block, from `first` on, in which all rows have a bit in common; `block_count` where there is
/// none. The bits are then in `common`.
///
/// Row r's blocks are 64 bytes each, from `image + rows[r]` on. Without rows, all bits are common.
size_t postern_first_common_block(
    const uint8_t *image, const uint32_t *rows, size_t row_count, size_t first, size_t block_count,
    uint64_t common[8]);

#endif
