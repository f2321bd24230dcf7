"""What a model is: how it is made, what it is tuned over, what its score means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from radpred.errors import SettingsError
from radpred.model.calibrators.scale import Scale
from radpred.model.outcome_kind import OutcomeKind
from radpred.model.tuning import Space


@dataclass(frozen=True, kw_only=True)
class Maker:
    """How an estimator is made, and the values that its parameters may take.

    Attributes
    ----------
    make : callable
        Makes the unfitted estimator from a seed and parameters by name.
    grid : mapping of str to sequence
        A few values of each tuned parameter, the simplest first.
    space : mapping of str to Choice, Real or Whole
        Where a search by chance may look.
    """

    make: Callable[..., Any]
    grid: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    space: Space = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Model:
    """One model of the register.

    Attributes
    ----------
    name, label : str
        Its name in settings, and for readers.
    classifier : Maker
        For two classes and more.
    regressor : Maker, optional
        Its twin for numbers, where there is one.
    scale : {"log_odds", "probability", "distance"}
        What the score of its classifier is.
    needs_scaling : bool
        Whether columns of different size would change what it learns.
    """

    name: str
    label: str
    classifier: Maker
    regressor: Maker | None = None
    scale: Scale
    needs_scaling: bool = True

    @property
    def outcomes(self) -> tuple[OutcomeKind, ...]:
        """Return the kinds of outcome that it can predict."""
        classes: tuple[OutcomeKind, ...] = ("binary", "multiclass")
        return classes if self.regressor is None else (*classes, "continuous")

    def maker(self, kind: OutcomeKind = "binary") -> Maker:
        """Return how it is made for outcomes of a kind.

        Raises
        ------
        SettingsError
            It has no twin for numbers.
        """
        if kind != "continuous":
            return self.classifier
        if self.regressor is None:
            msg = (
                f"the model {self.name} predicts classes and the outcome is a number; leave it out"
            )
            raise SettingsError(msg)
        return self.regressor
