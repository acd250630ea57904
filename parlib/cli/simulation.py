"""The command ``parlib simulate``: a complete round drawn by lot, marked as such everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

from parlib.cli.words import echo, option, say


def mount(main: typer.Typer) -> None:
    """Put the command of this module on the command line."""
    main.command("simulate", help=say("Lập một kỳ đánh giá mô phỏng.", "Write a simulated round."))(simulate_round)


def simulate_round(
    year: Annotated[int, option("Năm.", "The year.")],
    level: Annotated[str, option("Cấp: province (tỉnh) hoặc ministry (bộ).", "province or ministry.")] = "province",
    seed: Annotated[int, option("Số gốc: cùng số cho cùng dữ liệu.", "The same seed gives the same data.")] = 1,
    round_id: Annotated[str, option("Mã kỳ đánh giá.", "Id of the round.", "--id")] = "",
    force: Annotated[bool, option("Thay kỳ mô phỏng cũ.", "Replace an older simulated round.", "--force")] = False,
) -> None:
    """Write a simulated round that meets what is published of the year."""
    from parlib.sources.simulation import simulate

    made = simulate(year, level, seed, round_id=round_id, force=force)
    echo(
        say(
            f"{made.round_id}: MÔ PHỎNG, {made.n_units} đơn vị, {made.n_respondents} phiếu điều tra "
            f"({made.n_answers} câu trả lời); khớp {made.n_known} chỉ số đã công bố: {made.folder}",
            f"{made.round_id}: SIMULATED, {made.n_units} units, {made.n_respondents} survey forms "
            f"({made.n_answers} answers); meets {made.n_known} published indices: {made.folder}",
        )
    )
