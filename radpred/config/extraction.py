"""Settings of feature extraction, in radpred's words or as a PyRadiomics parameter file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from radpred.config._base import Settings, checked
from radpred.config._yaml import read_yaml
from radpred.config.conventions import FAMILIES, Family, with_convention
from radpred.config.filters.kinds import Filter, LocalBinaryPattern2D, Original
from radpred.config.pyradiomics import is_pyradiomics, settings_from_pyradiomics
from radpred.errors import SettingsError


class VoxelSettings(Settings):
    """Settings of maps: a feature of the small cube around each voxel."""

    kernel_radius: PositiveInt = Field(default=1, description="Half the cube's side, in voxels.")
    masked_kernel: bool = Field(
        default=True, description="Whether the part of a cube outside the region is left out."
    )


class DicomSettings(Settings):
    """What is done where a DICOM series leaves a choice; by default it is refused."""

    missing_slices: Literal["refuse", "interpolate"] = Field(
        default="refuse", description="Whether gaps between slices are filled in straight lines."
    )
    timepoint: NonNegativeInt | None = Field(
        default=None, description="Which picture, from 0, where there are several at each place."
    )
    pet: Literal["suv", "stored"] = Field(
        default="suv", description="SUV by body weight, or the unit of the file."
    )


class ExtractionSettings(Settings):
    """How a region of an image becomes numbers.

    Values follow PyRadiomics or, with ``convention: ibsi``, IBSI: that sets the default of each
    switch in ``radpred.config.conventions``. ``bin_count`` divides each region's own range.
    """

    convention: Literal["pyradiomics", "ibsi"] = Field(
        default="pyradiomics", description="Whose values: sets what is not set otherwise."
    )
    bin_width: PositiveFloat | None = 25.0
    bin_count: Annotated[int, Field(ge=2)] | None = None
    bins_from: Literal["multiple", "bound"] = Field(
        default="multiple",
        description="Bins of a width start at its multiple, or at re-segmentation's lower bound.",
    )
    ivh_bin_width: PositiveFloat | None = Field(
        default=None, description="How the intensity-volume histogram discretises, if it does."
    )
    ivh_bin_count: Annotated[int, Field(ge=2)] | None = None
    excess_kurtosis: bool = Field(
        default=False, description="Whether a normal distribution has kurtosis 0, and not 3."
    )
    sample_axes: bool = Field(
        default=False, description="Whether voxels are a sample of a region for principal axes."
    )
    isolated_voxels: Literal["counted", "left_out"] = Field(
        default="counted", description="Whether NGTDM counts voxels of a region without neighbours."
    )
    engine: Literal["native", "pyradiomics"] = Field(
        default="native", description="Who computes: radpred, or PyRadiomics where installed."
    )
    families: tuple[Family, ...] = FAMILIES
    all_features: bool = Field(
        default=False,
        description="Whether families hold features of IBSI that PyRadiomics lacks.",
    )
    features: dict[Family, tuple[str, ...]] = Field(
        default={}, description="The features to keep of a family; of others all are kept."
    )
    filters: tuple[Filter, ...] = (Original(),)
    voxel_array_shift: float = 0.0
    force_2d: Literal["z", "y", "x"] | None = Field(
        default=None, description="The axis across which no voxel is a neighbour: slice by slice."
    )
    slices: Literal["merged", "averaged"] = Field(
        default="merged",
        description="With force_2d: a matrix for all slices (IBSI: 2.5D), or one a slice (2D).",
    )
    distances: Annotated[tuple[PositiveInt, ...], Field(min_length=1)] = Field(
        default=(1,), description="How far neighbours lie, in voxels; of GLCM, GLDM and NGTDM."
    )
    aggregation: Literal["averaged", "merged", "euclidean", "manhattan", "infinity"] = Field(
        default="averaged",
        description="A value for each direction, averaged; or matrices merged, as they are or "
        "weighted by a norm of the distance.",
    )
    symmetric_glcm: bool = True
    dependence_cutoff: NonNegativeFloat = Field(
        default=0.0, description="How far levels of dependent voxels may differ; of GLDM."
    )
    minimum_grey_levels: PositiveInt = Field(
        default=8, description="With fewer on the scan itself, a region's texture is missing."
    )
    non_finite: Literal["refuse", "exclude"] = Field(
        default="refuse",
        description="A region with voxels that are not finite has no values, or leaves them out.",
    )
    voxel: VoxelSettings = VoxelSettings()
    normalise: bool = False
    normalise_scale: PositiveFloat = 1.0
    normalise_limit_sd: PositiveFloat | None = Field(
        default=None, description="Farther from the mean, a normalised voxel is set to the limit."
    )
    resample_mm: tuple[NonNegativeFloat, NonNegativeFloat, NonNegativeFloat] | None = Field(
        default=None,
        description="Voxel size after resampling, in mm, ordered (z, y, x); 0 keeps the image's.",
    )
    interpolator: Literal["bspline", "linear", "nearest"] = "bspline"
    mask_interpolator: Literal["nearest", "linear"] = Field(
        default="nearest",
        description="Whether a new voxel is in the region if its nearest old one is, or if half "
        "of it, interpolated, is.",
    )
    grid: Literal["corner", "centre"] = Field(
        default="corner", description="What old and new grid share after resampling."
    )
    integer_images: Literal["cut", "rounded"] = Field(
        default="cut", description="What becomes of interpolated values of an image of integers."
    )
    crop_before_filters: bool = Field(
        default=False, description="Whether filters see only the region's box and its padding."
    )
    padding_voxels: NonNegativeInt = Field(
        default=5, description="Voxels around the region's box after resampling or cropping."
    )
    resegment_range: Annotated[tuple[float, ...], Field(min_length=1, max_length=2)] | None = Field(
        default=None, description="Lowest, and highest, intensity of a region's voxels."
    )
    resegment_mode: Literal["absolute", "relative", "sigma"] = Field(
        default="absolute",
        description="In the image's unit, as parts of the highest, or in sd from the mean.",
    )
    outliers_sd: PositiveFloat | None = Field(
        default=None,
        description="Farther from the region's mean, in sd, a voxel is left out (IBSI 7ACA).",
    )
    resegment_outline: Literal["cut", "whole"] = Field(
        default="cut",
        description="Whether shape sees the region inside the box of what re-segmentation left.",
    )
    resegment_shape: bool = Field(
        default=False, description="Whether shape, too, is that of the resegmented region."
    )
    minimum_voxels: PositiveInt = 1
    minimum_dimensions: Annotated[int, Field(ge=0, le=3)] = 0
    dicom: DicomSettings = DicomSettings()
    image_channel: Literal[0, 1, 2, 3, "luminance"] | None = Field(
        default=None,
        description="Which channel of a colour image, or what its colours look like; else refused.",
    )
    mask_channel: NonNegativeInt = Field(
        default=0, description="Which channel of a mask that has several."
    )
    mask_label: PositiveInt | None = Field(
        default=None, description="Which label of a mask is the region, where nothing else says."
    )

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_the_convention(cls, given: Any) -> Any:
        return with_convention(given) if isinstance(given, dict) else given

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

    @model_validator(mode="after")
    def _a_plane_for_plane_shape(self) -> ExtractionSettings:
        if "shape2D" in self.families and self.force_2d is None:
            msg = "family shape2D measures a slice; say across which axis: force_2d: z, y or x"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _slices_of_a_plane(self) -> ExtractionSettings:
        if self.slices == "averaged" and self.force_2d is None:
            msg = "slices: averaged measures slice by slice; say across which axis: force_2d: z"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _chosen_features_are_of_chosen_families(self) -> ExtractionSettings:
        others = sorted(set(self.features) - set(self.families))
        if others:
            msg = f"features are chosen of {', '.join(others)}, which families does not list"
            raise ValueError(msg)
        return self

    def on_slice(self) -> ExtractionSettings:
        """Return the settings for an image of one slice: it lies across z, however it was stored.

        Examples
        --------
        >>> ExtractionSettings(force_2d="y").on_slice().force_2d
        'z'
        """
        filters = tuple(
            f.model_copy(update={"across": None}) if isinstance(f, LocalBinaryPattern2D) else f
            for f in self.filters
        )
        force_2d = None if self.force_2d is None else "z"
        return self.model_copy(update={"force_2d": force_2d, "filters": filters})


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
        The file cannot be read, or holds a setting that is unknown, or that radpred does not
        follow, by name.
    """
    if isinstance(given, ExtractionSettings):
        return given
    source = "settings"
    if isinstance(given, str | Path):
        source = str(given)
        given = _read(Path(given))
    given = {} if given is None else given
    if not isinstance(given, dict):
        msg = f"{source}: got {type(given).__name__}, wanted settings by name"
        raise SettingsError(msg)
    if is_pyradiomics(given):
        given = settings_from_pyradiomics(given, source=source)
    return checked(ExtractionSettings, given, source=source)


def _read(path: Path) -> Any:
    """Return what a YAML (or JSON) file holds."""
    if not path.is_file():
        msg = f"{path}: no such settings file"
        raise SettingsError(msg)
    return read_yaml(path)
