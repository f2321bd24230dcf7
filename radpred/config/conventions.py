"""Where the values of PyRadiomics and of IBSI differ: one switch a difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Family = Literal[
    "shape",
    "firstorder",
    "glcm",
    "glrlm",
    "glszm",
    "gldm",
    "ngtdm",
    "shape2D",
    "spatial",
    "localIntensity",
    "histogram",
    "ivh",
    "gldzm",
]
FAMILIES: tuple[Family, ...] = ("shape", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm")
IBSI_FAMILIES: tuple[Family, ...] = (
    "shape",
    "spatial",
    "localIntensity",
    "firstorder",
    "histogram",
    "ivh",
    "glcm",
    "glrlm",
    "glszm",
    "gldzm",
    "ngtdm",
    "gldm",
)


@dataclass(frozen=True, kw_only=True)
class Switch:
    """A setting whose default depends on the convention.

    Parameters
    ----------
    name : str
        The setting.
    pyradiomics, ibsi : object
        Its default in either convention.
    difference : str
        What it decides, in a line.
    """

    name: str
    pyradiomics: Any
    ibsi: Any
    difference: str


SWITCHES = (
    Switch(
        name="families",
        pyradiomics=FAMILIES,
        ibsi=IBSI_FAMILIES,
        difference="IBSI has four more families, and calls GLDM the NGLDM.",
    ),
    Switch(
        name="all_features",
        pyradiomics=False,
        ibsi=True,
        difference="IBSI has features in PyRadiomics' families that PyRadiomics lacks.",
    ),
    Switch(
        name="bins_from",
        pyradiomics="multiple",
        ibsi="bound",
        difference="Bins of a fixed width start at a multiple of the width, or at the lower bound "
        "of re-segmentation (the lowest intensity, where there is none).",
    ),
    Switch(
        name="excess_kurtosis",
        pyradiomics=False,
        ibsi=True,
        difference="IBSI's kurtosis is smaller by 3, so that a normal distribution has 0.",
    ),
    Switch(
        name="sample_axes",
        pyradiomics=False,
        ibsi=True,
        difference="Principal axes take the covariance of all voxels or, as in IBSI's values, that "
        "of a sample: they are longer by sqrt(n / (n - 1)).",
    ),
    Switch(
        name="isolated_voxels",
        pyradiomics="counted",
        ibsi="left_out",
        difference="NGTDM counts voxels that have no neighbour to differ from, or leaves them out.",
    ),
    Switch(
        name="grid",
        pyradiomics="corner",
        ibsi="centre",
        difference="After resampling, the corners of old and new grid coincide, or their centres.",
    ),
    Switch(
        name="integer_images",
        pyradiomics="cut",
        ibsi="rounded",
        difference="Interpolated values of whole numbers, such as those of a CT, are cut towards "
        "0 where it is stored as integers, or rounded.",
    ),
    Switch(
        name="mask_interpolator",
        pyradiomics="nearest",
        ibsi="linear",
        difference="A new voxel is in the region if its nearest old one is, or if half of it is.",
    ),
    Switch(
        name="resegment_outline",
        pyradiomics="cut",
        ibsi="whole",
        difference="Shape is that of the region cut to the box of what re-segmentation left, or "
        "of the whole region.",
    ),
)


def with_convention(given: dict[str, Any]) -> dict[str, Any]:
    """Return settings with the defaults of the convention that they name."""
    if given.get("convention") != "ibsi":
        return given
    return {switch.name: switch.ibsi for switch in SWITCHES} | given


def without_convention(given: dict[str, Any]) -> dict[str, Any]:
    """Return all settings but those that a convention set, and the convention itself."""
    of_ibsi = given["convention"] == "ibsi"
    defaults = {s.name: s.ibsi if of_ibsi else s.pyradiomics for s in SWITCHES}
    return {
        name: value
        for name, value in given.items()
        if name != "convention" and (name not in defaults or value != defaults[name])
    }
