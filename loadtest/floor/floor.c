// The floor under every request: the least that a server on libnghttp2 can spend on one POST.
//
// One thread, one epoll, cleartext HTTP/2 with prior knowledge. It gathers the body, knows the
// method and the path, and answers 200 with a fixed body. No limits, no timers, no logging: what
// `loadtest/run` measures against is the library and the kernel, with nothing of ours on top.
//
// One read, one receive, one write for each batch: a read may carry a hundred requests and their
// replies leave together.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pool.h"

enum {
  READ_BYTES = 256 * 1024,    // One read: a hundred requests of 2 KiB, or a batch of 256 decisions.
  EVENTS_MAX = 64,
  STREAMS_MAX = 256,          // Advertised: more than any run of the load test opens.
  WINDOW_BYTES = 4 << 20,     // No upload ever waits for a WINDOW_UPDATE.
  BODY_BYTES_MAX = 16 << 20,
};

#define CONTENT_TYPE "application/vnd.postern.v1"

/// One request in flight. Streams that ended wait in a list, with their buffers, for the next.
struct stream {
  struct stream *next;
  uint8_t *body;
  size_t body_bytes, body_capacity;
  size_t reply_sent;
  bool is_post, is_path;
};

struct connection {
  int fd;
  nghttp2_session *session;
  uint8_t *out;
  size_t out_bytes, out_capacity, out_sent;
  bool waits_for_room;
};

static struct {
  int port, cpu;
  size_t reply_bytes;
  const char *path;
} options = {.port = 0, .cpu = -1, .reply_bytes = 96, .path = "/v1/decide"};

static uint8_t input[READ_BYTES];
static uint8_t *reply;
static struct stream *free_streams;
static nghttp2_session_callbacks *callbacks;
static nghttp2_option *session_options;
static size_t path_bytes;
static int epoll_fd;

static void die(const char *what) {
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void *grow(void *buffer, size_t byte_count) {
  void *grown = realloc(buffer, byte_count);
  if (grown == NULL) die("out of memory");
  return grown;
}

// MARK: what the session tells us

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *unused) {
  (void)unused;
  if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
  struct stream *stream = free_streams;
  if (stream != NULL) {
    free_streams = stream->next;
  } else {
    stream = grow(NULL, sizeof *stream);
    memset(stream, 0, sizeof *stream);
  }
  stream->body_bytes = stream->reply_sent = 0;
  stream->is_post = stream->is_path = false;
  return nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream);
}

static int on_header(
    nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_bytes,
    const uint8_t *value, size_t value_bytes, uint8_t flags, void *unused) {
  (void)flags, (void)unused;
  if (name[0] != ':') return 0;
  struct stream *stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
  if (name_bytes == 7 && memcmp(name, ":method", 7) == 0) {
    stream->is_post = value_bytes == 4 && memcmp(value, "POST", 4) == 0;
  } else if (name_bytes == 5 && memcmp(name, ":path", 5) == 0) {
    stream->is_path = value_bytes == path_bytes && memcmp(value, options.path, path_bytes) == 0;
  }
  return 0;
}

static int on_data(
    nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t byte_count,
    void *unused) {
  (void)flags, (void)unused;
  struct stream *stream = nghttp2_session_get_stream_user_data(session, id);
  size_t needed = stream->body_bytes + byte_count;
  if (needed > stream->body_capacity) {
    if (needed > BODY_BYTES_MAX) return NGHTTP2_ERR_CALLBACK_FAILURE;
    stream->body_capacity = needed < 4096 ? 4096 : 2 * needed;
    stream->body = grow(stream->body, stream->body_capacity);
  }
  memcpy(stream->body + stream->body_bytes, bytes, byte_count);
  stream->body_bytes = needed;
  return 0;
}

