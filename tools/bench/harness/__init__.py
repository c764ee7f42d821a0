"""What measurements share: servers in their own processes, a visitor of the page, kernel counts.

`mock` answers single questions and `talk` holds conversations; both fail as they are told.
"""

from tools.bench.harness.processes import (
    FIVE,
    KEYS,
    ROOMS,
    ROOT,
    Measured,
    begin,
    cpu_s,
    escape,
    free_port,
    measured,
    mock,
    one_address,
    page,
    peak_mb,
    process,
    seat,
    stats,
    talk,
    within,
)
from tools.bench.harness.visitor import Visitor
