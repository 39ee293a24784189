// Where a separator is in a text, all of them found in one pass of 64 bytes a step, and whether there are
// odd bytes: controls (below 0x20, or 0x7F) and commas, which few texts have. For `pairs.c`.
#ifndef POSTERN_SEPARATORS_H
#define POSTERN_SEPARATORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/// Appends the places of a block's bits: four whether they are there or not, since most blocks have no more
/// and how many there are differs from text to text.
ALWAYS_INLINE size_t append(
    uint64_t bits, size_t block, uint16_t *offsets, size_t found) {
  size_t count = (size_t)__builtin_popcountll(bits);
  uint64_t rest = bits;
  for (int i = 0; i < 4; i++) {
    // Behind the last bit the place means nothing: 64 is what TZCNT says of none.
    offsets[found + i] = (uint16_t)(block + (size_t)__builtin_ctzg((unsigned long long)rest, 64));
    rest &= rest - 1;
  }
  for (size_t place = found + 4; rest != 0; place++) {
    offsets[place] = (uint16_t)(block + (size_t)__builtin_ctzll(rest));
    rest &= rest - 1;
  }
  return found + count;
}

/// Which bytes of a block are separators; and a number that is not zero where one is odd.
struct marks {
  uint64_t separators, odd;
};

/// Runs `marks_of`, which looks at 64 bytes, over all blocks and what is behind them.
ALWAYS_INLINE size_t find(
    const uint8_t *bytes, size_t count, uint8_t separator, uint16_t *offsets, bool *has_odd,
    struct marks (*marks_of)(const uint8_t *, uint8_t)) {
  uint64_t odd = 0;
  size_t found = 0, block = 0;
  for (; block + 64 <= count; block += 64) {
    struct marks marks = marks_of(bytes + block, separator);
    odd |= marks.odd;
    found = append(marks.separators, block, offsets, found);
  }
  if (block < count) {
    size_t rest = count - block;
    uint64_t wanted = ~0ull >> (64 - rest);
    struct marks marks;
    if (count >= 64) {
      // The last 64 bytes, of which the first have been looked at.
      marks = marks_of(bytes + count - 64, separator);
      marks.separators >>= 64 - rest;
    } else {
      uint8_t copy[64];
      memset(copy, ' ', sizeof copy);
      memcpy(copy, bytes + block, rest);
      marks = marks_of(copy, separator);
    }
    odd |= marks.odd;
    found = append(marks.separators & wanted, block, offsets, found);
  }
  *has_odd = odd != 0;
  return found;
}

#if defined(__x86_64__)

#define WIDE_512 "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,popcnt"
#define WIDE_256 "avx2,bmi,bmi2,popcnt"

/// Bit i, of each: no byte i of the blocks that were looked at is odd in one way. Three masks, so that none
/// waits for another.
struct even_512 {
  __mmask64 above, no_delete, no_comma;
};

/// The numbers below 64.
static const uint8_t postern_bytes_512[64] __attribute__((aligned(64))) = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

/// Bytes that `there` leaves out are not read.
__attribute__((target(WIDE_512), always_inline)) static inline size_t find_in_block_512(
    const uint8_t *bytes, __mmask64 there, uint8_t separator, uint16_t block, uint16_t *offsets,
    struct even_512 *even) {
  __m512i x = _mm512_mask_loadu_epi8(_mm512_set1_epi8(' '), there, bytes);
  __mmask64 bits = _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8((char)separator));
  even->above = _mm512_mask_cmpgt_epu8_mask(even->above, x, _mm512_set1_epi8(0x1F));
  even->no_delete = _mm512_mask_cmpneq_epi8_mask(even->no_delete, x, _mm512_set1_epi8(0x7F));
  even->no_comma = _mm512_mask_cmpneq_epi8_mask(even->no_comma, x, _mm512_set1_epi8(','));
  __m512i found = _mm512_maskz_compress_epi8(bits, _mm512_load_si512((const void *)postern_bytes_512));
  __m512i base = _mm512_set1_epi16((short)block);
  size_t count = (size_t)__builtin_popcountll(_cvtmask64_u64(bits));
  _mm256_storeu_si256(
      (__m256i *)offsets,
      _mm256_add_epi16(
          _mm512_castsi512_si256(base), _mm256_cvtepu8_epi16(_mm512_castsi512_si128(found))));
  if (__builtin_expect(count > 16, 0)) {
    _mm512_storeu_si512(
        offsets,
        _mm512_add_epi16(base, _mm512_cvtepu8_epi16(_mm512_castsi512_si256(found))));
    _mm512_storeu_si512(
        offsets + 32,
        _mm512_add_epi16(base, _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(found, 1))));
  }
  return count;
}