static ssize_t read_reply(
    nghttp2_session *session, int32_t id, uint8_t *out, size_t room, uint32_t *flags,
    nghttp2_data_source *source, void *unused) {
  (void)session, (void)id, (void)unused;
  struct stream *stream = source->ptr;
  size_t left = options.reply_bytes - stream->reply_sent;
  if (left <= room) *flags = NGHTTP2_DATA_FLAG_EOF;
  size_t byte_count = left < room ? left : room;
  memcpy(out, reply + stream->reply_sent, byte_count);
  stream->reply_sent += byte_count;
  return (ssize_t)byte_count;
}

#define FIELD(NAME, VALUE)                                                                       \
  {(uint8_t *)NAME, (uint8_t *)VALUE, sizeof NAME - 1, sizeof VALUE - 1,                         \
   NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *unused) {
  (void)unused;
  static const nghttp2_nv ok[] = {FIELD(":status", "200"), FIELD("content-type", CONTENT_TYPE)};
  static const nghttp2_nv no_method[] = {FIELD(":status", "405")};
  static const nghttp2_nv no_path[] = {FIELD(":status", "404")};
  bool is_request_part = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
  if (!is_request_part || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) return 0;
  int32_t id = frame->hd.stream_id;
  struct stream *stream = nghttp2_session_get_stream_user_data(session, id);
  if (!stream->is_path) return nghttp2_submit_response(session, id, no_path, 1, NULL);
  if (!stream->is_post) return nghttp2_submit_response(session, id, no_method, 1, NULL);
  nghttp2_data_provider body = {.source.ptr = stream, .read_callback = read_reply};
  return nghttp2_submit_response(session, id, ok, 2, &body);
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *unused) {
  (void)code, (void)unused;
  struct stream *stream = nghttp2_session_get_stream_user_data(session, id);
  if (stream != NULL) {
    stream->next = free_streams;
    free_streams = stream;
  }
  return 0;
}

// MARK: connections

static void set_up_sessions(void) {
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  nghttp2_option_new(&session_options);
  nghttp2_option_set_no_closed_streams(session_options, 1);
}

/// Takes what the session wants to send and writes it at once. False: the connection is over.
static bool flush(struct connection *connection) {
  for (;;) {
    const uint8_t *bytes;
    ssize_t byte_count = nghttp2_session_mem_send(connection->session, &bytes);
    if (byte_count < 0) return false;
    if (byte_count == 0) break;
    size_t needed = connection->out_bytes + (size_t)byte_count;
    if (needed > connection->out_capacity) {
      connection->out_capacity = 2 * needed;
      connection->out = grow(connection->out, connection->out_capacity);
    }
    memcpy(connection->out + connection->out_bytes, bytes, (size_t)byte_count);
    connection->out_bytes = needed;
  }
  while (connection->out_sent < connection->out_bytes) {
    ssize_t sent = send(
        connection->fd, connection->out + connection->out_sent,
        connection->out_bytes - connection->out_sent, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) break;
    if (sent < 0) return false;
    connection->out_sent += (size_t)sent;
  }
  bool waits = connection->out_sent < connection->out_bytes;
  if (!waits) connection->out_sent = connection->out_bytes = 0;
  if (waits != connection->waits_for_room) {
    connection->waits_for_room = waits;
    // Reading stops while replies wait: a peer that does not read cannot make us hold more.
    struct epoll_event event = {.events = waits ? EPOLLOUT : EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, connection->fd, &event) < 0) die("epoll_ctl");
  }
  return nghttp2_session_want_read(connection->session) ||
         nghttp2_session_want_write(connection->session) || waits;
}

/// Reads once, answers everything that the read carried. False: the connection is over.
static bool receive(struct connection *connection) {
  ssize_t byte_count = recv(connection->fd, input, sizeof input, 0);
  if (byte_count < 0) return errno == EAGAIN || errno == EINTR;
  if (byte_count == 0) return false;
  if (nghttp2_session_mem_recv(connection->session, input, (size_t)byte_count) < 0) return false;
  return flush(connection);
}

static void end(struct connection *connection) {
  nghttp2_session_del(connection->session);
  close(connection->fd);
  free(connection->out);
  free(connection);
}

