"""What a network reads: vocabulary, pretrained vectors, batches."""
