"""The apparatuses, by name: a further one is a file and a line here."""

from escape.environments.laboratories.apparatus.cup import Cup
from escape.environments.laboratories.apparatus.kind import Apparatus, At, Choice, Disturbance, Knob, Strengths
from escape.environments.laboratories.apparatus.pendulum import Pendulum
from escape.environments.laboratories.apparatus.wire import Wire

APPARATUSES: dict[str, Apparatus] = {a.name: a for a in (Pendulum(), Cup(), Wire())}
