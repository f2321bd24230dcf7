"""`radpred sweep`: variants of one study, each run and all compared."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from radpred.cli.show import err, escaped, out
from radpred.cli.watching.options import AcceptVersion, WaitForOrphans, manner_of
from radpred.cli.watching.show import stopped

if TYPE_CHECKING:
    from radpred.workflow import Status


def sweep(
    file: Annotated[Path, typer.Argument(help="The sweep file (YAML).", show_default=False)],
    cores: Annotated[int | None, typer.Option("--cores", "-c", help="Processor cores.")] = None,
    profile: Annotated[
        str | None, typer.Option(help="default, slurm, or the folder of your own.")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--out", help="Where results go.")] = None,
    reports: Annotated[
        bool, typer.Option("--reports", help="End each variant with evidence, report and model.")
    ] = False,
    wait_for_orphans: WaitForOrphans = False,
    accept_version: AcceptVersion = False,
) -> None:
    """Run variants of a study and compare them on the same patients.

    What variants share is measured once, and a sweep that was stopped goes on. Exit status: 0
    all were compared; 2 a setting or a variant failed; 130 interrupted, 143 ended by
    SIGTERM.
    """
    from radpred.progress import Reporter
    from radpred.sweep import Turn, run_sweep

    try:
        with ExitStack() as shown:

            def turned(turn: Turn) -> Callable[[Status], None]:
                shown.close()
                line = f"variant {turn.number} of {turn.total}: {turn.variant}"
                err.print(line, highlight=False, markup=False)
                return shown.enter_context(Reporter(err)).told

            found = run_sweep(
                file,
                cores=cores,
                profile=profile,
                out=folder,
                has_reports=reports,
                turned=turned,
                manner=manner_of(False, wait_for_orphans, accept_version),
            )
    except KeyboardInterrupt as interrupt:
        raise stopped(interrupt) from None
    _show(found)


def _show(found: dict[str, Any]) -> None:
    """Print a line for each variant."""
    table = Table(title=escaped(found["title"]))
    table.add_column("variant", no_wrap=True)
    for name in ("patients", "AUROC", f"minus {found['reference']}", "p", "p, Holm"):
        table.add_column(escaped(name), justify="right")
    for row in found["variants"]:
        cells = [str(row["n_patients"]), _ends(row["auroc"])]
        if "difference" in row:
            p = ("?" if row[key] is None else f"{row[key]:.3f}" for key in ("p", "p_holm"))
            cells += [_ends(row["difference"]), *p]
        table.add_row(escaped(row["variant"]), *cells)
    out.print(table)


def _ends(interval: dict[str, Any]) -> str:
    """Return a value with the ends of its interval."""
    value, low, high = (
        "?" if interval[key] is None else f"{interval[key]:.2f}" for key in ("value", "low", "high")
    )
    return f"{value} ({low} to {high})"
