// The names of `Akamai-User-Risk`'s keys as a table of constants, which Swift 6.3 cannot spell: it
// makes jumps of a switch, and copies a static array. Entries come and go by value.
#ifndef POSTERN_USER_RISK_NAMES_H
#define POSTERN_USER_RISK_NAMES_H

#include <stdint.h>

typedef struct {
  /// The name and its "=", in small letters: bytes 0 to 7 and 8 to 15, little-endian.
  uint64_t low, high;
  /// The bytes of `low` and `high` that belong to them.
  uint64_t low_mask, high_mask;
  /// How many bytes these are.
  uint8_t byte_count;
  /// Raw value of the key.
  uint8_t key;
} postern_user_risk_name;

static const postern_user_risk_name postern_user_risk_names[16] = {
    [1] = {0x656D616E72657375, 0x0000003D, 0xFFFFFFFFFFFFFFFF, 0x000000FF, 9, 1},  // username
    [2] = {0x6D6F646C69616D65, 0x3D6E6961, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFF, 12, 2},  // emaildomain
    [3] = {0x0000003D6B736972, 0x00000000, 0x000000FFFFFFFFFF, 0x00000000, 5, 8},  // risk
    [4] = {0x6974736575716572, 0x00003D64, 0xFFFFFFFFFFFFFFFF, 0x0000FFFF, 10, 4},  // requestid
    [5] = {0x00003D776F6C6C61, 0x00000000, 0x0000FFFFFFFFFFFF, 0x00000000, 6, 10},  // allow
    [8] = {0x3D6C6172656E6567, 0x00000000, 0xFFFFFFFFFFFFFFFF, 0x00000000, 8, 7},  // general
    [9] = {0x0000003D64697575, 0x00000000, 0x000000FFFFFFFFFF, 0x00000000, 5, 0},  // uuid
    [10] = {0x00003D65726F6373, 0x00000000, 0x0000FFFFFFFFFFFF, 0x00000000, 6, 6},  // score
    [11] = {0x003D6E6F69746361, 0x00000000, 0x00FFFFFFFFFFFFFF, 0x00000000, 7, 11},  // action
    [12] = {0x0000003D6469756F, 0x00000000, 0x000000FFFFFFFFFF, 0x00000000, 5, 3},  // ouid
    [13] = {0x003D737574617473, 0x00000000, 0x00FFFFFFFFFFFFFF, 0x00000000, 7, 5},  // status
    [14] = {0x00003D7473757274, 0x00000000, 0x0000FFFFFFFFFFFF, 0x00000000, 6, 9},  // trust
    [0] = {0, 0, ~0ull, 0, 1, 0},  // No small letter is zero.
    [6] = {0, 0, ~0ull, 0, 1, 0},  // No small letter is zero.
    [7] = {0, 0, ~0ull, 0, 1, 0},  // No small letter is zero.
    [15] = {0, 0, ~0ull, 0, 1, 0},  // No small letter is zero.
};

/// The only name that may begin with these four bytes, in small letters.
///
/// The product takes the first four bytes of the twelve names to different numbers below 16.
static inline postern_user_risk_name postern_user_risk_name_beginning_with(uint32_t bytes) {
  return postern_user_risk_names[(bytes * 0x2298BDB1u) >> 28];
}

#endif
