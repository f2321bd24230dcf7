"""How well several classes, or a number, were predicted."""
