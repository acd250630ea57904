"""How sure is a ranking: what choices of method, and what chance in the survey, leave of it.

Every function takes a Scorecard, a Results or a PointTree (``point_tree``, ``from_arrays``) and gives tidy frames. Each
interval says in its column ``source`` what it is about, and no interval mixes two of them:

"method"     choices that could have been others: weights, aggregation, criteria left out (``weights``, ``methods``,
             ``removal``, ``choices``)
"sampling"   chance in who was asked: survey errors, rank confidence sets, tiers (``sampling``, ``rank_sets``,
             ``intervals``)
"appraisal"  judgement on contested points (``appraisal``)

Units with unknown points stay in every table, unranked, and are counted. A random method takes a seed; the same seed
gives the same bytes.
"""

from parlib.analysis.robustness.audit import alphas, cronbach_alpha, effective_weights, parent_correlations
from parlib.analysis.robustness.draws import RankStudy, SurveyError, carry_errors, cluster_totals, survey_error
from parlib.analysis.robustness.methods import (
    Method,
    WeightDirichlet,
    WeightRange,
    compare_methods,
    contested_points,
    leave_out,
    method_index,
    removal_effects,
    vary_appraisal,
    vary_weights,
)
from parlib.analysis.robustness.rank_sets import (
    RankSets,
    error_range_from_change,
    errors_from_change,
    pairwise_factor,
    pairwise_intervals,
    rank_confidence_sets,
    tiers,
)
from parlib.analysis.robustness.sensitivity import (
    Choice,
    Continuous,
    Sensitivity,
    factors_of,
    index_sensitivity,
    sobol_indices,
)
from parlib.analysis.robustness.tree import PointTree, from_arrays, point_tree
