"""Exports of survey tools, made here as the tools make them, and read into one and the same table of answers."""

import csv
import datetime
import io
import json
from dataclasses import replace

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from parlib import places
from parlib.errors import DataError
from parlib.scoring.scheme import load_scheme
from parlib.sources import rounds
from parlib.sources.exports.formats import open_export
from parlib.sources.exports.mapping import Line, draft, read_mapping, write_mapping
from parlib.sources.rounds import exported

NAMES = {"ha-noi": "Hà Nội", "ha-giang": "Hà Giang", "cao-bang": "Cao Bằng"}
GROUPS = {
    "hdnd": "Đại biểu HĐND tỉnh",
    "so_nganh": "Lãnh đạo sở ngành",
    "huyen": "Lãnh đạo UBND cấp huyện",
    "phong_so": "Lãnh đạo phòng thuộc sở",
}
WORDS = {5: "Rất tốt", 4: "Tốt", 3: "Bình thường", 2: "Kém", 1: "Rất kém", None: ""}
#: unit, group, answer to 1.7.1, answer to 1.7.2, weight. Heads of divisions are not asked 1.7.1.
FORMS = (
    ("ha-noi", "hdnd", 5, 4, 1.25),
    ("ha-noi", "so_nganh", 1, None, 0.75),
    ("ha-giang", "hdnd", 3, 3, 1.0),
    ("cao-bang", "huyen", 4, 2, 1.5),
    ("cao-bang", "phong_so", None, 5, 2.0),
)
#: What every export comes to: the blank of a group that is not asked is no row, that of one that is asked is one.
ANSWERS = sorted(
    (unit, group, item, answer)
    for unit, group, first, second, _ in FORMS
    for item, answer in (("Q1_7_1", first), ("Q1_7_2", second))
    if not (item == "Q1_7_1" and group == "phong_so")
)
SCHEME = load_scheme("876-province")
Q1, Q2 = (SCHEME.node(code).name for code in ("1.7.1", "1.7.2"))


def code(answer, none=""):
    return none if answer is None else str(answer)


def write_csv(path, heads, rows, separator=",", quoting=csv.QUOTE_MINIMAL, encoding="utf-8"):
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=quoting, lineterminator="\r\n").writerows([heads, *rows])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path, heads, rows, others=()):
    book = openpyxl.Workbook()
    for row in (heads, *rows):
        book.active.append(row)
    for other in others:
        book.create_sheet(other).append(["_parent_index"])
        book[other].append([1])
    book.save(path)
    return path


def uuid(n):
    return f"8f14e45f-ceea-467f-a8a1-{n:012}"


def kobo_csv(folder):
    """KoboToolbox, XML values and headers, ";", groups in the heads, everything quoted, a byte-order mark."""
    heads = ["start", "end", "thong_tin/tinh", "thong_tin/nhom", "phan_1/Q1_7_1", "phan_1/Q1_7_2", "phan_1/y_kien"]
    heads += ["_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by", "_index"]
    rows = [
        [
            "2023-11-06T08:01:02.123+07:00",
            "2023-11-06T08:11:02.000+07:00",
            unit,
            group,
            code(a),
            code(b),
            "SĐT 0912345678",
            *[str(1000 + n), uuid(n), "2023-11-06T01:12:00", "", "", "submitted_via_web", "dtv01", str(n)],
        ]
        for n, (unit, group, a, b, _) in enumerate(FORMS, 1)
    ]
    return write_csv(folder / "kobo.csv", heads, rows, ";", csv.QUOTE_ALL, "utf-8-sig")


