"""The small module: units, sets of criteria, rules, answers to points to indices to ranks. Start here.

Read in this order: ``units`` (who is scored), ``scheme`` (the tree of criteria, and what is wrong with one;
``parlib.data_tables`` has what is published of each year's), ``rules`` (how an answer earns points, and how people
write answers), ``scorecard`` (points of all nodes), ``results`` (what a year holds) and ``ranking`` (what of it is
printed, what that settles, and ranks, bands, gaps). It needs numpy, pandas, pydantic and yaml alone.
"""
