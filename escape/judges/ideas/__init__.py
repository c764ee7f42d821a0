"""The offline judge: words, stems and a thesaurus. Nothing outside this folder knows how it reads.

In: a puzzle and an answer's text. Out: a `Verdict` whose checklist says which ideas the answer speaks of.
"""

from escape.judges.ideas.rubric import VERSION, Rubric
