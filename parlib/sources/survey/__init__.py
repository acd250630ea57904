"""Survey answers -> shares with standard errors: leaders' survey and SIPAS, from a hundred forms to a hundred million.

    survey = open_survey("survey.parquet")
    table = tabulate(survey, questions(scheme), units=units)
    table.groups, table.units, table.handover()

Everything is written once as Ibis expressions: DuckDB inside this process runs them by default, a Spark session where
``open_survey(..., engine="spark://host:7077")`` asks for one.
"""

from parlib.sources.questions import Question, questionnaire, questions
from parlib.sources.survey.quality import Limits, Quality, quality
from parlib.sources.survey.reading import Engine, Survey, open_survey
from parlib.sources.survey.suppress import suppress, suppressed
from parlib.sources.survey.tabulate import Design, cluster_totals, node_points, tabulate
