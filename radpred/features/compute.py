"""Compute families of features of one region of one image."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from radpred.backends import beside, measurable
from radpred.errors import GeometryError, RegionError, SettingsError
from radpred.features._convention import PYRADIOMICS, Convention
from radpred.features._family import Family, Feature, NotComputableError
from radpred.features._region import Region, Surroundings
from radpred.features._texture import TOUCHING, Texture
from radpred.features.form.shape import shape
from radpred.features.form.shape2d import shape2d
from radpred.features.intensity.firstorder import firstorder
from radpred.features.intensity.histogram import histogram
from radpred.features.intensity.intensity_volume import ivh
from radpred.features.intensity.local_intensity import RADIUS_MM, local_intensity
from radpred.features.intensity.spatial import spatial
from radpred.features.texture.glcm import glcm
from radpred.features.texture.gldm import gldm
from radpred.features.texture.gldzm import gldzm
from radpred.features.texture.glrlm import glrlm
from radpred.features.texture.glszm import glszm
from radpred.features.texture.ngtdm import ngtdm
from radpred.image import Image, Mask
from radpred.roi import Roi

_PYRADIOMICS = (firstorder, shape, glcm, glrlm, glszm, gldm, ngtdm)
_BEYOND = (spatial, local_intensity, histogram, ivh, gldzm)
_FAMILIES = {family.name: family for family in (*_PYRADIOMICS, *_BEYOND, shape2d)}
FAMILIES = tuple(family.name for family in _PYRADIOMICS)
OF_FORM = (shape.name, shape2d.name)
# How far beyond a region, or its outline before re-segmentation, a family looks.
REACH_MM = {spatial.name: 0.0, gldzm.name: 0.0, local_intensity.name: RADIUS_MM}
# What says something about a whole region, and nothing about a small cube.
OF_REGIONS = (*OF_FORM, *(family.name for family in _BEYOND))
# What PyRadiomics answers where a formula divides by 0; asked for by minimum_grey_levels = 1.
CONVENTIONS = {
    "glcm_Correlation": 1.0,
    "glcm_Imc1": 0.0,
    "glcm_MCC": 1.0,
    "ngtdm_Busyness": 0.0,
    "ngtdm_Coarseness": 1e6,
    "ngtdm_Contrast": 0.0,
    "ngtdm_Strength": 0.0,
}


@dataclass(frozen=True, kw_only=True)
class FeatureValues:
    """Features of one region of one image.

    Parameters
    ----------
    values : dict
        ``family_Feature`` to value, every feature of the families asked for; NaN where a
        feature has no value.
    reasons : dict
        ``family_Feature`` to reason code, for exactly the features that are NaN: ``empty``,
        ``non_finite_voxels``, ``too_small`` (one voxel, or one line of voxels for shape),
        ``flat`` (one intensity), ``too_few_grey_levels`` (fewer than wanted), ``no_neighbours`` (no
        two voxels touch or share a line), ``zero_divisor`` (the formula divides by 0).
    n_grey_levels : int
        Number of different grey levels in the region; 0 where it was not discretised.
    n_voxels : int
        Number of voxels in the region.
    limits : (float, float)
        The lowest and the highest intensity; NaN where they were not looked at.
    """

    values: dict[str, float]
    reasons: dict[str, str]
    n_grey_levels: int
    n_voxels: int
    limits: tuple[float, float] = field(default=(math.nan, math.nan), compare=False)


def feature_register(
    families: Sequence[str] = FAMILIES, *, is_complete: bool = False
) -> tuple[Feature, ...]:
    """Return every feature of the families, with its IBSI code and its meaning.

    Parameters
    ----------
    families : sequence of str
        Their names.
    is_complete : bool
        Whether IBSI's features that PyRadiomics lacks are among them.

    Raises
    ------
    SettingsError
        A family that radpred does not know.
    """
    return tuple(
        feature
        for family in _chosen(families)
        for feature in family.chosen(is_complete=is_complete)
    )


def feature_names(
    families: Sequence[str] = FAMILIES, *, is_complete: bool = False
) -> tuple[str, ...]:
    """Return ``family_Feature`` of every feature of the families, in order.

    Parameters
    ----------
    families : sequence of str
        Their names.
    is_complete : bool
        Whether IBSI's features that PyRadiomics lacks are among them.

    Raises
    ------
    SettingsError
        A family that radpred does not know.

    Examples
    --------
    >>> feature_names(["ngtdm"])[:2]
    ('ngtdm_Busyness', 'ngtdm_Coarseness')
    """
    return tuple(feature.key for feature in feature_register(families, is_complete=is_complete))


def compute_features(
    image: Image,
    mask: Mask | Roi,
    *,
    families: Sequence[str] | Mapping[str, Collection[str]],
    bin_width: float | None,
    bin_count: int | None,
    texture: Texture = TOUCHING,
    convention: Convention = PYRADIOMICS,
) -> FeatureValues:
    """Return features of a region, with PyRadiomics' values or IBSI's.

    By default, values are those of PyRadiomics with the same settings. Where it answers a
    convention for a flat region (0, 1 or 10^6), or refuses the region, the value is NaN and has a
    reason.

    Parameters
    ----------
    image : Image
        The scan, of any real type; computation is in float64.
    mask : Mask or Roi
        The region, on the image's grid; a ``Roi`` says how it was before re-segmentation, which
        families ask that look at its form.
    families : sequence of str, or dict
        ``firstorder``, ``shape``, ``glcm``, ``glrlm``, ``glszm``, ``gldm``, ``ngtdm``; and
        ``shape2D``, which needs a flat axis. A dict says which features are wanted of a family;
        all where it names none.
    bin_width, bin_count : float or int, or None
        Exactly one of the two; see ``radpred.preprocess.discretise``.
    texture : Texture
        Which voxels texture compares: the 26 that touch, by default.
    convention : Convention
        Whose values; PyRadiomics' by default.

    Raises
    ------
    GeometryError
        The mask lies on another grid than the image.
    SettingsError
        A family is unknown, or not exactly one of ``bin_width`` and ``bin_count`` is given.
    RegionError
        The intensities need more grey levels than can be measured; the message names a width.
    """
    chosen = wanted_features(families, is_complete=convention.is_complete)
    if (bin_width is None) == (bin_count is None):
        msg = f"got bin_width={bin_width} and bin_count={bin_count}; give one of the two"
        raise SettingsError(msg)
    roi = Roi.of(mask)
    for each in (roi.region, roi.outline):
        if each.grid != image.grid:
            msg = f"{each.name}: lies on {each.grid}, image on {image.grid}; resample the mask"
            raise GeometryError(msg)
    box = roi.region.box
    if box is None:
        return _nothing(chosen, "empty", n_voxels=0)
    voxels = measurable(image.voxels[box])
    region = Region(
        voxels=voxels,
        mask=beside(roi.region.voxels[box], voxels).astype(bool, copy=False),
        spacing=image.grid.spacing,
        bin_width=bin_width,
        bin_count=bin_count,
        texture=texture,
        convention=convention,
        surroundings=Surroundings(
            image=image.voxels,
            region=roi.region.voxels,
            outline=roi.outline.voxels,
            box=box,
        ),
    )
    if not region.is_finite:
        return _nothing(chosen, "non_finite_voxels", n_voxels=region.n_voxels)
    return _measured(region, chosen)


def _chosen(families: Sequence[str]) -> list[Family]:
    """Return the families by name."""
    unknown = [name for name in families if name not in _FAMILIES]
    if unknown:
        msg = f"got families {unknown}; radpred knows {', '.join(FAMILIES)}"
        raise SettingsError(msg)
    return [_FAMILIES[name] for name in families]


def family_of(name: str) -> Family:
    """Return a family by its name."""
    return _FAMILIES[name]


def wanted_features(
    families: Sequence[str] | Mapping[str, Collection[str]], *, is_complete: bool = False
) -> dict[str, tuple[str, ...]]:
    """Return family -> features wanted of it.

    Parameters
    ----------
    families : sequence of str, or dict
        As in ``compute_features``.
    is_complete : bool
        Whether features that PyRadiomics lacks are wanted of a family of which none is named.

    Raises
    ------
    SettingsError
        A family, or a feature, that radpred does not know.
    """
    named = families if isinstance(families, Mapping) else dict.fromkeys(families, ())
    chosen = tuple((str(name), tuple(features)) for name, features in named.items())
    return dict(_wanted(chosen, is_complete=is_complete))


@lru_cache(maxsize=64)  # the same for every image of a cohort
def _wanted(
    families: tuple[tuple[str, tuple[str, ...]], ...], *, is_complete: bool
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each family with the features wanted of it."""
    wanted = []
    for family, (_, names) in zip(_chosen([name for name, _ in families]), families, strict=True):
        unknown = sorted(set(names) - set(family.features))
        if unknown:
            msg = f"got {family.name} features {unknown}; it has {', '.join(family.features)}"
            raise SettingsError(msg)
        features = family.chosen(names, is_complete=is_complete)
        wanted.append((family.name, tuple(feature.name for feature in features)))
    return tuple(wanted)


