"""What each job would ask of the cluster, held against what the cluster has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from radpred.stages.cluster.asked import Asked
from radpred.stages.cluster.slurm import Answer, Cluster, Node
from radpred.stages.doctor.finding import Finding

_IN_STUDY = "study file (section cluster) or your profile (default-resources)"
_IN_PROFILE = "in a profile of your own"


def check_requests(asked: Sequence[Asked], cluster: Cluster, *, retries: int = 0) -> list[Finding]:
    """Judge each rule's request: account, partition, memory, cores, time, graphics cards.

    Slurm itself takes some requests that can never start, and leaves them in the queue.

    Parameters
    ----------
    asked : sequence of Asked
        What each rule's jobs ask for.
    cluster : Cluster
        What there is.
    retries : int
        How often a job is tried again, each time with twice the memory and time.
    """
    findings = [finding for one in asked for finding in _of_rule(one, cluster, retries=retries)]
    if findings:
        return _joined(findings)
    total = sum(one.jobs for one in asked)
    return [Finding(topic="requests", found=f"{total} job(s), each fits a node and its queue")]


def check_refusal(one: Asked, answer: Answer) -> list[Finding]:
    """Judge a request by what ``sbatch --test-only`` says of it."""
    if answer.is_good:
        return []
    lines = (answer.complaint or answer.out).splitlines()
    cause = lines[-1] if lines else f"exit {answer.code}"
    return [
        Finding(
            topic=f"rule {one.rule}",
            verdict="problem",
            found=f"sbatch refuses {' '.join(one.options())}: {cause}",
            todo=f"change what is refused in the {_IN_STUDY}",
        )
    ]


def _of_rule(one: Asked, cluster: Cluster, *, retries: int) -> Iterator[Finding]:
    """Yield what is wrong with the request of one rule's jobs."""
    topic = f"rule {one.rule}"
    accounts = cluster.accounts
    if one.account is not None and accounts is not None and one.account not in accounts:
        found = f"account {one.account}: you have {', '.join(accounts)}"
        todo = f"correct it in the {_IN_STUDY}"
        yield Finding(topic=topic, verdict="problem", found=found, todo=todo)
    nodes = cluster.nodes_of(one.partition)
    if not nodes:
        asked = one.partition or "none named, and the cluster has no default"
        found = f"partition {asked}: there are {', '.join(cluster.partitions)}"
        todo = f"name one in the {_IN_STUDY}"
        yield Finding(topic=topic, verdict="problem", found=found, todo=todo)
        return
    yield from _of_nodes(one, nodes, retries=retries)


def _of_nodes(one: Asked, nodes: Sequence[Node], *, retries: int) -> Iterator[Finding]:
    """Yield why no node of a partition can take a job, or none could take it later."""
    where = f"partition {nodes[0].partition}"
    for lack, todo in _lacks(one, nodes):
        yield Finding(
            topic=f"rule {one.rule}", verdict="problem", found=f"{where}: {lack}", todo=todo
        )
        return
    usable = [node for node in nodes if node.is_usable]
    if not usable:
        found = f"{where}: every node is down or drained"
        yield Finding(
            topic=f"rule {one.rule}", verdict="note", found=found, todo="jobs wait until one is up"
        )
        return
    times = 2**retries
    last = replace(one, memory_mb=one.memory_mb * times, minutes=one.minutes * times)
    for lack, todo in _lacks(last, nodes) if retries else ():
        found = f"{where}: {lack}, which attempt {retries + 1} asks for"
        yield Finding(topic=f"rule {one.rule}", verdict="note", found=found, todo=todo)
        return


def _lacks(one: Asked, nodes: Sequence[Node]) -> Iterator[tuple[str, str]]:
    """Yield what every node has too little of, and what to do; no more than each by itself."""
    most_memory = max(node.memory_mb for node in nodes)
    most_cores = max(node.cores for node in nodes)
    longest = max(node.most_minutes for node in nodes)
    if one.gpus > max(node.gpus for node in nodes):
        yield "no node has a GPU", "name one with GPUs as cluster.gpu_partition, or device: auto"
    if one.memory_mb > most_memory:
        lack = f"{one.memory_mb} MB, and no node has more than {most_memory} MB"
        yield lack, f"another partition, or less by set-resources (mem_mb) {_IN_PROFILE}"
    if one.cores > most_cores:
        lack = f"{one.cores} cores, and no node has more than {most_cores}"
        yield lack, f"another partition, or fewer by set-threads {_IN_PROFILE}"
    if one.minutes > longest:
        lack = f"{one.minutes} min, and a job may take {longest:g} min"
        yield lack, f"another partition, or less by set-resources (runtime) {_IN_PROFILE}"


def _joined(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings in order, those that say the same of several rules as one."""
    rules: dict[Finding, list[str]] = {}
    for one in findings:
        rules.setdefault(replace(one, topic=""), []).append(one.topic.removeprefix("rule "))
    return [
        replace(one, topic=f"rule{'s' * (len(names) > 1)} {', '.join(names)}")
        for one, names in rules.items()
    ]
