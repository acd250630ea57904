"""The checks of survey answers in the order they are run, and what each says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A check: its title, the column it looks at, and the sentence for one finding (its fields in braces)."""

    title: tuple[str, str]
    column: str
    vi: str
    en: str


WORDS: Mapping[str, Words] = {
    "missing_respondent": Words(
        ("Thiếu mã phiếu", "Missing respondent"),
        "respondent",
        "đơn vị {unit}, nhóm {group}: {n} câu trả lời không có mã phiếu",
        "unit {unit}, group {group}: {n} answers have no respondent",
    ),
    "unknown_unit": Words(
        ("Đơn vị không có trong danh sách", "Unknown unit"),
        "unit",
        "{n} câu trả lời của đơn vị không có trong danh sách của kỳ đánh giá",
        "{n} answers are about a unit that is not in the list of the round",
    ),
    "unknown_item": Words(
        ("Câu hỏi không có trong bộ câu hỏi", "Unknown item"),
        "item",
        "đơn vị {unit}, nhóm {group}: {n} câu trả lời cho câu hỏi không có trong bộ câu hỏi",
        "unit {unit}, group {group}: {n} answers to an item that is not in the questionnaire",
    ),
    "not_asked": Words(
        ("Nhóm không được hỏi", "Group not asked"),
        "group",
        "đơn vị {unit}, câu {item}: {n} câu trả lời của nhóm không được hỏi câu này",
        "unit {unit}, item {item}: {n} answers of a group that is not asked this item",
    ),
    "off_scale": Words(
        ("Trả lời ngoài thang", "Answer off the scale"),
        "answer",
        "đơn vị {unit}, nhóm {group}, câu {item}: {n} câu trả lời có mã ngoài thang trả lời",
        "unit {unit}, group {group}, item {item}: {n} answers have a code that is not on the scale",
    ),
    "bad_weight": Words(
        ("Trọng số thiếu hoặc không dương", "Missing or non-positive weight"),
        "weight",
        "đơn vị {unit}, nhóm {group}: {n} câu trả lời thiếu trọng số hoặc có trọng số không lớn hơn 0, không được tính",
        "unit {unit}, group {group}: {n} answers have no weight or one that is not above 0, and are left out",
    ),
    "missing_stratum": Words(
        ("Thiếu tầng mẫu", "Missing stratum"),
        "stratum",
        "đơn vị {unit}, nhóm {group}: {n} câu trả lời không có tầng mẫu, được coi là một tầng riêng",
        "unit {unit}, group {group}: {n} answers have no stratum, and are taken as a stratum of their own",
    ),
    "few_answers": Words(
        ("Quá ít câu trả lời", "Too few answers"),
        "answer",
        "đơn vị {unit}, nhóm {group}, câu {item}: chỉ có {n} câu trả lời, cần ít nhất {fewest_answers}",
        "unit {unit}, group {group}, item {item}: only {n} answers, at least {fewest_answers} are needed",
    ),
    "lonely_stratum": Words(
        ("Tầng chỉ có một cụm", "Stratum of one cluster"),
        "cluster",
        "đơn vị {unit}, nhóm {group}, tầng {stratum!r}: chỉ có một cụm, sai số của tầng không tính được trực tiếp",
        "unit {unit}, group {group}, stratum {stratum!r}: one single cluster, which says nothing of the error",
    ),
    "shared_cluster": Words(
        ("Cụm có nhiều nhóm", "Cluster of several groups"),
        "cluster",
        "đơn vị {unit}, tầng {stratum!r}, cụm {cluster}: có {n} nhóm trả lời; nếu các nhóm được chọn chung cụm, "
        'hãy đặt thiết kế mẫu groups="together"',
        "unit {unit}, stratum {stratum!r}, cluster {cluster}: holds {n} groups; if the groups were sampled together, "
        'state the design groups="together"',
    ),
    "same_answers": Words(
        ("Trả lời giống nhau mọi câu", "Straight-lining"),
        "answer",
        "đơn vị {unit}, nhóm {group}, phiếu {respondent}: cả {n} câu cùng một mã trả lời",
        "unit {unit}, group {group}, respondent {respondent}: all {n} answers are the same",
    ),
    "repeated_answer": Words(
        ("Một phiếu trả lời một câu nhiều lần", "Item answered twice"),
        "item",
        "đơn vị {unit}, nhóm {group}, phiếu {respondent}: câu {item} được trả lời {n} lần",
        "unit {unit}, group {group}, respondent {respondent}: item {item} is answered {n} times",
    ),
    "same_forms": Words(
        ("Phiếu giống hệt nhau trong một cụm", "Identical forms in one cluster"),
        "respondent",
        "đơn vị {unit}, nhóm {group}, cụm {cluster!r}: {n} phiếu giống hệt nhau ở mọi câu (ví dụ phiếu {respondent})",
        "unit {unit}, group {group}, cluster {cluster!r}: {n} forms are the same in every item (such as {respondent})",
    ),
    "contradictory": Words(
        ("Phiếu mâu thuẫn", "Contradictory respondent"),
        "respondent",
        "đơn vị {unit}, phiếu {respondent}: cùng một phiếu nhưng có hai nhóm, tầng, cụm hoặc trọng số",
        "unit {unit}, respondent {respondent}: one respondent with two groups, strata, clusters or weights",
    ),
    "impossible_date": Words(
        ("Ngày ngoài thời gian khảo sát", "Date outside the fieldwork"),
        "date",
        "đơn vị {unit}, nhóm {group}, phiếu {respondent}: ngày trả lời ngoài thời gian khảo sát "
        "({first_day} đến {last_day})",
        "unit {unit}, group {group}, respondent {respondent}: the day is outside the fieldwork "
        "({first_day} to {last_day})",
    ),
    "impossible_duration": Words(
        ("Thời gian trả lời quá ngắn", "Impossible duration"),
        "duration",
        "đơn vị {unit}, nhóm {group}, phiếu {respondent}: thời gian trả lời (giây) không thể có, cần ít nhất "
        "{shortest:g}",
        "unit {unit}, group {group}, respondent {respondent}: a duration (seconds) that cannot be, at least "
        "{shortest:g} is needed",
    ),
}
