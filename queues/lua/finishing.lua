-- Shared by the scripts that end a push (`-- uses: finishing.lua`).

-- A job with an idempotency key outlives both windows of that key, so that a late repeat still finds it.
local KEYED_RETAIN_MS = 172800000

-- A push that may have been sent, and must not be sent twice.
local UNKNOWN_OUTCOME = 'outcome unknown: it may have been sent, and repeating it was not safe'

local function retain(job, keyed, retain_ms)
  if keyed and retain_ms < KEYED_RETAIN_MS then retain_ms = KEYED_RETAIN_MS end
  redis.call('PEXPIRE', job, retain_ms)
end

-- Writes a final state; the id must already be out of queue, claims and later.
local function finish(job, keyed, state, reason, now, retain_ms)
  redis.call('HSET', job, 'state', state, 'error', reason, 'finished', now)
  retain(job, keyed, retain_ms)
end
