"""Loss in bursts: the Gilbert-Elliott model."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from link.units import ConditionError, within


@dataclass(frozen=True)
class Gilbert:
    """The Gilbert-Elliott model: a good and a bad state, changing from packet to packet.

    All are probabilities (0 to 1): of going from good to bad, of going back, and of loss in either state.
    Source: E. N. Gilbert 1960, E. O. Elliott 1963; names as in netem's `gemodel p r 1-h 1-k`.
    """

    enter: float
    leave: float
    loss_bad: float = 1.0
    loss_good: float = 0.0

    def __post_init__(self) -> None:
        for name, value in dataclasses.asdict(self).items():
            within(
                value,
                0,
                1,
                f"{name} of the Gilbert model is {value:g}, no probability; write 0% to 100%",
            )
        if not self.enter or not self.leave:
            raise ConditionError(
                "a Gilbert model must enter and leave its bad state; give two chances above 0%, or use --loss"
            )

    @classmethod
    def of(cls, loss: float, burst: float) -> Gilbert:
        """The model that loses this fraction of packets in bursts of this many packets on average."""
        if not 0 < loss < 1:
            raise ConditionError("--burst needs a loss between 0% and 100%, such as --loss 2% --burst 5")
        if not 1 / (1 - loss) < burst <= 10_000:
            raise ConditionError(
                f"bursts of {burst:g} packets at this loss are no bursts; write --burst between 2 and 10000"
            )
        return cls(enter=loss / (1 - loss) / burst, leave=1 / burst)

    @property
    def bad_share(self) -> float:
        """The share of packets that meet the bad state."""
        return self.enter / (self.enter + self.leave)

    @property
    def mean(self) -> float:
        """The share of packets lost in the long run."""
        return self.bad_share * self.loss_bad + (1 - self.bad_share) * self.loss_good
