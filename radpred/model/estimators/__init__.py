"""The register of models: how each is made and tuned, and what its score means."""

from radpred.model.estimators.models import Maker, Model
from radpred.model.estimators.naive import NAIVE
from radpred.model.estimators.register import MODELS, make, model_of, models_for, space_of

__all__ = ["MODELS", "NAIVE", "Maker", "Model", "make", "model_of", "models_for", "space_of"]
