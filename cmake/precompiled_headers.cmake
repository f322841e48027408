# What most files include, read once: to read it is a third of what the compiler does for a file.
# Only where it is asked for, as with it a file that forgets to include something builds too.
target_precompile_headers(disksnoop_pure PRIVATE
  <fmt/format.h>
  <algorithm> <chrono> <expected> <filesystem> <functional> <map> <optional> <string> <string_view>
  <variant> <vector>)
foreach(library system program original tracepoint app)
  target_precompile_headers(disksnoop_${library} REUSE_FROM disksnoop_pure)
endforeach()
