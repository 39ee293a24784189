// What Linux has for an event loop and Swift's Glibc module has not.
#ifndef POSTERN_EPOLL_H
#define POSTERN_EPOLL_H

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

/// accept4(2), for a socket that does not block and does not outlive exec(2).
int postern_accept(int listener, struct sockaddr_storage *address, socklen_t *byte_count);

struct postern_credentials {
  int process;
  unsigned int user;
  unsigned int group;
};

/// Whose process the peer of a unix socket is, by effective user and group, as it was when it connected.
/// 0, or -1 with errno.
int postern_peer_credentials(int descriptor, struct postern_credentials *credentials);

/// How many bytes a socket has that have not been read; 0 where the kernel does not say.
int postern_unread_byte_count(int descriptor);

/// How many bytes a socket has been given that its peer's kernel has not acknowledged; of a unix socket, the
/// memory of those that its peer has not read; 0 where the kernel does not say.
int postern_unsent_byte_count(int descriptor);

/// Names the thread that calls, for ps(1) and debuggers. A name of more than 15 bytes is not taken.
void postern_name_thread(const char *name);

#endif
