"""One cell, in this process and this Python: ``python -m benchmarks.one CELL IMAGE LABEL ANSWER``.

What is measured goes to the file ANSWER as JSON. Wall and processor time are of the call alone;
images are read before.
"""

from __future__ import annotations

import sys
import time

STARTED = time.perf_counter()

# What follows is part of a cold start, so it is little.
import json  # noqa: E402
import platform  # noqa: E402
import resource  # noqa: E402
from collections.abc import Callable  # noqa: E402
from importlib import import_module  # noqa: E402
from importlib.metadata import version  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from benchmarks.plan import ENGINES, Cell  # noqa: E402

ENOUGH_S = 1.0  # warm calls go on for so long, and are at least three
BUDGET_S = 15.0  # but no more of them start after so long
N_AT_LEAST, N_AT_MOST = 3, 50


def main() -> None:
    """Measure the cell that the arguments name."""
    cell = Cell(**json.loads(sys.argv[1]))
    image, label, answer = sys.argv[2:5]
    engine = ENGINES[cell.engine]
    adapter = import_module(f"benchmarks.engines.{engine.adapter}")
    imported = time.perf_counter()
    make = adapter.mapped if cell.kind == "maps" else adapter.prepared
    measure = make(image, label, cell, engine.mode)
    read = time.perf_counter()
    before_mb = peak_mb()
    first, values = timed(measure)
    facts: dict[str, Any] = {
        "import_s": imported - STARTED,
        "read_s": read - imported,
        "first": first,
        "before_mb": before_mb,
    }
    if cell.kind == "warm":
        facts["calls"] = repeated(measure, first)
    facts |= {"peak_mb": peak_mb(), "n_values": len(values), "versions": versions(adapter)}
    if cell.kind == "pair":
        share_rounds(measure)
    if cell.kind == "warm":
        facts["values"] = values
    if cell.kind == "maps":
        facts["values"] = {name: list(map(float, inside)) for name, inside in values.items()}
    Path(answer).write_text(json.dumps(facts), encoding="utf-8")


def timed(measure: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    """Return the wall and the processor seconds of a call, and what it returned."""
    wall, cpu = time.perf_counter(), time.process_time()
    values = measure()
    return {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}, values


def repeated(measure: Callable[[], Any], first: dict[str, float]) -> list[dict[str, float]]:
    """Return the times of further calls; none where the first took the whole budget."""
    began = time.perf_counter()
    calls: list[dict[str, float]] = []
    while len(calls) < N_AT_MOST:
        spent = time.perf_counter() - began
        if first["wall_s"] + spent > BUDGET_S or (len(calls) >= N_AT_LEAST and spent > ENOUGH_S):
            break
        calls.append(timed(measure)[0])
    return calls


def share_rounds(measure: Callable[[], Any]) -> None:
    """Say ready, and for each number that comes do so many rounds and say done."""
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        for _ in range(int(line)):
            measure()
        print("done", flush=True)  # noqa: T201


def peak_mb() -> float:
    """Return the most memory that this process has held, in MB (10^6 bytes)."""
    status = Path("/proc/self/status")
    if status.is_file():  # its figure starts anew with each program; the other one does not
        (line,) = (x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


def versions(adapter: Any) -> dict[str, str]:
    """Return what measured: Python, the engine, and the arrays' library."""
    names = (adapter.DISTRIBUTION, "numpy", "SimpleITK")
    return {"Python": platform.python_version()} | {name: version(name) for name in names}


if __name__ == "__main__":
    main()
