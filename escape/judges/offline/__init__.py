"""The offline judge: words, stems, a thesaurus and fitted weights. Nothing outside this folder knows how it reads."""

from escape.judges.offline.rubric import VERSION, Rubric

__all__ = ["VERSION", "Rubric"]
