"""One assessment round on disk: its plan, the append-only ledger of answers, the stages, status, and its scoring.

A round is a folder ``data/rounds/<id>/``: ``round.yaml`` (the plan), ``answers.csv`` (the ledger), ``imports.csv``
(where its rows came from), ``survey.parquet``, ``external.csv`` and ``questions.csv``. Nothing is overwritten: a
correction is a later row, and what held at any date can be told.
"""

from parlib.sources.rounds.appending import (
    Batch,
    Receipt,
    append,
    append_all,
    append_external,
    append_incoming,
    ask,
    batch_of,
    reply,
)
from parlib.sources.rounds.external import read_external_csv
from parlib.sources.rounds.intake import ColumnMapping, Incoming, read_answers, read_column_mapping, stage_named
from parlib.sources.rounds.ledger import sha256 as file_sha256
from parlib.sources.rounds.opening import Round, create_round, open_for_reading, open_round, round_folder, round_ids
from parlib.sources.rounds.plan import (
    Event,
    Exemption,
    RoundPlan,
    Step,
    SurveyDesign,
    SurveyGroup,
    chosen_units,
    make_plan,
    read_plan,
)
from parlib.sources.rounds.scores import MARK_WORDS, csv_text, results, scorecard, scorecards, trace_table, write_scores
from parlib.sources.rounds.stages import requests_of_others, rule_words, state, trace, undecided
from parlib.sources.rounds.status import (
    STATUS_WORDS,
    accept_changes,
    describe_status,
    finish,
    reopen,
    status,
    timetable,
)
from parlib.sources.rounds.survey_answers import drop_unused, store_survey, survey_problems
from parlib.sources.rounds.surveyed import survey_shares, thin_units

__all__ = [
    "MARK_WORDS",
    "STATUS_WORDS",
    "Batch",
    "ColumnMapping",
    "Event",
    "Exemption",
    "Incoming",
    "Receipt",
    "Round",
    "RoundPlan",
    "Step",
    "SurveyDesign",
    "SurveyGroup",
    "accept_changes",
    "append",
    "append_all",
    "append_external",
    "append_incoming",
    "ask",
    "batch_of",
    "chosen_units",
    "create_round",
    "csv_text",
    "describe_status",
    "drop_unused",
    "file_sha256",
    "finish",
    "make_plan",
    "open_for_reading",
    "open_round",
    "read_answers",
    "read_column_mapping",
    "read_external_csv",
    "read_plan",
    "reopen",
    "reply",
    "requests_of_others",
    "results",
    "round_folder",
    "round_ids",
    "rule_words",
    "scorecard",
    "scorecards",
    "stage_named",
    "state",
    "status",
    "store_survey",
    "survey_problems",
    "survey_shares",
    "thin_units",
    "timetable",
    "trace",
    "trace_table",
    "undecided",
    "write_scores",
]
