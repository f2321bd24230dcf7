"""The models that radpred knows, each as a chain of steps and a small grid to tune it on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC
from xgboost import XGBClassifier

from radpred.errors import InputError, SettingsError
from radpred.model.frames import ColumnChooser
from radpred.model.preparation import DropConstant, Impute, Logarithm, Standardise
from radpred.model.selection import DropRedundant, KeepByShap, KeepRelevant
from radpred.model.selection.ordered import KeepBest
from radpred.table.columns import clinical_name, of_regions, parse_name

_CLINICAL = clinical_name("age").removesuffix("age")
Params = dict[str, Any]
Steps = list[tuple[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How one model is made.

    Attributes
    ----------
    label : str
        Its name for readers.
    table : {"features", "volume", "clinical"}
        Which columns it takes, and which first steps make them ready.
    estimator : callable
        Makes the unfitted last step from a seed and parameters.
    grid : mapping of str to sequence
        Values of the parameters that are tuned, the simplest first.
    """

    label: str
    table: str
    estimator: Callable[..., Any]
    grid: Mapping[str, Sequence[Any]] = field(default_factory=dict)


def _elastic_net(seed: int, **params: Any) -> LogisticRegression:
    """Return logistic regression with both penalties."""
    return LogisticRegression(solver="saga", max_iter=10_000, random_state=seed, **params)


def _svm(seed: int, **params: Any) -> SVC:
    """Return a support vector machine; it has no randomness."""
    return SVC(random_state=seed, **params)


def _random_forest(seed: int, **params: Any) -> RandomForestClassifier:
    """Return a forest of 100 trees."""
    return RandomForestClassifier(100, n_jobs=1, random_state=seed, **params)


def _xgboost(seed: int, **params: Any) -> XGBClassifier:
    """Return boosted trees that are the same under every version of XGBoost."""
    return XGBClassifier(
        n_estimators=100,
        subsample=0.8,
        colsample_bytree=0.8,
        # With the default, "hist", two versions give probabilities up to 0.24 apart.
        tree_method="exact",
        n_jobs=1,
        random_state=seed,
        **params,
    )


def _logistic(seed: int, **params: Any) -> LogisticRegression:
    """Return logistic regression with a ridge; by default one that only tames a clean split."""
    return LogisticRegression(**{"C": 1000.0, "solver": "newton-cholesky", **params})


RECIPES: Mapping[str, Recipe] = {
    "elastic_net": Recipe(
        label="Elastic net",
        table="features",
        estimator=_elastic_net,
        grid={"C": (0.03, 0.1, 0.3, 1.0), "l1_ratio": (0.5, 1.0)},
    ),
    "svm": Recipe(
        label="Support vector machine",
        table="features",
        estimator=_svm,
        grid={"kernel": ("linear", "rbf"), "C": (0.1, 1.0, 10.0)},
    ),
    "random_forest": Recipe(
        label="Random forest",
        table="features",
        estimator=_random_forest,
        grid={"min_samples_leaf": (5, 2)},
    ),
    "xgboost": Recipe(
        label="XGBoost",
        table="features",
        estimator=_xgboost,
        grid={"max_depth": (2, 3), "learning_rate": (0.05, 0.1)},
    ),
    "logistic": Recipe(
        label="Logistic regression (ridge)",
        table="features",
        estimator=_logistic,
        grid={"C": (0.01, 0.1, 1.0, 10.0)},
    ),
    "volume": Recipe(label="Volume only", table="volume", estimator=_logistic),
    "clinical": Recipe(
        label="Clinical only",
        table="clinical",
        estimator=_logistic,
        grid={"C": (0.01, 0.1, 1.0)},
    ),
}
CANDIDATES = tuple(name for name, recipe in RECIPES.items() if recipe.table == "features")
_CHOOSERS: Mapping[str, Callable[[int], KeepBest]] = {
    "relevance": KeepRelevant,
    "shap": KeepByShap,
}
BASELINES = tuple(name for name in RECIPES if name not in CANDIDATES)


def recipe_of(name: str) -> Recipe:
    """Return the recipe called ``name``.

    Raises
    ------
    SettingsError
        There is none; the known names.
    """
    if name not in RECIPES:
        msg = f"no model is called {name!r}; known are {', '.join(RECIPES)}"
        raise SettingsError(msg)
    return RECIPES[name]


def grid(name: str, *, n_features: Sequence[int]) -> list[Params]:
    """Return every combination of parameters to try, the simplest first."""
    recipe = recipe_of(name)
    axes: dict[str, Sequence[Any]] = dict(recipe.grid)
    if recipe.table == "features":
        axes = {"n_features": sorted(set(n_features)), **axes}
    return [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]


