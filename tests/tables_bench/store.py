"""One file a result; a task whose result is kept is not carried out again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tables_bench.memory import tree_mb
from tables_bench.plan import Task

LOOK_S = 0.2
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def kept(task: Task, folder: Path) -> dict[str, Any] | None:
    """Return the result of a task, if it was measured with what it would be now."""
    path = folder / task.file
    if not path.is_file():
        return None
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result if result["key"] == task.key else None


def measured(task: Task, folder: Path, *, again: bool) -> str:
    """Carry a task out in a process of its own, keep its result, and say how it went."""
    if not again and (before := kept(task, folder)) is not None:
        return f"kept ({said(before)})"
    folder.mkdir(parents=True, exist_ok=True)
    answer = folder / f".{task.file}.answer"
    answer.unlink(missing_ok=True)
    result = {"key": task.key, **_carried_out(task, answer)}
    path = folder / task.file
    path.write_text(json.dumps(result, indent=1), encoding="utf-8")
    answer.unlink(missing_ok=True)
    return said(result)


def said(result: dict[str, Any]) -> str:
    """Return how a task went, in words."""
    if result["error"]:
        return f"failed: {result['error']}"
    stopped = ", stopped" if result["is_stopped"] else ""
    return f"{result['seconds']:.0f} s, {result['peak_mb']:.0f} MB{stopped}"


def _carried_out(task: Task, answer: Path) -> dict[str, Any]:
    """Return what a process found, how long it took, and how much memory all of it held."""
    command = [sys.executable, "-m", "tables_bench.one", task.part, task.name]
    command += [json.dumps(dict(task.given)), str(answer)]
    environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1")}
    log = answer.with_suffix(".log")
    started, peak, is_stopped = time.perf_counter(), 0.0, False
    with log.open("w", encoding="utf-8") as words:
        process = subprocess.Popen(
            command,
            env=environment,
            stderr=words,
            cwd=Path(__file__).resolve().parents[1],
            start_new_session=True,
        )
        while process.poll() is None:
            peak = max(peak, tree_mb(process.pid))
            is_stopped = time.perf_counter() - started > task.limit_s
            if is_stopped:
                os.killpg(process.pid, 9)
                process.wait()
                break
            time.sleep(LOOK_S)
    seconds = time.perf_counter() - started
    found = json.loads(answer.read_text(encoding="utf-8")) if answer.is_file() else {}
    error = "" if is_stopped or process.returncode == 0 else _last_line(log, process.returncode)
    log.unlink(missing_ok=True)
    return {
        "seconds": seconds,
        "peak_mb": peak,
        "is_stopped": is_stopped,
        "error": error,
        "found": found,
    }


def _last_line(log: Path, status: int) -> str:
    """Return the last words of a process that failed."""
    lines = log.read_text(encoding="utf-8").strip().splitlines()
    return lines[-1] if lines else f"ended with status {status}"
