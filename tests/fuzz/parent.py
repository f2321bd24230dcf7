"""Every format read hostile for a share of the time; what a child process dies of is a finding.

python tests/fuzz/parent.py 1200           # seconds for all formats together
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

CHILD = Path(__file__).with_name("child.py")
STARTING_S = 60


@dataclass
class Outcome:
    """What became of one format.

    Parameters
    ----------
    n : int
        How many files were read.
    peak : int
        The most memory beyond the libraries', in bytes.
    problems : list of str
        Each with the command that shows it again.
    """

    n: int = 0
    peak: int = 0
    problems: list[str] = field(default_factory=list)


def hunt(name: str, *, seconds: float, first: int = 0, last: int = 10**18) -> Outcome:
    """Read hostile files of a format, going on behind a file that ends the process.

    Seeds run from ``first`` to ``last``, as far as the time allows.
    """
    found, seed, ends = Outcome(), first, time.monotonic() + seconds
    while seed <= last and (time.monotonic() < ends or not found.n) and len(found.problems) < 20:
        left = max(0.0, ends - time.monotonic())
        command = [sys.executable, str(CHILD), name, str(seed), f"{left:.1f}", str(last)]
        env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        limit = left + 4 * STARTING_S
        child = subprocess.run(command, capture_output=True, env=env, timeout=limit, check=False)
        lines = [json.loads(line) for line in child.stdout.splitlines()]
        if not lines:
            msg = f"{name}: no file was read: {child.stderr.decode()[-2000:]}"
            raise RuntimeError(msg)
        for line in lines:
            found.n += "end" in line
            found.peak = max(found.peak, line.get("peak", 0))
            if line.get("problem"):
                found.problems.append(f"{_replay(name, line['end'])}\n{line['problem']}")
        final = lines[-1]
        if "end" not in final:
            found.problems.append(f"{_replay(name, final['start'])}\nended {child.returncode}")
        seed = final.get("end", final.get("start")) + 1
    return found


def _replay(name: str, seed: int) -> str:
    """Return the command that reads one file again."""
    return f"python tests/fuzz/child.py {name} {seed}"


def main(seconds: float) -> int:
    """Hunt through every format, from seeds that no earlier hunt took; return the exit status."""
    from formats import FORMATS

    status, first = 0, int(time.time()) * 1000
    for name in FORMATS:
        found = hunt(name, seconds=seconds / len(FORMATS), first=first)
        peak = found.peak / 2**20
        counted = f"{name}: {found.n} files, {len(found.problems)} problems, {peak:.0f} MiB"
        sys.stdout.write("\n".join([counted, *found.problems, ""]))
        sys.stdout.flush()
        status |= bool(found.problems)
    return status


if __name__ == "__main__":
    ROOT = CHILD.parents[2]
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "io"), str(CHILD.parent)]
    raise SystemExit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 1200))
