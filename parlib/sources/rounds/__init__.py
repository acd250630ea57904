"""One assessment round on disk: its plan, the append-only ledger of answers, the stages, status, and its scoring.

A round is a folder ``data/rounds/<id>/``: ``round.yaml`` (the plan), ``answers.csv`` (the ledger), ``imports.csv``
(where its rows came from), ``survey.parquet``, ``external.csv`` and ``questions.csv``. Nothing is overwritten: a
correction is a later row, and what held at any date can be told.
"""

from parlib.sources.rounds.exchange import (
    read_plan_book,
    read_questions_book,
    replace_plan,
    write_external_book,
    write_plan_book,
    write_questions_book,
)
from parlib.sources.rounds.intake import (
    ColumnMapping,
    chosen_files,
    read_answers,
    read_column_mapping,
    read_external_csv,
    stage_named,
)
from parlib.sources.rounds.ledger import account, drawn, locked, operator, share_text, shown_answer, who
from parlib.sources.rounds.opening import (
    Batch,
    Receipt,
    Round,
    append,
    append_all,
    append_external,
    append_incoming,
    ask,
    batch_of,
    create_round,
    open_for_reading,
    open_round,
    reply,
    requests_of_others,
    round_folder,
    round_ids,
    rule_words,
    state,
    trace,
    try_all,
    undecided,
)
from parlib.sources.rounds.plan import (
    Exemption,
    RoundPlan,
    Step,
    chosen_units,
    make_plan,
    parse_time,
    read_plan,
    steps_between,
    usual_survey,
)
from parlib.sources.rounds.reporting import (
    NO_ROUND,
    STATUS_WORDS,
    accept_changes,
    describe_status,
    plans,
    reopen,
    status,
    timetable,
    where_units_stand,
)
from parlib.sources.rounds.review import (
    cautions,
    changes,
    checked_evidence,
    disagreements,
    finish,
    imports_table,
    keep_received,
    lacks,
    missing,
    new_rows,
    open_questions,
    store_evidence,
    to_do,
    undecided_disagreements,
    undecided_note,
    undo,
)
from parlib.sources.rounds.scores import csv_text, results, scorecard, scorecards, trace_table, write_scores
from parlib.sources.rounds.surveyed import drop_unused, store_survey, survey_problems, thin_units
from parlib.sources.rounds.wording import MARK_WORDS, WORDS, worded
