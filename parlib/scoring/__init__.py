"""The small module: units, sets of criteria, rules, answers to points to indices to ranks. Start here.

Read in this order: ``units`` (who is scored), ``scheme`` (the tree of criteria, and what is wrong with one;
``parlib.decisions`` has what is published of each year's), ``rules`` (how an answer earns points), ``answers`` (how
people write them), ``scorecard`` (points of all nodes), ``results`` (what a year holds), ``printed`` (what of
it is printed), ``settled`` (what that settles) and ``ranking`` (ranks, bands, gaps). It needs numpy, pandas, pydantic
and yaml alone.
"""
