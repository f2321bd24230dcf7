"""Settings of the filters of IBSI 2; names and units as in their functions."""

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

_BEYOND = "What lies beyond the image: nothing, its border again, the image again, its reflection."
Beyond = Literal["zero", "edge", "periodic", "mirror"]
_POOLING = "How the responses of all right-angle rotations become one; unset: not rotated."
Pooling = Literal["max", "min", "mean"]
Subband = Annotated[str, Field(pattern=r"^[LH]{2,3}$")]
RieszOrder = Annotated[tuple[NonNegativeInt, ...], Field(min_length=2, max_length=3)]
Kernels = Annotated[str, Field(pattern=r"^([LES][35]|[WR]5){2,3}$")]


class Mean(FilterSettings):
    """Settings of the mean filter of IBSI 2 (S60F), in a cube, or with ``force_2d`` a square."""

    kind: Literal["mean"] = "mean"
    support_voxels: PositiveInt = Field(default=3, description="Side of the cube; odd.")
    beyond: Beyond = Field(default="mirror", description=_BEYOND)

    @field_validator("support_voxels")
    @classmethod
    def _odd(cls, n_voxels: int) -> int:
        if n_voxels % 2 == 0:
            msg = "a cube with a voxel in its middle has an odd side"
            raise ValueError(msg)
        return n_voxels


class SampledLaplacianOfGaussian(FilterSettings):
    """Settings of IBSI's Laplacian of Gaussian (L6PA): a response map for each width, in mm.

    ``laplacian_of_gaussian`` is PyRadiomics' approximation of the same formula. With ``force_2d``
    slices are filtered.
    """

    kind: Literal["sampled_laplacian_of_gaussian"] = "sampled_laplacian_of_gaussian"
    sigma_mm: tuple[PositiveFloat, ...] = (1.0, 3.0, 5.0)
    truncate_sigmas: PositiveFloat = Field(
        default=4.0, description="How many widths the sampled kernel reaches."
    )
    beyond: Beyond = Field(default="mirror", description=_BEYOND)


class Laws(FilterSettings):
    """Settings of Laws' filters (JTXT): a response map for each row of kernels.

    A row names the kernel along x, y and z, as ``E5L5S5``; with ``force_2d`` that axis has none.
    """

    kind: Literal["laws"] = "laws"
    kernels: Annotated[tuple[Kernels, ...], Field(min_length=1)]
    pooling: Pooling | None = Field(default=None, description=_POOLING)
    energy_delta_voxels: PositiveInt | None = Field(
        default=None,
        description="How far the response's mean magnitude, which then replaces it, is taken.",
    )
    beyond: Beyond = Field(default="mirror", description=_BEYOND)


class Gabor(FilterSettings):
    """Settings of Gabor's filter (Q88H): the modulus of the response to a wave under a Gaussian.

    A wave in one direction runs in axial slices; one that steps around the circle in slices across
    every axis, whose responses are averaged. With ``force_2d`` slices across its axis are filtered.
    """

    kind: Literal["gabor"] = "gabor"
    sigma_mm: PositiveFloat = Field(description="Width of the Gaussian along the wave.")
    lambda_mm: PositiveFloat = Field(description="Length of the wave.")
    gamma: PositiveFloat = Field(
        default=1.0, description="The Gaussian's width along the wave, by that across."
    )
    theta_deg: float = Field(
        default=0.0, description="Where the wave runs, from x towards y in an axial slice."
    )
    theta_step_deg: PositiveFloat | None = Field(
        default=None, description="Steps around the circle, whose responses are pooled."
    )
    pooling: Pooling = Field(default="mean", description="How those responses become one.")
    beyond: Beyond = Field(default="mirror", description=_BEYOND)

    @model_validator(mode="after")
    def _steps_close_the_circle(self) -> Gabor:
        step = self.theta_step_deg
        if step is not None and (step > 360 or abs(360 / step - round(360 / step)) > 1e-9):
            msg = f"theta_step_deg: {step:g} does not divide 360 degrees"
            raise ValueError(msg)
        return self


class SeparableWavelet(FilterSettings):
    """Settings of separable wavelets, undecimated: a response map for each sub-band.

    A sub-band names the low- or high-pass filter along x, y and z, as ``LHL``; with ``force_2d``
    that axis has none. ``wavelet`` is PyRadiomics' transform.
    """

    kind: Literal["separable_wavelet"] = "separable_wavelet"
    wavelet: str = "coif1"
    subbands: Annotated[tuple[Subband, ...], Field(min_length=1)]
    level: PositiveInt = Field(
        default=1, description="At each level the wavelet is twice as long, from 1."
    )
    pooling: Pooling | None = Field(default=None, description=_POOLING)
    beyond: Beyond = Field(default="mirror", description=_BEYOND)

    _known_to_pywavelets = field_validator("wavelet")(known_wavelet)


class NonseparableWavelet(FilterSettings):
    """Settings of Simoncelli's wavelet (PRT7): a response map for each level, from 1.

    It is rotation invariant, and sees the whole image; with ``force_2d`` whole slices.
    """

    kind: Literal["nonseparable_wavelet"] = "nonseparable_wavelet"
    levels: Annotated[tuple[PositiveInt, ...], Field(min_length=1)] = (1, 2, 3)
    beyond: Beyond = Field(default="periodic", description=_BEYOND)


class Riesz(FilterSettings):
    """Settings of the Riesz transform (AYRS): a response map for each order of derivative.

    An order counts derivatives along x, y and z, as ``[0, 2, 0]``; with ``force_2d`` that axis
    has none. It is taken of the image, or of a response to another filter.
    """

    kind: Literal["riesz"] = "riesz"
    orders: Annotated[tuple[RieszOrder, ...], Field(min_length=1)]
    level: PositiveInt | None = Field(
        default=None, description="Of Simoncelli's wavelet, whose response is transformed."
    )
    sigma_mm: PositiveFloat | None = Field(
        default=None,
        description="Of the sampled Laplacian of Gaussian, whose response is transformed.",
    )
    alignment_mm: PositiveFloat | None = Field(
        default=None,
        description="Width of the window in which local directions are found, along which then "
        "derivatives are taken; unset: along the axes.",
    )
    beyond: Beyond = Field(default="periodic", description=_BEYOND)

    @field_validator("orders")
    @classmethod
    def _derivatives(cls, orders: tuple[RieszOrder, ...]) -> tuple[RieszOrder, ...]:
        if not all(sum(order) for order in orders):
            msg = "an order without a derivative is the image itself"
            raise ValueError(msg)
        return orders

    @model_validator(mode="after")
    def _of_one_filter(self) -> Riesz:
        if self.level is not None and self.sigma_mm is not None:
            msg = "give either level or sigma_mm: one filter's response is transformed"
            raise ValueError(msg)
        return self


IbsiFilter = (
    Mean
    | SampledLaplacianOfGaussian
    | Laws
    | Gabor
    | SeparableWavelet
    | NonseparableWavelet
    | Riesz
)
