"""Options of commands that begin a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from radpred.cli.watching.show import say_line, say_waiting

if TYPE_CHECKING:
    from radpred.workflow import Manner

JsonLines = Annotated[
    bool, typer.Option("--json-lines", help="Progress as JSON on stdout, an object a line.")
]
WaitForOrphans = Annotated[
    bool,
    typer.Option("--wait-for-orphans", help="Wait for jobs that a killed run left behind."),
]
AcceptVersion = Annotated[
    bool,
    typer.Option("--accept-version", help="Make again what another version of radpred made."),
]


def manner_of(json_lines: bool, wait_for_orphans: bool, accept_version: bool) -> Manner:
    """Return how a run is begun and followed, as options say."""
    from radpred.workflow import Manner

    return Manner(
        accepts_version=accept_version,
        waits_for_orphans=wait_for_orphans,
        each_line=say_line if json_lines else None,
        waiting=say_waiting,
    )
