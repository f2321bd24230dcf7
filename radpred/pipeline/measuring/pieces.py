"""Tumours in pieces, that habitats are learnt from: what they look like, and where they lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from radpred import segment
from radpred.backends import to_host
from radpred.cohort import Case
from radpred.config import ExtractionSettings, Original, StudySettings
from radpred.config.study import HabitatSettings
from radpred.errors import RegionError, SettingsError
from radpred.image import Box, Image, Mask, bounding_box
from radpred.pipeline.images.filter_kinds import FILTER_KINDS, ORIGINAL
from radpred.pipeline.images.responses import response_names, responses
from radpred.pipeline.images.scenes import Scene, prepare
from radpred.pipeline.lesions.drawn import TUMOUR, image_of, tumour_of
from radpred.table.bags import Bag, bag_name

if TYPE_CHECKING:
    from radpred.segment.items import Items


@dataclass(frozen=True, kw_only=True, eq=False)
class Pieces:
    """A tumour in pieces: what a model may see of them, and where they lie.

    Parameters
    ----------
    bag : Bag
        What they look like and which of them touch.
    items : Items
        Where they lie in ``box``.
    box : tuple of slice
        The part of ``scan`` around the tumour.
    scan : Image
        The scan as it is measured: resampled and normalised, where settings say so.
    """

    bag: Bag
    items: Items
    box: Box
    scan: Image


def first_modality(modalities: Iterable[str]) -> str:
    """Return the image column whose voxels habitats are made of: the first."""
    return next(iter(modalities))


def check_maps(settings: HabitatSettings, extraction: ExtractionSettings) -> None:
    """Refuse maps that the extraction does not make.

    Raises
    ------
    SettingsError
        One of them: which, and those that there are.
    """
    made = (ORIGINAL, *(name for name in response_names(extraction) if name != ORIGINAL))
    unknown = [name for name in settings.maps if name not in made]
    if unknown:
        msg = (
            f"habitats.maps: no image is called {', '.join(unknown)}; the extraction makes "
            f"{', '.join(made)}"
        )
        raise SettingsError(msg)


def pieces_of(
    image: Image, tumour: Mask, settings: HabitatSettings, extraction: ExtractionSettings
) -> Pieces:
    """Return a tumour in pieces, prepared as for its features.

    Parameters
    ----------
    image : Image
        The scan.
    tumour : Mask
        The tumour, on its grid.
    settings : HabitatSettings
        Which maps, and how small the pieces are.
    extraction : ExtractionSettings
        How scan and tumour are prepared, and what the filters are.

    Raises
    ------
    RegionError
        The tumour cannot be measured; the code says why.
    SettingsError
        A map that the extraction does not make.
    """
    check_maps(settings, extraction)
    if image.grid.shape[0] == 1:
        extraction = extraction.on_slice()
    image = replace(image, voxels=to_host(image.voxels))
    prepared = prepare(image, {TUMOUR: tumour}, extraction)
    if TUMOUR in prepared.refused:
        code = prepared.refused[TUMOUR]
        msg = f"{tumour.name}: {code}, so that it has no habitats; look at its mask"
        raise RegionError(msg, code=code)
    scene = prepared.scenes[0]
    box, region, maps = _maps(scene, settings.maps, extraction)
    items = segment.items_of(
        maps, region, supervoxels=settings.supervoxels, most=settings.most_voxels
    )
    bag = Bag(
        values=items.values,
        n_voxels=items.n_voxels,
        pairs=items.pairs,
        shared_mm2=items.shared_mm2,
        within_mm2=items.within_mm2,
        surface_mm2=items.surface_mm2,
        voxel_mm3=region.grid.voxel_volume_mm3,
    )
    return Pieces(bag=bag, items=items, box=box, scan=scene.image)


def case_pieces(case: Case, study: StudySettings) -> Pieces:
    """Return the tumour of a case in pieces, on its first image.

    Raises
    ------
    InputError
        A file that cannot be read, or an image and a mask that do not belong together.
    RegionError
        The tumour cannot be measured, or has no scan (``no_image``).
    SettingsError
        The study has no habitats, or names a map that its extraction does not make.
    """
    modality = first_modality(case.images)
    if study.habitats is None:
        msg = f"{case.case_id}: the study has no section habitats; add one"
        raise SettingsError(msg)
    if not case.images[modality]:
        msg = f"{case.case_id}: has no scan, so that it has no habitats; name one"
        raise RegionError(msg, code="no_image")
    image = image_of(case, study, modality)
    tumour = tumour_of(case, study, modality, image)
    return pieces_of(image, tumour, study.habitats, study.extraction_of(modality))


def bag_of(case: Case, study: StudySettings) -> tuple[Bag | None, dict[str, str]]:
    """Return what the habitats of a case are learnt from, or why there is nothing, by column."""
    if study.habitats is None:
        return None, {}
    try:
        return case_pieces(case, study).bag, {}
    except RegionError as error:
        return None, {bag_name(first_modality(case.images)): error.code}


def _maps(
    scene: Scene, names: Sequence[str], extraction: ExtractionSettings
) -> tuple[Box, Mask, list[Image]]:
    """Return the part of a scene around its tumour, and the tumour and its maps there."""
    region = scene.regions[TUMOUR]
    # One voxel more, so that a flat tumour is not taken for a flat image.
    box = bounding_box(to_host(region.voxels), margin=1)
    if box is None:
        msg = f"{region.name}: has no voxel, wanted at least one; draw it"
        raise RegionError(msg, code="empty_mask")
    grid = scene.image.grid.cropped(box)
    scan = replace(scene.image, voxels=scene.image.voxels[box], grid=grid, name=ORIGINAL)
    flat_axis = None if extraction.force_2d is None else "zyx".index(extraction.force_2d)
    filters = tuple(
        chosen
        for chosen in extraction.filters
        if not isinstance(chosen, Original)
        and set(names) & set(FILTER_KINDS[chosen.kind].names(chosen, flat_axis))
    )
    found = {ORIGINAL: scan}
    wanted = extraction.model_copy(update={"filters": filters})
    if filters:
        found |= {r.image.name: r.image for r in responses(scene.image, box, wanted)}
    cut = replace(region, voxels=region.voxels[box], grid=grid)
    return box, cut, [replace(found[name], grid=grid) for name in names]
