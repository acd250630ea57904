"""What a spreadsheet program makes of our workbooks: the points it shows are those of parlib, and text stays text.

One scheme carries every rule kind many times, one leaf a case, at, just under and just over each threshold. The forms
are recalculated by LibreOffice, in one start for all tests here.
"""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
import pytest

from parlib.errors import DataError
from parlib.scoring.scheme import Scheme, parse_scheme
from parlib.scoring.scorecard import score
from parlib.sources import rounds, workbooks
from parlib.sources.workbooks.form_layout import SHEETS, WHOLE_ROW, form_lines

from .conftest import Form

_, _, MAIN, _, _ = (name.text() for name in SHEETS)

pytestmark = [
    pytest.mark.office,
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
]


class Case(NamedTuple):
    """An answer typed into a cell (and its target), and the points that it must earn."""

    answer: Any
    points: float | str | None
    target: Any = None


STEPS = {"kind": "steps", "input": "tỷ lệ (%)", "unit": "%", "steps": [[100, 1], [85, 0.75], [70, 0.5]]}
FINE = {"kind": "steps", "input": "tỷ lệ", "unit": "lần", "steps": [[0.3, 0.2], [0.1, 0.1]]}
LONG = {"kind": "steps", "input": "số", "unit": "vụ", "steps": [[n, n / 100] for n in range(100, 0, -1)]}
PROPORTIONAL = {"kind": "proportional", "input": "tỷ lệ (%)", "unit": "%", "full_at": 95, "zero_below": 70}
FREE = {"kind": "proportional", "input": "số", "unit": "km", "full_at": 3, "zero_below": 0}
DEDUCTION = {"kind": "deduction", "input": "số vụ", "per": 0.25}
ODD = {"kind": "deduction", "input": "số vụ", "per": 0.3}
TALLY = {"kind": "tally", "input": "số sáng kiến", "per": 0.5}
TENTH = {"kind": "tally", "input": "số sáng kiến", "per": 0.1}
TARGET = {"kind": "target", "input": "kết quả", "target_input": "mục tiêu", "tiers": [[1.1, 1.5], [1, 1], [0.9, 0.5]]}
NASTY = ["*", "?", "Đạt ~*", "+ 1", "Rất dài " * 40 + "hết", "đạt", "Đạt"]
CHOICE = {
    "kind": "choice",
    "options": {f"o{n}": (7 - n) / 10 for n in range(7)},
    "label": {f"o{n}": label for n, label in enumerate(NASTY)},
}
GIVEN = {"kind": "given"}

CASES: list[tuple[dict[str, Any], float, list[Case]]] = [
    # A bound belongs to what it opens; answers are rounded to 9 decimals before they meet it: 84.9999999999 is 85.
    (
        STEPS,
        1,
        [
            Case(100, 1),
            Case(99.999999999, 0.75),
            Case(99.9999999999, 1),
            Case(85, 0.75),
            Case(84.999999999, 0.5),
            Case(84.9999999999, 0.75),
            Case(85.000000001, 0.75),
            Case(70, 0.5),
            Case(69.999999999, 0),
            Case(0, 0),
            Case(None, None),
            Case(100.5, "Sai"),
            Case(-1, "Sai"),
            Case("95,5", "Sai"),  # Excel takes it for text; the reader does not
        ],
    ),
    # 0.1 + 0.2 is 0.30000000000000004 and reaches 0.3 in any case; 0.3 typed is 0.29999999999999998890
    (FINE, 0.2, [Case(0.3, 0.2), Case(0.1 + 0.2, 0.2), Case(0.299999999, 0.1), Case(0.1, 0.1), Case(0.099999999, 0)]),
    (LONG, 1, [Case(100, 1), Case(37, 0.37), Case(36.999999999, 0.36), Case(1, 0.01), Case(0.5, 0), Case(250, 1)]),
    # 2 x answer / 95 from 70 on: 2 x 70 / 95 = 1.473684210526... , 2 x 94.999999999 / 95 = 1.99999999998 -> 2.000000000
    (
        PROPORTIONAL,
        2,
        [
            Case(95, 2),
            Case(100, 2),
            Case(94.999999999, 2),
            Case(94.9, 1.997894737),
            Case(70, 1.473684211),
            Case(69.999999999, 0),
            Case(69.9999999999, 1.473684211),
            Case(0, 0),
        ],
    ),
    (FREE, 1, [Case(0, 0), Case(1, 0.333333333), Case(2, 0.666666667), Case(3, 1), Case(7, 1)]),
    (DEDUCTION, 1, [Case(0, 1), Case(1, 0.75), Case(3, 0.25), Case(4, 0), Case(5, 0), Case(1.5, "Sai")]),
    (ODD, 1, [Case(2, 0.4), Case(3, 0.1), Case(4, 0)]),
    (TALLY, 1.5, [Case(0, 0), Case(2, 1), Case(3, 1.5), Case(4, 1.5), Case(-1, "Sai")]),
    (TENTH, 0.3, [Case(1, 0.1), Case(2, 0.2), Case(3, 0.3), Case(9, 0.3)]),
    # 3.3 / 3 is 1.0999999999999999 and counts as 1.1; 99.99999999 / 100 = 0.9999999999 -> 1 at 9 decimals
    (
        TARGET,
        1.5,
        [
            Case(110, 1.5, 100),
            Case(3.3, 1.5, 3),
            Case(109.9999999, 1, 100),
            Case(100, 1, 100),
            Case(99.9999999, 0.5, 100),
            Case(99.99999999, 1, 100),
            Case(90, 0.5, 100),
            Case(89.9999999, 0, 100),
            Case(-5, 0, 100),
            Case(5, "Sai", 0),
            Case(5, None, None),
        ],
    ),
    (
        CHOICE,
        0.7,
        [Case(label, (7 - n) / 10) for n, label in enumerate(NASTY)] + [Case("Khá", "Sai"), Case(" đạt ", 0.2)],
    ),
    (GIVEN, 3.3333, [Case(3.3333, 3.3333), Case(0, 0), Case(1.2345, 1.2345), Case(4, "Sai")]),
]