__attribute__((target(WIDE_512), always_inline)) static inline size_t find_512(
    const uint8_t *bytes, size_t count, uint8_t separator, uint16_t *offsets, bool *has_odd) {
  struct even_512 even = {~0ull, ~0ull, ~0ull};
  size_t found = 0, block = 0;
  for (; count - block >= 64; block += 64) {
    found += find_in_block_512(
        bytes + block, ~0ull, separator, (uint16_t)block, offsets + found, &even);
  }
  if (block < count) {
    found += find_in_block_512(
        bytes + block, ~0ull >> (64 - (count - block)), separator, (uint16_t)block, offsets + found,
        &even);
  }
  *has_odd = (even.above & even.no_delete & even.no_comma) != ~0ull;
  return found;
}

__attribute__((target(WIDE_256))) static inline struct marks marks_256(
    const uint8_t *bytes, uint8_t separator) {
  const __m256i wanted = _mm256_set1_epi8((char)separator);
  const __m256i largest = _mm256_set1_epi8(0x1F), delete = _mm256_set1_epi8(0x7F);
  const __m256i comma = _mm256_set1_epi8(',');
  __m256i odd = _mm256_setzero_si256();
  struct marks marks = {0, 0};
  for (int part = 0; part < 2; part++) {
    __m256i x = _mm256_loadu_si256((const __m256i *)(bytes + part * 32));
    __m256i control = _mm256_or_si256(
        _mm256_cmpeq_epi8(_mm256_min_epu8(x, largest), x), _mm256_cmpeq_epi8(x, delete));
    odd = _mm256_or_si256(odd, _mm256_or_si256(control, _mm256_cmpeq_epi8(x, comma)));
    marks.separators |=
        (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, wanted)) << (part * 32);
  }
  marks.odd = (uint32_t)_mm256_movemask_epi8(odd);
  return marks;
}

__attribute__((target(WIDE_256), always_inline)) static inline size_t find_256(
    const uint8_t *bytes, size_t count, uint8_t separator, uint16_t *offsets, bool *has_odd) {
  return find(bytes, count, separator, offsets, has_odd, marks_256);
}

static inline struct marks marks_128(const uint8_t *bytes, uint8_t separator) {
  const __m128i wanted = _mm_set1_epi8((char)separator);
  const __m128i largest = _mm_set1_epi8(0x1F), delete = _mm_set1_epi8(0x7F);
  const __m128i comma = _mm_set1_epi8(',');
  __m128i odd = _mm_setzero_si128();
  struct marks marks = {0, 0};
  for (int part = 0; part < 4; part++) {
    __m128i x = _mm_loadu_si128((const __m128i *)(bytes + part * 16));
    __m128i control =
        _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(x, largest), x), _mm_cmpeq_epi8(x, delete));
    odd = _mm_or_si128(odd, _mm_or_si128(control, _mm_cmpeq_epi8(x, comma)));
    marks.separators |=
        (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, wanted)) << (part * 16);
  }
  marks.odd = (uint32_t)_mm_movemask_epi8(odd);
  return marks;
}

ALWAYS_INLINE size_t find_128(
    const uint8_t *bytes, size_t count, uint8_t separator, uint16_t *offsets, bool *has_odd) {
  return find(bytes, count, separator, offsets, has_odd, marks_128);
}

#else

static inline struct marks marks_plain(const uint8_t *bytes, uint8_t separator) {
  struct marks marks = {0, 0};
  for (int i = 0; i < 64; i++) {
    marks.separators |= (uint64_t)(bytes[i] == separator) << i;
    marks.odd |= bytes[i] < 0x20 || bytes[i] == 0x7F || bytes[i] == ',';
  }
  return marks;
}

ALWAYS_INLINE size_t find_plain(
    const uint8_t *bytes, size_t count, uint8_t separator, uint16_t *offsets, bool *has_odd) {
  return find(bytes, count, separator, offsets, has_odd, marks_plain);
}

#endif
#endif
