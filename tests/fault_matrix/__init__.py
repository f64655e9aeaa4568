"""Every pattern of the library, and what plain CDK makes of the same, under every fault."""
