"""The command ``parlib explore``: the pages for those who write no code in a browser, for this machine."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from parlib import places
from parlib.cli.words import echo, option, say

#: What the page may load: what this machine serves. The template of voila asks others for fonts of icons, which we use
#: none of; a browser that is told this does not even ask.
OWN_ONLY = (
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; "
    "style-src 'self' 'unsafe-inline'; connect-src 'self' ws: data: blob:"
)


alone = typer.Typer()


class Page(StrEnum):
    """The pages there are, by the names of their notebooks."""

    explore = "explore"
    what_if = "what_if"
    round_desk = "round_desk"


@alone.command(help=say("Open the page for exploring, without code."))
def explore(
    page: Annotated[Page, option("explore, what_if (a unit's answers), round_desk (for operators).")] = Page.explore,
    port: Annotated[int, typer.Option(min=1, max=65535, help=say("Port on this machine."))] = 8866,
    browser: Annotated[bool, option("Open it in the browser.", "--browser/--no-browser")] = True,
) -> None:
    """Serve the notebook of a page with its code hidden, at 127.0.0.1 and behind a token; a kernel for each who opens
    it."""
    from voila.app import Voila

    given = [str(places.notebooks() / f"{page.value}.ipynb"), f"--port={port}", "--Voila.ip=127.0.0.1", "--token"]
    given += ["--preheat_kernel=True", "--pool_size=1"]  # one page is always ready: who comes does not wait
    echo(say("The page opens in the browser; Ctrl+C ends it."))
    settings = {"headers": {"Content-Security-Policy": OWN_ONLY}}
    Voila.launch_instance([*given, *([] if browser else ["--no-browser"])], tornado_settings=settings)
