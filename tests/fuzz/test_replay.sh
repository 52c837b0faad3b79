#!/bin/sh
# Every fuzz target runs over its saved inputs: no crash, no sanitizer report,
# and no truth of the target broken.
top=${srcdir:-.}
built=${builddir:-.}
number=0
total=$(ls "$top"/tests/fuzz/fuzz_*.c | wc -l)
echo "1..$total"
for source in "$top"/tests/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	corpus=$top/tests/fuzz/corpus/${name#fuzz_}
	number=$((number + 1))
	count=$("$built/tests/fuzz/$name" "$corpus" 2>"$built/$name.err") &&
		result=ok || result="not ok"
	echo "$result $number - $name holds on ${count:-0} saved inputs"
	[ "$result" = ok ] || sed 's/^/# /' "$built/$name.err" | head -40
	rm -f "$built/$name.err"
done
