"""What was measured, as lines of one table."""

from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement. ``goal`` is what the project aims at ("" where none was set)."""

    id: str
    what: str
    value: str
    goal: str = ""


@dataclass(slots=True)
class Table:
    """Lines in the order in which they were measured; progress goes to the screen at once."""

    lines: list[Line] = field(default_factory=list)

    def add(self, id: str, what: str, value: str, goal: str = "") -> None:
        """Note a measurement and show it."""
        line = Line(id, what, value, goal)
        self.lines.append(line)
        print(f"  {line.id:4} {line.what}: {line.value}", flush=True)

    def show(self) -> None:
        """Print everything, aligned."""
        widths = [
            max(len(str(getattr(line, name))) for line in self.lines) for name in ("id", "what", "value")
        ]
        print()
        for line in self.lines:
            goal = f"  goal {line.goal}" if line.goal else ""
            print(f"{line.id:{widths[0]}}  {line.what:{widths[1]}}  {line.value:{widths[2]}}{goal}")


def spread(values: list[float], form: str = ",.0f") -> str:
    """Median with the least and the greatest."""
    if not values:
        return "not measured"
    if len(values) == 1:
        return format(values[0], form)
    return f"{median(values):{form}} ({min(values):{form}}–{max(values):{form}})"


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]
