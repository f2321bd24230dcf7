"""A job has as many threads as it has cores: workers do not multiply by those of libraries."""

from __future__ import annotations

import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from radpred.pipeline.demo import make_cohort
from radpred.stages.work.threads import PINNED
from radpred.workflow import run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
STUDY = {
    "name": "threads",
    "outcome": {"column": "event"},
    "extraction": {"filters": [{"kind": "original"}], "bin_width": 25},
    "learning": {
        "models": ["random_forest", "xgboost"],
        "repeats": 1,
        "outer_folds": 2,
        "inner_folds": 2,
        "n_features": [5],
        "bootstrap_draws": 100,
    },
}
# Threads that wait: the manager of a pool of processes and its queue, a server that forks, a
# tracker of resources, readers of Parquet files (eight at most, whatever the cores).
WAITING = 14


@dataclass
class Seen:
    """What was seen of the jobs of a run: threads at once by step, and environments."""

    threads: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    workers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    environments: dict[str, dict[str, str]] = field(default_factory=dict)

    def look(self, folder: Path) -> None:
        """Look once at every job that works in a folder."""
        tasks = {pid: task for pid in pids() if (task := status(pid)) is not None}
        for pid in tasks:
            words = read(pid, "cmdline").split("\0")
            if "stage" not in words or place(pid) != folder or parent_is_step(pid, tasks):
                continue
            step = words[words.index("stage") + 1]
            own = family(pid, tasks)
            self.threads[step] = max(self.threads[step], sum(tasks[one][1] for one in own))
            busiest = max((tasks[one][1] for one in own if one != pid), default=0)
            self.workers[step] = max(self.workers[step], busiest)
            pairs = (line.partition("=") for line in read(pid, "environ").split("\0"))
            self.environments[step] = {name: value for name, _, value in pairs}


def pids() -> list[int]:
    """Return the numbers of all processes."""
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def read(pid: int, name: str) -> str:
    """Return what a file of a process says; nothing once it has ended."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    except OSError:
        return ""


def place(pid: int) -> Path | None:
    """Return where a process works."""
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True)
    except OSError:
        return None


def status(pid: int) -> tuple[int, int] | None:
    """Return the parent of a process and how many threads it has."""
    fields = read(pid, "stat").rpartition(")")[2].split()
    return (int(fields[1]), int(fields[17])) if len(fields) > 17 else None


def parent_is_step(pid: int, tasks: dict[int, tuple[int, int]]) -> bool:
    """Tell whether a process only belongs to a step, as a fork of it does."""
    return "stage" in read(tasks[pid][0], "cmdline").split("\0")


def family(pid: int, tasks: dict[int, tuple[int, int]]) -> set[int]:
    """Return a process and all that descend from it."""
    found = {pid}
    while more := {one for one, (parent, _) in tasks.items() if parent in found} - found:
        found |= more
    return found


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> Seen:
    """Return what was seen of a whole study on two cores."""
    folder = tmp_path_factory.mktemp("threads")
    make_cohort(folder, n_patients=24, seed=3)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    found, ended = Seen(), threading.Event()

    def watch() -> None:
        while not ended.is_set():
            found.look((folder / "results").resolve())
            time.sleep(0.2)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        run(folder / "study.yaml", cores=2)
    finally:
        ended.set()
        watcher.join()
    return found


def test_every_step_was_seen(seen):
    assert {"segment", "extract", "train", "fit", "evaluate", "report"} <= set(seen.environments)


@pytest.mark.parametrize("name", PINNED)
def test_every_step_is_told_to_start_one_thread(name, seen):
    told = {step: environment.get(name) for step, environment in seen.environments.items()}
    assert set(told.values()) == {"1"}, told


def test_a_worker_has_one_thread_that_works_and_two_that_wait(seen):
    # One waits for the end of its parent; of ITK's and NumPy's, one waits while the other works.
    assert {step: n for step, n in seen.workers.items() if n > 3} == {}


def test_two_workers_on_two_cores_have_two_threads_and_some_that_wait(seen):
    assert {step: n for step, n in seen.threads.items() if n > 2 + WAITING} == {}
