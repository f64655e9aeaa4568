"""What README claims, measured: ratios against a rival in the same run. `make bench` runs them."""
