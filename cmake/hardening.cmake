# What the compiler and the linker do against a fault that is turned into an
# attack; for all targets, as far as they know it.
include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)

# Only programs are linked from this, no shared library: PIE, which lets the
# compiler inline what -fPIC keeps for others to replace.
add_compile_options(-fPIE)
add_link_options(-pie)

foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection -mbranch-protection=standard)
  string(MAKE_C_IDENTIFIER "have${flag}" have)
  check_cxx_compiler_flag(${flag} ${have})
  if(${have})
    add_compile_options(${flag})
  endif()
endforeach()

# Checks that need the optimizer. A distribution's flags may ask for another level.
add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
                    $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)

foreach(flag -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
  string(MAKE_C_IDENTIFIER "have${flag}" have)
  check_linker_flag(CXX ${flag} ${have})
  if(${have})
    add_link_options(${flag})
  endif()
endforeach()
