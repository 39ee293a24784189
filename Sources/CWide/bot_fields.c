#include "width.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/// What the bytes of a block are: bit i is byte i's.
struct marks {
  uint64_t colons, spaces, opens, closes, commas;
  /// `0-9`.
  uint64_t digits;
  /// `A-Z a-z 0-9 _ -`.
  uint64_t tokens;
  /// Below 0x20, and 0x7F.
  uint64_t controls;
};

/// The same bytes, `count` bits higher.
ALWAYS_INLINE struct marks moved_up(struct marks marks, size_t count) {
  struct marks moved = {
      marks.colons << count, marks.spaces << count, marks.opens << count, marks.closes << count,
      marks.commas << count, marks.digits << count, marks.tokens << count, marks.controls << count};
  return moved;
}

/// As `moved_up`, lower.
ALWAYS_INLINE struct marks moved_down(struct marks marks, size_t count) {
  struct marks moved = {
      marks.colons >> count, marks.spaces >> count, marks.opens >> count, marks.closes >> count,
      marks.commas >> count, marks.digits >> count, marks.tokens >> count, marks.controls >> count};
  return moved;
}

ALWAYS_INLINE uint64_t lowest_bit(uint64_t bits) { return bits & -bits; }

/// The bits from a bit on; none from none on.
ALWAYS_INLINE uint64_t bits_from(uint64_t bit) { return -bit; }

/// The bits from `index` on, of 0 to 127.
ALWAYS_INLINE uint64_t bits_from_index(size_t index) {
  return index < 64 ? ~0ull << index : 0;
}

ALWAYS_INLINE size_t leading_ones(uint64_t bits) {
  return ~bits == 0 ? 64 : (size_t)__builtin_clzll(~bits);
}

/// `head` are the first 64 bytes, `tail` the last: bit 63 is the last byte's.
ALWAYS_INLINE bool find(
    size_t count, struct marks head, struct marks tail, postern_bot_fields *fields) {
  // The lowest bit of what is left is the end that is looked for; one that is not there is no bit.
  uint64_t type_end = lowest_bit(head.spaces & head.opens >> 1);
  uint64_t closes = head.closes & head.colons >> 1;
  uint64_t botnet_end = lowest_bit(closes & bits_from(type_end << 2));
  uint64_t action_start = botnet_end << 2;
  uint64_t action_end = lowest_bit(head.colons & bits_from(action_start));
  size_t segment_count = leading_ones(tail.tokens);
  if (action_end == 0 || segment_count > 57) return false;
  size_t action_end_index = (size_t)__builtin_ctzll(action_end);
  fields->type_end = (uint16_t)__builtin_ctzll(type_end);
  fields->botnet_end = (uint16_t)__builtin_ctzll(botnet_end);
  fields->action_end = (uint16_t)action_end_index;

  size_t digit_count = leading_ones(tail.digits << (segment_count + 1));
  // Before the segment and before the score.
  uint64_t colons = tail.colons << segment_count & tail.colons << (segment_count + 1) << (digit_count & 3);
  size_t score_start = count - segment_count - 1 - digit_count;
  bool has_score = (segment_count > 0) & (digit_count - 1 < 3) & (bool)(colons >> 63) &
                   (score_start > action_end_index + 1);
  size_t categories_end = has_score ? score_start - 1 : count;
  fields->has_score = has_score;
  fields->categories_end = (uint16_t)categories_end;
  fields->segment_byte_count = (uint16_t)segment_count;

  uint64_t action = action_end - action_start;
  // A "):" is a second value where its ":" is one of the categories' bytes.
  uint64_t behind_action = bits_from(action_end << 1);
  uint64_t second = closes & behind_action & ~bits_from_index(categories_end - 1);
  uint64_t colons_behind = head.colons & behind_action;
  size_t behind = count - categories_end;
  uint64_t second_in_tail = 0;
  if (count > 64) {
    size_t before_tail = count - 64;
    uint64_t behind_action_in_tail = action_end_index + 1 > before_tail
                                         ? bits_from_index(action_end_index + 1 - before_tail)
                                         : ~0ull;
    // As many bits up as there are bytes behind the last that may be a ")".
    second_in_tail = tail.closes & tail.colons >> 1 & ~0ull >> (behind + 1) & behind_action_in_tail;
    colons_behind |= tail.colons & behind_action_in_tail;
  }
  fields->has_lost_score = !has_score & (colons_behind != 0);
  fields->has_comma = (head.commas | tail.commas) != 0;
  uint64_t type = (type_end - 1) & ~(head.tokens | head.spaces);
  uint64_t wrong =
      head.controls | tail.controls | second | second_in_tail | type | (action & ~head.tokens);
  bool has_all = ((type_end & 1) | (botnet_end & type_end << 2)) == 0 && action != 0 &&
                 categories_end > action_end_index + 1;
  fields->is_readable = wrong == 0 && has_all;
  return true;
}

