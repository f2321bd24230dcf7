"""Every model as a chain of steps: those of the register, the baselines and the ensembles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sklearn.base import clone
from sklearn.pipeline import Pipeline

from radpred.errors import InputError, SettingsError
from radpred.model.estimators import MODELS, NAIVE, Maker, Model, model_of
from radpred.model.frames import ColumnChooser
from radpred.model.fusion.plan import fusion_label
from radpred.model.labels import CaseLabels
from radpred.model.outcome_kind import OutcomeKind
from radpred.model.preparation import DropConstant, Impute, Logarithm, Standardise
from radpred.model.preparation.components import Components
from radpred.model.preparation.harmonise import LocationScale
from radpred.model.preparation.nothing import KeepNothing
from radpred.model.selection import DropRedundant, KeepByShap, KeepRelevant
from radpred.model.selection.all_relevant import KeepAllRelevant
from radpred.model.selection.clustered import KeepOfClusters
from radpred.model.selection.elastic_net import KeepByElasticNet
from radpred.model.selection.mrmr import KeepMrmr
from radpred.model.selection.ordered import KeepBest
from radpred.model.selection.passing import KeepAll
from radpred.model.selection.univariate import KeepUnivariate
from radpred.model.tuning import Choice, Method, Params, Real, Space, choices
from radpred.model.tuning.grid import points
from radpred.table.columns import SITE, clinical_name, of_regions, parse_name

_CLINICAL = clinical_name("age").removesuffix("age")
Steps = list[tuple[str, Any]]
Chooser = KeepBest | Components


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How one model is made.

    Attributes
    ----------
    label : str
        Its name for readers.
    table : {"features", "volume", "clinical", "site", "none"}
        Which columns it takes, and which first steps make them ready.
    model : Model
        The last step, by kind of outcome.
    makers : mapping of kind to Maker
        What replaces the model's own grid and space.
    """

    label: str
    table: str
    model: Model
    makers: Mapping[OutcomeKind, Maker] = field(default_factory=dict)

    def maker(self, kind: OutcomeKind = "binary") -> Maker:
        """Return how its last step is made, and what it is tuned over."""
        return self.makers.get(kind) or self.model.maker(kind)


def _baseline(label: str, table: str, *, is_tuned: bool) -> Recipe:
    """Return a ridge on few columns; untuned it only tames a clean split."""
    ridge = model_of("logistic")
    steps = {
        "C": (Real(1e-3, 10.0, log=True), (0.01, 0.1, 1.0)),
        "alpha": (Real(0.1, 1e3, log=True), (100.0, 10.0, 1.0)),
    }
    makers = {}
    for kind in ridge.outcomes:
        own = ridge.maker(kind)
        axes = {name: steps[name] for name in own.grid} if is_tuned else {}
        makers[kind] = Maker(
            make=own.make,
            grid={name: values for name, (_, values) in axes.items()},
            space={name: axis for name, (axis, _) in axes.items()},
        )
    return Recipe(label=label, table=table, model=ridge, makers=makers)


RECIPES: Mapping[str, Recipe] = {
    **{
        name: Recipe(label=model.label, table="features", model=model)
        for name, model in MODELS.items()
    },
    "volume": _baseline("Volume only", "volume", is_tuned=False),
    "clinical": _baseline("Clinical only", "clinical", is_tuned=True),
    "site": _baseline("Site only", "site", is_tuned=True),
    NAIVE.name: Recipe(label=NAIVE.label, table="none", model=NAIVE),
}
CANDIDATES = tuple(name for name, recipe in RECIPES.items() if recipe.table == "features")
ENSEMBLES: Mapping[str, str] = {"average": "Average of the best", "stack": "Stack of the best"}
_CHOOSERS: Mapping[str, Callable[..., Chooser]] = {
    "relevance": KeepRelevant,
    "shap": KeepByShap,
    "mrmr": KeepMrmr,
    "elastic_net": KeepByElasticNet,
    "all_relevant": KeepAllRelevant,
    "univariate": KeepUnivariate,
    "components": Components,
    "clusters": KeepRelevant,
    "none": KeepAll,
}
SELECTIONS = tuple(_CHOOSERS)
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


def no_probability(names: Iterable[str], members: Iterable[str] = ()) -> tuple[str, ...]:
    """Return those of ``names`` whose score is a distance, or is made of that of a member."""
    distant = {name for name, model in MODELS.items() if model.scale == "distance"}
    mixed = set(ENSEMBLES) if distant.intersection(members) else set()
    return tuple(name for name in names if name in distant | mixed)


def label_of(name: str) -> str:
    """Return what readers call a model, baseline, ensemble or fusion, or ``name`` itself."""
    if name in RECIPES:
        return RECIPES[name].label
    return ENSEMBLES.get(name) or fusion_label(name) or name


def grid(
    name: str,
    *,
    n_features: Sequence[int],
    kind: OutcomeKind = "binary",
    selection: str = "relevance",
) -> list[Params]:
    """Return every combination of parameters to try, the simplest first."""
    return points(space(name, n_features=n_features, kind=kind, selection=selection))