def chain(
    name: str,
    params: Mapping[str, Any],
    *,
    correlation_limit: float = 0.9,
    seed: int = 0,
    selection: str = "relevance",
    before: Sequence[tuple[str, Any]] = (),
    stable: ColumnChooser | None = None,
) -> Pipeline:
    """Return the unfitted chain of ``name``, all that is learnt from a table in one object.

    Parameters
    ----------
    name : str
        A key of :data:`RECIPES`.
    params : mapping
        One element of :func:`grid`: ``n_features`` goes to the choice of columns, the rest to the
        model.
    correlation_limit : float
        The largest absolute rank correlation between two columns that the model may see.
    seed : int
        Where the model's randomness starts.
    selection : {"relevance", "shap"}
        How columns are chosen.
    before : sequence of (str, transformer)
        Steps that a model on features takes before all others.
    stable : ColumnChooser, optional
        The step that keeps columns which repeat.
    """
    recipe = recipe_of(name)
    params = dict(params)
    steps = first_steps(
        recipe.table, correlation_limit=correlation_limit, before=before, stable=stable
    )
    if recipe.table == "features":
        steps.append(("relevance", chooser(selection, params.pop("n_features", 10))))
    steps.append(("model", recipe.estimator(seed, **params)))
    return Pipeline(steps)


def chooser(selection: str, n_features: int) -> KeepBest:
    """Return the unfitted step that chooses ``n_features`` columns by ``selection``.

    Raises
    ------
    SettingsError
        There is no such way to choose; the known ones.
    """
    if selection not in _CHOOSERS:
        msg = f"columns cannot be chosen by {selection!r}; known are {', '.join(_CHOOSERS)}"
        raise SettingsError(msg)
    return _CHOOSERS[selection](n_features)


def first_steps(
    table: str,
    *,
    correlation_limit: float,
    before: Sequence[tuple[str, Any]] = (),
    stable: ColumnChooser | None = None,
) -> Steps:
    """Return the unfitted steps that no parameter of a grid changes.

    Those ``before`` see the table as it came, ``stable`` keeps columns that repeat; both are only
    taken by models on features.
    """
    if table == "volume":
        return [("impute", Impute()), ("log", Logarithm()), ("scale", Standardise())]
    steps: Steps = [("impute", Impute()), ("scale", Standardise()), ("constant", DropConstant())]
    if table == "features":
        repeating = [] if stable is None else [("stability", clone(stable))]
        steps = [*before, *steps, *repeating, ("redundancy", DropRedundant(correlation_limit))]
    return steps


def columns_taken(
    name: str, columns: Iterable[str], *, regions: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Return those of ``columns`` that the model called ``name`` takes.

    Parameters
    ----------
    name : str
        A key of :data:`RECIPES`.
    columns : iterable of str
        All columns of the table.
    regions : sequence of str, optional
        Only columns of these regions enter a model on features; the baselines stay as they are.

    Raises
    ------
    InputError
        There are none: what the model would need; or none of one of the regions.
    """
    table = recipe_of(name).table
    if table == "features":
        columns = of_regions(columns, regions)
    chosen = tuple(column for column in columns if _belongs(column, table=table))
    if not chosen:
        wanted = {
            "features": "a column",
            "volume": "the shape feature MeshVolume of the region tumour, or volume_column",
            "clinical": f"a clinical column, such as {clinical_name('age')}",
        }[table]
        msg = f"the model {name} needs {wanted}, and the table has none; leave the model out"
        raise InputError(msg, code="no_columns")
    return chosen


def baselines_for(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the baselines that have a column to stand on."""
    columns = tuple(columns)
    return tuple(
        name
        for name in BASELINES
        if any(_belongs(column, table=RECIPES[name].table) for column in columns)
    )


def _belongs(column: str, *, table: str) -> bool:
    """Say whether a model on ``table`` takes ``column``."""
    is_clinical = column.startswith(_CLINICAL)
    if table == "volume":
        return not is_clinical and column.endswith("_MeshVolume") and _is_tumour_volume(column)
    return table == "features" or is_clinical


def _is_tumour_volume(column: str) -> bool:
    """Say whether ``column`` is the volume of the tumour itself, or is told to be by a table."""
    name = parse_name(column)
    is_of_tumour = name.region == "tumour" or name.image == "table"
    return is_of_tumour and (name.family, name.feature) == ("shape", "MeshVolume")