static void accept_one(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct connection *connection = grow(NULL, sizeof *connection);
  *connection = (struct connection){.fd = fd};
  int failed = nghttp2_session_server_new3(
      &connection->session, callbacks, connection, session_options, &pool);
  if (failed) die("cannot make a session");
  nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW_BYTES},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  };
  nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, 3);
  nghttp2_session_set_local_window_size(
      connection->session, NGHTTP2_FLAG_NONE, 0, 2 * WINDOW_BYTES);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
  if (!flush(connection)) end(connection);
}

static int listen_on_loopback(void) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) die("socket");
  int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons((uint16_t)options.port),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  socklen_t address_bytes = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, address_bytes) < 0) die("bind");
  if (listen(listener, SOMAXCONN) < 0) die("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &address_bytes) < 0) die("getsockname");
  fprintf(stderr, "listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  return listener;
}

static void serve(int listener) {
  struct epoll_event listening = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &listening) < 0) die("epoll_ctl");
  for (;;) {
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(epoll_fd, events, EVENTS_MAX, -1);
    if (count < 0 && errno != EINTR) die("epoll_wait");
    for (int index = 0; index < count; index++) {
      struct connection *connection = events[index].data.ptr;
      if (connection == NULL) {
        accept_one(listener);
      } else {
        bool is_open = (events[index].events & EPOLLOUT) ? flush(connection) : receive(connection);
        if (!is_open) end(connection);
      }
    }
  }
}

// MARK: command line

static void on_terminate(int unused) {
  (void)unused;
  _exit(0);
}

static void print_help(void) {
  puts(
      "usage: floor [--port N] [--cpu N] [--reply-bytes N] [--path PATH]\n"
      "\n"
      "Answers every POST to PATH over cleartext HTTP/2 (prior knowledge) on 127.0.0.1 with 200\n"
      "and a fixed body; 404 elsewhere, 405 to another method. SIGTERM ends it with status 0.\n"
      "\n"
      "  --port N         0, the default, takes a free one; the line `listening on` tells it\n"
      "  --cpu N          run on this CPU only\n"
      "  --reply-bytes N  bytes in a reply's body (96)\n"
      "  --path PATH      what to answer (/v1/decide)");
}

static long number(const char *text, long least, long most) {
  char *rest;
  long value = strtol(text, &rest, 10);
  if (*text == 0 || *rest != 0 || value < least || value > most) {
    fprintf(stderr, "floor: `%s` is not a number from %ld to %ld\n", text, least, most);
    exit(2);
  }
  return value;
}

static void read_options(int count, char **arguments) {
  static const struct option known[] = {
      {"port", required_argument, NULL, 'p'},  {"cpu", required_argument, NULL, 'c'},
      {"path", required_argument, NULL, 'u'},  {"reply-bytes", required_argument, NULL, 'r'},
      {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0},
  };
  for (int option; (option = getopt_long(count, arguments, "", known, NULL)) != -1;) {
    switch (option) {
    case 'p': options.port = (int)number(optarg, 0, 65535); break;
    case 'c': options.cpu = (int)number(optarg, 0, CPU_SETSIZE - 1); break;
    case 'r': options.reply_bytes = (size_t)number(optarg, 0, BODY_BYTES_MAX); break;
    case 'u': options.path = optarg; break;
    case 'h': print_help(); exit(0);
    default: exit(2);
    }
  }
  path_bytes = strlen(options.path);
}

static void pin(void) {
  if (options.cpu < 0) return;
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET((size_t)options.cpu, &cpus);
  if (sched_setaffinity(0, sizeof cpus, &cpus) < 0) die("cannot run on that CPU");
}

int main(int count, char **arguments) {
  read_options(count, arguments);
  pin();
  signal(SIGTERM, on_terminate);
  signal(SIGINT, on_terminate);
  reply = grow(NULL, options.reply_bytes + 1);
  memset(reply, 'x', options.reply_bytes);
  set_up_sessions();
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) die("epoll_create1");
  serve(listen_on_loopback());
}
