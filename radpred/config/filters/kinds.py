"""Settings of each filter; names and units as in its function."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)

from radpred.config._base import FilterSettings
from radpred.config.filters._wavelets import known_wavelet
from radpred.config.filters.ibsi import IbsiFilter

_MOST_DIGITS = 31


class Original(FilterSettings):
    """The image as it came."""

    kind: Literal["original"] = "original"


class LaplacianOfGaussian(FilterSettings):
    """Settings of the Laplacian of Gaussian: one response map for each width, in mm.

    A width keeps its spelling in the map's name, as in PyRadiomics: 3 and 3.0 are called
    ``log-sigma-3-mm-3D`` and ``log-sigma-3-0-mm-3D``.
    """

    kind: Literal["laplacian_of_gaussian"] = "laplacian_of_gaussian"
    sigma_mm: tuple[PositiveInt | PositiveFloat, ...] = (1.0, 3.0, 5.0)


class Wavelet(FilterSettings):
    """Settings of the stationary wavelet transform: seven bands a level, and the last low one.

    With ``force_2d`` slices are transformed, and a level has three bands.
    """

    kind: Literal["wavelet"] = "wavelet"
    wavelet: str = "coif1"
    level: PositiveInt = 1
    start_level: NonNegativeInt = 0

    _known_to_pywavelets = field_validator("wavelet")(known_wavelet)


class Square(FilterSettings):
    """The square of each intensity, scaled to the image's range."""

    kind: Literal["square"] = "square"


class SquareRoot(FilterSettings):
    """The square root of each intensity's magnitude, with its sign, scaled to the range."""

    kind: Literal["square_root"] = "square_root"


class Logarithm(FilterSettings):
    """The logarithm of each intensity's magnitude + 1, with its sign, scaled to the range."""

    kind: Literal["logarithm"] = "logarithm"


class Exponential(FilterSettings):
    """The exponential of each intensity, scaled to the image's range."""

    kind: Literal["exponential"] = "exponential"


class Gradient(FilterSettings):
    """The magnitude of the gradient."""

    kind: Literal["gradient"] = "gradient"
    use_spacing: bool = Field(default=True, description="Per mm, and not per voxel.")


class LocalBinaryPattern2D(FilterSettings):
    """Settings of local binary patterns on circles in a slice."""

    kind: Literal["local_binary_pattern_2d"] = "local_binary_pattern_2d"
    radius: PositiveFloat = Field(default=1.0, description="Of the circle, in voxels.")
    samples: PositiveInt = Field(default=8, description="Number of points on the circle.")
    method: Literal["default", "ror", "uniform", "nri_uniform", "var"] = "uniform"
    across: Literal["z", "y", "x"] | None = Field(
        default=None, description="The axis across the slices; else that of force_2d, or z."
    )

    @model_validator(mode="after")
    def _digits_make_a_number(self) -> LocalBinaryPattern2D:
        if self.method in ("default", "ror") and self.samples > _MOST_DIGITS:
            msg = f"method {self.method} takes at most {_MOST_DIGITS} samples; use uniform"
            raise ValueError(msg)
        return self


class LocalBinaryPattern3D(FilterSettings):
    """Settings of local binary patterns on spheres: a map a level, and one of kurtosis."""

    kind: Literal["local_binary_pattern_3d"] = "local_binary_pattern_3d"
    levels: PositiveInt = Field(default=2, description="Number of degrees of harmonics.")
    icosphere_radius: PositiveFloat = Field(default=1.0, description="In voxels.")
    icosphere_subdivision: NonNegativeInt = Field(
        default=1, description="How often triangles are cut into four: 12, 42, 162, ... points."
    )


Filter = Annotated[
    Original
    | LaplacianOfGaussian
    | Wavelet
    | Square
    | SquareRoot
    | Logarithm
    | Exponential
    | Gradient
    | LocalBinaryPattern2D
    | LocalBinaryPattern3D
    | IbsiFilter,
    Field(discriminator="kind"),
]
