-- Shared by the scripts that settle tries (`-- uses: history.lua`).
--
-- A job's `history` is a msgpack array of its tries that were not simply accepted, the oldest first, each
-- { time (ms), verdict, errcode or '', rid, error }. Bounded: the first, which says since when the platform may know the
-- push, and the last ones.

local MOST_TRIES = 16

local function read_history(job)
  local packed = redis.call('HGET', job, 'history')
  return packed and cmsgpack.unpack(packed) or {}
end

-- Whether it has room for no more, and nobody settled any of them but the first.
local function only_lost(history)
  for i = 2, MOST_TRIES do
    if not history[i] or history[i][2] ~= 'lost' then return false end
  end
  return true
end

local function remember_try(job, history, try)
  if #history == MOST_TRIES then table.remove(history, 2) end
  history[#history + 1] = try
  redis.call('HSET', job, 'history', cmsgpack.pack(history))
end
