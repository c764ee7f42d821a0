"""The offline judge: words, stems, a thesaurus and fitted weights. Nothing outside this folder knows how it reads."""

from escape.judges.offline.rubric import Rubric

__all__ = ["Rubric"]
