"""The scheduler: whether its commands are there and answer, what it has, whose jobs it takes."""

from __future__ import annotations

import re

from radpred.stages.cluster.slurm import Answer, Cluster
from radpred.stages.doctor.finding import Finding

_SHORT_MEMORY_S = 120  # of finished jobs: between two looks there may be so many seconds


def check_commands(version: Answer, queue: Answer) -> list[Finding]:
    """Judge whether Slurm's commands are here, and whether it answers."""
    if version.code == 127:
        todo = "log in where sbatch is, or load the module that brings it; or --profile default"
        return [Finding(topic="Slurm", verdict="problem", found=version.complaint, todo=todo)]
    if not queue.is_good:
        found = f"{version.out}, and no answer: {queue.complaint or queue.out}"
        todo = "try again later, or ask whoever runs the cluster; is SLURM_CONF right?"
        return [Finding(topic="Slurm", verdict="problem", found=found, todo=todo)]
    n_jobs = len(queue.out.splitlines())
    return [Finding(topic="Slurm", found=f"{version.out}, answers; {n_jobs} job(s) of yours")]


def check_partitions(cluster: Cluster) -> Finding:
    """Tell the partitions, each with its nodes, the largest of them, and its longest time."""
    words = []
    for name in cluster.partitions:
        nodes = cluster.nodes_of(name)
        cores, memory = max(n.cores for n in nodes), max(n.memory_mb for n in nodes)
        cards = sum(n.gpus for n in nodes)
        limit = max(n.most_minutes for n in nodes)
        star = " (default)" if name == cluster.default_partition else ""
        words.append(
            f"{name}{star}: {len(nodes)} node(s), to {cores} cores and {memory} MB"
            + (f", {cards} GPU(s)" if cards else "")
            + ("" if limit == float("inf") else f", {limit:g} min")
        )
    return Finding(topic="partitions", found="; ".join(words))


def check_accounts(cluster: Cluster) -> Finding:
    """Tell the accounts of the user, as far as the accounting says."""
    if cluster.accounts is None:
        found = "no accounting answers; whether an account exists cannot be told"
        return Finding(topic="accounts", verdict="note", found=found)
    return Finding(topic="accounts", found=", ".join(cluster.accounts))


def check_memory_of_jobs(config: Answer) -> list[Finding]:
    """Judge how long Slurm remembers finished jobs, which the main process asks it for."""
    found = re.search(r"^MinJobAge\s*=\s*(\d+)", config.out, flags=re.MULTILINE)
    if not found or int(found.group(1)) >= _SHORT_MEMORY_S:
        return []
    seconds = found.group(1)
    return [
        Finding(
            topic="Slurm",
            verdict="note",
            found=f"forgets finished jobs after {seconds} s (MinJobAge)",
            todo="a run may wait for a job that is done: interrupt it and run again; or set "
            "slurm-status-command: sacct in a profile of your own, with a plugin before 2.4",
        )
    ]
