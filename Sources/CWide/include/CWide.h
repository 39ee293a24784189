// Loops over the widest registers that the processor at hand has, chosen while running: a build for every
// x86-64 processor may use sixteen bytes at a time only, and Swift 6.3 cannot choose for a single function.
//
// Each function touches only the memory that its comment names.
#ifndef POSTERN_WIDE_H
#define POSTERN_WIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user_risk_names.h"

/// For tests: makes the loops do what they do on processors whose registers have at most so many bytes, 16,
/// 32 or 64. Does nothing in a release build.
void postern_limit_width(int bytes);

/// Some bytes of a message.
typedef struct {
  uint32_t offset, count;
} postern_range;

/// Where a walk over the pairs of an `Akamai-User-Risk` value is.
typedef struct {
  /// Of the next pair's end, and where the pair starts.
  uint32_t index, start;
  /// Bit k: the key of raw value k came.
  uint32_t seen;
  /// How many pairs there are: separators, and the end of the text.
  uint16_t end_count;
  /// Whether a byte is below 0x20 or is 0x7F, a known key and its "=" follow a comma, spaces left out, or a
  /// comma stands in the value of a key from `status` on: nothing more has been read then.
  bool is_unreadable;
  /// Whether all pairs have been read, and no two of them have the same key.
  bool is_whole;
} postern_pairs;

/// How many ends `postern_read_pairs` may write behind the last one.
#define POSTERN_ENDS_BEHIND 64

/// Finds where the pairs of a text end, as offsets from its start, all before it looks at one: where they
/// are differs from login to login, and no branch depends on it. Then reads pairs whose keys have a
/// meaning, up to the first other one: nearly every text is read by this alone. Writes each value's place to
/// `values`, by the key's raw value, which is below 16.
///
/// `base` is the text's own place in the message. Reads at most `readable` bytes, of which the first `count`
/// are the text: 1 to 65,471.
postern_pairs postern_read_pairs(
    const uint8_t *text, uint16_t count, size_t readable, uint16_t *ends, postern_range *values,
    uint32_t base);

/// Reads more such pairs, from where `at` is.
postern_pairs postern_read_more_pairs(
    const uint8_t *text, size_t readable, const uint16_t *ends, postern_pairs at,
    postern_range *values, uint32_t base);

/// LIMIT: what the first 64 bytes and the last 64 show of an `Akamai-Bot` value, with every two that stand
/// together in one of them. The longest value seen has 82.
#define POSTERN_BOT_BYTES_MAX 127

/// Where the fields of an `Akamai-Bot` value end, in bytes from its start.
typedef struct {
  uint16_t type_end, botnet_end, action_end;
  /// At the ":" before the score, or with the value.
  uint16_t categories_end;
  uint16_t segment_byte_count;
  /// Whether the value ends with a score and a segment.
  bool has_score;
  /// Whether it does not, though a ":" stands where they would: what they were cannot be told.
  bool has_lost_score;
  bool has_comma;
  /// Whether no byte is a control, the type is of tokens and spaces, the action is a token, no second value
  /// follows, and no field that has to be there is empty.
  bool is_readable;
} postern_bot_fields;

/// Finds the fields of a value by what its bytes are: no byte is looked at twice. Returns `false` where the
/// value is longer than `POSTERN_BOT_BYTES_MAX` or empty, or a field is not where short values have it. Reads
/// `count` bytes.
bool postern_find_bot_fields(const uint8_t *bytes, size_t count, postern_bot_fields *fields);

/// LIMIT: the longest IPv4 address.
#define POSTERN_IPV4_BYTES_MAX 15
/// How many bytes `postern_read_ipv4` reads at most.
#define POSTERN_IPV4_READABLE 20

/// Reads an IPv4 address: four numbers up to 255 without leading zeros. Returns `false` where the text is
/// none. No branch depends on how many digits the numbers have. The text has 1 to `POSTERN_IPV4_BYTES_MAX`
/// bytes; `POSTERN_IPV4_READABLE` are read.
bool postern_read_ipv4(const uint8_t *text, size_t count, uint32_t *address);