def _document(policy: str) -> dict[str, Any]:
    areas = []
    for place, (rule, maximum, cases) in enumerate(CASES, 1):
        most = Decimal(str(maximum))
        leaf = {"name_en": "x", "max": maximum, "component": "appraisal", "rule": rule}
        children = [{"code": f"{place}.{n}", "name": f"Trường hợp {n}", **leaf} for n in range(1, len(cases) + 1)]
        areas.append(
            {
                "code": str(place),
                "name": f"Nhóm {place}",
                "name_en": "x",
                "max": most * len(cases),
                "children": children,
            }
        )
    component = {"name": "Thẩm định", "name_en": "x", "max": sum(area["max"] for area in areas)}
    return {
        "id": f"thu-{policy}",
        "decision": "Thử nghiệm",
        "level": "province",
        "years": [2023],
        "status": "official",
        "note": "Thử nghiệm\n",
        "bands": {},
        "components": {"appraisal": component},
        "tree": areas,
        "not_applicable": policy,
    }


SPARED = ("1.1", "4.1", "8.2")  # of the forms for the policies: leaves that do not apply
LOOSE = ["=1+1", "+84 24", "-5", "@x", "\t=1", "'=1", " =1", "＝1", "=cmd|' /C calc'!A0", "- Đã làm"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def opened(folder: Path) -> dict[str, rounds.Round]:
    """A round for each policy on leaves that do not apply."""
    results = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARLIB_ROUNDS", str(folder / "rounds"))
        for policy in ("rescale", "full", "zero"):
            scheme: Scheme = parse_scheme(_document(policy))
            path = folder / f"{scheme.id}.yaml"
            workbooks.write_scheme_yaml(scheme, path)
            plan = rounds.RoundPlan(id=policy, year=2023, level="province", scheme=str(path), units=("ha-noi",))
            rounds.create_round(plan)
            results[policy] = rounds.open_round(policy)
    return results


@pytest.fixture(scope="module")
def council(folder: Path, opened: dict[str, rounds.Round]) -> tuple[rounds.Round, list[Path]]:
    """A round with every kind of decision, and the council's two forms: at the appraisal and after explanations."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARLIB_ROUNDS", str(folder / "rounds"))
        scheme = str(folder / "thu-rescale.yaml")
        rounds.create_round(
            rounds.RoundPlan(id="council", year=2023, level="province", scheme=scheme, units=("ha-noi",))
        )
        round_, answered = rounds.open_round("council"), dict(_answers())
        form = Form(workbooks.write_form(round_, "ha-noi", folder / "c0.xlsx"), "self", round_)
        for code, case in answered.items():
            _answer(form, code, case)
        form.put("4.1", "answer", None)
        form.put("4.1", "not_applicable", "Không áp dụng")
        round_ = _append(round_, form.save())
        forms = []
        for name, kind, keep in (("c1", "appraisal", "Chấp nhận"), ("c2", "conclusion", "Giữ nguyên")):
            form = Form(workbooks.write_form(round_, "ha-noi", folder / f"{name}.xlsx", kind), kind, round_)
            for n, code in enumerate(answered):
                _decide(form, code, answered, n if kind == "appraisal" else n + 3, keep)
            forms.append(form.save())
            round_ = _append(round_, forms[-1])
        return round_, forms


def _answers() -> Iterator[tuple[str, Case]]:
    """The cases that a form takes, by code."""
    for place, (_, _, cases) in enumerate(CASES, 1):
        for n, case in enumerate(cases, 1):
            if case.points not in ("Sai", None):
                yield f"{place}.{n}", case


def _answer(form: Form, code: str, case: Case) -> None:
    form.put(code, "answer", case.answer)
    if case.target is not None:
        form.put(code, "target", case.target)


def _decide(form: Form, code: str, answered: dict[str, Case], n: int, keep: str) -> None:
    """One of five decisions in turn: keep, adjust the answer, set the points, does not apply, none."""
    if n % 5 == 4:
        return
    form.put(code, "decision", (keep, "Điều chỉnh", "Điều chỉnh", "Không áp dụng")[n % 5])
    form.put(code, "remark", "Lý do")
    if n % 5 == 1:
        area = code.partition(".")[0]
        _answer(form, code, answered[f"{area}.1"])
    if n % 5 == 2:
        form.put(code, "given", 0.05)


def _append(round_: rounds.Round, path: Path) -> rounds.Round:
    form = workbooks.examine_form(path, round_)
    rounds.append(round_.plan.id, form.rows, source=path.name, sha256=form.sha256)
    return rounds.open_round(round_.plan.id)


@pytest.fixture(scope="module")
def recalculated(
    folder: Path, opened: dict[str, rounds.Round], council: tuple[rounds.Round, list[Path]]
) -> dict[str, Path]:
    """The forms after LibreOffice has opened, calculated and saved them."""
    sources = []
    for policy, round_ in opened.items():
        path = workbooks.write_form(round_, "ha-noi", folder / f"{policy}.xlsx")
        form = Form(path, "self", round_)
        for place, (_, _, cases) in enumerate(CASES, 1):
            for n, case in enumerate(cases, 1):
                code = f"{place}.{n}"
                if policy != "rescale" and (code in SPARED or case.points == "Sai"):
                    continue
                form.put(code, "answer", case.answer)
                if case.target is not None:
                    form.put(code, "target", case.target)
        if policy != "rescale":
            for code in SPARED:
                form.put(code, "not_applicable", "Không áp dụng")
            form.put("10.11", "answer", None)  # half a target
        sources.append(form.save(folder / f"{policy}.xlsx"))
    sources += [_loose(folder / "loose.xlsx"), *council[1]]
    out = folder / "out"
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", str(out), *map(str, sources)], check=True, capture_output=True, timeout=180)
    return {path.stem: out / path.name for path in sources}


def _loose(path: Path) -> Path:
    from parlib.sources.excel import Looks, new_workbook, put_text

    book = new_workbook(path, "x", "x")
    looks, sheet = Looks(book), book.add_worksheet("x")
    for row, text in enumerate(LOOSE):
        put_text(sheet, row, 0, text, looks["code"], looks["q_code"])
        put_text(sheet, row, 1, workbooks.safe_text(text), looks["code"])
    book.close()
    return path


def _values(path: Path) -> Any:
    return openpyxl.load_workbook(path, data_only=True)[MAIN]


def _shown(sheet: Any, form: Form, code: str, key: str = "points") -> Any:
    return sheet.cell(form.rows[code], form.places[key]).value


@pytest.mark.parametrize("place", range(1, len(CASES) + 1))
def test_the_points_shown_are_those_of_the_rule(
    place: int, recalculated: dict[str, Path], opened: dict[str, rounds.Round]
) -> None:
    rule, _maximum, cases = CASES[place - 1]
    sheet, form = _values(recalculated["rescale"]), Form(recalculated["rescale"], "self", opened["rescale"])
    for n, case in enumerate(cases, 1):
        shown = _shown(sheet, form, f"{place}.{n}")
        if isinstance(case.points, float | int):
            assert shown == pytest.approx(case.points, abs=1e-9, rel=0), (rule, case)
        else:
            assert (shown or None) == case.points, (rule, case)


@pytest.mark.parametrize("policy", ["full", "zero"])
def test_a_filled_form_scores_as_it_shows(
    policy: str, recalculated: dict[str, Path], opened: dict[str, rounds.Round]
) -> None:
    """From the cells of Excel to the index: leaves, criteria, areas and the whole."""
    round_ = opened[policy]
    form = workbooks.examine_form(recalculated[policy], round_)
    card = score(round_.scheme, form.rows, year=2023, stage="self", units=["ha-noi"])
    points, maxima = card.node_points()
    sheet, cells = _values(recalculated[policy]), Form(recalculated[policy], "self", round_)
    lines = {line.node.code if line.node else "": line.row for line in form_lines(round_.scheme)}
    known = 0
    for node, got, most in zip(card.nodes, points[0], maxima[0], strict=True):
        row = lines.get(node)
        if row is None or math.isnan(got):
            continue
        assert sheet.cell(row, cells.places["points"]).value == pytest.approx(got, abs=1e-9, rel=0), node
        assert sheet.cell(row, cells.places["applies"]).value == pytest.approx(most, abs=1e-9, rel=0), node
        known += 1
    assert known > 60
    assert sheet.cell(WHOLE_ROW, cells.places["maximum"]).value == pytest.approx(round_.scheme.maximum)


def test_what_does_not_apply_leaves_the_maximum(recalculated: dict[str, Path], opened: dict[str, rounds.Round]) -> None:
    """Under "full" a spared leaf has all its points, under "zero" none; its maximum stays in both."""
    for policy, share in (("full", 1), ("zero", 0)):
        sheet, form = _values(recalculated[policy]), Form(recalculated[policy], "self", opened[policy])
        for code, most in (("1.1", 1), ("4.1", 2), ("8.2", 1.5)):
            assert _shown(sheet, form, code) == share * most
            assert _shown(sheet, form, code, "applies") == most


@pytest.mark.parametrize(("name", "stage"), [("c1", "appraisal"), ("c2", "final")])
def test_the_points_of_the_council_are_those_of_the_round(
    name: str, stage: str, recalculated: dict[str, Path], council: tuple[rounds.Round, list[Path]]
) -> None:
    """Accepted, adjusted, set, spared or left open: the form shows what the round scores, leaf by leaf and in all."""
    round_ = council[0]
    kind = "appraisal" if name == "c1" else "conclusion"
    sheet, form = _values(recalculated[name]), Form(recalculated[name], kind, round_)
    card = rounds.scorecard(round_, stage)
    total = 0.0
    for leaf, points, applies in zip(round_.scheme.leaves, card.points[0], card.applicable[0], strict=True):
        shown = _shown(sheet, form, leaf.code)
        if applies and not math.isnan(points):
            assert shown == pytest.approx(points, abs=1e-9, rel=0), leaf.code
            total += points
        else:
            assert shown in (None, ""), leaf.code
        assert _shown(sheet, form, leaf.code, "applies") == (leaf.maximum if applies else 0), leaf.code
    assert sheet.cell(WHOLE_ROW, form.places["points"]).value == pytest.approx(total, abs=1e-9, rel=0)


def test_answers_that_excel_shows_as_wrong_are_refused_or_read(
    recalculated: dict[str, Path], opened: dict[str, rounds.Round]
) -> None:
    with pytest.raises(DataError) as refused:
        workbooks.read_form(recalculated["rescale"], opened["rescale"])
    wrong = {
        f"{p}.{n}" for p, (_, _, cases) in enumerate(CASES, 1) for n, c in enumerate(cases, 1) if c.points == "Sai"
    }
    # "95,5" as text is read although Excel cannot; a result without its target is refused although nothing is shown.
    assert {p.node for p in refused.value.problems} == wrong - {"1.14"} | {"10.11"}


def test_text_from_outside_never_becomes_a_formula(recalculated: dict[str, Path], folder: Path) -> None:
    for path in (folder / "loose.xlsx", recalculated["loose"]):
        sheet = openpyxl.load_workbook(path).active
        for row, text in enumerate(LOOSE, 1):
            exact, safe = sheet.cell(row, 1), sheet.cell(row, 2)
            assert exact.data_type == "s" and safe.data_type == "s"
            assert exact.value == text, "nothing is lost"
            assert workbooks.plain_text(safe.value) == text
            assert safe.value.startswith("'")
    frame = pd.DataFrame({"x": LOOSE})
    assert not frame["x"].map(workbooks.safe_text).str.match(r"[=+\-@\t\r]").any()
