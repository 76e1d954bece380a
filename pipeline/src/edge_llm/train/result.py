"""What a finished run leaves: weights or an adapter, and how they were made."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from edge_llm.tokenizer_files import write_json
from edge_llm.train.settings import TrainSettings

TRAINING = "training.json"
COPIED = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "LICENSE",
    "NOTICE",
)


def save_result(
    model: Any, start: Path, out: Path, settings: TrainSettings, steps: int, seconds: float
) -> None:
    """Writes the checkpoint into `out`; whole weights get the base's other files too."""
    import torch
    import transformers

    for old in ("model.safetensors", "adapter_model.safetensors", "adapter_config.json"):
        (out / old).unlink(missing_ok=True)
    if settings.method == "full":
        save_model(model, start, out)
    else:
        model.save_pretrained(str(out))
    write_json(
        out / TRAINING,
        {
            "settings": settings.to_json(),
            "steps": steps,
            "seconds": round(seconds, 1),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        },
    )


def save_model(model: Any, start: Path, out: Path) -> None:
    """A Hugging Face directory with fp32 weights; all but the weights is the base's."""
    out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(str(out))
    for name in COPIED:
        if (start / name).is_file():
            shutil.copyfile(start / name, out / name)
