"""What rings cost beside their features: ``python -m benchmarks.rings FOLDER``, in ``tests/``.

Both are measured in this process, one after the other and again and again, on made regions of a
made scan. FOLDER keeps the images.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import cases
from radpred.config import ExtractionSettings
from radpred.image import Image, Mask
from radpred.io import read_image, read_mask
from radpred.pipeline.measuring.extract import extract_regions
from radpred.regions import inner_rims, peritumoral_rings

CASES = ("medium", "large")
WIDTHS_MM = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0)
KINDS = {
    "cumulative": [(0.0, outer) for outer in WIDTHS_MM[1:]],
    "disjoint": list(pairwise(WIDTHS_MM)),
}
ORIGINAL = ExtractionSettings()
FILTERED = ExtractionSettings.model_validate(
    {
        "filters": [
            {"kind": "original"},
            {"kind": "laplacian_of_gaussian", "sigma_mm": [1, 3]},
            {"kind": "wavelet"},
        ]
    }
)


def main() -> None:
    """Print a row for each case and kind of rings."""
    folder = Path(sys.argv[1])
    cases.make(folder, [], wanted=())
    print("| region | six rings | drawing | features, original | features, with filters |")  # noqa: T201
    for case in CASES:
        image, label = cases.paths(folder, case)
        for row in rows(read_image(image), read_mask(label), name=case):
            print("| " + " | ".join(row) + " |", flush=True)  # noqa: T201


def rows(image: Image, tumour: Mask, *, name: str, n: int = 7) -> list[list[str]]:
    """Return what drawing and measuring six rings takes, in processor seconds."""
    found = []
    for kind, edges in KINDS.items():
        drawing = processor_s(peritumoral_rings, tumour, edges, n=n)
        rings = {ring.mask.name: ring.mask for ring in peritumoral_rings(tumour, edges)}
        original = processor_s(extract_regions, image, rings, ORIGINAL, n=n)
        filtered = processor_s(extract_regions, image, rings, FILTERED, n=max(n // 2, 1))
        found.append([name, kind, *(f"{1000 * s:.0f} ms" for s in (drawing, original, filtered))])
    rims = processor_s(inner_rims, tumour, [(0.0, 2.0)], n=n)
    found.append([name, "a rim of 2 mm", f"{1000 * rims:.0f} ms", "", ""])
    return found


def processor_s(work: Callable[..., Any], *given: Any, n: int) -> float:
    """Return the median of the processor seconds of some calls after a first one."""
    work(*given)
    taken: Sequence[float] = [_one(work, *given) for _ in range(n)]
    return median(taken)


def _one(work: Callable[..., Any], *given: Any) -> float:
    """Return the processor seconds of a call."""
    began = time.process_time()
    work(*given)
    return time.process_time() - began


if __name__ == "__main__":
    main()