def kobo_labels(folder):
    """KoboToolbox, labels as heads and answers, the groups in front of each."""
    heads = [
        "Thông tin chung/Tỉnh, thành phố",
        "Thông tin chung/Đối tượng",
        f"Phần I/1.7.1. {Q1}",
        f"Phần I/1.7.2. {Q2}",
    ]
    rows = [
        [NAMES[unit], GROUPS[group], WORDS[a], WORDS[b] if b else "Không biết", uuid(n), "2023-11-06T01:12:00"]
        for n, (unit, group, a, b, _) in enumerate(FORMS, 1)
    ]
    return write_csv(folder / "kobo-nhan.csv", [*heads, "_uuid", "_submission_time"], rows, ";", csv.QUOTE_ALL)


def kobo_xlsx(folder):
    heads = ["tinh", "nhom", "Q1_7_1", "Q1_7_2", "ho_ten", "_id", "_uuid", "_submission_time"]
    rows = [
        [unit, group, a, b, "Nguyễn Văn A", n, uuid(n), datetime.datetime(2023, 11, 6, 8, 0)]
        for n, (unit, group, a, b, _) in enumerate(FORMS, 1)
    ]
    return write_xlsx(folder / "kobo.xlsx", heads, rows, ["nhom_lap"])


def kobo_json(folder):
    """The server's JSON: a page of results, group/question as keys, what was not answered not there."""
    forms = [
        {"_id": n, "_uuid": uuid(n), "thong_tin/tinh": unit, "thong_tin/nhom": group, "_attachments": [], "_tags": []}
        | ({"phan_1/Q1_7_1": str(a)} if a else {})
        | ({"phan_1/Q1_7_2": str(b)} if b else {})
        for n, (unit, group, a, b, _) in enumerate(FORMS, 1)
    ]
    path = folder / "kobo.json"
    path.write_text(json.dumps({"count": len(forms), "next": None, "results": forms}), encoding="utf-8")
    return path


def kobo_multiple(folder):
    """select_multiple "in both": codes in one column, and 0 or 1 in one for each; 1.7.1 has the latter only."""
    heads = [
        "tinh",
        "nhom",
        *(f"p/Q1_7_1/{n}" for n in range(1, 6)),
        "p/Q1_7_2",
        "p/Q1_7_2/4",
        "p/kenh",
        "p/kenh/1",
        "_uuid",
    ]
    rows = [
        [
            unit,
            group,
            *(str(int(a == n)) if a else "" for n in range(1, 6)),
            code(b),
            str(int(b == 4)),
            "1 2",
            "1",
            uuid(n),
        ]
        for n, (unit, group, a, b, _) in enumerate(FORMS, 1)
    ]
    return write_csv(folder / "kobo-nhieu.csv", heads, rows, ";", csv.QUOTE_ALL)


def odk_csv(folder):
    heads = [
        "SubmissionDate",
        "thong_tin-tinh",
        "thong_tin-nhom",
        "phan_1-Q1_7_1",
        "phan_1-Q1_7_2",
        "meta-instanceID",
        "KEY",
    ]
    rows = [
        ["2023-11-06T08:11:02.503Z", unit, group, code(a), code(b, "98"), f"uuid:{uuid(n)}", f"uuid:{uuid(n)}"]
        for n, (unit, group, a, b, _) in enumerate(FORMS, 1)
    ]
    return write_csv(folder / "odk.csv", heads, rows)


def odk_json(folder):
    """ODK Central's OData: groups as objects, null where nothing was answered."""
    forms = [
        {
            "__id": f"uuid:{uuid(n)}",
            "__system": {"submissionDate": "2023-11-06T08:11:02.503Z", "submitterName": "App 1"},
            "meta": {"instanceID": f"uuid:{uuid(n)}"},
            "thong_tin": {"tinh": unit, "nhom": group},
            "phan_1": {"Q1_7_1": code(a) or None, "Q1_7_2": code(b) or None},
        }
        for n, (unit, group, a, b, _) in enumerate(FORMS, 1)
    ]
    path = folder / "odk.json"
    path.write_text(json.dumps({"value": forms, "@odata.context": "x"}), encoding="utf-8")
    return path


