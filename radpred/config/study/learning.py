"""How models are fitted and judged."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from radpred.config._base import Settings

ModelName = Literal["elastic_net", "svm", "random_forest", "xgboost", "logistic"]
PRESETS = {"quick": 1, "standard": 5, "paper": 20}


class LearningSettings(Settings):
    """How models are fitted and judged; everything happens inside folds by patient."""

    models: tuple[ModelName, ...] = ("elastic_net", "svm", "random_forest", "xgboost")
    preset: Literal["quick", "standard", "paper"] = "standard"
    repeats: PositiveInt | None = Field(default=None, description="Overrides the preset's.")
    outer_folds: Annotated[int, Field(ge=2)] = 5
    inner_folds: Annotated[int, Field(ge=2)] = 5
    seed: Annotated[int, Field(ge=0)] = 0
    correlation_limit: Annotated[float, Field(gt=0, le=1)] = 0.9
    selection: Literal["relevance", "shap"] = Field(
        default="relevance",
        description="How the columns that a model keeps are chosen inside the folds: one by one "
        "by their ROC area, or by what they add to small boosted trees.",
    )
    regions: tuple[str, ...] | None = Field(
        default=None,
        min_length=1,
        description="Only columns of these regions enter the models: tumour, names of rings and "
        "of tables, and clinical for the clinical columns. All of them without it.",
    )
    n_features: tuple[PositiveInt, ...] = (5, 10, 20)
    confidence_levels: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = (0.8, 0.9, 0.95)
    bootstrap_draws: Annotated[int, Field(ge=100)] = 1000

    @property
    def n_repeats(self) -> int:
        """Return how often the outer folds are drawn anew."""
        return self.repeats or PRESETS[self.preset]
