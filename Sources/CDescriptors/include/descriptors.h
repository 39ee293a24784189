// Open descriptors as cargo of a message between processes, and who is at the other end.
//
// In C because control messages are built by the macros of <sys/socket.h>, which Swift does not
// import, and because `struct ucred` is a GNU extension.
#ifndef POSTERN_DESCRIPTORS_H
#define POSTERN_DESCRIPTORS_H

#include <stddef.h>
#include <sys/types.h>

/// LIMIT: descriptors in one message; the kernel takes 253.
#define POSTERN_DESCRIPTOR_COUNT_MAX 64

/// Sends one message. Returns the bytes sent, or -1 with `errno`; more descriptors than the limit are
/// `EINVAL`.
ssize_t postern_send_descriptors(
    int socket, const void *bytes, size_t byte_count, const int *descriptors, size_t count);

/// Receives one message of at most `byte_count` bytes. `descriptors` has room for the limit, and is
/// filled with `*count` descriptors, closed on exec, which are the caller's from now on. Returns the
/// bytes received, 0 at the end, or -1 with `errno`; a message that was cut is `EMSGSIZE`.
ssize_t postern_receive_descriptors(
    int socket, void *bytes, size_t byte_count, int *descriptors, size_t *count);

/// The user at the other end of a connected unix socket, or -1 with `errno`.
int postern_peer_user(int socket, uid_t *user);

#endif
