"""Inner rims: shells inside the surface of a tumour, in mm, and the core that they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from radpred.backends import array_namespace, measurable
from radpred.image import Array, Mask
from radpred.regions.region import Region, overlap
from radpred.regions.ring import refuse_bad_edges
from radpred.regions.surroundings import Surroundings, filled


def inner_rim(tumour: Mask, *, inner_mm: float = 0.0, outer_mm: float) -> Region:
    """Return the shell from ``inner_mm`` to ``outer_mm`` inside the surface of ``tumour``.

    Parameters
    ----------
    tumour : Mask
        Its outer surface counts, and not those of cavities that it encloses.
    inner_mm, outer_mm : float
        Depths below the surface; how the surface is found, see `radpred.regions.surface`.

    Raises
    ------
    RegionError
        ``empty_mask``, or ``bad_ring``: depths that make no shell.

    Examples
    --------
    >>> from radpred.datasets.phantom import sphere
    >>> rim = inner_rim(sphere(10.0, spacing=(5.0, 0.7, 0.7)), outer_mm=2.0)
    >>> rim.mask.name, round(rim.mask.volume_mm3, -2)  # 4/3 pi (10^3 - 8^3) = 2044 mm3
    ('rim_0_2mm', 2000.0)
    """
    return inner_rims(tumour, ((inner_mm, outer_mm),))[0]


def inner_rims(tumour: Mask, edges_mm: Sequence[tuple[float, float]]) -> tuple[Region, ...]:
    """Return a shell for each pair of depths below the surface of a tumour.

    Parameters
    ----------
    tumour : Mask
        As in `inner_rim`.
    edges_mm : sequence of (float, float)
        Lesser and greater depth of each rim.

    Returns
    -------
    tuple of Region
        The reason is ``rim_is_whole`` where nothing of the tumour lies deeper, and of an empty
        rim ``tumour_too_thin``, ``rim_below_voxel_size`` or ``rim_in_cavity``.

    Raises
    ------
    RegionError
        ``empty_mask``, or ``bad_ring``: depths that make no shell.
    """
    refuse_bad_edges(edges_mm, what="a rim")
    if not edges_mm:
        return ()
    reach_mm = max(outer for _, outer in edges_mm)
    depths = Surroundings.of(tumour, reach_mm=reach_mm, is_inward=True)
    shells = depths.shells(edges_mm)
    return tuple(
        _rim(tumour, depths, shell, edges) for shell, edges in zip(shells, edges_mm, strict=True)
    )


def core_of(tumour: Mask, rims: Sequence[Region]) -> Region:
    """Return what rims that together begin at the surface of a tumour leave of it.

    Parameters
    ----------
    tumour : Mask
        The whole.
    rims : sequence of Region
        Of ``tumour``; a voxel lies in one of them at most.

    Returns
    -------
    Region
        Called ``core``; where nothing is left, the reason is ``tumour_too_thin``.
    """
    voxels = measurable(tumour.voxels)
    n_whole = int(filled(voxels).sum()) - sum(rim.n_whole for rim in rims)
    for rim in rims:
        voxels = voxels & ~rim.mask.voxels
    step = f"{tumour.name} without {', '.join(rim.mask.name for rim in rims)}"
    mask = replace(tumour, voxels=voxels, name="core", steps=(*tumour.steps, step))
    reason = "" if n_whole and mask.n_voxels else "rim_in_cavity" if n_whole else "tumour_too_thin"
    return Region(mask=mask, n_whole=n_whole, reason=reason)


def _rim(tumour: Mask, depths: Surroundings, shell: Array, edges_mm: tuple[float, float]) -> Region:
    """Return one shell, without the voxels of cavities."""
    inner_mm, outer_mm = edges_mm
    drawn = depths.order.applied(measurable(tumour.voxels))
    xp = array_namespace(shell)
    voxels = xp.zeros(tumour.grid.shape, dtype=bool)
    turned = depths.order.applied(voxels)  # a view: written to below
    here, there = overlap(depths.start, shell.shape, turned.shape)
    turned[here] = shell[there] & drawn[here]
    n_whole, n_kept = int(xp.count_nonzero(shell)), int(xp.count_nonzero(turned[here]))
    step = f"shell {inner_mm:g} to {outer_mm:g} mm inside the surface of {tumour.name}"
    mask = replace(
        tumour,
        voxels=voxels,
        name=f"rim_{inner_mm:g}_{outer_mm:g}mm",
        steps=(*tumour.steps, step),
    )
    return Region(mask=mask, n_whole=n_whole, reason=_reason(depths, n_whole, n_kept, outer_mm))


def _reason(depths: Surroundings, n_whole: int, n_kept: int, outer_mm: float) -> str:
    """Return what is to be said of a rim, as a code."""
    has_deeper: Array = depths.beyond(outer_mm).any()
    if n_kept:
        return "" if has_deeper else "rim_is_whole"
    if n_whole:
        return "rim_in_cavity"
    return "rim_below_voxel_size" if has_deeper else "tumour_too_thin"
