"""Pure functions on stocks and flows: who entered a stock, who left it, when and in which way."""
