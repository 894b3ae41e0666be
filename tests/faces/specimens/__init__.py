"""Pages made only of the look's own parts, with invented content: what the look's tests open in a browser."""
