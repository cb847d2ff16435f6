"""Tables that people hand in: their small format (``reading``) and what their own numbers contradict (``arithmetic``)."""