/// As `find`. `first` are the first 64 bytes where there are more; where there are fewer, what lies before
/// them in `last` is no part of the header.
ALWAYS_INLINE bool find_from_last(
    size_t count, struct marks first, struct marks last, postern_bot_fields *fields) {
  if (count > 64) return find(count, first, last, fields);
  struct marks head = moved_down(last, 64 - count);
  return find(count, head, moved_up(head, 64 - count), fields);
}

/// The last 64 bytes; in `copy`, zeros before them, where there are fewer.
ALWAYS_INLINE const uint8_t *last_64(const uint8_t *bytes, size_t count, uint8_t copy[64]) {
  if (count >= 64) return bytes + count - 64;
  memset(copy, 0, 64);
  memcpy(copy + 64 - count, bytes, count);
  return copy;
}

#if defined(__x86_64__)

#define WIDE_512 "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt"
#define WIDE_256 "avx2,bmi,bmi2,lzcnt"

enum { COLON = 1, SPACE = 2, OPEN = 4, CLOSE = 8, DIGIT = 16, TOKEN = 32, CONTROL = 64, COMMA = 128 };

/// What each byte below 0x80 is.
static const uint8_t classes[128] __attribute__((aligned(64))) = {
    [0x00 ... 0x1F] = CONTROL,
    [' '] = SPACE,
    ['('] = OPEN,
    [')'] = CLOSE,
    [','] = COMMA,
    ['-'] = TOKEN,
    ['0' ... '9'] = DIGIT | TOKEN,
    [':'] = COLON,
    ['A' ... 'Z'] = TOKEN,
    ['_'] = TOKEN,
    ['a' ... 'z'] = TOKEN,
    [0x7F] = CONTROL,
};

__attribute__((target(WIDE_512), always_inline)) static inline struct marks marks_512(
    const uint8_t *bytes, __mmask64 there) {
  // Bytes that a mask leaves out are not read.
  __m512i x = _mm512_maskz_loadu_epi8(there, bytes);
  // A lookup takes the lower seven bits; bytes from 0x80 on are none of these.
  __m512i class = _mm512_maskz_permutex2var_epi8(
      there & ~_mm512_movepi8_mask(x), _mm512_load_si512(classes), x, _mm512_load_si512(classes + 64));
  struct marks marks;
  marks.colons = _mm512_test_epi8_mask(class, _mm512_set1_epi8(COLON));
  marks.spaces = _mm512_test_epi8_mask(class, _mm512_set1_epi8(SPACE));
  marks.opens = _mm512_test_epi8_mask(class, _mm512_set1_epi8(OPEN));
  marks.closes = _mm512_test_epi8_mask(class, _mm512_set1_epi8(CLOSE));
  // Its bit is the highest.
  marks.commas = _mm512_movepi8_mask(class);
  marks.digits = _mm512_test_epi8_mask(class, _mm512_set1_epi8(DIGIT));
  marks.tokens = _mm512_test_epi8_mask(class, _mm512_set1_epi8(TOKEN));
  marks.controls = _mm512_test_epi8_mask(class, _mm512_set1_epi8(CONTROL));
  return marks;
}

__attribute__((target(WIDE_512))) static bool find_512(
    const uint8_t *bytes, size_t count, postern_bot_fields *fields) {
  if (count > 64) {
    return find(
        count, marks_512(bytes, ~0ull), marks_512(bytes + count - 64, ~0ull), fields);
  }
  struct marks marks = marks_512(bytes, ~0ull >> (64 - count));
  return find(count, marks, moved_up(marks, 64 - count), fields);
}

