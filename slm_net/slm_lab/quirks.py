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
        "nets.Convolutions.get_conv_output_size",
    ),
    Quirk(
        "init-by-class-name",
        (4, 5),
        "init_fn fills what is called Linear, Conv or GRU, by the name of its class: layers of one's own too, LSTM and "
        "RNN not.",
        "net_util.layers.fill_layers",
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
        (4,),
        "An input whose steps are not seq_len is cut anew into sequences of seq_len, across the samples of the batch.",
        "nets.LastHidden.features",
    ),
    Quirk(
        "states-repeat",
        (5,),
        "RecurrentNet is built on single states (in_dim is an int), and sees each of them seq_len times in a row.",
        "nets.LastHidden.features",
    ),
    Quirk(
        "contiguous-images",
        (4, 5),
        "Images whose memory is in another order, channels last, are an error.",
        "nets.Convolutions.convolved",
    ),
    Quirk(
        "no-fc-model",
        (4, 5),
        "Without fc_hid_layers a net has no attribute fc_model (4), or it is None (5).",
        "nets.NoDense",
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
        "unread-keys",
        (4, 5),
        "A key that the class does not read does nothing: batch_norm of MLPNet in version 4, actor_init_std of "
        "RecurrentNet in 5, dropout in both.",
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
        "eps-before-bias-correction",
        (4, 5),
        "GlobalAdam, and version 4's RAdam, add eps to the second average before its bias is corrected.",
        "net_util.optimizers.LabAdam",
    ),
    Quirk(
        "synced-gradients-pile-up",
        (4, 5),
        "With a global net, zero_grad of its optimizer drops the global net's gradients, which on torch 2 leaves the "
        "local ones: those of all updates so far are added up.",
        "nets.update",
    ),
    Quirk(
        "spectral-norm-counts-tails",
        (5,),
        "The last Linear layer but one gets the spectral norm, which is an output if there are several.",
        "net_util.layers.apply_spectral_norm_penultimate",
    ),
    Quirk(
        "unused-modules-draw",
        (5,),
        "The modules of an arc that its graph does not call are made and dropped: random numbers are drawn for them.",
        "nets.ArcOfTorcharc",
    ),
    Quirk(
        "softmax-guesses-its-dimension",
        (5,),
        "Softmax, LogSoftmax and Softmin in an arc without dim work over dimension 1, of three dimensions over 0.",
        "nets.ArcOfTorcharc",
    ),
    Quirk(
        "first-of-several",
        (5,),
        "Of several outputs of an arc the tails see the first; the layers of the others never learn.",
        "nets.ArcOfTorcharc.flattened",
    ),
    Quirk(
        "contiguous-features",
        (5,),
        "An output of an arc whose memory is in another order, as a GRU makes it, is an error from a batch of two on.",
        "nets.ArcOfTorcharc.flattened",
    ),
    Quirk(
        "radam-decoupled-decay", (4,), 'weight_decay of "RAdam" is decoupled, as in AdamW.', "net_util.optimizers.RAdam"
    ),
    Quirk(
        "polyak-without-buffers",
        (4, 5),
        "polyak_update moves parameters only, no batch-norm statistics.",
        "net_util.weights.polyak_update_v5",
    ),
)

#: The quirks by name.
QUIRKS = {quirk.name: quirk for quirk in _QUIRKS}
