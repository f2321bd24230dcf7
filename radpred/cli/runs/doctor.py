"""`radpred doctor`: what would stop a run, found before anything is submitted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from radpred.cli.runs.run import ProfileName
from radpred.cli.show import err, escaped, out
from radpred.errors import RadpredError

if TYPE_CHECKING:
    from radpred.stages.cluster.asked import Asked
    from radpred.stages.doctor.finding import Finding

_COLOURS = {"ok": "green", "note": "yellow", "problem": "red"}


def doctor(
    study: Annotated[
        Path | None, typer.Argument(help="The study that is to run.", show_default=False)
    ] = None,
    profile: ProfileName = None,
    folder: Annotated[Path | None, typer.Option("--out", help="Where results go.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print findings as JSON.")] = False,
) -> None:
    """Look for what would stop a run: environment, machine, scheduler, folder, requests.

    With a study and a profile, every request of every rule is held against what the cluster has,
    and nothing is submitted.

    Exit status: 0 nothing stands in the way; 1 there is a problem; 2 the study file cannot be
    used.
    """
    with err.status("looking"):
        findings = _findings(study, profile=profile, folder=folder)
    if as_json:
        _print_json(findings)
    else:
        _print_table(findings)
    if any(one.verdict == "problem" for one in findings):
        raise typer.Exit(1)


def _findings(study: Path | None, *, profile: str | None, folder: Path | None) -> list[Finding]:
    """Return all that was found, the study's plan included."""
    from radpred.config import read_study
    from radpred.stages.cluster.slurm import ask
    from radpred.stages.doctor.examine import examine

    settings = None if study is None else read_study(study)
    if settings is not None and folder is not None:
        settings = settings.model_copy(update={"out": folder.resolve()})
    asked, wrong = _asked(study, profile=profile, folder=folder)
    return [*examine(study=settings, profile=profile, asked=asked, ask=ask), *wrong]


def _asked(
    study: Path | None, *, profile: str | None, folder: Path | None
) -> tuple[Sequence[Asked], list[Finding]]:
    """Return what the jobs of a study ask for, and why that is not known where it is not."""
    from radpred.stages.doctor.finding import Finding
    from radpred.workflow import planned_jobs

    if study is None:
        return (), []
    try:
        return planned_jobs(study, profile=profile, out=folder), []
    except (RadpredError, OSError) as error:  # a folder that cannot be written is judged by itself
        wrong = Finding(
            topic="study",
            verdict="problem",
            found=f"its jobs cannot be planned: {str(error).splitlines()[0]}",
            todo=f"`radpred run {study} --dry-run` says more",
        )
        return (), [wrong]


def _print_json(findings: Sequence[Finding]) -> None:
    """Print findings as a list of records."""
    import json
    from dataclasses import asdict

    out.print(json.dumps([asdict(one) for one in findings], indent=1), soft_wrap=True, markup=False)


def _print_table(findings: Sequence[Finding]) -> None:
    """Print a line for each finding, then the sum."""
    table = Table("what", "verdict", "found", "what to do")
    for one in findings:
        verdict = f"[{_COLOURS[one.verdict]}]{one.verdict}[/]"
        table.add_row(escaped(one.topic), verdict, escaped(one.found), escaped(one.todo))
    out.print(table)
    counts = {word: sum(one.verdict == word for one in findings) for word in _COLOURS}
    out.print(
        f"{counts['ok']} ok, {counts['note']} to note, {counts['problem']} problem(s)",
        highlight=False,
    )
