"""The discrete wavelets of PyWavelets, which is not imported to check a name."""

from __future__ import annotations

from difflib import get_close_matches

_SPLINES = (
    *("1.1", "1.3", "1.5", "2.2", "2.4", "2.6", "2.8", "3.1", "3.3", "3.5", "3.7", "3.9"),
    *("4.4", "5.5", "6.8"),
)
WAVELETS = (
    *(f"bior{orders}" for orders in _SPLINES),
    *(f"coif{number}" for number in range(1, 18)),
    *(f"db{number}" for number in range(1, 39)),
    "dmey",
    "haar",
    *(f"rbio{orders}" for orders in _SPLINES),
    *(f"sym{number}" for number in range(2, 21)),
)


def known_wavelet(name: str) -> str:
    """Return a name that PyWavelets knows, or say which are near it.

    Raises
    ------
    ValueError
        There is no such wavelet.
    """
    if name not in WAVELETS:
        near = get_close_matches(name, WAVELETS, n=5, cutoff=0.4)
        families = "haar, dmey, db, sym, coif, bior or rbio with a number"
        msg = f"no discrete wavelet has this name; near it: {', '.join(near) or families}"
        raise ValueError(msg)
    return name
