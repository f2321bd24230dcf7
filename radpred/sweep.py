"""Run the variants of a study, each as a study of its own, and compare them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from radpred.config.sweep import Sweep, Variant, read_sweep
from radpred.stages.commands.sweep import (
    hand_over,
    measured_folder,
    predicted,
    targets,
    write_study,
    write_sweep,
)
from radpred.workflow import Manner, RunError, Status, run


@dataclass(frozen=True)
class Turn:
    """Which variant of a sweep is at work: its name, its number from 1, and of how many."""

    variant: str
    number: int
    total: int


def run_sweep(
    file: str | Path,
    *,
    cores: int | None = None,
    profile: str | None = None,
    out: str | Path | None = None,
    has_reports: bool = False,
    turned: Callable[[Turn], Callable[[Status], None] | None] | None = None,
    manner: Manner | None = None,
) -> dict[str, Any]:
    """Run every variant of a sweep, from where an earlier run stopped, and compare them.

    Variants that differ only in how they learn are measured once, together.

    Parameters
    ----------
    file : path
        The sweep's YAML file.
    cores, profile, manner
        As for `radpred.workflow.run`.
    out : path, optional
        Results go here instead of the sweep file's ``out``.
    has_reports : bool
        Whether each variant ends with its evidence, its report and its model, too.
    turned : callable, optional
        Called as each variant begins; returns what is told how far it is.

    Returns
    -------
    dict
        What ``sweep.json`` holds.

    Raises
    ------
    SettingsError
        The sweep file, or a variant's study, cannot be used.
    RunError
        A variant failed; the message names it.
    """
    sweep = read_sweep(file)
    if out is not None:
        settings = sweep.settings.model_copy(update={"out": Path(out).resolve()})
        sweep = replace(sweep, settings=settings)
    folders: dict[str, Path] = {}
    measured: set[Path] = set()
    for number, variant in enumerate(sweep.variants, start=1):
        turn = Turn(variant.name, number, len(sweep.variants))
        told = None if turned is None else turned(turn)
        options: dict[str, Any] = {"cores": cores, "profile": profile, "told": told}
        options["manner"] = manner
        wanted = [] if has_reports else predicted(variant.study)
        source = measured_folder(sweep, variant)
        try:
            if source not in measured:
                run(write_study(variant.study, source), extra=targets(variant.study), **options)
                measured.add(source)
            folders[variant.name] = _learnt(sweep, variant, source, wanted=wanted, **options)
        except RunError as error:
            msg = f"variant {variant.name}: {error}"
            raise RunError(msg) from error
    return write_sweep(sweep, folders)


def _learnt(
    sweep: Sweep, variant: Variant, measured: Path, *, wanted: Sequence[str], **options: Any
) -> Path:
    """Run a variant in its own folder, from what was measured for it, and return the folder."""
    folder = sweep.settings.out / variant.name
    hand_over(measured, folder)
    run(write_study(variant.study, folder), extra=wanted, **options)
    return folder