def google_csv(folder):
    """Google Forms in Vietnamese: questions as heads, no key of the form, a line break in a head."""
    heads = ["Dấu thời gian", "Tỉnh/Thành phố", "Đối tượng khảo sát", f"1.7.1. {Q1}\n", f"1.7.2. {Q2}", "Số điện thoại"]
    rows = [
        [f"{n:02}/11/2023 8:01:{n}", NAMES[unit].upper(), GROUPS[group], WORDS[a], WORDS[b], "0912345678"]
        for n, (unit, group, a, b, _) in enumerate(FORMS, 13)
    ]
    return write_csv(folder / "google.csv", heads, rows, quoting=csv.QUOTE_ALL)


def google_grid(folder):
    """Google Sheets of a grid: the question, and its row in brackets; answers with their numbers."""
    heads = [
        "Timestamp",
        "Đơn vị",
        "Nhóm đối tượng",
        f"Ông (bà) đánh giá thế nào? [{Q1}]",
        f"Ông (bà) đánh giá thế nào? [{Q2}]",
    ]
    rows = [
        [
            datetime.datetime(2023, 11, 6, 8, n),
            f"Tỉnh {NAMES[unit]}" if unit != "ha-noi" else "TP Hà Nội",
            GROUPS[group],
        ]
        + [f"{x} - {WORDS[x]}" if x else None for x in (a, b)]
        for n, (unit, group, a, b, _) in enumerate(FORMS)
    ]
    return write_xlsx(folder / "google.xlsx", heads, rows)


def microsoft(folder):
    heads = ["ID", "Start time", "Completion time", "Email", "Name", "Đơn vị được đánh giá", "Nhóm", Q1, Q2]
    rows = [
        [
            n,
            datetime.datetime(2023, 11, 6, 8, n),
            datetime.datetime(2023, 11, 6, 8, n + 5),
            "anonymous",
            None,
            NAMES[unit],
            GROUPS[group],
        ]
        + [WORDS[answer] or None for answer in (a, b)]
        for n, (unit, group, a, b, _) in enumerate(FORMS, 1)
    ]
    return write_xlsx(folder / "microsoft.xlsx", heads, rows)


def surveycto(folder):
    heads = [
        "SubmissionDate",
        "starttime",
        "endtime",
        "deviceid",
        "subscriberid",
        "simid",
        "devicephonenum",
        "province",
    ]
    heads += ["group", "q1_7_1", "q1_7_2", "instanceID", "formdef_version", "KEY"]
    rows = [
        [
            "Nov 6, 2023 8:12:33 AM",
            "Nov 6, 2023 8:01:02 AM",
            "Nov 6, 2023 8:11:02 AM",
            "357",
            "452",
            "898",
            "0912345678",
            *[unit, group, code(a, "-99"), code(b, "-99"), f"uuid:{uuid(n)}", "2311010101", f"uuid:{uuid(n)}"],
        ]
        for n, (unit, group, a, b, _) in enumerate(FORMS, 1)
        if group != "phong_so"
    ]
    unit, group, _, b, _ = FORMS[-1]
    rows.append([*rows[0][:7], unit, group, "", code(b), f"uuid:{uuid(9)}", "2311010101", f"uuid:{uuid(9)}"])
    return write_csv(folder / "surveycto.csv", heads, rows)


def frame(**more):
    rows = [(unit, group, a, b, w) for unit, group, a, b, w in FORMS]
    table = pd.DataFrame(rows, columns=["tinh", "nhom", "q1_7_1", "q1_7_2", "weight"])
    return table.assign(maphieu=range(1, 6)).astype({"q1_7_1": float, "q1_7_2": float})


