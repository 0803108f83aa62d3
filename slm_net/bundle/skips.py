"""The updates of a net that were left out, and what follows from that: counts, warnings, an error in the end."""

from __future__ import annotations

import warnings
from collections import deque
from math import isfinite
from typing import Any, NamedTuple

import torch
from torch import Tensor

from slm_net.training import LRSchedule

#: How many gradient norms the last error tells.
NORMS_TOLD = 5


class _Sent(NamedTuple):
    """What an accelerator decided about an update, on its way to the host; and where the schedule stood before it."""

    flags: Tensor
    arrival: Any
    schedule: LRSchedule
    before: Any
    frame: int | None

    @property
    def arrived(self) -> bool:
        return self.arrival is not None and self.arrival.query()


class Skips:
    """How many updates were skipped, in all (`count`) and up to now without a good one in between (`in_a_row`).

    On an accelerator it is decided there whether an update is made. The host goes on without waiting, and is told by
    `settle`: what has arrived by then, or all of it. `whose` stands before what is said.
    """

    def __init__(self, whose: str = "") -> None:
        self.whose = whose
        self.count = 0
        self.in_a_row = 0
        self._norms: deque[float] = deque(maxlen=NORMS_TOLD)
        self._sent: deque[_Sent] = deque()
        #: Skips in all, in a row, and the last loss and norm, of the steps of a CUDA graph, which no host sees.
        self._replayed: Tensor | None = None
        self._replays_known = 0

    def good(self) -> None:
        """Note an update that was made."""
        self.in_a_row = 0

    def bad(self, loss: float, norm: float, most: int, quiet: bool = False) -> None:
        """Note an update that was left out, and warn of it at the 1st, 10th, 100th, ... time, if it is not `quiet`.

        Raises:
            FloatingPointError: it is the last of `most` in a row.
        """
        self.count += 1
        self.in_a_row += 1
        self._norms.append(norm)
        if self.in_a_row >= most:
            norms = ", ".join(f"{norm:g}" for norm in self._norms)
            raise FloatingPointError(
                f"{self.whose}{self.in_a_row:,} updates in a row were not finite (loss {loss:g}, "
                f"last gradient norms {norms}): "
                "lower the learning rate, clip gradients, or look at observations and targets; the weights are those "
                "of the last good update"
            )
        if not quiet and str(self.count).strip("0") == "1":  # 1, 10, 100, ...
            what = f"{self.whose}update not finite (loss {loss:g}, gradient norm {norm:g})"
            times = f"skipped {self.count:,} time{'s' * (self.count > 1)}"
            warnings.warn(f"{what}, {times}: weights unchanged", RuntimeWarning, stacklevel=5)

    def later(self, flags: Tensor, schedule: LRSchedule, frame: int | None) -> None:
        """Have the `flags` of an update (skipped or not, its loss, its norm) sent to the host."""
        if self._replayed is None:
            self._replayed = torch.zeros(4, device=flags.device)
        if captured(flags):
            bad, known = flags[0], self._replayed
            known.copy_(torch.stack([known[0] + bad, (known[1] + bad) * bad, flags[1], flags[2]]))
            return
        self.on_its_way(*to_host(flags), schedule, frame)

    def on_its_way(self, flags: Tensor, arrival: Any, schedule: LRSchedule, frame: int | None) -> None:
        """Expect the `flags` of an update from `to_host`."""
        self._sent.append(_Sent(flags, arrival, schedule, schedule.where(), frame))

    def settle(self, most: int, *, scaled: bool, wait: bool = False) -> None:
        """Note the updates that the host has been told of, or all of them if it is to `wait`; late schedules go back.

        Where the loss is `scaled`, gradients that are not finite are no news.

        Raises:
            FloatingPointError: the last of `most` in a row was skipped.
        """
        while self._sent and (wait or self._sent[0].arrived or len(self._sent) >= most):
            if self._sent[0].arrival is not None:
                self._sent[0].arrival.synchronize()
            step = self._sent.popleft()
            bad, loss, norm = step.flags.tolist()
            if bad:
                self._set_back(step)
                self.bad(loss, norm, most, quiet=scaled and isfinite(loss))
            else:
                self.good()
        if wait and self._replayed is not None:
            self._settle_replays(most)

    def load(self, count: int) -> None:
        """Take the count of a saved net; nothing is on its way any more."""
        self.__init__(self.whose)  # type: ignore[misc]
        self.count = count

    def _set_back(self, step: _Sent) -> None:
        """The schedule as it is without this update, but with those that came after it."""
        step.schedule.go_back(step.before)
        for index, later in enumerate(self._sent):
            self._sent[index] = later._replace(before=later.schedule.where())
            later.schedule.step(frame=later.frame)

    def _settle_replays(self, most: int) -> None:
        skipped, in_a_row, loss, norm = self._replayed.tolist()  # type: ignore[union-attr]
        new, self._replays_known = int(skipped) - self._replays_known, int(skipped)
        if new:
            self.count += new - 1
            self.in_a_row = int(in_a_row) - 1
            self.bad(loss, norm, most)


def to_host(flags: Tensor) -> tuple[Tensor, Any]:
    """A copy on the CPU that nobody waits for, and what knows whether it has arrived; None where nothing can be asked.

    torch pins the memory of such a copy.
    """
    sent, arrival = flags.to("cpu", non_blocking=True), None
    if flags.device.type == "cuda" and torch.cuda.is_available():
        arrival = torch.cuda.Event()
        arrival.record()
    return sent, arrival


def captured(flags: Tensor) -> bool:
    """Whether the step is being recorded as a CUDA graph, not made."""
    return flags.device.type == "cuda" and torch.cuda.is_available() and torch.cuda.is_current_stream_capturing()
