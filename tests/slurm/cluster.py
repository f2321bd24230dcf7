"""A study on Slurm as a person runs it: the command, the queue, and what the folder then holds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from radpred.stages.cluster.queued import queued_runs
from radpred.stages.cluster.slurm import ask
from radpred.writing import unfinished_in

MISCHIEF = Path(__file__).with_name("mischief")
STUDY: dict[str, Any] = {
    "name": "cluster",
    "outcome": {"column": "event", "clinical": ["age", "marker"]},
    "extraction": {
        "filters": [{"kind": "original"}],
        "bin_width": 25,
        "families": ["shape", "firstorder"],
    },
    "learning": {
        "models": ["logistic"],
        "repeats": 1,
        "outer_folds": 3,
        "inner_folds": 3,
        "n_features": [5],
        "bootstrap_draws": 100,
    },
    "cases_per_shard": 80,
}
TABLES = ("features.parquet", "cohort.parquet", "verdicts.parquet", "regions.parquet")


@dataclass
class Run:
    """One study in one folder, run by the command line."""

    folder: Path
    orders: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    out: Path | None = None

    @property
    def results(self) -> Path:
        """Return where the results are."""
        return self.out or self.folder / "results"

    def written(self, cohort: Path) -> Run:
        """Write the study file, and the orders beside it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        paths = {"cases": str(cohort / "cases.csv"), "out": str(self.results)}
        outcome = {**STUDY["outcome"], "file": str(cohort / "outcome.csv")}
        study = {**STUDY, **paths, "outcome": outcome, **self.settings}
        (self.folder / "study.yaml").write_text(yaml.safe_dump(study))
        (self.folder / "orders.json").write_text(json.dumps(dict(self.orders)))
        return self

    def started(self, *words: str, profile: str = "test") -> subprocess.Popen[str]:
        """Start the run, and return its process."""
        line = [sys.executable, "-m", "radpred", "run", str(self.folder / "study.yaml")]
        line += ["--profile", profile, *words]
        path = os.pathsep.join([str(MISCHIEF), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        told = {"PYTHONPATH": path, "RADPRED_MISCHIEF": str(self.folder / "orders.json")}
        with (self.folder / "run.log").open("a") as log:
            return subprocess.Popen(
                line, env={**os.environ, **told}, stdout=log, stderr=log, text=True
            )

    def ended(self, *words: str, profile: str = "test", seconds: float = 300) -> int:
        """Run to the end, and return the exit code."""
        child = self.started(*words, profile=profile)
        try:
            return child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGINT)
            child.wait(timeout=60)
            raise

    def submitted(self, *, seconds: float = 600) -> int:
        """Put the run itself into the queue, wait for its end, and return the command's exit."""
        code = self.ended("--submit")
        until(lambda: not queued_runs(self.results, ask), seconds=seconds)
        return code

    def said(self) -> str:
        """Return what the command printed so far."""
        return (self.folder / "run.log").read_text(errors="replace")

    def kept(self) -> dict[str, int]:
        """Return the cases that are measured, and when each was written."""
        cache = self.results / "features" / "cache"
        return {path.name: path.stat().st_mtime_ns for path in cache.glob("[!.]*.json")}

    def halves(self) -> list[Path]:
        """Return files under a temporary name."""
        return unfinished_in(self.results)

    def table(self, name: str) -> pd.DataFrame:
        """Return one of the results' tables."""
        return pd.read_parquet(self.results / name)

    def jobs(self) -> list[dict[str, str]]:
        """Return the jobs of this run that Slurm still holds."""
        done = slurm("squeue", "-h", "-o", "%i|%j|%T|%N|%Z")
        rows = [
            dict(zip(("id", "name", "state", "node", "folder"), line.split("|"), strict=True))
            for line in done.splitlines()
        ]
        return [row for row in rows if Path(row["folder"]) == self.results]


def slurm(*line: str) -> str:
    """Return what one of Slurm's commands prints."""
    return subprocess.run(line, capture_output=True, text=True, check=True, timeout=60).stdout


def taken_down(node: str) -> None:
    """Take a node down under its jobs, and bring it back."""
    slurm("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=test")
    time.sleep(5)
    if slurm("sinfo", "-h", "-N", "-n", node, "-p", "main", "-o", "%T").startswith("down"):
        slurm("scontrol", "update", f"NodeName={node}", "State=RESUME")


def until(claim: Callable[[], Any], *, seconds: float = 120, child: Any = None) -> Any:
    """Return the first thing that is true of ``claim``, asked four times a second.

    Raises
    ------
    AssertionError
        It did not come true, or the process that was to make it true ended first.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := claim():
            return found
        assert child is None or child.poll() is None, "the run ended first"
        time.sleep(0.25)
    raise AssertionError(f"not within {seconds:g} s")


@contextmanager
def small_disk(folder: Path, *, size_mb: int) -> Iterator[Path]:
    """Yield a folder that holds ``size_mb`` and not a byte more."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def figures(results: Path) -> dict[str, Any]:
    """Return the evidence that the report shows."""
    return json.loads((results / "evaluation.json").read_text())
