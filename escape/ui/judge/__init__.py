"""The Judge tab: the judge's exam, other judges, marking by hand, and how far raters agree."""
