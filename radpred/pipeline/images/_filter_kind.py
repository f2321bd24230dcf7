"""What the pipeline knows of a kind of filter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from radpred.config import Filter
from radpred.filters import largest_magnitude
from radpred.image import Box, Grid, Image

Sizes = Iterable[tuple[str, tuple[int, ...]]]


@dataclass(frozen=True, kw_only=True)
class Source:
    """What filters see, and the part of it that is wanted."""

    image: Image
    box: Box
    flat_axis: int | None

    @cached_property
    def largest(self) -> float:
        """Return the largest magnitude in the image, which several filters ask for."""
        return largest_magnitude(self.image)


def _no_sizes(chosen: Filter, grid: Grid, flat_axis: int | None) -> Sizes:
    """Return nothing: the filter fits into every image."""
    return ()


def _nothing_beyond(chosen: Filter) -> str:
    """Return no words: there is no image that is smaller."""
    return ""


@dataclass(frozen=True, kw_only=True)
class FilterKind:
    """What is known of one kind of filter, whose settings are called ``chosen`` here.

    Parameters
    ----------
    names : function
        From settings and the flat axis to the names of the responses, in order.
    filtered : function
        From a source and settings to the responses.
    sizes : function
        From settings, grid and the flat axis to names and the smallest images that hold the filter.
    beyond : function
        From settings to what lies beyond an image that is smaller, in words.
    is_compact : bool
        Whether a response depends on no more of an image than ``sizes`` say.
    """

    names: Callable[[Any, int | None], tuple[str, ...]]
    filtered: Callable[[Source, Any], Iterable[Image]]
    sizes: Callable[[Any, Grid, int | None], Sizes] = _no_sizes
    beyond: Callable[[Any], str] = _nothing_beyond
    is_compact: bool = False
