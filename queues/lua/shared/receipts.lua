-- uses: finishing.lua
-- Shared by the scripts that learn what became of a push (`-- uses: receipts.lua`).
--
-- What a receipt tells is a status, `success` or the reason, and perhaps after a line break more of it: a JSON object,
-- kept in the job's `detail`.

local function finish_by_receipt(job, flags, told, now, retain_ms)
  local status, detail = string.match(told, '^([^\n]*)\n?(.*)$')
  local state = status == 'success' and 'delivered' or 'failed'
  if detail ~= '' then redis.call('HSET', job, 'detail', detail) end
  finish(job, flags, state, status == 'success' and '' or status, now, retain_ms)
  return state
end
