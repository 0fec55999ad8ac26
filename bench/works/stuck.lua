-- One call of a C function that does not come back: no hook is met in it. And what waits behind it.

function stuck() return (("a"):rep(10000)):find(".-.-.-.-b$") end

function double(n) return 2 * n end
