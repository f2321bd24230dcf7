"""Read a PyRadiomics parameter file: what radpred follows, and what it refuses by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from radpred.config._pyradiomics_words import (
    AXES,
    IMAGE_TYPES,
    INTERPOLATORS,
    OF_BINS,
    OF_IMAGE_TYPES,
    OF_MAPS,
    RENAMED,
    SECTIONS,
    WEIGHTINGS,
    WITHOUT_EFFECT,
)
from radpred.errors import SettingsError, warn


def is_pyradiomics(given: dict[str, Any]) -> bool:
    """Tell whether settings are those of a PyRadiomics parameter file."""
    return bool(set(SECTIONS) & set(given))


def settings_from_pyradiomics(given: dict[str, Any], *, source: str) -> dict[str, Any]:
    """Return a PyRadiomics parameter file in radpred's words.

    Parameters
    ----------
    given : dict
        Sections ``setting``, ``imageType``, ``featureClass``, and ``voxelSetting`` for maps.
    source : str
        Where it came from, for messages.

    Raises
    ------
    SettingsError
        A setting, image type or feature class that radpred does not follow, by name.
    """
    unknown = sorted(map(str, set(given) - set(SECTIONS)))
    if unknown:
        msg = f"{source}: no PyRadiomics section is called {unknown}; there are {SECTIONS}"
        raise SettingsError(msg)
    setting = _section(given, "setting", source)
    image_types = _section(given, "imageType", source) or {"Original": None}
    classes = _section(given, "featureClass", source)
    # PyRadiomics measures texture of any two grey levels.
    followed: dict[str, Any] = {"minimum_grey_levels": 2}
    for key, value in setting.items():
        followed |= _followed(key, value, source=source)
    # Without an interpolator PyRadiomics does not resample, whatever the voxel size.
    if "interpolator" in followed and followed["interpolator"] is None:
        followed |= {"interpolator": "bspline", "resample_mm": None}
    followed |= _bins(setting)
    if setting.get("force2D"):
        followed["force_2d"] = AXES[setting.get("force2Ddimension") or 0]
    followed["voxel"] = _of_maps(_section(given, "voxelSetting", source), source)
    followed["filters"] = [
        _filter(name, options or {}, setting, source=source)
        for name, options in image_types.items()
    ]
    return followed | _families(classes, source=source, in_slices=bool(setting.get("force2D")))


def _section(given: dict[str, Any], name: str, source: str) -> dict[str, Any]:
    """Return one section; an empty one is as if it were not there."""
    section = given.get(name) or {}
    if not isinstance(section, dict):
        msg = f"{source}: {name} is {section!r}; wanted settings by name"
        raise SettingsError(msg)
    return section


def _followed(key: str, value: Any, *, source: str) -> dict[str, Any]:
    """Return one setting in radpred's words, nothing where it changes nothing."""
    if key in OF_BINS or key in OF_IMAGE_TYPES or key in WITHOUT_EFFECT:
        return {}
    if key in _SPECIAL:
        return _SPECIAL[key](value, source)
    if key in RENAMED:
        return {} if value is None else {RENAMED[key]: value}
    msg = f"{source}: PyRadiomics has no setting {key}; check how it is spelt"
    raise SettingsError(msg)


def _voxel_size(value: Any, source: str) -> dict[str, Any]:
    """Return ``resampledPixelSpacing`` (x, y, z) as (z, y, x)."""
    if not value:
        return {"resample_mm": None}
    if not isinstance(value, list | tuple):
        msg = f"{source}: resampledPixelSpacing is {value!r}; wanted three sizes in mm, x, y, z"
        raise SettingsError(msg)
    return {"resample_mm": tuple(reversed(value))}


def _interpolator(value: Any, source: str) -> dict[str, Any]:
    """Return SimpleITK's name or number of an interpolator in radpred's words."""
    if value is not None and value not in INTERPOLATORS:
        names = ", ".join(str(name) for name in INTERPOLATORS if isinstance(name, str))
        msg = (
            f"{source}: the PyRadiomics setting interpolator: {value} is not followed; use {names}"
        )
        raise SettingsError(msg)
    return {"interpolator": None if value is None else INTERPOLATORS[value]}


