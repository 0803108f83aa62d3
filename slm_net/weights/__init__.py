"""Weights from elsewhere: files of torch.save, the names of SLM Lab, and nets that start from what is trained."""
