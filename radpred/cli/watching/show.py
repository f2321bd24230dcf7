"""What is shown of a run: reasons for failures, ends, and where its jobs are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from radpred.cli.show import err, out

if TYPE_CHECKING:
    from rich.console import Console

    from radpred.stages.watching.failures import Failure
    from radpred.stages.watching.orphans import Orphan
    from radpred.stages.watching.state import Status


def say_line(line: dict[str, Any]) -> None:
    """Print one line of a run's journal, at once."""
    print(json.dumps(line), flush=True)


def say_waiting(found: list[Orphan]) -> None:
    """Say which jobs of an earlier run are waited for."""
    ids = ", ".join(one.id for one in found[:10])
    err.print(f"waiting for {len(found)} job(s) of an earlier run: {ids}", highlight=False)


def show_failures(console: Console, failures: Sequence[Failure]) -> None:
    """Print why cases failed, the top reason first."""
    from radpred.progress import failure_lines

    if not failures:
        return
    n_reasons = "1 reason" if len(failures) == 1 else f"{len(failures)} reasons"
    head = f"{sum(one.n for one in failures)} case(s) rejected, {n_reasons}:"
    console.print(head, style="yellow", highlight=False)
    for line in failure_lines(failures):
        console.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)


def show_result(report: Path) -> None:
    """Print the headline of a run, and where its files are."""
    from radpred.workflow import Results

    if not report.is_file():  # a dry run, or a target before the report
        out.print(f"done; see {report.parent / 'logs' / 'snakemake.log'}")
        return
    auroc = Results(report.parent).metrics["auroc"]
    if auroc["value"] is None:
        out.print(f"AUROC: {auroc.get('note', 'not available')}", highlight=False)
        out.print(f"report: {report}", highlight=False, soft_wrap=True)
        return
    interval = " to ".join("?" if auroc[k] is None else f"{auroc[k]:.2f}" for k in ("low", "high"))
    out.print(f"AUROC {auroc['value']:.2f} (95 % interval {interval})", highlight=False)
    out.print(f"report: {report}", highlight=False, soft_wrap=True)
    out.print(f"model:  {report.with_name('model.radpred')}", highlight=False, soft_wrap=True)


def stopped(interrupt: KeyboardInterrupt) -> typer.Exit:
    """Say that a run was stopped, and return the exit: 128 and the number of the signal."""
    err.print("radpred: stopped; the same command goes on from here")
    return typer.Exit(128 + getattr(interrupt, "number", 2))


@contextmanager
def following(
    study: Path, folder: Path | None, *, is_quiet: bool
) -> Iterator[Callable[[Status], None] | None]:
    """Give what shows how far a run is, and say in the end why cases failed."""
    from radpred.progress import Reporter
    from radpred.stages.watching.status import failures_of
    from radpred.workflow import RunError

    if is_quiet:
        yield None
        return
    try:
        with Reporter(err) as reporter:
            yield reporter.told
    except RunError:  # why cases failed may be why the run did
        show_failures(err, failures_of(folder or study))
        raise
    show_failures(err, failures_of(folder or study))
