// Makes one call of the C library fail, or kills the process before it: for `ops/lib/check-faults`, which
// preloads it. Only calls that the program makes on files, sockets and directories count, and only
// memory that C code asks for: what the Swift runtime cannot get ends the process by design.
//
// POSTERN_FAULT_CALLS   the calls that count: any of read write open sync rename memory, and of stat (access
//                       too), entry (unlink, flock, chmod), folder (its entries), map, socket (bind, listen,
//                       connect, shutdown, fcntl, and what is asked of one or set) and loop (what our event
//                       loops ask of epoll, eventfd and timerfd, but to wait)
// POSTERN_FAULT_NUMBER  which of them fails, from 0; -1 for none
// POSTERN_FAULT_ERROR   what it fails with: an errno; 0 kills the process with SIGKILL instead
// POSTERN_FAULT_ALL     1: all behind it fail as well
// POSTERN_FAULT_COUNT   a file that holds, while the process runs, how many there were: 8 bytes for all,
//                       and for each of the kinds in this order
//
// Where memory is refused first is said on the standard error: see `tell_place`.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
  READ = 1, WRITE = 2, OPEN = 4, SYNC = 8, RENAME = 16, MEMORY = 32, STAT = 64, ENTRY = 128, FOLDER = 256,
  MAP = 512, SOCKET = 1024, LOOP = 2048, KIND_COUNT = 12
};

static int calls;
static long number = -1;
static int error = EIO;
static bool all;
// Of all, then of each kind.
static _Atomic long own_counts[1 + KIND_COUNT];
static _Atomic long *counts = own_counts;
static _Atomic bool ready;

// Where C code lies that asks for memory itself.
static struct { const char *start, *end; } ranges[64];
static int range_count;

static int add_ranges(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size, (void)unused;
  const char *name = object->dlpi_name;
  const bool counts = name[0] == 0 || strstr(name, "libnghttp2") || strstr(name, "liblz4") ||
                      strstr(name, "libnettle") || strstr(name, "libhogweed") ||
                      strstr(name, "libxml2");
  for (int i = 0; counts && i < object->dlpi_phnum && range_count < 64; i++) {
    if (object->dlpi_phdr[i].p_type != PT_LOAD || !(object->dlpi_phdr[i].p_flags & PF_X)) continue;
    const char *start = (const char *)object->dlpi_addr + object->dlpi_phdr[i].p_vaddr;
    ranges[range_count].start = start;
    ranges[range_count++].end = start + object->dlpi_phdr[i].p_memsz;
  }
  return 0;
}

// Where the program's own code lies, and from where its symbols count.
static struct { const char *base, *start, *end; } program;

static int find_program(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size, (void)unused;
  program.base = (const char *)object->dlpi_addr;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    if (object->dlpi_phdr[i].p_type != PT_LOAD || !(object->dlpi_phdr[i].p_flags & PF_X)) continue;
    program.start = program.base + object->dlpi_phdr[i].p_vaddr;
    program.end = program.start + object->dlpi_phdr[i].p_memsz;
  }
  return 1;  // It is the first.
}

// Says in which functions of the program a call fails, innermost first, as its symbols count.
static void tell_place(void) {
  void *frames[64];
  const int frame_count = backtrace(frames, sizeof frames / sizeof *frames);
  char line[2048];
  int size = snprintf(line, sizeof line, "\nfault: fails in");
  for (int i = 0; i < frame_count; i++)
    if ((char *)frames[i] >= program.start && (char *)frames[i] < program.end)
      size += snprintf(line + size, sizeof line - size, " %lx",
                       (unsigned long)((char *)frames[i] - program.base));
  line[size++] = '\n';
  syscall(SYS_write, STDERR_FILENO, line, size);
}

