# Writes OUTPUT, a C++ file that defines the text of each program in PROGRAMS
# (a list of NAME=FILE), byte for byte, as a constant of namespace disksnoop. The
# files of one name, in their order, make one text.
set(names "")
foreach(program IN LISTS PROGRAMS)
  string(REPLACE "=" ";" parts "${program}")
  list(GET parts 0 name)
  list(GET parts 1 file)
  file(READ "${file}" hex HEX)
  list(APPEND names ${name})
  string(APPEND hex_of_${name} "${hex}")
endforeach()
list(REMOVE_DUPLICATES names)

set(source "// Made by cmake/embed.cmake from bpf_text/; not to be edited.\n#include \"programs.h\"\n\nnamespace disksnoop {\n")
foreach(name IN LISTS names)
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${hex_of_${name}}")
  string(LENGTH "${hex_of_${name}}" length)
  math(EXPR length "${length} / 2")
  string(APPEND source "\nconst std::string_view ${name}(\"${bytes}\", ${length});\n")
endforeach()
string(APPEND source "\n}  // namespace disksnoop\n")
file(WRITE "${OUTPUT}" "${source}")
