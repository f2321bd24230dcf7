"""When lost cases are tried again: by the job's next attempt, or once they may take more."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from radpred.config.study import LimitSettings
from radpred.errors import RadpredError
from radpred.stages.work.files import as_json, read_json, write_if_changed
from radpred.stages.work.pool.loss import Loss

FOLDER = "limited"  # in the folder of results: a file for each shard with cases over a limit
_N_NAMED = 3


def leave_to_next_attempt(lost: Sequence[tuple[str, Loss]], *, attempts_left: int) -> None:
    """Fail, if a scheduler tries this shard again with more memory and that may help.

    Finished cases are kept, so that the next attempt measures only what this one could not.

    Raises
    ------
    RadpredError
        ``out_of_memory``, with the first of the cases.
    """
    names = [case_id for case_id, loss in lost if loss.is_of_job]
    if not names or attempts_left < 1:
        return
    msg = (
        f"{len(names)} cases need more memory than this job has (first {names[:_N_NAMED]}); the "
        f"next attempt of the job gets more ({attempts_left} left), and finished cases are kept"
    )
    raise RadpredError(msg, code="out_of_memory")


def note_limited(
    out: Path, step: str, shard: str, lost: Sequence[tuple[str, Loss]], limits: LimitSettings
) -> None:
    """Write down under which limits a shard lost cases, or that it lost none."""
    path = out / FOLDER / f"{step}.{shard}.json"
    if any(loss.limit for _, loss in lost):
        write_if_changed(path, as_json(limits.model_dump(mode="json")))
    else:
        path.unlink(missing_ok=True)


def renew_limited(out: Path, limits: LimitSettings) -> list[str]:
    """Make the shards newer that lost cases under stricter limits, so that these are tried again.

    Returns
    -------
    list of str
        Their names; their other cases are taken from what is kept.
    """
    found = (out / FOLDER).glob("[!.]*.json")
    shards = {path.stem.partition(".")[2] for path in found if _is_stricter(path, limits)}
    return list(_touched(out / "shards", sorted(shards)))


def _touched(folder: Path, shards: Iterable[str]) -> Iterable[str]:
    """Yield the shards that are there, after making them newer."""
    for shard in shards:
        path = folder / f"{shard}.json"
        if path.is_file():
            os.utime(path)
            yield shard


def _is_stricter(path: Path, limits: LimitSettings) -> bool:
    """Tell whether a case may take more now than when ``path`` was written."""
    before = LimitSettings.model_validate(read_json(path))
    least = before.memory_mb_per_case or float("inf")
    return (
        limits.seconds_per_case > before.seconds_per_case
        or (limits.memory_mb_per_case or float("inf")) > least
    )
