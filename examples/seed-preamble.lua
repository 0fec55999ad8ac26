-- The names that the examples in seed/ use and leave undefined. Its statements are joined to one line and put before an
-- example's first line, so that the example's line numbers stay: comments stand on lines of their own here.
result = 42
user_data = { id = 123, name = "John Doe" }
session_info = { user_id = 123, token = "abc123" }
current_count = 7
permissions = { "read", "write" }
config_data = { debug = false, max_users = 1000 }
api_token = "secret"
http = { request = function(options) return { success = options.headers.Authorization == "Bearer secret", data = { body = { { id = 1, name = "Alice" }, { id = 2, name = "Bob" } } } } end }
function fetch_user_profile(user_id) return { id = user_id, name = "John Doe" } end
function generate_session_id() return "fresh" end
