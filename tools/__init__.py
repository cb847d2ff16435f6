"""What developers run on the repository: generators of documents and schemas, compatibility of contracts."""
