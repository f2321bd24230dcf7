"""What the jobs of a run ask for, as Snakemake's dry run tells it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

_BLOCK = re.compile(r"^(local)?rule (\w+):\n((?:    .*\n?)*)", flags=re.MULTILINE)
_TARGETS = {"default", "all", "features", "models"}  # they gather, and run nothing


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What each job of a rule asks for, and how many jobs there are; zero is what nobody says."""

    rule: str
    jobs: int = 1
    cores: int = 1
    memory_mb: int = 0
    minutes: int = 0
    gpus: int = 0
    account: str | None = None
    partition: str | None = None
    qos: str | None = None
    constraint: str | None = None

    def options(self) -> list[str]:
        """Return the same as options of sbatch."""
        given = {
            "--account": self.account,
            "--partition": self.partition,
            "--qos": self.qos,
            "--constraint": self.constraint,
            "--mem": self.memory_mb,
            "--time": self.minutes,
            "--gpus": self.gpus,
        }
        named = [f"{option}={value}" for option, value in given.items() if value]
        return [*named, "--ntasks=1", f"--cpus-per-task={self.cores}"]


def asked_in(said: str) -> tuple[Asked, ...]:
    """Return what each rule's jobs ask for, in the order in which a dry run names the rules.

    Jobs of one rule that ask for different things stand apart.
    """
    found: Counter[Asked] = Counter()
    for is_local, rule, body in _BLOCK.findall(said):
        if not is_local and rule not in _TARGETS:
            found[_asked(rule, body)] += 1
    return tuple(replace(one, jobs=n) for one, n in found.items())


def asked_lines(asked: Sequence[Asked]) -> list[tuple[str, ...]]:
    """Return a line of words for each rule: jobs, cores, memory, time, graphics cards, queue."""
    return [
        (
            one.rule,
            str(one.jobs),
            str(one.cores),
            f"{one.memory_mb} MB",
            f"{one.minutes} min",
            str(one.gpus or ""),
            one.partition or "",
            one.account or "",
        )
        for one in asked
    ]


def _asked(rule: str, body: str) -> Asked:
    """Return what one job asks for."""
    given = dict(re.findall(r"(\w+)=([^,\n]*)", _line(body, "resources")))
    return Asked(
        rule=rule,
        cores=_number(_line(body, "threads")) or 1,
        memory_mb=_number(given.get("mem_mb", "")),
        minutes=_number(given.get("runtime", "")),
        gpus=_number(given.get("gpu", "")),
        account=given.get("slurm_account"),
        partition=given.get("slurm_partition"),
        qos=given.get("qos"),
        constraint=given.get("constraint"),
    )


def _line(body: str, name: str) -> str:
    """Return what stands behind a name in the block of a job."""
    found = re.search(rf"^    {name}: (.*)$", body, flags=re.MULTILINE)
    return found.group(1) if found else ""


def _number(text: str) -> int:
    """Return a whole number; nothing, and what is decided later, is zero."""
    return int(text) if text.isdigit() else 0
