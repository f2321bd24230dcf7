"""The benchmark's modules run by ``make bench``: each peer's adapter imports that peer."""

collect_ignore = ["engines", "__main__.py"]
