#!/bin/sh
# Runs a unit test: cmocka writes a skipped case as "not ok # SKIP", which TAP
# readers count as a failure.
out=$("$@")
status=$?
printf '%s\n' "$out" | sed 's/^not ok \([0-9]* # SKIP\)/ok \1/'
exit $status
