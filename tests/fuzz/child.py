"""The process that reads hostile files of one format, one seed after the other.

    python tests/fuzz/child.py nifti 17        # reads what seed 17 makes, and says what happens
    python tests/fuzz/child.py nifti 17 30     # goes on from seed 17 for 30 seconds

Memory is limited to `LIMIT_BYTES` beyond what the libraries take, a file to `LIMIT_S`.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "io"), str(Path(__file__).parent)]

os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # mimalloc reserves more than is allowed
LIMIT_BYTES = 1 << 30  # address space beyond the libraries'; the valid files hold a few kB
LIMIT_S = 20  # a file; on a busy machine
LIMIT_MESSAGE = 20_000  # characters that are still a clear error
VAGUE = ("bad_input", "error")
MEMORY = ("to allocate memory", "bad_alloc")


def main(name: str, first: int, seconds: float, last: int) -> None:
    """Read files of a format from a seed on, each result one line of JSON."""
    import numpy as np
    from formats import FORMATS
    from mutations import mutated

    warnings.simplefilter("ignore")
    form = FORMATS[name]
    with tempfile.TemporaryDirectory(prefix="radpred_fuzz_") as folder:
        sources = form.make(Path(folder))
        valid = [path.read_bytes() for path in sources]
        for path in sources:
            path.unlink()
        _limit_memory()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends C code as well
        ends = time.monotonic() + seconds
        seed = first
        before = _peak()
        while seed <= last and (seed == first or time.monotonic() < ends):
            rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
            choice = int(rng.integers(len(sources)))
            content = mutated(valid[choice], rng, changes=form.changes)
            path = sources[choice]
            path.write_bytes(content)
            _say(start=seed)
            signal.alarm(LIMIT_S)
            problem = _problem(form.read, path)
            signal.alarm(0)
            _say(end=seed, problem=problem, peak=_peak() - before)
            path.unlink()
            seed += 1


def _problem(read: object, path: Path) -> str | None:
    """Return what a reader did that it should not, None where it read or refused the file."""
    from formats import FOUND

    from radpred.errors import InputError, RadpredError

    FOUND.clear()
    try:
        read(path)
    except RadpredError as error:
        FOUND.append(error)
    except BaseException:  # noqa: BLE001 - whatever it is, it is what is sought
        return traceback.format_exc()[-3000:]
    for error in FOUND:
        if isinstance(error, InputError) and error.code in VAGUE:
            return f"vague code {error.code}: {str(error)[:500]}"
        if len(str(error)) > LIMIT_MESSAGE:
            return f"a message of {len(str(error))} characters: {str(error)[:300]}"
        if any(word in str(error).lower() for word in MEMORY):
            return f"wanted more memory than there is: {str(error)[:500]}"
    return None


def _limit_memory() -> None:
    """Hold the process to its address space now and `LIMIT_BYTES` more."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + LIMIT_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _peak() -> int:
    """Return the most memory that the process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _say(**facts: object) -> None:
    """Tell the parent something, at once."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    SECONDS = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
    LAST = int(sys.argv[4]) if len(sys.argv) > 4 else 10**18
    main(sys.argv[1], int(sys.argv[2]), SECONDS, LAST)
