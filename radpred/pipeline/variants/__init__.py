"""The same case on other masks than its own, and what that does to its answer."""
