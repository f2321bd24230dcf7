"""One machine, ours: cores, memory, limits of a process, the graphics card."""

from __future__ import annotations

from collections.abc import Sequence

from radpred.stages.cluster.asked import Asked
from radpred.stages.cluster.limits import Limits
from radpred.stages.doctor.finding import Finding

_FEW_FILES = 1024
_LITTLE_ADDRESS_MB = 16_000
_MAIN_MB = 1000  # of radpred and Snakemake themselves


def check_cores(limits: Limits) -> Finding:
    """Tell how many cores this process may use."""
    found = f"{limits.cores} core(s)"
    if limits.cores < limits.machine_cores:
        found += f" of the machine's {limits.machine_cores}: the rest is not ours to use"
    return Finding(topic="cores", found=found)


def check_memory(limits: Limits) -> Finding:
    """Judge whether the memory here is enough for the main process at least."""
    if limits.memory_mb is None:
        return Finding(topic="memory", verdict="note", found="this system does not say how much")
    found = f"{limits.memory_mb} MB"
    if limits.memory_mb >= _MAIN_MB:
        return Finding(topic="memory", found=found)
    todo = (
        f"radpred and Snakemake alone need {_MAIN_MB} MB: ask for more, or `radpred run --submit`"
    )
    return Finding(topic="memory", verdict="problem", found=found, todo=todo)


def check_process_limits(limits: Limits) -> list[Finding]:
    """Judge what a process may open and reserve (``ulimit -n``, ``ulimit -v``)."""
    findings = []
    files, space = limits.open_files, limits.address_mb
    if files is not None and files < _FEW_FILES:
        findings.append(
            Finding(
                topic="limits",
                verdict="note",
                found=f"{files} open files at once",
                todo=f"`ulimit -n {_FEW_FILES}` before a run",
            )
        )
    if space is not None and space < _LITTLE_ADDRESS_MB:
        findings.append(
            Finding(
                topic="limits",
                verdict="note",
                found=f"{space} MB of address space (ulimit -v)",
                todo="libraries reserve more than they use: `ulimit -v unlimited`",
            )
        )
    return findings or [Finding(topic="limits", found="files and address space suffice")]


def check_local_requests(asked: Sequence[Asked], limits: Limits) -> list[Finding]:
    """Judge what jobs ask for by what this machine has, where they run on it."""
    findings = []
    for one in asked:
        if limits.memory_mb is not None and one.memory_mb > limits.memory_mb:
            findings.append(
                Finding(
                    topic=f"rule {one.rule}",
                    verdict="note",
                    found=f"reckons with {one.memory_mb} MB, here are {limits.memory_mb} MB",
                    todo="try a machine with more, or smaller images first",
                )
            )
    total = sum(one.jobs for one in asked)
    return findings or [Finding(topic="requests", found=f"{total} job(s), each fits this machine")]


def check_card(
    wanted: str, *, is_local: bool, name: str | None, why_not: str, driver: str
) -> Finding:
    """Judge the graphics card by whether the study demands one, and whether jobs run here.

    Parameters
    ----------
    wanted : str
        The study's ``device``.
    is_local : bool
        Whether jobs run on this machine.
    name : str or None
        What the card is called that works here.
    why_not : str
        Why there is none.
    driver : str
        What ``nvidia-smi`` says of cards and driver, if anything.
    """
    if name is not None:
        return Finding(topic="GPU", found=f"{name}; {driver or 'nvidia-smi says nothing'}")
    seen = f" (nvidia-smi: {driver})" if driver else ""
    found = f"none that works here: {why_not}{seen}"
    if wanted == "gpu" and is_local:
        todo = "install what is missing, or say `device: auto` in the study"
        return Finding(topic="GPU", verdict="problem", found=found, todo=todo)
    if wanted == "gpu":
        todo = "none is needed here: jobs that measure ask for one in the queue"
        return Finding(topic="GPU", found=found, todo=todo)
    return Finding(topic="GPU", found=found, todo="none is needed: the CPU measures")
