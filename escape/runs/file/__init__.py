"""Runs and answers as files: written line by line so that nothing paid for is lost.

In: a path or an upload. Out: a `Run`, or a FileError that says what is wrong with the file and what to do.
"""

from escape.runs.file.growing import GrowingRun
from escape.runs.file.jsonl import RunFile, load, loads, published
from escape.runs.file.pasted import AnswerLine, answer_lines, answers_from, find_likely_puzzle
from escape.runs.file.safe import HeldFile, Output, check_apart, replacing_file
