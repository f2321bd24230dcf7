"""`radpred status`: how far a run is, from another shell or after its end."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from radpred.cli.show import out
from radpred.cli.watching.show import say_line
from radpred.progress import failure_lines, left_words, rate_words

if TYPE_CHECKING:
    from radpred.stages.watching.costs import Cost
    from radpred.stages.watching.status import RunStatus, Step

AGAIN_S = 2.0
_STYLES = {"done": "green", "at work": "bold cyan", "failed": "bold red", "waiting": "dim"}


def status(
    run: Annotated[
        Path, typer.Argument(help="The folder of results, or the study file.", show_default=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Again until the run ends.")] = False,
) -> None:
    """Say how far a run is, why cases failed, who works on it, and how to go on.

    Only reads, from another shell as well as after the end. Exit status: 0 the run is at work or
    finished; 1 it is neither; 2 there is no such run.
    """
    from radpred.stages.watching.status import status_of

    found = status_of(run)
    if watch:
        found = _watched(run, found, as_json=as_json)
    elif as_json:
        out.print_json(json.dumps(found.plain(), default=str))
    else:
        _print(found)
    if found.state not in ("running", "orphaned", "finished"):
        raise typer.Exit(1)


def _watched(run: Path, found: RunStatus, *, as_json: bool) -> RunStatus:
    """Show a run again and again until nothing works on it, and return how it ended."""
    from radpred.stages.watching.status import status_of

    if as_json:
        say_line(json.loads(json.dumps(found.plain(), default=str)))
    with Live(_page(found), console=out, auto_refresh=False, transient=True) as live:
        while found.state in ("running", "orphaned"):
            time.sleep(AGAIN_S)
            found = status_of(run)
            if as_json:
                say_line(json.loads(json.dumps(found.plain(), default=str)))
            elif out.is_terminal:
                live.update(_page(found), refresh=True)
    if not as_json:
        _print(found)
    return found


def _print(found: RunStatus) -> None:
    """Print all that is shown of a run; paths and commands stay on one line, to be copied."""
    for part in _page(found).renderables:
        out.print(part, soft_wrap=True)


def _page(found: RunStatus) -> Group:
    """Return all that is shown of a run."""
    parts: list[Text | Table] = [_head(found), _steps(found)]
    if found.failures:
        n = sum(one.n for one in found.failures)
        parts.append(Text(f"rejected: {n} of {found.n_listed} case(s)", style="yellow"))
        parts += [Text(f"  {line}") for line in failure_lines(found.failures)]
    parts += [Text(f"at work: {one.kind} {one.id}  {one.what}") for one in found.orphans[:8]]
    if len(found.orphans) > 8:
        parts.append(Text(f"         and {len(found.orphans) - 8} more"))
    parts += [Text(f"log: {path}") for path in found.logs]
    if found.todo:
        parts.append(Text(f"next: {found.todo}"))
    return Group(*parts)


def _head(found: RunStatus) -> Text:
    """Return the state of the run, and who holds its folder."""
    words = Text()
    words.append(f"{found.out}: ", style="bold")
    words.append(found.state, style="bold")
    began = f", began {found.began}" if found.began else ""
    ended = f", ended {found.ended}" if found.ended else ""
    version = f" (radpred {found.version})" if found.version else ""
    words.append(f"{began}{ended}{version}")
    holder = found.holder
    if holder is not None:
        verb = "held" if holder.is_alive else "was held"
        words.append(f"\n{verb} by process {holder.pid} on {holder.host} since {holder.since}")
    if found.message:
        words.append(f"\n{found.message.splitlines()[0]}")
    return words


def _steps(found: RunStatus) -> Table:
    """Return a line for each step."""
    table = Table("step", "state", box=None, pad_edge=False)
    for name in ("jobs", "pieces", "rate", "left", "time", "memory"):
        table.add_column(name, justify="right")
    costs = {cost.step: cost for cost in found.costs}
    for step in found.steps:
        jobs = f"{step.jobs_done}/{step.jobs}"
        style = _STYLES[step.state]
        cells = (*_pieces(step, is_over=step.state != "at work"), *_cost(costs.get(step.step)))
        table.add_row(step.step, Text(step.state, style=style), jobs, *cells)
    return table


def _pieces(step: Step, *, is_over: bool) -> tuple[str, str, str]:
    """Return the pieces of a step, its rate, and the time left while it is at work."""
    at = step.pieces
    if at is None:
        return "", "", ""
    return f"{at.done}/{at.total}", rate_words(at.rate), "" if is_over else left_words(at)


def _cost(cost: Cost | None) -> tuple[str, str]:
    """Return the wall time of the jobs of a step that have ended, and their peak memory."""
    if cost is None:
        return "", ""
    memory = "" if cost.peak_mb is None else f"{cost.peak_mb:.0f} MB"
    return f"{cost.seconds:.0f} s", memory
