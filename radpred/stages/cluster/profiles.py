"""Profiles: how a workflow runs. Those that are shipped, and folders of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from radpred.config._yaml import read_yaml
from radpred.errors import SettingsError

DEFAULT = "default"
SLURM = "slurm"
LOCAL = "local"
_NAMES = ("profile.yaml", "config.yaml")


def pipeline_folder() -> Path:
    """Return the folder that holds ``Snakefile`` and ``workflow/``: in the wheel or the clone."""
    package = Path(str(files("radpred")))
    shipped = package / "_pipeline"
    return shipped if (shipped / "Snakefile").is_file() else package.parent


def shipped_profiles() -> list[str]:
    """Return the names of the profiles that come with radpred."""
    return sorted(path.parent.name for path in _shipped_folder().glob("*/profile.yaml"))


def profile_options(profile: str | None) -> list[str]:
    """Return Snakemake's options for a profile: one of its own lies over the shipped one.

    Parameters
    ----------
    profile : str, optional
        The name of a shipped profile or a folder with a ``profile.yaml``; ``default`` without.

    Raises
    ------
    SettingsError
        It is neither.
    """
    folder = profile_folder(profile)
    base = _base_of(folder)
    under = [] if base is None else ["--profile", str(base)]
    return [*under, "--workflow-profile", str(folder)]


def profile_folder(profile: str | None) -> Path:
    """Return the folder of a profile: of a shipped one by its name, else one's own.

    Raises
    ------
    SettingsError
        There is no such profile.
    """
    name = profile or DEFAULT
    shipped = _shipped_folder() / name
    if name in shipped_profiles():
        return shipped
    own = Path(name).expanduser().resolve()
    if any((own / file).is_file() for file in _NAMES):
        return own
    msg = (
        f"profile {name!r}: neither one of radpred's ({', '.join(shipped_profiles())}) nor a "
        f"folder with a profile.yaml ({own}); name one of these, or write that file"
    )
    raise SettingsError(msg, code="no_profile")


def executor_of(profile: str | None, extra: Sequence[str] = ()) -> str:
    """Return what runs the jobs: ``local``, ``slurm``, or another of Snakemake's.

    An option among those for Snakemake, ``extra``, is stronger than the profile.
    """
    words = [word for option in extra for word in option.split("=", 1)]
    for option in ("--executor", "-e"):
        if option in words[:-1]:
            return words[words.index(option) + 1]
    return str(_read(profile_folder(profile)).get("executor", LOCAL))


def retries_of(profile: str | None) -> int:
    """Return how often a failed job is tried again by a profile, or by the one that it lies on."""
    folder = profile_folder(profile)
    base = _base_of(folder)
    under = {} if base is None else _read(base)
    return int({**under, **_read(folder)}.get("retries", 0))


def _base_of(folder: Path) -> Path | None:
    """Return the shipped profile that lies under a profile of one's own, if one does."""
    if folder.parent == _shipped_folder():
        return None
    bases = {SLURM: SLURM, LOCAL: DEFAULT}
    name = bases.get(str(_read(folder).get("executor", LOCAL)))
    return None if name is None else _shipped_folder() / name


def _shipped_folder() -> Path:
    """Return the folder of the shipped profiles."""
    return pipeline_folder() / "workflow" / "profiles"


def _read(folder: Path) -> dict[str, Any]:
    """Return a profile as it is written.

    Raises
    ------
    SettingsError
        It is no YAML, or no table of keys.
    """
    path = next(folder / name for name in _NAMES if (folder / name).is_file())
    content = read_yaml(path)
    if not isinstance(content or {}, dict):
        msg = f"{path}: holds {type(content).__name__}, wanted lines of `key: value`; correct it"
        raise SettingsError(msg, code="bad_profile")
    return content or {}
