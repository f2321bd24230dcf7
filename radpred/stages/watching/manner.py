"""How a run is begun and followed: what it waits for, what it accepts, who hears of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from radpred.stages.watching.journal import Line
from radpred.stages.watching.orphans import Orphan

_DRY = {"-n", "--dry-run", "--dryrun"}


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a run is begun and followed.

    Parameters
    ----------
    accepts_version : bool
        Whether to make again what another version of radpred made.
    waits_for_orphans : bool
        Whether to wait for jobs that an earlier run left behind.
    each_line : callable, optional
        Called with every line of the run's journal, as it is written.
    waiting : callable, optional
        Called from time to time with the jobs that are waited for.
    """

    accepts_version: bool = False
    waits_for_orphans: bool = False
    each_line: Callable[[Line], None] | None = None
    waiting: Callable[[list[Orphan]], None] | None = None


def is_dry(extra: Sequence[str]) -> bool:
    """Return whether options for Snakemake only ask what it would do."""
    return bool(_DRY & set(extra))