def stata(folder):
    """A .dta: units and groups as codes with labels, answers with labels, labels of variables."""
    table, units, groups = frame(), list(NAMES), list(GROUPS)
    table["tinh"], table["nhom"] = table["tinh"].map(units.index), table["nhom"].map(groups.index)
    labels = {"tinh": dict(enumerate(NAMES.values())), "nhom": dict(enumerate(GROUPS.values()))}
    answers = {answer: word for answer, word in WORDS.items() if answer}
    table.rename(columns={"maphieu": "respondent", "q1_7_1": "v1", "q1_7_2": "v2"}).to_stata(
        folder / "stata.dta",
        version=118,
        write_index=False,
        value_labels=labels | {"v1": answers, "v2": answers},
        variable_labels={"v1": f"1.7.1. {Q1}"[:80], "v2": "1.7.2", "tinh": "Tỉnh"},
    )
    return folder / "stata.dta"


def spss(folder):
    """A .sav whose scale is turned round (1 is best), with 9 as a missing value of the user."""
    table = frame()
    for name in ("q1_7_1", "q1_7_2"):
        table[name] = (6 - table[name]).where(table[name].notna(), 9)
    labels = {float(6 - answer): word for answer, word in WORDS.items() if answer} | {9.0: "KB"}
    pyreadstat.write_sav(
        table.assign(tinh=table["tinh"].map(NAMES)).rename(columns={"maphieu": "so_phieu"}),
        folder / "spss.sav",
        variable_value_labels={"q1_7_1": labels, "q1_7_2": labels},
        missing_ranges={"q1_7_1": [9], "q1_7_2": [9]},
    )
    return folder / "spss.sav"


def excel_csv(folder):
    """What Excel saved: sep=;, a title above the heads, decimal commas in the weights, names in capitals."""
    rows = [
        [f"P{n}", NAMES[unit].upper(), GROUPS[group].lower(), code(a), code(b, "99"), str(w).replace(".", ",")]
        for n, (unit, group, a, b, w) in enumerate(FORMS, 1)
    ]
    path = write_csv(
        folder / "excel.csv", ["Mã phiếu", "TỈNH", "Nhóm", "Câu 1.7.1", "Câu 1.7.2", "Trọng số"], rows, ";"
    )
    path.write_bytes(b"sep=;\r\n" + "KẾT QUẢ ĐIỀU TRA NĂM 2023;;;;;\r\n".encode() + path.read_bytes())
    return path


def long_csv(folder):
    rows = [
        [f"P{n}", NAMES[unit], GROUPS[group], item, code(answer)]
        for n, (unit, group, a, b, _) in enumerate(FORMS, 1)
        for item, answer in (("1.7.1", a), (Q2, b))
    ]
    return write_csv(folder / "dai.csv", ["Mã phiếu", "Đơn vị", "Nhóm", "Câu hỏi", "Trả lời"], rows, "\t")


def parquet(folder):
    pq.write_table(pa.Table.from_pandas(frame(), preserve_index=False), folder / "rong.parquet")
    return folder / "rong.parquet"


TOOLS = (
    *(
        kobo_csv,
        kobo_labels,
        kobo_xlsx,
        kobo_json,
        kobo_multiple,
        odk_csv,
        odk_json,
        google_csv,
        google_grid,
        microsoft,
    ),
    *(surveycto, stata, spss, excel_csv, long_csv, parquet),
)


def confirmed(round_id, path, out, **settled):
    """The drafted mapping, confirmed; ``settled`` fills in lines that are open."""
    exported.draft_mapping(round_id, path, out)
    lines = [
        Line(line.kind, line.text, "Trần Thị B" if line.kind == "confirmed" else settled.get(line.text, line.meaning))
        for line in read_mapping(out)
    ]
    assert [line.text for line in lines if not line.meaning] == []
    plan, _ = exported.open_plan(round_id)
    write_mapping(lines, out, exported.what_is_asked(plan, SCHEME))
    return out


