"""Fine-tuning: from samples and a base to a checkpoint. Only this package imports torch."""
