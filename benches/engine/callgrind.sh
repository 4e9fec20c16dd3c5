#!/bin/sh
# Instructions a request of Loomgate and of its baseline, counted by callgrind: the difference of
# two runs, so that start-up cancels out. Usage: benches/engine/callgrind.sh [posts_100|six_levels]
set -eu
cd "$(dirname "$0")/../.."
workload=${1:-posts_100}
few=50
many=250

program=$(cargo bench --locked --bench callgrind --no-run --message-format=json |
    sed -n 's/.*"name":"callgrind".*"executable":"\([^"]*\)".*/\1/p')

count() { # SIDE REQUESTS
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" "$workload" 2>&1 |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

per_request() { # SIDE
    echo $((($(count "$1" $many) - $(count "$1" $few)) / (many - few)))
}

baseline=$(per_request baseline)
echo "$workload: async-graphql $baseline instructions a request"
ours=$(per_request ours)
echo "$workload: loomgate $ours instructions a request"
awk -v b="$baseline" -v o="$ours" 'BEGIN {
    printf "×%.1f  %s at least ×9\n", b / o, (b / o >= 9 ? "PASS" : "FAIL")
}'
