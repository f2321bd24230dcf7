"""What a Slurm cluster has: partitions, nodes and accounts, as its own commands say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

PATIENCE_S = 20.0
_NODES = "%N|%P|%c|%m|%l|%G|%a|%T"
_OUT_OF_USE = ("down", "drain", "fail", "maint", "unknown", "reboot", "power_down")


@dataclass(frozen=True)
class Answer:
    """What a command said: nothing at all where it is missing or did not answer in time."""

    code: int
    out: str = ""
    complaint: str = ""

    @property
    def is_good(self) -> bool:
        """Tell whether the command did what it was asked for."""
        return self.code == 0


Ask = Callable[[Sequence[str]], Answer]


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node as one of its partitions shows it."""

    name: str
    partition: str
    cores: int
    memory_mb: int
    most_minutes: float
    gpus: int
    is_default: bool = False
    is_usable: bool = True


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Partitions with their nodes, and the accounts of whoever asks: None where nobody says."""

    nodes: tuple[Node, ...]
    accounts: tuple[str, ...] | None = None

    @property
    def partitions(self) -> list[str]:
        """Return the names of the partitions, in Slurm's order."""
        return list(dict.fromkeys(node.partition for node in self.nodes))

    @property
    def default_partition(self) -> str | None:
        """Return the partition of jobs that name none."""
        return next((node.partition for node in self.nodes if node.is_default), None)

    def nodes_of(self, partition: str | None) -> list[Node]:
        """Return the nodes of a partition; of the default one without a name."""
        name = partition or self.default_partition
        return [node for node in self.nodes if node.partition == name]


def ask(words: Sequence[str]) -> Answer:
    """Run one of the scheduler's commands, and wait for it only so long."""
    if shutil.which(words[0]) is None:
        return Answer(127, complaint=f"{words[0]}: no such command")
    try:
        done = subprocess.run(
            list(words),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            env=_outside(os.environ),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(124, complaint=f"{words[0]}: no answer in {PATIENCE_S:g} s")
    return Answer(done.returncode, done.stdout.strip(), done.stderr.strip())


def cluster_of(ask: Ask) -> Cluster | None:
    """Return what the cluster has, or None where ``sinfo`` does not answer."""
    nodes = ask(["sinfo", "--noheader", "--Node", "--format", _NODES])
    if not nodes.is_good:
        return None
    return Cluster(nodes=tuple(_nodes(nodes.out.splitlines())), accounts=_accounts(ask))


def minutes(text: str) -> float:
    """Return a time limit of Slurm's in minutes: ``infinite``, ``10:00``, ``2-12:00:00``.

    Examples
    --------
    >>> minutes("1-02:30:00")
    1590.0
    >>> minutes("10:00")
    10.0
    """
    if text.lower() in ("infinite", "unlimited", "n/a", ""):
        return float("inf")
    days, _, rest = text.rpartition("-")
    parts = [int(part) for part in rest.split(":")]
    if days:  # days-hours[:minutes[:seconds]]
        hours, mins, seconds = (*parts, 0, 0)[:3]
    else:  # [hours:]minutes:seconds, or minutes alone
        parts = [*parts, 0] if len(parts) == 1 else parts
        hours, mins, seconds = [0, 0, 0, *parts][-3:]
    return int(days or 0) * 1440 + hours * 60 + mins + seconds / 60


def _outside(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what a job hands down to jobs that are submitted in it."""
    if "SLURM_JOB_ID" not in environment:
        return dict(environment)
    return {
        name: value
        for name, value in environment.items()
        if name == "SLURM_CONF" or not name.startswith("SLURM_")
    }


def _nodes(lines: Iterable[str]) -> Iterable[Node]:
    """Yield the nodes in the answer of sinfo."""
    for line in lines:
        name, partition, cores, memory, limit, gres, is_up, state = line.strip().split("|")
        yield Node(
            name=name,
            partition=partition.rstrip("*"),
            cores=int(cores.rstrip("+")),
            memory_mb=int(memory.rstrip("+")),
            most_minutes=minutes(limit),
            gpus=_gpus(gres),
            is_default=partition.endswith("*"),
            is_usable=is_up == "up" and not state.lower().startswith(_OUT_OF_USE),
        )


def _gpus(gres: str) -> int:
    """Return how many graphics cards generic resources hold: ``gpu:a100:4(S:0-1),tmp:1``."""
    found = re.findall(r"\bgpu(?::[^:,()]+)??(?::(\d+))?(?=[(,]|$)", gres)
    return sum(int(number or 1) for number in found)


def _accounts(ask: Ask) -> tuple[str, ...] | None:
    """Return the accounts of the user, or None where no accounting says."""
    user = ask(["id", "-un"]).out
    answer = ask(["sacctmgr", "-nP", "show", "assoc", f"user={user}", "format=account"])
    if not answer.is_good or not answer.out:
        return None
    return tuple(dict.fromkeys(answer.out.splitlines()))
