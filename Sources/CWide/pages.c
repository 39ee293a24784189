#define _GNU_SOURCE
#include "CWide.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

void postern_prefer_large_pages(void *base, size_t byte_count) {
#if defined(__linux__)
  // Whole pages only: what shares the last one is not ours.
  size_t whole = byte_count / POSTERN_LARGE_PAGE_BYTES * POSTERN_LARGE_PAGE_BYTES;
  if (whole > 0) (void)madvise(base, whole, MADV_HUGEPAGE);
#else
  (void)base, (void)byte_count;
#endif
}
