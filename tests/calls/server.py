"""A server with a limit, in simulated time."""

import random
from dataclasses import dataclass, field


@dataclass
class Server:
    """A bucket, or with `window` so many calls in each so many seconds; refuses a share by chance besides."""

    rate: float
    burst: float = 1.0
    window: tuple[int, float] | None = None
    by_chance: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(3))
    _filled: float = 0.0
    _level: float = -1.0
    _began: float = 0.0
    _used: int = 0
    served: list[float] = field(default_factory=list)

    def refusal(self, now: float) -> float | None:
        """Seconds until a call would be let through; None if this one is."""
        lucky, wait = self.chance.random() >= self.by_chance, 0.0
        if self.window:
            most, seconds = self.window
            if now - self._began >= seconds:
                self._began, self._used = self._began + seconds * ((now - self._began) // seconds), 0
            wait = self._began + seconds - now if self._used >= most else 0.0
            self._used += wait == 0 and lucky
        else:
            level = self.burst if self._level < 0 else self._level
            self._level = min(self.burst, level + max(0.0, now - self._filled) * self.rate)
            self._filled = max(self._filled, now)
            wait = (1 - self._level) / self.rate if self._level < 1 - 1e-9 else 0.0
            self._level -= wait == 0 and lucky
        if wait == 0 and lucky:
            self.served.append(now)
            return None
        return max(wait, 1e-6)
