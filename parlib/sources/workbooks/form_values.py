"""What a returned form says, leaf by leaf, as rows for the ledger: by the rules of each of the four forms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from parlib.errors import Problem
from parlib.scoring.answers import NO_EVIDENCE, NO_REASON, encode, likely_slip
from parlib.scoring.rules import number
from parlib.sources.workbooks.cells import plain_value
from parlib.sources.workbooks.form_cells import Filled, FormCells
from parlib.sources.workbooks.form_content import NOTHING, Said, Standing, answer_words
from parlib.sources.workbooks.form_layout import (
    ACCEPT,
    ADJUST,
    BY_UNIT,
    COUNCIL,
    DECISIONS,
    EXPLAIN,
    KEEP,
    LEDGER_STAGE,
    MAIN,
    NOT_APPLICABLE,
)
from parlib.sources.workbooks.form_structure import Structure
from parlib.words import Bilingual, Message

if TYPE_CHECKING:
    from parlib.sources.rounds import Round

SHOWN_TOLERANCE = 1.5e-9  # between the points that Excel shows and ours: both are rounded to 9 decimals

Entry = dict[str, Any]


class FormValues(FormCells):
    """Reads the rows of one form. ``missing`` are the leaves still open."""

    def __init__(
        self, structure: Structure, round_: Round, unit: str, standing: Standing, shown: Mapping[int, Any]
    ) -> None:
        super().__init__(structure)
        self.round, self.unit, self.kind = round_, unit, structure.kind
        self.shown = shown  # the points that the form showed when it was saved, by row
        self.own = standing.stage(unit, "self")
        self.judged = standing.stage(unit, "appraisal") if self.kind in ("appeal", "conclusion") else {}
        self.earlier = standing.filled(unit, self.kind)
        self.missing: list[str] = []

    def read(self, by: str) -> list[Entry]:
        """The rows for the ledger. What is wrong is in ``problems``."""
        if not self.structure.readable:
            return []
        who = self.unit if self.kind in BY_UNIT else by.strip() or COUNCIL
        entry = {"self": self._own_row, "appeal": self._claim_row}.get(self.kind, self._council_row)
        rows: list[Entry] = []
        for leaf in self.round.scheme.leaves:
            if leaf.code not in self.structure.rows:
                continue
            if not self.structure.is_open(leaf.code):
                self.closed(leaf)
                continue
            filled = self.filled(leaf)
            row = entry(filled) if filled is not None else None
            if filled is not None and row is not None:
                place = {"unit": self.unit, "code": leaf.code, "stage": LEDGER_STAGE[self.kind], "by": who, "at": ""}
                rows.append({**place, **row, "source_row": filled.row, "sheet": MAIN})
        return rows

    def note_newer(self, known: int) -> None:
        """Warn that the ledger holds rows of the unit that came after the form was issued."""
        ledger = self.round.ledger
        n = int(((ledger["row"] > known) & (ledger["unit"] == self.unit)).sum())
        if n:
            self.warnings.append(
                Problem(
                    "the ledger has {n} rows of the unit that came after the form was issued",
                    file=self.structure.file,
                    n=n,
                )
            )

    def _agrees(self, filled: Filled) -> None:
        """The points that the form showed are those that the answer earns."""
        node = filled.node
        assert node.rule is not None
        shown = self.shown.get(filled.row)
        if not filled.typed or not isinstance(shown, (int, float)) or isinstance(shown, bool):
            return
        maximum = math.nan if node.maximum is None else node.maximum
        earned = float(node.rule.points([encode(node.rule, filled.answer)], maximum)[0])
        if abs(float(shown) - earned) > SHOWN_TOLERANCE:
            was, due = number(float(shown), "vi"), number(earned, "vi")
            self.bad(
                node,
                "points",
                Message(
                    "the form shows {was} points, the answer earns {due}: a changed or stale formula",
                    {"was": Bilingual(f"{was}", f"{shown:g}"), "due": Bilingual(f"{due}", f"{earned:g}")},
                ),
                shown,
            )

    # --- the self-assessment ------------------------------------------------------------------

    def _own_row(self, filled: Filled) -> Entry | None:
        node = filled.node
        if filled.spared and not filled.blank:
            self.bad(
                node,
                "not_applicable",
                Message(
                    "with “{not_applicable}” no answer is entered; remove one of the two",
                    {"not_applicable": NOT_APPLICABLE},
                ),
                NOT_APPLICABLE,
            )
            return None
        if filled.blank and not filled.spared:
            self._still_open(filled)
            return None
        if filled.spared and not filled.remark:
            self.warn(node, "remark", NO_REASON)
        if not filled.spared and not filled.evidence:
            self.warn(node, "evidence", NO_EVIDENCE)
        self._look_twice(filled)
        self._agrees(filled)
        return _entry(filled.text, None, filled.spared, filled.evidence, filled.remark)

    def _still_open(self, filled: Filled) -> None:
        """A leaf left blank: not known, never 0; what the ledger holds stays."""
        node = filled.node
        earlier = self.own.get(node.code, NOTHING)
        if earlier.stated:
            held = answer_words(node, earlier)
            self.warn(node, "answer", Message("blank; the earlier answer stays ({held})", {"held": held}))
            return
        self.missing.append(node.code)
        if filled.evidence or filled.remark:
            self.warn(
                node,
                "evidence" if filled.evidence else "remark",
                Message("evidence or an explanation without an answer; the row is not taken"),
                filled.evidence or filled.remark,
            )

    def _look_twice(self, filled: Filled) -> None:
        """Answers that are allowed, and often a slip."""
        node, answer = filled.node, filled.answer
        assert node.rule is not None
        if slip := likely_slip(node.rule, answer, node.maximum):
            self.warn(node, "answer", slip.message, answer)

    # --- the council --------------------------------------------------------------------------

    def _council_row(self, filled: Filled) -> Entry | None:
        """A decision of the council, at the appraisal or on an explanation."""
        node, decision = filled.node, filled.decision
        accept = ACCEPT if self.kind == "appraisal" else KEEP
        standing = (self.own if self.kind == "appraisal" else self.judged).get(node.code, NOTHING)
        if decision == "":
            self._undecided(filled)
        elif self._decided(filled, standing, accept):
            if decision == accept:
                points = None if math.isnan(standing.points) else standing.points
                return _entry(standing.answer, points, standing.not_applicable, "", filled.remark)
            if filled.given is None and decision == ADJUST:
                self._look_twice(filled)
                self._agrees(filled)
            return _entry(filled.text, filled.given, decision == NOT_APPLICABLE, "", filled.remark)
        return None

    def _undecided(self, filled: Filled) -> None:
        node = filled.node
        if not filled.blank or filled.given is not None or filled.remark:
            words = ", ".join(f"“{word}”" for word in DECISIONS[self.kind])
            self.bad(node, "decision", Message("no decision is chosen: {words}", {"words": words}))
        elif self.kind == "appraisal" and not self.earlier.get(node.code, NOTHING).stated:
            self.missing.append(node.code)

    def _decided(self, filled: Filled, standing: Said, accept: str) -> bool:
        """Whether the cells of a decision go together."""
        node, decision = filled.node, filled.decision
        filled_in = not filled.blank or filled.given is not None
        if decision != ADJUST and filled_in:
            key = "answer" if not filled.blank else "given"
            value = self.structure.cell(node.code, key).value
            self.bad(node, key, Message("“{decision}” leaves this cell empty", {"decision": decision}), value)
        elif decision == ADJUST and not filled_in:
            self.bad(node, "answer", Message("an adjustment needs an answer or points"))
        elif not filled.remark and decision != ACCEPT:
            self.bad(node, "remark", Message("“{decision}” needs a reason", {"decision": decision}))
        else:
            return decision != accept or self._stands(node, standing, accept)
        return False

    def _stands(self, node: Any, standing: Said, accept: str) -> bool:
        """Whether there is something to accept or keep, and it is what the council saw."""
        key = "self_answer" if self.kind == "appraisal" else "council_answer"
        if not standing.stated:
            self.bad(node, "decision", Message("there is nothing to accept ({accept})", {"accept": accept}), accept)
            return False
        seen = plain_value(self.structure.cell(node.code, key).value) or ""
        now = plain_value(answer_words(node, standing)) or ""
        if seen != now:
            self.bad(
                node,
                key,
                Message(
                    "the ledger now says “{now}”: it changed after the form was issued, or the printed cell "
                    "was changed",
                    {"now": now},
                ),
                seen,
            )
        return seen == now

    # --- the explanation ----------------------------------------------------------------------

    def _claim_row(self, filled: Filled) -> Entry | None:
        """A unit's explanation. It decides nothing."""
        node = filled.node
        if filled.decision != EXPLAIN:
            if not filled.blank or filled.remark or filled.evidence:
                self.bad(
                    node,
                    "decision",
                    Message("something is entered; choose “{explain}”, or remove it", {"explain": EXPLAIN}),
                    filled.decision,
                )
            return None
        if not filled.remark:
            self.bad(node, "remark", Message("the explanation is missing"))
            return None
        self._look_twice(filled)
        self._agrees(filled)
        entry = _entry(filled.text, None, False, filled.evidence, filled.remark)
        earlier = self.earlier.get(node.code, NOTHING)
        # The council's decision may stand between: said again, the explanation would be new to the ledger.
        same = (earlier.answer, earlier.evidence, earlier.remark) == (filled.text, filled.evidence, filled.remark)
        return None if same else entry


def _entry(answer: str, points: float | None, spared: bool, evidence: str, remark: str) -> Entry:
    return {
        "answer": answer,
        "points": math.nan if points is None else points,
        "not_applicable": spared,
        "evidence": evidence,
        "remark": remark,
    }
