-- wrk's script: one request again and again, and at the end one line of JSON about it.
-- From the environment: REQUEST_METHOD, REQUEST_TOKEN, REQUEST_BODY.

wrk.method = os.getenv("REQUEST_METHOD")
if os.getenv("REQUEST_TOKEN") ~= "" then
    wrk.headers["Authorization"] = "Bearer " .. os.getenv("REQUEST_TOKEN")
end
if os.getenv("REQUEST_BODY") ~= "" then
    wrk.body = os.getenv("REQUEST_BODY")
    wrk.headers["Content-Type"] = "application/json"
end

function done(summary)
    local errors = summary.errors
    io.stderr:write(string.format(
        '{"requests": %d, "microseconds": %d, "refused": %d, "broken": %d}\n',
        summary.requests, summary.duration, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout
    ))
end