__attribute__((constructor)) static void set_up(void) {
  const char *text = getenv("POSTERN_FAULT_CALLS");
  if (!text) return;
  static const struct { const char *name; int bit; } names[] = {
    {"read", READ}, {"write", WRITE}, {"open", OPEN}, {"sync", SYNC}, {"rename", RENAME},
    {"memory", MEMORY}, {"stat", STAT}, {"entry", ENTRY}, {"folder", FOLDER}, {"map", MAP},
    {"socket", SOCKET}, {"loop", LOOP},
  };
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
    if (strstr(text, names[i].name)) calls |= names[i].bit;
  if ((text = getenv("POSTERN_FAULT_NUMBER"))) number = atol(text);
  if ((text = getenv("POSTERN_FAULT_ERROR"))) error = atoi(text);
  all = (text = getenv("POSTERN_FAULT_ALL")) && *text == '1';
  if ((text = getenv("POSTERN_FAULT_COUNT"))) {
    const int file = (int)syscall(SYS_openat, AT_FDCWD, text, O_RDWR | O_CREAT, 0600);
    if (file >= 0 && ftruncate(file, sizeof own_counts) == 0) {
      void *shared = mmap(NULL, sizeof own_counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
      if (shared != MAP_FAILED) counts = shared;
    }
    syscall(SYS_close, file);
  }
  dl_iterate_phdr(find_program, NULL);
  if (calls & MEMORY) {
    dl_iterate_phdr(add_ranges, NULL);
    void *frame;
    backtrace(&frame, 1);  // Loads what it needs, now.
  }
  // What a child of ours does is its own affair.
  unsetenv("LD_PRELOAD");
  ready = true;
}

// Whether this call has to fail.
static bool is_due(int call) {
  if (!ready || !(calls & call)) return false;
  const long own = atomic_fetch_add(counts, 1);
  atomic_fetch_add(counts + 1 + __builtin_ctz((unsigned)call), 1);
  if (number < 0 || own < number || (own > number && !all)) return false;
  if (error == 0) kill(getpid(), SIGKILL);
  if (own == number && call == MEMORY) tell_place();
  errno = error;
  return true;
}

// Wake-ups and timers between threads are not files.
static bool is_file(int descriptor) {
  struct stat status;
  if (!ready || descriptor <= 2 || syscall(SYS_fstat, descriptor, &status) != 0) return false;
  return S_ISREG(status.st_mode) || S_ISSOCK(status.st_mode) || S_ISDIR(status.st_mode);
}

#define NEXT(name) \
  static __typeof__(&name) next; \
  if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define ON_FILE(result, name, call, parameters, ...) \
  result name parameters { \
    NEXT(name); \
    if (is_file(descriptor) && is_due(call)) return -1; \
    return next(__VA_ARGS__); \
  }

ON_FILE(ssize_t, read, READ, (int descriptor, void *bytes, size_t size), descriptor, bytes, size)
ON_FILE(ssize_t, pread, READ, (int descriptor, void *bytes, size_t size, off_t at), descriptor, bytes, size, at)
ON_FILE(ssize_t, readv, READ, (int descriptor, const struct iovec *parts, int size), descriptor, parts, size)
ON_FILE(ssize_t, recvmsg, READ, (int descriptor, struct msghdr *message, int flags), descriptor, message, flags)
ON_FILE(ssize_t, recvfrom, READ,
        (int descriptor, void *restrict bytes, size_t size, int flags, struct sockaddr *restrict from,
         socklen_t *restrict from_size), descriptor, bytes, size, flags, from, from_size)
ON_FILE(ssize_t, recv, READ, (int descriptor, void *bytes, size_t size, int flags), descriptor, bytes, size, flags)
ON_FILE(ssize_t, send, WRITE, (int descriptor, const void *bytes, size_t size, int flags),
        descriptor, bytes, size, flags)
ON_FILE(ssize_t, write, WRITE, (int descriptor, const void *bytes, size_t size), descriptor, bytes, size)
ON_FILE(ssize_t, pwrite, WRITE, (int descriptor, const void *bytes, size_t size, off_t at), descriptor, bytes, size, at)
ON_FILE(ssize_t, writev, WRITE, (int descriptor, const struct iovec *parts, int size), descriptor, parts, size)
ON_FILE(ssize_t, sendmsg, WRITE, (int descriptor, const struct msghdr *message, int flags), descriptor, message, flags)
ON_FILE(ssize_t, sendto, WRITE,
        (int descriptor, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t to_size),
        descriptor, bytes, size, flags, to, to_size)
ON_FILE(int, fsync, SYNC, (int descriptor), descriptor)
ON_FILE(int, fdatasync, SYNC, (int descriptor), descriptor)
ON_FILE(int, ftruncate, WRITE, (int descriptor, off_t size), descriptor, size)

ON_FILE(int, fstat, STAT, (int descriptor, struct stat *status), descriptor, status)
ON_FILE(int, fchmod, ENTRY, (int descriptor, mode_t mode), descriptor, mode)
ON_FILE(int, flock, ENTRY, (int descriptor, int operation), descriptor, operation)
ON_FILE(int, bind, SOCKET, (int descriptor, const struct sockaddr *to, socklen_t size), descriptor, to, size)
ON_FILE(int, shutdown, SOCKET, (int descriptor, int how), descriptor, how)
ON_FILE(int, listen, SOCKET, (int descriptor, int size), descriptor, size)
ON_FILE(int, connect, SOCKET, (int descriptor, const struct sockaddr *to, socklen_t size), descriptor, to, size)
ON_FILE(int, getsockname, SOCKET, (int descriptor, struct sockaddr *restrict name, socklen_t *restrict size),
        descriptor, name, size)
ON_FILE(int, getsockopt, SOCKET,
        (int descriptor, int level, int name, void *restrict value, socklen_t *restrict size),
        descriptor, level, name, value, size)
ON_FILE(int, setsockopt, SOCKET, (int descriptor, int level, int name, const void *value, socklen_t size),
        descriptor, level, name, value, size)

#define CONTROLLING(name) \
  int name(int descriptor, int command, ...) { \
    NEXT(name); \
    va_list rest; \
    va_start(rest, command); \
    void *argument = va_arg(rest, void *); \
    va_end(rest); \
    if (is_file(descriptor) && is_due(SOCKET)) return -1; \
    return next(descriptor, command, argument); \
  }

CONTROLLING(fcntl)
CONTROLLING(fcntl64)

// Those of the program: libdispatch ends the process where its own fail.
#define IN_LOOP(name, parameters, ...) \
  int name parameters { \
    NEXT(name); \
    const char *caller = __builtin_return_address(0); \
    if (caller >= program.start && caller < program.end && is_due(LOOP)) return -1; \
    return next(__VA_ARGS__); \
  }

IN_LOOP(epoll_create1, (int flags), flags)
IN_LOOP(epoll_ctl, (int descriptor, int operation, int other, struct epoll_event *event),
        descriptor, operation, other, event)
IN_LOOP(eventfd, (unsigned value, int flags), value, flags)
IN_LOOP(timerfd_create, (int clock, int flags), clock, flags)
IN_LOOP(timerfd_settime, (int descriptor, int flags, const struct itimerspec *value, struct itimerspec *old),
        descriptor, flags, value, old)

#define ON_PATH(name, call, parameters, ...) \
  int name parameters { \
    NEXT(name); \
    return is_due(call) ? -1 : next(__VA_ARGS__); \
  }

ON_PATH(stat, STAT, (const char *restrict path, struct stat *restrict status), path, status)
ON_PATH(lstat, STAT, (const char *restrict path, struct stat *restrict status), path, status)
ON_PATH(access, STAT, (const char *path, int mode), path, mode)
ON_PATH(unlink, ENTRY, (const char *path), path)
ON_PATH(chmod, ENTRY, (const char *path, mode_t mode), path, mode)

DIR *opendir(const char *path) {
  NEXT(opendir);
  return is_due(FOLDER) ? NULL : next(path);
}

struct dirent *readdir(DIR *folder) {
  NEXT(readdir);
  return is_due(FOLDER) ? NULL : next(folder);
}

// Of files: what the runtime takes for itself it cannot do without.
void *mmap(void *at, size_t size, int protection, int flags, int descriptor, off_t offset) {
  if (is_file(descriptor) && is_due(MAP)) return MAP_FAILED;
  return (void *)syscall(SYS_mmap, at, size, protection, flags, descriptor, offset);
}

int rename(const char *from, const char *to) {
  NEXT(rename);
  return is_due(RENAME) ? -1 : next(from, to);
}

int mkdir(const char *path, mode_t mode) {
  NEXT(mkdir);
  return is_due(OPEN) ? -1 : next(path, mode);
}

int socket(int domain, int type, int protocol) {
  NEXT(socket);
  return is_due(OPEN) ? -1 : next(domain, type, protocol);
}

int accept4(int descriptor, struct sockaddr *restrict from, socklen_t *restrict size, int flags) {
  NEXT(accept4);
  return is_due(OPEN) ? -1 : next(descriptor, from, size, flags);
}

int accept(int descriptor, struct sockaddr *restrict from, socklen_t *restrict size) {
  NEXT(accept);
  return is_due(OPEN) ? -1 : next(descriptor, from, size);
}

// libdispatch looks up whether its threads run, in /proc, and ends the process where it cannot. The
// descriptors that the server keeps free are for that too.
static bool is_of_threads(const char *path) {
  const char *end = strrchr(path, '/');
  return strncmp(path, "/proc/", 6) == 0 && strcmp(end, "/stat") == 0;
}

#define OPENING(name) \
  int name(const char *path, int flags, ...) { \
    NEXT(name); \
    va_list rest; \
    va_start(rest, flags); \
    const mode_t mode = va_arg(rest, mode_t); \
    va_end(rest); \
    return !is_of_threads(path) && is_due(OPEN) ? -1 : next(path, flags, mode); \
  }

OPENING(open)
OPENING(open64)

#define OPENING_STREAM(name) \
  FILE *name(const char *restrict path, const char *restrict mode) { \
    NEXT(name); \
    return !is_of_threads(path) && is_due(OPEN) ? NULL : next(path, mode); \
  }

OPENING_STREAM(fopen)
OPENING_STREAM(fopen64)

// glibc gives these second names; looking the first ones up would itself ask for memory.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static bool is_from_c(const void *caller) {
  if (!ready) return false;
  for (int i = 0; i < range_count; i++)
    if ((const char *)caller >= ranges[i].start && (const char *)caller < ranges[i].end) return true;
  return false;
}

#define REFUSED ((calls & MEMORY) && is_from_c(__builtin_return_address(0)) && is_due(MEMORY))

void *malloc(size_t size) { return REFUSED ? NULL : __libc_malloc(size); }
void *calloc(size_t elements, size_t size) { return REFUSED ? NULL : __libc_calloc(elements, size); }
void *realloc(void *block, size_t size) { return REFUSED ? NULL : __libc_realloc(block, size); }
void *aligned_alloc(size_t alignment, size_t size) { return REFUSED ? NULL : __libc_memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  void *found = REFUSED ? NULL : __libc_memalign(alignment, size);
  if (!found) return ENOMEM;
  *block = found;
  return 0;
}
