// libdispatch's `dispatch_main` ends the main thread, which Valgrind 3.19 does not survive. This one stays and
// runs what comes to the main queue, as CoreFoundation's run loop does.
#include <poll.h>
#include <stdint.h>
#include <unistd.h>

extern int _dispatch_get_main_queue_handle_4CF(void);
extern void _dispatch_main_queue_callback_4CF(void *);

void dispatch_main(void) {
  struct pollfd queue = {_dispatch_get_main_queue_handle_4CF(), POLLIN, 0};
  for (;;) {
    _dispatch_main_queue_callback_4CF(0);
    uint64_t count;
    if (poll(&queue, 1, 1000) == 1 && read(queue.fd, &count, sizeof count) < 0) _exit(1);
  }
}
