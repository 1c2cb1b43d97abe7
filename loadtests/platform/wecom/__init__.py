"""The WeCom API (企业微信), with tables of its own; `routes` lists its calls."""
