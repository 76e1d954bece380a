"""Opens models for training and for use, with or without an adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from edge_llm.train.settings import TrainSettings

ADAPTER = "adapter_config.json"


def pick_device(name: str) -> torch.device:
    """`auto`, `cpu` or `cuda`. Raises ValueError for `cuda` where there is none."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("--device cuda: torch finds no GPU here; check the driver or use cpu")
    return torch.device(name)


def open_model(directory: Path, **options: Any) -> Any:
    """A causal language model in fp32, on the CPU."""
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    # A bar for every model opened would drown the run's own.
    logging.disable_progress_bar()
    return AutoModelForCausalLM.from_pretrained(
        str(directory), **{"dtype": torch.float32, "attn_implementation": "sdpa", **options}
    )


def open_for_training(start: Path, settings: TrainSettings, markers: list[int]) -> Any:
    """The model with what `settings.method` trains set to be trained.

    Raises ValueError where 4-bit training is not possible.
    """
    if settings.method == "full":
        return open_model(start)
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

    if settings.method == "qlora":
        model = prepare_model_for_kbit_training(
            open_model(start, **_four_bits()), use_gradient_checkpointing=False
        )
    else:
        model = open_model(start)
    torch.manual_seed(settings.seed)
    return get_peft_model(
        model,
        LoraConfig(
            r=settings.lora_rank,
            lora_alpha=settings.lora_alpha,
            lora_dropout=settings.lora_dropout,
            target_modules="all-linear",
            # The markers' embeddings mean nothing yet, so an adapter has to learn them too.
            trainable_token_indices=markers or None,
            task_type="CAUSAL_LM",
        ),
    )


def _four_bits() -> dict[str, Any]:
    import importlib.util

    if not torch.cuda.is_available():
        raise ValueError("--method qlora needs a CUDA GPU; use --method lora here")
    if not importlib.util.find_spec("bitsandbytes"):
        raise ValueError(
            "--method qlora needs bitsandbytes; run with `uv run --group train --group qlora`"
        )
    from transformers import BitsAndBytesConfig

    return {
        "dtype": torch.bfloat16,
        "device_map": {"": torch.cuda.current_device()},
        "quantization_config": BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        ),
    }


def open_trained(start: Path, checkpoint: Path, *, interpolate: float = 0.0) -> Any:
    """What training made: whole weights, or an adapter beside the weights it was made for.

    `interpolate` goes that share of the way back towards `start`, with the adapter merged.
    Raises FileNotFoundError where there is no checkpoint.
    """
    if not is_checkpoint(checkpoint):
        raise FileNotFoundError(f"{checkpoint} holds no model; run `edge-llm train` first")
    if not (checkpoint / ADAPTER).is_file():
        model = open_model(checkpoint)
    else:
        from peft import PeftModel

        model = PeftModel.from_pretrained(open_model(start), str(checkpoint))
        if interpolate:
            model = model.merge_and_unload()
    if interpolate:
        _towards(model, open_model(start), interpolate)
    return model


def to_bf16(model: Any) -> Any:
    """The model itself, with weights of 16 bits.

    `model.to` would round the frequencies of the rotary embedding too, and with them the
    angle of every later position.
    """
    for weight in model.parameters():
        weight.data = weight.data.to(torch.bfloat16)
    return model


def is_checkpoint(directory: Path) -> bool:
    return any((directory / name).is_file() for name in (ADAPTER, "model.safetensors"))


@torch.no_grad()
def _towards(model: Any, other: Any, share: float) -> None:
    others = dict(other.named_parameters())
    for name, weight in model.named_parameters():
        weight.lerp_(others[name], share)
