"""What leaves the layers of a net while it is called."""

import torch


def outputs_of(layers, call):
    """Each of these layers as it is called, with what it gave."""
    seen = []
    hooks = [layer.register_forward_hook(lambda layer, _, output: seen.append((layer, output))) for layer in layers]
    with torch.no_grad():
        call()
    for hook in hooks:
        hook.remove()
    return seen


def numbers(output):
    """How many numbers there are in a tensor, or in several."""
    return output.numel() if isinstance(output, torch.Tensor) else sum(map(numbers, output or ()))
