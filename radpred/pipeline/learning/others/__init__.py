"""Learning of classes and numbers: what `radpred.pipeline.learning.train` does for two classes."""
