"""`radpred datasets`: public data as studies that are ready to run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from radpred.cli.show import err, out

datasets = typer.Typer(help="Public data as studies that are ready to run.", no_args_is_help=True)


@datasets.callback()
def _group() -> None:
    """Public data as studies that are ready to run."""


@datasets.command("lidc")
def lidc(
    folder: Annotated[Path, typer.Argument(help="Where to write.", show_default=False)],
    readers: Annotated[
        int, typer.Option(help="How many outlined a nodule, at least.", min=1, max=4)
    ] = 3,
) -> None:
    """Lung nodules of 1,010 patients as up to four readers outlined and rated them (no images).

    The outlines come with `pip install radpred[lidc]`; nothing is downloaded.
    """
    from radpred.stages.commands.lidc import write_lidc

    with err.status("reading outlines") as status:
        found = write_lidc(
            folder,
            fewest_readers=readers,
            told=lambda n, of: status.update(f"writing masks: {n} of {of} nodules"),
        )
    line = (
        f"{found.n_nodules} nodules of {found.n_patients} patients ({found.n_malignant} rated "
        f"malignant), {found.n_masks} masks of readers"
    )
    out.print(line, highlight=False)
    out.print(f"study: {found.study}; run it: radpred run {found.study}", highlight=False)
