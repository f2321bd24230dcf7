"""Composition in memory: from images to a table, from a table to predictions.

Import from the modules (``radpred.pipeline.measuring.extract`` and the like): a job that
measures images then loads no learning library, and the reverse.
"""