def space(
    name: str,
    *,
    n_features: Sequence[int],
    kind: OutcomeKind = "binary",
    method: Method = "grid",
    selection: str = "relevance",
) -> Space:
    """Return where a search by ``method`` looks, the number of columns first, if it is tuned.

    Raises
    ------
    InputError
        A model on features, and no number of them.
    """
    recipe = recipe_of(name)
    maker = recipe.maker(kind)
    own = choices(maker.grid) if method == "grid" else dict(maker.space)
    if recipe.table != "features" or selection == "none":
        return own
    if not n_features:
        msg = f"{name}: nothing to tune over; give n_features at least one number"
        raise InputError(msg)
    return {"n_features": Choice(tuple(sorted(set(n_features)))), **own}


def chain(  # noqa: PLR0913
    name: str,
    params: Mapping[str, Any],
    *,
    correlation_limit: float = 0.9,
    seed: int = 0,
    selection: str = "relevance",
    before: Sequence[tuple[str, Any]] = (),
    stable: ColumnChooser | None = None,
    harmonise: LocationScale | None = None,
    patients: CaseLabels | None = None,
    kind: OutcomeKind = "binary",
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
        Where the randomness of the model, and of the choice of columns, starts.
    selection : str
        How columns are chosen: one of :data:`SELECTIONS`.
    before : sequence of (str, transformer)
        Steps that a model on features takes before all others.
    stable : ColumnChooser, optional
        The step that keeps columns which repeat.
    harmonise : LocationScale, optional
        The step that takes the effects of sites away.
    patients : CaseLabels, optional
        Whose each case is, for choices that draw halves of the patients.
    kind : {"binary", "multiclass", "continuous"}
        What is predicted.
    """
    recipe = recipe_of(name)
    params = dict(params)
    steps = first_steps(
        recipe.table,
        correlation_limit=correlation_limit,
        before=before,
        stable=stable,
        harmonise=harmonise,
        selection=selection,
    )
    if recipe.table == "features":
        n = params.pop("n_features", 10)
        steps.append(("relevance", chooser(selection, n, seed=seed, patients=patients)))
    steps.append(("model", recipe.maker(kind).make(seed, **params)))
    return Pipeline(steps)


def chooser(
    selection: str, n_features: int, *, seed: int = 0, patients: CaseLabels | None = None
) -> Chooser:
    """Return the unfitted step that chooses ``n_features`` columns by ``selection``.

    Raises
    ------
    SettingsError
        There is no such way to choose; the known ones.
    """
    if selection not in _CHOOSERS:
        msg = f"columns cannot be chosen by {selection!r}; known are {', '.join(_CHOOSERS)}"
        raise SettingsError(msg)
    drawn: Mapping[str, Mapping[str, Any]] = {
        "elastic_net": {"seed": seed, "patients": patients},
        "all_relevant": {"seed": seed},
    }
    return _CHOOSERS[selection](n_features, **drawn.get(selection, {}))


def first_steps(
    table: str,
    *,
    correlation_limit: float,
    before: Sequence[tuple[str, Any]] = (),
    stable: ColumnChooser | None = None,
    harmonise: LocationScale | None = None,
    selection: str = "relevance",
) -> Steps:
    """Return the unfitted steps that no parameter of a grid changes.

    Those ``before`` see the table as it came, ``stable`` keeps columns that repeat, before
    ``harmonise`` takes away what sites add to them; only models on features take these.
    """
    if table == "none":
        return [("nothing", KeepNothing())]
    if table == "volume":
        return [("impute", Impute()), ("log", Logarithm()), ("scale", Standardise())]
    impute = ("impute", Impute())
    rest: Steps = [("scale", Standardise()), ("constant", DropConstant())]
    if table != "features":
        return [impute, *rest]
    placed = (("stability", stable), ("harmonise", harmonise))
    own = [(label, clone(step)) for label, step in placed if step is not None]
    apart = KeepOfClusters if selection == "clusters" else DropRedundant
    return [*before, impute, *own, *rest, ("redundancy", apart(correlation_limit))]


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
    if table == "none":
        return ()
    if table == "features":
        columns = of_regions(columns, regions)
    chosen = tuple(column for column in columns if _belongs(column, table=table))
    if not chosen:
        wanted = {
            "features": "a column",
            "volume": "the shape feature MeshVolume of the region tumour, or volume_column",
            "clinical": f"a clinical column, such as {clinical_name('age')}",
            "site": f"the column {SITE}",
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
        if RECIPES[name].table == "none"
        or any(_belongs(column, table=RECIPES[name].table) for column in columns)
    )


def _belongs(column: str, *, table: str) -> bool:
    """Say whether a model on ``table`` takes ``column``."""
    is_clinical = column.startswith(_CLINICAL)
    if SITE in (column, table):
        return column == table
    if table == "volume":
        return not is_clinical and column.endswith("_MeshVolume") and _is_tumour_volume(column)
    return table == "features" or is_clinical


def _is_tumour_volume(column: str) -> bool:
    """Say whether ``column`` is the volume of the tumour itself, or is told to be by a table."""
    name = parse_name(column)
    is_of_tumour = name.region == "tumour" or name.image == "table"
    return is_of_tumour and (name.family, name.feature) == ("shape", "MeshVolume")
