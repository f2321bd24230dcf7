"""Tests of what says whether risks mean what they say."""