def test_a_drafted_mapping_is_in_names_that_read_back(small, tmp_path):
    out = tmp_path / "a.xlsx"
    exported.draft_mapping(small, google_csv(tmp_path), out)
    lines = {(line.kind, line.text): line.meaning for line in read_mapping(out)}
    meant = {text: meaning for (kind, text), meaning in lines.items() if kind in ("unit", "group")}
    assert set(meant.values()) == {*NAMES.values(), *GROUPS.values()}
    plan, _ = exported.open_plan(small)
    asked = exported.what_is_asked(plan, SCHEME)
    assert {asked.find(name) for name in NAMES.values()} == NAMES.keys()
    twice = replace(asked, groups={**asked.groups, "huyen": GROUPS["hdnd"]})
    assert twice.named(Line("group", "", "huyen")) == "huyen"  # a name that means two groups would not read back
    allowed = [row[:2] for row in openpyxl.load_workbook(out).worksheets[1].iter_rows(values_only=True)]
    assert ("Đơn vị trong tệp", "Hà Giang") in allowed


def stored(rounds_folder, small):
    table = pq.read_table(rounds_folder / small / "survey.parquet").to_pandas()
    rows = table[["unit", "group", "item", "answer"]].itertuples(index=False)
    return table, sorted((u, g, i, None if a != a else int(a)) for u, g, i, a in rows)


def key_of(rows):
    return sorted(rows, key=lambda row: tuple(map(str, row)))


@pytest.mark.few(5)
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.__name__)
def test_every_export_comes_to_the_same_answers(tool, small, rounds_folder, tmp_path):
    path = tool(tmp_path)
    out = confirmed(small, path, tmp_path / ("a.xlsx" if tool is kobo_csv else "a.yaml"))
    taken = exported.import_survey(small, [path], out, "ban")
    table, rows = stored(rounds_folder, small)
    assert key_of(rows) == key_of(ANSWERS)
    assert taken.fates["answered"] == 8
    kept = " ".join(str(cell) for cell in table.to_numpy().ravel())
    assert "0912345678" not in kept and "Nguyễn Văn A" not in kept and "anonymous" not in kept
    assert table.groupby(["unit", "group"])["respondent"].nunique().eq(1).all()


def test_weights_days_and_times_come_along(small, rounds_folder, tmp_path):
    out = confirmed(small, excel_csv(tmp_path), tmp_path / "a.yaml")
    exported.import_survey(small, [tmp_path / "excel.csv"], out, "ban")
    table, _ = stored(rounds_folder, small)
    assert table.groupby("respondent")["weight"].first().to_dict() == {
        f"P{n}": form[4] for n, form in enumerate(FORMS, 1)
    }
    for make, day in ((kobo_csv, "2023-11-06"), (surveycto, "2023-11-06"), (google_csv, "2023-11-13")):
        folder = tmp_path / make.__name__
        folder.mkdir()
        path = make(folder)
        exported.import_survey(small, [path], confirmed(small, path, folder / "a.yaml"), "ban")
        table, _ = stored(rounds_folder, small)
        assert str(table["date"].min()) == day
        if make is not google_csv:
            assert set(table["duration"]) == {600.0}


def test_nothing_is_taken_in_that_nobody_confirmed(small, rounds_folder, tmp_path, type_in):
    path = write_csv(
        tmp_path / "la.csv",
        ["Tỉnh", "Nhóm", "1.7.1", f"1.7.2. {Q2} của tỉnh ta", "Ghi chú"],
        [
            ["Hà Nội", "hdnd", "97", "5", "x"],
            ["Hà Nam Ninh", "Doanh nghiệp", "4", "4", "y"],
            ["Hải Phòng", "hdnd", "4", "4", ""],
        ],
    )
    out = tmp_path / "a.yaml"
    code_, _, _ = type_in("survey", "map", small, path, "--out", out)
    assert code_ == 0
    open_ = {(line.kind, line.text) for line in read_mapping(out) if not line.meaning}
    assert open_ == {
        ("confirmed", ""),
        ("column", f"1.7.2. {Q2} của tỉnh ta"),  # begins with the code, is not worded as the item
        ("unit", "Hà Nam Ninh"),  # no such province
        ("unit", "Hải Phòng"),  # not of the round
        ("group", "Doanh nghiệp"),
        ("answer", "97"),
    }
    assert "CẦN NGƯỜI XÁC NHẬN" in out.read_text(encoding="utf-8")
    code_, _, said = type_in("survey", "import", small, path, "--mapping", out, "--by", "ban")
    assert code_ == 1
    assert all(text in said for text in ("Hà Nam Ninh", "Hải Phòng", "Doanh nghiệp", "97", "chưa có người xác nhận"))
    assert not (rounds_folder / small / "survey.parquet").exists()


