"""Commands and words for whoever watches a run."""
