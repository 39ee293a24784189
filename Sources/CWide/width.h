// How wide the registers are that a processor's loops may use.
#ifndef POSTERN_WIDTH_H
#define POSTERN_WIDTH_H

#include "CWide.h"

#if DEBUG
/// What `postern_limit_width` was told last.
extern _Atomic int postern_width_limit;
#endif

/// In bytes: 64 with AVX-512 VBMI2, 32 with AVX2, else 16.
static inline __attribute__((always_inline)) int postern_width(void) {
  int width = 16;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) width = 32;
  // Processors with VBMI2 do not slow down for registers of 64 bytes.
  if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
      __builtin_cpu_supports("avx512vl"))
    width = 64;
#endif
#if DEBUG
  if (width > postern_width_limit) width = postern_width_limit;
#endif
  return width;
}

#endif
