#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/// How many blocks of memory the calling thread has allocated so far, `realloc` included.
/// What code allocates is the difference of two calls around it.
uint64_t allocation_count(void);

/// Whether allocations are counted: on glibc, and not under a sanitizer, which has its own malloc.
bool allocations_are_counted(void);

#endif
