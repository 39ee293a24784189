#include "width.h"

#include <string.h>

// Rows after which a block is looked at early: most that are empty in the end are so by then. To look after
// each would take as long as the rows that are left.
enum { FIRST_LOOK = 7, SECOND_LOOK = 11 };

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx512f"))) static size_t first_common_block_avx512(
    const uint8_t *image, const uint32_t *rows, size_t row_count, size_t first, size_t block_count,
    bool looks_early, uint64_t common[8], uint32_t *words) {
  for (size_t block = first; block < block_count; block++) {
    const uint8_t *base = image + block * 64;
    __m512i all = _mm512_set1_epi64(-1);
    size_t row = 0;
    if (looks_early && row_count > SECOND_LOOK) {
      for (; row < FIRST_LOOK; row++) {
        all = _mm512_and_si512(all, _mm512_loadu_si512(base + rows[row]));
      }
      if (_mm512_test_epi64_mask(all, all) == 0) continue;
      for (; row < SECOND_LOOK; row++) {
        all = _mm512_and_si512(all, _mm512_loadu_si512(base + rows[row]));
      }
      if (_mm512_test_epi64_mask(all, all) == 0) continue;
    }
    for (; row < row_count; row++) {
      all = _mm512_and_si512(all, _mm512_loadu_si512(base + rows[row]));
    }
    uint32_t any = _mm512_test_epi64_mask(all, all);
    if (any != 0) {
      _mm512_storeu_si512(common, all);
      *words = any;
      return block;
    }
  }
  return block_count;
}

__attribute__((target("avx2"), always_inline)) static inline void and_row_avx2(
    const uint8_t *bits, __m256i *low, __m256i *high) {
  *low = _mm256_and_si256(*low, _mm256_loadu_si256((const __m256i *)bits));
  *high = _mm256_and_si256(*high, _mm256_loadu_si256((const __m256i *)(bits + 32)));
}

__attribute__((target("avx2"), always_inline)) static inline bool is_empty_avx2(__m256i low, __m256i high) {
  __m256i any = _mm256_or_si256(low, high);
  return _mm256_testz_si256(any, any);
}

/// A bit for each of four words that is zero.
__attribute__((target("avx2"), always_inline)) static inline uint32_t zeros_avx2(__m256i words) {
  __m256i zeros = _mm256_cmpeq_epi64(words, _mm256_setzero_si256());
  return (uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(zeros));
}

__attribute__((target("avx2"))) static size_t first_common_block_avx2(
    const uint8_t *image, const uint32_t *rows, size_t row_count, size_t first, size_t block_count,
    bool looks_early, uint64_t common[8], uint32_t *words) {
  for (size_t block = first; block < block_count; block++) {
    const uint8_t *base = image + block * 64;
    __m256i low = _mm256_set1_epi8(-1), high = low;
    size_t row = 0;
    if (looks_early && row_count > SECOND_LOOK) {
      for (; row < FIRST_LOOK; row++) and_row_avx2(base + rows[row], &low, &high);
      if (is_empty_avx2(low, high)) continue;
      for (; row < SECOND_LOOK; row++) and_row_avx2(base + rows[row], &low, &high);
      if (is_empty_avx2(low, high)) continue;
    }
    for (; row < row_count; row++) and_row_avx2(base + rows[row], &low, &high);
    if (!is_empty_avx2(low, high)) {
      _mm256_storeu_si256((__m256i *)common, low);
      _mm256_storeu_si256((__m256i *)(common + 4), high);
      *words = 0xFF ^ (zeros_avx2(low) | zeros_avx2(high) << 4);
      return block;
    }
  }
  return block_count;
}
#endif

static size_t first_common_block_plain(
    const uint8_t *image, const uint32_t *rows, size_t row_count, size_t first, size_t block_count,
    bool looks_early, uint64_t common[8], uint32_t *words) {
  (void)looks_early;
  for (size_t block = first; block < block_count; block++) {
    uint64_t all[8] = {~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull};
    for (size_t row = 0; row < row_count; row++) {
      uint64_t bits[8];
      memcpy(bits, image + rows[row] + block * 64, sizeof bits);
      for (int word = 0; word < 8; word++) all[word] &= bits[word];
    }
    uint32_t any = 0;
    for (int word = 0; word < 8; word++) any |= (uint32_t)(all[word] != 0) << word;
    if (any != 0) {
      memcpy(common, all, sizeof all);
      *words = any;
      return block;
    }
  }
  return block_count;
}

size_t postern_first_common_block(
    const uint8_t *image, const uint32_t *rows, size_t row_count, size_t first, size_t block_count,
    bool looks_early, uint64_t common[8], uint32_t *words) {
#if defined(__x86_64__)
  int width = postern_width();
  if (width == 64) {
    return first_common_block_avx512(image, rows, row_count, first, block_count, looks_early, common, words);
  }
  if (width == 32) {
    return first_common_block_avx2(image, rows, row_count, first, block_count, looks_early, common, words);
  }
#endif
  return first_common_block_plain(image, rows, row_count, first, block_count, looks_early, common, words);
}
