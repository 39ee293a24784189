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

/// Words of a branch of a clustered table.
#define POSTERN_BRANCH_WORDS 512
/// Branches, and rows, that `postern_common_words` takes at most.
#define POSTERN_BRANCHES 16
#define POSTERN_BRANCH_ROWS 64

/// The words of a clustered table in which all rows have bits in common: their numbers, ascending, in
/// `words`, and these bits in `bits`. Returns how many there are. With `start`, looks only at the words that
/// have a bit there, of all branches.
///
/// A row is the offsets of its branches, of four bytes. A branch is `POSTERN_BRANCH_WORDS` bits, set for the
/// words that are not zero, and behind them the offset of each run of eight words, of four bytes. All offsets
/// are from `image` on. `words` and `bits` have room for the words of all branches. Fastest where the first
/// rows have few bits.
size_t postern_common_words(
    const uint8_t *image, const uint32_t *rows, size_t row_count, size_t word_count, const uint64_t *start,
    uint16_t *words, uint64_t *bits);

/// Asks for large pages, which read-only memory that is looked at everywhere is faster in. `base` is a
/// multiple of `POSTERN_LARGE_PAGE_BYTES`. Where there are none, nothing happens.
void postern_prefer_large_pages(void *base, size_t byte_count);
#define POSTERN_LARGE_PAGE_BYTES (2u << 20)

#endif
