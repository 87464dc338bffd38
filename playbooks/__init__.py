"""Communication plans as YAML: the model, its loader and the plans that ship. Imports nothing of ours."""
