"""Peritumoral rings: shells around a tumour, in mm, with what cannot be used left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from radpred.backends import array_namespace, measurable
from radpred.errors import RegionError
from radpred.image import Array, Mask
from radpred.regions.region import Region, overlap, refuse_other_grids, usable_voxels
from radpred.regions.surroundings import Surroundings, filled


def peritumoral_ring(
    tumour: Mask,
    *,
    inner_mm: float = 0.0,
    outer_mm: float,
    organ: Mask | None = None,
    others: Sequence[Mask] = (),
) -> Region:
    """Return the shell from ``inner_mm`` to ``outer_mm`` outside the surface of ``tumour``.

    Parameters
    ----------
    tumour : Mask
        Cavities that it encloses belong to it: they are no surroundings.
    inner_mm, outer_mm : float
        Distances from the surface; how the surface is found, see `radpred.surface`.
    organ : Mask, optional
        The ring stays inside it: an organ, or what `radpred.regions.usable_tissue` gives.
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
) -> tuple[Region, ...]:
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
    refuse_bad_edges(edges_mm, what="a ring")
    refuse_other_grids(*others, *([] if organ is None else [organ]), on=tumour)
    if not edges_mm:
        return ()
    around = Surroundings.of(tumour, reach_mm=max(outer for _, outer in edges_mm))
    usable = usable_voxels(tumour, organ, others)
    shells = around.shells(edges_mm)
    return tuple(
        _ring(tumour, around, shell, edges, usable)
        for shell, edges in zip(shells, edges_mm, strict=True)
    )


def tumour_with_ring(tumour: Mask, rings: Sequence[Region], *, outer_mm: float) -> Region:
    """Return a tumour, with the cavities that it encloses, together with rings around it.

    Parameters
    ----------
    tumour : Mask
        Nothing of it is left out, whatever its intensities.
    rings : sequence of Region
        Rings of ``tumour`` that together reach from its surface to ``outer_mm``.
    outer_mm : float
        How far out they reach; for the name.

    Examples
    --------
    >>> from radpred.datasets.phantom import sphere
    >>> tumour = sphere(10.0)
    >>> rings = peritumoral_rings(tumour, [(0.0, 2.0), (2.0, 4.0)])
    >>> tumour_with_ring(tumour, rings, outer_mm=4.0).mask.name
    'tumour_ring_4mm'
    """
    voxels = filled(measurable(tumour.voxels))
    n_whole = int(voxels.sum()) + sum(ring.n_whole for ring in rings)
    for ring in rings:
        voxels = voxels | ring.mask.voxels
    step = f"{tumour.name} with the shell to {outer_mm:g} mm outside it"
    mask = replace(
        tumour,
        voxels=voxels,
        name=f"tumour_ring_{outer_mm:g}mm",
        steps=(*tumour.steps, step),
    )
    return Region(mask=mask, n_whole=n_whole)


def refuse_bad_edges(edges_mm: Sequence[tuple[float, float]], *, what: str) -> None:
    """Raise a `RegionError`, ``bad_ring``, where two distances make no shell."""
    for inner, outer in edges_mm:
        if not 0 <= inner < outer < np.inf:
            msg = f"{what} from {inner:g} to {outer:g} mm; wanted 0 <= inner < outer"
            raise RegionError(msg, code="bad_ring")


def _ring(
    tumour: Mask,
    around: Surroundings,
    shell: Array,
    edges_mm: tuple[float, float],
    usable: Array | None,
) -> Region:
    """Return one shell, without what is not usable."""
    inner_mm, outer_mm = edges_mm
    xp = array_namespace(shell)
    voxels = xp.zeros(tumour.grid.shape, dtype=bool)
    turned = around.order.applied(voxels)  # a view: written to below
    here, there = overlap(around.start, shell.shape, turned.shape)
    kept = shell[there] if usable is None else shell[there] & around.order.applied(usable)[here]
    turned[here] = kept
    n_whole, n_kept = int(xp.count_nonzero(shell)), int(xp.count_nonzero(kept))
    part = n_kept / n_whole if n_whole else 0.0
    step = f"shell {inner_mm:g} to {outer_mm:g} mm outside {tumour.name}, {part:.1%} kept"
    mask = replace(
        tumour,
        voxels=voxels,
        name=f"ring_{inner_mm:g}_{outer_mm:g}mm",
        steps=(*tumour.steps, step),
    )
    reason = "" if n_kept else "ring_cut_away" if n_whole else "ring_below_voxel_size"
    return Region(mask=mask, n_whole=n_whole, reason=reason)