/// The first block, from `first` on, in which all rows have a bit in common; `block_count` where there is
/// none. The bits are then in `common`, and `words` has a bit for each word of it that is not zero.
///
/// Row r's blocks are 64 bytes each, from `image + rows[r]` on. Without rows, all bits are common.
/// `looks_early` pays where there are many blocks, most have none, and the rows with fewest bits come first.
size_t postern_first_common_block(
    const uint8_t *image, const uint32_t *rows, size_t row_count, size_t first, size_t block_count,
    bool looks_early, uint64_t common[8], uint32_t *words);

/// Words of a branch of a clustered table.
#define POSTERN_BRANCH_WORDS 512
/// Branches, and rows, that `postern_common_words` takes at most.
#define POSTERN_BRANCHES 16
#define POSTERN_BRANCH_ROWS 64

/// The words of a clustered table in which all rows have bits in common: their numbers, ascending, in
/// `words`, and these bits in `bits`. Returns how many there are. With `start`, looks only at the words that
/// have a bit there, of all branches.
///
/// A row is the offsets of its branches, of four bytes. A branch is `POSTERN_BRANCH_WORDS` bits, set for the
/// words that are not zero, and behind them the offset of each run of eight words, of four bytes. All offsets
/// are from `image` on. `words` and `bits` have room for the words of all branches. Fastest where the first
/// rows have few bits.
size_t postern_common_words(
    const uint8_t *image, const uint32_t *rows, size_t row_count, size_t word_count, const uint64_t *start,
    uint16_t *words, uint64_t *bits);

/// Blocks of eight words of a branch.
#define POSTERN_BRANCH_BLOCKS 64
/// Blocks that the sections of all columns have together at most: each but the first may begin with the last
/// one of another.
#define POSTERN_SECTION_BLOCKS 1088

/// In place of a column.
#define POSTERN_NO_COLUMN 0xFF
/// Columns whose bounds a rule has.
#define POSTERN_BOUNDED_COLUMNS 14
/// Bits of a block up to which each is looked at by its bounds: these are a line of memory, and so is the
/// block of each further row.
#define POSTERN_FEW_BITS 4
/// The rule allows less than its bounds say.
#define POSTERN_BOUNDS_INEXACT 0x80000000u

/// A section of a clustered table. `first` are eight columns, whose rows are in full, or none: then the first
/// is `POSTERN_NO_COLUMN`. `others` has a bit for each further column that has a say in the section.
typedef struct {
  uint32_t column, start, end, ranges_offset;
  uint8_t first[8];
  uint64_t others;
} postern_section;

/// The bits of a section that may be set in a row of its column.
typedef struct {
  uint32_t first, count;
} postern_bit_range;

/// Of a bit: the lowest and the highest row of each bounded column that have it, and its rule.
typedef struct {
  uint16_t lowest[POSTERN_BOUNDED_COLUMNS];
  uint32_t rule;
  uint16_t highest[POSTERN_BOUNDED_COLUMNS];
  uint32_t flags;
} postern_bounds;

/// A clustered table with sections and the rows that values select in it, by column: their offsets and their
/// numbers, of which as many may be read behind those of the last column as there can be bounded ones.
///
/// The first `full_count` rows are in full, 64 bytes a block; the others are as `postern_common_words` has
/// them. The last `bounded_count` of those in full are bounded. `rules_offset` is where a rule of
/// `rule_byte_count` bytes is asked for before it is needed.
typedef struct {
  const uint32_t *offsets, *numbers;
  size_t full_count, bounded_count;
  size_t sections_offset, section_count, bounds_offset, rules_offset, rule_byte_count;
} postern_sections;

/// As `postern_common_words`, but looks only at the bits that the ranges of the sections lead to. A word may
/// be found several times, each time with other bits. `words` and `bits` have room for the words of
/// `POSTERN_SECTION_BLOCKS` blocks.
size_t postern_words_in_sections(
    const uint8_t *image, const postern_sections *at, uint16_t *words, uint64_t *bits);

/// Memory for an image, which starts at a cache line. From so many bytes on it starts at a large page and asks
/// for them: read-only memory that is looked at everywhere is faster in these. What is behind the last whole
/// one stays in small pages, so that no memory is lost. Not initialised; null where there is not as much.
void *postern_allocate_image(size_t byte_count);
void postern_free_image(void *image);
#define POSTERN_LARGE_PAGE_BYTES (2u << 20)

#endif
