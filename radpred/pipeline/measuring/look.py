"""A case as a person would look at it: first its headers, then its scan with what is marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from radpred.cohort import Case
from radpred.config import StudySettings
from radpred.errors import RadpredError
from radpred.image import Grid, Image, Mask
from radpred.io import (
    is_drawing,
    mask_labels,
    place_on,
    read_image,
    read_image_header,
    read_labels,
    read_mask,
    read_mask_header,
    refuse_apart,
    refuse_undrawn,
)
from radpred.pipeline.lesions.drawn import (
    TUMOUR,
    drawn_of,
    image_of,
    label_of,
    mask_source,
    tumour_of,
)
from radpred.pipeline.lesions.prompts import marked_anywhere, marked_on
from radpred.pipeline.lesions.reading import reading_of
from radpred.pipeline.measuring.measure import organ_of

MOST_REGIONS = 6  # that a person can tell apart
UNCHOSEN = ("several_labels", "label_missing", "structure_missing", "segment_missing")


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """A scan of a case with what is marked on it.

    Parameters
    ----------
    modality : str
        Of which image column it is.
    image : Image
        The scan.
    regions : tuple of Mask
        What is marked, each on a grid of its own.
    notes : tuple of str
        What had to be mended to bring them together.
    remark : str
        Why nothing is marked, where that is so.
    """

    modality: str
    image: Image
    regions: tuple[Mask, ...]
    notes: tuple[str, ...] = ()
    remark: str = ""


def header_notes(case: Case, study: StudySettings) -> tuple[str, ...]:
    """Return what headers alone tell has to be mended to bring images and masks together.

    No voxel is read, but of arrays in NumPy files.

    Raises
    ------
    InputError
        Headers tell that the case cannot be measured.
    """
    notes: list[str] = []
    for modality, path in case.images.items():
        grid = None
        if path:
            settings = study.extraction_of(modality)
            header = read_image_header(path, **reading_of(settings))
            grid = header.grid
            notes += header.steps
        if study.segmentation.method == "given":
            for drawn in _by_reader(case):
                notes += _mask_notes(drawn, study, modality, grid)
        elif grid is not None:
            marked_on(case, study, grid)
        if case.organ_mask and study.regions.has_surroundings and not is_drawing(case.organ_mask):
            organ = read_mask_header(case.organ_mask)
            if grid is not None:
                refuse_apart(organ.grid, grid, name="organ")
    return tuple(dict.fromkeys(notes))


def scenes(case: Case, study: StudySettings) -> Iterator[Scene]:
    """Yield each scan of a case with its lesion, as it would be measured.

    Raises
    ------
    InputError
        The case cannot be measured.
    """
    for modality in case.images:
        image = image_of(case, study, modality)
        regions: tuple[Mask, ...] = ()
        if study.segmentation.method == "given":
            regions = (tumour_of(case, study, modality, image),)
        else:
            regions = marked_on(case, study, image.grid)
        if study.regions.has_surroundings:
            organ_of(case, modality, image)
        notes = (*image.steps, *(step for mask in regions for step in mask.steps))
        yield Scene(modality=modality, image=image, regions=regions, notes=notes)


def scenes_regardless(case: Case, study: StudySettings) -> Iterator[Scene]:
    """Yield what can be seen of a case that cannot be measured, so that a person finds out why.

    Masks are left where their files put them, and each of several labels is a region of its own.
    """
    for modality in case.images:
        try:
            image = _any_image(case, study, modality)
        except (RadpredError, OSError):
            continue
        try:
            regions, remark = _any_regions(case, study, modality, image), ""
        except (RadpredError, OSError):
            regions, remark = (), "nothing to outline"
        yield Scene(modality=modality, image=image, regions=regions, remark=remark)


def _by_reader(case: Case) -> list[Case]:
    """Return a case with the masks of each of its readers, or as it is where it has none."""
    return [replace(case, masks=masks) for masks in case.readers.values()] or [case]


def _mask_notes(
    case: Case, study: StudySettings, modality: str, grid: Grid | None
) -> tuple[str, ...]:
    """Return what a mask's header tells, refused where it does not fit the image's grid."""
    path = mask_source(case, modality)
    if is_drawing(path):
        label = label_of(case, study, modality)
        is_split = label == "auto" and study.lesions != "given"
        refuse_undrawn(path, label="all" if is_split else label)
        return ()
    header = read_mask_header(path, channel=study.extraction_of(modality).mask_channel)
    if grid is not None:
        refuse_apart(header.grid, grid, name=f"{TUMOUR} on {modality}" if modality else TUMOUR)
    return header.steps


def _any_image(case: Case, study: StudySettings, modality: str) -> Image:
    """Return a scan, a colour image by its luminance where no channel was chosen."""
    try:
        return image_of(case, study, modality)
    except RadpredError as error:
        if error.code != "colour_image":
            raise
        return read_image(case.images[modality], channel="luminance")


def _any_regions(case: Case, study: StudySettings, modality: str, image: Image) -> tuple[Mask, ...]:
    """Return what is marked for a case where it lies, largest first."""
    if study.segmentation.method != "given":
        return marked_anywhere(case)
    if case.readers:
        regions = [
            replace(mask, name=reader)
            for reader, own in zip(case.readers, _by_reader(case), strict=True)
            for mask in _any_regions(replace(own, readers={}), study, modality, image)
        ]
        return tuple(regions[:MOST_REGIONS])
    try:
        regions = [drawn_of(case, study, modality, image)]
    except RadpredError as error:
        if error.code not in UNCHOSEN:
            raise
        regions = _each_label(case, study, modality, image)
    return tuple(_within(mask, image.grid) for mask in regions)


def _within(mask: Mask, grid: Grid) -> Mask:
    """Return a mask where it lies, or voxel by voxel where it and the image do not both say so."""
    if mask.grid.is_placed and grid.is_placed:
        return mask
    return place_on(mask, grid)


def _each_label(case: Case, study: StudySettings, modality: str, image: Image) -> list[Mask]:
    """Return the largest labels of a mask, each called by its number."""
    path, channel = mask_source(case, modality), study.extraction_of(modality).mask_channel
    if is_drawing(path):
        return [
            read_mask(path, label=number, name=f"number {number}", on=image.grid)
            for number in mask_labels(path)[:MOST_REGIONS]
        ]
    labels = read_labels(path, channel=channel)
    values, counts = np.unique(labels.voxels[labels.voxels != 0], return_counts=True)
    return [
        Mask(voxels=labels.voxels == value, grid=labels.grid, name=f"label {value:g}")
        for value in values[np.argsort(-counts, kind="stable")][:MOST_REGIONS]
    ]
