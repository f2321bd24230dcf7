"""`radpred habitats`: the habitats of a model's cases as label images and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from radpred.cli.show import err, out, show_verdicts


def habitats(
    run: Annotated[
        Path,
        typer.Argument(help="A study's results, or a model.radpred file.", show_default=False),
    ],
    case: Annotated[list[str] | None, typer.Option(help="Only this case; repeat.")] = None,
    cases: Annotated[Path | None, typer.Option(help="A table of other cases.")] = None,
    folder: Annotated[Path, typer.Option("--out", "-o", help="Where to write.")] = Path("habitats"),
) -> None:
    """Write the habitats that a model knows: a label image and a picture of each case."""
    from radpred.stages.habitats import habitats as written

    with err.status("habitats") as status:
        made = written(
            run,
            folder,
            cases=cases,
            only=case or (),
            told=lambda n, of: status.update(f"habitats: {n} of {of}"),
        )
    out.print(f"wrote habitats of {len(made.table)} case(s): {made.folder}", highlight=False)
    if (made.verdicts["status"] != "accepted").any():
        show_verdicts(made.verdicts)
