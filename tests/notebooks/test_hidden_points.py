"""A surveyed criterion of few answers is in no file that is made of a round: each is unpacked and searched."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pypdfium2
import pytest

from parlib import places
from parlib.publish.batch import batch, named, of_units
from parlib.scoring.rules import Survey
from parlib.scoring.scheme import load_scheme
from parlib.sources import rounds
from parlib.sources.simulation import simulate

pytestmark = [pytest.mark.report, pytest.mark.heavy]

ROUND, UNIT, CODE, SECOND = "2023-ministry", "bo-y-te", "1.7.1", "1.7.2"
PERSON, PHONE, ACCOUNT = "Nguyễn Văn Bí Mật", "0912345678", "tai-khoan-may-an"
FORMATS = ("html", "pdf", "docx", "xlsx", "press", "data")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with everything that is made of a round in which two of each group of a ministry answered ``CODE``."""
    folder = tmp_path_factory.mktemp("hidden")
    with pytest.MonkeyPatch.context() as patch, places.rounds_at(folder / "rounds"):
        patch.setenv("PARLIB_ROUNDS", str(folder / "rounds"))
        patch.setenv("LOGNAME", ACCOUNT)
        patch.setattr(places, "cache", lambda: folder / "made" / ".cache")
        simulate(2023, "ministry", seed=1)
        _let_few_answer()
        row = {"unit": UNIT, "code": "1.1.1", "stage": "conclusion", "answer": "", "points": 0.1, "remark": "Trễ",
               "by": PERSON}  # fmt: skip
        rounds.append(ROUND, pd.DataFrame([row]), source="tay")
        rounds.reply(ROUND, rounds.ask(ROUND, UNIT, "Tính theo quý?", by=PERSON), "Theo năm.", by=PERSON)
        opened = rounds.open_round(ROUND)
        assert [problem.column for problem in rounds.drop_unused(opened)] == ["phone"]
        rounds.finish(ROUND, PERSON, "để thử")
        assert rounds.changes(rounds.open_round(ROUND))["typed_by"].tolist().count(ACCOUNT) == 4
        rounds.write_scores(opened, folder / "made" / "scores")
        report = named([f"2023/{ROUND}"], output_dir=str(folder / "made"))
        outcomes = [*batch(report, "annual_report", FORMATS), *batch(report, "robustness_audit", FORMATS)]
        outcomes += batch(of_units(report, [UNIT]), "unit_profile", FORMATS)
        assert [outcome.error.text() for outcome in outcomes if outcome.error] == []
        yield folder


def _let_few_answer() -> None:
    path = rounds.round_folder(ROUND) / "survey.parquet"
    frame = pd.read_parquet(path).assign(phone=PHONE)
    item = load_scheme("876-ministry").node(CODE).rule
    assert isinstance(item, Survey)
    own = (frame["unit"] == UNIT) & (frame["item"] == item.item)
    late = frame[own].groupby("group", observed=True).cumcount() >= 2
    frame.drop(index=late.index[late]).to_parquet(path, index=False)


def texts(path: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Each text in a file, with its place; what is packed is unpacked, numbers in binary files are written out."""
    kind = path.rpartition(".")[2].lower()
    if kind in ("zip", "docx", "xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from texts(f"{path}!{name}", archive.read(name))
    elif kind == "pdf":
        pages = pypdfium2.PdfDocument(content)
        yield path, "\n".join(page.get_textpage().get_text_range() for page in pages)
    elif kind == "parquet":
        yield path, pd.read_parquet(io.BytesIO(content)).to_csv()
    elif kind == "npz":
        arrays = np.load(io.BytesIO(content), allow_pickle=False)
        yield path, "\n".join(repr(arrays[name].tolist()) for name in arrays)
    elif kind not in ("png", "ttf", "woff2"):
        yield path, content.decode("utf-8", "replace")


def everything(made: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((made / "made").rglob("*")):
        if path.is_file():
            yield from texts(str(path.relative_to(made)), path.read_bytes())


def secrets(made: Path) -> dict[str, list[float]]:
    """Points, points lost and percent of the criterion that few answered, and of the one hidden with it."""
    with places.rounds_at(made / "rounds"):
        card = rounds.scorecard(rounds.open_round(ROUND))
    points, maxima = (table[card.units.index(UNIT)] for table in card.node_points())
    results = {}
    for code in (CODE, SECOND):
        at = card.nodes.index(code)
        own, most = float(points[at]), float(maxima[at])
        results[code] = [own, most - own, 100 * own / most, 100 - 100 * own / most, own / most, 1 - own / most]
    return results


def test_no_file_holds_a_hidden_value(made: Path):
    kinds = set()
    wanted = {
        code: {f"{value:.{n}f}" for value in values for n in range(1, 16)} for code, values in secrets(made).items()
    }
    exact = {text for some in wanted.values() for text in some if len(text.partition(".")[2]) > 3}
    for place, text in everything(made):
        kinds.add(place.rpartition(".")[2])
        plain = re.sub(r"(?<=\d),(?=\d)", ".", text)
        assert exact.isdisjoint(re.findall(r"\d+\.\d+", text) + re.findall(r"\d+\.\d+", plain)), place
        for code, some in wanted.items():  # rounded as it is printed, in the row of the unit and the criterion
            for row in re.finditer(rf"(?<![\d.]){re.escape(code)}(?![\d.])[^\n]{{0,120}}", plain):
                before = plain[max(0, row.start() - 120) : row.start()]
                of_unit = UNIT in place or UNIT in before or "Bộ Y tế" in before
                numbers = set(re.findall(r"(?<![\d.])\d+\.\d+(?![\d.])", row.group()))
                assert not of_unit or numbers.isdisjoint(some), (place, row.group())
    assert {"html", "pdf", "xml", "csv", "json", "ipynb", "md", "parquet"} <= kinds


def test_nothing_that_is_shown_gives_it_away(made: Path):
    scheme = load_scheme("876-ministry")
    codes = [leaf.code for leaf in scheme.leaves]
    rows = zip(scheme.node_codes, np.asarray(scheme.membership, dtype=float), strict=True)
    member = dict(rows)
    tables = [
        text for place, text in everything(made) if place.endswith("index.csv") or place.endswith("index_table.csv")
    ]
    assert len(tables) >= 4  # of three reports, and the scores
    for text in tables:
        table = pd.read_csv(io.StringIO(text.removeprefix("\ufeff")), keep_default_na=False, dtype=str)
        own = table[(table["unit"] == UNIT) & (table["year"] == "2023") & (table["points"] != "")]
        for _, shown in own.groupby("stage"):
            known = np.array([member[node] for node in shown["node"] if node in member])
            for code in (CODE, SECOND):
                one = np.array([float(leaf == code) for leaf in codes])
                assert np.linalg.matrix_rank(np.vstack([known, one])) > np.linalg.matrix_rank(known)


def test_no_person_is_named_and_no_unused_column_kept(made: Path):
    for place, text in everything(made):
        assert PERSON not in text, place
        assert PERSON.encode("unicode_escape").decode() not in text, place
        assert PHONE not in text, place
        assert ACCOUNT not in text, place
    survey = (made / "rounds" / ROUND / "survey.parquet").read_bytes()
    assert PHONE.encode() not in survey
