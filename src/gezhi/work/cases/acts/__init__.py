"""The acts of the loop: their names in words and what each must be told.

An act's inputs are declared once; the console's and the phone's forms, the API and the checks all come
from this declaration. Which act is possible when, and for whom, is said by table.py alone.
"""

from collections.abc import Mapping

from gezhi.work.cases.acts import intake, requests, result, work
from gezhi.work.cases.acts.declare import LEVELS, Act, Choices, Input

__all__ = ["ACTS", "LEVELS", "Act", "Choices", "Input"]

ACTS: Mapping[str, Act] = {act.code: act for act in (*intake.ACTS, *work.ACTS, *requests.ACTS, *result.ACTS)}
