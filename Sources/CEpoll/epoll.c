// glibc shows these only to who asks.
#define _GNU_SOURCE
#include "CEpoll.h"

#include <linux/sockios.h>
#include <pthread.h>
#include <sys/ioctl.h>

int postern_accept(int listener, struct sockaddr_storage *address, socklen_t *byte_count) {
  return accept4(listener, (struct sockaddr *)address, byte_count, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int postern_peer_credentials(int descriptor, struct postern_credentials *credentials) {
  struct ucred peer;
  socklen_t byte_count = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &byte_count) != 0) return -1;
  *credentials = (struct postern_credentials){peer.pid, peer.uid, peer.gid};
  return 0;
}

int postern_unread_byte_count(int descriptor) {
  int count = 0;
  return ioctl(descriptor, FIONREAD, &count) == 0 ? count : 0;
}

int postern_unsent_byte_count(int descriptor) {
  int count = 0;
  return ioctl(descriptor, SIOCOUTQ, &count) == 0 ? count : 0;
}

void postern_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
