"""`radpred check`: every input of a study judged before any work, and shown on a page."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from radpred.cli.show import err, out, show_verdicts
from radpred.errors import RadpredError

if TYPE_CHECKING:
    from radpred.stages.commands.check import Checked, Looked


def check(
    study: Annotated[Path, typer.Argument(help="The study file (YAML).", show_default=False)],
    fast: Annotated[
        bool, typer.Option("--fast", help="Tables and headers only: no scan is opened.")
    ] = False,
    page: Annotated[
        Path | None,
        typer.Option(
            help="Where the page with pictures goes; by default check.html among the study's "
            "results, and nowhere with --fast.",
            show_default=False,
        ),
    ] = None,
    save: Annotated[Path | None, typer.Option(help="Write all verdicts as CSV.")] = None,
) -> None:
    """Judge every input of a study before any work: tables, files, geometry, labels.

    Tables and headers of all cases are read first, then the scans; a page shows every case with
    the outline of its mask on three sides.

    Exit status: 0 the study can go on; 1 it cannot, by the study's rejected_cases: leave_out (the
    default) when no case is left, stop when any is rejected, warn never; 2 the study file or a
    whole table cannot be used.
    """
    from radpred.stages.work.files import write_bytes

    checked = _checked(study, is_fast=fast)
    show_verdicts(checked.verdicts)
    if save is not None:
        write_bytes(save, checked.verdicts.to_csv(index=False).encode())
    if page is not None or not fast:
        _write_page(checked, page)
    if not fast and not checked.exit_status:
        _foretell(study)
    if checked.exit_status and checked.is_usable:
        line = f"rejected_cases: stop, and {checked.n_rejected} rejected: correct or remove them"
        err.print(line, style="red", highlight=False)
    if checked.exit_status:
        raise typer.Exit(checked.exit_status)


def _checked(study: Path, *, is_fast: bool) -> Checked:
    """Check a study, with a bar for each pass, and a word of headers that were wrong at once."""
    from radpred.progress import Reporter
    from radpred.stages.commands.check import HEADERS
    from radpred.stages.commands.check import check as judged
    from radpred.workflow import Status

    started = time.monotonic()
    with Reporter(err) as reporter:

        def told(at: Looked) -> None:
            reporter.told(Status(at.step, at.done, at.total, time.monotonic() - started))
            if at.step == HEADERS and at.done == at.total and at.n_rejected and not is_fast:
                line = f"headers alone reject {at.n_rejected} of {at.total} cases; opening scans"
                err.print(line, style="yellow", highlight=False)

        return judged(study, is_fast=is_fast, has_pictures=not is_fast, told=told)


def _foretell(study: Path) -> None:
    """Say whether patients are enough, and what each preset costs."""
    from radpred.stages.inputs.forecast import forecast

    try:
        with err.status("timing single fits"):
            lines = forecast(study, has_presets=True)
    except RadpredError:
        return  # verdicts are there; what cannot be reckoned is no fault of a case
    for line in lines:
        out.print(line, highlight=False)


def _write_page(checked: Checked, page: Path | None) -> None:
    """Write the page and say where it is."""
    from radpred.stages.commands.check import write_page

    try:
        path = write_page(checked, page)
    except OSError as error:
        msg = f"the page cannot be written ({error}); name another place by --page"
        raise RadpredError(msg) from error
    out.print(f"page: {path}", highlight=False, soft_wrap=True)
