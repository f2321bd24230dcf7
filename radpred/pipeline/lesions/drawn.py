"""What is drawn for a case: its scan, its lesion by one reader or several, and its parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from radpred.cohort import Case
from radpred.config import StudySettings
from radpred.errors import GeometryError, InputError
from radpred.image import Image, Mask
from radpred.io import (
    NO_SIZE,
    is_drawing,
    mask_labels,
    place_on,
    read_image,
    read_mask,
    read_mask_header,
)
from radpred.pipeline.lesions.readers import agreed
from radpred.pipeline.lesions.reading import reading_of
from radpred.segment import largest_part, part_at, places_of_parts

TUMOUR = "tumour"
WHOLE = ("merge", "components", "largest")  # where these labels of a mask are one, or its parts


def image_of(case: Case, study: StudySettings, modality: str) -> Image:
    """Return a scan of a case; where the table names none, nothing on the grid of the mask."""
    path = case.images[modality]
    if path:
        return read_image(path, **reading_of(study.extraction_of(modality)))
    masks = next(iter(case.readers.values()), {})
    grid = drawn_of(case if case.masks else replace(case, masks=masks), study, modality).grid
    is_sized = grid.is_placed or grid.spacing != (1, 1, 1)
    steps = () if is_sized else (NO_SIZE,)
    return Image(voxels=np.zeros(grid.shape, dtype=np.uint8), grid=grid, steps=steps)


def tumour_of(case: Case, study: StudySettings, modality: str, image: Image) -> Mask:
    """Return the tumour of a case on the grid of one of its images."""
    if case.readers and not case.masks:
        return agreed(reader_masks(case, study, modality, image), study.readers).mask
    mask = drawn_of(case, study, modality, image)
    if case.place is not None:
        mask = part_at(mask, case.place)
    elif study.lesions == "largest":
        mask = largest_part(mask)
    return place_on(mask, image.grid)


def reader_masks(case: Case, study: StudySettings, modality: str, image: Image) -> dict[str, Mask]:
    """Return what each reader of a case marked, on the grid of one of its images.

    A reader who marked nothing saw no lesion: an empty mask is an answer here.

    Raises
    ------
    InputError
        A mask cannot be read; or there is no image, and the masks lie on different grids.
    """
    found: dict[str, Mask] = {}
    for reader, masks in case.readers.items():
        if not case.images[modality]:
            _refuse_another_grid(mask_source(replace(case, masks=masks), modality), reader, image)
        try:
            found[reader] = tumour_of(replace(case, masks=masks), study, modality, image)
        except InputError as error:
            if error.code != "empty_mask":
                raise
            nothing = np.zeros(image.grid.shape, dtype=bool)
            step = f"reader {reader} marked nothing"
            found[reader] = Mask(voxels=nothing, grid=image.grid, name=TUMOUR, steps=(step,))
    return found


def _refuse_another_grid(path: str, reader: str, image: Image) -> None:
    """Refuse a reader's mask that lies on another grid than the first one's."""
    grid = read_mask_header(path).grid
    if grid != image.grid:
        msg = (
            f"the mask of reader {reader} lies on {grid}, that of the first on {image.grid}, and "
            "there is no image; write the masks of a lesion on one grid"
        )
        raise GeometryError(msg)


def lesions_of(case: Case, study: StudySettings) -> list[Case]:
    """Return a case for each lesion of a case's mask: each label, or each connected part.

    Where there is one, or ``mask_label`` names it, the case stays as it is; else each gets the
    case's name with its label, or with its number from the largest part on, behind a colon.

    Raises
    ------
    InputError
        The mask cannot be read.
    RegionError
        ``too_many_lesions``.
    """
    modality = next(iter(case.images))
    settings = study.extraction_of(modality)
    path = mask_source(case, modality)
    if study.lesions == "rows" and not case.mask_label and settings.mask_label is None:
        labels = mask_labels(path, channel=settings.mask_channel)
        if len(labels) > 1:
            return [
                replace(case, case_id=f"{case.case_id}:{label}", mask_label=str(label))
                for label in labels
            ]
    if study.lesions == "components":
        image = image_of(case, study, modality) if is_drawing(path) else None
        places = places_of_parts(drawn_of(case, study, modality, image))
        if len(places) > 1:
            return [
                replace(case, case_id=f"{case.case_id}:{number}", place=place)
                for number, place in enumerate(places, start=1)
            ]
    return [case]


def drawn_of(case: Case, study: StudySettings, modality: str, image: Image | None = None) -> Mask:
    """Return what is marked for a case: one label of its mask, or all where lesions says so."""
    return read_mask(
        mask_source(case, modality),
        label=label_of(case, study, modality),
        channel=study.extraction_of(modality).mask_channel,
        name=TUMOUR,
        on=None if image is None else image.grid,
        image_source=case.images[modality] or None,
    )


def mask_source(case: Case, modality: str) -> str:
    """Return where the mask for an image of a case is."""
    return case.masks.get(modality) or case.masks[""]


def label_of(case: Case, study: StudySettings, modality: str) -> int | str:
    """Return which label of its mask is a case's lesion."""
    if case.is_consensus(mask_source(case, modality)):
        return "auto"  # made of what readers marked by that label
    label = case.mask_label or study.extraction_of(modality).mask_label or "auto"
    return "all" if label == "auto" and study.lesions in WHOLE else label
