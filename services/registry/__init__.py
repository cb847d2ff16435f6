"""Police registers of drug users and addicts, and the index of which references are the same human being."""
