"""Who looks after a round: the account that this runs under, and whom the plan lets import, undo, accept and lock.

Whatever is written into a round says who did it (``by``, as it is said) and which account typed it (``typed_by``):
where a line is added, the account is asked here, and no caller says it.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from parlib.errors import ParameterError
from parlib.sources.rounds.plan import RoundPlan
from parlib.words import fold

_TYPED = ContextVar("_TYPED", default=True)


@contextmanager
def drawn() -> Iterator[None]:
    """What is written while the block runs was drawn, and nobody typed it: the same on every computer."""
    before = _TYPED.set(False)
    try:
        yield
    finally:
        _TYPED.reset(before)


def typed_by() -> str:
    """The account that types what is written now; "" where it is drawn."""
    return account() if _TYPED.get() else ""


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
