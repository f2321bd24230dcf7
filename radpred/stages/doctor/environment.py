"""The environment: Python, the packages that radpred wants, the plugin of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from radpred.stages.doctor.finding import Finding

# Executors of Snakemake that need no package of their own.
_BUILT_IN = ("local", "dryrun", "touch")
Installed = Callable[[str], str | None]


def check_python(version: str, wanted: str) -> Finding:
    """Judge the version of Python by what the package wants."""
    found = f"Python {version}"
    if SpecifierSet(wanted).contains(version, prereleases=True):
        return Finding(topic="Python", found=found)
    todo = f"radpred wants Python {wanted}: make a new environment with one"
    return Finding(topic="Python", verdict="problem", found=found, todo=todo)


def check_packages(wanted: Iterable[str], installed: Installed) -> list[Finding]:
    """Judge what is installed by what the package wants: what is missing or too old.

    Parameters
    ----------
    wanted : iterable of str
        Requirements as in the package's own metadata; those of extras are left out.
    installed : callable
        The version of a package, or None.
    """
    needed = [one for one in map(_requirement, wanted) if one is not None]
    wrong = [line for one in needed if (line := _wrong(one, installed(one.name)))]
    if not wrong:
        return [Finding(topic="packages", found=f"{len(needed)} wanted, all there and new enough")]
    todo = "pip install --upgrade radpred"
    return [Finding(topic="packages", verdict="problem", found=one, todo=todo) for one in wrong]


def check_plugin(executor: str, installed: Installed) -> list[Finding]:
    """Judge whether Snakemake has the plugin of the profile's executor."""
    if executor in _BUILT_IN:
        return []
    name = f"snakemake-executor-plugin-{executor}"
    version = installed(name)
    if version is not None:
        return [Finding(topic="plugin", found=f"{name} {version}")]
    todo = "pip install 'radpred[slurm]'" if executor == "slurm" else f"pip install {name}"
    return [Finding(topic="plugin", verdict="problem", found=f"{name} is missing", todo=todo)]


def _requirement(line: str) -> Requirement | None:
    """Return a requirement that holds here, or None for one of another system or an extra."""
    try:
        one = Requirement(line)
    except InvalidRequirement:
        return None
    return one if one.marker is None or one.marker.evaluate({"extra": ""}) else None


def _wrong(wanted: Requirement, version: str | None) -> str:
    """Return what is wrong with a package, or nothing."""
    if version is None:
        return f"{wanted.name} is missing"
    if not wanted.specifier.contains(version, prereleases=True):
        return f"{wanted.name} {version}, wanted {wanted.specifier}"
    return ""
