"""A card beside the CPU: the same values, how long, and what was moved.

``python -m benchmarks.gpu`` in ``tests/``, where CuPy and a card are; it takes under 8 minutes, and
writes what it found to standard output as a table and to ``gpu.json``. It ends with 1 where values
lie farther apart than they may. Peers and other machines: ``make bench``.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import SHAPE, SPACING_XYZ_MM, body, region, rough_ball
from radpred.backends import Device, find_device
from radpred.config import ExtractionSettings
from radpred.image import Grid, Image, Mask
from radpred.pipeline.measuring.extract import Extractor, extract_regions
from radpred.regions import peritumoral_rings

# How far values may lie apart, as a part of the larger: sums are added in another order.
MOST_APART = {"float64": 1e-5, "float32": 1e-4}
FILTERS = (
    {"kind": "original"},
    {"kind": "laplacian_of_gaussian", "sigma_mm": (1, 2, 3)},
    {"kind": "wavelet"},
)
EVERY_FILTER = (
    *FILTERS,
    {"kind": "square"},
    {"kind": "square_root"},
    {"kind": "logarithm"},
    {"kind": "exponential"},
    {"kind": "gradient"},
    {"kind": "local_binary_pattern_2d"},
    {"kind": "local_binary_pattern_3d"},
    {"kind": "mean", "support_voxels": 5},
    {"kind": "sampled_laplacian_of_gaussian", "sigma_mm": (2.0,)},
    {"kind": "laws", "kernels": ("E5L5S5",), "pooling": "max", "energy_delta_voxels": 3},
    {"kind": "gabor", "sigma_mm": 3.0, "lambda_mm": 4.0, "theta_step_deg": 45.0},
    {"kind": "separable_wavelet", "wavelet": "db3", "subbands": ("LLH",), "pooling": "mean"},
    {"kind": "nonseparable_wavelet", "levels": (1, 2)},
    {"kind": "riesz", "orders": ((0, 2, 0),), "alignment_mm": 3.0},
)
EVERY_FAMILY = ("spatial", "localIntensity", "histogram", "ivh", "gldzm")


@dataclass(frozen=True)
class Found:
    """What a case took on both, how far its values lie apart, and what went to and fro."""

    case: str
    cpu_s: float
    card_s: float
    n_values: int
    farthest: float
    name: str
    may_be: float
    up: int
    up_mb: float
    down: int
    down_mb: float

    @property
    def is_near(self) -> bool:
        """Tell whether no value lies farther than it may."""
        return self.farthest <= self.may_be


class Moved:
    """Arrays that went to the card and came back, while it watches; numbers do not count."""

    def __init__(self) -> None:
        self.up: list[int] = []
        self.down: list[int] = []

    def __enter__(self) -> Moved:
        """Watch CuPy's door and radpred's."""
        import cupy

        from radpred.backends import to_host

        def sent(given: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(given, np.ndarray) and given.size > 1:
                self.up.append(given.nbytes)
            return asarray(given, *args, **kwargs)

        def fetched(given: Any) -> Any:
            if not isinstance(given, np.ndarray) and given.size > 1:
                self.down.append(given.nbytes)
            return to_host(given)

        asarray, self._undo = cupy.asarray, [(cupy, "asarray", cupy.asarray)]
        cupy.asarray = sent
        for name, module in list(sys.modules.items()):
            if name.startswith("radpred.") and getattr(module, "to_host", None) is to_host:
                self._undo.append((module, "to_host", to_host))
                module.to_host = fetched  # type: ignore[attr-defined]
        return self

    def __exit__(self, *error: object) -> None:
        """Look away."""
        for module, name, function in self._undo:
            setattr(module, name, function)


Work = Callable[[Image, dict[str, Mask]], dict[str, float]]


def _features(**given: Any) -> Work:
    """Return the work of measuring features by some settings."""
    settings = ExtractionSettings(**given)
    return lambda image, regions: extract_regions(image, regions, settings).values


def _rings(image: Image, regions: dict[str, Mask]) -> dict[str, float]:
    """Return numbers of voxels of rings, and where their middle lies."""
    found = {}
    for ring in peritumoral_rings(regions["tumour"], ((0.0, 5.0), (5.0, 10.0))):
        voxels = ring.mask.voxels
        found[f"{ring.mask.name}_voxels"] = float(voxels.sum())
        for axis in range(3):
            others = tuple(other for other in range(3) if other != axis)
            line = voxels.sum(axis=others).tolist()
            middle = sum(place * n for place, n in enumerate(line)) / max(sum(line), 1)
            found[f"{ring.mask.name}_{'zyx'[axis]}"] = middle
    return found


def _maps(image: Image, regions: dict[str, Mask]) -> dict[str, float]:
    """Return the sum of each voxel-wise map of a filtered image."""
    extractor = Extractor({"families": ["firstorder", "glcm"], "filters": [{"kind": "gradient"}]})
    return {
        made.name: float(made.values.astype(np.float64).sum())
        for made in extractor.maps(image, regions["tumour"])
    }


def cases(scale: float = 1.0) -> Iterator[tuple[str, Image, dict[str, Mask], Work]]:
    """Yield every case: a name, an image, its regions, and the work; smaller by ``scale``."""
    rng = np.random.default_rng(4)
    nz, ny, nx = (max(int(size * scale), 12) for size in SHAPE)
    voxels, field = body(rng, (nz, ny, nx)), rough_ball(rng, (nz, ny, nx))
    large = _case(voxels, region(field, max(int(300_000 * scale**3), 300)))
    yield "300k voxels, original", *large, _features()
    yield "300k voxels, original + filters", *large, _features(filters=FILTERS)
    single = replace(large[0], voxels=large[0].voxels.astype(np.float32))
    yield "300k voxels, filters, float32", single, large[1], _features(filters=FILTERS)
    finer = {"resample_mm": (1.0, 1.0, 1.0)}
    yield "300k voxels, resampled to 1 mm", *large, _features(**finer)
    yield "300k voxels, rings", *large, _rings
    repeats = (-(-300 // nz), -(-512 // ny), -(-512 // nx)) if scale == 1.0 else (2, 2, 2)
    scan = np.tile(voxels, repeats)[: 300 if scale == 1.0 else None]
    inside = np.zeros(scan.shape, dtype=bool)
    inside[:nz, :ny, :nx] = large[1]["tumour"].voxels
    yield "CT of 512x512x300, filters", *_case(scan, inside), _features(filters=FILTERS)
    side = max(int(64 * scale), 16)
    shape = (side, side, side)
    small = _case(body(rng, shape), region(rough_ball(rng, shape), side**3 // 13))
    families = ("firstorder", "glcm", *EVERY_FAMILY)
    every = _features(filters=EVERY_FILTER, families=families, convention="ibsi")
    yield "every filter", *small, every
    yield "voxel-wise maps (counted on the CPU)", *small, _maps


def _case(voxels: np.ndarray, inside: np.ndarray) -> tuple[Image, dict[str, Mask]]:
    """Return an image and its tumour."""
    grid = Grid(shape=voxels.shape, spacing=SPACING_XYZ_MM[::-1])
    return Image(voxels=voxels, grid=grid), {"tumour": Mask(voxels=inside, grid=grid)}


def compared(
    name: str, image: Image, regions: dict[str, Mask], work: Work, *, card: Device
) -> Found:
    """Return what a case took on the CPU and, the second time, on the card."""

    def on_card() -> dict[str, float]:
        masks = {key: replace(m, voxels=card.put(m.voxels)) for key, m in regions.items()}
        return work(replace(image, voxels=card.put(image.voxels)), masks)

    cpu_s, expected = _timed(lambda: work(image, regions))
    on_card()  # kernels are compiled at their first use
    card_s, _ = _timed(on_card)
    with Moved() as moved:
        found = on_card()
    apart = {key: _apart(value, found[key]) for key, value in expected.items()}
    farthest = max(apart, key=apart.__getitem__)
    is_single = image.voxels.dtype == np.float32
    return Found(
        case=name,
        cpu_s=cpu_s,
        card_s=card_s,
        n_values=len(apart),
        farthest=apart[farthest],
        name=farthest,
        may_be=MOST_APART["float32" if is_single else "float64"],
        up=len(moved.up),
        up_mb=sum(moved.up) / 1e6,
        down=len(moved.down),
        down_mb=sum(moved.down) / 1e6,
    )


def _timed(work: Callable[[], dict[str, float]]) -> tuple[float, dict[str, float]]:
    """Return the wall time of some work, whose values lie on the host, and the values."""
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def _apart(one: float, other: float) -> float:
    """Return how far two values lie apart, as a part of the larger; infinite if one is missing."""
    if math.isnan(one) or math.isnan(other):
        return 0.0 if math.isnan(one) and math.isnan(other) else math.inf
    largest = max(abs(one), abs(other))
    return abs(one - other) / largest if largest > 1e-12 else 0.0


def line(found: Found) -> str:
    """Return a row of the table."""
    cells = (
        found.case,
        f"{found.cpu_s:.2f} s",
        f"{found.card_s:.2f} s",
        f"{found.cpu_s / found.card_s:.1f}x",
        found.n_values,
        f"{found.farthest:.1e} ({found.name})",
        f"{found.up}, {found.up_mb:.1f} MB",
        f"{found.down}, {found.down_mb:.1f} MB",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> int:
    """Measure every case as long as there is time, and return 1 where values lie too far apart."""
    parser = argparse.ArgumentParser(prog="benchmarks.gpu", description=main.__doc__)
    parser.add_argument("--seconds", type=float, default=420.0, help="start no case after these")
    parser.add_argument("--output", type=Path, default=Path("gpu.json"))
    given = parser.parse_args()
    began, all_found = time.perf_counter(), []
    card = find_device("gpu")
    _tell(f"{card.name}\n\n| case | CPU, one core | card | ratio | values | farthest | up | down |")
    _tell("|---|---|---|---|---|---|---|---|")
    for name, image, regions, work in cases():
        if time.perf_counter() - began > given.seconds:
            _tell(f"| {name} | no time left |")
            continue
        all_found.append(compared(name, image, regions, work, card=card))
        _tell(line(all_found[-1]))
        record = {"card": card.name, "cases": [asdict(found) for found in all_found]}
        given.output.write_text(json.dumps(record, indent=1), encoding="utf-8")
    return int(not all(found.is_near for found in all_found))


def _tell(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
