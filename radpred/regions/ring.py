"""Peritumoral rings: shells around a tumour, in mm, with what cannot be used left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from radpred.backends import array_namespace, beside, measurable
from radpred.errors import GeometryError, RegionError
from radpred.image import Array, Mask
from radpred.regions.surroundings import Surroundings


@dataclass(frozen=True, kw_only=True)
class Ring:
    """A shell around a tumour.

    Parameters
    ----------
    mask : Mask
        Its voxels, on the tumour's grid; the name is like ``ring_2_4mm``.
    kept_fraction : float
        Volume of ``mask`` as part of the whole shell: what lies outside the image, outside the
        organ or in other lesions is lost.
    reason : str
        Why the mask is empty: ``ring_below_voxel_size`` or ``ring_cut_away``; "" where it is not.
    """

    mask: Mask
    kept_fraction: float
    reason: str = ""


def peritumoral_ring(
    tumour: Mask,
    *,
    inner_mm: float = 0.0,
    outer_mm: float,
    organ: Mask | None = None,
    others: Sequence[Mask] = (),
) -> Ring:
    """Return the shell from ``inner_mm`` to ``outer_mm`` outside the surface of ``tumour``.

    Parameters
    ----------
    tumour : Mask
        Cavities that it encloses belong to it: they are no surroundings.
    inner_mm, outer_mm : float
        Distances from the surface; how the surface is found, see `radpred.regions.surface`.
    organ : Mask, optional
        The ring stays inside it.
    others : sequence of Mask
        Other lesions: the ring leaves them out.

    Raises
    ------
    RegionError
        ``empty_mask``, or ``bad_ring``: distances that make no shell.
    GeometryError
        Masks on different grids.

    Examples
    --------
    >>> from radpred.datasets.phantom import sphere
    >>> ring = peritumoral_ring(sphere(10.0, spacing=(5.0, 0.7, 0.7)), outer_mm=3.0)
    >>> ring.mask.name, round(ring.mask.volume_mm3, -2)  # 4/3 pi (13^3 - 10^3) = 5014 mm3
    ('ring_0_3mm', 5000.0)
    """
    edges = ((inner_mm, outer_mm),)
    return peritumoral_rings(tumour, edges, organ=organ, others=others)[0]


def peritumoral_rings(
    tumour: Mask,
    edges_mm: Sequence[tuple[float, float]],
    *,
    organ: Mask | None = None,
    others: Sequence[Mask] = (),
) -> tuple[Ring, ...]:
    """Return a shell for each pair of inner and outer distances; the distances are found once.

    Parameters
    ----------
    tumour : Mask
        As in `peritumoral_ring`.
    edges_mm : sequence of (float, float)
        Inner and outer distance from the surface of each ring.
    organ : Mask, optional
        The rings stay inside it.
    others : sequence of Mask
        Other lesions: the rings leave them out.

    Raises
    ------
    RegionError
        ``empty_mask``, or ``bad_ring``: distances that make no shell.
    GeometryError
        Masks on different grids.
    """
    for inner, outer in edges_mm:
        if not 0 <= inner < outer < np.inf:
            msg = f"a ring from {inner:g} to {outer:g} mm; wanted 0 <= inner < outer"
            raise RegionError(msg, code="bad_ring")
    for mask in (*others, *([] if organ is None else [organ])):
        if mask.grid != tumour.grid:
            msg = (
                f"{mask.name}: lies on {mask.grid}, {tumour.name} on {tumour.grid}; "
                "place both on the image's grid"
            )
            raise GeometryError(msg)
    if not edges_mm:
        return ()
    around = Surroundings.of(tumour, reach_mm=max(outer for _, outer in edges_mm))
    usable = _usable(tumour, organ, others)
    return tuple(_ring(tumour, around, usable, inner, outer) for inner, outer in edges_mm)


def _usable(tumour: Mask, organ: Mask | None, others: Sequence[Mask]) -> Array:
    """Return which voxels of the image a ring may have."""
    drawn = measurable(tumour.voxels)
    if organ is None:
        usable = array_namespace(drawn).ones(tumour.grid.shape, dtype=bool)
    else:
        usable = beside(organ.voxels, drawn)
    for other in others:
        usable = usable & ~beside(other.voxels, drawn)
    return usable


def _ring(
    tumour: Mask, around: Surroundings, usable: Array, inner_mm: float, outer_mm: float
) -> Ring:
    """Return one shell, without what is not usable."""
    shell = around.shell(inner_mm=inner_mm, outer_mm=outer_mm)
    voxels = array_namespace(shell).zeros(tumour.grid.shape, dtype=bool)
    turned = around.order.applied(voxels)  # a view: written to below
    here, there = _overlap(around.start, shell.shape, turned.shape)
    turned[here] = shell[there] & around.order.applied(usable)[here]
    n_whole, n_kept = int(shell.sum()), int(voxels.sum())
    kept = n_kept / n_whole if n_whole else 0.0
    reason = "" if n_kept else "ring_cut_away" if n_whole else "ring_below_voxel_size"
    step = f"shell {inner_mm:g} to {outer_mm:g} mm outside {tumour.name}, {kept:.1%} kept"
    mask = replace(
        tumour,
        voxels=voxels,
        name=f"ring_{inner_mm:g}_{outer_mm:g}mm",
        steps=(*tumour.steps, step),
    )
    return Ring(mask=mask, kept_fraction=kept, reason=reason)


def _overlap(
    start: tuple[int, ...], size: tuple[int, ...], shape: tuple[int, ...]
) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return where a block that starts at ``start`` lies in ``shape``, and which part of it."""
    spans = [
        (max(a, 0), min(a + n, whole), a) for a, n, whole in zip(start, size, shape, strict=True)
    ]
    here = tuple(slice(low, high) for low, high, _ in spans)
    there = tuple(slice(low - a, high - a) for low, high, a in spans)
    return here, there
