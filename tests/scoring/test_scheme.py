"""Schemes: all published ones load; each way to break one is refused with the node and the reason."""

import copy
import shutil
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlib.data_tables import read_yaml
from parlib.errors import ParameterError, SchemeError
from parlib.places import data
from parlib.scoring import scheme as schemes
from parlib.sources.workbooks import write_scheme_yaml

COUNTS = {  # areas, criteria, sub-criteria, leaves, points: printed (data/schemes/areas.csv, facts.yaml)
    "876-province": (8, 37, 88, 95, 100),
    "876-ministry": (7, 38, 97, 105, 100),
    "papi-2011": (6, 22, 0, 22, 60),
    "papi-2018": (8, 29, 0, 29, 80),
}


@pytest.mark.parametrize("scheme_id", COUNTS)
def test_every_published_scheme_loads_with_the_published_counts_and_maxima(scheme_id):
    scheme = schemes.load_scheme(scheme_id)
    kinds = [node.kind for node in scheme.nodes]
    counts = tuple(kinds.count(kind) for kind in ("area", "criterion", "subcriterion"))
    assert (*counts, len(scheme.leaves), scheme.maximum) == COUNTS[scheme_id]
    assert sum(component.max for component in scheme.components.values()) == scheme.maximum


def test_all_schemes_are_listed_and_load():
    listed = schemes.scheme_ids()
    assert set(listed) == {path.stem for path in (data() / "schemes").glob("*.yaml") if "facts" not in path.stem}
    assert set(COUNTS) <= set(listed)
    for scheme_id in listed:
        scheme = schemes.load_scheme(scheme_id)
        assert scheme.id == scheme_id and scheme.leaves and scheme.maximum > 0


def test_the_years_find_their_schemes():
    assert schemes.scheme_for(2023, "ministry").id == "876-ministry"
    assert schemes.scheme_for(2022, "province").id == "876-province"
    assert schemes.scheme_for(2021, "province") is None
    papi = {year: schemes.scheme_for(year, "province", "papi").id for year in (2011, 2017, 2018, 2024)}
    assert papi == {2011: "papi-2011", 2017: "papi-2011", 2018: "papi-2018", 2024: "papi-2018"}
    assert schemes.scheme_for(2010, "province", "papi") is None
    with pytest.raises(ParameterError, match="876-province"):
        schemes.load_scheme("876-provinces")


def test_the_frame_of_nodes():
    frame = schemes.load_scheme("876-province").node_frame()
    assert list(frame.columns) == ["node", "name", "name_en", "maximum", "parent", "kind"]
    assert list(frame["node"][:4]) == ["", "1", "1.1", "1.1.1"]
    assert list(frame["node"][-4:]) == [
        "component:appraisal",
        "component:leaders",
        "component:sipas",
        "component:impact",
    ]
    assert frame["parent"][0] is None and frame["parent"][1] == "" and frame["parent"][3] == "1.1"
    assert frame["maximum"][0] == 100
    assert frame["node"].is_unique


def test_each_leaf_belongs_to_itself_its_ancestors_its_component_and_the_whole():
    scheme = schemes.load_scheme("876-province")
    member = scheme.membership
    rows = {code: place for place, code in enumerate(scheme.node_codes)}
    leaf = [node.code for node in scheme.leaves].index("1.1.2")
    held = {code for code in rows if member[rows[code], leaf]}
    assert held == {"", "1", "1.1", "1.1.2", "component:appraisal"}
    assert np.allclose(member @ scheme.leaf_maxima, scheme.node_maxima)


def test_a_leaf_of_papi_may_lack_a_maximum():
    scheme = schemes.load_scheme("papi-2018")
    assert scheme.node("5.2").maximum is None and scheme.node("5").maximum == 10
    assert scheme.absent_in(2018) == {"8.3"} and scheme.absent_in(2020) == frozenset()
    assert scheme.absent_in(2021) == scheme.absent_in(2024) == {"5.2"}


