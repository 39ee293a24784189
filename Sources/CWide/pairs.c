#include "width.h"

#include "pairs_512.h"
#include "separators.h"

#if defined(__x86_64__)

ALWAYS_INLINE __m128i load(const uint8_t *bytes) {
  return _mm_loadu_si128((const __m128i *)bytes);
}

/// The bytes from `start` on, of which fewer than sixteen may be there: `start` is at most 15 behind
/// `load_end`, where the last sixteen begin.
ALWAYS_INLINE __m128i load_last(const uint8_t *bytes, size_t start, size_t load_end) {
  if (start <= load_end) return load(bytes + start);
  unsigned __int128 text;
  memcpy(&text, bytes + load_end, sizeof text);
  text >>= 8 * (start - load_end);
  return _mm_set_epi64x((long long)(text >> 64), (long long)text);
}

/// The name that `text` begins with; NULL for none of those with a meaning.
ALWAYS_INLINE const postern_user_risk_entry *name_of(__m128i text) {
  // Of the bytes that are no controls, only a letter becomes a small letter, and only "=" an "=".
  __m128i small = _mm_or_si128(text, _mm_set1_epi8(0x20));
  const postern_user_risk_entry *entry =
      postern_user_risk_entry_for((uint32_t)_mm_cvtsi128_si32(small));
  __m128i equal = _mm_cmpeq_epi8(small, _mm_load_si128((const __m128i *)entry->text));
  return ((uint32_t)_mm_movemask_epi8(equal) | entry->others) == ~0u ? entry : NULL;
}

/// Notes that a key came, and that its value lies between two places of the text.
ALWAYS_INLINE void keep(
    uint32_t key, size_t start, size_t end, uint32_t *seen, postern_range *values, uint32_t base) {
  *seen |= 1u << key;
  values[key].offset = base + (uint32_t)start;
  values[key].count = (uint32_t)(end - start);
}

/// Reads pairs from where `at` is, for whatever instructions its caller may use.
ALWAYS_INLINE postern_pairs read_known(
    const uint8_t *text, size_t readable, const uint16_t *ends, postern_pairs at,
    postern_range *values, uint32_t base) {
  if (readable < 16) return at;
  size_t index = at.index, start = at.start, last = at.end_count - 1u, load_end = readable - 16;
  uint32_t seen = at.seen;
  // A pair starts behind the end of the one before. All but the last may be read without a look at
  // where they end: no name has a separator in it.
  size_t load_count = last;
  while (load_count > index && ends[load_count - 1] + 1u > load_end) load_count--;
  for (; index < load_count; index++) {
    const postern_user_risk_entry *name = name_of(load(text + start));
    if (name == NULL) break;
    size_t value = start + name->byte_count, end = ends[index];
    keep(name->key, value, end, &seen, values, base);
    start = end + 1;
  }
  if (index == last && start < load_end + 16) {
    const postern_user_risk_entry *name = name_of(load_last(text, start, load_end));
    size_t value = start + (name == NULL ? 0 : name->byte_count), end = ends[last];
    if (name != NULL && value <= end) {
      keep(name->key, value, end, &seen, values, base);
      start = end + 1;
      index++;
    }
  }
  at.index = (uint32_t)index;
  at.start = (uint32_t)start;
  at.seen = seen;
  return at;
}

#endif

#define SEPARATOR ';'

/// The first key that says something of the login and not of who it is: `status`.
#define FIRST_KEY_OF_RISK 5

/// The known key whose name and "=" are where `text` starts.
static postern_user_risk_name name_before(const uint8_t *text, size_t count) {
  uint64_t bytes[2] = {0, 0};
  memcpy(bytes, text, count < sizeof bytes ? count : sizeof bytes);
  return postern_user_risk_name_at(bytes[0], bytes[1]);
}

