// Memory for nghttp2 sessions.
//
// libnghttp2 makes and frees about ten small objects for each request. Lists by size, one for
// each 32 bytes, cost less than malloc; one thread needs no lock.

#pragma once
#include <nghttp2/nghttp2.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CLASS_BYTES = 32, CLASS_COUNT = 64, SLAB_BYTES = 64 * 1024 };

/// In front of each object: its class while in use; larger objects go to malloc.
union chunk {
  union chunk *next;
  size_t class_index;
  max_align_t alignment;
};

static union chunk *free_chunks[CLASS_COUNT];
static uint8_t *slab, *slab_end;

static void *pool_malloc(size_t byte_count, void *unused) {
  (void)unused;
  size_t class_index = (byte_count + CLASS_BYTES - 1) / CLASS_BYTES;
  union chunk *chunk;
  if (class_index >= CLASS_COUNT) {
    chunk = malloc(sizeof(union chunk) + byte_count);
    if (chunk == NULL) return NULL;
    class_index = CLASS_COUNT;
  } else if (free_chunks[class_index] != NULL) {
    chunk = free_chunks[class_index];
    free_chunks[class_index] = chunk->next;
  } else {
    size_t chunk_bytes = sizeof(union chunk) + class_index * CLASS_BYTES;
    if ((size_t)(slab_end - slab) < chunk_bytes) {
      slab = malloc(SLAB_BYTES);
      if (slab == NULL) return NULL;
      slab_end = slab + SLAB_BYTES;
    }
    chunk = (union chunk *)slab;
    slab += chunk_bytes;
  }
  chunk->class_index = class_index;
  return chunk + 1;
}

static void pool_free(void *object, void *unused) {
  (void)unused;
  if (object == NULL) return;
  union chunk *chunk = (union chunk *)object - 1;
  size_t class_index = chunk->class_index;
  if (class_index == CLASS_COUNT) {
    free(chunk);
    return;
  }
  chunk->next = free_chunks[class_index];
  free_chunks[class_index] = chunk;
}

static void *pool_calloc(size_t count, size_t byte_count, void *unused) {
  void *object = pool_malloc(count * byte_count, unused);
  if (object != NULL) memset(object, 0, count * byte_count);
  return object;
}

static void *pool_realloc(void *object, size_t byte_count, void *unused) {
  if (object == NULL) return pool_malloc(byte_count, unused);
  union chunk *chunk = (union chunk *)object - 1;
  if (chunk->class_index == CLASS_COUNT) {
    chunk = realloc(chunk, sizeof(union chunk) + byte_count);
    return chunk == NULL ? NULL : chunk + 1;
  }
  size_t capacity = chunk->class_index * CLASS_BYTES;
  if (byte_count <= capacity) return object;
  void *moved = pool_malloc(byte_count, unused);
  if (moved == NULL) return NULL;
  memcpy(moved, object, capacity);
  pool_free(object, unused);
  return moved;
}

static nghttp2_mem pool = {NULL, pool_malloc, pool_free, pool_calloc, pool_realloc};
