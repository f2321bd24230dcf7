"""Points that promise: the tree-structured Parzen estimator of Optuna."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from radpred.errors import SettingsError
from radpred.model.tuning.space import Axis, Choice, Params, Space, Whole
from radpred.model.tuning.trials import Objective, Trial, tried

if TYPE_CHECKING:
    import optuna

_MOST_AT_RANDOM = 10


def search_by_tpe(
    space: Space, objective: Objective, *, budget: int, seed: int, n_jobs: int = 1
) -> tuple[Trial, ...]:
    """Try ``budget`` points, each where the better ones among those before lie more densely.

    J. Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS 2011, section 4. The
    first third of the budget, 10 at most, is drawn at random, and only it uses several processes:
    every later point waits for all before it, so that the result does not depend on their number. A
    point that comes again is not tried again.

    Raises
    ------
    SettingsError
        Optuna is not installed.
    """
    n_at_random = min(_MOST_AT_RANDOM, max(1, budget // 3), budget)
    with _quiet_optuna() as optuna:
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=n_at_random)
        study = optuna.create_study(direction="maximize", sampler=sampler)
        axes = {name: _distribution(optuna, axis) for name, axis in space.items()}
        asked = [study.ask(axes) for _ in range(n_at_random)]
        points = [_point(space, one) for one in asked]
        trials = list(tried(points, objective, n_jobs=n_jobs))
        _tell(study, asked, trials)
        while len(trials) < budget:
            one = study.ask(axes)
            point = _point(space, one)
            before = [trial.value for trial in trials if trial.params == point][:1]
            known = (lambda _, value=before[0]: value) if before else objective
            new = tried([point], known, first=len(trials))
            _tell(study, [one], new)
            trials.extend(new)
    return tuple(trials)


def _point(space: Space, trial: optuna.Trial) -> Params:
    """Return what Optuna suggests; a choice is known to it by its place among the values."""
    return {
        name: axis.values[trial.params[name]] if isinstance(axis, Choice) else trial.params[name]
        for name, axis in space.items()
    }


def _tell(study: optuna.Study, asked: Sequence[optuna.Trial], trials: Sequence[Trial]) -> None:
    """Let Optuna know the values of its points."""
    for one, trial in zip(asked, trials, strict=True):
        study.tell(one, trial.value)


def _distribution(optuna: Any, axis: Axis) -> Any:
    """Return an axis in Optuna's words."""
    kinds = optuna.distributions
    if isinstance(axis, Choice):
        return kinds.CategoricalDistribution(tuple(range(len(axis.values))))
    kind = kinds.IntDistribution if isinstance(axis, Whole) else kinds.FloatDistribution
    return kind(axis.low, axis.high, log=axis.log)


@contextmanager
def _quiet_optuna() -> Iterator[Any]:
    """Give Optuna, which says nothing below a warning until the end and then is as it was."""
    try:
        import optuna
    except ImportError as error:
        msg = "tuning by 'tpe' needs Optuna, which is not installed; pip install optuna"
        raise SettingsError(msg) from error
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield optuna
    finally:
        optuna.logging.set_verbosity(before)
