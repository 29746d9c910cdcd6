-- Sends the requests of a file one after the other, over and over. Each line of the file is a target
-- (path and query); the file is the script's first argument.
local requests = {}
local next_one = 0

function init(args)
    for target in io.lines(args[1]) do
        requests[#requests + 1] = wrk.format("GET", target)
    end
end

function request()
    next_one = next_one % #requests + 1
    return requests[next_one]
end

function done(summary, latency, _)
    io.write(string.format(
        "\n{\"calls\": %d, \"us\": %d, \"p50_us\": %d, \"p99_us\": %d, \"refused\": %d, \"broken\": %d}\n",
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.status,
        summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
