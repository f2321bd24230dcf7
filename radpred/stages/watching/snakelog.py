"""What Snakemake's log tells: which jobs a run planned, began, finished and lost."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

LOG = Path("logs") / "snakemake.log"
STEPS = (
    *("segment", "extract", "assemble", "perturb", "gather", "train", "fit"),
    *("evaluate", "bundle", "explain", "report"),
)
_BEGUN = re.compile(r"^(?:local)?rule (\w+):$")
_DONE = re.compile(r"^Finished jobid: \d+ \(Rule: (\w+)\)$")
_LOST = re.compile(r"^Error in rule (\w+):$")
_COUNT = re.compile(r"^(\w+) +(\d+)$")


@dataclass
class RunLog:
    """How many jobs of each step a run planned, began, finished and lost."""

    planned: dict[str, int] = field(default_factory=dict)
    begun: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Planned:
    """How many jobs of a step a run planned, if that is known, and how many there are."""

    n: int | None
    n_all: int

    @property
    def is_known(self) -> bool:
        """Return whether the run has said what it will do."""
        return self.n is not None

    def waiting(self, n_begun: int) -> int:
        """Return how many of its jobs have not begun."""
        return max(0, (self.n_all if self.n is None else self.n) - n_begun)


def read_log(out: Path) -> RunLog:
    """Return what the log of the last run in a folder tells."""
    try:
        text = (out / LOG).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return RunLog()
    return parsed(text)


def parsed(text: str) -> RunLog:
    """Return what the text of a log tells, a step each line."""
    log = RunLog()
    is_table = False
    for line in text.splitlines():
        if line == "Job stats:":
            is_table, log.planned = True, {}
        elif is_table and not line.strip():
            is_table = False
        elif is_table and (count := _COUNT.match(line)) and count[1] != "total":
            log.planned[count[1]] = int(count[2])
        for pattern, counted in ((_BEGUN, log.begun), (_DONE, log.done), (_LOST, log.lost)):
            if found := pattern.match(line):
                counted[found[1]] += 1
    return log
