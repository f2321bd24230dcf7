"""What is to be predicted, and what becomes of values that nobody is sure of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from radpred.cohort._cells import number_in
from radpred.cohort.outcomes.kinds import OutcomeKind
from radpred.errors import SettingsError

Policy = Literal["drop", "zero", "one", "soft"]
Label = str | float
STAGE = "outcome"
EVEN = 0.5


def key_of(cell: str) -> Label:
    """Return what a value is compared by: a number's value, else the text.

    Examples
    --------
    >>> key_of("1"), key_of(" 1.0 "), key_of(" grade 2 ")
    (1.0, 1.0, 'grade 2')
    """
    number = number_in(cell)
    return cell.strip() if number is None else number


@dataclass(frozen=True, kw_only=True)
class Uncertain:
    """Values that say that nobody is sure, and what they count as.

    Parameters
    ----------
    values : tuple of str
        As the file spells them; equal numbers are the same. They may be among the signs that
        otherwise mean a gap, such as ``?``; an empty cell cannot.
    policy : {"drop", "zero", "one", "soft"}
        ``drop``: the case is rejected. ``zero``, ``one``: it counts as one without, or with, the
        event, in training and where models are judged. ``soft``: it enters training twice,
        without and with the event, by its probability, and judges no model. All but ``drop``
        are for binary outcomes.
    probability : dict of str to float
        With ``soft``, the probability of the event of a value, strictly between 0 and 1; 0.5
        where none is given.
    column : str
        With ``soft``, the column of the table of outcomes that holds the probability of each row,
        strictly between 0 and 1: the share of readers, say. It goes before ``probability``, which
        counts where its cell is empty.
    """

    values: tuple[str, ...]
    policy: Policy = "drop"
    probability: Mapping[str, float] = field(default_factory=dict)
    column: str = ""

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing."""
        if self.policy not in get_args(Policy):
            msg = f"uncertain labels: policy {self.policy!r}; choose one of {get_args(Policy)}"
            raise SettingsError(msg)
        if not self.values or not all(value.strip() for value in self.values):
            msg = (
                f"uncertain labels: the values are {self.values!r}; wanted are values that the "
                "file holds, none empty: an empty cell is no label; name them as the file does"
            )
            raise SettingsError(msg)
        self._refuse_bad_probability()
        if self.column and self.policy != "soft":
            msg = (
                f"uncertain labels: policy {self.policy!r} with the probabilities in "
                f"{self.column}; probabilities are for 'soft' alone; take the column out"
            )
            raise SettingsError(msg)

    def _refuse_bad_probability(self) -> None:
        """Refuse probabilities that belong to nothing, or are certain."""
        keys = {key_of(value) for value in self.values}
        bad = {
            value: p
            for value, p in self.probability.items()
            if key_of(value) not in keys or not 0 < p < 1
        }
        if bad or (self.probability and self.policy != "soft"):
            msg = (
                f"uncertain labels: policy {self.policy!r} with the probabilities "
                f"{dict(self.probability)!r}; wanted are, with 'soft' alone, numbers between 0 "
                f"and 1 for values among {self.values!r}; correct {bad or 'the policy'}"
            )
            raise SettingsError(msg)

    def chances(self) -> dict[Label, float | None]:
        """Return the probability of the event by value; None where the case is dropped."""
        fixed = {"drop": None, "zero": 0.0, "one": 1.0, "soft": EVEN}[self.policy]
        given = {key_of(value): p for value, p in self.probability.items()}
        return {key_of(value): given.get(key_of(value), fixed) for value in self.values}


@dataclass(frozen=True, kw_only=True)
class EndPoint:
    """What kind of outcome a column holds, and how its values are to be read.

    Parameters
    ----------
    kind : {"binary", "multiclass", "continuous"}, optional
        Found where it is not said: two values are binary, more are classes, up to 20 and unless
        all of them are numbers, which could be classes or a measure.
    classes : tuple of str
        The classes in the order in which they are counted from 0; all of them must be in the
        file, and a case with another value is rejected. By default numbers come first, ascending,
        then words in the order of the alphabet. Of a binary outcome the event is the second.
    merge : dict of str to tuple of str
        Classes that are made of several values: ``{"malignant": ("4", "5")}``.
    unit : str
        Of a continuous outcome.
    uncertain : Uncertain, optional
        Values that nobody is sure of.
    """

    kind: OutcomeKind | None = None
    classes: tuple[str, ...] = ()
    merge: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unit: str = ""
    uncertain: Uncertain | None = None

    def __post_init__(self) -> None:
        """Refuse what does not go together."""
        if self.kind is not None and self.kind not in get_args(OutcomeKind):
            msg = f"outcome kind {self.kind!r}; choose one of {', '.join(get_args(OutcomeKind))}"
            raise SettingsError(msg)
        if self.kind == "continuous" and (self.classes or self.merge):
            msg = "a continuous outcome came with classes; take them out, or say 'multiclass'"
            raise SettingsError(msg)
        if self.unit and self.kind != "continuous":
            msg = f"the unit {self.unit!r} came with kind {self.kind!r}; a unit is of 'continuous'"
            raise SettingsError(msg)
        if self.kind == "binary" and self.classes:
            msg = "a binary outcome came with classes; name the event by 'positive' instead"
            raise SettingsError(msg)
        self._refuse_twice()
        self._refuse_soft_classes()

    def _refuse_twice(self) -> None:
        """Refuse a value that would have two meanings."""
        unsure = self.uncertain.values if self.uncertain else ()
        merged = [value for values in self.merge.values() for value in values]
        for meaning in ((*self.classes, *unsure), (*merged, *unsure)):
            counts = Counter(key_of(value) for value in meaning)
            twice = [value for value, n in counts.items() if n > 1]
            if twice:
                msg = (
                    f"the outcome's values {twice!r} are named twice among classes, merged and "
                    "uncertain values; give each value one meaning"
                )
                raise SettingsError(msg)

    def _refuse_soft_classes(self) -> None:
        """Refuse a policy of two classes for other kinds."""
        self.refuse_policy("multiclass" if self.classes else self.kind)

    def refuse_policy(self, kind: OutcomeKind | None) -> None:
        """Refuse a policy that means something for two classes alone, where ``kind`` is another.

        Raises
        ------
        SettingsError
            The policy is not ``drop``.
        """
        if kind in (None, "binary") or self.uncertain is None:
            return
        if self.uncertain.policy != "drop":
            msg = (
                f"uncertain labels: policy {self.uncertain.policy!r} for a {kind} outcome; zero, "
                "one and soft speak of an event; use 'drop', or merge the classes into two"
            )
            raise SettingsError(msg)
