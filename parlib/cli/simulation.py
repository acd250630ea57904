"""The command ``parlib simulate``: a complete round drawn by lot, marked as such everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

from parlib.cli.words import Level, echo, option, say

alone = typer.Typer()


@alone.command("simulate", help=say("Write a simulated round."))
def simulate_round(
    year: Annotated[int, option("The year.")],
    level: Level = "province",
    seed: Annotated[int, option("The same seed gives the same data.")] = 1,
    round_id: Annotated[str, option("Id of the round.", "--id")] = "",
    force: Annotated[bool, option("Replace an older simulated round.", "--force")] = False,
) -> None:
    """Write a simulated round that meets what is published of the year."""
    from parlib.sources.simulation import simulate

    made = simulate(year, level, seed, round_id=round_id, force=force)
    echo(
        say(
            "{round_id}: SIMULATED, {n_units} units, {n_respondents} survey forms ({n_answers} "
            "answers); meets {n_known} published indices: {folder}",
            **vars(made),
        )
    )
