-- Runs that do nothing, and runs that hand on what they get.

function main() end
function echo(...) return ... end