def test_what_is_left_out_is_counted_and_unmapped_texts_are_refused(small, rounds_folder, tmp_path):
    heads = ["Tỉnh", "Nhóm", "1.7.1", "1.7.2", "SĐT"]
    rows = [
        ["Hà Nội", "hdnd", "5", "4", "09"],
        ["", "hdnd", "5", "5", ""],
        ["Huế", "hdnd", "5", "5", ""],
        ["Hà Nội", "", "5", "5", ""],
    ]
    first = write_csv(tmp_path / "1.csv", heads, [*rows, ["Hà Nội", "hdnd", "1 2", "97", ""]])
    out = confirmed(small, first, tmp_path / "a.yaml", **{"Huế": "bỏ", "97": "không trả lời", "1 2": "không trả lời"})
    taken = exported.import_survey(small, [first], out, "ban")
    told = "\n".join(taken.lines("vi"))
    assert taken.rows == 5 and dict(taken.fates) | {"blank": 0} == taken.fates | {
        "no_unit": 1, "unit_left_out": 1, "no_group": 1, "answered": 2, "no_answer": 2, "blank": 0
    }  # fmt: skip
    assert "SĐT" in " ".join(note.text("vi") for note in taken.notes) and "1.csv: 5 dòng" in told
    before = (rounds_folder / small / "survey.parquet").read_bytes()
    second = write_csv(
        tmp_path / "2.csv", heads, [["Hà Nội", "hdnd", "6", "97 tốt lắm", ""], ["Hà Tây", "hdnd", "5", "4", ""]]
    )
    with pytest.raises(DataError) as refused:
        exported.import_survey(small, [first, second], out, "ban")
    assert {(p.row, p.column, p.value) for p in refused.value.problems} == {
        (2, "1.7.1", "6"), (2, "1.7.2", "97 tốt lắm"), (3, "Tỉnh", "Hà Tây")
    }  # fmt: skip
    assert (rounds_folder / small / "survey.parquet").read_bytes() == before


def test_files_are_added_once_and_their_hashes_kept(small, rounds_folder, tmp_path):
    first, second = kobo_csv(tmp_path), microsoft(tmp_path)
    for path, add in ((first, False), (second, True)):
        out = confirmed(small, path, path.with_suffix(".yaml"))
        exported.import_survey(small, [path], out, "ban", add)
    _, rows = stored(rounds_folder, small)
    assert key_of(rows) == key_of(ANSWERS * 2)
    with pytest.raises(DataError, match="taken in already"):
        exported.import_survey(small, [second], out, "ban", add=True)
    with pytest.raises(DataError, match="the same content"):
        exported.import_survey(small, [second, second.rename(tmp_path / "b.xlsx")][1:] * 2, out, "ban")
    records = pd.read_csv(rounds_folder / small / "taken.csv", dtype=str)
    assert records["file"].tolist() == ["kobo.csv", "microsoft.xlsx"] and records["confirmed"].eq("Trần Thị B").all()
    assert records["sha256"][0] == places.sha256(first)
    assert all((rounds_folder / small / name).is_file() for name in records["mapping"])


