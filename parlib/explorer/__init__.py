"""Exploring without code: ``parlib.explore()`` is a page of widgets over ``parlib.year()`` and ``parlib.chart``.

``views`` declares what can be looked at and the lines of code behind it, ``shown`` makes HTML of their answers,
``page`` puts the widgets together, ``front.js`` draws what the browser needs. All numbers are those of the lines.
Two pages more are made of the same parts: ``what_if`` (``parlib.what_if()``) and ``desk`` (``parlib.round_desk()``).
"""
