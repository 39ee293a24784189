#include "width.h"

#include <string.h>

_Static_assert(
    POSTERN_SECTION_BLOCKS >= POSTERN_BRANCHES * POSTERN_BRANCH_BLOCKS + POSTERN_BRANCH_ROWS,
    "sections have more blocks than there is room for");
_Static_assert(sizeof(postern_section) == 32 && sizeof(postern_bounds) == 64, "not as in an image");

typedef uint64_t words8 __attribute__((vector_size(64)));
typedef uint64_t words8_anywhere __attribute__((vector_size(64), aligned(8)));
typedef int64_t places8 __attribute__((vector_size(64)));
typedef uint16_t lanes16 __attribute__((vector_size(32)));

#define INLINE __attribute__((always_inline)) static inline

/// A block of a section.
typedef struct {
  uint16_t block, section;
} place;

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

INLINE const words8 *block_of(const uint8_t *image, const postern_sections *at, size_t column, size_t block) {
  return column < at->full_count
      ? (const words8 *)(image + at->offsets[column] + block * 64)
      : leaf_of(image, at->offsets[column], block);
}

INLINE uint64_t any_of(const words8 *all) {
  uint64_t any = 0;
  for (size_t word = 0; word < 8; word++) any |= (*all)[word];
  return any;
}

INLINE int bit_count_of(const words8 *all) {
  int count = 0;
  for (size_t word = 0; word < 8; word++) count += __builtin_popcountll((*all)[word]);
  return count;
}

/// Clears the bits of a block before a place, which may be before or behind all of them.
INLINE void clear_before(int64_t first, words8 *bits) {
  places8 clear = first - (places8){0, 64, 128, 192, 256, 320, 384, 448};
  clear &= clear > 0;
  clear = (clear & (clear < 64)) | ((places8)(clear >= 64) & 64);
  // In two steps: a shift by all bits is none.
  words8 half = (words8)(clear >> 1);
  *bits &= ~(words8){0} << half << ((words8)clear - half);
}

/// Finds the blocks that the values at hand lead to.
INLINE size_t find_blocks(
    const uint8_t *image, const postern_sections *at, const postern_section *sections,
    postern_bit_range *ranges, place *places) {
  size_t count = 0;
  for (size_t section = 0; section < at->section_count; section++) {
    const postern_section *of = sections + section;
    memcpy(ranges + section, image + of->ranges_offset + at->numbers[of->column] * 8ul, 8);
    size_t first = ranges[section].first / 512;
    size_t end = (ranges[section].first + ranges[section].count + 511) / 512;
    // Two blocks whether there are as many or not: how many there are differs from call to call.
    for (size_t step = 0; step < 2; step++) {
      places[count + step] = (place){(uint16_t)(first + step), (uint16_t)section};
    }
    for (size_t step = 2; first + step < end; step++) {
      places[count + step] = (place){(uint16_t)(first + step), (uint16_t)section};
    }
    count += end - first;
  }
  return count;
}

/// Takes the first rows of their sections to the blocks at hand, and keeps those that have any bits left.
INLINE size_t intersect(
    const uint8_t *image, const postern_sections *at, const postern_section *sections,
    const postern_bit_range *ranges, place *places, uint64_t *bits, size_t count) {
  size_t kept = 0;
  for (size_t index = 0; index < count; index++) {
    place here = places[index];
    const postern_section *of = sections + here.section;
    int64_t first = (int64_t)ranges[here.section].first - here.block * 512;
    words8 common = ~(words8){0}, behind = common;
    clear_before(first, &common);
    clear_before(first + ranges[here.section].count, &behind);
    common &= ~behind;
    if (of->first[0] != POSTERN_NO_COLUMN) {
      const uint8_t *in_row = image + here.block * 64ul;
      for (size_t row = 0; row < sizeof of->first; row++) {
        common &= *(const words8 *)(in_row + at->offsets[of->first[row]]);
      }
    }
    places[kept] = here;
    *(words8_anywhere *)(bits + kept * 8) = common;
    kept += any_of(&common) != 0;
  }
  return kept;
}

/// Whether the rows of some columns have a bit.
INLINE bool have_bit(
    const uint8_t *image, const postern_sections *at, uint64_t columns, uint32_t position) {
  uint64_t common = 1ull << position % 64;
  for (; columns != 0; columns &= columns - 1) {
    size_t column = (size_t)__builtin_ctzll(columns);
    common &= (*block_of(image, at, column, position / 512))[position / 64 % 8];
  }
  return common != 0;
}

