"""Every deviation of SLM Lab that the drop-in reproduces, by name: what it does, in which version, and where it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quirk:
    """A deviation of SLM Lab from what its specs say. `versions` are SLM Lab's, `where` the code that reproduces it."""

    name: str
    versions: tuple[int, ...]
    what: str
    where: str


_QUIRKS = (
    Quirk(
        "size-probe",
        (4, 5),
        "The size behind the convolutions is measured with one image of ones in training mode, before init_fn: every "
        "batch norm begins with num_batches_tracked 1, running_var 0.9 and a shifted running_mean.",
        "nets.SizeProbe",
    ),
    Quirk(
        "init-skips-lstm-and-rnn",
        (4, 5),
        "init_fn reaches Linear, convolutions and GRU; LSTM and RNN keep torch's own weights.",
        "net_util.layers.INITIALISED",
    ),
    Quirk(
        "reverse-direction-only",
        (4, 5),
        "A bidirectional net reads the backward direction alone; the forward half gets no gradient.",
        "nets.LastHidden",
    ),
    Quirk(
        "lowercase-lstm-returns-cell-state",
        (4, 5),
        'With cell_type "lstm" (not "LSTM") the tails see the cell state of every layer, (layers, batch, units).',
        "nets.LastHidden",
    ),
    Quirk(
        "seq-len-reshapes",
        (4, 5),
        "An input whose steps are not seq_len is cut anew into sequences of seq_len, across the samples of the batch.",
        "nets.LastHidden",
    ),
    Quirk(
        "film-sigmoid",
        (4,),
        "FiLMQConvNet puts a sigmoid after its dense layers, scale and shift, whatever hid_layers_activation says.",
        "nets.FilmSigmoid",
    ),
    Quirk(
        "dueling-ignores-out-activation",
        (4, 5),
        "Dueling nets do not apply out_layer_activation.",
        "nets.PlainQValues",
    ),
    Quirk(
        "one-hydra-tail-for-all",
        (4, 5),
        "A single list of tail widths stands for all outputs.",
        "nets.RepeatedTail",
    ),
    Quirk(
        "unread-keys",
        (4, 5),
        "A key that the class does not read does nothing: batch_norm of MLPNet in version 4, dropout in both.",
        "specs.read_keys",
    ),
    Quirk("batch-norm-wins", (5,), "MLPNet with layer_norm and batch_norm has batch norm alone.", "specs.resolved"),
    Quirk(
        "log-std-only-for-pairs",
        (5,),
        "log_std_init is used if out_dim is [d, d] (also where that means two discrete actions), else ignored.",
        "net_util.layers.build_tails",
    ),
    Quirk(
        "init-std-first-and-last",
        (5,),
        "actor_init_std reaches the first and critic_init_std the last of several tails; a single tail gets neither.",
        "net_util.layers.init_tails",
    ),
    Quirk(
        "scheduler-before-optimizer",
        (4,),
        "train_step sets the learning rate for clock's frame before the optimizer step, whatever the unit was meant.",
        "v4.net.Net.train_step",
    ),
    Quirk(
        "negative-learning-rate",
        (4,),
        "LinearToZero falls below 0 after its last frame.",
        "net_util.optimizers.get_lr_scheduler_v4",
    ),
    Quirk("nan-steps", (4,), "A loss that is not finite is stepped on, and ends in weights of NaN.", "nets.update"),
    Quirk(
        "skipped-loss-is-1e-10",
        (5,),
        "A loss that is not finite is not stepped on, and train_step returns 1e-10 in its place.",
        "v5.net.Net.train_step",
    ),
    Quirk(
        "scheduler-is-the-algorithms",
        (5,),
        "train_step leaves the scheduler alone; the algorithm steps it once per training iteration.",
        "v5.net.Net.train_step",
    ),
    Quirk(
        "clip-takes-anything",
        (4, 5),
        "clip_grad_val 0 or false freezes training, a negative one climbs, true is 1.0.",
        "nets.update",
    ),
    Quirk(
        "radam-decoupled-decay", (4,), 'weight_decay of "RAdam" is decoupled, as in AdamW.', "net_util.optimizers.RAdam"
    ),
    Quirk(
        "polyak-without-buffers",
        (4, 5),
        "polyak_update moves parameters only, no batch-norm statistics.",
        "net_util.weights.polyak_update",
    ),
)

#: The quirks by name.
QUIRKS = {quirk.name: quirk for quirk in _QUIRKS}
