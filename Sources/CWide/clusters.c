#include "width.h"

#include <string.h>

/// Rows whose words are looked at before those that have nothing left are dropped: after one row, few do;
/// after all of them, most words have been looked at for nothing.
enum { rows_at_once = 6, lanes_max = POSTERN_BRANCH_WORDS / 64, summary_bytes = POSTERN_BRANCH_WORDS / 8 };

__attribute__((always_inline)) static inline uint32_t load4(const uint8_t *from) {
  uint32_t value;
  memcpy(&value, from, sizeof value);
  return value;
}

__attribute__((always_inline)) static inline uint64_t load8(const uint8_t *from) {
  uint64_t value;
  memcpy(&value, from, sizeof value);
  return value;
}

/// Appends where the bits of some lanes are: four of each lane whether there are as many or not, since how
/// many there are differs from call to call, and the rest one by one. `first` is the number of the first bit.
__attribute__((always_inline)) static inline size_t append_positions(
    const uint64_t *lanes, size_t lane_count, size_t first, uint16_t *words, size_t count) {
  for (size_t lane = 0; lane < lane_count; lane++) {
    size_t base = first + lane * 64;
    uint64_t rest = lanes[lane];
    size_t end = count + (size_t)__builtin_popcountll(rest);
    for (size_t step = 0; step < 4; step++) {
      // The upper bit gives a place to what has none; nobody looks at it.
      words[count + step] = (uint16_t)(base + (size_t)__builtin_ctzll(rest | 1ull << 63));
      rest &= rest - 1;
    }
    for (size_t place = count + 4; place < end; place++) {
      words[place] = (uint16_t)(base + (size_t)__builtin_ctzll(rest));
      rest &= rest - 1;
    }
    count = end;
  }
  return count;
}

/// Takes the words of a few rows to the bits of each word at hand, and keeps those that have any left.
/// `branches` are those of the rows' first branches; those of their next are `stride` behind them.
__attribute__((always_inline)) static inline size_t intersect(
    const uint8_t *image, const uint32_t *branches, size_t stride, size_t row_count, uint16_t *words,
    uint64_t *bits, size_t count) {
  size_t kept = 0;
  for (size_t place = 0; place < count; place++) {
    size_t word = words[place];
    const uint32_t *of_word = branches + word / POSTERN_BRANCH_WORDS * stride;
    const uint8_t *leaves = image + summary_bytes + word % POSTERN_BRANCH_WORDS / 8 * 4;
    const uint8_t *in_leaf = image + word % 8 * 8;
    uint64_t common = bits[place];
    for (size_t row = 0; row < row_count; row++) {
      common &= load8(in_leaf + load4(leaves + of_word[row]));
    }
    words[kept] = (uint16_t)word;
    bits[kept] = common;
    kept += common != 0;
  }
  return kept;
}

/// As `intersect`, a few rows after the other. A `stride` of zero says that there is one branch only.
__attribute__((always_inline)) static inline size_t intersect_all(
    const uint8_t *image, const uint32_t *branches, size_t stride, size_t row_count, uint16_t *words,
    uint64_t *bits, size_t count) {
  for (size_t place = 0; place < count; place++) bits[place] = ~0ull;
  size_t row = 0;
  for (; row + rows_at_once <= row_count && count > 0; row += rows_at_once) {
    count = intersect(image, branches + row, stride, rows_at_once, words, bits, count);
  }
  return row < row_count
      ? intersect(image, branches + row, stride, row_count - row, words, bits, count) : count;
}

__attribute__((always_inline)) static inline size_t common_words(
    const uint8_t *image, const uint32_t *rows, size_t row_count, size_t word_count, const uint64_t *start,
    uint16_t *words, uint64_t *bits) {
  uint32_t branches[POSTERN_BRANCHES * POSTERN_BRANCH_ROWS];
  size_t count = 0;
  for (size_t first = 0; first < word_count; first += POSTERN_BRANCH_WORDS) {
    size_t branch = first / POSTERN_BRANCH_WORDS;
    uint32_t *of_rows = branches + branch * row_count;
    size_t lane_count = (word_count - first + 63) / 64;
    uint64_t alive[lanes_max];
    if (start) memcpy(alive, start + branch * lanes_max, sizeof alive);
    else memset(alive, 0xFF, sizeof alive);
    for (size_t row = 0; row < row_count; row++) {
      of_rows[row] = load4(image + rows[row] + branch * 4);
      for (size_t lane = 0; lane < lanes_max; lane++) alive[lane] &= load8(image + of_rows[row] + lane * 8);
    }
    count = append_positions(alive, lane_count < lanes_max ? lane_count : lanes_max, first, words, count);
  }
  return word_count <= POSTERN_BRANCH_WORDS
      ? intersect_all(image, branches, 0, row_count, words, bits, count)
      : intersect_all(image, branches, row_count, row_count, words, bits, count);
}

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,bmi2,popcnt"))) static size_t common_words_avx2(
    const uint8_t *image, const uint32_t *rows, size_t row_count, size_t word_count, const uint64_t *start,
    uint16_t *words, uint64_t *bits) {
  return common_words(image, rows, row_count, word_count, start, words, bits);
}
#endif

size_t postern_common_words(
    const uint8_t *image, const uint32_t *rows, size_t row_count, size_t word_count, const uint64_t *start,
    uint16_t *words, uint64_t *bits) {
#if defined(__x86_64__)
  if (postern_width() >= 32) {
    return common_words_avx2(image, rows, row_count, word_count, start, words, bits);
  }
#endif
  return common_words(image, rows, row_count, word_count, start, words, bits);
}
