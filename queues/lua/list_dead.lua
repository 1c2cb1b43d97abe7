-- Finds dead pushes by a filter, newest first, from a place on.
--
-- Order is by time, and by id within a millisecond, so that a place ("this time, this id") stays good however many pushes
-- are replayed or given up between two pages. What a call looks at is bounded, whatever the filter lets through.
--
-- KEYS[1] {tgN}:dead
-- ARGV[1] prefix {tgN}:   ARGV[2] newest time, ms   ARGV[3] oldest time, ms
-- ARGV[4] at the newest time only ids below this one, or '' for all   ARGV[5] most to find   ARGV[6] most to look at
-- ARGV[7] filter, msgpack: { upstream or '', { account, … } or {} for all, error or '' }
-- Returns { time and id of the last one looked at, or '' and '' if there are no more, { time, id, … } }
-- O(looked at + those of the newest time).

local CHUNK = 200

local prefix, below = ARGV[1], ARGV[4]
local most_found, most_seen = tonumber(ARGV[5]), tonumber(ARGV[6])
local upstream, accounts, error_text = unpack(cmsgpack.unpack(ARGV[7]))
local any_account, wanted_account = #accounts == 0, {}
for _, account in ipairs(accounts) do wanted_account[account] = true end
-- A number stands for the platform's errcode; anything else for a part of the error's text.
local code = string.match(error_text, '^%-?%d+$')

local function matches(id)
  local f = redis.pcall('HMGET', prefix .. 'job:' .. id, 'queue', 'error')
  if not f[1] then return false end -- its retention has ended, or it is none of ours
  local account, owner = string.match(f[1], '^([^:]+):.-([^:]+):[^:]+$')
  if upstream ~= '' and owner ~= upstream then return false end
  if not any_account and not wanted_account[account] then return false end
  if code then return string.match(f[2] or '', '^errcode (%-?%d+)') == code end
  return error_text == '' or string.find(f[2] or '', error_text, 1, true) ~= nil
end

local found, seen, offset = {}, 0, 0
while true do
  local page = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[2], ARGV[3], 'WITHSCORES', 'LIMIT', offset, CHUNK)
  for i = 1, #page, 2 do
    local id, time = page[i], page[i + 1]
    if below == '' or tonumber(time) < tonumber(ARGV[2]) or id < below then
      if matches(id) then
        found[#found + 1] = time
        found[#found + 1] = id
      end
      seen = seen + 1
      if seen == most_seen or #found == 2 * most_found then return { time, id, found } end
    end
  end
  if #page < 2 * CHUNK then return { '', '', found } end
  offset = offset + CHUNK
end
