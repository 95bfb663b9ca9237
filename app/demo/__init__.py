"""A client that plays two reviews, a self-evaluation, inspections and the link inspectors' year over HTTP."""
