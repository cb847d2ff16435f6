"""One sign-in for all pages: sessions of browsers, and requests passed on to the services that serve the pages."""
