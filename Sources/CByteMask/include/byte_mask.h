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

/// Bit i: byte i is `separator` or a control byte (below 0x20, or 0x7F).
static inline uint32_t postern_separators_or_controls(postern_bytes16 bytes, uint8_t separator) {
#if defined(__SSE2__)
  __m128i x = (__m128i)bytes;
  __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1F)), x);
  __m128i delete = _mm_cmpeq_epi8(x, _mm_set1_epi8(0x7F));
  __m128i match = _mm_cmpeq_epi8(x, _mm_set1_epi8((char)separator));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(low, delete), match));
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) {
    uint8_t byte = bytes[i];
    mask |= (uint32_t)(byte == separator || byte < 0x20 || byte == 0x7F) << i;
  }
  return mask;
#endif
}

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

/// Bit i: byte i is a control (below 0x20, or 0x7F).
static inline uint32_t postern_controls(postern_bytes16 bytes) {
  return postern_separators_or_controls(bytes, 0x7F);
}

/// Whether one of 64 bytes is a control.
static inline bool postern_has_control(
    postern_bytes16 a, postern_bytes16 b, postern_bytes16 c, postern_bytes16 d) {
#if defined(__SSE2__)
  const __m128i largest = _mm_set1_epi8(0x1F), delete = _mm_set1_epi8(0x7F);
  __m128i w = (__m128i)a, x = (__m128i)b, y = (__m128i)c, z = (__m128i)d;
  __m128i smallest = _mm_min_epu8(_mm_min_epu8(w, x), _mm_min_epu8(y, z));
  __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(smallest, largest), smallest);
  __m128i deletes = _mm_or_si128(
      _mm_or_si128(_mm_cmpeq_epi8(w, delete), _mm_cmpeq_epi8(x, delete)),
      _mm_or_si128(_mm_cmpeq_epi8(y, delete), _mm_cmpeq_epi8(z, delete)));
  return _mm_movemask_epi8(_mm_or_si128(low, deletes)) != 0;
#else
  return (postern_controls(a) | postern_controls(b) | postern_controls(c) | postern_controls(d)) != 0;
#endif
}

/// Bit i: byte i may stand in a token (`A-Z a-z 0-9 _ -`).
static inline uint32_t postern_token_bytes(postern_bytes16 bytes) {
#if defined(__SSE2__)
  __m128i x = (__m128i)bytes;
  // Letters, digits: what is left of a range's size after taking its first byte off, unsigned.
  __m128i letter = _mm_sub_epi8(_mm_or_si128(x, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
  __m128i digit = _mm_sub_epi8(x, _mm_set1_epi8('0'));
  __m128i isLetter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
  __m128i isDigit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
  __m128i isOther = _mm_or_si128(
      _mm_cmpeq_epi8(x, _mm_set1_epi8('_')), _mm_cmpeq_epi8(x, _mm_set1_epi8('-')));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(isLetter, isDigit), isOther));
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) {
    uint8_t byte = bytes[i], small = byte | 0x20;
    bool token = (small >= 'a' && small <= 'z') || (byte >= '0' && byte <= '9') || byte == '_' ||
                 byte == '-';
    mask |= (uint32_t)token << i;
  }
  return mask;
#endif
}

#endif
