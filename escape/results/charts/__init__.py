"""Pictures of a run's tables. A chart is one function and one entry in `CHARTS`.

In: a table. Out: a Plotly figure, whose colours come from the page's theme. Shapes repeat what colour shows, for those
who cannot tell colours apart.
"""

from escape.results.charts.drawing import MAX_ROWS
from escape.results.charts.registry import CHARTS
