"""Sub-commands of `edge-llm`, one module a topic. Heavy imports stay inside the commands."""
