"""How the report says things: names, numbers, and what may be said of them."""
