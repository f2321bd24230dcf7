"""`radpred doctor`: what would stop a run, found before anything is submitted.

Each check is a function of what it is told, and returns findings; `examine` asks and tells.
"""
