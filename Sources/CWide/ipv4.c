#include "CWide.h"

#include <string.h>

/// Bits of the bytes that are dots, and of those that are digits.
struct marks {
  uint32_t dots, digits;
};

#if defined(__x86_64__)

#include <emmintrin.h>

static inline struct marks marks_of(const uint8_t *text) {
  __m128i x = _mm_loadu_si128((const __m128i *)(const void *)text);
  __m128i digit = _mm_sub_epi8(x, _mm_set1_epi8('0'));
  struct marks marks = {
      (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8('.'))),
      (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit))};
  return marks;
}

#else

static inline struct marks marks_of(const uint8_t *text) {
  struct marks marks = {0, 0};
  for (int i = 0; i < 16; i++) {
    marks.dots |= (uint32_t)(text[i] == '.') << i;
    marks.digits |= (uint32_t)(text[i] >= '0' && text[i] <= '9') << i;
  }
  return marks;
}

#endif

/// The number of the digits from `start` to `end`; more than 255 where there are none, too many, or the first
/// of several is zero. Four bytes are read.
static inline uint32_t number_between(const uint8_t *text, uint32_t start, uint32_t end) {
  uint32_t word, count = end - start;
  memcpy(&word, text + start, sizeof word);
  // The last digit uppermost. A shift of other counts means nothing.
  uint32_t digits = (word ^ 0x30303030u) << ((32 - 8 * count) & 31);
  uint32_t number = (digits >> 24) + 10 * (digits >> 16 & 0xFF) + 100 * (digits >> 8 & 0xFF);
  bool is_wrong = count - 1 > 2 || (count > 1 && text[start] == '0');
  return number | (is_wrong ? 0x100 : 0);
}

bool postern_read_ipv4(const uint8_t *text, size_t count, uint32_t *address) {
  uint32_t there = (1u << count) - 1;
  struct marks marks = marks_of(text);
  uint32_t dots = marks.dots & there, digits = marks.digits & there;
  uint32_t second = dots & (dots - 1), third = second & (second - 1);
  // Three dots, and nothing but them and digits.
  if ((dots | digits) != there || third == 0 || (third & (third - 1)) != 0) return false;
  uint32_t a_end = (uint32_t)__builtin_ctz(dots), b_end = (uint32_t)__builtin_ctz(second);
  uint32_t c_end = (uint32_t)__builtin_ctz(third);
  uint32_t a = number_between(text, 0, a_end), b = number_between(text, a_end + 1, b_end);
  uint32_t c = number_between(text, b_end + 1, c_end);
  uint32_t d = number_between(text, c_end + 1, (uint32_t)count);
  *address = a << 24 | b << 16 | c << 8 | d;
  return (a | b | c | d) <= 0xFF;
}
