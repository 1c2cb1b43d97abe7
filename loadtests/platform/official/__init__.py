"""The Official Account API (公众号): one small file for each group of calls; `routes` lists them."""
