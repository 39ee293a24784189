"""Stops one thread of a process and lets it go on: what a thread that hangs looks like from outside.

By ptrace, since a signal stops all threads of a process at once.
"""

import contextlib
import ctypes
import os
import pathlib

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
ALL_CHILDREN = 0x40000000  # __WALL: a thread is no child of ours otherwise.
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def ptrace(request, thread):
    if libc.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def threads(pid, name):
    """The numbers of a process's threads whose names begin like this."""
    return sorted(int(task.name) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
                  if (task / "comm").read_text().startswith(name))


@contextlib.contextmanager
def stopped(thread):
    """Raises `OSError` where ptrace is not allowed. One thread of ours has to do all of it."""
    ptrace(SEIZE, thread)
    ptrace(INTERRUPT, thread)
    os.waitpid(thread, ALL_CHILDREN)
    try:
        yield
    finally:
        ptrace(DETACH, thread)
