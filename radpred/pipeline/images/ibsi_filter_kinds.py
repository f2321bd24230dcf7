"""Each kind of filter of IBSI 2: what its responses are called, and how they are made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from radpred.config.filters.ibsi import (
    Gabor,
    IbsiFilter,
    Laws,
    Mean,
    NonseparableWavelet,
    Riesz,
    SampledLaplacianOfGaussian,
    SeparableWavelet,
)
from radpred.filters import (
    GaborWave,
    WaveletBand,
    gabor,
    gabor_name,
    laws,
    laws_kernels,
    laws_name,
    mean,
    mean_name,
    nonseparable_wavelet,
    nonseparable_wavelet_name,
    riesz,
    riesz_name,
    sampled_laplacian_of_gaussian,
    sampled_laplacian_of_gaussian_name,
    separable_wavelet,
    separable_wavelet_name,
)
from radpred.image import Grid, Image
from radpred.pipeline.images._filter_kind import FilterKind, Sizes, Source

_BEYOND = {
    "zero": "outside of which all was 0",
    "edge": "whose border voxels were repeated",
    "periodic": "which was repeated as a whole",
    "mirror": "which was mirrored",
}


def _beyond(chosen: IbsiFilter) -> str:
    """Return what lies beyond an image that is smaller than the filter."""
    return _BEYOND[chosen.beyond]


def _unless_flat(sizes: Iterable[int], flat_axis: int | None) -> tuple[int, ...]:
    """Return sizes along z, y and x, but 1 across slices."""
    return tuple(1 if axis == flat_axis else size for axis, size in enumerate(sizes))


def _mean(source: Source, chosen: Mean) -> Iterator[Image]:
    yield mean(
        source.image,
        support_voxels=chosen.support_voxels,
        beyond=chosen.beyond,
        flat_axis=source.flat_axis,
        box=source.box,
    )


def _sizes_for_mean(chosen: Mean, grid: Grid, flat_axis: int | None) -> Sizes:
    sides = (chosen.support_voxels for _ in range(3))
    yield mean_name(chosen.support_voxels), _unless_flat(sides, flat_axis)


def _laplacians(source: Source, chosen: SampledLaplacianOfGaussian) -> Iterator[Image]:
    for sigma in chosen.sigma_mm:
        yield sampled_laplacian_of_gaussian(
            source.image,
            sigma_mm=sigma,
            truncate_sigmas=chosen.truncate_sigmas,
            beyond=chosen.beyond,
            flat_axis=source.flat_axis,
            box=source.box,
        )


def _sizes_for_laplacians(
    chosen: SampledLaplacianOfGaussian, grid: Grid, flat_axis: int | None
) -> Sizes:
    for sigma in chosen.sigma_mm:
        reaches = (chosen.truncate_sigmas * sigma / spacing for spacing in grid.spacing)
        least = _unless_flat((1 + 2 * math.floor(reach + 0.5) for reach in reaches), flat_axis)
        yield sampled_laplacian_of_gaussian_name(sigma, flat_axis=flat_axis), least


def _laws(source: Source, chosen: Laws) -> Iterator[Image]:
    for kernels in chosen.kernels:
        yield laws(
            source.image,
            kernels=kernels,
            pooling=chosen.pooling,
            energy_delta_voxels=chosen.energy_delta_voxels,
            beyond=chosen.beyond,
            flat_axis=source.flat_axis,
            box=source.box,
        )


def _laws_names(chosen: Laws, flat_axis: int | None) -> tuple[str, ...]:
    return tuple(_laws_name(chosen, kernels, flat_axis) for kernels in chosen.kernels)


def _laws_name(chosen: Laws, kernels: str, flat_axis: int | None) -> str:
    """Return the name of one response; refuse kernels that do not fit the number of axes."""
    laws_kernels(kernels, flat_axis=flat_axis)
    delta = chosen.energy_delta_voxels
    return laws_name(kernels, pooling=chosen.pooling, energy_delta_voxels=delta)


def _sizes_for_laws(chosen: Laws, grid: Grid, flat_axis: int | None) -> Sizes:
    for kernels in chosen.kernels:
        longest = max(int(name[1]) for name in laws_kernels(kernels, flat_axis=flat_axis))
        delta = chosen.energy_delta_voxels or 0
        least = _unless_flat((longest + 2 * delta for _ in range(3)), flat_axis)
        yield _laws_name(chosen, kernels, flat_axis), least


def _wave(chosen: Gabor) -> GaborWave:
    """Return the wave that settings ask for."""
    return GaborWave(
        sigma_mm=chosen.sigma_mm,
        lambda_mm=chosen.lambda_mm,
        gamma=chosen.gamma,
        theta_deg=chosen.theta_deg,
        theta_step_deg=chosen.theta_step_deg,
    )


def _gabor(source: Source, chosen: Gabor) -> Iterator[Image]:
    yield gabor(
        source.image,
        wave=_wave(chosen),
        pooling=chosen.pooling,
        beyond=chosen.beyond,
        flat_axis=source.flat_axis,
        box=source.box,
    )


def _sizes_for_gabor(chosen: Gabor, grid: Grid, flat_axis: int | None) -> Sizes:
    """Yield the size of the Gaussian itself, two widths on each side: its tails hardly weigh."""
    width = max(chosen.sigma_mm, chosen.sigma_mm / chosen.gamma)
    sides = (1 + 2 * math.ceil(2 * width / spacing) for spacing in grid.spacing)
    across = 0 if flat_axis is None and chosen.theta_step_deg is None else flat_axis
    yield gabor_name(_wave(chosen), pooling=chosen.pooling), _unless_flat(sides, across)


def _bands(chosen: SeparableWavelet) -> list[WaveletBand]:
    """Return the sub-bands that settings ask for."""
    wavelet, level = chosen.wavelet, chosen.level
    return [WaveletBand(wavelet=wavelet, letters=name, level=level) for name in chosen.subbands]


def _separable_wavelets(source: Source, chosen: SeparableWavelet) -> Iterator[Image]:
    for band in _bands(chosen):
        yield separable_wavelet(
            source.image,
            band=band,
            pooling=chosen.pooling,
            beyond=chosen.beyond,
            flat_axis=source.flat_axis,
            box=source.box,
        )


def _separable_wavelet_names(chosen: SeparableWavelet, flat_axis: int | None) -> tuple[str, ...]:
    return tuple(
        separable_wavelet_name(band, pooling=chosen.pooling, flat_axis=flat_axis)
        for band in _bands(chosen)
    )


def _sizes_for_separable_wavelets(
    chosen: SeparableWavelet, grid: Grid, flat_axis: int | None
) -> Sizes:
    names = _separable_wavelet_names(chosen, flat_axis)
    for band, name in zip(_bands(chosen), names, strict=True):
        n_taps = sum(band.reach) + 1
        yield name, _unless_flat((n_taps for _ in range(3)), flat_axis)


def _nonseparable_wavelets(source: Source, chosen: NonseparableWavelet) -> Iterator[Image]:
    for level in chosen.levels:
        yield nonseparable_wavelet(
            source.image,
            level=level,
            beyond=chosen.beyond,
            flat_axis=source.flat_axis,
            box=source.box,
        )


def _riesz(source: Source, chosen: Riesz) -> Iterator[Image]:
    image = source.image
    if chosen.sigma_mm is not None:
        image = sampled_laplacian_of_gaussian(
            image, sigma_mm=chosen.sigma_mm, beyond=chosen.beyond, flat_axis=source.flat_axis
        )
    names = _riesz_names(chosen, source.flat_axis)
    for order, name in zip(chosen.orders, names, strict=True):
        response = riesz(
            image,
            order=order,
            level=chosen.level,
            alignment_mm=chosen.alignment_mm,
            beyond=chosen.beyond,
            flat_axis=source.flat_axis,
            box=source.box,
        )
        yield replace(response, name=name)


def _riesz_names(chosen: Riesz, flat_axis: int | None) -> tuple[str, ...]:
    of = ""
    if chosen.sigma_mm is not None:
        of = f"-{sampled_laplacian_of_gaussian_name(chosen.sigma_mm, flat_axis=flat_axis)}"
    level, alignment = chosen.level, chosen.alignment_mm
    return tuple(
        riesz_name(order, level=level, alignment_mm=alignment, flat_axis=flat_axis) + of
        for order in chosen.orders
    )


IBSI_FILTER_KINDS: dict[str, FilterKind] = {
    "mean": FilterKind(
        names=lambda chosen, flat_axis: (mean_name(chosen.support_voxels),),
        filtered=_mean,
        sizes=_sizes_for_mean,
        beyond=_beyond,
        is_compact=True,
    ),
    "sampled_laplacian_of_gaussian": FilterKind(
        names=lambda chosen, flat_axis: tuple(
            sampled_laplacian_of_gaussian_name(sigma, flat_axis=flat_axis)
            for sigma in chosen.sigma_mm
        ),
        filtered=_laplacians,
        sizes=_sizes_for_laplacians,
        beyond=_beyond,
        is_compact=True,
    ),
    "laws": FilterKind(
        names=_laws_names,
        filtered=_laws,
        sizes=_sizes_for_laws,
        beyond=_beyond,
        is_compact=True,
    ),
    "gabor": FilterKind(
        names=lambda chosen, flat_axis: (gabor_name(_wave(chosen), pooling=chosen.pooling),),
        filtered=_gabor,
        sizes=_sizes_for_gabor,
        beyond=_beyond,
    ),
    "separable_wavelet": FilterKind(
        names=_separable_wavelet_names,
        filtered=_separable_wavelets,
        sizes=_sizes_for_separable_wavelets,
        beyond=_beyond,
        is_compact=True,
    ),
    "nonseparable_wavelet": FilterKind(
        names=lambda chosen, flat_axis: tuple(map(nonseparable_wavelet_name, chosen.levels)),
        filtered=_nonseparable_wavelets,
    ),
    "riesz": FilterKind(names=_riesz_names, filtered=_riesz),
}
