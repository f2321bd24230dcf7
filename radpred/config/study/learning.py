"""How models are fitted and judged."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, model_validator

from radpred.config._base import Settings
from radpred.config.study.evidence.assurance import (
    Calibration,
    ConformalSettings,
    GuaranteeSettings,
)
from radpred.config.study.evidence.design import DesignSettings, OperatingSettings
from radpred.config.study.fusion import BlockSettings, FusionSettings, refuse_blocks

CandidateName = Literal[
    "elastic_net",
    "svm",
    "random_forest",
    "xgboost",
    "logistic",
    "logistic_plain",
    "lasso",
    "svm_linear",
    "svm_rbf",
    "tree",
    "extra_trees",
    "knn",
    "lda",
    "naive_bayes",
    "mlp",
]
ModelName = CandidateName | Literal["average", "stack"]
Selection = Literal[
    "relevance",
    "shap",
    "mrmr",
    "elastic_net",
    "all_relevant",
    "univariate",
    "components",
    "clusters",
    "none",
]
ENSEMBLE_NAMES = ("average", "stack")
PRESETS = {"quick": 1, "standard": 5, "paper": 20}


class TuningSettings(Settings):
    """How parameters of models are looked for, by the inner folds."""

    method: Literal["grid", "random", "tpe"] = Field(
        default="grid",
        description="Every point of a small grid; points at random from wider ranges; or points "
        "near the better ones among those before (Optuna's TPE).",
    )
    budget: PositiveInt | None = Field(
        default=None, description="With random and tpe: how many points are tried for each model."
    )

    @model_validator(mode="after")
    def _chance_ends(self) -> TuningSettings:
        if self.method != "grid" and self.budget is None:
            msg = f"tuning {self.method} has no end of its own; give a budget, such as 30 points"
            raise ValueError(msg)
        if self.method == "grid" and self.budget is not None:
            msg = (
                f"a grid tries all its points, and a budget of {self.budget} came; leave budget "
                "out, or set method to random or tpe"
            )
            raise ValueError(msg)
        return self


class EnsembleSettings(Settings):
    """What the models average and stack are made of."""

    members: Annotated[tuple[CandidateName, ...], Field(min_length=2)] | None = Field(
        default=None,
        description="The models that they choose from; those of models without it. One that is not "
        "among models is fitted for them only.",
    )
    best: Annotated[int, Field(ge=2)] = Field(
        default=3, description="How many of these they take, by their inner scores."
    )


class HarmoniseSettings(Settings):
    """How what only the site explains is taken from the features, inside every fold."""

    method: Literal["none", "combat", "location_scale"] = Field(
        default="none",
        description="Nothing; ComBat, which draws a site's estimates towards those of its other "
        "columns; or each column by itself. The column site of the cases file tells the site.",
    )
    covariates: tuple[str, ...] = Field(
        default=(),
        description="Clinical columns whose effect is to stay. Never the outcome.",
    )
    new_site: Literal["refuse", "pooled"] = Field(
        default="refuse",
        description="What a case of a site that was not learnt gets: no answer, or one from its "
        "features as they are, and a flag.",
    )

    @property
    def is_on(self) -> bool:
        """Tell whether anything is harmonised."""
        return self.method != "none"

    @model_validator(mode="after")
    def _covariates_are_used(self) -> HarmoniseSettings:
        if self.covariates and not self.is_on:
            msg = (
                f"harmonise.covariates are {list(self.covariates)}, and method is none; set it to "
                "combat or location_scale, or leave covariates out"
            )
            raise ValueError(msg)
        return self


class LearningSettings(Settings):
    """How models are fitted and judged; everything happens inside folds by patient."""

    models: tuple[ModelName, ...] = Field(
        default=("elastic_net", "svm", "random_forest", "xgboost"),
        min_length=1,
        description="Tumour volume, clinical columns and the prevalence alone are always held "
        "against them.",
    )
    preset: Literal["quick", "standard", "paper"] = "standard"
    repeats: PositiveInt | None = Field(default=None, description="Overrides the preset's.")
    design: DesignSettings = DesignSettings()
    outer_folds: Annotated[int, Field(ge=2)] = 5
    inner_folds: Annotated[int, Field(ge=2)] = 5
    seed: Annotated[int, Field(ge=0)] = 0
    correlation_limit: Annotated[float, Field(gt=0, le=1)] = 0.9
    harmonise: HarmoniseSettings = HarmoniseSettings()
    selection: Selection = Field(
        default="relevance",
        description="How the columns that a model keeps are chosen inside the folds: by ROC area "
        "(relevance), by it at a bounded share of false ones (univariate), by what they add to "
        "boosted trees (shap), without those that repeat others (mrmr), by how often an elastic "
        "net takes them up (elastic_net), all that beat shuffled ones (all_relevant), principal "
        "components of families (components), by ROC area after one of each cluster (clusters), "
        "or all (none).",
    )
    regions: tuple[str, ...] | None = Field(
        default=None,
        min_length=1,
        description="Only columns of these regions enter the models: tumour, names of rings and "
        "of tables, and clinical for the clinical columns. All of them without it.",
    )
    n_features: tuple[PositiveInt, ...] = Field(default=(5, 10, 20), min_length=1)
    tuning: TuningSettings = TuningSettings()
    ensemble: EnsembleSettings = EnsembleSettings()
    confidence_levels: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = (0.8, 0.9, 0.95)
    bootstrap_draws: Annotated[int, Field(ge=100)] = 1000
    calibration: Calibration = Field(
        default="sigmoid",
        description="How scores become risks, fitted on rows that the scoring chain did not see.",
    )
    conformal: ConformalSettings = ConformalSettings()
    guarantee: tuple[GuaranteeSettings, ...] = Field(
        default=(),
        description="Thresholds on the risk that are to keep a metric, as sensitivity, above a "
        "bound; the report says which can be had.",
    )
    operating: OperatingSettings = Field(
        default=OperatingSettings(),
        description="Thresholds on the risk by need, chosen on some folds and judged on others.",
    )
    blocks: dict[str, BlockSettings] = Field(
        default={},
        description="Columns that belong together, by a name: each is a model by itself beside "
        "the others, and all are fused. A column goes to the first block that holds it.",
    )
    fusion: FusionSettings = FusionSettings()
    permutations: Annotated[int, Field(ge=0)] = Field(
        default=0,
        description="How often outcomes are dealt anew and everything is fitted again, to tell "
        "whether the study beats chance; costs as many repeats. 0: never.",
    )

    @model_validator(mode="after")
    def _each_model_once(self) -> LearningSettings:
        if len(set(self.models)) < len(self.models):
            msg = f"models are {list(self.models)}, one of them twice; name each once"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _ensembles_have_members(self) -> LearningSettings:
        if self.ensembles and len(self.members) < 2:
            msg = (
                f"models hold {', '.join(self.ensembles)}, and {len(self.members)} others to "
                "choose from; name two or more beside them, or in ensemble.members"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _a_distance_is_calibrated(self) -> LearningSettings:
        if self.calibration != "none":
            return self
        # Only here, for the register loads every library of models.
        from radpred.model.recipes import no_probability

        wrong = no_probability(self.models, self.members)
        if wrong:
            msg = (
                f"calibration: none takes models at their word, and the score of {', '.join(wrong)}"
                " is a distance from a plane, or made of one, and no probability; leave "
                f"{', '.join(wrong)} out of models, or choose sigmoid"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _covariates_enter(self) -> LearningSettings:
        if self.harmonise.covariates and self.regions and "clinical" not in self.regions:
            msg = (
                f"harmonise.covariates are clinical columns, and regions {list(self.regions)} "
                "leave these out; add clinical there, or leave covariates out"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _new_sites_are_let_in(self) -> LearningSettings:
        asks = self.harmonise.is_on and self.harmonise.new_site == "refuse"
        if asks and self.design.kind == "sites":
            msg = (
                "design sites tests each site by models that never saw it, and harmonise.new_site "
                "refuses these; set it to pooled, or choose another design"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _permutations_are_judged(self) -> LearningSettings:
        kind = self.design.kind
        if self.permutations and kind not in ("folds", "sites", "date"):
            why = {
                "patients": "ranks of its risks mean nothing",
                "bootstrap": "it fits each model hundreds of times already",
            }.get(kind, "an external set is opened for one model only")
            msg = f"permutations with design {kind}: {why}; set permutations to 0, or take folds"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _blocks_can_be_fused(self) -> LearningSettings:
        refuse_blocks(self.blocks, self.fusion)
        if self.blocks and self.harmonise.is_on:
            msg = (
                "blocks are made ready each by itself, and harmonise looks at all columns "
                "together; leave one of the two out"
            )
            raise ValueError(msg)
        if self.blocks and self.fusion.kind != "late" and self.selection == "components":
            msg = (
                "early fusion keeps columns of each block, and selection components makes others "
                "of them; set fusion.kind to late, or choose another selection"
            )
            raise ValueError(msg)
        return self

    @property
    def n_repeats(self) -> int:
        """Return how often the outer folds are drawn anew; 1 where the design leaves no choice."""
        return self.design.repeats(self.repeats or PRESETS[self.preset])

    @property
    def ensembles(self) -> tuple[str, ...]:
        """Return those of the models that are made of others."""
        return tuple(name for name in self.models if name in ENSEMBLE_NAMES)

    @property
    def members(self) -> tuple[str, ...]:
        """Return the models that ensembles choose from."""
        named = self.ensemble.members or self.models
        return tuple(name for name in dict.fromkeys(named) if name not in ENSEMBLE_NAMES)
