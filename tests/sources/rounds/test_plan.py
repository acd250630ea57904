"""round.yaml: read strictly, changed only where it must be."""

from __future__ import annotations

from pathlib import Path

import pytest

from parlib.errors import DataError, ParameterError, ParlibError
from parlib.sources import rounds

GOOD = """\
# Kế hoạch của Vụ, sửa ngày 05/01
id: 2023-test
year: 2023
level: province
scheme: 876-province   # minh họa
title: Chỉ số CCHC năm 2023
status: open  # chưa khóa
units: [ha-noi, ha-giang]
steps:
  - {key: self, from: 2024-01-01, to: 2024-01-31, responsible: UBND các tỉnh}
  - key: hop-bao
    name: Họp báo
    from: 2024-04-19
survey:
  from: 2024-02-01
  to: 2024-03-15
  groups:
    - {key: huyen, planned: 1200, weight: 2}
    - {key: so_nganh, planned: 600}
not_applicable:
  - {unit: ha-noi, code: "2.1", reason: thí điểm}
"""


def write(folder: Path, text: str, name: str = "2023-test") -> Path:
    path = folder / name / "round.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    (path.parent / "answers.csv").write_text(
        "unit,code,stage,answer,points,not_applicable,evidence,remark,by,at,source\n", encoding="utf-8"
    )
    return path


def test_a_plan_written_by_hand_is_read(rounds_folder):
    plan = rounds.read_plan(write(rounds_folder, GOOD))
    assert (plan.system, plan.status, plan.simulated) == ("63", "open", False)  # the system follows from the year
    assert [step.title() for step in plan.steps] == ["Tự đánh giá, chấm điểm", "Họp báo"]
    assert plan.survey.weights == {"huyen": 2.0, "so_nganh": 1.0}
    assert plan.exempt()["code"].tolist() == ["2.1.1", "2.1.2", "2.1.3"]
    assert plan.unit_frame().to_dict("list") == {"unit": ["ha-noi", "ha-giang"], "ranked": [True, True]}


@pytest.mark.parametrize(
    ("old", "new", "stated", "column", "value"),
    [
        ("units: [ha-noi, ha-giang]", "units: []", "không có đơn vị nào", "units", None),
        ("year: 2023", "year: 2023\nyear: 2024", "khóa bị ghi hai lần", "", None),
        ("title:", "titel:", "không có mục này; gần giống: title", "titel", "Chỉ số CCHC năm 2023"),
        ("to: 2024-01-31", "to: 2024-01-32", "day is out of range", "", None),
        ("to: 2024-01-31", "to: 31/01/2024", "phải là ngày, ví dụ 31/01/2024", "steps.1.to", "31/01/2024"),
        ("to: 2024-01-31", "to: 2023-01-31", "kết thúc (31/1/2023) trước khi bắt đầu", "steps.1", None),
        ("level: province", "level: tinh", "phải là một trong: tỉnh (province), bộ (ministry)", "level", "tinh"),
        ("scheme: 876-province", "scheme: 876-provinces", "không có bộ tiêu chí này", "scheme", "876-provinces"),
        ("scheme: 876-province", "scheme: 876-ministry", "dùng cho cấp bộ (ministry)", "scheme", "876-ministry"),
        ("[ha-noi, ha-giang]", "[ha-noi, ha-giangg]", "gần giống: Hà Giang (ha-giang)", "units", "ha-giangg"),
        ("[ha-noi, ha-giang]", "[ha-noi, ha-noi]", "đơn vị ghi hai lần: ha-noi", "units", None),
        ("[ha-noi, ha-giang]", "tatca", "phải là assessed, all hoặc một danh sách", "units", "tatca"),
        ("status: open", "status: closed", "phải là một trong: open, final", "status", "closed"),
        ("weight: 2", "weight: -2", "phải từ 0 trở lên", "survey.groups.1.weight", -2),
        ('code: "2.1"', 'code: "2.99"', "bộ tiêu chí không có mã này", "not_applicable", "2.99"),
        ('code: "2.1"', "code: 2.1", "phải là chữ (đặt trong dấu nháy nếu là số)", "not_applicable.1.code", None),
        ("id: 2023-test", "id: Kỳ 2023", "chỉ gồm chữ thường không dấu", "id", "Kỳ 2023"),
        ("id: 2023-test\n", "", "thiếu mục này", "id", None),
        ("steps:", "steps: [", "YAML", "", None),
        ("key: hop-bao", "key: self", "bước ghi hai lần: self", "steps", None),
    ],
)
def test_a_broken_plan_is_refused_with_the_key_and_the_value(rounds_folder, old, new, stated, column, value):
    assert old in GOOD
    path = write(rounds_folder, GOOD.replace(old, new))
    with pytest.raises(DataError) as refused:
        rounds.read_plan(path)
    sentences = [problem for problem in refused.value.problems if stated in problem.vi]
    assert sentences, refused.value.text("vi")
    assert (sentences[0].file, sentences[0].column) == ("round.yaml", column)
    if value is not None:
        assert sentences[0].value == value


def test_all_that_is_wrong_is_told_at_once(rounds_folder):
    text = GOOD.replace("level: province", "level: tinh").replace("2024-01-31", "cuối tháng").replace("title", "titel")
    with pytest.raises(DataError) as refused:
        rounds.read_plan(write(rounds_folder, text))
    assert {problem.column for problem in refused.value.problems} == {"level", "steps.1.to", "titel"}


