"""A model as one ONNX file: the graph, what it needs to know of words, and the proof that it tags alike."""
