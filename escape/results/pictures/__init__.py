"""Pictures that the page and the report draw alike, without a chart library.

In: a `Run`. Out: HTML or SVG as text, with names for those who cannot see it.
"""

from escape.results.pictures import doors
