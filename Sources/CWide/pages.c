#define _GNU_SOURCE
#include "CWide.h"

#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

void *postern_allocate_image(size_t byte_count) {
  bool is_large = byte_count >= POSTERN_LARGE_PAGE_BYTES;
  void *image = NULL;
  if (posix_memalign(&image, is_large ? POSTERN_LARGE_PAGE_BYTES : 64, byte_count) != 0) return NULL;
#if defined(__linux__)
  // Whole pages only: what shares the last one is not ours.
  size_t whole = byte_count / POSTERN_LARGE_PAGE_BYTES * POSTERN_LARGE_PAGE_BYTES;
  if (whole > 0) (void)madvise(image, whole, MADV_HUGEPAGE);
#endif
  return image;
}

void postern_free_image(void *image) { free(image); }
