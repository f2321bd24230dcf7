"""How much features bear, measured on real lesions: writes ``docs/stability.md``."""