/// Whether a text has a control byte, or is two values that a proxy has joined with a comma: behind it comes
/// a known key, or it stands in the value of a key that has no use for one.
///
/// Out of line: only a text with an odd byte is looked at twice.
__attribute__((noinline, cold)) static bool cannot_be_read(const uint8_t *text, size_t count) {
  postern_user_risk_name key = name_before(text, count);
  size_t i = 0;
  while (i < count) {
    uint8_t byte = text[i++];
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == SEPARATOR) key = name_before(text + i, count - i);
    if (byte != ',') continue;
    if (key.is_there && key.key >= FIRST_KEY_OF_RISK) return true;
    while (i < count && text[i] == ' ') i++;
    if (name_before(text + i, count - i).is_there) return true;
  }
  return false;
}

ALWAYS_INLINE postern_pairs begin(
    const uint8_t *text, uint16_t count, size_t found, bool has_odd, uint16_t *ends) {
  ends[found] = count;
  bool is_unreadable = __builtin_expect(has_odd, 0) && cannot_be_read(text, count);
  postern_pairs pairs = {0, 0, 0, (uint16_t)(found + 1), is_unreadable, false};
  return pairs;
}

/// Notes whether that was all.
ALWAYS_INLINE postern_pairs finish(postern_pairs at) {
  at.is_whole = at.index == at.end_count && (size_t)__builtin_popcount(at.seen) == at.end_count;
  return at;
}

#if defined(__x86_64__)

__attribute__((target(WIDE_512))) static postern_pairs read_512(
    const uint8_t *text, uint16_t count, size_t readable, uint16_t *ends, postern_range *values,
    uint32_t base) {
  bool has_odd;
  size_t found = find_512(text, count, SEPARATOR, ends, &has_odd);
  postern_pairs at = begin(text, count, found, has_odd, ends);
  if (at.is_unreadable) return at;
  if (__builtin_expect(readable >= count + 17u, 1)) {
    at = read_twelve_512(text, ends, at, values, base);
    if (at.index == at.end_count) return finish(at);
  }
  return finish(read_known(text, readable, ends, at, values, base));
}

__attribute__((target(WIDE_256))) static postern_pairs read_256(
    const uint8_t *text, uint16_t count, size_t readable, uint16_t *ends, postern_range *values,
    uint32_t base) {
  bool has_odd;
  size_t found = find_256(text, count, SEPARATOR, ends, &has_odd);
  postern_pairs at = begin(text, count, found, has_odd, ends);
  return at.is_unreadable ? at : finish(read_known(text, readable, ends, at, values, base));
}

#endif

/// Out of line: else the choice of a wide one would save the registers that this one needs.
__attribute__((noinline)) static postern_pairs read_narrow(
    const uint8_t *text, uint16_t count, size_t readable, uint16_t *ends, postern_range *values,
    uint32_t base) {
  bool has_odd;
#if defined(__x86_64__)
  size_t found = find_128(text, count, SEPARATOR, ends, &has_odd);
  postern_pairs at = begin(text, count, found, has_odd, ends);
  return at.is_unreadable ? at : finish(read_known(text, readable, ends, at, values, base));
#else
  (void)readable, (void)values, (void)base;
  size_t found = find_plain(text, count, SEPARATOR, ends, &has_odd);
  return begin(text, count, found, has_odd, ends);
#endif
}

postern_pairs postern_read_pairs(
    const uint8_t *text, uint16_t count, size_t readable, uint16_t *ends, postern_range *values,
    uint32_t base) {
#if defined(__x86_64__)
  int width = postern_width();
  if (width == 64) return read_512(text, count, readable, ends, values, base);
  if (width == 32) return read_256(text, count, readable, ends, values, base);
#endif
  return read_narrow(text, count, readable, ends, values, base);
}

postern_pairs postern_read_more_pairs(
    const uint8_t *text, size_t readable, const uint16_t *ends, postern_pairs at,
    postern_range *values, uint32_t base) {
#if defined(__x86_64__)
  return read_known(text, readable, ends, at, values, base);
#else
  // The caller reads all pairs one by one.
  (void)text, (void)readable, (void)ends, (void)values, (void)base;
  return at;
#endif
}
