"""Ask this machine and the scheduler, and tell the checks what they said."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

from radpred.backends.device import find_device
from radpred.config import StudySettings
from radpred.errors import DeviceError
from radpred.stages.cluster.asked import Asked
from radpred.stages.cluster.limits import own_limits
from radpred.stages.cluster.profiles import LOCAL, SLURM, executor_of, retries_of
from radpred.stages.cluster.slurm import Ask, cluster_of
from radpred.stages.doctor.environment import check_packages, check_plugin, check_python
from radpred.stages.doctor.finding import Finding
from radpred.stages.doctor.folder import check_folder, check_shared, kind_here
from radpred.stages.doctor.machine import (
    check_card,
    check_cores,
    check_local_requests,
    check_memory,
    check_process_limits,
)
from radpred.stages.doctor.requests import check_refusal, check_requests
from radpred.stages.doctor.scheduler import (
    check_accounts,
    check_commands,
    check_memory_of_jobs,
    check_partitions,
)


def examine(
    *,
    study: StudySettings | None,
    profile: str | None,
    asked: Sequence[Asked],
    ask: Ask,
) -> Iterator[Finding]:
    """Yield what is found of the environment, the machine, the scheduler, and a study.

    Parameters
    ----------
    study : StudySettings, optional
        The study that is to run.
    profile : str, optional
        The profile that it is to run with.
    asked : sequence of Asked
        What its jobs ask for; none where that is not known.
    ask : callable
        Runs a command of the scheduler.
    """
    executor = executor_of(profile)
    limits = own_limits()
    yield from _environment(executor)
    yield from (check_cores(limits), check_memory(limits), *check_process_limits(limits))
    yield _card(study, executor, ask)
    if executor == SLURM:
        yield from _scheduler(asked, ask, retries=retries_of(profile))
    elif asked:
        yield from check_local_requests(asked, limits)
    if study is not None:
        yield from check_folder(study.out, is_shared_wanted=executor != LOCAL)


def _environment(executor: str) -> Iterator[Finding]:
    """Yield what is found of Python, packages, and where they lie."""
    about = metadata("radpred")
    yield check_python(platform.python_version(), about["Requires-Python"] or "")
    yield from check_packages(requires("radpred") or (), _version)
    yield from check_plugin(executor, _version)
    if executor != LOCAL:
        place = Path(sys.prefix)
        yield check_shared("environment", place, kind_here(place))


def _card(study: StudySettings | None, executor: str, ask: Ask) -> Finding:
    """Return what is found of the graphics card of this machine."""
    smi = ask(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"])
    driver = "; ".join(smi.out.splitlines()) if smi.is_good else ""
    try:
        name, why_not = find_device("gpu").name, ""
    except DeviceError as error:
        name, why_not = None, str(error).removeprefix("device: gpu: ")
    wanted = "auto" if study is None else study.device
    return check_card(
        wanted,
        is_local=executor == LOCAL,
        name=name,
        why_not=why_not.removesuffix("; or say device: auto"),
        driver=driver,
    )


def _scheduler(asked: Sequence[Asked], ask: Ask, *, retries: int) -> Iterator[Finding]:
    """Yield what is found of Slurm, and of what each rule would ask of it."""
    found = check_commands(ask(["sbatch", "--version"]), ask(["squeue", "--noheader", "--me"]))
    yield from found
    cluster = cluster_of(ask)
    if cluster is None or not cluster.nodes:
        return
    yield check_partitions(cluster)
    yield check_accounts(cluster)
    yield from check_memory_of_jobs(ask(["scontrol", "show", "config"]))
    if not asked:
        return
    judged = check_requests(asked, cluster, retries=retries)
    yield from judged
    if all(one.verdict != "problem" for one in judged):
        for one in asked:
            answer = ask(["sbatch", "--test-only", *one.options(), "--wrap", "true"])
            yield from check_refusal(one, answer)


def _version(name: str) -> str | None:
    """Return the version of an installed package, or None."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
