"""Colours of the report: one accent, and neighbours that colour-blind readers can tell apart."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from matplotlib.colors import is_color_like, to_hex, to_rgb

from radpred.errors import SettingsError

DEFAULT_ACCENT = "#0f5c7a"

# Hues that Okabe and Ito (2008) chose for colour-blind readers, darkened to stand on white.
_CANDIDATES = ("#b86e00", "#00795a", "#0067a3", "#c24e1a", "#8a4bb0", "#63707a")
_WARM, _COOL = "#c24e1a", "#0067a3"

# Full-strength colour vision deficiency on linear RGB: Machado, Oliveira and Fernandes (2009).
_VISION = np.array(
    [
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ]
)
# Linear RGB to cone responses, and their cube roots to OKLab: Ottosson (2020).
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


@dataclass(frozen=True, kw_only=True)
class Palette:
    """What each colour is for; hexadecimal, one value a role.

    ``accent`` is the selected model, ``volume`` and ``clinical`` its two baselines; ``event``
    and ``non_event`` are the two outcomes, and also what raises and lowers a risk.
    """

    page: str
    surface: str
    tint: str
    ink: str
    muted: str
    line: str
    accent: str
    on_accent: str
    volume: str
    clinical: str
    event: str
    non_event: str
    good: str
    caution: str
    bad: str

    def variables(self) -> dict[str, str]:
        """Return the colours as names of CSS variables and their values."""
        return {f"--{role.replace('_', '-')}": value for role, value in asdict(self).items()}


def light_palette(accent: str = DEFAULT_ACCENT) -> Palette:
    """Return the colours for a white page.

    Parameters
    ----------
    accent : str
        Any colour that matplotlib reads, best a dark one; lightened or darkened until text in
        it can be read (WCAG 2 contrast of 4.5).

    Raises
    ------
    SettingsError
        When ``accent`` is not a colour.
    """
    if not is_color_like(accent):
        msg = f"report.accent: {accent!r} is not a colour; write it as '#0f5c7a'"
        raise SettingsError(msg)
    accent = readable(to_hex(to_rgb(accent)), on="#ffffff")
    volume = _farthest_from(accent)
    clinical = _farthest_from(accent, volume)
    is_warm = apart(accent, _WARM) < 0.15
    return Palette(
        page="#f6f7f7",
        surface="#ffffff",
        tint=mixed(accent, "#ffffff", share=0.08),
        ink="#18212a",
        muted="#56636d",
        line="#dde2e5",
        accent=accent,
        on_accent="#fefefe",
        volume=volume,
        clinical=clinical,
        event=_WARM,
        non_event=_COOL if is_warm else accent,
        good="#1a7250",
        caution="#8f5a00",
        bad="#b3261e",
    )


def dark_palette(accent: str = DEFAULT_ACCENT) -> Palette:
    """Return the same roles for a dark page, each colour lightened until it can be read."""
    light = light_palette(accent)
    surface = "#171e24"
    names = ("accent", "volume", "clinical", "event", "non_event", "good", "caution", "bad")
    lifted = {name: readable(getattr(light, name), on=surface, contrast=5.5) for name in names}
    return Palette(
        page="#0f1419",
        surface=surface,
        tint=mixed(lifted["accent"], surface, share=0.13),
        ink="#e6ebee",
        muted="#a0adb6",
        line="#303a42",
        on_accent="#0c1216",
        **lifted,
    )


def readable(colour: str, *, on: str, contrast: float = 4.5) -> str:
    """Return ``colour`` moved in lightness until it has ``contrast`` (WCAG 2) ``on`` a ground."""
    lightness, a, b = _oklab(colour)
    step = 0.01 if _luminance(on) < 0.18 else -0.01
    while contrast_of(colour, on) < contrast and 0 < lightness < 1:
        lightness += step
        colour = _from_oklab(np.array([lightness, a, b]))
    return colour


def contrast_of(one: str, other: str) -> float:
    """Return the WCAG 2 contrast ratio of two colours, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def apart(one: str, other: str) -> float:
    """Return how far two colours lie apart in OKLab, for the eye that tells them apart worst."""
    return float(_distances(one, other).min())


def mixed(one: str, other: str, *, share: float) -> str:
    """Return ``share`` of one colour in the other, mixed in OKLab."""
    return _from_oklab(share * _oklab(one) + (1 - share) * _oklab(other))


def _farthest_from(*taken: str) -> str:
    """Return the candidate whose nearest taken colour is farthest, for most eyes and the worst."""

    def distance(colour: str) -> float:
        rows = [_distances(colour, other) for other in taken]
        return min(float(row[0] + row[:3].min()) for row in rows)

    return max(_CANDIDATES, key=distance)


def _distances(one: str, other: str) -> np.ndarray:
    """Return the distance in OKLab for normal, protan, deutan and tritan eyes, shape (4,)."""
    seen = np.clip(_VISION @ np.stack([_linear(one), _linear(other)], axis=-1), 0, 1)
    lab = _TO_OKLAB @ np.cbrt(_TO_CONES @ seen)
    return np.asarray(np.linalg.norm(lab[..., 0] - lab[..., 1], axis=-1))


def _linear(colour: str) -> np.ndarray:
    """Return linear RGB of a colour (IEC 61966-2-1), shape (3,)."""
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2)."""
    return float(_linear(colour) @ np.array([0.2126, 0.7152, 0.0722]))


def _oklab(colour: str) -> np.ndarray:
    """Return lightness, a and b of a colour, shape (3,)."""
    return np.asarray(_TO_OKLAB @ np.cbrt(_TO_CONES @ _linear(colour)))


def _from_oklab(lab: np.ndarray) -> str:
    """Return the nearest colour on a screen to lightness, a and b."""
    linear = np.linalg.solve(_TO_CONES, np.linalg.solve(_TO_OKLAB, lab) ** 3)
    linear = np.clip(linear, 0, 1)
    rgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return to_hex(tuple(np.clip(rgb, 0, 1)))
