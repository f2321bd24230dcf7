"""Write settings as a PyRadiomics parameter file, and refuse by name what it has no word for."""

from __future__ import annotations

from typing import Any

from radpred.config._pyradiomics_words import (
    AXES,
    IMAGE_TYPES,
    INTERPOLATORS,
    OF_MAPS,
    RENAMED,
    WEIGHTINGS,
)
from radpred.config.conventions import FAMILIES, SWITCHES
from radpred.config.extraction import ExtractionSettings
from radpred.config.filters.kinds import Filter, LocalBinaryPattern2D
from radpred.errors import SettingsError

# Switches whose other values PyRadiomics may be asked for, in part.
_OTHERWISE_JUDGED = ("families", "mask_interpolator")
_SITK = {ours: theirs for theirs, ours in INTERPOLATORS.items() if isinstance(theirs, str)}
_NORMS = {ours: theirs for theirs, ours in WEIGHTINGS.items()}
_IMAGE_TYPES = {kind: (name, of_kind) for name, (kind, of_kind) in IMAGE_TYPES.items()}


def pyradiomics_parameters(settings: ExtractionSettings) -> dict[str, dict[str, Any]]:
    """Return settings as the content of a PyRadiomics parameter file.

    Parameters
    ----------
    settings : ExtractionSettings
        What to measure, and how. The floor of grey levels and the treatment of voxels that are
        not finite have no counterpart there, and are left out.

    Returns
    -------
    dict
        Sections ``setting``, ``imageType``, ``featureClass`` and ``voxelSetting``. Read back, they
        give the same settings but for what was left out.

    Raises
    ------
    SettingsError
        PyRadiomics cannot be asked for the same values.

    Examples
    --------
    >>> written = pyradiomics_parameters(ExtractionSettings(bin_count=32, families=("glcm",)))
    >>> written["setting"]["binCount"], written["featureClass"], written["imageType"]
    (32, {'glcm': []}, {'Original': {}})
    """
    _refuse(settings)
    setting = {theirs: _plain(getattr(settings, ours)) for theirs, ours in RENAMED.items()}
    # There 0 and 1 are the same: a single voxel is refused by either.
    setting["minimumROIDimensions"] = max(1, settings.minimum_dimensions)
    if settings.minimum_voxels > 1:
        setting["minimumROISize"] = settings.minimum_voxels - 1
    if settings.resample_mm is not None:
        setting["resampledPixelSpacing"] = list(reversed(settings.resample_mm))
    setting["interpolator"] = _SITK[settings.interpolator]
    setting["weightingNorm"] = _NORMS[settings.aggregation]
    setting |= _bins(settings) | _axis(settings)
    return {
        "setting": {key: value for key, value in setting.items() if value is not None},
        "imageType": dict(_image_type(chosen, settings) for chosen in settings.filters),
        "featureClass": {f: list(settings.features.get(f, ())) for f in settings.families},
        "voxelSetting": {t: getattr(settings.voxel, ours) for t, ours in OF_MAPS.items() if ours},
    }


def _refuse(settings: ExtractionSettings) -> None:
    """Raise on settings for which PyRadiomics would answer with other values."""
    _refuse_ibsi(settings)
    kinds = [chosen.kind for chosen in settings.filters]
    twice = sorted({kind for kind in kinds if kinds.count(kind) > 1})
    if twice:
        _raise(f"filters: {', '.join(twice)} comes twice", "keep one of each kind")
    if settings.mask_interpolator != "nearest" and settings.resample_mm is not None:
        _raise(f"mask_interpolator: {settings.mask_interpolator}", "use nearest")
    if not float(settings.dependence_cutoff).is_integer():
        _raise(f"dependence_cutoff: {settings.dependence_cutoff}", "use a whole number")
    across = _across(settings)
    if settings.force_2d is not None and across not in (None, settings.force_2d):
        _raise(
            f"slices across {across} for local_binary_pattern_2d and across {settings.force_2d} "
            "for texture",
            "use one axis for both",
        )


def _refuse_ibsi(settings: ExtractionSettings) -> None:
    """Raise on what only IBSI has."""
    for switch in SWITCHES:
        value = getattr(settings, switch.name)
        if switch.name not in _OTHERWISE_JUDGED and value != switch.pyradiomics:
            _raise(f"{switch.name}: {value}", f"use {switch.pyradiomics}")
    for name in ("slices", "outliers_sd", "ivh_bin_width", "ivh_bin_count"):
        field = ExtractionSettings.model_fields[name]
        if getattr(settings, name) != field.default:
            _raise(f"{name}: {getattr(settings, name)}", "take it out")
    of_ibsi = [family for family in settings.families if family not in (*FAMILIES, "shape2D")]
    if of_ibsi:
        _raise(f"families {', '.join(of_ibsi)}", "take them out")
    filters = sorted({f.kind for f in settings.filters} - set(_IMAGE_TYPES))
    if filters:
        _raise(f"filters {', '.join(filters)}", "take them out")


def _raise(what: str, cure: str) -> None:
    """Raise on a setting that PyRadiomics does not have."""
    msg = f"PyRadiomics cannot be asked for {what}; {cure}, or engine: native"
    raise SettingsError(msg)


def _plain(value: Any) -> Any:
    """Return a value as a parameter file holds it: lists, and whole numbers without a point."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _bins(chosen: ExtractionSettings | Filter) -> dict[str, Any]:
    """Return how intensities become grey levels, where that is said."""
    if chosen.bin_count is not None:
        return {"binCount": chosen.bin_count}
    return {} if chosen.bin_width is None else {"binWidth": chosen.bin_width}


def _axis(settings: ExtractionSettings) -> dict[str, Any]:
    """Return the axis across slices; without force2D only 2-D patterns heed it."""
    if settings.force_2d is not None:
        return {"force2D": True, "force2Ddimension": AXES.index(settings.force_2d)}
    across = _across(settings)
    return {} if across is None else {"force2Ddimension": AXES.index(across)}


def _across(settings: ExtractionSettings) -> str | None:
    """Return the axis that 2-D patterns ask for."""
    asked = [chosen for chosen in settings.filters if isinstance(chosen, LocalBinaryPattern2D)]
    return asked[0].across if asked else None


def _image_type(chosen: Filter, settings: ExtractionSettings) -> tuple[str, dict[str, Any]]:
    """Return one filter as an image type and its options."""
    name, of_kind = _IMAGE_TYPES[chosen.kind]
    options: dict[str, Any] = {}
    for theirs, ours in of_kind.items():
        value = getattr(chosen, ours)
        # The spelling of a width is part of a name: 3.0 stays 3.0.
        options[theirs] = list(value) if isinstance(value, tuple) else value
    options |= _bins(chosen)
    if "binWidth" in options and settings.bin_count is not None:
        options["binCount"] = None  # a count goes before a width, wherever it stands
    if chosen.voxel_array_shift is not None:
        options["voxelArrayShift"] = _plain(chosen.voxel_array_shift)
    return name, options
