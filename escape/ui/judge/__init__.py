"""How good is the judge? The judge's exam, other judges, marking by hand, and how far raters agree."""
