"""One denoising step of a Stable-Diffusion-size U-Net with random weights, timed; needs torch and diffusers.

How long a step takes depends on the shapes alone, not on what the weights say, so nothing is downloaded.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from diffusers import UNet2DConditionModel

GUIDANCE_SCALE = 7.5
"""Weight of the prompt in classifier-free guidance, the usual one."""

PRECISIONS = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
"""Number formats by name."""


@dataclass(frozen=True)
class Size:
    """Shape of the network and of its input.

    Attributes
    ----------
    model : str
        What the device table calls it.
    pixels : int
        Width of the square image; the latent has an eighth of it.
    prompt_width : int
        Width of a token's embedding.
    options : Mapping
        Further options of ``UNet2DConditionModel``; Stable Diffusion 1.x is what diffusers makes without any.
    """

    model: str
    pixels: int
    prompt_width: int
    options: Mapping[str, Any] = field(default_factory=dict)


SIZES = {
    "sd15": Size("SD 1.5 U-Net, random weights", pixels=512, prompt_width=768),
    "tiny": Size(
        "tiny U-Net, random weights",
        pixels=128,
        prompt_width=32,
        options={
            "block_out_channels": (32, 64),
            "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
            "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
            "layers_per_block": 1,
        },
    ),
}
"""Networks by name; ``tiny`` says nothing about a device and is there to try the program."""

_PROMPT_TOKENS = 77
_LATENT_CHANNELS = 4


class DenoisingStep:
    """The step of a batch of images, ready to be timed.

    Parameters
    ----------
    size : Size
        The network.
    device : str
        ``cpu`` or ``cuda``.
    precision : str
        Name in :data:`PRECISIONS`.
    guidance : bool
        Whether every image goes through the U-Net twice, with and without its prompt, as Stable Diffusion does.
    """

    def __init__(self, size: Size, device: str, precision: str, *, guidance: bool) -> None:
        torch.manual_seed(0)
        self.size, self.device, self.guidance = size, device, guidance
        self.dtype = PRECISIONS[precision]
        with torch.device(device):
            # diffusers' own to() warns of modules to be kept in float32, of which this network has none.
            self.unet = torch.nn.Module.to(build(size), self.dtype).eval()

    @torch.inference_mode()  # type: ignore[untyped-decorator,unused-ignore]
    def seconds(self, batch: int) -> float:
        """Return time of one step of ``batch`` images [s], including the guidance and the update of the latents.

        Raises
        ------
        RuntimeError
            If the batch does not fit in the memory of the GPU or the processor.
        """
        copies = 2 if self.guidance else 1
        width = self.size.pixels // 8
        latent = self._random(batch, _LATENT_CHANNELS, width, width)
        prompt = self._random(copies * batch, _PROMPT_TOKENS, self.size.prompt_width)
        self._wait()
        start = time.perf_counter()
        noise = self.unet(torch.cat([latent] * copies), 500, encoder_hidden_states=prompt).sample
        if self.guidance:
            without, with_prompt = noise.chunk(2)
            noise = without + GUIDANCE_SCALE * (with_prompt - without)
        latent.mul_(0.99).sub_(noise, alpha=0.1)
        self._wait()
        return time.perf_counter() - start

    def _random(self, *shape: int) -> Any:
        return torch.randn(*shape, device=self.device, dtype=self.dtype)

    def _wait(self) -> None:
        """Wait until the GPU has done all that it was given."""
        if self.device == "cuda":
            torch.cuda.synchronize()


def build(size: Size) -> Any:
    """Return the network, on the current default device of torch."""
    return UNet2DConditionModel(
        sample_size=size.pixels // 8, cross_attention_dim=size.prompt_width, attention_head_dim=8, **size.options
    )


def device_name(device: str) -> str:
    """Return what the device calls itself."""
    if device == "cuda":
        return str(torch.cuda.get_device_name())
    return f"CPU ({torch.get_num_threads()} threads)"