#define BITS_256(comparison) ((uint64_t)(uint32_t)_mm256_movemask_epi8(comparison) << shift)
#define AT_MOST_256(y, most) _mm256_cmpeq_epi8(_mm256_min_epu8(y, _mm256_set1_epi8(most)), y)

/// Adds the marks of one half, at `shift`.
__attribute__((target(WIDE_256), always_inline)) static inline void mark_half_256(
    const uint8_t *bytes, int shift, struct marks *marks) {
  __m256i x = _mm256_loadu_si256((const __m256i *)bytes);
  __m256i letter = _mm256_sub_epi8(
      _mm256_or_si256(x, _mm256_set1_epi8(0x20)), _mm256_set1_epi8('a'));
  __m256i is_digit = AT_MOST_256(_mm256_sub_epi8(x, _mm256_set1_epi8('0')), 9);
  __m256i is_other = _mm256_or_si256(
      _mm256_cmpeq_epi8(x, _mm256_set1_epi8('_')), _mm256_cmpeq_epi8(x, _mm256_set1_epi8('-')));
  marks->colons |= BITS_256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8(':')));
  marks->spaces |= BITS_256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8(' ')));
  marks->opens |= BITS_256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8('(')));
  marks->closes |= BITS_256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8(')')));
  marks->commas |= BITS_256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8(',')));
  marks->digits |= BITS_256(is_digit);
  marks->tokens |= BITS_256(
      _mm256_or_si256(_mm256_or_si256(is_digit, AT_MOST_256(letter, 25)), is_other));
  marks->controls |= BITS_256(_mm256_or_si256(
      AT_MOST_256(x, 0x1F), _mm256_cmpeq_epi8(x, _mm256_set1_epi8(0x7F))));
}

__attribute__((target(WIDE_256), always_inline)) static inline struct marks marks_256(
    const uint8_t *bytes) {
  struct marks marks = {0};
  mark_half_256(bytes, 0, &marks);
  mark_half_256(bytes + 32, 32, &marks);
  return marks;
}

__attribute__((target(WIDE_256))) static bool find_256(
    const uint8_t *bytes, size_t count, postern_bot_fields *fields) {
  uint8_t copy[64];
  struct marks last = marks_256(last_64(bytes, count, copy));
  return find_from_last(count, count > 64 ? marks_256(bytes) : (struct marks){0}, last, fields);
}

#endif

ALWAYS_INLINE struct marks marks_plain(const uint8_t *bytes) {
  struct marks marks = {0};
  for (int i = 0; i < 64; i++) {
    uint8_t byte = bytes[i], small = byte | 0x20;
    uint64_t digit = byte >= '0' && byte <= '9';
    uint64_t token = digit || (small >= 'a' && small <= 'z') || byte == '_' || byte == '-';
    marks.colons |= (uint64_t)(byte == ':') << i;
    marks.spaces |= (uint64_t)(byte == ' ') << i;
    marks.opens |= (uint64_t)(byte == '(') << i;
    marks.closes |= (uint64_t)(byte == ')') << i;
    marks.commas |= (uint64_t)(byte == ',') << i;
    marks.digits |= digit << i;
    marks.tokens |= token << i;
    marks.controls |= (uint64_t)(byte < 0x20 || byte == 0x7F) << i;
  }
  return marks;
}

/// Out of line: else the choice of a wide one would save the registers that this one needs.
__attribute__((noinline)) static bool find_plain(
    const uint8_t *bytes, size_t count, postern_bot_fields *fields) {
  uint8_t copy[64];
  struct marks last = marks_plain(last_64(bytes, count, copy));
  return find_from_last(count, count > 64 ? marks_plain(bytes) : (struct marks){0}, last, fields);
}

bool postern_find_bot_fields(const uint8_t *bytes, size_t count, postern_bot_fields *fields) {
  if (count == 0 || count > POSTERN_BOT_BYTES_MAX) return false;
#if defined(__x86_64__)
  int width = postern_width();
  if (width == 64) return find_512(bytes, count, fields);
  if (width == 32) return find_256(bytes, count, fields);
#endif
  return find_plain(bytes, count, fields);
}