def test_several_answers_are_none_and_a_scale_of_words_needs_all_of_it(small, rounds_folder, tmp_path):
    path = kobo_multiple(tmp_path)
    text = path.read_text(encoding="utf-8").replace('"0";"0";"0";"0";"1"', '"0";"0";"0";"1";"1"')
    path.write_text(text, encoding="utf-8")
    taken = exported.import_survey(small, [path], confirmed(small, path, tmp_path / "a.yaml"), "ban")
    assert taken.fates["several"] == 1 and taken.fates["answered"] == 7
    plan, _ = exported.open_plan(small)
    asked = exported.what_is_asked(plan, SCHEME)

    def meant(*words):
        rows = [["Hà Nội", "hdnd", word] for word in words]
        lines = draft(open_export(write_csv(tmp_path / "chu.csv", ["Tỉnh", "Nhóm", "1.7.1"], rows)), asked)
        found = {line.text: line.meaning for line in lines if line.kind == "answer"}
        return [found[word] for word in words]

    assert meant("Kém", "Tốt") == ["", "4"]  # Kém is the lowest of one usual scale and the second of another
    assert meant("Kém", "Rất kém") == ["2", "1"]
    assert meant("Có", "Không") == ["", ""]
    assert meant("1. Rất tốt", "5. Rất kém") == ["", ""]  # numbers and words that say the opposite of our scale
    assert meant("5 - Rất tốt", "99 - Không biết") == ["5", "none"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "Tỉnh;Nhóm;1.7.1;\r\nHà Nội;hdnd;5;dư\r\n".encode(), "no head"),
        ("a.csv", "Tỉnh;Nhóm;1.7.1\r\nHà Nội;hdnd\r\n".encode(), "as many cells"),
        ("a.csv", "Tỉnh;Tỉnh;1.7.1\r\nHà Nội;hdnd;5\r\n".encode(), "same head"),
        ("a.csv", "Tỉnh;Nhóm\r\nHà Nội;hdnd\r\n".encode("utf-16-be"), "UTF"),
        ("a.json", b"[1, 2]", "no list of forms"),
        ("a.json", b"{", "not JSON"),
        ("a.xls", b"", "only files that end in"),
        ("a.xlsx", b"PK\x03\x04 cut", "truncated or corrupt"),
        ("a.dta", b"cut", "cannot be read"),
        ("a.parquet", b"cut", "damaged or cut"),
    ],
)
def test_a_file_that_is_none_is_told(name, content, said, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=said):
        for _ in open_export(path).batches():
            pass


@pytest.mark.long
def test_the_report_on_quality_counts_and_names_nobody(small, rounds_folder, tmp_path, type_in):
    heads = ["Mã phiếu", "Tỉnh", "Nhóm", "Mã ĐTV", *(question.item for question in exported.questions(SCHEME)[:12])]
    forms = [["P1", "Hà Nội", "hdnd", "D1", *"555555555555"], ["P2", "Hà Nội", "huyen", "D1", *"543215432154"]]
    path = write_csv(tmp_path / "a.csv", heads, [*forms, ["P3", "Hà Giang", "hdnd", "D2", *"12345123451", "99"]])
    exported.import_survey(small, [path], confirmed(small, path, tmp_path / "a.yaml"), "ban")
    code_, out, said = type_in("survey", "report", small, "--to", "xlsx", "--out", tmp_path)
    assert code_ == 0, said
    book = openpyxl.load_workbook(out.strip())
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert {"Hà Nội", "Hà Giang", "D1", "D2", "Đại biểu HĐND tỉnh"} <= cells and not {"P1", "P2", "P3"} & cells
    found = exported.fieldwork(rounds.open_round(small))
    assert found.interviewers[["interviewer", "forms", "alike"]].to_numpy().tolist() == [["D1", 2, 1], ["D2", 1, 0]]
    sums = found.response.set_index(["unit", "group"])
    assert sums.loc[("ha-giang", "hdnd"), ["respondents", "answers", "empty"]].tolist() == [1, 12, 1]
