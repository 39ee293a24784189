"""What Valgrind 3.19 needs to run programs that Swift's compiler has made."""

import os
import shutil
import subprocess
from pathlib import Path

SHIM = Path(__file__).resolve().with_name("main_queue.c")


def stripped(program: Path, directory: Path) -> Path:
    """A copy without debugging information: Valgrind gives up on that of some Swift compilers."""
    copy = directory / f"{program.name}-stripped"
    subprocess.run(["strip", "--strip-debug", "-o", copy, program], check=True, timeout=60)
    return copy


def server_environment(directory: Path) -> dict[str, str]:
    """For `postern serve`: Valgrind does not survive that libdispatch ends the main thread; see the shim."""
    runtime = Path(shutil.which("swift")).resolve().parents[1] / "lib/swift/linux"
    library = directory / "main_queue.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, SHIM, f"-L{runtime}", "-ldispatch"], check=True)
    return {**os.environ, "LD_LIBRARY_PATH": str(runtime), "LD_PRELOAD": str(library)}
