// Questions asked of sixteen bytes at once, the answers as sixteen bits.
//
// In C because Swift 6.3 compiles a comparison of SIMD16<UInt8> to a loop over the bytes and has no
// way to collect sixteen answers into a word; on x86-64 both are one instruction. Nothing here
// touches memory: bytes come and go by value.
#ifndef POSTERN_BYTE_MASK_H
#define POSTERN_BYTE_MASK_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

typedef uint8_t postern_bytes16 __attribute__((ext_vector_type(16)));

/// Bit i: byte i is `match`.
static inline uint32_t postern_matches(postern_bytes16 bytes, uint8_t match) {
#if defined(__SSE2__)
  __m128i x = (__m128i)bytes;
  return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8((char)match)));
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) mask |= (uint32_t)(bytes[i] == match) << i;
  return mask;
#endif
}

/// Bit i: byte i is a control, DEL among them and the tab not.
static inline uint32_t postern_controls(postern_bytes16 bytes) {
#if defined(__SSE2__)
  __m128i x = (__m128i)bytes;
  __m128i below = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1F)), x);
  __m128i del = _mm_cmpeq_epi8(x, _mm_set1_epi8(0x7F));
  __m128i tab = _mm_cmpeq_epi8(x, _mm_set1_epi8('\t'));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, below), del));
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) {
    bool control = (bytes[i] < 0x20 && bytes[i] != '\t') || bytes[i] == 0x7F;
    mask |= (uint32_t)control << i;
  }
  return mask;
#endif
}

/// Bit i: byte i is neither a small letter nor from 0x2D to 0x3A, which are digits and `-./:`.
static inline uint32_t postern_not_plain(postern_bytes16 bytes) {
#if defined(__SSE2__)
  __m128i x = (__m128i)bytes;
  __m128i letter = _mm_sub_epi8(x, _mm_set1_epi8('a'));
  __m128i other = _mm_sub_epi8(x, _mm_set1_epi8('-'));
  letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8('z' - 'a')), letter);
  other = _mm_cmpeq_epi8(_mm_min_epu8(other, _mm_set1_epi8(':' - '-')), other);
  return 0xFFFF & ~(uint32_t)_mm_movemask_epi8(_mm_or_si128(letter, other));
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) {
    bool plain = (bytes[i] >= 'a' && bytes[i] <= 'z') || (bytes[i] >= '-' && bytes[i] <= ':');
    mask |= (uint32_t)!plain << i;
  }
  return mask;
#endif
}

#endif