@pytest.mark.parametrize("scheme_id", COUNTS)
def test_a_scheme_survives_being_written_and_read(scheme_id, tmp_path):
    scheme = schemes.load_scheme(scheme_id)
    path = tmp_path / f"{scheme_id}.yaml"
    write_scheme_yaml(scheme, path)
    assert schemes.load_scheme(path) == scheme
    assert schemes.parse_scheme(scheme.document()) == scheme


def test_a_changed_file_is_read_again(tmp_path):
    path = tmp_path / "papi-2011.yaml"
    shutil.copy(data() / "schemes" / path.name, path)
    schemes.load_scheme(path)
    path.write_text(path.read_text(encoding="utf-8").replace("Civic knowledge", "Knowledge"), encoding="utf-8")
    assert "Knowledge" in [node.name_en for node in schemes.load_scheme(path).nodes]


def test_the_policy_for_what_does_not_apply_is_a_key_of_the_scheme():
    assert schemes.load_scheme("876-ministry").not_applicable == "rescale"
    document = copy.deepcopy(read_yaml(data() / "schemes" / "876-ministry.yaml"))
    scheme = schemes.parse_scheme({**document, "not_applicable": "full"})
    assert scheme.not_applicable == "full" == scheme.document()["not_applicable"]


def test_an_official_scheme_is_not_held_to_our_conventions():
    document = copy.deepcopy(read_yaml(data() / "schemes" / "876-province.yaml"))
    document |= {"status": "official", "note": "The annex as issued."}
    node(document, "1.1.1")["rule"]["options"] = {
        "timely": Decimal("0.5"),
        "late": Decimal("0.25"),
        "none": Decimal("0.1"),
    }
    node(document, "1.7.1")["rule"]["item"] = "C12"
    assert schemes.parse_scheme(document).status == "official"


def test_a_scheme_of_an_unlisted_decision_is_free_in_its_numbers():
    rule = {"kind": "given"}
    leaf = {"component": "all", "rule": rule, "max": 0.1}
    children = [{"code": f"1.{i}", "name": f"Tiêu chí {i}", "name_en": f"Criterion {i}", **leaf} for i in (1, 2, 3)]
    document = {
        "id": "mini",
        "decision": "01/QĐ-UBND",
        "level": "province",
        "years": [2030],
        "status": "official",
        "note": "a test",
        "bands": {},
        "components": {"all": {"name": "Tất cả", "name_en": "All", "max": 0.3}},
        "tree": [{"code": "1", "name": "Lĩnh vực", "name_en": "Area", "max": 0.3, "children": children}],
    }
    assert schemes.parse_scheme(document).maximum == 0.3  # 0.1 + 0.1 + 0.1 is 0.3 in decimals, not in floats


# --- ways to break one --------------------------------------------------------------------------


def node(document, code):
    result = document["tree"][int(code.split(".")[0]) - 1]
    for step in code.split(".")[1:]:
        result = result["children"][int(step) - 1]
    return result


def set_in(code, /, **changes):
    return lambda document: node(document, code).update(changes)


def set_rule(code, /, **changes):
    return lambda document: node(document, code)["rule"].update(changes)


def drop(code, key):
    return lambda document: node(document, code).pop(key)


def drop_rule_key(code, key):
    return lambda document: node(document, code)["rule"].pop(key)


def top(**changes):
    return lambda document: document.update(changes)


def two(*steps):
    return lambda document: [step(document) for step in steps]


