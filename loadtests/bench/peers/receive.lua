-- What an nginx user would write to take callbacks: check the signature, find the fields by string patterns (no XML
-- parser), remember and append with one script. Nothing waits for a disk.
local redis = require "nginx.redis"
local hex = require("nginx.string").to_hex

local _M = {}

local function field(body, name)
  return body:match("<" .. name .. "><!%[CDATA%[(.-)%]%]></" .. name .. ">")
      or body:match("<" .. name .. ">([^<]*)</" .. name .. ">") or ""
end

local function answer(status, text)
  ngx.status = status
  ngx.header["Content-Length"] = #text
  ngx.print(text)
end

function _M.run(settings)
  local query = ngx.req.get_uri_args()
  local parts = { settings.token, query.timestamp or "", query.nonce or "" }
  table.sort(parts)
  if hex(ngx.sha1_bin(table.concat(parts))) ~= query.signature then
    return answer(403, "signature")
  end
  if math.abs(ngx.time() - (tonumber(query.timestamp) or 0)) > 600 then
    return answer(403, "timestamp")
  end
  ngx.req.read_body()
  local body = ngx.req.get_body_data() or ""
  local user = field(body, "FromUserName")
  if user == "" then
    return answer(400, "user")
  end
  local message = body:match("<Msg[Ii][Dd]>(%d+)</Msg[Ii][Dd]>")
  local identity = message or table.concat(
    { user, field(body, "CreateTime"), field(body, "Event"), field(body, "EventKey") }, "\n")
  local store = redis:new()
  store:set_timeout(4000)
  local connected = store:connect("unix:" .. settings.socket)
  if not connected then
    return answer(503, "store")
  end
  local appended = store:evalsha(settings.script, 2, "seen", "events", identity, body)
  if appended == nil or appended == false then
    return answer(503, "store")
  end
  store:set_keepalive(60000, 1024)
  return answer(200, "success")
end

return _M
