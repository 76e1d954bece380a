from edge_llm.cli import app

app()
