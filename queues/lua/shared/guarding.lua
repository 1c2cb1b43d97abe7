-- Shared by the scripts that go from one job to the next (`-- uses: guarding.lua`).
--
-- What is done with a record that is none of ours, or half of one, raises, and would stop its shard: the rest of the call stays
-- undone, at each call again. So each job is acted on by itself, and one that cannot be is set aside: out of claims, later and
-- expiring, and dead with all that it holds. What is not even a hash is only forgotten, once its retention is over.

local UNREADABLE = 'its record cannot be read'

-- True and what `act` returns; false if that raised for the sake of what it read. What the store refuses whatever it read (no
-- memory, no replica) is raised again: such errors have a code in capitals, and Lua's own have none.
local function attempt(act, ...)
  local ok, result = pcall(act, ...)
  if ok then return true, result end
  local code = string.match(type(result) == 'table' and result.err or result, '%u%u%u+')
  if code and code ~= 'WRONGTYPE' then error(result, 0) end
  return false
end

-- The fields of a job, of which it cannot be without the first; nil if there is none (any more).
local function read_job(job, ...)
  local f = redis.call('HMGET', job, ...)
  if f[1] then return f end
  if redis.call('EXISTS', job) == 1 then error('half a record') end
end

local function set_aside(prefix, id, now, retain_ms)
  local job = prefix .. 'job:' .. id
  for _, place in ipairs({ 'claims', 'later', 'expiring' }) do redis.call('ZREM', prefix .. place, id) end
  if redis.call('TYPE', job).ok == 'hash' then
    redis.call('HSET', job, 'state', 'dead', 'error', UNREADABLE, 'finished', now)
    redis.call('ZADD', prefix .. 'dead', now, id)
  end
  redis.call('PEXPIRE', job, retain_ms)
end
