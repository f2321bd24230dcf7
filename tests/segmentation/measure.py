"""Every method from every prompt, held against the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from time import perf_counter
from typing import Any

import numpy as np
from scipy import ndimage

from radpred.errors import RegionError
from radpred.image import Mask
from radpred.segment import METHODS, BoxPrompt, ExtremePoints, PointPrompt, segment_prompt
from radpred.segment.agreement import agreement
from radpred.segment.extent import extent_at
from radpred.segment.prompt import Prompt, bounds_of, box_about
from segmentation.lesions import Lesion

BOX, TIGHT, SIX, POINT = "box, a fifth larger at each end", "tight box", "extreme points", "point"


def prompts_of(lesion: Lesion) -> dict[str, Prompt]:
    """Return the prompts of a lesion; what a person would choose is drawn, by a fixed seed."""
    rng, truth = np.random.default_rng(1), lesion.truth
    centres = truth.grid.to_world(np.argwhere(truth.voxels))
    middle, half = bounds_of(centres, truth.grid)
    outermost = []
    for axis in range(3):
        for end in (centres[:, axis].min(), centres[:, axis].max()):
            outermost += rng.choice(centres[centres[:, axis] == end]).tolist()
    return {
        BOX: BoxPrompt(box_about(middle, 1.4 * half)),
        TIGHT: BoxPrompt(box_about(middle, half), margin=0.0),
        SIX: ExtremePoints(tuple(outermost)),
        POINT: PointPrompt(tuple(_inner(truth, rng))),
    }


def rows_of(lesion: Lesion) -> Iterator[dict[str, Any]]:
    """Yield what each method reaches from each prompt."""
    for name, prompt in prompts_of(lesion).items():
        seconds = 0.0
        if isinstance(prompt, PointPrompt):  # the extent is the same for every method: once
            start = perf_counter()
            found = _extent(lesion, prompt)
            seconds = perf_counter() - start
        for method in METHODS:
            row = {"lesion": lesion.name, "prompt": name, "method": method}
            if isinstance(prompt, PointPrompt):
                yield row | (_row(lesion, found, method, seconds) if found else _failed())
            else:
                yield row | _row(lesion, prompt, method, 0.0)


def between(pairs: list[tuple[Mask, Mask]]) -> Iterator[dict[str, float]]:
    """Yield how well masks agree."""
    for one, other in pairs:
        yield _measures(one, other)


def _extent(lesion: Lesion, prompt: PointPrompt) -> BoxPrompt | None:
    """Return the box that a point becomes."""
    try:
        corners = extent_at(lesion.image, prompt, rng=np.random.default_rng(0))
    except RegionError:
        return None
    low, high = np.reshape(corners, (2, 3))
    return BoxPrompt(box_about((low + high) / 2, 1.4 * (high - low) / 2))


def _row(lesion: Lesion, prompt: Prompt, method: str, seconds: float) -> dict[str, Any]:
    """Return what a method reaches."""
    start = perf_counter()
    try:
        rng = np.random.default_rng(0)
        mask = segment_prompt(lesion.image, prompt, method=method, rng=rng)
    except RegionError:
        return _failed()
    seconds += perf_counter() - start
    return {**_measures(mask, lesion.truth), "seconds": seconds, "failed": 0.0}


def _failed() -> Mapping[str, float]:
    """Return what counts where nothing was found: no overlap, no distance."""
    return {"dice": 0.0, "hd95": np.nan, "asd": np.nan, "seconds": np.nan, "failed": 1.0}


def _measures(one: Mask, other: Mask) -> dict[str, float]:
    """Return overlap and distances of surfaces."""
    found = agreement(one, other)
    return {"dice": found.dice, "hd95": found.hd95_mm, "asd": found.asd_mm}


def _inner(mask: Mask, rng: np.random.Generator) -> list[float]:
    """Return a voxel of a mask at least half as deep as its deepest."""
    depth = ndimage.distance_transform_edt(np.pad(mask.voxels, 1), mask.grid.spacing)
    depth = depth[1:-1, 1:-1, 1:-1]
    inner = np.argwhere(depth >= depth.max() / 2)
    return mask.grid.to_world(rng.choice(inner)).tolist()
