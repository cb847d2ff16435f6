"""What proves a closing, a publication or an audit offline: canonical JSON, hash chain, signature."""
