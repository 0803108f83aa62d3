"""The optimizer and the schedule of a bundle in the form that Lightning asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slm_net.bundle.step import NO_OPTIMIZER
from slm_net.training import PlateauSchedule

if TYPE_CHECKING:
    from slm_net.bundle.net_bundle import NetBundle

MANUAL = "or train by hand: automatic_optimization = False, configure_optimizers(manual=True), and train_step"


def lightning_form(bundle: NetBundle, monitor: str, manual: bool) -> dict[str, Any]:
    """What `configure_optimizers` of a LightningModule returns; see `NetBundle.configure_optimizers`.

    Raises:
        ValueError: Lightning cannot train the net as its spec says, or it is not trained.
    """
    if bundle.optimizer is None:
        raise ValueError(NO_OPTIMIZER)
    if not manual:
        _refuse(bundle)
    form: dict[str, Any] = {"optimizer": bundle.optimizer}
    schedule = bundle.lr_scheduler
    if schedule.scheduler is not None:
        form["lr_scheduler"] = {"scheduler": schedule.scheduler, "interval": "step", "frequency": 1}
        if isinstance(schedule, PlateauSchedule) and not manual:
            form["lr_scheduler"]["monitor"] = monitor
    return form


def _refuse(bundle: NetBundle) -> None:
    """Refuse what Lightning's own loop would do otherwise."""
    if bundle.lr_scheduler.step_on == "frame":
        raise ValueError(
            'this learning rate follows frames ("step_on": "frame"), which Lightning does not count: '
            f'write "step_on": "update", {MANUAL}(loss, frame=...)'
        )
    if bundle.grad_scaler is not None:
        raise ValueError(
            'amp "fp16" scales the loss in train_step, which Lightning\'s own loop does not call: '
            f'write "amp": null and give Trainer(precision="16-mixed"), {MANUAL}'
        )
