#include "width.h"

#include <string.h>

/// Rows that are looked at in every block before those that have nothing left are dropped. To wait for the
/// memory of few rows before that of more is asked for would take longer than to look at some for nothing.
enum { full_rows_at_once = 8, branched_rows_at_first = 2 };

_Static_assert(
    POSTERN_SECTION_BLOCKS >= POSTERN_BRANCHES * POSTERN_BRANCH_BLOCKS + POSTERN_BRANCH_ROWS,
    "sections have more blocks than there is room for");

typedef uint64_t words8 __attribute__((vector_size(64)));
typedef uint64_t words8_anywhere __attribute__((vector_size(64), aligned(8)));

static const words8 all_ones = {~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull};

#define INLINE __attribute__((always_inline)) static inline

INLINE uint32_t load4(const uint8_t *from) {
  uint32_t value;
  memcpy(&value, from, sizeof value);
  return value;
}

/// The eight words of a row of branches in a block.
INLINE const words8 *leaf_of(const uint8_t *image, uint32_t row, size_t block) {
  uint32_t branch = load4(image + row + block / POSTERN_BRANCH_BLOCKS * 4);
  uint32_t leaf = load4(image + branch + POSTERN_BRANCH_WORDS / 8 + block % POSTERN_BRANCH_BLOCKS * 4);
  return (const words8 *)(image + leaf);
}

INLINE uint64_t any_of(const words8 *all) {
  uint64_t any = 0;
  for (size_t word = 0; word < 8; word++) any |= (*all)[word];
  return any;
}

/// Takes the words of rows to those of each block at hand, and keeps the blocks that have any left.
INLINE size_t intersect(
    const uint8_t *image, const uint32_t *full, size_t full_count, const uint32_t *branched,
    size_t branched_count, bool is_first, uint16_t *blocks, uint64_t *bits, size_t count) {
  size_t kept = 0;
  for (size_t place = 0; place < count; place++) {
    size_t block = blocks[place];
    words8 common = all_ones;
    if (!is_first) common = *(const words8_anywhere *)(bits + place * 8);
    const uint8_t *in_row = image + block * 64;
    for (size_t row = 0; row < full_count; row++) common &= *(const words8 *)(in_row + full[row]);
    for (size_t row = 0; row < branched_count; row++) common &= *leaf_of(image, branched[row], block);
    blocks[kept] = (uint16_t)block;
    *(words8_anywhere *)(bits + kept * 8) = common;
    kept += any_of(&common) != 0;
  }
  return kept;
}

INLINE size_t words_in_blocks(
    const uint8_t *image, postern_mixed_rows rows, const uint32_t *ranges, size_t range_count,
    uint16_t *words, uint64_t *bits) {
  uint16_t blocks[POSTERN_SECTION_BLOCKS + 4];
  size_t count = 0, last = SIZE_MAX;
  for (size_t range = 0; range < range_count; range++) {
    size_t first = ranges[range] & 0xFFFF, end = first + (ranges[range] >> 16);
    // Neighbours may share a block. A range that only had that one is then empty.
    first += first == last && first < end;
    last = first < end ? end - 1 : last;
    // Four blocks whether there are as many or not: how many there are differs from call to call.
    for (size_t step = 0; step < 4; step++) blocks[count + step] = (uint16_t)(first + step);
    for (size_t step = 4; first + step < end; step++) blocks[count + step] = (uint16_t)(first + step);
    count += end - first;
  }
  const uint32_t *branched = rows.offsets + rows.full_count;
  size_t branched_count = rows.count - rows.full_count;
  size_t row = rows.full_count < full_rows_at_once ? rows.full_count : full_rows_at_once;
  size_t branched_first = branched_count < branched_rows_at_first ? branched_count : branched_rows_at_first;
  count = intersect(image, rows.offsets, row, branched, branched_first, true, blocks, bits, count);
  for (; row + full_rows_at_once < rows.full_count; row += full_rows_at_once) {
    count = intersect(image, rows.offsets + row, full_rows_at_once, branched, 0, false, blocks, bits, count);
  }
  count = intersect(
      image, rows.offsets + row, rows.full_count - row, branched + branched_first,
      branched_count - branched_first, false, blocks, bits, count);
  size_t found = 0;
  for (size_t place = 0; place < count; place++) {
    words8 common = *(const words8_anywhere *)(bits + place * 8);
    for (size_t lane = 0; lane < 8; lane++) {
      words[found] = (uint16_t)(blocks[place] * 8 + lane);
      bits[found] = common[lane];
      found += common[lane] != 0;
    }
  }
  return found;
}

#if defined(__x86_64__)
__attribute__((target("avx512f,bmi,bmi2"))) static size_t words_in_blocks_avx512(
    const uint8_t *image, postern_mixed_rows rows, const uint32_t *ranges, size_t range_count,
    uint16_t *words, uint64_t *bits) {
  return words_in_blocks(image, rows, ranges, range_count, words, bits);
}

__attribute__((target("avx2,bmi,bmi2"))) static size_t words_in_blocks_avx2(
    const uint8_t *image, postern_mixed_rows rows, const uint32_t *ranges, size_t range_count,
    uint16_t *words, uint64_t *bits) {
  return words_in_blocks(image, rows, ranges, range_count, words, bits);
}
#endif

size_t postern_words_in_blocks(
    const uint8_t *image, postern_mixed_rows rows, const uint32_t *ranges, size_t range_count,
    uint16_t *words, uint64_t *bits) {
#if defined(__x86_64__)
  int width = postern_width();
  if (width == 64) {
    return words_in_blocks_avx512(image, rows, ranges, range_count, words, bits);
  }
  if (width == 32) {
    return words_in_blocks_avx2(image, rows, ranges, range_count, words, bits);
  }
#endif
  return words_in_blocks(image, rows, ranges, range_count, words, bits);
}
