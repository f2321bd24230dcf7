"""Which published values radpred reaches, row by row: ``docs/conformance.md``."""
