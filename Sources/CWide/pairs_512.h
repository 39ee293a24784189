// Reads the pairs of an `Akamai-User-Risk` value four at a time, their names in the four lanes of a register,
// without a branch that depends on them. For `pairs.c`.
#ifndef POSTERN_PAIRS_512_H
#define POSTERN_PAIRS_512_H

#include "CWide.h"
#include "separators.h"

#if defined(__x86_64__)

/// How many pairs are read. There are as many names: no text has more of them that are known.
#define PAIRS_512 12

/// Where a place of `values` is that no key has.
#define NO_KEY 15

#define NAME_BYTE(text, i) (uint32_t)(uint8_t)(text "\0\0\0\0\0\0\0\0\0\0\0\0")[i]
#define NAME_WORD(text, i) \
  (NAME_BYTE(text, i) | NAME_BYTE(text, i + 1) << 8 | NAME_BYTE(text, i + 2) << 16 | \
   NAME_BYTE(text, i + 3) << 24)
#define FIRST_WORD(text, byte_count, key) NAME_WORD(text, 0),
#define SECOND_WORD(text, byte_count, key) NAME_WORD(text, 4),
#define THIRD_WORD(text, byte_count, key) NAME_WORD(text, 8),
#define MEANING(text, byte_count, key) (byte_count | key << 8),

/// The names' words of four bytes, and what they mean, by their place in the table of names.
static const uint32_t name_words[4][16] __attribute__((aligned(64))) = {
    {POSTERN_USER_RISK_NAMES(FIRST_WORD)},
    {POSTERN_USER_RISK_NAMES(SECOND_WORD)},
    {POSTERN_USER_RISK_NAMES(THIRD_WORD)},
    {POSTERN_USER_RISK_NAMES(MEANING)},
};

#define LOAD_512(pointer) _mm512_load_si512((const void *)(pointer))

/// The names that four pairs may have.
struct names_512 {
  /// The place of a lane's name in the table, in each of its words.
  __m512i places;
  /// Four bits a lane: which of its words are not as the name has them.
  uint64_t wrong;
};

__attribute__((target(WIDE_512), always_inline)) static inline struct names_512 names_at_512(
    const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d) {
  __m512i text = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)a));
  text = _mm512_inserti32x4(text, _mm_loadu_si128((const __m128i *)b), 1);
  text = _mm512_inserti32x4(text, _mm_loadu_si128((const __m128i *)c), 2);
  text = _mm512_inserti32x4(text, _mm_loadu_si128((const __m128i *)d), 3);
  // Of the bytes that are no controls, only a letter becomes a small letter, and only "=" an "=".
  text = _mm512_or_si512(text, _mm512_set1_epi8(0x20));
  __m512i product = _mm512_mullo_epi32(text, _mm512_set1_epi32((int)POSTERN_USER_RISK_MULTIPLIER));
  struct names_512 names;
  names.places = _mm512_shuffle_epi32(_mm512_srli_epi32(product, 28), _MM_PERM_AAAA);
  __m512i second = _mm512_set4_epi32(16, 16, 16, 0);
  __m512i name = _mm512_maskz_permutex2var_epi32(
      0x3333, LOAD_512(name_words[0]), _mm512_or_si512(names.places, second), LOAD_512(name_words[1]));
  name = _mm512_mask_permutexvar_epi32(name, 0x4444, names.places, LOAD_512(name_words[2]));
  __m512i begin = _mm512_maskz_mov_epi8(_mm512_test_epi8_mask(name, name), text);
  names.wrong = _cvtmask16_u32(_mm512_cmpneq_epi32_mask(begin, name));
  return names;
}

/// Reads the pairs up to the first whose name is none of those with a meaning, or the first twelve. Of the
/// text, and of 17 bytes behind it, all may be read. `ends` holds places of the text in sixteen numbers.
__attribute__((target(WIDE_512), always_inline)) static inline postern_pairs read_twelve_512(
    const uint8_t *text, const uint16_t *ends, postern_pairs at, postern_range *values,
    uint32_t base) {
  const uint8_t *behind = text + 1;
  struct names_512 first = names_at_512(text, behind + ends[0], behind + ends[1], behind + ends[2]);
  struct names_512 second = names_at_512(
      behind + ends[3], behind + ends[4], behind + ends[5], behind + ends[6]);
  struct names_512 third = names_at_512(
      behind + ends[7], behind + ends[8], behind + ends[9], behind + ends[10]);

  // Pair 4 * g + l is in lane l of group g: its place goes to word 4 * l + g, and on to word 4 * g + l.
  __m512i places = _mm512_mask_mov_epi32(first.places, 0x2222, second.places);
  places = _mm512_mask_mov_epi32(places, 0x4444, third.places);
  __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  __m512i meanings = _mm512_permutexvar_epi32(
      _mm512_permutexvar_epi32(order, places), LOAD_512(name_words[3]));

  __m512i value_ends = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)ends));
  __m512i starts = _mm512_sub_epi32(
      _mm512_alignr_epi32(value_ends, _mm512_set1_epi32(-1), 15), _mm512_set1_epi32(-1));
  __m512i value_starts = _mm512_add_epi32(starts, _mm512_and_si512(meanings, _mm512_set1_epi32(0xFF)));
  // The text may end within a name.
  uint32_t cut = _cvtmask16_u32(_mm512_cmpgt_epi32_mask(value_starts, value_ends));

  unsigned count = at.end_count < PAIRS_512 ? at.end_count : PAIRS_512;
  uint64_t wrong = _bzhi_u64(first.wrong | second.wrong << 16 | third.wrong << 32, 4 * count);
  cut = _bzhi_u32(cut, count);
  if (__builtin_expect((wrong | cut) != 0, 0)) {
    unsigned known = wrong != 0 ? (unsigned)_tzcnt_u64(wrong) / 4 : count;
    unsigned whole = cut != 0 ? (unsigned)_tzcnt_u32(cut) : count;
    count = known < whole ? known : whole;
  }

  uint8_t keys[16];
  __m512i key = _mm512_mask_mov_epi32(
      _mm512_set1_epi32(NO_KEY), (__mmask16)_bzhi_u32(0xFFFF, count), _mm512_srli_epi32(meanings, 8));
  _mm_storeu_si128((__m128i *)keys, _mm512_cvtepi32_epi8(key));
  __m512i offsets = _mm512_add_epi32(value_starts, _mm512_set1_epi32((int)base));
  __m512i counts = _mm512_sub_epi32(value_ends, value_starts);
  // Of each four pairs, two are in the lower half and two in the upper.
  // In whole cache lines: a load from a store over two of them waits until that is written.
  uint64_t ranges[16] __attribute__((aligned(64)));
  _mm512_storeu_si512(ranges, _mm512_unpacklo_epi32(offsets, counts));
  _mm512_storeu_si512(ranges + 8, _mm512_unpackhi_epi32(offsets, counts));
  // Else clang takes each out of its register, with two instructions in place of one load.
  __asm__("" : "+m"(keys), "+m"(ranges));
  static const uint8_t places_of_ranges[PAIRS_512] = {0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13};
#pragma clang loop unroll(full)
  for (int i = 0; i < PAIRS_512; i++) memcpy(values + keys[i], ranges + places_of_ranges[i], 8);

  uint32_t seen = (uint32_t)_mm512_reduce_or_epi32(_mm512_sllv_epi32(_mm512_set1_epi32(1), key));
  at.seen = seen & ((1u << NO_KEY) - 1);
  at.index = count;
  at.start = count == 0 ? 0 : ends[count - 1] + 1u;
  return at;
}

#endif
#endif
