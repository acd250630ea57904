"""The checks that stop a report: numbers that contradict each other are found before anybody prints them."""

from parlib.analysis.checks import agreement  # noqa: F401 - enters the checks into the registry
from parlib.analysis.checks.registry import Check, Facts, Finding, check, names, require, run, summary

__all__ = ["Check", "Facts", "Finding", "check", "names", "require", "run", "summary"]
