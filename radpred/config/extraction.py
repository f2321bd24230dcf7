"""Settings of feature extraction, in radpred's words or as a PyRadiomics parameter file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from radpred.config._base import Settings, checked
from radpred.errors import SettingsError

FAMILIES = ("shape", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm")
Family = Literal["shape", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"]


class Original(Settings):
    """The image as it came."""

    kind: Literal["original"] = "original"


class LaplacianOfGaussian(Settings):
    """Settings of the Laplacian of Gaussian: one response map for each width, in mm."""

    kind: Literal["laplacian_of_gaussian"] = "laplacian_of_gaussian"
    sigma_mm: tuple[PositiveFloat, ...] = (1.0, 3.0, 5.0)


class Wavelet(Settings):
    """Settings of the stationary wavelet transform: eight bands a level."""

    kind: Literal["wavelet"] = "wavelet"
    wavelet: str = "coif1"
    level: PositiveInt = 1
    start_level: Annotated[int, Field(ge=0)] = 0


Filter = Annotated[Original | LaplacianOfGaussian | Wavelet, Field(discriminator="kind")]


class ExtractionSettings(Settings):
    """How a region of an image becomes numbers.

    Values follow PyRadiomics: grey levels of a fixed width start at a multiple of the width;
    ``bin_count`` divides each region's own range instead.
    """

    bin_width: PositiveFloat | None = 25.0
    bin_count: Annotated[int, Field(ge=2)] | None = None
    families: tuple[Family, ...] = FAMILIES
    filters: tuple[Filter, ...] = (Original(),)
    voxel_array_shift: float = 0.0
    normalise: bool = False
    normalise_scale: PositiveFloat = 1.0
    resample_mm: tuple[PositiveFloat, PositiveFloat, PositiveFloat] | None = Field(
        default=None, description="Voxel size after resampling, in mm, ordered (z, y, x)."
    )
    minimum_voxels: PositiveInt = 1

    @model_validator(mode="before")
    @classmethod
    def _bin_count_replaces_bin_width(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("bin_count") and given.get("bin_width") is None:
            return {**given, "bin_width": None}
        return given

    @model_validator(mode="after")
    def _one_way_to_bin(self) -> ExtractionSettings:
        if (self.bin_width is None) == (self.bin_count is None):
            msg = "give either bin_width or bin_count, not both and not neither"
            raise ValueError(msg)
        return self


_PYRADIOMICS_SETTINGS = {
    "binWidth": "bin_width",
    "binCount": "bin_count",
    "voxelArrayShift": "voxel_array_shift",
    "normalize": "normalise",
    "normalizeScale": "normalise_scale",
    "minimumROISize": "minimum_voxels",
}
# What PyRadiomics does by default, and radpred too: named in a file, these change nothing.
_PYRADIOMICS_FIXED: dict[str, tuple[Any, ...]] = {
    "distances": ([1],),
    "force2D": (False,),
    "force2Ddimension": (0, 1, 2),
    "symmetricalGLCM": (True,),
    "weightingNorm": (None, "no_weighting"),
    "gldm_a": (0,),
    "preCrop": (True, False),
    "removeOutliers": (None,),
    "resegmentRange": (None,),
    "interpolator": ("sitkBSpline", None),
    "minimumROIDimensions": (1, 2),
    "correctMask": (True, False),
    "additionalInfo": (True, False),
    "enableCExtensions": (True, False),
    "geometryTolerance": (None,),
    "padDistance": tuple(range(100)),
    "label": (1,),
}


def extraction_settings(given: Any = None) -> ExtractionSettings:
    """Return extraction settings from a file, a dict, settings, or nothing.

    Parameters
    ----------
    given : path, dict, ExtractionSettings or None
        A YAML file or dict in radpred's words, or a PyRadiomics parameter file
        (recognised by its keys ``setting``, ``imageType``, ``featureClass``).

    Raises
    ------
    SettingsError
        A setting that is unknown, or that radpred does not follow yet, by name.
    """
    if isinstance(given, ExtractionSettings):
        return given
    source = "settings"
    if isinstance(given, str | Path):
        source = str(given)
        given = yaml.safe_load(Path(given).read_text(encoding="utf-8"))
    given = dict(given or {})
    if {"setting", "imageType", "featureClass"} & set(given):
        given = _from_pyradiomics(given, source=source)
    return checked(ExtractionSettings, given, source=source)


def _from_pyradiomics(given: dict[str, Any], *, source: str) -> dict[str, Any]:
    """Return a PyRadiomics parameter file in radpred's words."""
    unknown = set(given) - {"setting", "imageType", "featureClass"}
    if unknown:
        msg = f"{source}: sections {sorted(unknown)} are not PyRadiomics settings radpred follows"
        raise SettingsError(msg)
    settings: dict[str, Any] = {}
    for key, value in (given.get("setting") or {}).items():
        if key in _PYRADIOMICS_SETTINGS:
            if value is not None:
                settings[_PYRADIOMICS_SETTINGS[key]] = value
        elif key == "resampledPixelSpacing":
            settings["resample_mm"] = tuple(value)[::-1] if value else None
        elif value not in _PYRADIOMICS_FIXED.get(key, ()):
            msg = f"{source}: the PyRadiomics setting {key} = {value!r} is not supported"
            raise SettingsError(msg)
    settings["filters"] = [
        _image_type(name, options or {}, source=source)
        for name, options in (given.get("imageType") or {"Original": {}}).items()
    ]
    if given.get("featureClass"):
        settings["families"] = _families(given["featureClass"], source=source)
    return settings


def _image_type(name: str, options: dict[str, Any], *, source: str) -> dict[str, Any]:
    """Return one PyRadiomics image type as a filter."""
    options = dict(options)
    known = {
        "Original": lambda: {"kind": "original"},
        "LoG": lambda: {"kind": "laplacian_of_gaussian", "sigma_mm": options.pop("sigma", [])},
        "Wavelet": lambda: {
            "kind": "wavelet",
            "wavelet": options.pop("wavelet", "coif1"),
            "level": options.pop("level", 1),
            "start_level": options.pop("start_level", 0),
        },
    }
    if name not in known:
        msg = f"{source}: the PyRadiomics image type {name} is not supported; use {sorted(known)}"
        raise SettingsError(msg)
    result = known[name]()
    if options:
        msg = f"{source}: settings inside image type {name} are not supported: {sorted(options)}"
        raise SettingsError(msg)
    return result


def _families(given: dict[str, Any], *, source: str) -> list[str]:
    """Return the families that a PyRadiomics parameter file enables, each as a whole."""
    for name, chosen in given.items():
        if chosen:
            msg = f"{source}: single features of {name} cannot be chosen yet; enable the class"
            raise SettingsError(msg)
    return list(given)