def _nothing(wanted: dict[str, tuple[str, ...]], reason: str, *, n_voxels: int) -> FeatureValues:
    """Return NaN for every feature, all for one reason."""
    keys = [f"{family}_{name}" for family, names in wanted.items() for name in names]
    return FeatureValues(
        values=dict.fromkeys(keys, float("nan")),
        reasons=dict.fromkeys(keys, reason),
        n_grey_levels=0,
        n_voxels=n_voxels,
    )


def _measured(region: Region, wanted: dict[str, tuple[str, ...]]) -> FeatureValues:
    """Return the features of a region with finite intensities."""
    values: dict[str, float] = {}
    reasons: dict[str, str] = {}
    for name, features in wanted.items():
        family = _FAMILIES[name]
        try:
            of_regions = family.values(region, features)
            found = {key: float(value[0]) for key, value in of_regions.items()}
            if region.texture.minimum_grey_levels == 1:
                found |= {k: CONVENTIONS.get(k, v) for k, v in found.items() if np.isnan(v)}
            reason = _reason_of_single(region, family)
        except NotComputableError as missing:
            found = {f"{name}_{feature}": float("nan") for feature in features}
            reason = missing.reason
        values |= found
        reasons |= {key: reason for key, value in found.items() if np.isnan(value)}
    return FeatureValues(
        values=values,
        reasons=reasons,
        n_grey_levels=_n_grey_levels(region, wanted),
        n_voxels=region.n_voxels,
        limits=(math.nan, math.nan) if set(wanted) <= set(OF_FORM) else region.limits,
    )


def _n_grey_levels(region: Region, families: Iterable[str]) -> int:
    """Return how many grey levels occur; 0 where no family needs any, or there are too many."""
    if all(name in OF_FORM for name in families):
        return 0
    try:
        return int(region.grey_levels.size)
    except RegionError:  # raised already where a feature asked for levels
        return 0


def _reason_of_single(region: Region, family: Family) -> str:
    """Return why a single feature of a family is NaN where others have a value."""
    if family.name in OF_FORM or (family is spatial and region.n_dimensions < 2):
        return "too_small"
    return "flat" if region.is_flat else "zero_divisor"