half, one = Decimal("0.5"), Decimal(1)
WAYS = {  # name: (what is done to 876-province, node named, reason in English, reason in Vietnamese)
    "wrong sum": (set_in("1.1.1", max=one), "1.1", "children add to 2, max is 1.5", "cộng lại 2"),
    "wrong sum of an area": (set_in("2", max=Decimal(11)), "2", "children add to 10, max is 11", "của mục là 11"),
    "double code": (set_in("1.1.2", code="1.1.1"), "1.1.1", "code is used twice", "mã dùng hai lần"),
    "code out of order": (set_in("1.2", code="1.9"), "1.9", "code should be the quoted text '1.2'", "đúng thứ tự"),
    "code not quoted": (set_in("1.1", code=Decimal("1.1")), "1.1", "quoted text '1.1'", "dấu ngoặc kép"),
    "unknown kind": (set_rule("1.1.2", kind="stairs"), "1.1.2", "unknown kind 'stairs'", "loại 'stairs' không có"),
    "no rule": (drop("1.1.2", "rule"), "1.1.2", "rule is missing", "thiếu cách chấm"),
    "points over maximum": (
        set_rule("1.1.2", steps=[[100, 2], [85, half]]),
        "1.1.2",
        "best result of the rule is 2 points, over the max 1",
        "vượt điểm tối đa 1",
    ),
    "points below maximum": (
        set_rule("1.1.1", options={"timely": Decimal("0.4"), "late": Decimal("0.25"), "none": 0}),
        "1.1.1",
        "best result of the rule is 0.4 points, below the max 0.5",
        "không đạt điểm tối đa 0,5",
    ),
    "unknown component": (
        set_in("1.1.2", component="bonus"),
        "1.1.2",
        "unknown component 'bonus'",
        "thành phần 'bonus' không có",
    ),
    "component sum": (
        set_in("1.1.2", component="impact"),
        "component:impact",
        "leaves add to 7.5, max is 6.5",
        "cộng lại 7,5 điểm",
    ),
    "points of impact outside area 8": (set_in("1.1.2", component="impact"), "1", "published 0", "đã công bố 0"),
    "survey rule in an appraised component": (
        set_in("1.7.1", component="appraisal"),
        "1.7.1",
        "rule survey does not fit component 'appraisal'",
        "không hợp với thành phần",
    ),
    "appraised rule in a survey component": (
        set_in("1.1.2", component="leaders"),
        "1.1.2",
        "rule steps does not fit component 'leaders'",
        "không hợp với thành phần",
    ),
    "maximum missing": (drop("1.1.2", "max"), "1.1.2", "max is missing", "thiếu điểm tối đa"),
    "maximum of an area empty": (set_in("3", max=None), "3", "max is missing", "thiếu điểm tối đa"),
    "maximum of a criterion empty": (set_in("1.1", max=None), "1.1", "max is missing", "thiếu điểm tối đa"),
    "maximum of some children": (drop("1.1.2", "max"), "1.1", "max is given for some children only", "chỉ một số"),
    "maximum negative": (set_in("1.1.2", max=-1), "1.1.2", "max must be a number above 0, got -1", "lớn hơn 0"),
    "maximum as text": (set_in("1.1.2", max="1"), "1.1.2", "max must be a number above 0, got '1'", "lớn hơn 0"),
    "maximum odd": (
        set_in("1.1.2", max=Decimal("1.1")),
        "1.1.2",
        "max 1.1 is not a multiple of 0.25",
        "không phải bội số của 0,25",
    ),
    "name missing": (set_in("1.1", name=""), "1.1", "name is missing or not text", "name: thiếu"),
    "name not in NFC": (set_in("1.1", name="Ke\u0302\u0301 hoạch"), "1.1", "name is not in Unicode NFC", "NFC"),
    "name with stray blanks": (set_in("1.1", name="Kế  hoạch "), "1.1", "stray blanks", "thừa dấu cách"),
    "name with a control character": (set_in("1.1", name="Kế\u200bhoạch"), "1.1", "control", "ký tự điều khiển"),
    "evidence empty": (set_in("1.1.1", evidence=" "), "1.1.1", "evidence is missing or not text", "evidence: thiếu"),
    "two children of one name": (
        lambda document: node(document, "1.1.2").update(name=node(document, "1.1.1")["name"]),
        "1.1",
        "two children share one name",
        "cùng tên",
    ),
    "one child only": (
        lambda document: node(document, "1.1")["children"].pop(),
        "1.1",
        "needs two or more children",
        "hai tiêu chí con",
    ),
    "an area without children": (drop("2", "children"), "2", "an area must have children", "phải có tiêu chí con"),
    "a fourth level": (
        lambda document: node(document, "1.1.2").update(
            children=[{**copy.deepcopy(node(document, "1.1.2")), "code": f"1.1.2.{i}", "max": half} for i in (1, 2)]
        ),
        "1.1.2.1",
        "lies below the third level",
        "dưới cấp thứ ba",
    ),
    "an unknown key": (set_in("1.1.1", weight=2), "1.1.1", "unknown keys weight", "thừa khóa weight"),
    "a node that is no mapping": (
        lambda document: node(document, "1.1")["children"].__setitem__(1, "x"),
        "1.1.2",
        "is not a mapping",
        "không phải là một tiêu chí",
    ),
    "rule key missing": (drop_rule_key("1.1.2", "unit"), "1.1.2", "rule steps: unit is missing", "unit thiếu"),
    "rule key too many": (set_rule("1.1.2", cap=3), "1.1.2", "rule steps: cap is not a key", "cap thừa"),
    "rule number as text": (
        set_rule("1.6.2", per="0,25"),
        "1.6.2",
        "rule deduction: per must be a number",
        "per phải là số",
    ),
    "thresholds that rise": (
        set_rule("1.1.2", steps=[[85, 1], [100, half]]),
        "1.1.2",
        "thresholds must fall (85, 100)",
        "phải giảm dần (85, 100)",
    ),
    "points that do not fall": (
        set_rule("1.1.2", steps=[[100, 1], [85, 1]]),
        "1.1.2",
        "points must fall (1, 1)",
        "phải giảm dần (1, 1)",
    ),
    "a threshold over 100%": (
        set_rule("1.1.2", steps=[[101, 1], [85, half]]),
        "1.1.2",
        "a threshold lies above 100%",
        "vượt 100%",
    ),
    "no thresholds": (set_rule("1.1.2", steps=[]), "1.1.2", "steps must not be empty", "không được để trống"),
    "a lowest step of 0": (set_rule("1.1.2", steps=[[100, 1], [0, 0]]), "1.1.2", "must be above 0", "lớn hơn 0"),
    "a tier out of range": (
        set_rule("8.2.3", tiers=[[Decimal("2.5"), 1], [1, half]]),
        "8.2.3",
        "tiers are ratios of result to target",
        "tỷ số kết quả",
    ),
    "an option id that YAML turns into false": (
        set_rule("1.1.1", options={"timely": half, False: 0}, label={"timely": "Có", False: "Không"}),
        "1.1.1",
        "must be text",
        "phải là chữ",
    ),
    "one option": (set_rule("1.1.1", options={"timely": half}, label={"timely": "Có"}), "1.1.1", "two or more", "hai"),
    "labels of other options": (
        set_rule("1.1.1", label={"timely": "Có", "none": "Không", "late": "Muộn"}),
        "1.1.1",
        "labels must name the same options in the same order",
        "đúng thứ tự",
    ),
    "two options of one label": (
        set_rule("1.1.1", label={"timely": "Có", "late": "Có", "none": "Không"}),
        "1.1.1",
        "two options share one label",
        "cùng một nhãn",
    ),
    "options in disorder": (
        set_rule("1.1.1", options={"timely": half, "late": 0, "none": Decimal("0.25")}),
        "1.1.1",
        "options must be listed from best to worst",
        "tốt nhất",
    ),
    "two options of equal points": (
        set_rule("1.1.1", options={"timely": half, "late": half, "none": 0}),
        "1.1.1",
        "options must be listed from best to worst",
        "tốt nhất",
    ),
    "a worst option that gives points": (
        set_rule("1.1.1", options={"timely": half, "late": Decimal("0.25"), "none": Decimal("0.1")}),
        "1.1.1",
        "the worst option must give 0",
        "kém nhất phải được 0",
    ),
    "proportional upside down": (
        set_rule("1.3.2", zero_below=100),
        "1.3.2",
        "need 0 <= zero_below < full_at",
        "zero_below < full_at",
    ),
    "per above the maximum": (set_rule("1.6.2", per=2), "1.6.2", "need 0 < per <= max, got 2", "đang là 2"),
    "per that does not divide": (
        set_rule("1.6.2", per=Decimal("0.3")),
        "1.6.2",
        "max 1 is not a whole number of steps of 0.3",
        "không phải bội số của 0,3",
    ),
    "a survey item used twice": (
        set_rule("1.7.2", item="Q1_7_1"),
        "1.7.2",
        "survey item Q1_7_1 is also used by 1.7.1",
        "đã dùng ở tiêu chí 1.7.1",
    ),
    "a scale with a gap": (
        set_rule("1.7.1", scale={5: 1, 4: half, 2: 0}),
        "1.7.1",
        "scale must give a share for each answer from 1 to n",
        "từ 1 đến n",
    ),
    "a scale that does not reach 1": (
        set_rule("1.7.1", scale={2: Decimal("0.9"), 1: 0}),
        "1.7.1",
        "scale must fall from 1",
        "giảm từ 1",
    ),
    "respondents twice": (
        set_rule("1.7.1", respondents=["hdnd", "hdnd"]),
        "1.7.1",
        "respondents must be a list of different codes",
        "các mã khác nhau",
    ),
    "an index without a name": (set_rule("3.4.5", index="Hài lòng"), "3.4.5", "plain identifier", "không hợp lệ"),
    "an index with no full mark": (set_rule("3.4.5", full_at=0), "3.4.5", "full_at must be above 0", "lớn hơn 0"),
    "a component called as a column": (
        lambda document: document["components"].update(rank=document["components"].pop("leaders")),
        "component:rank",
        "or the key of another column",
        "trùng với mã một cột khác",
    ),
    "top key missing": (lambda document: document.pop("bands"), "", "missing keys bands", "thiếu khóa bands"),
    "unknown level": (top(level="district"), "", "level is one of province, ministry", "level là một trong"),
    "unknown status": (top(status="draft"), "", "status is one of official, illustrative", "status là một trong"),
    "unknown policy": (top(not_applicable="drop"), "", "not_applicable is one of rescale, full, zero", "một trong"),
    "status against the note": (top(status="official"), "", "and the note disagree", "không khớp"),
    "years that fall": (top(years=[2023, 2022]), "", "years must be a rising list", "tăng dần"),
    "a year twice": (top(years=[2022, 2022, 2023]), "", "years must be a rising list", "tăng dần"),
    "years not published": (
        top(years=[2022]),
        "",
        "years of this decision: is 2022, published 2022, 2023",
        "đã công bố 2022, 2023",
    ),
    "bands that rise": (top(bands={"A": 70, "B": 80, "C": 0}), "", "lower bounds must fall", "giảm dần"),
    "bands that end above 0": (top(bands={"A": 90, "B": 80}), "", "to 0", "đến 0"),
    "bands above all": (top(bands={"A": 101, "B": 0}), "", "from at most 100", "100"),
    "tree missing": (top(tree=[]), "", "tree is missing", "thiếu cây tiêu chí"),
    "an area fewer": (
        lambda document: document["tree"].pop(),
        "",
        "number of areas: is 7, published 8",
        "số lĩnh vực: đang là 7, đã công bố 8",
    ),
    "a published maximum missed": (
        two(set_in("3", max=Decimal(12)), set_in("2", max=Decimal(11))),
        "3",
        "max: is 12, published 13",
        "điểm tối đa: đang là 12, đã công bố 13",
    ),
    "another id than the file": (top(id="876"), "", "differs from the file name", "khác tên tệp"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_broken_scheme_is_refused_with_the_node_and_the_reason(way):
    change, code, english, vietnamese = WAYS[way]
    document = copy.deepcopy(read_yaml(data() / "schemes" / "876-province.yaml"))
    change(document)
    with pytest.raises(SchemeError) as error:
        schemes.parse_scheme(document, file="876-province.yaml", stem="876-province")
    lines = [problem.text("en") for problem in error.value.problems if problem.node == code]
    assert any(english in line for line in lines), error.value.text("en")
    lines = [problem.text("vi") for problem in error.value.problems if problem.node == code]
    assert any(vietnamese in line for line in lines), error.value.text("vi")
    assert all(problem.file == "876-province.yaml" for problem in error.value.problems)


def test_all_problems_are_found_at_once():
    document = copy.deepcopy(read_yaml(data() / "schemes" / "876-province.yaml"))
    set_rule("1.1.2", kind="stairs")(document)
    set_in("2.1", name="")(document)
    set_rule("8.2.3", tiers=[[3, 1]])(document)
    with pytest.raises(SchemeError) as error:
        schemes.parse_scheme(document)
    assert [problem.node for problem in error.value.problems] == ["1.1.2", "2.1", "8.2.3"]


def test_the_counts_of_each_area_of_the_ministries_are_published():
    document = copy.deepcopy(read_yaml(data() / "schemes" / "876-ministry.yaml"))
    area = document["tree"][5]["children"]
    area[0]["name"] = "Khác"
    area.append({**copy.deepcopy(area[0]), "code": "6.4"})
    with pytest.raises(SchemeError, match=r"node 6: criteria and sub-criteria: is .*, published 3, 13"):
        schemes.parse_scheme(document)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("id: a\nid: b\n", "key given twice: 'id'"),
        ("id: a\nx: {b: 1, b: 2}\n", "key given twice: 'b'"),
        ("max: .inf\n", "not a plain number: '.inf'"),
        ("max: .nan\n", "not a plain number"),
        ("id: [a\n", "YAML cannot be read"),
        ("a: !!python/object:os.system x\n", "YAML cannot be read"),
        ("- a\n- b\n", "the file is not a scheme"),
        ("", "the file is empty"),
    ],
)
def test_a_file_that_yaml_would_let_pass_is_refused(tmp_path, text, reason):
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemeError, match=r"file x\.yaml") as error:
        schemes.load_scheme(path)
    assert reason in error.value.text("en")


