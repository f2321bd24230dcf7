"""What another version of radpred would do again, told before it does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from radpred.errors import RadpredError
from radpred.stages.watching.snakelog import STEPS, parsed
from radpred.table.store import read_metadata
from radpred.version import __version__


class OtherVersionError(RadpredError):
    """The results were made by another version, which would make steps run again."""

    code = "other_version"


def made_by(out: Path) -> str | None:
    """Return the version that measured what is in a folder; None where nothing is."""
    whole = out / "features.parquet"
    tables = [whole] if whole.is_file() else sorted((out / "features").glob("[0-9]*.parquet"))
    for path in tables:
        version = read_metadata(path).get("version")
        if version:
            return str(version)
    return None


def would_run(line: Sequence[str], out: Path) -> dict[str, int]:
    """Return how many jobs of each step a Snakemake command would run, as its dry run says."""
    done = subprocess.run(
        [*line, "--dry-run", "--quiet", "rules"],
        capture_output=True,
        text=True,
        check=False,
        cwd=out,
        env=dict(os.environ),
    )
    planned = parsed(done.stdout + done.stderr).planned
    return {step: planned[step] for step in STEPS if step in planned}


def refuse_other_version(line: Sequence[str], out: Path) -> None:
    """Refuse to make again what another version made, unless nothing would run.

    Raises
    ------
    OtherVersionError
        With the steps that would run again, and how to have it so.
    """
    before = made_by(out)
    if before is None or before == __version__:
        return
    steps = would_run(line, out)
    if steps:
        raise OtherVersionError(version_words(out, before, steps))


def version_words(out: Path, before: str, steps: Mapping[str, int]) -> str:
    """Return which version made what is there, and what this one would make again."""
    jobs = ", ".join(f"{step} ({n} job{'' if n == 1 else 's'})" for step, n in steps.items())
    return (
        f"{out} was made by radpred {before}, this is {__version__}: these steps would run "
        f"again: {jobs}; add --accept-version to run them, name another folder with --out, or "
        f"install radpred {before} to go on as it was"
    )
