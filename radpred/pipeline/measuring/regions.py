"""The regions that a study measures: their names, without an image, and their voxels on one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from radpred.config.study import RegionSettings
from radpred.image import Image, Mask
from radpred.regions import (
    Region,
    core_of,
    distant_control,
    inner_rims,
    mirrored_control,
    peritumoral_rings,
    tumour_with_ring,
    usable_tissue,
)

Edges = tuple[tuple[float, float], ...]
CONTROLS = {"mirrored": mirrored_control, "distant": distant_control}


def region_names(settings: RegionSettings) -> tuple[str, ...]:
    """Return the names of the regions beside the tumour, in order.

    Examples
    --------
    >>> region_names(RegionSettings(rings_mm=(4, 8), rings="disjoint", rim_mm=(2,)))
    ('ring_0_4mm', 'ring_4_8mm', 'rim_0_2mm')
    """
    return (
        *(f"ring_{a:g}_{b:g}mm" for a, b in ring_edges(settings)),
        *(f"tumour_ring_{mm:g}mm" for mm in _with_tumour(settings)),
        *(f"rim_{a:g}_{b:g}mm" for a, b in rim_edges(settings)),
        *(["core"] if settings.core else []),
        *(f"control_{kind}" for kind in dict.fromkeys(settings.controls)),
    )


def ring_edges(settings: RegionSettings) -> Edges:
    """Return the inner and outer distance of each ring, in mm."""
    return _edges(settings.rings_mm, settings)


def rim_edges(settings: RegionSettings) -> Edges:
    """Return the lesser and greater depth of each rim, in mm."""
    return _edges(settings.rim_mm, settings)


def drawn_regions(
    tumour: Mask,
    image: Image,
    settings: RegionSettings,
    *,
    window: tuple[float, float] | None = None,
    organ: Mask | None = None,
    lesions: Sequence[Mask] = (),
) -> Iterator[Region]:
    """Yield the regions beside the tumour, in the order of their names.

    Parameters
    ----------
    tumour : Mask
        On the image's grid.
    image : Image
        The scan; its intensities matter where there is a window.
    settings : RegionSettings
        Which regions.
    window : (float, float), optional
        Lowest and highest intensity of what rings and controls may hold.
    organ : Mask, optional
        Rings and controls stay inside it.
    lesions : sequence of Mask
        Other lesions of the patient: no ring or control enters them.

    Raises
    ------
    RegionError
        ``empty_mask``.
    GeometryError
        Masks on other grids than the image.
    """
    has_window = window is not None and settings.has_surroundings
    tissue = usable_tissue(image, window=window, organ=organ) if has_window else organ
    edges = ring_edges(settings)
    rings = peritumoral_rings(tumour, edges, organ=tissue, others=list(lesions))
    yield from rings
    for mm in _with_tumour(settings):
        yield tumour_with_ring(tumour, _up_to(mm, rings, edges), outer_mm=mm)
    edges = rim_edges(settings)
    rims = inner_rims(tumour, edges)
    yield from rims
    if settings.core:
        yield core_of(tumour, _up_to(max(settings.rim_mm), rims, edges))
    for kind in dict.fromkeys(settings.controls):
        yield CONTROLS[kind](
            tumour,
            organ=organ,
            tissue=tissue,
            others=list(lesions),
            distance_mm=settings.control_distance_mm,
        )


def _edges(outer_mm: Sequence[float], settings: RegionSettings) -> Edges:
    """Return where shells begin and end."""
    outer = sorted(outer_mm)
    inner = [0.0, *outer] if settings.rings == "disjoint" else [0.0] * len(outer)
    return tuple(zip(inner[: len(outer)], outer, strict=True))


def _with_tumour(settings: RegionSettings) -> list[float]:
    """Return how far rings that are measured together with the tumour reach, in mm."""
    return sorted(settings.rings_mm) if settings.tumour_with_ring else []


def _up_to(mm: float, shells: Sequence[Region], edges: Edges) -> list[Region]:
    """Return the shells that together reach from the surface to a distance."""
    if all(inner == 0 for inner, _ in edges):
        return [shell for shell, (_, outer) in zip(shells, edges, strict=True) if outer == mm][:1]
    return [shell for shell, (_, outer) in zip(shells, edges, strict=True) if outer <= mm]
