"""`radpred extract --voxel-wise`: maps of features, with progress and a summary."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from radpred.cli.show import err, out, show_verdicts
from radpred.errors import RadpredError

if TYPE_CHECKING:
    from radpred.config import ExtractionSettings
    from radpred.stages.commands.maps import MadeMaps, Told


def make_maps(
    image: Path | None,
    mask: Path | None,
    cases: Path | None,
    output: Path | None,
    *,
    settings: ExtractionSettings,
    label: str,
    pictured: Collection[str],
) -> None:
    """Write maps of one lesion, or of every row of a table, and say what was made."""
    from radpred.stages.commands.maps import maps_of_cases, maps_of_lesion

    if (cases is None) == (image is None or mask is None):
        msg = "give an image and its mask, or --cases cases.csv"
        raise RadpredError(msg)
    if output is not None and output.suffix:
        msg = f"{output}: maps are many files; give a folder for them by -o"
        raise RadpredError(msg)
    folder = output or Path("maps")
    if cases is not None:
        with _progress() as told:
            verdicts = maps_of_cases(cases, folder, settings=settings, pictured=pictured, told=told)
        show_verdicts(verdicts)
        out.print(f"maps: {folder}", highlight=False, soft_wrap=True)
        return
    assert image is not None and mask is not None
    with _progress() as told:
        made = maps_of_lesion(
            image, mask, folder, settings=settings, label=label, pictured=pictured, told=told
        )
    _show(made)


def with_cubes(
    settings: ExtractionSettings, radius: int | None, *, unmasked: bool
) -> ExtractionSettings:
    """Return settings with the cubes that the command line asks for."""
    from radpred.config import extraction_settings

    voxel = settings.voxel.model_dump()
    if radius is not None:
        voxel["kernel_radius"] = radius
    if unmasked:
        voxel["masked_kernel"] = False
    return extraction_settings({**settings.model_dump(), "voxel": voxel})


def check_options(voxel_wise: bool, ring: Sequence[float], of_maps: dict[str, object]) -> None:
    """Refuse options that belong to maps where none are made, and the other way round."""
    given = [f"--{name}" for name, value in of_maps.items() if value not in (None, False, [])]
    if given and not voxel_wise:
        msg = f"{', '.join(given)} is about maps; add --voxel-wise to make them, or leave it out"
        raise RadpredError(msg)
    if ring and voxel_wise:
        msg = "maps are made of the lesion and not of rings; leave --ring out"
        raise RadpredError(msg)


@contextmanager
def _progress() -> Iterator[Told]:
    """Show which image is mapped, and how many of its voxels are done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("voxels"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("mapping", total=None)

        def told(name: str, n: int, of: int) -> None:
            progress.update(task, description=name, completed=n, total=of)

        yield told


def _show(made: MadeMaps) -> None:
    """Say what was written, and why values are missing."""
    for note in made.notes:
        err.print(f"note: {note}", style="yellow", highlight=False, markup=False)
    out.print(f"wrote {len(made.summary)} maps: {made.folder}", highlight=False, soft_wrap=True)
    for reasons, maps in made.summary.groupby("reasons", sort=False)["map"]:
        if reasons:
            line = f"no value in voxels of {len(maps)} map(s), as {maps.iloc[0]}: {reasons!s}"
            out.print(line, highlight=False, soft_wrap=True)
    out.print(f"picture: {made.folder / 'picture.png'}", highlight=False, soft_wrap=True)
