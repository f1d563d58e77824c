# Prints how many tests the log of a test project (xunit) or of the page (vitest) counts: all that ran or were skipped, failed, skipped.
/^ +[^ ]+  Total: [0-9]+, Errors: / {
  gsub(",", "")
  for (i = 2; i < NF; i++)
    if ($i ~ /:$/)
      n[$i] = $(i + 1)
  print n["Total:"] - n["Run:"], n["Errors:"] + n["Failed:"], n["Skipped:"]
}
/^ +Tests  .*\([0-9]+\)$/ {
  for (i = 2; i < NF; i++)
    n[$(i + 1)] = $i
  print substr($NF, 2) + 0, n["failed"] + 0, n["skipped"] + n["todo"]
}
