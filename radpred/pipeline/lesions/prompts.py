"""What a case's table tells of a lesion that has no mask, and where that lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from radpred.cohort import Case
from radpred.config import StudySettings
from radpred.image import Grid, Mask
from radpred.segment import BoxPrompt, Cleaning, ExtremePoints, PointPrompt, box_mask
from radpred.segment.prompt import Prompt, box_about, box_prompt_of, place_in

SEEN_MM = 4.0  # how large a point is drawn


def prompt_of(case: Case, study: StudySettings) -> Prompt | None:
    """Return what marks the lesion of a case: extreme points before a box, a box before a point."""
    how = study.segmentation
    if case.extreme_points is not None:
        return ExtremePoints(case.extreme_points)
    if case.box is not None:
        return BoxPrompt(case.box, margin=how.box_margin)
    return None if case.point is None else PointPrompt(case.point, largest_mm=how.largest_mm)


def cleaning_of(study: StudySettings) -> Cleaning:
    """Return what is done to masks that a study makes."""
    how = study.segmentation
    return Cleaning(
        largest_part=how.largest_part, fill_holes=how.fill_holes, smooth_mm=how.smooth_mm
    )


def marked_on(case: Case, study: StudySettings, grid: Grid) -> tuple[Mask, ...]:
    """Return the box, or the place of the point, that marks the lesion of a case on an image.

    Raises
    ------
    RegionError
        It lies outside the image, or is none.
    """
    prompt = prompt_of(case, study)
    if prompt is None:
        return ()
    if isinstance(prompt, PointPrompt):
        place = place_in(prompt.place, grid)
        half = np.maximum(SEEN_MM / 2, max(grid.spacing))
        return (replace(box_mask(grid, box_about(place, np.full(3, half))), name="point"),)
    box = box_prompt_of(prompt, grid) if isinstance(prompt, ExtremePoints) else prompt
    return (replace(box_mask(grid, box.corners), name="box"),)


def marked_anywhere(case: Case) -> tuple[Mask, ...]:
    """Return a case's prompt as a mask of one voxel that is as large, wherever the image lies."""
    if case.box is not None and case.extreme_points is None:
        corners, name = np.reshape(case.box, (2, 3)), "box"
    elif case.extreme_points is not None:
        corners, name = np.reshape(case.extreme_points, (-1, 3)), "box"
    elif case.point is not None:
        corners, name = np.add.outer((-SEEN_MM / 2, SEEN_MM / 2), case.point), "point"
    else:
        return ()
    low, high = corners.min(axis=0), corners.max(axis=0)
    x, y, z = (float(p) for p in (low + high) / 2)
    dx, dy, dz = (max(float(length), 1.0) for length in high - low)
    grid = Grid(shape=(1, 1, 1), spacing=(dz, dy, dx), origin=(x, y, z))
    return (Mask(voxels=np.ones((1, 1, 1), dtype=bool), grid=grid, name=name),)