def test_another_encoding_and_a_missing_file_are_named(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes("id: Hà Nội".encode("utf-16"))
    with pytest.raises(SchemeError, match="not text in UTF-8"):
        schemes.load_scheme(path)
    with pytest.raises(SchemeError, match="no such file"):
        schemes.load_scheme(tmp_path / "none.yaml")


def test_decimals_are_read_as_written(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("a: 0.1\nb: 3.3333\nc: 10\nd: '1.10'\n", encoding="utf-8")
    assert read_yaml(path) == {"a": Decimal("0.1"), "b": Decimal("3.3333"), "c": 10, "d": "1.10"}


# --- anything at all ----------------------------------------------------------------------------


def places_in(value, path=()):
    """Every place in a document, as the steps that lead to it."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, content in steps:
        yield (*path, step)
        yield from places_in(content, (*path, step))


MINI = read_yaml(data() / "schemes" / "876-province.yaml")
MINI_PLACES = list(places_in(MINI))
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 200),
    st.decimals(-5, 200, places=2),
    st.text(max_size=4),
    st.just([]),
    st.just({}),
    st.just([[100, 1], [50]]),
    st.just({1: 2}),
)


@settings(max_examples=60)
@given(place=st.sampled_from(MINI_PLACES), junk=JUNK)
def test_whatever_stands_in_a_scheme_it_loads_or_is_refused_in_words(place, junk):
    document = copy.deepcopy(MINI)
    result = document
    for step in place[:-1]:
        result = result[step]
    result[place[-1]] = junk
    try:
        scheme = schemes.parse_scheme(document)
    except SchemeError as error:
        assert error.problems and all(problem.text("vi") != problem.text("en") for problem in error.problems)
    else:
        assert schemes.parse_scheme(scheme.document()) == scheme
