"""JupyterLab on the whole workbook: one's own work in ``workbench/``, everything else to read."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError

from parlib import places
from parlib.publish.workbench import START, folder
from parlib.words import FIRST, FOLDER, Message

_PACK = "get_language_pack"
_READ = Message("Only what lies in workbench/ can be changed here; to keep your changes, save as workbench/...")


def open_lab(arguments: Sequence[str]) -> None:
    """Serve JupyterLab until it is stopped; it opens start_here of the workbench, and its terminals know parlib."""
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]

    folder()
    _fill_menus()
    os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    LabApp.launch_instance(
        [
            f"--ServerApp.root_dir={places.home()}",
            f"--ServerApp.contents_manager_class={__name__}.Contents",
            f"--LabApp.default_url=/lab/tree/{places.workbench().name}/{START}",
            "--LabApp.extension_manager=readonly",  # the other one asks PyPI
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.news_url=",
            *as_root,
            *arguments,
        ]
    )


def _is_own(path: str) -> bool:
    first, *below = path.strip("/").split("/")
    return first == places.workbench().name and bool(below) and ".." not in below


class Contents(AsyncLargeFileManager):
    """The files of the workbook, of which those outside of the workbench can be read and not changed."""

    async def get(self, path: str, *given: object, **how: object) -> dict[str, object]:
        model: dict[str, object] = await super().get(path, *given, **how)  # type: ignore[no-untyped-call]
        if not _is_own(path) and model["type"] != "directory":
            model["writable"] = False
        return model

    async def save(self, model: dict[str, object], path: str = "") -> dict[str, object]:
        self._check(path)
        saved: dict[str, object] = await super().save(model, path)  # type: ignore[no-untyped-call]
        return saved

    async def delete_file(self, path: str) -> None:
        self._check(path)
        await super().delete_file(path)  # type: ignore[no-untyped-call]

    async def rename_file(self, old_path: str, new_path: str) -> None:
        self._check(old_path)
        self._check(new_path)
        await super().rename_file(old_path, new_path)  # type: ignore[no-untyped-call]

    def _check(self, path: str) -> None:
        if not _is_own(path):
            raise HTTPError(403, _READ.text(os.environ.get("PARLIB_LANGUAGE", FIRST)[:2]))


def _fill_menus() -> None:
    """Let JupyterLab say, in this process, what its language pack lacks: the words of the menus of every day."""
    from jupyterlab_server import translations_handler

    packed = vars(translations_handler)[_PACK]

    def filled(locale: str) -> tuple[dict[str, dict[str, object]], str]:
        data, told = packed(locale)
        path = FOLDER / locale[:2] / "jupyterlab.json"
        own = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        for domain in ("jupyterlab", "jupyterlab_widgets"):
            for said, translated in own.items():
                texts = translated if isinstance(translated, list) else [translated]  # a list: by number
                for context in ("", "menu\x04"):
                    data.setdefault(domain, {}).setdefault(f"{context}{said}", texts)
        return data, told

    vars(translations_handler)[_PACK] = filled