def test_a_plan_not_in_utf8_is_refused(rounds_folder):
    path = write(rounds_folder, GOOD)
    path.write_bytes("title: Hà Nội".encode("utf-16"))
    with pytest.raises(DataError, match="UTF-8"):
        rounds.read_plan(path)


def test_the_folder_bears_the_id(rounds_folder):
    write(rounds_folder, GOOD, name="2023-other")
    with pytest.raises(DataError, match=r"round\.yaml, column id, value '2023-test': the id differs from the folder"):
        rounds.open_round("2023-other")


def test_finish_and_reopen_keep_what_people_wrote(rounds_folder):
    path = write(rounds_folder, GOOD)
    rounds.finish("2023-test", by="Vụ trưởng", reason="công bố ngày 19/04")
    text = path.read_text(encoding="utf-8")
    for line in GOOD.splitlines():
        if not line.startswith("status"):
            assert line in text.splitlines()
    assert "status: final # chưa khóa" in text
    plan = rounds.read_plan(path)
    assert plan.final and [event.action for event in plan.history] == ["finished"]
    with pytest.raises(ParameterError, match="needs a reason"):
        rounds.reopen("2023-test", reason="  ", by="x")
    rounds.reopen("2023-test", reason="đính chính: SIPAS của Hà Nội", by="Vụ trưởng")
    plan = rounds.read_plan(path)
    assert not plan.final
    assert [(event.action, event.by, event.reason) for event in plan.history] == [
        ("finished", "Vụ trưởng", "công bố ngày 19/04"),
        ("reopened", "Vụ trưởng", "đính chính: SIPAS của Hà Nội"),
    ]
    with pytest.raises(ParameterError, match="the round is open"):
        rounds.reopen("2023-test", reason="nữa", by="x")


def test_finish_asks_why_criteria_stay_open(small, say):
    with pytest.raises(DataError) as refused:
        rounds.finish(small, by="x")
    assert refused.value.problems[0].vi.startswith("đơn vị Hà Nội còn 71 tiêu chí chưa có điểm cuối cùng")
    assert len(refused.value.problems) == 3


def test_finish_names_what_waits_for_a_decision(small, say):
    for by, answer in (("Vụ A", "95"), ("Vụ B", "90")):
        say("1.1.2", answer, stage="appraisal", by=by)
    say("1.5", "2")
    say("1.5", "1", stage="appraisal", by="Vụ A")
    say("1.5", "2", stage="appeal", by="ha-noi", remark="có thêm")
    with pytest.raises(DataError) as refused:
        rounds.finish(small, by="x")
    differ, waits = [problem.vi for problem in refused.value.problems[-2:]]
    assert differ.startswith("1 tiêu chí có kết quả thẩm định khác nhau")
    assert waits.startswith("1 giải trình chờ kết luận")
    told = [words.text() for words in rounds.cautions(rounds.open_round(small))]
    assert [line for line in told if "1 giải trình" in line]
    assert [line for line in told if "SIPAS" in line and "3 đơn vị" in line]  # why no index is known


def test_a_plan_of_flow_style_history_is_written_anew(rounds_folder):
    path = write(rounds_folder, GOOD + "history: []\nnote: ghi chú ở cuối\n")
    rounds.finish("2023-test", by="x", reason="thử")
    plan = rounds.read_plan(path)
    assert plan.final and plan.note == "ghi chú ở cuối" and len(plan.history) == 1


def test_units_of_the_year():
    plan = rounds.make_plan(id="a", year=2023, level="ministry", scheme="876-ministry")
    frame = plan.unit_frame()
    assert (len(frame), int(frame["ranked"].sum())) == (19, 17)  # 17 ranked, 2 assessed and not ranked
    with pytest.raises(DataError, match="no list of assessed units"):
        rounds.make_plan(id="a", year=2025, level="province", scheme="876-province")
    assert (
        len(rounds.make_plan(id="a", year=2025, level="province", scheme="876-province", units="all").unit_frame())
        == 34
    )


def test_a_round_is_made_once(small_plan):
    rounds.create_round(small_plan, by="x")
    with pytest.raises(ParameterError, match="the round exists"):
        rounds.create_round(small_plan, by="x")
    assert rounds.round_ids() == ("2023-test",)


@pytest.mark.parametrize(
    ("content", "row", "words"),
    [
        ("Hà Nội\nHoà Bình\n\nHÒA BÌNH\n", 4, "đơn vị ghi hai lần: Hòa Bình"),
        ("Hà Nội\nHµ Giang\n", 2, "TCVN3"),
        ("Hà Nội\nHà Giangg\n", 2, "gần giống: Hà Giang"),
        (";\n,\n", None, "tệp không có đơn vị nào"),
        ("Hà Nội\n".encode("utf-16"), None, "UTF-16"),
        (b"PK\x03\x04", None, "Excel (.xlsx)"),
        (b"Ha Noi\n\0\0", 2, "NUL"),
    ],
)
def test_a_file_of_units_that_cannot_be_meant_is_named_with_its_row(tmp_path, content, row, words):
    path = tmp_path / "don-vi.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ParlibError) as refused:
        rounds.chosen_units(str(path), 2023, "province")
    (problem,) = refused.value.problems
    assert (problem.file, problem.row) == (path.name, row) and words in problem.vi