/// Keeps the bits whose bounds and rows allow the values at hand.
INLINE size_t within_bounds(
    const uint8_t *image, const postern_sections *at, const postern_section *sections, uint32_t *positions,
    const uint8_t *of_sections, size_t count, uint16_t *words, uint64_t *bits) {
  const postern_bounds *bounds = (const postern_bounds *)(image + at->bounds_offset);
  // What lies behind the bounds of a record passes.
  lanes16 above = ~(lanes16){0}, below = {0};
  size_t first_bounded = at->full_count - at->bounded_count;
  for (size_t lane = 0; lane < POSTERN_BOUNDED_COLUMNS; lane++) {
    above[lane] = below[lane] = (uint16_t)at->numbers[first_bounded + lane];
  }
  uint64_t bounded = ((1ull << at->bounded_count) - 1) << first_bounded;
  size_t found = 0;
  for (size_t index = 0; index < count; index++) {
    uint32_t position = positions[index];
    const postern_bounds *of = bounds + position;
    lanes16 lowest, highest;
    memcpy(&lowest, of->lowest, sizeof lowest);
    memcpy(&highest, of->highest, sizeof highest);
    typedef uint64_t quarters __attribute__((vector_size(32)));
    quarters outside = (quarters)((lowest > above) | (highest < below));
    if ((outside[0] | outside[1] | outside[2] | outside[3]) != 0) continue;
    uint64_t columns = sections[of_sections[index]].others;
    if ((of->flags & POSTERN_BOUNDS_INEXACT) == 0) columns &= ~bounded;
    if (!have_bit(image, at, columns, position)) continue;
    __builtin_prefetch(image + at->rules_offset + of->rule * at->rule_byte_count);
    words[found] = (uint16_t)(position / 64);
    bits[found] = 1ull << position % 64;
    found++;
  }
  return found;
}

INLINE size_t words_in_sections(
    const uint8_t *image, const postern_sections *at, uint16_t *words, uint64_t *bits) {
  const postern_section *sections = (const postern_section *)(image + at->sections_offset);
  postern_bit_range ranges[POSTERN_BRANCH_ROWS];
  place places[POSTERN_SECTION_BLOCKS + 2];
  uint32_t positions[POSTERN_SECTION_BLOCKS * POSTERN_FEW_BITS];
  uint8_t of_sections[POSTERN_SECTION_BLOCKS * POSTERN_FEW_BITS];
  size_t count = find_blocks(image, at, sections, ranges, places);
  count = intersect(image, at, sections, ranges, places, bits, count);
  size_t found = 0, few_count = 0;
  for (size_t index = 0; index < count; index++) {
    words8 common = *(const words8_anywhere *)(bits + index * 8);
    place here = places[index];
    if (bit_count_of(&common) <= POSTERN_FEW_BITS) {
      for (size_t word = 0; word < 8; word++) {
        for (uint64_t rest = common[word]; rest != 0; rest &= rest - 1) {
          uint32_t position = (uint32_t)(here.block * 512ul + word * 64 + (size_t)__builtin_ctzll(rest));
          __builtin_prefetch(image + at->bounds_offset + position * sizeof(postern_bounds));
          positions[few_count] = position;
          of_sections[few_count++] = (uint8_t)here.section;
        }
      }
      continue;
    }
    for (uint64_t columns = sections[here.section].others; columns != 0; columns &= columns - 1) {
      common &= *block_of(image, at, (size_t)__builtin_ctzll(columns), here.block);
    }
    for (size_t word = 0; word < 8; word++) {
      words[found] = (uint16_t)(here.block * 8 + word);
      bits[found] = common[word];
      found += common[word] != 0;
    }
  }
  return found
      + within_bounds(image, at, sections, positions, of_sections, few_count, words + found, bits + found);
}

#if defined(__x86_64__)
__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,bmi,bmi2,popcnt")))
static size_t words_in_sections_avx512(
    const uint8_t *image, const postern_sections *at, uint16_t *words, uint64_t *bits) {
  return words_in_sections(image, at, words, bits);
}

__attribute__((target("avx2,bmi,bmi2,popcnt"))) static size_t words_in_sections_avx2(
    const uint8_t *image, const postern_sections *at, uint16_t *words, uint64_t *bits) {
  return words_in_sections(image, at, words, bits);
}
#endif

size_t postern_words_in_sections(
    const uint8_t *image, const postern_sections *at, uint16_t *words, uint64_t *bits) {
#if defined(__x86_64__)
  int width = postern_width();
  if (width == 64) return words_in_sections_avx512(image, at, words, bits);
  if (width == 32) return words_in_sections_avx2(image, at, words, bits);
#endif
  return words_in_sections(image, at, words, bits);
}