def _of_maps(voxel: dict[str, Any], source: str) -> dict[str, Any]:
    """Return the section ``voxelSetting`` in radpred's words."""
    unknown = sorted(set(voxel) - set(OF_MAPS))
    if unknown:
        msg = f"{source}: voxelSetting has no {', '.join(unknown)}; there are {', '.join(OF_MAPS)}"
        raise SettingsError(msg)
    return {OF_MAPS[key]: value for key, value in voxel.items() if OF_MAPS[key]}


def _aggregation(value: Any, source: str) -> dict[str, Any]:
    """Return ``weightingNorm`` in radpred's words."""
    if value not in WEIGHTINGS:
        names = ", ".join(name for name in WEIGHTINGS if name)
        msg = (
            f"{source}: the PyRadiomics setting weightingNorm: {value} is not followed; use {names}"
        )
        raise SettingsError(msg)
    return {"aggregation": WEIGHTINGS[value]}


def _smallest_region(value: Any, source: str) -> dict[str, Any]:
    """Return ``minimumROISize``, which PyRadiomics wants exceeded, as the least number."""
    if value is not None and not isinstance(value, int):
        msg = f"{source}: minimumROISize is {value!r}; wanted a number of voxels"
        raise SettingsError(msg)
    return {} if value is None else {"minimum_voxels": value + 1}


def _tolerance(value: Any, source: str) -> dict[str, Any]:
    """Say that radpred has its own tolerance."""
    if value is not None:
        warn(
            f"{source}: geometryTolerance: {value} is not followed; radpred places a mask on the "
            "image's grid where they are less than half a voxel apart, and says so"
        )
    return {}


_SPECIAL: dict[str, Callable[[Any, str], dict[str, Any]]] = {
    "resampledPixelSpacing": _voxel_size,
    "interpolator": _interpolator,
    "weightingNorm": _aggregation,
    "minimumROISize": _smallest_region,
    "geometryTolerance": _tolerance,
}


def _bins(setting: dict[str, Any]) -> dict[str, Any]:
    """Return how intensities become grey levels; a count goes before a width."""
    if setting.get("binCount") is not None:
        return {"bin_count": setting["binCount"], "bin_width": None}
    width = setting.get("binWidth")
    return {} if width is None else {"bin_width": width}


def _filter(
    name: str, options: dict[str, Any], setting: dict[str, Any], *, source: str
) -> dict[str, Any]:
    """Return one image type as a filter; what its options do not say, the settings may."""
    if name not in IMAGE_TYPES:
        msg = (
            f"{source}: the PyRadiomics image type {name} is not followed; use {list(IMAGE_TYPES)}"
        )
        raise SettingsError(msg)
    kind, of_kind = IMAGE_TYPES[name]
    result: dict[str, Any] = {"kind": kind}
    for key, value in options.items():
        if key == "voxelArrayShift":
            result["voxel_array_shift"] = value
        elif key not in of_kind and key not in OF_BINS:
            msg = f"{source}: {key} inside the image type {name} is not followed; take it out"
            raise SettingsError(msg)
    if set(OF_BINS) & set(options):
        result |= _bins({**setting, **options})
    found = {**setting, **options}
    result |= {ours: found[theirs] for theirs, ours in of_kind.items() if theirs in found}
    if name == "LBP2D":  # its slices lie across this axis even without force2D
        result["across"] = AXES[setting.get("force2Ddimension") or 0]
    if name == "LoG" and not found.get("sigma"):
        msg = f"{source}: the image type LoG has no sigma, so PyRadiomics makes no image; give one"
        raise SettingsError(msg)
    return result


def _families(classes: dict[str, Any], *, source: str, in_slices: bool) -> dict[str, Any]:
    """Return the enabled classes; one without a list, or with an empty one, is whole.

    Of a volume PyRadiomics measures shape2D only where its slices are: with ``force2D``.
    """
    if not classes:
        return {}
    for name, features in classes.items():
        if not (features is None or isinstance(features, list | tuple)):
            msg = f"{source}: featureClass {name}: got {features!r}, wanted a list of features"
            raise SettingsError(msg)
    if "shape2D" in classes and not in_slices:
        classes = {name: features for name, features in classes.items() if name != "shape2D"}
        if not classes:
            msg = (
                f"{source}: the feature class shape2D alone measures nothing without force2D: true"
            )
            raise SettingsError(msg)
        warn(f"{source}: the feature class shape2D is left out; it needs force2D: true")
    chosen = {name: tuple(features) for name, features in classes.items() if features}
    return {"families": tuple(classes), "features": chosen}
