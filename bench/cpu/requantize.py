"""Writes the packaged SmolLM2 as GGUF with all matrices in Q8_0: the form that wllama runs fastest."""

import sys
from pathlib import Path

import gguf

from edge_llm.gguf_source import packaged_smollm2

# What the writer puts there by itself.
OWN_FIELDS = ("GGUF.", "general.architecture", "general.file_type")


def requantize(source: Path, target: Path) -> None:
    reader = gguf.GGUFReader(str(source))
    writer = gguf.GGUFWriter(str(target), arch=reader.fields["general.architecture"].contents())
    for field in reader.fields.values():
        if not field.name.startswith(OWN_FIELDS):
            kind, inner = field.types[0], field.types[-1]
            is_array = kind == gguf.GGUFValueType.ARRAY
            writer.add_key_value(field.name, field.contents(), kind, inner if is_array else None)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    quantized = gguf.GGMLQuantizationType.Q8_0
    for tensor in reader.tensors:
        if len(tensor.shape) < 2 or tensor.tensor_type == quantized:
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
        else:
            values = gguf.dequantize(tensor.data, tensor.tensor_type)
            writer.add_tensor(tensor.name, gguf.quantize(values, quantized), raw_dtype=quantized)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    requantize(packaged_smollm2().path, Path(sys.argv[1]))
