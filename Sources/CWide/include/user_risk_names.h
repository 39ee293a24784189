// The names of `Akamai-User-Risk`'s keys as a table of constants, which Swift 6.3 cannot spell: it
// makes jumps of a switch, and copies a static array.
#ifndef POSTERN_USER_RISK_NAMES_H
#define POSTERN_USER_RISK_NAMES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct {
  /// The name and its "=", in small letters, then zeros.
  uint8_t text[16];
  /// Bit i: byte i of `text` does not belong to them; set from 16 on.
  uint32_t others;
  uint8_t byte_count, key;
  uint8_t reserved[10];
} postern_user_risk_entry;

/// The names by their place in the table: text and "=", their byte count, the key's raw value. Places without
/// one have a byte that is no small letter.
#define POSTERN_USER_RISK_NAMES(NAME) \
  NAME("\1", 1, 0)                    \
  NAME("username=", 9, 1)             \
  NAME("emaildomain=", 12, 2)         \
  NAME("risk=", 5, 8)                 \
  NAME("requestid=", 10, 4)           \
  NAME("allow=", 6, 10)               \
  NAME("\1", 1, 0)                    \
  NAME("\1", 1, 0)                    \
  NAME("general=", 8, 7)              \
  NAME("uuid=", 5, 0)                 \
  NAME("score=", 6, 6)                \
  NAME("action=", 7, 11)              \
  NAME("ouid=", 5, 3)                 \
  NAME("status=", 7, 5)               \
  NAME("trust=", 6, 9)                \
  NAME("\1", 1, 0)

#define POSTERN_NAME(text, byte_count, key) {text, ~0u << byte_count, byte_count, key, {0}},

static const postern_user_risk_entry postern_user_risk_entries[16]
    __attribute__((aligned(32))) = {POSTERN_USER_RISK_NAMES(POSTERN_NAME)};

/// What the first four bytes of a text, in small letters, are multiplied with: the upper four bits of the
/// product are its name's place, different ones for the twelve names.
#define POSTERN_USER_RISK_MULTIPLIER 0x2298BDB1u

/// The only name that may begin with these four bytes, in small letters.
static inline __attribute__((always_inline)) const postern_user_risk_entry *
postern_user_risk_entry_for(uint32_t bytes) {
  return &postern_user_risk_entries[(bytes * POSTERN_USER_RISK_MULTIPLIER) >> 28];
}

/// A name that a text may begin with.
typedef struct {
  /// Whether it does, with a "=" behind the name, in any case.
  bool is_there;
  /// Raw value of the key.
  uint8_t key;
  /// Of the name and its "=".
  uint8_t byte_count;
} postern_user_risk_name;

/// The only name that a text of these sixteen bytes may begin with. It takes some control bytes for
/// others: of the rest, only a letter becomes a small letter, and only "=" an "=".
static inline postern_user_risk_name postern_user_risk_name_at(uint64_t low, uint64_t high) {
  const uint64_t small = 0x2020202020202020;
  uint64_t text[2] = {low | small, high | small};
  const postern_user_risk_entry *entry = postern_user_risk_entry_for((uint32_t)text[0]);
  uint8_t bytes[16];
  memcpy(bytes, text, sizeof bytes);
  bool is_there = memcmp(bytes, entry->text, entry->byte_count) == 0;
  postern_user_risk_name found = {is_there, entry->key, entry->byte_count};
  return found;
}

#endif
