"""A filter's responses on a card that is short of memory: slab by slab, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, pairwise
from typing import Any

from radpred.backends import array_namespace, is_cupy, release
from radpred.image import Image
from radpred.pipeline.images._filter_kind import FilterKind, Source


def responses_of(kind: FilterKind, source: Source, chosen: Any) -> Iterator[Image]:
    """Yield a filter's responses, in as many slabs as the card's memory asks for.

    Raises
    ------
    MemoryError
        Not even single slices fit, or the host's memory is full.
    """
    n_responses = len(kind.names(chosen, source.flat_axis))
    n_slices = source.box[0].stop - source.box[0].start
    n_slabs, n_done = 1, 0
    while True:
        try:
            for response in _in_slabs(kind, source, chosen, range(n_done, n_responses), n_slabs):
                n_done += 1
                yield response
            return
        except MemoryError:
            if not is_cupy(source.image.voxels) or n_slabs >= n_slices:
                raise
        release()
        n_slabs = min(2 * n_slabs, n_slices)


def _in_slabs(
    kind: FilterKind, source: Source, chosen: Any, wanted: range, n_slabs: int
) -> Iterator[Image]:
    """Yield some of a filter's responses, made of slabs along z, which read what they need."""
    if n_slabs == 1:
        yield from islice(kind.filtered(source, chosen), wanted.start, None)
        return
    xp = array_namespace(source.image.voxels)
    z, y, x = source.box
    grid = source.image.grid.cropped(source.box)
    edges = [(z.stop - z.start) * number // n_slabs for number in range(n_slabs + 1)]
    for number in wanted:
        whole: Image | None = None
        for start, stop in pairwise(edges):
            slab = slice(z.start + start, z.start + stop), y, x
            # Bands before the wanted one are made again: to keep them is what memory lacks.
            made = iter(kind.filtered(replace(source, box=slab), chosen))
            part = next(islice(made, number, None))
            if whole is None:
                voxels = xp.empty(grid.shape, dtype=part.voxels.dtype)
                whole = replace(part, voxels=voxels, grid=grid)
            whole.voxels[start:stop] = part.voxels
        if whole is not None:
            yield whole
