"""Who looks after a round: the account that this runs under, and whom the plan lets import, undo, accept and lock."""

from __future__ import annotations

import getpass

from parlib.errors import ParameterError
from parlib.sources.rounds.plan import RoundPlan
from parlib.words import fold


def account() -> str:
    """The account that this runs under; "" where it has none, as in a service."""
    try:
        return getpass.getuser()
    except (OSError, ImportError, KeyError):
        return ""


def who(by: str) -> str:
    """Who does it: as it is said, else the account."""
    if name := by.strip() or account():
        return name
    raise ParameterError("it is not known who you are: say so with --by")


def operator(plan: RoundPlan, by: str) -> str:
    """Who does it, where the plan lets that account or that name."""
    allowed = {fold(name) for name in plan.operators}
    if allowed and not {fold(who(by)), fold(account())} & allowed:
        listed = ", ".join(plan.operators)
        raise ParameterError("the plan lets only its operators do this: {listed}", value=who(by), listed=listed)
    return who(by)
