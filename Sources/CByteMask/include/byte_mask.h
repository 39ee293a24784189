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

#endif
