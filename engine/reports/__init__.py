"""The figures and pictures that reports share; the page itself is `contract/report_page.py`."""
